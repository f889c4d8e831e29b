//! Facts about frameworks (`spec/allocator.md` 5.6, 6.3 to 6.6).

use super::HierarchicalAllocator;
use super::constraints::Constraints;
use super::minima::Minima;
use policy_api::{AgentId, FrameworkId, FrameworkInfo, Resources, RoleId, Sorter, Time};

impl HierarchicalAllocator {
    pub(super) fn add_framework(
        &mut self,
        now: Time,
        framework: FrameworkId,
        info: &FrameworkInfo,
        active: bool,
        used: &[(AgentId, RoleId, Resources)],
    ) {
        if self.frameworks.is_known(framework) {
            return;
        }
        self.frameworks.announce(framework, info);
        let row = self.frameworks.ensure(framework);
        row.known = true;
        row.active = active;
        for subscription in self.subscriptions_of(framework, &info.roles) {
            self.frameworks.subscription_mut(subscription).subscribed = true;
            self.track_framework(subscription);
            self.set_active_in_sorter(subscription, true);
        }
        self.suppress_exactly(framework, info);
        self.follow_details(framework, info);
        let mut merged: Vec<(AgentId, u32, Resources)> = Vec::new();
        for (agent, role, resources) in used {
            let Some(role) = self.roles.by_id(*role) else { continue };
            if self.agents.get(*agent).is_none() || resources.is_empty() {
                continue;
            }
            let subscription = self.frameworks.subscribe(framework, role);
            let same = merged.iter_mut().find(|it| (it.0, it.1) == (*agent, subscription));
            match same {
                Some((_, _, sum)) => sum.add(resources),
                None => merged.push((*agent, subscription, resources.clone())),
            }
        }
        for (agent, subscription, resources) in merged {
            // The agent's record has it already, from when the agent joined.
            if self.agents.row(agent).holding(subscription).is_some() {
                let role = self.frameworks.subscription(subscription).role;
                self.track(agent, subscription, &resources);
                self.use_resources(agent, role, &resources);
            }
        }
        self.wake_all();
        if active {
            self.trigger_all(now);
        } else {
            self.deactivate_framework(framework);
        }
    }

    fn subscriptions_of(&mut self, framework: FrameworkId, roles: &[RoleId]) -> Vec<u32> {
        let roles: Vec<u32> = roles.iter().filter_map(|&role| self.roles.by_id(role)).collect();
        roles.into_iter().map(|role| self.frameworks.subscribe(framework, role)).collect()
    }

    /// All roles that the framework is subscribed to, or those of `roles` that it is.
    fn named_subscriptions(&self, framework: FrameworkId, roles: &[RoleId]) -> Vec<u32> {
        let Some(row) = self.frameworks.get(framework).filter(|row| row.known) else {
            return Vec::new();
        };
        let subscribed =
            row.subscriptions.iter().filter(|it| self.frameworks.subscription(it.1).subscribed);
        if roles.is_empty() {
            return subscribed.map(|it| it.1).collect();
        }
        let named: Vec<u32> = roles.iter().filter_map(|&role| self.roles.by_id(role)).collect();
        subscribed.filter(|it| named.contains(&it.0)).map(|it| it.1).collect()
    }

    fn set_active_in_sorter(&mut self, subscription: u32, active: bool) {
        let row = self.frameworks.subscription(subscription);
        if let Some(slot) = row.slot {
            self.roles.get_mut(row.role).sorter.set_active(slot, active);
        }
    }

    /// Makes the suppressed roles those of the announcement. Roles that are so no longer lose their
    /// filters, but no cycle is triggered.
    fn suppress_exactly(&mut self, framework: FrameworkId, info: &FrameworkInfo) {
        let suppressed: Vec<u32> =
            info.suppressed_roles.iter().filter_map(|&role| self.roles.by_id(role)).collect();
        let active = self.frameworks.is_active(framework);
        for subscription in self.named_subscriptions(framework, &[]) {
            let row = self.frameworks.subscription_mut(subscription);
            let suppress = suppressed.contains(&row.role);
            if std::mem::replace(&mut row.suppressed, suppress) && !suppress {
                self.remove_filters(subscription);
            }
            self.set_active_in_sorter(subscription, active && !suppress);
        }
    }

    /// Minima and offer constraints.
    fn follow_details(&mut self, framework: FrameworkId, info: &FrameworkInfo) {
        let Some(row) = self.frameworks.get(framework) else { return };
        for (role, subscription) in row.subscriptions.clone() {
            let minima = info
                .min_allocatable
                .iter()
                .find(|(id, _)| self.roles.by_id(*id) == Some(role))
                .map(|(_, minima)| Minima::new(minima));
            self.frameworks.set_minima(subscription, minima);
            let constraints = info
                .offer_constraints
                .iter()
                .find(|constraints| self.roles.by_id(constraints.role) == Some(role))
                .map(Constraints::new);
            self.frameworks.subscription_mut(subscription).constraints = constraints;
        }
    }

