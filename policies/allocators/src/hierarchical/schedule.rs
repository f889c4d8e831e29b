//! When cycles run: batch ticks, triggers, pauses (`spec/allocator.md` 0.2, 2.3).

use super::bits::BitSet;
use super::filters::Expiry;
use policy_api::{AgentId, DenseId, Span, Time};

/// Time as the allocator sees it. Ticks fall on whole multiples of the interval. Those that could
/// decide nothing need not happen: they are counted when the next thing happens.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pub(super) interval: Span,
    /// The first tick that has neither run nor been counted.
    pub(super) next_tick: Time,
    pub(super) runs: u64,
    pub(super) paused: bool,
    /// The end of a recovery, whatever happens.
    pub(super) resume_at: Option<Time>,
    /// The number of agents that ends a recovery.
    pub(super) expected_agents: Option<usize>,
    /// When the waiting run was asked for.
    pub(super) pending: Option<Time>,
}

impl Schedule {
    pub(super) fn new(interval: Span) -> Self {
        let interval = interval.max(Span::from_nanos(1));
        Self {
            interval,
            next_tick: Time::ZERO + interval,
            runs: 0,
            paused: false,
            resume_at: None,
            expected_agents: None,
            pending: None,
        }
    }

    /// Counts the ticks before `now` that nobody needed.
    pub(super) fn settle(&mut self, now: Time) {
        if self.next_tick < now {
            let interval = self.interval.as_nanos();
            let ticks = now.since(self.next_tick).as_nanos().div_ceil(interval);
            let last = self.next_tick + self.interval * (ticks - 1);
            self.runs += self.unpaused_ticks(ticks, last);
            self.next_tick = last + self.interval;
        }
        self.resume_if_due(now);
    }

    pub(super) fn resume_if_due(&mut self, now: Time) {
        if self.resume_at.is_some_and(|at| at <= now) {
            self.resume_at = None;
            self.paused = false;
        }
    }

    /// How many of `ticks` ticks from the next one to `last` are not paused.
    fn unpaused_ticks(&self, ticks: u64, last: Time) -> u64 {
        if !self.paused {
            return ticks;
        }
        let Some(at) = self.resume_at.filter(|&at| at <= last) else { return 0 };
        let paused = at.since(self.next_tick).as_nanos().div_ceil(self.interval.as_nanos());
        ticks - paused.min(ticks)
    }

    /// How many ticks up to `now` have been left out so far.
    pub(super) fn uncounted(&self, now: Time, include_now: bool) -> u64 {
        let past = if include_now { self.next_tick <= now } else { self.next_tick < now };
        if !past {
            return 0;
        }
        let span = now.since(self.next_tick).as_nanos();
        let interval = self.interval.as_nanos();
        let ticks = if include_now { span / interval + 1 } else { span.div_ceil(interval) };
        self.unpaused_ticks(ticks, self.next_tick + self.interval * (ticks - 1))
    }

    /// The first tick from the next one on that is not paused; `None` if nothing ends the pause.
    pub(super) fn next_running_tick(&self) -> Option<Time> {
        if !self.paused {
            return Some(self.next_tick);
        }
        let at = self.resume_at?;
        let interval = self.interval.as_nanos();
        let ticks = at.since(self.next_tick).as_nanos().div_ceil(interval);
        Some(self.next_tick + self.interval * ticks)
    }

    /// The end of a filter made now.
    pub(super) fn expiry(&self, now: Time, refuse: Span) -> Expiry {
        let lifetime = refuse.max(self.interval);
        // A filter of one interval made right after a tick is younger than the next tick's timer,
        // which the tick made (5.3). The timer of the first tick is as old as the allocator.
        let after_tick = self.next_tick > now;
        Expiry::new(now + lifetime, lifetime == self.interval && after_tick)
    }
}

/// The agents that the next cycle may look at.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    all: bool,
    some: BitSet,
}

impl Candidates {
    pub(super) fn insert(&mut self, agent: AgentId) {
        if !self.all {
            self.some.insert(bit(agent));
        }
    }

    pub(super) fn insert_all(&mut self) {
        self.all = true;
    }

    pub(super) fn remove(&mut self, agent: AgentId) {
        self.some.remove(bit(agent));
    }

    pub(super) fn contains(&self, agent: AgentId) -> bool {
        self.all || self.some.contains(bit(agent))
    }

    pub(super) fn clear(&mut self) {
        self.all = false;
        if !self.some.is_empty() {
            self.some.clear();
        }
    }

    pub(super) fn is_all(&self) -> bool {
        self.all
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = AgentId> + '_ {
        self.some.iter().map(|bit| AgentId::from_index(bit as usize))
    }
}

pub(super) fn bit(agent: AgentId) -> u32 {
    u32::try_from(agent.index()).expect("ids are u32")
}
