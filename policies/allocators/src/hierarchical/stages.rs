//! The two passes over the agents: guarantees, then fair shares.

use super::HierarchicalAllocator;
use super::accounts::Charge;
use super::agents::Agent;
use super::bits::is_set;
use super::cycle::Cycle;
use super::offer::{is_under_quota, strip};
use policy_api::{
    AgentId, AllocationStage, Cursor, Decision, Limits, Quantities, Resources, Sorter,
};

impl HierarchicalAllocator {
    /// Stage 1: what guarantees still need, and all that may ride along (2.5).
    pub(super) fn serve_guarantees(
        &mut self,
        agent: AgentId,
        cycle: &mut Cycle,
        decisions: &mut Vec<Decision>,
    ) {
        let row = self.agents.row(agent);
        if self.is_too_little_for_all(&row.available) {
            return;
        }
        row.filters.refusing_into(&row.available, &mut cycle.refusing);
        self.role_sorter.refresh(&self.pool);
        cycle.roles.restart();
        while let Some(role) = {
            let unsatisfied = &cycle.unsatisfied;
            self.role_sorter.next(&mut cycle.roles, |role| !unsatisfied.contains(role))
        } {
            if self.agents.row(agent).available.is_empty() {
                break;
            }
            self.serve_guarantee(agent, role, cycle, decisions);
        }
    }

    fn serve_guarantee(
        &mut self,
        agent: AgentId,
        role: u32,
        cycle: &mut Cycle,
        decisions: &mut Vec<Decision>,
    ) {
        let Self { roles, pool, .. } = self;
        roles.get_mut(role).sorter.refresh(pool);
        cycle.frameworks.restart();
        let quota = self.roles.get(role).quota;
        while let Some(subscription) =
            self.next_framework(role, &mut cycle.frameworks, &cycle.refusing)
        {
            let consumed = self.roles.get(role).consumed;
            let missing = quota.guarantees.saturating_sub(&consumed);
            if missing.is_zero() || self.is_too_little_for_role(agent, role) {
                break;
            }
            let Some(available) = self.usable(agent, subscription) else { continue };
            let under_quota = available.filter(true, is_under_quota);
            let order = &mut self.chop_order;
            let granted =
                under_quota.shrink_to_quantities(&missing, |objects| order.arrange(objects));
            if granted.is_empty() {
                continue;
            }
            let granted_amounts = Charge::alone(&granted).unreserved;
            let mut extra = under_quota;
            extra.subtract(&granted);
            if !quota.limits.is_empty() {
                let used = consumed + granted_amounts;
                let left = quota.limits.saturating_sub(&used);
                extra = extra.shrink_to_limits(&left, |objects| order.arrange(objects));
            }
            self.keep_headroom(&mut extra, cycle);
            let path = &self.roles.get(role).path;
            let mut offer = granted;
            offer.add(&available.filter(false, |resource| {
                resource.is_reserved_to(path) || resource.revocable || resource.scalar().is_none()
            }));
            let extra_amounts = Charge::alone(&extra).unreserved;
            offer.add(&extra);
            let row = self.agents.row(agent);
            let to = self.frameworks.subscription(subscription);
            if !self.is_allocatable(&offer, to) || self.is_filtered(row, subscription, to, &offer) {
                continue;
            }
            let stage = AllocationStage::Guarantees;
            self.hand_out(agent, subscription, offer, stage, decisions);
            let handed = granted_amounts + extra_amounts;
            self.roles.get_mut(role).consumed += handed;
            cycle.required = cycle.required.saturating_sub(&granted_amounts);
            cycle.headroom = cycle.headroom.saturating_sub(&handed);
        }
        if self.is_exhausted(role) {
            cycle.exhausted.insert(role);
        }
        let node = self.roles.get(role);
        if node.quota.guarantees.saturating_sub(&node.consumed).is_zero() {
            cycle.unsatisfied.remove(role);
        }
    }

    /// Stage 2: everything that is left, to whom has the least (2.7).
    pub(super) fn serve_fairly(
        &mut self,
        agent: AgentId,
        cycle: &mut Cycle,
        decisions: &mut Vec<Decision>,
    ) {
        // Unless something below says otherwise, a second look would find nothing new.
        self.wake.sleep(agent);
        let row = self.agents.row(agent);
        if self.is_too_little_for_all(&row.available) {
            return;
        }
        let before = decisions.len();
        cycle.held_back = false;
        row.filters.refusing_into(&row.available, &mut cycle.refusing);
        self.role_sorter.refresh(&self.pool);
        cycle.roles.restart();
        while let Some(role) = {
            // Of plain resources nothing can be offered to a role without limits left. Passing over
            // all such roles here is what keeps thousands of roles with quota cheap.
            let skips = self.agents.row(agent).available.is_plain();
            let Cycle { roles, exhausted, held_back, .. } = &mut *cycle;
            self.role_sorter.next(roles, |role| {
                let skip = skips && exhausted.contains(role);
                *held_back |= skip;
                skip
            })
        } {
            if self.agents.row(agent).available.is_empty() {
                break;
            }
            self.serve_role(agent, role, cycle, decisions);
        }
        if cycle.held_back {
            self.wake.watch(agent);
        }
        // A shared volume stays available to everybody, whoever holds it.
        if decisions.len() > before && self.agents.row(agent).has_shared() {
            self.wake.wake(agent);
        }
    }

