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
/// Up to a relative difference of 1e-9 at each link, or more where that is wished for. Nothing is
/// allocated once the tables have grown to the size of the busiest moment.
#[derive(Clone, Debug)]
pub struct MaxMin(Kept);

/// What is kept up to date.
#[derive(Clone, Debug)]
enum Kept {
    Levels(Levels),
    Groups(Groups),
}

impl MaxMin {
    /// Exact.
    pub fn new(fairness: Fairness) -> Self {
        Self(match fairness {
            Fairness::PerFlow => Kept::Levels(Levels::default()),
            Fairness::PerGroup => Kept::Groups(Groups::default()),
        })
    }

    /// Between flows, and fair up to a relative `tolerance` from 0 to below 1: what moves less is not
    /// followed.
    ///
    /// No link carries more than its capacity and no flow has more than its cap. But the link that
    /// limits a flow may leave so much of its capacity unused, and others on that link may have more
    /// than the flow by up to twice the tolerance. A change then reaches a link or two far instead of
    /// through the whole cluster, which is what makes large shuffles fast. Each link compares what it
    /// gives with what it could give, so that nothing adds up over time.
    pub fn within(tolerance: f64) -> Self {
        let is_sane = (0.0..1.0).contains(&tolerance);
        Self(Kept::Levels(Levels::within(if is_sane { tolerance } else { 0.0 })))
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
