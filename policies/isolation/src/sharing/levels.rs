//! Max-min fairness between flows, kept as one level for each full link.
//!
//! In a max-min fair allocation a full link gives each flow that it limits its level times the flow's
//! weight, and every other flow on it has less. So the levels of the links say all: a flow has the
//! lowest level of its links, unless its cap is lower (Bertsekas and Gallager, *Data Networks*,
//! section 6.5.2). Levels that agree with one another are the max-min fair allocation, and there is
//! one only.
//!
//! A change disturbs the links of a flow. The disturbed link with the lowest level is worked out anew
//! with all others as they are, which may disturb links that its flows cross too, and so on until none
//! is left. What a link's level depends on are lower levels, so going from low to high does most links
//! once.

use super::changes::Changes;
use super::order::Order;
use super::table::{Crossing, Flow, Table, most, sane};
use policy_api::{BandwidthSharing, FlowDemand, FlowId, IdVec, LinkId};

/// A level that differs by less, relatively, has not changed.
const SAME: f64 = 1e-12;
/// A flow stays with the link that limits it until another level is lower by this.
const TIE: f64 = 1e-11;
/// Sums are made anew when so many times a link's capacity has been added up: an addition loses less
/// than 2.3e-16 of its sum, so that 1e-12 of the capacity is never lost.
const ADDED: f64 = 4e3;

/// Links, flows and levels.
#[derive(Clone, Debug, Default)]
pub(super) struct Levels {
    /// How far below the level that it could have a link's may stay, relatively.
    tolerance: f64,
    table: Table,
    water: IdVec<LinkId, Water>,
    order: Order,
    changes: Changes,
    /// Flows that a link is about to limit.
    captured: Vec<FlowId>,
}

/// How full a link is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Water {
    /// What flows have that something else limits.
    others: f64,
    /// None of the others has a higher level.
    top: f64,
    /// The sums that `others` has been through since it was made anew.
    added: f64,
    /// What it gives to a weight of one; infinite where it limits no flow.
    pub(super) level: f64,
    /// The weights of the flows that it limits.
    weight: f64,
    capacity: f64,
}

impl Water {
    fn is_overfull(&self) -> bool {
        self.others > self.capacity * (1.0 + TIE)
    }

    /// The level with the same flows under its limit; zero where it limits none and has to.
    fn free_level(&self) -> f64 {
        if self.weight > 0.0 {
            ((self.capacity - self.others) / self.weight).max(0.0)
        } else if self.is_overfull() {
            0.0
        } else {
            f64::INFINITY
        }
    }

    fn add(&mut self, rate: f64) {
        self.others += rate;
        self.added += self.others.abs();
    }
}

impl Levels {
    pub(super) fn within(tolerance: f64) -> Self {
        Self { tolerance, ..Self::default() }
    }

    pub(super) fn bottleneck(&self, flow: FlowId) -> Option<LinkId> {
        self.table.flows.get(flow)?.bound_by
    }

    fn level_of(&self, flow: &Flow) -> f64 {
        flow.bound_by.map_or_else(|| flow.cap / flow.weight, |link| self.water[link].level)
    }

    fn rate_of(&self, flow: &Flow) -> f64 {
        flow.bound_by.map_or(flow.cap, |link| flow.weight * self.water[link].level)
    }

    /// The lowest level that a flow meets but for one link, and where.
    fn lowest(&self, crossing: &Crossing) -> (f64, Option<LinkId>) {
        let mut lowest = (crossing.cap_level, None);
        for link in crossing.others() {
            let level = self.water[*link].level;
            if level < lowest.0 {
                lowest = (level, Some(*link));
            }
        }
        lowest
    }

    /// Works out levels until all agree.
    fn settle(&mut self, changed: &mut Vec<FlowId>) {
        while let Some(link) = self.order.lowest() {
            self.work_out(link);
            self.order.unmark(link);
        }
        for at in 0..self.changes.levels.len() {
            let (link, before) = self.changes.levels[at];
            let after = self.water[link].level;
            // Flows that have come to this link are looked at below.
            for crossing in self.table.bound(link) {
                let weight = crossing.weight;
                let is_same = (weight * before).to_bits() == (weight * after).to_bits();
                if !is_same {
                    self.changes.mark(crossing.flow);
                }
            }
        }
        for at in 0..self.changes.flows.len() {
            let (flow, before) = self.changes.flows[at];
            if self.rate(flow).to_bits() == before.to_bits() {
                self.changes.unmark(flow);
            } else {
                self.changes.mark(flow);
            }
        }
        self.changes.drain_marks(changed);
        self.changes.clear();
    }

