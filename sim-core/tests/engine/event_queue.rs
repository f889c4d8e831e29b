//! The event queue delivers in total order, whatever the mix of immediate and later events.

use policy_api::Time;
use proptest::prelude::*;
use sim_core::EventQueue;

/// What happens to the queue: an event this many nanoseconds from now, or a delivery.
#[derive(Clone, Debug)]
enum Action {
    Push(u64),
    Pop,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let push = prop_oneof![Just(0), 0..5_u64, 0..1_000_000_u64].prop_map(Action::Push);
    prop::collection::vec(prop_oneof![3 => push, 2 => Just(Action::Pop)], 1..400)
}

proptest! {
    #[test]
    fn delivers_by_time_then_by_order_of_scheduling(actions in actions()) {
        let mut queue = EventQueue::new();
        // The plain queue to compare with: all pending (time, number), the least first.
        let mut pending: Vec<(Time, u64)> = Vec::new();
        let mut number = 0;
        for action in actions {
            match action {
                Action::Push(delay) => {
                    let at = Time::from_nanos(queue.now().as_nanos() + delay);
                    queue.push(at, number);
                    pending.push((at, number));
                    number += 1;
                }
                Action::Pop => {
                    let expected = pending.iter().min().copied();
                    pending.retain(|event| Some(*event) != expected);
                    prop_assert_eq!(queue.pop(), expected);
                }
            }
            prop_assert_eq!(queue.len(), pending.len());
            prop_assert_eq!(queue.peek_time(), pending.iter().min().map(|(at, _)| *at));
        }
    }
}

#[test]
fn an_event_in_the_past_is_delivered_now() {
    let mut queue = EventQueue::new();
    queue.push(Time::from_secs(2), "first");
    assert_eq!(queue.pop(), Some((Time::from_secs(2), "first")));
    queue.push(Time::from_secs(1), "late");
    assert_eq!(queue.pop(), Some((Time::from_secs(2), "late")));
}

#[test]
fn time_moves_without_events_up_to_the_next_one() {
    let mut queue = EventQueue::new();
    queue.push(Time::from_secs(5), ());
    queue.advance(Time::from_secs(5));
    assert_eq!(queue.now(), Time::from_secs(5));
    // What is scheduled for this instant now comes after what was scheduled before.
    queue.push(Time::from_secs(5), ());
    assert_eq!(queue.len(), 2);
}

#[test]
#[should_panic(expected = "an event is due before 6s")]
fn time_does_not_pass_an_event() {
    let mut queue = EventQueue::new();
    queue.push(Time::from_secs(5), ());
    queue.advance(Time::from_secs(6));
}
