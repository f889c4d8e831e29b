//! Links are connections: messages in one direction do not overtake each other, whatever faults come
//! and go.

use policy_api::{DenseId, Span, Time};
use proptest::prelude::*;
use sim_core::Streams;
use sim_core::network::{AgentLinks, Delivery, Direction, Latency, LinkFault};
use sim_core::protocol::HostId;

fn links(seed: u64, latency: Latency) -> AgentLinks {
    let streams = Streams::new(seed);
    AgentLinks::new(latency, streams.stream("links"), streams.stream("faults"))
}

/// When the message arrives, on a link without faults.
fn arrival(links: &mut AgentLinks, now: Time, peer: usize, direction: Direction) -> Time {
    match links.deliver(now, HostId::from_index(peer), direction) {
        Delivery::At(at) => at,
        other @ (Delivery::Twice(..) | Delivery::Lost) => panic!("{other:?} on a sound link"),
    }
}

/// Time since the message before, in nanoseconds; the peer; whether it goes to the master.
type Message = (u64, usize, bool);

fn messages() -> impl Strategy<Value = Vec<Message>> {
    let gap = prop_oneof![Just(0), 0..2_000_u64, 0..2_000_000_u64];
    prop::collection::vec((gap, 0..3_usize, any::<bool>()), 1..200)
}

proptest! {
    #[test]
    fn no_message_overtakes_another(
        seed: u64, messages in messages(), constant in 0..5_000_u64, jitter in 0..1_000_000_u64,
    ) {
        let latency = Latency { constant: Span::from_nanos(constant), jitter: Span::from_nanos(jitter) };
        let mut links = links(seed, latency);
        let mut now = Time::ZERO;
        let mut latest = [[Time::ZERO; 2]; 3];
        for (gap, peer, to_master) in messages {
            now += Span::from_nanos(gap);
            let direction = if to_master { Direction::ToMaster } else { Direction::FromMaster };
            let arrival = arrival(&mut links, now, peer, direction);
            let before = &mut latest[peer][usize::from(to_master)];
            // Not before the one before it, and late only by its own delay or by waiting for that.
            prop_assert!(arrival >= *before);
            prop_assert!(arrival >= now + latency.constant);
            prop_assert!(arrival <= (now + latency.constant + latency.jitter).max(*before));
            *before = arrival;
        }
    }
}

#[test]
fn jitter_is_drawn_anew_for_each_message() {
    let latency = Latency { constant: Span::from_millis(5), jitter: Span::from_millis(1) };
    let mut links = links(1, latency);
    let mut delays: Vec<Span> = (0..100)
        .map(|second| {
            let now = Time::from_secs(second);
            arrival(&mut links, now, 0, Direction::ToMaster).since(now)
        })
        .collect();
    let mean = delays.iter().map(|delay| delay.as_nanos()).sum::<u64>() / 100;
    assert!((5_400_000..5_600_000).contains(&mean), "the mean delay is {mean} ns");
    delays.sort_unstable();
    delays.dedup();
    assert!(delays.len() > 90);
}

#[test]
fn without_jitter_the_delay_is_constant() {
    let latency = Latency { constant: Span::from_millis(5), jitter: Span::ZERO };
    let mut links = links(1, latency);
    for now in [0, 3, 3, 8].map(Time::from_secs) {
        let arrival = arrival(&mut links, now, 0, Direction::FromMaster);
        assert_eq!(arrival, now + Span::from_millis(5));
    }
}

const MS_5: Latency = Latency { constant: Span::from_millis(5), jitter: Span::ZERO };
const SOUND: LinkFault = LinkFault {
    blocked: [false; 2],
    extra: Latency { constant: Span::ZERO, jitter: Span::ZERO },
    loss: 0,
    duplication: 0,
};

fn peer(number: usize) -> HostId {
    HostId::from_index(number)
}

fn blocked(to_master: bool, from_master: bool) -> LinkFault {
    let mut blocked = [false; 2];
    blocked[Direction::ToMaster as usize] = to_master;
    blocked[Direction::FromMaster as usize] = from_master;
    LinkFault { blocked, ..SOUND }
}

