//! Links are connections: messages in one direction do not overtake each other.

use policy_api::{AgentId, DenseId, Span, Time};
use proptest::prelude::*;
use sim_core::Streams;
use sim_core::network::{AgentLinks, Direction, Latency};

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
        let mut links = AgentLinks::new(latency, Streams::new(seed).stream("links"));
        let mut now = Time::ZERO;
        let mut latest = [[Time::ZERO; 2]; 3];
        for (gap, peer, to_master) in messages {
            now += Span::from_nanos(gap);
            let direction = if to_master { Direction::ToMaster } else { Direction::FromMaster };
            let arrival = links.deliver(now, AgentId::from_index(peer), direction);
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
    let mut links = AgentLinks::new(latency, Streams::new(1).stream("links"));
    let mut delays: Vec<Span> = (0..100)
        .map(|second| {
            let now = Time::from_secs(second);
            links.deliver(now, AgentId::from_index(0), Direction::ToMaster).since(now)
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
    let mut links = AgentLinks::new(latency, Streams::new(1).stream("links"));
    for now in [0, 3, 3, 8].map(Time::from_secs) {
        let arrival = links.deliver(now, AgentId::from_index(0), Direction::FromMaster);
        assert_eq!(arrival, now + Span::from_millis(5));
    }
}
