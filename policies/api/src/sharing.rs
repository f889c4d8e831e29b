//! How transfers share the links that they cross.

use crate::dense_id;

dense_id!(
    /// A capacity in one direction: half of a network card, an uplink, a container's cap.
    LinkId
);
dense_id!(
    /// A transfer that goes on. The id of one that has ended is given again.
    FlowId
);
dense_id!(
    /// Flows that may count as one: those of a container.
    GroupId
);

/// The links that a flow crosses, each once. Its length is bounded so that a flow needs no memory of
/// its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowPath {
    links: [LinkId; Self::MAX_LINKS],
    length: u8,
}

impl FlowPath {
    /// Two caps, two cards, two uplinks, the core, and one to spare.
    pub const MAX_LINKS: usize = 8;

    pub const EMPTY: Self = Self { links: [LinkId(0); Self::MAX_LINKS], length: 0 };

    /// `None` where there are too many links, or one comes twice.
    pub fn new(links: &[LinkId]) -> Option<Self> {
        links.iter().try_fold(Self::EMPTY, |path, link| path.with(*link))
    }

    /// The path with one link more; `None` where it is full or has the link already.
    pub fn with(mut self, link: LinkId) -> Option<Self> {
        if self.links().contains(&link) {
            return None;
        }
        *self.links.get_mut(usize::from(self.length))? = link;
        self.length += 1;
        Some(self)
    }

    pub fn links(&self) -> &[LinkId] {
        &self.links[..usize::from(self.length)]
    }
}

/// A flow that starts. It takes as much as it gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowDemand {
    pub path: FlowPath,
    /// Its part of a link against those of others; above zero.
    pub weight: f64,
    /// The most that it can use, in bytes a second.
    pub cap: Option<f64>,
    /// The flows that it counts as one with, where containers are treated alike rather than flows.
    pub group: Option<GroupId>,
}

impl FlowDemand {
    /// A flow of weight one without a cap.
    pub const fn over(path: FlowPath) -> Self {
        Self { path, weight: 1.0, cap: None, group: None }
    }
}

/// The rate of a flow that nothing limits, and the most that a link can have, in bytes a second: as
/// good as at once.
pub const UNLIMITED_RATE: f64 = 1e15;

/// Divides links between flows (`spec/network.md` 6.2). Capacities and rates are bytes a second.
///
/// Each change appends to `changed` the flows whose rates are now others, in the order of their ids;
/// a flow that starts is among them. What names nothing that is there changes nothing.
pub trait BandwidthSharing {
    /// A link that no flow crosses yet.
    fn add_link(&mut self, capacity: f64) -> LinkId;

    fn set_capacity(&mut self, link: LinkId, capacity: f64, changed: &mut Vec<FlowId>);

    fn start(&mut self, flow: &FlowDemand, changed: &mut Vec<FlowId>) -> FlowId;

    fn end(&mut self, flow: FlowId, changed: &mut Vec<FlowId>);

    /// Zero for a flow that has ended.
    fn rate(&self, flow: FlowId) -> f64;

    fn capacity(&self, link: LinkId) -> f64;

    /// What the flows of a link have together.
    fn load(&self, link: LinkId) -> f64;

    /// How many flows cross a link.
    fn flows_on(&self, link: LinkId) -> usize;
}
