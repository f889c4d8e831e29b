//! The run over time, in intervals of equal length.
//!
//! Amounts are averaged over each interval (integrals divided by its length), so nothing that
//! happens between two rows is missed. Where no interval is given, rows are merged in pairs
//! whenever there are too many: the end of a run need not be known for the timeline to stay short.

use policy_api::{Amount, IdVec, Quantities, RoleId, Scalar, Span, Time};
use sim_core::{OfferEnd, TaskRecord};

pub(crate) struct Timeline {
    interval: Span,
    /// How many rows make pairs merge.
    most_rows: usize,
    now: Time,
    state: State,
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
    tasks: TaskCounts,
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
    tasks: TaskCounts,
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
            RoleRow { share: std::mem::take(&mut role.integral), tasks: role.tasks }
        });
        let mut row = std::mem::take(&mut self.current);
        row.roles = roles.collect();
        row.end = now;
        row.tasks = self.state.tasks;
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

    pub(super) fn agent_registered(&mut self, total: &Quantities) {
        self.state.total += *total;
        let (now, total) = (self.now, self.state.total);
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

    pub(super) fn tasks_arrived(&mut self, role: RoleId, tasks: u64) {
        self.state.tasks.pending += tasks;
        self.roles[role].tasks.pending += tasks;
    }

    pub(super) fn task_launched(&mut self, role: RoleId, resources: &Quantities) {
        self.state.allocated += *resources;
        self.roles[role].change(self.now, &self.state.total, *resources);
        for tasks in [&mut self.state.tasks, &mut self.roles[role].tasks] {
            tasks.pending -= 1;
            tasks.staging += 1;
        }
    }

    pub(super) fn task_started(&mut self, role: RoleId) {
        for tasks in [&mut self.state.tasks, &mut self.roles[role].tasks] {
            tasks.staging -= 1;
            tasks.running += 1;
        }
    }

    pub(super) fn task_released(&mut self, role: RoleId, resources: &Quantities) {
        let negative = Quantities::ZERO.difference(resources);
        self.state.allocated += negative;
        self.roles[role].change(self.now, &self.state.total, negative);
    }

    /// A framework heard of the end of a task that it had launched.
    pub(super) fn task_ended(&mut self, role: RoleId, record: &TaskRecord) {
        use sim_core::protocol::TaskState;
        if record.state == TaskState::Finished {
            self.current.tasks_finished += 1;
        }
        let refused =
            matches!(record.state, TaskState::Lost | TaskState::Dropped | TaskState::Error);
        for tasks in [&mut self.state.tasks, &mut self.roles[role].tasks] {
            if !refused {
                tasks.running -= 1;
            } else if record.state == TaskState::Error {
                // Never launched: it was still counted as waiting.
                tasks.pending -= 1;
            }
        }
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
        self.roles[role].tasks
    }

    pub(crate) const fn total(&self) -> &Quantities {
        &self.state.total
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
