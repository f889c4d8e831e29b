//! Flows whose connections are still being made. Until they are, a flow takes nothing of any link.

use super::flows::MovingPhase;
use super::topology::Links;
use crate::arena::Handle;
use crate::job::Heading;
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
    pub(super) phase: Handle<MovingPhase>,
    pub(super) heading: Heading,
    pub(super) demand: FlowDemand,
    pub(super) bytes: f64,
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
