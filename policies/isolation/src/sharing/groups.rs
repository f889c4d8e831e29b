//! Max-min fairness between groups, kept up to date change by change.
//!
//! When a flow of a group is frozen, the others of the group grow faster, so that a link's level does
//! not say what its flows have, as it does in [`super::levels`].
//!
//! An allocation is the max-min fair one exactly if every flow has a reason: its cap, or a full link
//! on which no flow was frozen at a higher level (Bertsekas and Gallager, *Data Networks*, section
//! 6.5.2). So after a change only the flows whose reasons may be gone are filled again, with all others
//! held where they are. Then the links that they cross are looked at. A flow whose reason does not
//! hold any more joins those that are filled, and so on until every reason holds. A change reaches as
//! far as the levels that it moves, and no further; what it leaves alone is not looked at.

use super::filling::{Filling, SLACK};
use super::table::{Table, most, sane};
use policy_api::{BandwidthSharing, FlowDemand, FlowId, GroupId, LinkId};

/// Flows and links, and who is to be filled.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    table: Table,
    filling: Filling,
    /// Flows that are to be filled as well.
    found: Vec<FlowId>,
}

impl Groups {
    /// The link that limits a flow; `None` for its own cap.
    pub(super) fn bottleneck(&self, flow: FlowId) -> Option<LinkId> {
        self.table.flows.get(flow)?.bound_by
    }

    /// The reasons of flows that this link limits may be gone.
    fn doubt(&mut self, link: LinkId) {
        for crossing in self.table.bound(link) {
            self.filling.choose(crossing.flow, &self.table);
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
        loop {
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

impl BandwidthSharing for Groups {
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
        let cap = most(flow);
        let id = self.table.add(flow, cap, true);
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
        self.table.capacity(link)
    }

    fn load(&self, link: LinkId) -> f64 {
        self.table.load(link)
    }

    fn flows_on(&self, link: LinkId) -> usize {
        self.table.flows_on(link)
    }
}