    fn work_out(&mut self, link: LinkId) {
        let level = self.free_level(link);
        let level = self.find_captured(link, level);
        if !self.captured.is_empty() {
            if self.water[link].level == f64::INFINITY {
                self.set_level(link, level);
            }
            self.capture(link);
        }
        let mut level = self.free_level(link);
        if level > self.most_before_rise(link) {
            level = self.release(link, level);
        }
        if self.table.links[link].bound == 0 {
            level = f64::INFINITY;
        }
        let before = self.water[link].level;
        if level > self.most_before_rise(link) || level < before * (1.0 - SAME) {
            // In the middle of what is allowed, so that the next small change moves nothing either.
            let level = level * (1.0 - self.tolerance / 2.0);
            self.pass_on(link, level);
            self.set_level(link, level);
        }
    }

    /// A link that could have more than this has a level that is too low.
    fn most_before_rise(&self, link: LinkId) -> f64 {
        self.water[link].level * (1.0 + SAME + self.tolerance)
    }

    fn free_level(&mut self, link: LinkId) -> f64 {
        let water = &self.water[link];
        if water.added > ADDED * water.capacity {
            self.sum_up(link);
        }
        self.water[link].free_level()
    }

    fn set_level(&mut self, link: LinkId, level: f64) {
        self.changes.note_level(link, self.water[link].level);
        self.water[link].level = level;
        self.order.put(link, &self.water);
    }

    /// The other links of the flows that a link limits learn that it gives them more, or less.
    fn pass_on(&mut self, link: LinkId, level: f64) {
        let change = level - self.water[link].level;
        for crossing in self.table.bound(link) {
            for other in crossing.others() {
                let water = &mut self.water[*other];
                water.add(crossing.weight * change);
                water.top = water.top.max(level);
                self.order.mark(*other);
            }
        }
    }

    /// The flows of a link that would have more than those that it limits, and its level with them.
    ///
    /// Each pass takes those above the level of the last one. With them the level is higher, but not
    /// higher than the one looked for, so that the next pass has no others.
    fn find_captured(&mut self, link: LinkId, mut level: f64) -> f64 {
        self.captured.clear();
        if level >= self.water[link].top {
            return level;
        }
        let mut found = 0;
        loop {
            let (mut rates, mut weights, mut top) = (0.0, 0.0, 0.0_f64);
            self.captured.clear();
            for crossing in self.table.bound_elsewhere(link) {
                let flow = &self.table.flows[crossing.flow];
                let its = self.level_of(flow);
                if its > level * (1.0 + TIE) {
                    self.captured.push(crossing.flow);
                    rates += self.rate_of(flow);
                    weights += flow.weight;
                } else {
                    top = top.max(its);
                }
            }
            let water = &mut self.water[link];
            water.top = top;
            if self.captured.len() == found {
                return level;
            }
            found = self.captured.len();
            let room = water.capacity - (water.others - rates);
            level = (room / (water.weight + weights)).max(level);
        }
    }

    fn capture(&mut self, link: LinkId) {
        let captured = std::mem::take(&mut self.captured);
        let level = self.water[link].level;
        for flow in &captured {
            self.bind(*flow, self.rate(*flow), Some(link), level);
        }
        self.captured = captured;
    }

    /// Flows that meet a lower level elsewhere are limited there; with fewer flows the level rises.
    fn release(&mut self, link: LinkId, mut level: f64) -> f64 {
        let mut is_over = false;
        while !is_over {
            is_over = true;
            let mut at = 0;
            while let Some(crossing) = self.table.bound(link).get(at) {
                let id = crossing.flow;
                let (lowest, by) = self.lowest(crossing);
                let is_above_cap = crossing.cap_level < level * (1.0 - TIE);
                if is_above_cap || lowest < level * (1.0 - TIE - self.tolerance) {
                    self.bind(id, self.rate(id), by, lowest);
                    level = self.free_level(link);
                    is_over = false;
                } else {
                    at += 1;
                }
            }
        }
        level
    }

