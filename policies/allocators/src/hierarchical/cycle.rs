//! One allocation cycle (`spec/allocator.md` sections 2.3 to 2.7 and Appendix C).

use super::bits::BitSet;
use super::filters::Moment;
use super::{AgentOrder, HierarchicalAllocator};
use policy_api::{AgentId, Cursor, Decision, Quantities, Sorter, Time};
use rand::seq::SliceRandom;

/// What a cycle keeps while it runs; kept between cycles only to allocate nothing in a warm one.
#[derive(Clone, Debug, Default)]
pub(super) struct Cycle {
    pub(super) visits: Vec<AgentId>,
    /// Subscriptions that refuse all that is free on the agent being visited.
    pub(super) refusing: Vec<u64>,
    pub(super) roles: Cursor,
    pub(super) frameworks: Cursor,
    /// Whether any role has a quota.
    pub(super) has_quota: bool,
    /// What unsatisfied guarantees still need, over all roles.
    pub(super) required: Quantities,
    /// What is free in the cluster for those.
    pub(super) headroom: Quantities,
    /// Roles with frameworks whose guarantee is not met.
    pub(super) unsatisfied: BitSet,
    /// Roles whose limits leave less than the least that is offered.
    pub(super) exhausted: BitSet,
    /// Whether quota kept something from being handed out at the current visit.
    pub(super) held_back: bool,
}

impl HierarchicalAllocator {
    /// Runs what is due now: a batch tick, or the run that a fact asked for.
    pub(super) fn run(&mut self, now: Time, decisions: &mut Vec<Decision>) {
        let is_tick = self.schedule.next_tick <= now;
        let asked_for = self.schedule.pending.take();
        if is_tick {
            self.schedule.next_tick += self.schedule.interval;
        }
        if !(is_tick || asked_for.is_some()) || self.schedule.paused {
            return;
        }
        self.schedule.runs += 1;
        self.latency_timer.record(now, now.since(asked_for.unwrap_or(now)));
        let moment = if is_tick {
            self.candidates.insert_all();
            Moment::Tick(now)
        } else {
            Moment::After(now)
        };
        self.expire_filters(moment);
        self.wake.wake_watched();
        self.collect_visits();
        if self.has_eligible_candidate() {
            // Mesos sorts whenever there is an agent to look at, which fixes the weights of new
            // inner nodes (3.1.2), even where nothing can be handed out.
            self.role_sorter.refresh(&self.pool);
        }
        self.prepare_quota();
        let mut cycle = std::mem::take(&mut self.cycle);
        if !cycle.unsatisfied.is_empty() {
            self.shuffle(&mut cycle.visits);
            for index in 0..cycle.visits.len() {
                if cycle.unsatisfied.is_empty() {
                    break;
                }
                let agent = cycle.visits[index];
                self.serve_guarantees(agent, &mut cycle, decisions);
            }
        }
        self.shuffle(&mut cycle.visits);
        for index in 0..cycle.visits.len() {
            self.touch_ahead(&cycle.visits, index);
            let agent = cycle.visits[index];
            self.serve_fairly(agent, &mut cycle, decisions);
        }
        self.cycle = cycle;
        self.make_inverse_offers(now, decisions);
        self.candidates.clear();
    }

    /// Drops filters that have ended, where that could matter, and wakes their agents.
    fn expire_filters(&mut self, moment: Moment) {
        while let Some((expiry, agent)) = self.wake.pop_end(|end| moment.has_passed(end)) {
            let Some(row) = self.agents.get_mut(agent) else { continue };
            if row.filters.next_expiry() != expiry {
                continue;
            }
            let mut any = false;
            let frameworks = &mut self.frameworks;
            row.filters.expire(moment, |subscription| {
                any = true;
                let row = frameworks.subscription_mut(subscription);
                row.filters = row.filters.saturating_sub(1);
            });
            let next = row.filters.next_expiry();
            if next != super::filters::Expiry::NEVER {
                self.wake.note_end(agent, next);
            }
            if any {
                self.wake.wake(agent);
            }
        }
    }

