//! The run over time, in intervals of equal length.
//!
//! Amounts are averaged over each interval (integrals divided by its length), so nothing that
//! happens between two rows is missed. Where no interval is given, rows are merged in pairs
//! whenever there are too many: the end of a run need not be known for the timeline to stay short.

use policy_api::{AgentId, Amount, IdVec, Quantities, RoleId, Scalar, Span, Time};
use sim_core::protocol::TaskState;
use sim_core::{OfferEnd, TaskRecord};

pub(crate) struct Timeline {
    interval: Span,
    /// How many rows make pairs merge.
    most_rows: usize,
    now: Time,
    state: State,
    /// What each registered agent has, what it oversubscribes included.
    agents: IdVec<AgentId, Option<Quantities>>,
    oversubscribed: IdVec<AgentId, Quantities>,
    /// The most that there was of each resource at once.
    most: Quantities,
    registered: u64,
    roles: IdVec<RoleId, RoleState>,
    current: Row,
    pub(crate) rows: Vec<Row>,
}

/// The cluster at this moment.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    total: Quantities,
    allocated: Quantities,
    offered: Quantities,
    tasks: Tasks,
}

/// Tasks as they are counted: each count has one source, so that none can go below zero.
#[derive(Clone, Copy, Debug, Default)]
struct Tasks {
    /// Wanted, and not done.
    open: u64,
    /// In the master's books, and not over.
    booked: u64,
    /// As their frameworks know.
    running: u64,
}