fn slow(extra: Span) -> LinkFault {
    LinkFault { extra: Latency { constant: extra, jitter: Span::ZERO }, ..SOUND }
}

#[test]
fn a_partition_blocks_its_direction_of_its_link_only() {
    let mut links = links(1, MS_5);
    links.add_fault(peer(1), blocked(true, false));
    let now = Time::from_secs(1);
    let arrives = Delivery::At(now + MS_5.constant);
    assert_eq!(links.deliver(now, peer(1), Direction::FromMaster), arrives);
    assert!(!links.take_broken(peer(1)), "nothing was lost yet");
    assert_eq!(links.deliver(now, peer(1), Direction::ToMaster), Delivery::Lost);
    for other in [0, 2] {
        assert_eq!(links.deliver(now, peer(other), Direction::ToMaster), arrives);
        assert!(!links.is_faulty(peer(other)));
        assert!(!links.take_broken(peer(other)));
    }
    assert!(links.is_blocked(peer(1), Direction::ToMaster));
    assert!(!links.is_blocked(peer(1), Direction::FromMaster));
    links.remove_fault(peer(1), blocked(true, false));
    assert!(!links.is_faulty(peer(1)));
    assert!(!links.is_blocked(peer(1), Direction::ToMaster));
    // The connection stays broken until somebody asks, and then only once.
    assert!(links.take_broken(peer(1)));
    assert!(!links.take_broken(peer(1)));
    assert_eq!(links.deliver(now, peer(1), Direction::ToMaster), arrives);
}

#[test]
fn faults_overlap_and_end_one_by_one() {
    let mut links = links(1, MS_5);
    let delay = |links: &mut AgentLinks, secs: u64| match links.deliver(
        Time::from_secs(secs),
        peer(0),
        Direction::ToMaster,
    ) {
        Delivery::At(at) => Some(at.since(Time::from_secs(secs))),
        Delivery::Lost => None,
        Delivery::Twice(..) => panic!("nothing doubles"),
    };
    links.add_fault(peer(0), slow(Span::from_millis(20)));
    links.add_fault(peer(0), blocked(true, true));
    links.add_fault(peer(0), slow(Span::from_millis(300)));
    links.add_fault(peer(0), blocked(true, false));
    assert_eq!(delay(&mut links, 1), None);
    links.remove_fault(peer(0), blocked(true, true));
    assert_eq!(delay(&mut links, 2), None, "the other partition still blocks");
    links.remove_fault(peer(0), blocked(true, false));
    assert_eq!(delay(&mut links, 3), Some(Span::from_millis(325)));
    links.remove_fault(peer(0), slow(Span::from_millis(300)));
    assert_eq!(delay(&mut links, 4), Some(Span::from_millis(25)));
    // A fault that is not there, and a peer that never had one.
    links.remove_fault(peer(0), blocked(true, true));
    links.remove_fault(peer(7), slow(Span::from_millis(20)));
    assert!(links.is_faulty(peer(0)));
    links.remove_fault(peer(0), slow(Span::from_millis(20)));
    assert_eq!(delay(&mut links, 5), Some(Span::from_millis(5)));
    assert!(!links.is_faulty(peer(0)));
}

#[test]
fn two_equal_faults_are_two() {
    let mut links = links(1, MS_5);
    links.add_fault(peer(0), blocked(true, true));
    links.add_fault(peer(0), blocked(true, true));
    links.remove_fault(peer(0), blocked(true, true));
    assert!(links.is_blocked(peer(0), Direction::FromMaster));
    links.remove_fault(peer(0), blocked(true, true));
    assert!(!links.is_blocked(peer(0), Direction::FromMaster));
}

