//! Links, flows and which flow crosses which link.

use policy_api::{FlowDemand, FlowId, FlowPath, GroupId, IdVec, LinkId, UNLIMITED_RATE};

/// What all ways of sharing need to know.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) links: IdVec<LinkId, Link>,
    pub(super) flows: IdVec<FlowId, Flow>,
    pub(super) groups: IdVec<GroupId, Vec<FlowId>>,
    free: Vec<FlowId>,
}

#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) capacity: f64,
    pub(super) load: f64,
    /// Those that it limits come first.
    pub(super) flows: Vec<Crossing>,
    /// How many of its flows it limits.
    pub(super) bound: usize,
    /// How often the load was adjusted since it was summed up.
    adjusted: usize,
}

/// A flow on a link, with all that a change of the link's level has to know: the flows of a link lie
/// side by side, and are read in one go.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Crossing {
    pub(super) weight: f64,
    /// The level at which it has its cap.
    pub(super) cap_level: f64,
    pub(super) flow: FlowId,
    count: u8,
    /// The link is this one of its path.
    hop: u8,
    others: [LinkId; FlowPath::MAX_LINKS - 1],
}

impl Crossing {
    fn new(id: FlowId, flow: &Flow, (hop, link): (u8, LinkId)) -> Self {
        let mut crossing = Self {
            weight: flow.weight,
            cap_level: flow.cap / flow.weight,
            flow: id,
            count: 0,
            hop,
            others: [link; FlowPath::MAX_LINKS - 1],
        };
        for other in flow.path.links().iter().filter(|other| **other != link) {
            crossing.others[usize::from(crossing.count)] = *other;
            crossing.count += 1;
        }
        crossing
    }

    /// The other links of its path.
    pub(super) fn others(&self) -> &[LinkId] {
        &self.others[..usize::from(self.count)]
    }
}

#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) weight: f64,
    pub(super) cap: f64,
    /// What limits it; `None` for its own cap.
    pub(super) bound_by: Option<LinkId>,
    pub(super) path: FlowPath,
    pub(super) is_live: bool,
    /// Where it stands on each of its links.
    places: [u32; FlowPath::MAX_LINKS],
    pub(super) group: Option<GroupId>,
    pub(super) rate: f64,
    /// How far the filling had come when it was frozen.
    pub(super) level: f64,
}

const ENDED: Flow = Flow {
    is_live: false,
    path: FlowPath::EMPTY,
    places: [0; FlowPath::MAX_LINKS],
    weight: 1.0,
    cap: 0.0,
    group: None,
    rate: 0.0,
    level: 0.0,
    bound_by: None,
};

impl Table {
    pub(super) fn add_link(&mut self, capacity: f64) -> LinkId {
        self.links.push(Link { capacity, load: 0.0, flows: Vec::new(), bound: 0, adjusted: 0 })
    }

    /// A flow without a rate. `cap` is the most that it can have at all.
    pub(super) fn add(&mut self, demand: &FlowDemand, cap: f64, grouped: bool) -> FlowId {
        let id = self.free.pop().unwrap_or_else(|| self.flows.push(ENDED));
        let group = demand.group.filter(|_| grouped);
        let weight = if demand.weight > 0.0 { demand.weight } else { 1.0 };
        let mut flow = Flow { is_live: true, weight, cap, group, ..ENDED };
        let known = demand.path.links().iter().filter(|link| self.links.get(**link).is_some());
        flow.path = known.fold(FlowPath::EMPTY, |path, link| path.with(*link).unwrap_or(path));
        let path = flow.path;
        for (hop, link) in (0_u8..).zip(path.links()) {
            let crossings = &mut self.links[*link].flows;
            flow.places[usize::from(hop)] = place(crossings.len());
            crossings.push(Crossing::new(id, &flow, (hop, *link)));
        }
        if let Some(group) = group {
            self.groups.grow_to(group, Vec::new).push(id);
        }
        self.flows[id] = flow;
        id
    }

