//! Waiting at links, and connections that begin slowly (`spec/network.md` 6.2, 6.4).

use policy_api::Span;
use policy_isolation::latency::{Distances, Hop, Queueing, Sending, TcpDetail, round_trip};

/// Ten gigabits a second, full.
const CARD: Hop = Hop { capacity: 1.25e9, load: 1.25e9, flows: 10, queueing: Queueing::FqCodel };

/// A light flow waits for a packet of each other flow; one that fills the link for the queue that it
/// is allowed.
#[test]
fn fq_codel_spares_light_flows() {
    assert_eq!(CARD.delay(Sending::Sparse), Span::from_nanos(12_112));
    assert_eq!(CARD.delay(Sending::Backlogged), Span::from_millis(5));
    let idle = Hop { load: 1.0, ..CARD };
    assert_eq!(idle.delay(Sending::Backlogged), Span::ZERO);
}

/// One queue for all: whoever passes waits for a full buffer.
#[test]
fn a_plain_queue_is_bufferbloat() {
    let fifo = Hop { queueing: Queueing::Fifo { buffer: 12.5e6 }, ..CARD };
    for sending in [Sending::Sparse, Sending::Backlogged] {
        assert_eq!(fifo.delay(sending), Span::from_millis(10));
        assert_eq!(Hop { load: 1.2e9, ..fifo }.delay(sending), Span::ZERO);
    }
}

#[test]
fn a_link_that_is_half_full() {
    let half = Hop { load: 0.625e9, queueing: Queueing::Poisson, ..CARD };
    assert_eq!(half.delay(Sending::Sparse), Span::from_nanos(1_211));
    let full = Hop { queueing: Queueing::Poisson, ..CARD };
    assert_eq!(full.delay(Sending::Sparse), Span::MAX);
    let none = Hop { capacity: 0.0, ..CARD };
    assert_eq!(none.delay(Sending::Sparse), Span::MAX);
}

#[test]
fn a_round_trip_adds_up() {
    let across = Distances::default().across;
    let trip = round_trip(across, &[CARD, CARD], Sending::Sparse);
    assert_eq!(trip, Span::from_nanos(500_000 + 2 * 12_112));
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
