//! Progressive filling of chosen flows, while all others keep what they have.
//!
//! The water rises from zero: at a level every growing flow has its speed times that level, until one
//! of its links is full or its cap is reached. The speed of a flow is its weight. A group has the
//! speed one, which its flows divide in proportion to their weights; when one of them is frozen, the
//! others grow faster.

use super::table::Table;
use policy_api::{FlowId, GroupId, IdVec, LinkId};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Levels and loads this close to each other, relatively, are the same.
pub(super) const SLACK: f64 = 1e-9;

/// The state of a filling; kept for its memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Filling {
    /// Counts choices: what bears another number is not chosen.
    choice: u32,
    pub(super) chosen: Vec<FlowId>,
    /// The links that the chosen flows cross.
    pub(super) touched: Vec<LinkId>,
    /// Counts fillings.
    round: u32,
    flows: IdVec<FlowId, Growth>,
    links: IdVec<LinkId, Water>,
    groups: IdVec<GroupId, GroupWater>,
    next: BinaryHeap<Reverse<Limit>>,
    /// How far it has come.
    level: f64,
}

/// A flow in a filling.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Growth {
    choice: u32,
    is_growing: bool,
    /// Its rate at a level is `base + speed * level` while it grows.
    base: f64,
    speed: f64,
    /// The level at which its cap waits in the queue; another entry of it is stale.
    queued: f64,
    pub(super) rate: f64,
    pub(super) level: f64,
    pub(super) bound_by: Option<LinkId>,
}

/// A link in a filling.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Water {
    round: u32,
    /// How many of its flows are chosen, and how many of those it has limited before.
    pub(super) inside: usize,
    pub(super) bound_inside: usize,
    growing: usize,
    /// What frozen flows, others' flows and the bases leave.
    pub(super) room: f64,
    speed: f64,
    /// The level at which it waits in the queue; another entry of it is stale.
    queued: f64,
    /// The level at which it was full.
    pub(super) full_at: Option<f64>,
    /// The level at which the last of its chosen flows was frozen.
    pub(super) top: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct GroupWater {
    round: u32,
    /// The weights of its growing flows.
    weight: f64,
}

/// At this level, or above, something stops growing.
#[derive(Clone, Copy, Debug)]
struct Limit {
    level: f64,
    by: By,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Link(LinkId),
    Cap(FlowId),
}

impl Ord for Limit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.level.total_cmp(&other.level).then(self.by.cmp(&other.by))
    }
}

impl PartialOrd for Limit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Limit {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Limit {}

impl Water {
    /// The level at which it will be full if nothing else is before it.
    fn limit(&self) -> f64 {
        self.room / self.speed
    }
}

impl Growth {
    /// The level at which it reaches its cap.
    fn limit(&self, cap: f64) -> f64 {
        (cap - self.base) / self.speed
    }
}

impl Filling {
    /// Nothing is chosen.
    pub(super) fn clear(&mut self) {
        self.choice = self.choice.wrapping_add(1);
        self.chosen.clear();
    }

    pub(super) fn is_chosen(&self, flow: FlowId) -> bool {
        self.flows.get(flow).is_some_and(|growth| growth.choice == self.choice)
    }

    /// Chooses a flow, and with it all that count as one with it.
    pub(super) fn choose(&mut self, flow: FlowId, table: &Table) {
        let Some(group) = table.flows[flow].group else { return self.choose_one(flow) };
        for member in &table.groups[group] {
            self.choose_one(*member);
        }
    }

    fn choose_one(&mut self, flow: FlowId) {
        let growth = self.flows.grow_to(flow, Growth::default);
        if growth.choice != self.choice {
            growth.choice = self.choice;
            self.chosen.push(flow);
        }
    }

    pub(super) fn of_link(&self, link: LinkId) -> Water {
        self.links.get(link).copied().unwrap_or_default()
    }

    pub(super) fn of_flow(&self, flow: FlowId) -> &Growth {
        &self.flows[flow]
    }

    /// Fills the chosen flows.
    pub(super) fn fill(&mut self, table: &Table) {
        self.prepare(table);
        self.level = 0.0;
        while let Some(Reverse(limit)) = self.next.pop() {
            let Some(actual) = self.actual(limit, table) else { continue };
            // It comes later than it seemed, because flows were frozen elsewhere.
            if actual > limit.level {
                self.queue(limit.by, actual);
                continue;
            }
            // What comes so soon after the last one came with it.
            if actual > self.level * (1.0 + SLACK) {
                self.level = actual;
            }
            match limit.by {
                By::Link(link) => {
                    for crossing in &table.links[link].flows {
                        if self.is_chosen(crossing.flow) && self.flows[crossing.flow].is_growing {
                            self.freeze(crossing.flow, Some(link), table);
                        }
                    }
                    self.links[link].full_at = Some(self.level);
                }
                By::Cap(flow) => self.freeze(flow, None, table),
            }
        }
    }