    /// A flow that had a rate has a level from now on, which is the one of the link that limits it.
    fn bind(&mut self, id: FlowId, before: f64, by: Option<LinkId>, level: f64) {
        let flow = &self.table.flows[id];
        let level_before = flow.bound_by.and_then(|link| self.changes.level_before(link));
        let told = level_before.map_or(before, |level| flow.weight * level);
        self.changes.note_flow(id, told);
        let (weight, bound_by, path) = (flow.weight, flow.bound_by, flow.path);
        let rate = if by.is_some() { weight * level } else { flow.cap };
        for link in path.links() {
            let water = &mut self.water[*link];
            match (bound_by == Some(*link), by == Some(*link)) {
                (true, true) => {}
                (true, false) => {
                    water.weight -= weight;
                    water.add(rate);
                }
                (false, true) => {
                    water.weight += weight;
                    water.add(-before);
                }
                (false, false) => water.add(rate - before),
            }
            if by != Some(*link) {
                water.top = water.top.max(level);
            }
            self.order.mark(*link);
        }
        self.table.bind(id, by);
        self.round_off(path.links());
    }

    /// Where nothing is, nothing is left of rounding.
    fn round_off(&mut self, links: &[LinkId]) {
        for link in links {
            let (row, water) = (&self.table.links[*link], &mut self.water[*link]);
            if row.bound == 0 {
                water.weight = 0.0;
            }
            if row.bound == row.flows.len() {
                water.others = 0.0;
            }
        }
    }

    fn sum_up(&mut self, link: LinkId) {
        let (mut others, mut weight) = (0.0, 0.0);
        for crossing in self.table.bound_elsewhere(link) {
            others += self.rate_of(&self.table.flows[crossing.flow]);
        }
        for crossing in self.table.bound(link) {
            weight += crossing.weight;
        }
        let water = &mut self.water[link];
        *water = Water { others, weight, added: 0.0, ..*water };
    }
}

impl BandwidthSharing for Levels {
    fn add_link(&mut self, capacity: f64) -> LinkId {
        let capacity = sane(capacity);
        let link = self.table.add_link(capacity);
        let level = f64::INFINITY;
        self.water.push(Water { capacity, others: 0.0, weight: 0.0, level, top: 0.0, added: 0.0 });
        self.order.add(link);
        link
    }

    fn set_capacity(&mut self, link: LinkId, capacity: f64, changed: &mut Vec<FlowId>) {
        let Some(water) = self.water.get_mut(link) else { return };
        water.capacity = sane(capacity);
        self.order.mark(link);
        self.settle(changed);
    }

    fn start(&mut self, flow: &FlowDemand, changed: &mut Vec<FlowId>) -> FlowId {
        let id = self.table.add(flow, most(flow), false);
        let flow = &self.table.flows[id];
        let mut lowest = (flow.cap / flow.weight, None);
        for link in flow.path.links() {
            let water = &self.water[*link];
            let alone = || ((water.capacity - water.others) / flow.weight).max(0.0);
            let level = if water.weight > 0.0 { water.level } else { alone() };
            if level < lowest.0 {
                lowest = (level, Some(*link));
            }
        }
        let (level, by) = lowest;
        if let Some(link) = by
            && self.water[link].level == f64::INFINITY
        {
            self.set_level(link, level);
        }
        self.bind(id, 0.0, by, level);
        self.settle(changed);
        id
    }

    fn end(&mut self, flow: FlowId, changed: &mut Vec<FlowId>) {
        let Some(row) = self.table.flows.get(flow).filter(|row| row.is_live) else { return };
        let (rate, weight, bound_by, path) =
            (self.rate_of(row), row.weight, row.bound_by, row.path);
        for link in path.links() {
            let water = &mut self.water[*link];
            if bound_by == Some(*link) {
                water.weight -= weight;
            } else {
                water.add(-rate);
            }
            self.order.mark(*link);
        }
        self.table.remove(flow);
        self.round_off(path.links());
        self.settle(changed);
    }

    fn rate(&self, flow: FlowId) -> f64 {
        self.table.flows.get(flow).map_or(0.0, |flow| self.rate_of(flow))
    }

    fn capacity(&self, link: LinkId) -> f64 {
        self.water.get(link).map_or(0.0, |water| water.capacity)
    }

    fn load(&self, link: LinkId) -> f64 {
        let Some(water) = self.water.get(link) else { return 0.0 };
        if water.weight > 0.0 { water.others + water.weight * water.level } else { water.others }
    }

    fn flows_on(&self, link: LinkId) -> usize {
        self.table.flows_on(link)
    }
}
