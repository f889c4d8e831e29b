//! No contention: every flow has what the narrowest link of its path could give it alone.

use super::table::{Table, sane};
use policy_api::{BandwidthSharing, FlowDemand, FlowId, LinkId, UNLIMITED_RATE};

/// The baseline that knows caps and links, but not that others use them too.
#[derive(Clone, Debug, Default)]
pub struct Unshared {
    table: Table,
    flows: Vec<FlowId>,
}

impl Unshared {
    pub fn new() -> Self {
        Self::default()
    }

    fn update(&mut self, id: FlowId, changed: &mut Vec<FlowId>) {
        let flow = &self.table.flows[id];
        let capacities = flow.path.links().iter().map(|link| self.table.links[*link].capacity);
        let rate = capacities.fold(flow.cap, f64::min);
        if (rate - flow.rate).abs() > 0.0 {
            self.table.set_rate(id, rate);
            changed.push(id);
        }
    }
}

impl BandwidthSharing for Unshared {
    fn add_link(&mut self, capacity: f64) -> LinkId {
        self.table.add_link(sane(capacity))
    }

    fn set_capacity(&mut self, link: LinkId, capacity: f64, changed: &mut Vec<FlowId>) {
        let Some(row) = self.table.links.get_mut(link) else { return };
        row.capacity = sane(capacity);
        let mut flows = std::mem::take(&mut self.flows);
        flows.extend(self.table.links[link].flows.iter().map(|crossing| crossing.flow));
        flows.sort_unstable();
        for flow in flows.drain(..) {
            self.update(flow, changed);
        }
        self.flows = flows;
    }

    fn start(&mut self, flow: &FlowDemand, changed: &mut Vec<FlowId>) -> FlowId {
        let cap = sane(flow.cap.unwrap_or(UNLIMITED_RATE));
        let id = self.table.add(flow, cap, false);
        self.update(id, changed);
        id
    }

    fn end(&mut self, flow: FlowId, _changed: &mut Vec<FlowId>) {
        self.table.remove(flow);
    }

    fn rate(&self, flow: FlowId) -> f64 {
        self.table.rate(flow)
    }

    fn capacity(&self, link: LinkId) -> f64 {
        self.table.capacity(link)
    }

    fn load(&self, link: LinkId) -> f64 {
        self.table.load(link)
    }

    fn flows_on(&self, link: LinkId) -> usize {
        self.table.flows_on(link)
    }
}