#[test]
fn a_link_that_is_fast_again_does_not_overtake_what_it_delayed() {
    let mut links = links(1, MS_5);
    links.add_fault(peer(0), slow(Span::from_secs(10)));
    let late = Time::from_secs(10) + MS_5.constant;
    assert_eq!(links.deliver(Time::ZERO, peer(0), Direction::ToMaster), Delivery::At(late));
    links.remove_fault(peer(0), slow(Span::from_secs(10)));
    assert_eq!(links.deliver(Time::from_secs(1), peer(0), Direction::ToMaster), Delivery::At(late));
    // The other direction and other links never waited.
    let soon = Delivery::At(Time::from_secs(1) + MS_5.constant);
    assert_eq!(links.deliver(Time::from_secs(1), peer(0), Direction::FromMaster), soon);
    assert_eq!(links.deliver(Time::from_secs(1), peer(1), Direction::ToMaster), soon);
    let after = Time::from_secs(10) + Span::from_millis(1);
    let usual = Delivery::At(after + MS_5.constant);
    assert_eq!(links.deliver(after, peer(0), Direction::ToMaster), usual);
}

/// Of 100,000 messages: lost, doubled.
fn fates(faults: &[LinkFault]) -> (u32, u32) {
    let mut links = links(3, MS_5);
    for fault in faults {
        links.add_fault(peer(0), *fault);
    }
    let (mut lost, mut doubled) = (0, 0);
    for second in 0..100_000 {
        match links.deliver(Time::from_secs(second), peer(0), Direction::ToMaster) {
            Delivery::At(_) => {}
            Delivery::Twice(first, second) => {
                assert_eq!(first, second, "a constant delay");
                doubled += 1;
            }
            Delivery::Lost => lost += 1,
        }
    }
    (lost, doubled)
}

#[test]
fn losses_and_duplicates_have_their_probabilities() {
    let lossy = LinkFault { loss: 300_000, ..SOUND };
    let (lost, doubled) = fates(&[lossy]);
    assert!((29_500..30_500).contains(&lost), "lost {lost}");
    assert_eq!(doubled, 0);
    // Independent of each other: 1 - 0.7 * 0.7.
    let (lost, _) = fates(&[lossy, lossy]);
    assert!((50_500..51_500).contains(&lost), "lost {lost}");
    let doubling = LinkFault { duplication: 200_000, ..SOUND };
    let (lost, doubled) = fates(&[doubling]);
    assert_eq!(lost, 0);
    assert!((19_500..20_500).contains(&doubled), "doubled {doubled}");
    // Only what is not lost can arrive twice: 0.7 * 0.2.
    let (_, doubled) = fates(&[lossy, doubling]);
    assert!((13_500..14_500).contains(&doubled), "doubled {doubled}");
}

#[test]
fn probabilities_of_everything_and_more_are_certain() {
    for all in [1_000_000, u32::MAX] {
        assert_eq!(fates(&[LinkFault { loss: all, ..SOUND }]), (100_000, 0));
        assert_eq!(fates(&[LinkFault { duplication: all, ..SOUND }; 2]), (0, 100_000));
    }
}

#[test]
fn a_fault_changes_nothing_for_other_links() {
    let latency = Latency { constant: Span::from_millis(5), jitter: Span::from_millis(50) };
    let (mut disturbed, mut sound) = (links(9, latency), links(9, latency));
    let fault = LinkFault { loss: 500_000, duplication: 500_000, extra: latency, ..SOUND };
    disturbed.add_fault(peer(0), fault);
    for round in 0..1_000_u64 {
        let now = Time::from_nanos(round * 10_000_000);
        let number = usize::try_from(round % 3).unwrap();
        let fates = [&mut disturbed, &mut sound]
            .map(|links| links.deliver(now, peer(number), Direction::FromMaster));
        if number > 0 {
            assert_eq!(fates[0], fates[1]);
        }
    }
}

/// What happens to three links.
#[derive(Clone, Copy, Debug)]
enum Action {
    Send {
        peer: usize,
        direction: Direction,
    },
    /// This fault of the list begins if it is not there, and else ends.
    Toggle {
        peer: usize,
        fault: usize,
    },
}

fn actions() -> impl Strategy<Value = Vec<(u64, Action)>> {
    let direction = prop_oneof![Just(Direction::ToMaster), Just(Direction::FromMaster)];
    let send =
        (0..3_usize, direction).prop_map(|(peer, direction)| Action::Send { peer, direction });
    let toggle = (0..2_usize, 0..4_usize).prop_map(|(peer, fault)| Action::Toggle { peer, fault });
    let gap = prop_oneof![Just(0), 0..2_000_u64, 0..2_000_000_u64];
    prop::collection::vec((gap, prop_oneof![4 => send, 1 => toggle]), 1..300)
}

