//! Max-min fairness, kept up to date change by change.

use super::groups::Groups;
use super::levels::Levels;
use policy_api::{BandwidthSharing, FlowDemand, FlowId, LinkId};

/// Who is treated alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fairness {
    /// Every flow.
    #[default]
    PerFlow,
    /// Every group, and within a group its flows: `egress_unique_flow_per_container`. A group's share
    /// goes to those of its flows that can use it. On a link that flows of several groups share
    /// further on, they keep the proportion that they have as parts of their groups: a filling in
    /// which a flow weighs one thing here and another there has no single outcome.
    PerGroup,
}

/// Weighted max-min fair sharing.
///
/// Exact, up to a relative difference of 1e-9 at each link. Nothing is allocated once the tables have
/// grown to the size of the busiest moment.
#[derive(Clone, Debug)]
pub struct MaxMin(Kept);

/// What is kept up to date.
#[derive(Clone, Debug)]
enum Kept {
    Levels(Levels),
    Groups(Groups),
}

impl MaxMin {
    pub fn new(fairness: Fairness) -> Self {
        Self(match fairness {
            Fairness::PerFlow => Kept::Levels(Levels::default()),
            Fairness::PerGroup => Kept::Groups(Groups::default()),
        })
    }

    /// The link that limits a flow; `None` for its own cap.
    pub fn bottleneck(&self, flow: FlowId) -> Option<LinkId> {
        match &self.0 {
            Kept::Levels(levels) => levels.bottleneck(flow),
            Kept::Groups(groups) => groups.bottleneck(flow),
        }
    }

    fn sharing(&self) -> &dyn BandwidthSharing {
        match &self.0 {
            Kept::Levels(levels) => levels,
            Kept::Groups(groups) => groups,
        }
    }

    fn sharing_mut(&mut self) -> &mut dyn BandwidthSharing {
        match &mut self.0 {
            Kept::Levels(levels) => levels,
            Kept::Groups(groups) => groups,
        }
    }
}

impl BandwidthSharing for MaxMin {
    fn add_link(&mut self, capacity: f64) -> LinkId {
        self.sharing_mut().add_link(capacity)
    }

    fn set_capacity(&mut self, link: LinkId, capacity: f64, changed: &mut Vec<FlowId>) {
        self.sharing_mut().set_capacity(link, capacity, changed);
    }

    fn start(&mut self, flow: &FlowDemand, changed: &mut Vec<FlowId>) -> FlowId {
        self.sharing_mut().start(flow, changed)
    }

    fn end(&mut self, flow: FlowId, changed: &mut Vec<FlowId>) {
        self.sharing_mut().end(flow, changed);
    }

    fn rate(&self, flow: FlowId) -> f64 {
        self.sharing().rate(flow)
    }

    fn capacity(&self, link: LinkId) -> f64 {
        self.sharing().capacity(link)
    }

    fn load(&self, link: LinkId) -> f64 {
        self.sharing().load(link)
    }

    fn flows_on(&self, link: LinkId) -> usize {
        self.sharing().flows_on(link)
    }
}
