//! Max-min fairness, kept up to date change by change.
//!
//! An allocation is the max-min fair one exactly if every flow has a reason: its cap, or a full link
//! on which no flow was frozen at a higher level (Bertsekas and Gallager, *Data Networks*, section
//! 6.5.2). So after a change only the flows whose reasons may be gone are filled again, with all others
//! held where they are. Then the links that they cross are looked at. A flow whose reason does not
//! hold any more joins those that are filled, and so on until every reason holds. A change reaches as
//! far as the levels that it moves, and no further; what it leaves alone is not looked at.

use super::filling::{Filling, SLACK};
use super::table::Table;
use policy_api::{BandwidthSharing, FlowDemand, FlowId, GroupId, LinkId, UNLIMITED_RATE};

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
#[derive(Clone, Debug, Default)]
pub struct MaxMin {
    fairness: Fairness,
    table: Table,
    filling: Filling,
    /// Flows that are to be filled as well.
    found: Vec<FlowId>,
    work: Work,
}

/// What sharing has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Starts, ends and changes of capacities.
    pub changes: u64,
    pub fillings: u64,
    /// Flows that were filled, counted once for each filling.
    pub filled: u64,
}

impl MaxMin {
    pub fn new(fairness: Fairness) -> Self {
        Self { fairness, ..Self::default() }
    }

    pub const fn work(&self) -> Work {
        self.work
    }

    /// The link that limits a flow; `None` for its own cap.
    pub fn bottleneck(&self, flow: FlowId) -> Option<LinkId> {
        self.table.flows.get(flow)?.bound_by
    }

    /// The reasons of flows that this link limits may be gone.
    fn doubt(&mut self, link: LinkId) {
        let row = &self.table.links[link];
        if row.bound == 0 {
            return;
        }
        for crossing in &row.flows {
            if self.table.flows[crossing.flow].bound_by == Some(link) {
                self.filling.choose(crossing.flow, &self.table);
            }
        }
    }

    fn doubt_group(&mut self, group: Option<GroupId>) {
        let Some(group) = group else { return };
        if let Some(first) = self.table.groups[group].first() {
            self.filling.choose(*first, &self.table);
        }
    }

    /// Fills what is chosen until every reason holds.
    fn settle(&mut self, changed: &mut Vec<FlowId>) {
        self.work.changes += 1;
        loop {
            self.work.fillings += 1;
            self.work.filled += self.filling.chosen.len() as u64;
            self.filling.fill(&self.table);
            self.find_doubtful();
            if self.found.is_empty() {
                break;
            }
            for flow in self.found.drain(..) {
                self.filling.choose(flow, &self.table);
            }
        }
        self.filling.chosen.sort_unstable();
        for flow in &self.filling.chosen {
            let growth = self.filling.of_flow(*flow);
            self.table.bind(*flow, growth.bound_by);
            let row = &mut self.table.flows[*flow];
            row.level = growth.level;
            // What differs by rounding only has not changed.
            if (growth.rate - row.rate).abs() > 1e-12 * row.rate {
                changed.push(*flow);
                self.table.set_rate(*flow, growth.rate);
            }
        }
    }

    /// Looks on the touched links for flows outside that now have too much, or could have more.
    fn find_doubtful(&mut self) {
        for id in &self.filling.touched {
            let (link, water) = (&self.table.links[*id], self.filling.of_link(*id));
            let bound_outside = link.bound - water.bound_inside;
            if water.inside == link.flows.len() || bound_outside == 0 && water.full_at.is_none() {
                continue;
            }
            let is_full = water.room <= SLACK * link.capacity;
            let could_have_more = water.top * (1.0 - SLACK);
            let has_too_much = water.full_at.map(|level| level * (1.0 + SLACK));
            for crossing in &link.flows {
                let flow = &self.table.flows[crossing.flow];
                let is_doubtful = has_too_much.is_some_and(|most| flow.level > most)
                    || flow.bound_by == Some(*id) && (!is_full || flow.level < could_have_more);
                if is_doubtful && !self.filling.is_chosen(crossing.flow) {
                    self.found.push(crossing.flow);
                }
            }
        }
    }
}

impl BandwidthSharing for MaxMin {
    fn add_link(&mut self, capacity: f64) -> LinkId {
        self.table.add_link(sane(capacity))
    }

    fn set_capacity(&mut self, link: LinkId, capacity: f64, changed: &mut Vec<FlowId>) {
        let Some(row) = self.table.links.get_mut(link) else { return };
        row.capacity = sane(capacity);
        let is_overfull = row.load > row.capacity;
        self.filling.clear();
        self.doubt(link);
        if is_overfull {
            for crossing in &self.table.links[link].flows {
                self.filling.choose(crossing.flow, &self.table);
            }
        }
        self.settle(changed);
    }

    fn start(&mut self, flow: &FlowDemand, changed: &mut Vec<FlowId>) -> FlowId {
        let cap = flow.cap.map_or(f64::INFINITY, sane);
        let cap = if flow.path.links().is_empty() { cap.min(UNLIMITED_RATE) } else { cap };
        let id = self.table.add(flow, cap, self.fairness == Fairness::PerGroup);
        self.filling.clear();
        self.filling.choose(id, &self.table);
        let path = self.table.flows[id].path;
        for link in path.links() {
            self.doubt(*link);
        }
        self.settle(changed);
        id
    }

    fn end(&mut self, flow: FlowId, changed: &mut Vec<FlowId>) {
        let Some((path, group)) = self.table.flows.get(flow).map(|row| (row.path, row.group))
        else {
            return;
        };
        if !self.table.remove(flow) {
            return;
        }
        self.filling.clear();
        for link in path.links() {
            self.doubt(*link);
        }
        self.doubt_group(group);
        self.settle(changed);
    }

    fn rate(&self, flow: FlowId) -> f64 {
        self.table.rate(flow)
    }

    fn capacity(&self, link: LinkId) -> f64 {
        self.table.links.get(link).map_or(0.0, |link| link.capacity)
    }

    fn load(&self, link: LinkId) -> f64 {
        self.table.links.get(link).map_or(0.0, |link| link.load)
    }

    fn flows_on(&self, link: LinkId) -> usize {
        self.table.links.get(link).map_or(0, |link| link.flows.len())
    }
}

/// Between nothing and as good as everything.
pub(super) fn sane(rate: f64) -> f64 {
    if rate.is_nan() { 0.0 } else { rate.clamp(0.0, UNLIMITED_RATE) }
}
