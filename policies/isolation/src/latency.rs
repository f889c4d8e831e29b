//! How long a packet waits, and how soon a connection is up to speed (`spec/network.md` 6.2, 6.4).

use policy_api::{Connecting, Distance, Hop, QueueOwner, Span};

/// One packet of a quantum, in bytes.
pub const QUANTUM: f64 = 1_514.0;
/// The payload of one packet.
pub const MSS: f64 = 1_460.0;
/// Packets that a connection may send before the first answer.
pub const INITIAL_WINDOW: f64 = 10.0;
/// The standing queue that `fq_codel` aims at.
pub const CODEL_TARGET: Span = Span::from_millis(5);

/// How the packets of a link queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Queueing {
    /// Flows take turns, and none has a long queue.
    FqCodel,
    /// One queue for all, of so many bytes.
    Fifo { buffer: f64 },
    /// Poisson arrivals at a link that is not full.
    Poisson,
}

/// How much a flow sends through a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// Less than its fair share: what a request and its answer do.
    Sparse,
    /// As much as it gets here.
    Backlogged,
}

/// Whether somebody has more to send than the link carries.
fn is_full(hop: &Hop) -> bool {
    hop.load >= hop.capacity * (1.0 - 1e-9)
}

impl Queueing {
    /// How long a packet waits at a link. [`Span::MAX`] where nothing passes.
    pub fn delay(self, hop: &Hop, sending: Sending) -> Span {
        if hop.capacity <= 0.0 {
            return Span::MAX;
        }
        let secs = match self {
            Self::FqCodel => match sending {
                Sending::Sparse => hop.flows as f64 * QUANTUM / hop.capacity,
                Sending::Backlogged if is_full(hop) => return CODEL_TARGET,
                Sending::Backlogged => 0.0,
            },
            Self::Fifo { buffer } if is_full(hop) => buffer / hop.capacity,
            Self::Fifo { .. } => 0.0,
            Self::Poisson => {
                let used = hop.load / hop.capacity;
                if is_full(hop) {
                    return Span::MAX;
                }
                used / (1.0 - used) * QUANTUM / hop.capacity
            }
        };
        Span::from_secs_f64(secs).unwrap_or(Span::MAX)
    }
}

/// How far apart two ends are. Round trips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distances {
    pub same_agent: Span,
    pub same_rack: Span,
    pub across: Span,
}

impl Default for Distances {
    fn default() -> Self {
        Self {
            same_agent: Span::from_micros(50),
            same_rack: Span::from_micros(100),
            across: Span::from_micros(500),
        }
    }
}

/// How the packets of a cluster's links queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queues {
    pub hosts: Queueing,
    pub switches: Queueing,
}

impl Queues {
    /// The time of a round trip: the distance, and each hop's queue. Answers are light and come back
    /// without waiting.
    pub fn round_trip(self, distance: Span, hops: &[Hop], sending: Sending) -> Span {
        let queueing = |hop: &Hop| match hop.queue {
            QueueOwner::Host => self.hosts,
            QueueOwner::Switch => self.switches,
        };
        hops.iter().fold(distance, |sum, hop| sum + queueing(hop).delay(hop, sending))
    }
}

/// How much of TCP is modelled.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum TcpDetail {
    /// A flow has its rate at once.
    #[default]
    Fluid,
    /// It begins with a handshake and a slow start.
    SlowStart,
    /// And it is no faster than losses of this probability let it be.
    Loss(f64),
}

impl TcpDetail {
    /// From the start of a connection until it sends at this rate.
    pub fn start_delay(self, round_trip: Span, rate: f64) -> Span {
        match self {
            Self::Fluid => Span::ZERO,
            Self::SlowStart | Self::Loss(_) => {
                round_trip + round_trip * slow_start_rounds(round_trip, rate)
            }
        }
    }

    /// The most that one connection reaches: Mathis, Semke, Mahdavi and Ott, *The macroscopic behavior
    /// of the TCP congestion avoidance algorithm*, 1997.
    pub fn cap(self, round_trip: Span) -> Option<f64> {
        match self {
            Self::Fluid | Self::SlowStart => None,
            Self::Loss(loss) => {
                let most = 1.22 * MSS / (round_trip.as_secs_f64() * loss.sqrt());
                most.is_finite().then_some(most)
            }
        }
    }
}

/// How the connections of a cluster begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Connections {
    pub detail: TcpDetail,
    pub distances: Distances,
    pub queues: Queues,
}

impl Connecting for Connections {
    /// A connection that begins is light everywhere. Its rate is foretold from the hops: of each what
    /// is free, or its part among the flows that are there. It needs no window larger than what it is
    /// to move.
    fn start_delay(&self, distance: Distance, hops: &[Hop], bytes: f64) -> Span {
        let distance = match distance {
            Distance::SameAgent => self.distances.same_agent,
            Distance::SameRack => self.distances.same_rack,
            Distance::Across => self.distances.across,
        };
        let round_trip = self.queues.round_trip(distance, hops, Sending::Sparse);
        let share =
            |hop: &Hop| (hop.capacity - hop.load).max(hop.capacity / (hop.flows as f64 + 1.0));
        let most = bytes / round_trip.as_secs_f64();
        let rate = hops.iter().map(share).fold(most, f64::min);
        self.detail.start_delay(round_trip, rate)
    }
}

/// Round trips until a window that doubles in each of them carries this rate.
fn slow_start_rounds(round_trip: Span, rate: f64) -> u64 {
    let windows = rate * round_trip.as_secs_f64() / (INITIAL_WINDOW * MSS);
    // More than a window of 2^64 packets is no window.
    (0..64).find(|rounds| 2.0_f64.powi(*rounds) >= windows).map_or(64, i32::unsigned_abs).into()
}