fn some_faults() -> impl Strategy<Value = [LinkFault; 4]> {
    let latency = |(constant, jitter)| Latency {
        constant: Span::from_nanos(constant),
        jitter: Span::from_nanos(jitter),
    };
    let fault = (
        any::<[bool; 2]>(),
        (0..5_000_000_u64, 0..5_000_000_u64),
        0..900_000_u32,
        0..2_000_000_u32,
    );
    let fault = fault.prop_map(move |(blocked, extra, loss, duplication)| LinkFault {
        blocked,
        extra: latency(extra),
        loss,
        duplication,
    });
    let of_delay = (0..5_000_000_u64, 0..5_000_000_u64)
        .prop_map(move |extra| LinkFault { extra: latency(extra), ..SOUND });
    (fault.clone(), fault, of_delay.clone(), of_delay).prop_map(<[LinkFault; 4]>::from)
}

proptest! {
    #[test]
    fn no_message_overtakes_another_under_any_faults(
        seed: u64, actions in actions(), faults in some_faults(), jitter in prop_oneof![Just(0), 0..1_000_000_u64],
    ) {
        let latency = Latency { constant: Span::from_nanos(3_000), jitter: Span::from_nanos(jitter) };
        let (mut links, mut sound) = (links(seed, latency), links(seed, latency));
        let mut now = Time::ZERO;
        let mut latest = [[Time::ZERO; 2]; 3];
        let mut active = [[false; 4]; 2];
        let mut longest = Time::ZERO;
        for (gap, action) in actions {
            now += Span::from_nanos(gap);
            match action {
                Action::Toggle { peer: number, fault } => {
                    let active = &mut active[number][fault];
                    if *active {
                        links.remove_fault(peer(number), faults[fault]);
                    } else {
                        links.add_fault(peer(number), faults[fault]);
                    }
                    *active = !*active;
                }
                Action::Send { peer: number, direction } => {
                    let current = active.get(number).into_iter().flatten().zip(&faults);
                    let current: Vec<_> = current.filter(|(active, _)| **active).collect();
                    let before = &mut latest[number][direction as usize];
                    let mut least = now + latency.constant;
                    for (_, fault) in &current {
                        least += fault.extra.constant;
                    }
                    let usual = sound.deliver(now, peer(number), direction);
                    let fate = links.deliver(now, peer(number), direction);
                    match fate {
                        Delivery::Lost => {
                            prop_assert!(links.take_broken(peer(number)));
                            prop_assert!(current.iter().any(|(_, f)| f.blocked[direction as usize] || f.loss > 0));
                        }
                        Delivery::At(at) => {
                            prop_assert!(at >= *before && at >= least);
                            *before = at;
                        }
                        Delivery::Twice(first, second) => {
                            prop_assert!(current.iter().any(|(_, f)| f.duplication > 0));
                            prop_assert!(first >= *before && first >= least && second >= first);
                            *before = second;
                        }
                    }
                    if number == 2 {
                        prop_assert_eq!(fate, usual, "a link that never had a fault");
                    }
                    longest = longest.max(*before);
                    if let Delivery::At(at) = usual {
                        longest = longest.max(at);
                    }
                }
            }
        }
        // Once the faults are over and what they delayed has arrived, nothing is left of them.
        for (number, active) in active.iter().enumerate() {
            for (fault, _) in active.iter().enumerate().filter(|(_, active)| **active) {
                links.remove_fault(peer(number), faults[fault]);
            }
            prop_assert!(!links.is_faulty(peer(number)));
        }
        now = now.max(longest);
        for round in 0..30 {
            let number = round % 3;
            let fate = links.deliver(now, peer(number), Direction::ToMaster);
            prop_assert_eq!(fate, sound.deliver(now, peer(number), Direction::ToMaster));
            prop_assert!(!links.take_broken(peer(number)));
            now += Span::from_nanos(100);
        }
    }
}
