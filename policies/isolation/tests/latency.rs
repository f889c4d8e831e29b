//! Waiting at links, and connections that begin slowly (`spec/network.md` 6.2, 6.4).

use policy_api::{Connecting, Distance, Hop, QueueOwner, Span};
use policy_isolation::latency::{Connections, Distances, Queueing, Queues, Sending, TcpDetail};

/// Ten gigabits a second, full.
const CARD: Hop = Hop { capacity: 1.25e9, load: 1.25e9, flows: 10, queue: QueueOwner::Host };
/// Ten milliseconds of a card.
const FIFO: Queueing = Queueing::Fifo { buffer: 12.5e6 };

/// A light flow waits for a packet of each other flow; one that fills the link for the queue that it
/// is allowed.
#[test]
fn fq_codel_spares_light_flows() {
    let codel = Queueing::FqCodel;
    assert_eq!(codel.delay(&CARD, Sending::Sparse), Span::from_nanos(12_112));
    assert_eq!(codel.delay(&CARD, Sending::Backlogged), Span::from_millis(5));
    let idle = Hop { load: 1.0, ..CARD };
    assert_eq!(codel.delay(&idle, Sending::Backlogged), Span::ZERO);
}

/// One queue for all: whoever passes waits for a full buffer.
#[test]
fn a_plain_queue_is_bufferbloat() {
    for sending in [Sending::Sparse, Sending::Backlogged] {
        assert_eq!(FIFO.delay(&CARD, sending), Span::from_millis(10));
        assert_eq!(FIFO.delay(&Hop { load: 1.2e9, ..CARD }, sending), Span::ZERO);
    }
}

#[test]
fn a_link_that_is_half_full() {
    let half = Hop { load: 0.625e9, ..CARD };
    assert_eq!(Queueing::Poisson.delay(&half, Sending::Sparse), Span::from_nanos(1_211));
    assert_eq!(Queueing::Poisson.delay(&CARD, Sending::Sparse), Span::MAX);
    let none = Hop { capacity: 0.0, ..CARD };
    assert_eq!(Queueing::FqCodel.delay(&none, Sending::Sparse), Span::MAX);
}

#[test]
fn a_round_trip_adds_up() {
    let across = Distances::default().across;
    let queues = Queues { hosts: Queueing::FqCodel, switches: Queueing::FqCodel };
    let trip = queues.round_trip(across, &[CARD, CARD], Sending::Sparse);
    assert_eq!(trip, Span::from_nanos(500_000 + 2 * 12_112));
}

/// A discipline of the hosts says nothing about the buffers of switches.
#[test]
fn switches_have_queues_of_their_own() {
    let port = Hop { queue: QueueOwner::Switch, ..CARD };
    let queues = Queues { hosts: Queueing::FqCodel, switches: FIFO };
    let trip = queues.round_trip(Span::ZERO, &[CARD, port], Sending::Sparse);
    assert_eq!(trip, Span::from_nanos(12_112 + 10_000_000));
}

fn connections(hosts: Queueing) -> Connections {
    let queues = Queues { hosts, switches: Queueing::FqCodel };
    Connections { detail: TcpDetail::SlowStart, distances: Distances::default(), queues }
}

/// A megabyte over an idle card: a handshake, and six doublings to 625 kB in each round trip.
#[test]
fn a_connection_over_an_idle_card() {
    let idle = Hop { load: 0.0, flows: 0, ..CARD };
    let connections = connections(Queueing::FqCodel);
    let start = |bytes| connections.start_delay(Distance::Across, &[idle], bytes);
    assert_eq!(start(1e6), Span::from_micros(500 * 7));
    assert_eq!(start(20e3), Span::from_micros(500 * 2), "two windows are enough for 20 kB");
    assert_eq!(start(1e3), Span::from_micros(500), "one packet needs no second window");
    let near = connections.start_delay(Distance::SameAgent, &[idle], 1e6);
    assert_eq!(near, Span::from_micros(50 * 4), "less is under way where it is near");
}

/// On a full card a plain queue delays each round trip, and wants more of them.
#[test]
fn bufferbloat_delays_every_round_trip() {
    let start = |queueing| connections(queueing).start_delay(Distance::Across, &[CARD], 1e6);
    // An eleventh of the card is 58 kB in 512 us: two doublings.
    assert_eq!(start(Queueing::FqCodel), Span::from_nanos(512_112) * 3);
    // A megabyte needs seven doublings, and 1.19 MB would be under way in 10.5 ms.
    assert_eq!(start(FIFO), Span::from_micros(10_500) * 8);
}

/// What is free is more than a part where a link is not full.
#[test]
fn a_connection_foretells_its_rate() {
    let free = Hop { load: 0.25e9, flows: 9, ..CARD };
    let narrow = Hop { capacity: 1e8, load: 0.0, flows: 0, queue: QueueOwner::Switch };
    let connections = connections(Queueing::Fifo { buffer: 0.0 });
    let start = |hops: &[Hop]| connections.start_delay(Distance::Across, hops, 1e9);
    assert_eq!(start(&[free]), Span::from_micros(500 * 7), "1 GB/s, 500 kB under way");
    // The switch's own queue is 0 flows long.
    assert_eq!(start(&[free, narrow]), Span::from_micros(500 * 3), "100 MB/s, 50 kB");
    let closed = Hop { capacity: 0.0, ..CARD };
    assert_eq!(start(&[closed]), Span::MAX);
}

/// 14,600 bytes in the first round trip, then twice as many in each.
#[test]
fn slow_start_doubles() {
    let trip = Span::from_millis(1);
    let start = |rate: f64| TcpDetail::SlowStart.start_delay(trip, rate);
    assert_eq!(start(14_600_000.0), Span::from_millis(1), "the handshake");
    assert_eq!(start(14_600_001.0), Span::from_millis(2));
    assert_eq!(start(116_800_000.0), Span::from_millis(4));
    assert_eq!(TcpDetail::Fluid.start_delay(trip, 1e9), Span::ZERO);
    assert_eq!(TcpDetail::SlowStart.cap(trip), None);
}

/// Mathis et al.: one loss in ten thousand at 100 ms holds a connection to 1.78 MB/s.
#[test]
fn losses_cap_a_long_connection() {
    let cap = TcpDetail::Loss(1e-4).cap(Span::from_millis(100)).expect("a cap");
    assert!((cap - 1_781_200.0).abs() < 1e-3, "{cap}");
    assert_eq!(TcpDetail::Loss(0.0).cap(Span::from_millis(100)), None);
}