impl Tasks {
    /// A task is over for the master before its framework hears of it.
    const fn counts(&self) -> TaskCounts {
        let launched = if self.booked > self.running { self.booked } else { self.running };
        TaskCounts {
            pending: self.open.saturating_sub(launched),
            staging: launched - self.running,
            running: self.running,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TaskCounts {
    pub(crate) pending: u64,
    /// Accepted, and not yet known to run.
    pub(crate) staging: u64,
    pub(crate) running: u64,
}

#[derive(Clone, Debug, Default)]
struct RoleState {
    allocated: Quantities,
    share: f64,
    /// Until when the share is in the integral.
    integrated: Time,
    /// Of the share over the current row, in nanoseconds.
    integral: f64,
    tasks: Tasks,
}

/// One interval.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) end: Time,
    pub(crate) length: Span,
    /// Integrals over the interval: thousandths times nanoseconds.
    total: [f64; Scalar::COUNT],
    allocated: [f64; Scalar::COUNT],
    offered: [f64; Scalar::COUNT],
    pub(crate) offers_made: u64,
    pub(crate) offers_accepted: u64,
    pub(crate) offers_declined: u64,
    pub(crate) offers_rescinded: u64,
    pub(crate) tasks_finished: u64,
    /// At the end of the interval.
    pub(crate) tasks: TaskCounts,
    roles: Vec<RoleRow>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoleRow {
    /// Integral of the dominant share, in nanoseconds.
    share: f64,
    /// At the end of the interval.
    pub(crate) tasks: TaskCounts,
}

/// The first interval where none is given.
const SHORTEST: Span = Span::from_millis(100);
/// Rows that make pairs merge where no interval is given, and where one is: then so many that
/// only a mistake reaches them.
const MOST_ROWS: usize = 1_000;
const MOST_ROWS_ASKED_FOR: usize = 1_000_000;

impl Timeline {
    pub(super) fn new(roles: usize, interval: Option<Span>) -> Self {
        Self {
            interval: interval.unwrap_or(SHORTEST),
            most_rows: if interval.is_none() { MOST_ROWS } else { MOST_ROWS_ASKED_FOR },
            now: Time::ZERO,
            state: State::default(),
            agents: IdVec::new(),
            oversubscribed: IdVec::new(),
            most: Quantities::ZERO,
            registered: 0,
            roles: (0..roles).map(|_| RoleState::default()).collect(),
            current: Row::default(),
            rows: Vec::new(),
        }
    }

    /// Moves to `now`, closing the intervals that end on the way.
    pub(super) fn advance(&mut self, now: Time) {
        while now > self.now {
            let end = self.current.end_of(self.interval);
            let until = now.min(end);
            self.integrate(until);
            if until == end {
                self.close();
            }
        }
    }

    pub(super) fn finish(&mut self, now: Time) {
        self.advance(now);
        if !self.current.length.is_zero() || self.rows.is_empty() {
            self.close();
        }
    }

    fn integrate(&mut self, until: Time) {
        let length = until.since(self.now).as_nanos() as f64;
        let State { total, allocated, offered, .. } = &self.state;
        let row = &mut self.current;
        for scalar in 0..Scalar::COUNT {
            row.total[scalar] += total.amounts()[scalar] as f64 * length;
            row.allocated[scalar] += allocated.amounts()[scalar] as f64 * length;
            row.offered[scalar] += offered.amounts()[scalar] as f64 * length;
        }
        row.length = row.length + until.since(self.now);
        self.now = until;
    }

    fn close(&mut self) {
        let now = self.now;
        let roles = self.roles.iter_mut().map(|role| {
            role.integrate(now);
            RoleRow { share: std::mem::take(&mut role.integral), tasks: role.tasks.counts() }
        });
        let mut row = std::mem::take(&mut self.current);
        row.roles = roles.collect();
        row.end = now;
        row.tasks = self.state.tasks.counts();
        self.rows.push(row);
        self.current.end = now;
        if self.rows.len() == self.most_rows {
            self.interval = self.interval * 2;
            let rows = std::mem::take(&mut self.rows);
            let mut rows = rows.into_iter();
            while let Some(mut first) = rows.next() {
                if let Some(second) = rows.next() {
                    first.merge(second);
                }
                self.rows.push(first);
            }
        }
    }

    /// An agent is there, or there again.
    pub(super) fn agent_registered(&mut self, agent: AgentId, total: &Quantities) {
        let before = self.agents.grow_to(agent, || None).replace(*total);
        *self.oversubscribed.grow_to(agent, Quantities::default) = Quantities::ZERO;
        self.registered += u64::from(before.is_none());
        let added = total.difference(&before.unwrap_or_default());
        self.change_total(&added);
    }

    /// An agent can give out so much more than it has.
    pub(super) fn agent_oversubscribes(&mut self, agent: AgentId, total: &Quantities) {
        let Some(known) = self.agents.get_mut(agent).and_then(Option::as_mut) else { return };
        let before = self.oversubscribed.grow_to(agent, Quantities::default);
        let added = total.difference(&std::mem::replace(before, *total));
        *known += added;
        self.change_total(&added);
    }

    /// Agents that are registered.
    pub(super) const fn agents(&self) -> u64 {
        self.registered
    }

    /// An agent has left the master's books; the resources of its tasks are released one by one.
    pub(super) fn agent_lost(&mut self, agent: AgentId) {
        if let Some(total) = self.agents.get_mut(agent).and_then(Option::take) {
            self.registered -= 1;
            self.change_total(&Quantities::ZERO.difference(&total));
        }
    }

    /// The master is gone with its books. Agents and what runs on them come back one by one.
    pub(super) fn master_failed(&mut self) {
        let State { total, allocated, offered, tasks } = &mut self.state;
        [*total, *allocated, *offered] = [Quantities::ZERO; 3];
        tasks.booked = 0;
        self.agents = IdVec::new();
        self.oversubscribed = IdVec::new();
        self.registered = 0;
        let now = self.now;
        for role in &mut self.roles {
            let allocated = Quantities::ZERO.difference(&role.allocated);
            role.change(now, &Quantities::ZERO, allocated);
            role.tasks.booked = 0;
        }
    }

    fn change_total(&mut self, added: &Quantities) {
        self.state.total += *added;
        let (now, total) = (self.now, self.state.total);
        for scalar in Scalar::ALL {
            self.most = self.most.with(scalar, self.most[scalar].max(total[scalar]));
        }
        for role in &mut self.roles {
            role.change(now, &total, Quantities::ZERO);
        }
    }

    pub(super) fn offers_sent(&mut self, offers: u32, resources: &Quantities) {
        self.current.offers_made += u64::from(offers);
        self.state.offered += *resources;
    }

    pub(super) fn offers_ended(&mut self, end: OfferEnd, offers: u32, resources: &Quantities) {
        let row = &mut self.current;
        *match end {
            OfferEnd::Accepted => &mut row.offers_accepted,
            OfferEnd::Declined => &mut row.offers_declined,
            OfferEnd::Rescinded | OfferEnd::TimedOut | OfferEnd::Discarded => {
                &mut row.offers_rescinded
            }
        } += u64::from(offers);
        self.state.offered = self.state.offered.difference(resources);
    }

    /// So many tasks more are wanted.
    pub(super) fn tasks_wanted(&mut self, role: RoleId, tasks: u64) {
        self.change_tasks(role, |counts| counts.open += tasks);
    }

    /// So many tasks are done, or wanted no more.
    pub(super) fn tasks_done(&mut self, role: RoleId, tasks: u64) {
        self.change_tasks(role, |counts| counts.open = counts.open.saturating_sub(tasks));
    }

    /// The master has a task in its books.
    pub(super) fn task_launched(&mut self, role: RoleId, resources: &Quantities) {
        self.state.allocated += *resources;
        self.roles[role].change(self.now, &self.state.total, *resources);
        self.change_tasks(role, |counts| counts.booked += 1);
    }

    pub(super) fn task_released(&mut self, role: RoleId, resources: &Quantities) {
        let negative = Quantities::ZERO.difference(resources);
        self.state.allocated += negative;
        self.roles[role].change(self.now, &self.state.total, negative);
        self.change_tasks(role, |counts| counts.booked = counts.booked.saturating_sub(1));
    }

    pub(super) fn task_started(&mut self, role: RoleId) {
        self.change_tasks(role, |counts| counts.running += 1);
    }

    /// A framework heard of the end of a task.
    pub(super) fn task_ended(&mut self, role: RoleId, record: &TaskRecord) {
        if record.state == TaskState::Finished {
            self.current.tasks_finished += 1;
        }
        if record.ran {
            self.change_tasks(role, |counts| counts.running = counts.running.saturating_sub(1));
        }
    }

    fn change_tasks(&mut self, role: RoleId, change: impl Fn(&mut Tasks)) {
        change(&mut self.state.tasks);
        change(&mut self.roles[role].tasks);
    }

    /// The share of a resource that was in use, over all rows; `None` where there is none of it.
    pub(crate) fn utilisation(&self, scalar: Scalar) -> Option<f64> {
        let sum = |of: fn(&Row) -> &[f64; Scalar::COUNT]| -> f64 {
            self.rows.iter().map(|row| of(row)[scalar as usize]).sum()
        };
        let total = sum(|row| &row.total);
        (total > 0.0).then(|| sum(|row| &row.allocated) / total)
    }

    /// A role's dominant share, averaged over all rows.
    pub(crate) fn mean_share(&self, role: usize) -> f64 {
        let length: f64 = self.rows.iter().map(|row| row.length.as_nanos() as f64).sum();
        let share: f64 = self.rows.iter().map(|row| row.roles[role].share).sum();
        if length > 0.0 { share / length } else { 0.0 }
    }

    /// A role's tasks at this moment.
    pub(crate) fn tasks_of(&self, role: RoleId) -> TaskCounts {
        self.roles[role].tasks.counts()
    }

    /// The most that there was of each resource at once.
    pub(crate) const fn most(&self) -> &Quantities {
        &self.most
    }
}

impl RoleState {
    fn integrate(&mut self, now: Time) {
        self.integral += self.share * now.since(self.integrated).as_nanos() as f64;
        self.integrated = now;
    }

    fn change(&mut self, now: Time, total: &Quantities, added: Quantities) {
        self.integrate(now);
        self.allocated += added;
        self.share = dominant_share(&self.allocated, total);
    }
}

fn dominant_share(allocated: &Quantities, total: &Quantities) -> f64 {
    let share = |(allocated, total): (&Amount, &Amount)| {
        if *total > 0 { *allocated as f64 / *total as f64 } else { 0.0 }
    };
    allocated.amounts().iter().zip(total.amounts()).map(share).fold(0.0, f64::max)
}

impl Row {
    /// The end of the interval that this row is filling.
    fn end_of(&self, interval: Span) -> Time {
        self.end + interval
    }

    fn merge(&mut self, later: Self) {
        self.end = later.end;
        self.length = self.length + later.length;
        for (own, other) in [
            (&mut self.total, later.total),
            (&mut self.allocated, later.allocated),
            (&mut self.offered, later.offered),
        ] {
            for (own, other) in own.iter_mut().zip(other) {
                *own += other;
            }
        }
        self.offers_made += later.offers_made;
        self.offers_accepted += later.offers_accepted;
        self.offers_declined += later.offers_declined;
        self.offers_rescinded += later.offers_rescinded;
        self.tasks_finished += later.tasks_finished;
        self.tasks = later.tasks;
        for (own, other) in self.roles.iter_mut().zip(later.roles) {
            own.share += other.share;
            own.tasks = other.tasks;
        }
    }

    fn average(&self, integral: f64) -> f64 {
        let length = self.length.as_nanos() as f64;
        if length > 0.0 { integral / length } else { 0.0 }
    }

    /// Averages over the interval, in units of the resource: total, allocated, offered.
    pub(crate) fn resource(&self, scalar: Scalar) -> [f64; 3] {
        [self.total, self.allocated, self.offered]
            .map(|integrals| self.average(integrals[scalar as usize]) / 1000.0)
    }

    /// A role's dominant share, averaged over the interval, and its tasks at the end of it.
    pub(crate) fn role(&self, role: usize) -> (f64, TaskCounts) {
        (self.average(self.roles[role].share), self.roles[role].tasks)
    }
}
