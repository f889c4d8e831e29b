//! Facts about resources that are held (`spec/allocator.md` 6.9 to 6.12).

use super::HierarchicalAllocator;
use super::accounts::Charge;
use super::agents::push_tight;
use policy_api::{AgentId, Conversion, FrameworkId, Quantities, Resources, RoleId, Span, Time};

/// Mesos's cap on refusals: 365 days.
const MAX_REFUSE: Span = Span::from_secs(31_536_000);

impl HierarchicalAllocator {
    #[expect(clippy::too_many_arguments, reason = "the fields of the fact")]
    pub(super) fn recover_resources(
        &mut self,
        now: Time,
        framework: FrameworkId,
        role: u32,
        agent: AgentId,
        resources: &Resources,
        refuse: Option<Span>,
        was_allocated: bool,
    ) {
        if was_allocated {
            self.stop_using(agent, role, resources);
        }
        if resources.is_empty() || !self.frameworks.is_known(framework) {
            return;
        }
        let Some(row) = self.agents.get_mut(agent) else { return };
        let Some(subscription) = self.frameworks.find(framework, role) else { return };
        // Mesos aborts when more is given back than was held; here it is ignored.
        if !row.holding(subscription).is_some_and(|held| held.contains(resources)) {
            return;
        }
        let gone = row.unhold(subscription, resources);
        row.give_back(resources);
        self.wake.wake(agent);
        self.untrack(agent, subscription, resources, gone);
        if let Some(refuse) = refuse.filter(|refuse| !refuse.is_zero()) {
            self.refuse(now, subscription, agent, resources, refuse.min(MAX_REFUSE));
        }
    }

    fn refuse(
        &mut self,
        now: Time,
        subscription: u32,
        agent: AgentId,
        refused: &Resources,
        refuse: Span,
    ) {
        let expiry = self.schedule.expiry(now, refuse);
        let filters = &mut self.agents.row_mut(agent).filters;
        let before = filters.next_expiry();
        filters.refuse(subscription, refused, expiry);
        if filters.next_expiry() != before {
            self.wake.note_end(agent, expiry);
        }
        self.frameworks.subscription_mut(subscription).filters += 1;
    }

    /// Counts resources as in use: a metric only.
    pub(super) fn use_resources(&mut self, agent: AgentId, role: u32, resources: &Resources) {
        let Some(row) = self.agents.get_mut(agent) else { return };
        match row.in_use.iter_mut().find(|(user, _)| *user == role) {
            Some((_, in_use)) => in_use.add(resources),
            None => push_tight(&mut row.in_use, (role, resources.clone())),
        }
        let amounts = Charge::alone(resources).unreserved;
        self.roles.up(role, |node| node.used_unreserved += amounts);
    }

    /// The reverse. What was never counted is ignored.
    fn stop_using(&mut self, agent: AgentId, role: u32, resources: &Resources) {
        let Some(row) = self.agents.get_mut(agent) else { return };
        let Some((_, in_use)) = row.in_use.iter_mut().find(|(user, _)| *user == role) else {
            return;
        };
        let before = Charge::alone(in_use).unreserved;
        in_use.subtract(resources);
        let stopped = before.difference(&Charge::alone(in_use).unreserved);
        self.untrack_use(role, &stopped);
    }

    /// All tasks of an agent are gone with it.
    pub(super) fn forget_use(&mut self, agent: AgentId) {
        for (role, in_use) in std::mem::take(&mut self.agents.row_mut(agent).in_use) {
            self.untrack_use(role, &Charge::alone(&in_use).unreserved);
        }
    }

    fn untrack_use(&mut self, role: u32, amounts: &Quantities) {
        self.roles.up(role, |node| {
            node.used_unreserved = node.used_unreserved.saturating_sub(amounts);
        });
    }

    pub(super) fn transition_to_allocated(
        &mut self,
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        resources: &Resources,
    ) {
        let Some(role) = self.roles.by_id(role) else { return };
        if self.frameworks.is_known(framework) {
            self.use_resources(agent, role, resources);
        }
    }

    pub(super) fn update_allocation(
        &mut self,
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        offered: &Resources,
        conversions: &[Conversion],
    ) {
        if !self.frameworks.is_known(framework) {
            return;
        }
        let Some(role) = self.roles.by_id(role) else { return };
        let Some(subscription) = self.frameworks.find(framework, role) else { return };
        let Some(row) = self.agents.get_mut(agent) else { return };
        if !row.holding(subscription).is_some_and(|held| held.contains(offered)) {
            return;
        }
        // Extra copies of shared resources consume nothing and are none of the agent's.
        let lasting: Vec<Conversion> =
            conversions.iter().filter(|it| !it.consumed.is_empty()).cloned().collect();
        let (Ok(updated), Ok(total)) = (offered.convert(conversions), row.total.convert(&lasting))
        else {
            return;
        };
        let before = row.total.scalar_quantities();
        // A disk may vanish, and with it all that was held.
        let gone = row.unhold(subscription, offered) && updated.is_empty();
        if !updated.is_empty() {
            row.hold(subscription, &updated);
        }
        row.convert(&updated, total);
        self.track_conversion(agent, subscription, offered, &updated);
        if gone {
            self.forget_holding(subscription);
        }
        self.follow_total(agent, &before);
        self.wake(agent);
    }

    pub(super) fn update_available(&mut self, agent: AgentId, conversions: &[Conversion]) {
        let Some(row) = self.agents.get_mut(agent) else { return };
        let (Ok(_), Ok(total)) =
            (row.available.convert(conversions), row.total.convert(conversions))
        else {
            return;
        };
        let before = row.total.scalar_quantities();
        row.total = total;
        row.recompute();
        self.follow_total(agent, &before);
        self.wake(agent);
    }
}