    /// False where there is no such flow.
    pub(super) fn remove(&mut self, id: FlowId) -> bool {
        if self.flows.get(id).is_none_or(|flow| !flow.is_live) {
            return false;
        }
        self.set_rate(id, 0.0);
        self.bind(id, None);
        let flow = std::mem::replace(&mut self.flows[id], ENDED);
        for (hop, link) in flow.path.links().iter().enumerate() {
            let (crossings, at) = (&mut self.links[*link].flows, flow.places[hop]);
            crossings.swap_remove(at as usize);
            if let Some(moved) = crossings.get(at as usize) {
                self.flows[moved.flow].places[usize::from(moved.hop)] = at;
            }
        }
        if let Some(group) = flow.group {
            // In order, so that sums over a group do not depend on who left when.
            self.groups[group].retain(|member| *member != id);
        }
        self.free.push(id);
        true
    }

    pub(super) fn rate(&self, id: FlowId) -> f64 {
        self.flows.get(id).map_or(0.0, |flow| flow.rate)
    }

    pub(super) fn capacity(&self, link: LinkId) -> f64 {
        self.links.get(link).map_or(0.0, |link| link.capacity)
    }

    pub(super) fn load(&self, link: LinkId) -> f64 {
        self.links.get(link).map_or(0.0, |link| link.load)
    }

    pub(super) fn flows_on(&self, link: LinkId) -> usize {
        self.links.get(link).map_or(0, |link| link.flows.len())
    }

    /// A flow has a new rate, with which the loads of its links change.
    pub(super) fn set_rate(&mut self, id: FlowId, rate: f64) {
        let change = rate - self.flows[id].rate;
        self.flows[id].rate = rate;
        let path = self.flows[id].path;
        for link in path.links() {
            self.adjust_load(*link, change);
        }
    }

    /// The flows that a link limits.
    pub(super) fn bound(&self, link: LinkId) -> &[Crossing] {
        let link = &self.links[link];
        &link.flows[..link.bound]
    }

    /// The flows on a link that something else limits.
    pub(super) fn bound_elsewhere(&self, link: LinkId) -> &[Crossing] {
        let link = &self.links[link];
        &link.flows[link.bound..]
    }

    pub(super) fn bind(&mut self, id: FlowId, by: Option<LinkId>) {
        let before = std::mem::replace(&mut self.flows[id].bound_by, by);
        if before == by {
            return;
        }
        if let Some(link) = before {
            self.links[link].bound -= 1;
            let last = self.links[link].bound;
            self.put(id, link, last);
        }
        if let Some(link) = by {
            let next = self.links[link].bound;
            self.links[link].bound += 1;
            self.put(id, link, next);
        }
    }

    /// A flow changes places with the one at `to` on this link.
    fn put(&mut self, id: FlowId, link: LinkId, to: usize) {
        let flow = &self.flows[id];
        let Some(hop) = flow.path.links().iter().position(|other| *other == link) else { return };
        let at = flow.places[hop];
        let crossings = &mut self.links[link].flows;
        crossings.swap(at as usize, to);
        for (crossing, place) in [(crossings[at as usize], at), (crossings[to], place(to))] {
            self.flows[crossing.flow].places[usize::from(crossing.hop)] = place;
        }
    }

    /// Rounding adds up, so a load is summed anew once as many changes came as it has flows.
    fn adjust_load(&mut self, id: LinkId, change: f64) {
        let link = &mut self.links[id];
        link.load += change;
        link.adjusted += 1;
        if link.adjusted > link.flows.len() {
            let rates = link.flows.iter().map(|crossing| self.flows[crossing.flow].rate);
            link.load = rates.sum();
            link.adjusted = 0;
        }
    }
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Between nothing and as good as everything.
pub(super) fn sane(rate: f64) -> f64 {
    if rate.is_nan() { 0.0 } else { rate.clamp(0.0, UNLIMITED_RATE) }
}

/// The most that a flow can have; what crosses no link is limited too.
pub(super) fn most(flow: &FlowDemand) -> f64 {
    let cap = flow.cap.map_or(f64::INFINITY, sane);
    if flow.path.links().is_empty() { cap.min(UNLIMITED_RATE) } else { cap }
}
