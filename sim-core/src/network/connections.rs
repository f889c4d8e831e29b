//! Flows whose connections are still being made. Until they are, a flow takes nothing of any link.

use super::outages::Rest;
use super::topology::Links;
use policy_api::{
    BandwidthSharing, Connecting, Distance, FlowDemand, Hop, LinkId, QueueOwner, Span,
};

/// How connections of a network begin.
#[derive(Debug)]
pub(super) struct Connections {
    model: Box<dyn Connecting>,
    /// Links of switches, ascending.
    switches: Vec<LinkId>,
    hops: Vec<Hop>,
}

/// A flow that waits for its connection.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    pub(super) rest: Rest,
    /// `None` where there was no port for it, and it is to be tried again.
    pub(super) demand: Option<FlowDemand>,
}

impl Connections {
    pub(super) fn new(model: Box<dyn Connecting>, links: &Links) -> Self {
        let mut switches: Vec<LinkId> = links.of_switches().collect();
        switches.sort_unstable();
        Self { model, switches, hops: Vec::new() }
    }

    /// How long a flow that wants to start now has to wait.
    pub(super) fn delay(
        &mut self,
        distance: Distance,
        demand: &FlowDemand,
        bytes: f64,
        sharing: &dyn BandwidthSharing,
    ) -> Span {
        let hop = |link: &LinkId| Hop {
            capacity: sharing.capacity(*link),
            load: sharing.load(*link),
            flows: sharing.flows_on(*link),
            queue: match self.switches.binary_search(link) {
                Ok(_) => QueueOwner::Switch,
                Err(_) => QueueOwner::Host,
            },
        };
        self.hops.clear();
        self.hops.extend(demand.path.links().iter().map(hop));
        self.model.start_delay(distance, &self.hops, bytes)
    }
}
