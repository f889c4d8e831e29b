//! Facts about agents (`spec/allocator.md` 6.7, 6.8).

use super::HierarchicalAllocator;
use super::agents::Agent;
use super::frameworks::Subscription;
use policy_api::{AgentId, AgentInfo, HeldResources, Resources, Time};
use std::sync::Arc;

impl HierarchicalAllocator {
    pub(super) fn add_agent(
        &mut self,
        now: Time,
        agent: AgentId,
        info: &AgentInfo,
        total: &Resources,
        used: &[HeldResources],
    ) {
        if self.agents.get(agent).is_some() {
            return;
        }
        let mut row = Agent::new(info, total);
        row.is_remote = self.is_remote(info);
        row.whitelisted = self.is_whitelisted(&info.hostname);
        self.agents.insert(agent, row);
        self.follow_total(agent, &policy_api::Quantities::ZERO);
        for (role, resources) in self.hold_used(agent, used) {
            self.use_resources(agent, role, &resources);
        }
        self.agents.row_mut(agent).recompute();
        self.wake(agent);

        let schedule = &mut self.schedule;
        if schedule.paused
            && schedule.expected_agents.is_some_and(|expected| self.agents.len() >= expected)
        {
            schedule.expected_agents = None;
            schedule.paused = false;
        }
        self.trigger(now, agent);
    }

    /// Books what is in use when an agent or a provider joins. What frameworks use that are not
    /// known yet counts when they are added. Returns what counts at once, with its role.
    fn hold_used(&mut self, agent: AgentId, used: &[HeldResources]) -> Vec<(u32, Resources)> {
        let mut subscriptions: Vec<(u32, Resources)> = Vec::new();
        for held in used {
            let Some(role) = self.roles.by_id(held.role) else { continue };
            if held.resources.is_empty() {
                continue;
            }
            let subscription = self.frameworks.subscribe(held.framework, role);
            let row = self.agents.row_mut(agent);
            if row.hold(subscription, &held.resources) {
                self.frameworks.subscription_mut(subscription).holdings += 1;
            }
            match subscriptions.iter_mut().find(|(other, _)| *other == subscription) {
                Some((_, sum)) => sum.add(&held.resources),
                None => subscriptions.push((subscription, held.resources.clone())),
            }
        }
        // One allocation for each framework and role, however many entries there were.
        let mut counted = Vec::new();
        for (subscription, resources) in subscriptions {
            let &Subscription { framework, role, .. } = self.frameworks.subscription(subscription);
            if self.frameworks.is_known(framework) {
                self.track(agent, subscription, &resources);
                counted.push((role, resources));
            }
        }
        counted
    }

    fn is_remote(&self, info: &AgentInfo) -> bool {
        info.region.is_some() && info.region != self.options.region
    }

    fn is_whitelisted(&self, hostname: &Arc<str>) -> bool {
        self.whitelist.as_ref().is_none_or(|hostnames| hostnames.binary_search(hostname).is_ok())
    }

    pub(super) fn remove_agent(&mut self, agent: AgentId) {
        let Some(row) = self.agents.get_mut(agent) else { return };
        let holdings = std::mem::take(&mut row.holdings);
        let before = row.total.scalar_quantities();
        row.total = Resources::EMPTY;
        let frameworks = &mut self.frameworks;
        row.filters.clear(|subscription| frameworks.subscription_mut(subscription).filters -= 1);
        for holding in holdings {
            let row = self.frameworks.subscription(holding.subscription);
            if self.frameworks.is_known(row.framework) {
                self.untrack(agent, holding.subscription, &holding.resources, true);
            } else {
                let row = self.frameworks.subscription_mut(holding.subscription);
                row.holdings = row.holdings.saturating_sub(1);
            }
        }
        self.forget_use(agent);
        self.follow_total(agent, &before);
        self.agents.remove(agent);
        self.candidates.remove(agent);
        self.under_maintenance.retain(|&other| other != agent);
        self.wake.forget(agent);
    }

    pub(super) fn set_agent_active(&mut self, agent: AgentId, active: bool) {
        if let Some(row) = self.agents.get_mut(agent) {
            row.activated = active;
            self.wake.wake(agent);
        }
    }

    pub(super) fn update_agent(
        &mut self,
        now: Time,
        agent: AgentId,
        info: &AgentInfo,
        total: Option<&Resources>,
    ) {
        let Some(row) = self.agents.get_mut(agent) else { return };
        let mut updated = *row.info != *info;
        if !same_attributes(&row.info, info) {
            updated = true;
            let frameworks = &mut self.frameworks;
            row.filters
                .clear(|subscription| frameworks.subscription_mut(subscription).filters -= 1);
            if let Some(maintenance) = &mut row.maintenance {
                maintenance.clear_filters();
            }
        } else if updated {
            // The order of attributes makes no difference.
            let mut reordered = info.clone();
            reordered.attributes.clone_from(&row.info.attributes);
            reordered.other_attributes.clone_from(&row.info.other_attributes);
            updated = *row.info != reordered;
        }
        let changed = total.filter(|total| **total != row.total);
        if let Some(total) = changed {
            let before = row.total.scalar_quantities();
            row.total = total.clone();
            row.recompute();
            self.follow_total(agent, &before);
        }
        let (is_remote, whitelisted) = (self.is_remote(info), self.is_whitelisted(&info.hostname));
        let row = self.agents.row_mut(agent);
        (*row.info).clone_from(info);
        row.capabilities = info.capabilities;
        row.is_remote = is_remote;
        row.whitelisted = whitelisted;
        if updated || changed.is_some() {
            self.wake(agent);
            self.trigger(now, agent);
        }
    }

    pub(super) fn add_resource_provider(
        &mut self,
        agent: AgentId,
        total: &Resources,
        used: &[HeldResources],
    ) {
        let Some(row) = self.agents.get_mut(agent) else { return };
        let before = row.total.scalar_quantities();
        row.total.add(total);
        self.follow_total(agent, &before);
        // Unlike with a new agent, what unknown frameworks use is ignored.
        let known: Vec<HeldResources> =
            used.iter().filter(|held| self.frameworks.is_known(held.framework)).cloned().collect();
        // Nor does Mesos count it as consumed.
        self.hold_used(agent, &known);
        self.agents.row_mut(agent).recompute();
        self.wake(agent);
    }

    pub(super) fn update_whitelist(&mut self, hostnames: Option<&[Arc<str>]>) {
        self.whitelist = hostnames.map(|hostnames| {
            let mut sorted = hostnames.to_vec();
            sorted.sort_unstable();
            sorted
        });
        let whitelist = &self.whitelist;
        for (_, row) in self.agents.iter_mut() {
            row.whitelisted = whitelist
                .as_ref()
                .is_none_or(|hostnames| hostnames.binary_search(&row.info.hostname).is_ok());
        }
        self.wake_all();
    }
}

/// Whether two agents have the same attributes, in any order.
fn same_attributes(left: &AgentInfo, right: &AgentInfo) -> bool {
    let sorted = |info: &AgentInfo| {
        let mut all = (info.attributes.clone(), info.other_attributes.clone());
        all.0.sort_unstable();
        all.1.sort_unstable();
        all
    };
    sorted(left) == sorted(right)
}