    /// The candidates that are awake and may be offered, in order of names.
    fn collect_visits(&mut self) {
        let visits = &mut self.cycle.visits;
        visits.clear();
        let by_name = matches!(self.options.agent_order, AgentOrder::ById);
        let few = self.wake.awake_count() * 16 < self.agents.len();
        if by_name && !few {
            let awake = self.agents.by_name().iter().copied();
            visits.extend(awake.filter(|&agent| self.wake.is_awake(agent)));
        } else {
            visits.extend(self.wake.iter());
        }
        if !self.candidates.is_all() {
            visits.retain(|&agent| self.candidates.contains(agent));
        }
        let (agents, wake) = (&self.agents, &mut self.wake);
        visits.retain(|&agent| {
            let eligible = agents.row(agent).is_eligible();
            if !eligible {
                // It is woken when it becomes eligible.
                wake.sleep(agent);
            }
            eligible
        });
        if by_name && few {
            visits.sort_unstable_by(|&left, &right| {
                let name = |agent| &agents.row(agent).info.name;
                name(left).cmp(name(right)).then_with(|| left.cmp(&right))
            });
        }
    }

    fn has_eligible_candidate(&self) -> bool {
        if !self.cycle.visits.is_empty() {
            return true;
        }
        let is_eligible =
            |agent: AgentId| self.agents.get(agent).is_some_and(super::agents::Agent::is_eligible);
        if self.candidates.is_all() {
            self.agents.by_name().iter().any(|&agent| is_eligible(agent))
        } else {
            self.candidates.iter().any(is_eligible)
        }
    }

    /// At the start of each block of visits, reads the rows of the block. In a random order nearly
    /// every line is a cache miss; read before anything depends on them, the misses overlap.
    fn touch_ahead(&self, visits: &[AgentId], index: usize) {
        const BLOCK: usize = 32;
        if index.is_multiple_of(BLOCK) {
            let block = &visits[index..visits.len().min(index + BLOCK)];
            let touched = block.iter().fold(0, |all, &agent| all ^ self.agents.row(agent).touch());
            std::hint::black_box(touched);
        }
    }

    fn shuffle(&mut self, visits: &mut [AgentId]) {
        match &mut self.options.agent_order {
            AgentOrder::Random(generator) => visits.shuffle(generator),
            AgentOrder::ById => {}
        }
    }

    /// Whether the role's limits leave too little for any offer of what quota decides about.
    pub(super) fn is_exhausted(&self, role: u32) -> bool {
        if self.minima.is_empty() || self.frameworks.own_minima > 0 {
            return false;
        }
        let node = self.roles.get(role);
        let left = node.quota.limits.saturating_sub(&node.consumed);
        self.minima.scalars().all(|least| left.cap(least) != *least)
    }

    fn note_if_exhausted(&mut self, role: u32) {
        if self.is_exhausted(role) {
            self.cycle.exhausted.insert(role);
        }
    }

    /// Charges, headroom and unsatisfied guarantees at the start of the cycle (2.4).
    fn prepare_quota(&mut self) {
        let has_quota = !self.roles.with_quota().is_empty();
        let required = if has_quota { self.required_headroom() } else { Quantities::ZERO };
        // Nothing is cut down to headroom where nothing is required.
        let headroom =
            if required.is_zero() { Quantities::ZERO } else { self.available_headroom() };
        let Self { cycle, roles, .. } = self;
        cycle.has_quota = has_quota;
        cycle.required = required;
        cycle.headroom = headroom;
        cycle.unsatisfied.clear();
        cycle.exhausted.clear();
        for index in 0..roles.with_quota().len() {
            let role = roles.with_quota()[index];
            let node = roles.get_mut(role);
            if node.is_nested {
                continue;
            }
            node.consumed = node.charged();
            let missing = node.quota.guarantees.saturating_sub(&node.consumed);
            if !missing.is_zero() && node.tracked > 0 {
                cycle.unsatisfied.insert(role);
            }
        }
        for index in 0..self.roles.with_quota().len() {
            let role = self.roles.with_quota()[index];
            self.note_if_exhausted(role);
        }
    }
}