    fn serve_role(
        &mut self,
        agent: AgentId,
        role: u32,
        cycle: &mut Cycle,
        decisions: &mut Vec<Decision>,
    ) {
        let Self { roles, pool, .. } = self;
        roles.get_mut(role).sorter.refresh(pool);
        cycle.frameworks.restart();
        let (limits, counts) = {
            let quota = &self.roles.get(role).quota;
            (quota.limits, !quota.is_default())
        };
        while let Some(subscription) =
            self.next_framework(role, &mut cycle.frameworks, &cycle.refusing)
        {
            if self.is_too_little_for_role(agent, role) {
                return;
            }
            let Some(available) = self.usable(agent, subscription) else { continue };
            let (offer, extra) = self.fair_offer(role, available, &limits, cycle);
            let row = self.agents.row(agent);
            let to = self.frameworks.subscription(subscription);
            if !self.is_allocatable(&offer, to) || self.is_filtered(row, subscription, to, &offer) {
                continue;
            }
            self.hand_out(agent, subscription, offer, AllocationStage::FairShare, decisions);
            if cycle.has_quota {
                if counts {
                    self.roles.get_mut(role).consumed += extra;
                    if self.is_exhausted(role) {
                        cycle.exhausted.insert(role);
                    }
                }
                cycle.headroom = cycle.headroom.saturating_sub(&extra);
            }
        }
    }

    /// What quota allows of the resources, and how much of that quota counts.
    fn fair_offer(
        &mut self,
        role: u32,
        available: Resources,
        limits: &Limits,
        cycle: &mut Cycle,
    ) -> (Resources, Quantities) {
        if !cycle.has_quota {
            return (available, Quantities::ZERO);
        }
        let under_quota = available.filter(true, is_under_quota);
        let whole = under_quota.clone();
        let mut extra = under_quota;
        if !limits.is_empty() {
            let left = limits.saturating_sub(&self.roles.get(role).consumed);
            let order = &mut self.chop_order;
            extra = extra.shrink_to_limits(&left, |objects| order.arrange(objects));
        }
        self.keep_headroom(&mut extra, cycle);
        let amounts = Charge::alone(&extra).unreserved;
        if amounts != Charge::alone(&whole).unreserved || extra != whole {
            cycle.held_back = true;
        }
        let mut offer = available.filter(false, |resource| !is_under_quota(resource));
        offer.add(&extra);
        (offer, amounts)
    }

    /// Cuts down to what unsatisfied guarantees leave.
    fn keep_headroom(&mut self, extra: &mut Resources, cycle: &Cycle) {
        if !cycle.required.is_zero() && !extra.is_empty() {
            let surplus = cycle.headroom.saturating_sub(&cycle.required);
            let order = &mut self.chop_order;
            *extra = extra.shrink_to_quantities(&surplus, |objects| order.arrange(objects));
        }
    }

    /// The next framework of a role in order that has not refused all there is.
    fn next_framework(&self, role: u32, cursor: &mut Cursor, refusing: &[u64]) -> Option<u32> {
        self.roles.get(role).sorter.next(cursor, |subscription| is_set(refusing, subscription))
    }

    /// Whether no framework of the role could be offered anything of what is left. What stays of an
    /// agent with shared volumes when all else is gone would otherwise be held out to each of them.
    fn is_too_little_for_role(&self, agent: AgentId, role: u32) -> bool {
        let available = &self.agents.row(agent).available;
        if available.is_plain() {
            return available.is_empty();
        }
        self.is_too_little_for_all(&available.allocatable_to(&self.roles.get(role).path))
    }

    /// What the framework could be offered of the agent, but for quota and filters.
    fn usable(&self, agent: AgentId, subscription: u32) -> Option<Resources> {
        let row: &Agent = self.agents.row(agent);
        let to = self.frameworks.subscription(subscription);
        if to.constraints.as_ref().is_some_and(|it| it.exclude(&row.info))
            || self.is_withheld(row, to)
        {
            return None;
        }
        let available = row.available.allocatable_to(&self.roles.get(to.role).path);
        self.is_allocatable(&available, to).then(|| strip(available, to))
    }

    /// Hands resources out: the books change at once, the orders at the next visit (2.6).
    fn hand_out(
        &mut self,
        agent: AgentId,
        subscription: u32,
        offer: Resources,
        stage: AllocationStage,
        decisions: &mut Vec<Decision>,
    ) {
        let row = self.agents.row_mut(agent);
        let to = self.frameworks.subscription_mut(subscription);
        if row.hold(subscription, &offer) {
            to.holdings += 1;
        }
        row.take(&offer);
        let framework = to.framework;
        let role = self.roles.get(to.role).id.expect("frameworks subscribe to roles by id");
        self.track(agent, subscription, &offer);
        decisions.push(Decision::Offer { framework, role, agent, resources: offer, stage });
    }
}