    /// The level of a limit as it is now; `None` where it is stale.
    fn actual(&self, limit: Limit, table: &Table) -> Option<f64> {
        let (queued, actual) = match limit.by {
            By::Link(link) => {
                let water = &self.links[link];
                (water.queued, (water.growing > 0).then(|| water.limit())?)
            }
            By::Cap(flow) => {
                let growth = &self.flows[flow];
                (growth.queued, growth.is_growing.then(|| growth.limit(table.flows[flow].cap))?)
            }
        };
        (queued.to_bits() == limit.level.to_bits()).then_some(actual)
    }

    fn queue(&mut self, by: By, level: f64) {
        match by {
            By::Link(link) => self.links[link].queued = level,
            By::Cap(flow) => self.flows[flow].queued = level,
        }
        self.next.push(Reverse(Limit { level, by }));
    }

    fn prepare(&mut self, table: &Table) {
        self.round = self.round.wrapping_add(1);
        self.touched.clear();
        self.next.clear();
        for id in &self.chosen {
            let flow = &table.flows[*id];
            if let Some(group) = flow.group {
                let water = self.groups.grow_to(group, GroupWater::default);
                if water.round != self.round {
                    *water = GroupWater { round: self.round, weight: 0.0 };
                }
                water.weight += flow.weight;
            }
        }
        for id in &self.chosen {
            let flow = &table.flows[*id];
            let speed = flow.group.map_or(flow.weight, |it| flow.weight / self.groups[it].weight);
            let growth = &mut self.flows[*id];
            *growth = Growth { is_growing: true, base: 0.0, speed, ..*growth };
            for link in flow.path.links() {
                let water = self.links.grow_to(*link, Water::default);
                if water.round != self.round {
                    self.touched.push(*link);
                    *water = Water { round: self.round, ..Water::default() };
                    let row = &table.links[*link];
                    water.room = row.capacity - row.load;
                }
                water.inside += 1;
                water.growing += 1;
                water.bound_inside += usize::from(flow.bound_by == Some(*link));
                water.room += flow.rate;
                water.speed += speed;
            }
            if flow.cap < f64::INFINITY {
                growth.queued = growth.limit(flow.cap);
                self.next.push(Reverse(Limit { level: growth.queued, by: By::Cap(*id) }));
            }
        }
        for link in &self.touched {
            let water = &mut self.links[*link];
            let row = &table.links[*link];
            // Nobody else is there, so that nothing is left of rounding.
            if water.inside == row.flows.len() {
                water.room = row.capacity;
            }
            water.room = water.room.max(0.0);
            water.queued = water.limit();
            self.next.push(Reverse(Limit { level: water.queued, by: By::Link(*link) }));
        }
    }

    fn freeze(&mut self, id: FlowId, by: Option<LinkId>, table: &Table) {
        let flow = &table.flows[id];
        let level = self.level;
        let growth = &mut self.flows[id];
        let rate = (growth.base + growth.speed * level).max(0.0).min(flow.cap);
        let (base, speed) = (growth.base, growth.speed);
        *growth = Growth { is_growing: false, rate, level, bound_by: by, ..*growth };
        for link in flow.path.links() {
            let water = &mut self.links[*link];
            water.room -= rate - base;
            water.speed -= speed;
            water.growing -= 1;
            water.top = level;
        }
        if let Some(group) = flow.group {
            self.groups[group].weight -= flow.weight;
            self.speed_up(group, table);
        }
    }

    /// The growing flows of a group take over the speed of one that was frozen.
    fn speed_up(&mut self, group: GroupId, table: &Table) {
        let weight = self.groups[group].weight;
        for id in &table.groups[group] {
            let growth = &mut self.flows[*id];
            if growth.choice != self.choice || !growth.is_growing {
                continue;
            }
            let flow = &table.flows[*id];
            let faster = flow.weight / weight;
            let (gain, shift) = (faster - growth.speed, (growth.speed - faster) * self.level);
            growth.speed = faster;
            growth.base += shift;
            for link in flow.path.links() {
                let water = &mut self.links[*link];
                water.room -= shift;
                water.speed += gain;
                if water.limit() < water.queued {
                    water.queued = water.limit();
                    self.next.push(Reverse(Limit { level: water.queued, by: By::Link(*link) }));
                }
            }
            if flow.cap < f64::INFINITY {
                growth.queued = growth.limit(flow.cap);
                self.next.push(Reverse(Limit { level: growth.queued, by: By::Cap(*id) }));
            }
        }
    }
}