    pub(super) fn remove_framework(&mut self, framework: FrameworkId) {
        let Some(row) = self.frameworks.get(framework).filter(|row| row.known) else { return };
        for (_, subscription) in row.subscriptions.clone() {
            if self.frameworks.subscription(subscription).holdings > 0 {
                self.free_holdings(subscription);
            }
            self.remove_filters(subscription);
            let row = self.frameworks.subscription_mut(subscription);
            row.subscribed = false;
            row.holdings = 0;
            self.untrack_framework_if_idle(subscription);
        }
        self.forget_inverse_filters(framework);
        self.frameworks.remove(framework);
    }

    /// Returns all that a subscription holds to the agents.
    fn free_holdings(&mut self, subscription: u32) {
        let holders: Vec<(AgentId, Resources)> = self
            .agents
            .iter()
            .filter_map(|(agent, row)| Some((agent, row.holding(subscription)?.clone())))
            .collect();
        for (agent, resources) in holders {
            let row = self.agents.row_mut(agent);
            row.unhold(subscription, &resources);
            row.holdings.retain(|holding| holding.subscription != subscription);
            row.give_back(&resources);
            self.untrack(agent, subscription, &resources, true);
            self.wake(agent);
        }
    }

    pub(super) fn activate_framework(&mut self, now: Time, framework: FrameworkId) {
        if !self.frameworks.is_known(framework) {
            return;
        }
        self.frameworks.ensure(framework).active = true;
        for subscription in self.named_subscriptions(framework, &[]) {
            let suppressed = self.frameworks.subscription(subscription).suppressed;
            self.set_active_in_sorter(subscription, !suppressed);
        }
        self.wake_all();
        self.trigger_all(now);
    }

    pub(super) fn deactivate_framework(&mut self, framework: FrameworkId) {
        let Some(row) = self.frameworks.get_mut(framework).filter(|row| row.known) else { return };
        row.active = false;
        for (_, subscription) in row.subscriptions.clone() {
            self.set_active_in_sorter(subscription, false);
            self.remove_filters(subscription);
        }
        self.forget_inverse_filters(framework);
    }

    pub(super) fn update_framework(&mut self, framework: FrameworkId, info: &FrameworkInfo) {
        if !self.frameworks.is_known(framework) {
            return;
        }
        self.frameworks.announce(framework, info);
        let before = self.named_subscriptions(framework, &[]);
        let wanted = self.subscriptions_of(framework, &info.roles);
        // Mesos adds before it removes, which the counts of inner roles show.
        for &subscription in &wanted {
            self.frameworks.subscription_mut(subscription).subscribed = true;
            self.track_framework(subscription);
        }
        for subscription in before {
            if !wanted.contains(&subscription) {
                self.set_active_in_sorter(subscription, false);
                self.remove_filters(subscription);
                let row = self.frameworks.subscription_mut(subscription);
                row.subscribed = false;
                row.suppressed = false;
                self.untrack_framework_if_idle(subscription);
            }
        }
        self.suppress_exactly(framework, info);
        self.follow_details(framework, info);
        self.forget_inverse_filters(framework);
        self.wake_all();
    }

    pub(super) fn suppress(&mut self, framework: FrameworkId, roles: &[RoleId]) {
        for subscription in self.named_subscriptions(framework, roles) {
            self.frameworks.subscription_mut(subscription).suppressed = true;
            self.set_active_in_sorter(subscription, false);
        }
    }

    pub(super) fn revive(&mut self, now: Time, framework: FrameworkId, roles: &[RoleId]) {
        if !self.frameworks.is_known(framework) {
            return;
        }
        let active = self.frameworks.is_active(framework);
        for subscription in self.named_subscriptions(framework, roles) {
            self.remove_filters(subscription);
            self.frameworks.subscription_mut(subscription).suppressed = false;
            self.set_active_in_sorter(subscription, active);
        }
        self.forget_inverse_filters(framework);
        self.wake_all();
        self.trigger_all(now);
    }

    fn remove_filters(&mut self, subscription: u32) {
        let row = self.frameworks.subscription_mut(subscription);
        let mut left = std::mem::take(&mut row.filters);
        if left == 0 {
            return;
        }
        for (_, agent) in self.agents.iter_mut() {
            left = left.saturating_sub(agent.filters.remove(subscription));
            if left == 0 {
                break;
            }
        }
        self.wake_all();
    }

    fn forget_inverse_filters(&mut self, framework: FrameworkId) {
        for &agent in &self.under_maintenance {
            let row = self.agents.get_mut(agent).and_then(|row| row.maintenance.as_mut());
            if let Some(maintenance) = row {
                maintenance.forget_filters(framework);
            }
        }
    }
}
