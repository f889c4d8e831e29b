//! Links between the master and everyone else: how long a message takes.
//!
//! A link is a connection, so messages in one direction never overtake each other.

use policy_api::{AgentId, DenseId, FrameworkId, IdVec, Span, Time};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// One-way delay of a message: a constant, and a part drawn uniformly from zero to `jitter`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    pub constant: Span,
    pub jitter: Span,
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    ToMaster,
    FromMaster,
}

/// All links of one kind: master and agents, or master and frameworks.
#[derive(Clone, Debug)]
pub struct Links<I> {
    latency: Latency,
    jitter: Pcg64Mcg,
    /// The latest delivery in each direction, which the next one must not overtake. Empty while
    /// there is no jitter, because a constant delay keeps the order by itself.
    latest: IdVec<I, [Time; 2]>,
}

pub type AgentLinks = Links<AgentId>;
pub type FrameworkLinks = Links<FrameworkId>;

impl<I: DenseId> Links<I> {
    pub const fn new(latency: Latency, jitter: Pcg64Mcg) -> Self {
        Self { latency, jitter, latest: IdVec::new() }
    }

    /// When a message that is sent now arrives.
    pub fn deliver(&mut self, now: Time, peer: I, direction: Direction) -> Time {
        let at = now + self.latency.constant;
        if self.latency.jitter.is_zero() {
            return at;
        }
        let jitter = self.jitter.random_range(0..=self.latency.jitter.as_nanos());
        let latest = &mut self.latest.grow_to(peer, || [Time::ZERO; 2])[direction as usize];
        *latest = (*latest).max(at + Span::from_nanos(jitter));
        *latest
    }
}
