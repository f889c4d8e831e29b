//! How long it takes until a transfer is under way.

use crate::Span;
use std::fmt;

/// Where the two ends of a transfer are. Without racks every other agent is across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    SameAgent,
    SameRack,
    Across,
}

/// Whose queue packets wait in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueOwner {
    /// What leaves a card, passes a container's cap or stays on the host: the agent's.
    Host,
    /// Uplinks, the core, and the way from a switch to a card.
    Switch,
}

/// A link as a packet meets it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hop {
    /// In bytes a second.
    pub capacity: f64,
    pub load: f64,
    /// Flows that have packets.
    pub flows: usize,
    pub queue: QueueOwner,
}

/// How the connections of transfers begin (`spec/network.md` 6.2, 6.4).
pub trait Connecting: fmt::Debug {
    /// From the wish to move so many bytes over these hops until they move at the rate that the hops
    /// have for them. [`Span::MAX`] where they never do.
    fn start_delay(&self, distance: Distance, hops: &[Hop], bytes: f64) -> Span;
}
