//! Facts about frameworks (5.6, 6.3 to 6.6).

use super::{Framework, Reference};
use policy_api::{AgentId, FrameworkId, FrameworkInfo, Resources, RoleId};
use std::collections::{BTreeMap, BTreeSet};

impl Reference {
    pub(super) fn add_framework(
        &mut self,
        framework: FrameworkId,
        info: &FrameworkInfo,
        active: bool,
        used: &[(AgentId, RoleId, Resources)],
    ) {
        let suppressed = info.suppressed_roles.iter().copied().collect();
        self.frameworks.insert(framework, Framework { info: info.clone(), active, suppressed });
        for &role in &info.roles {
            self.track(framework, role);
        }
        let mut sums: BTreeMap<(AgentId, RoleId), Resources> = BTreeMap::new();
        for (agent, role, resources) in used {
            sums.entry((*agent, *role)).or_default().add(resources);
        }
        for ((agent, role), resources) in sums {
            if self.agents.contains_key(&agent) {
                // The agent's record has it already, from when the agent joined.
                self.track(framework, role);
                self.count_allocation(framework, role);
                self.use_resources(framework, role, agent, &resources);
            }
        }
        if active {
            self.trigger_all();
        }
    }

    pub(super) fn remove_framework(&mut self, framework: FrameworkId) {
        self.offer_filters.retain(|filter| filter.framework != framework);
        self.inverse_filters.retain(|filter| filter.framework != framework);
        if self.frameworks.remove(&framework).is_none() {
            return;
        }
        for agent in self.agents.values_mut() {
            agent.held.retain(|key, _| key.0 != framework);
        }
        let tracked = self.tracked.keys().filter(|key| key.1 == framework);
        for role in tracked.map(|key| key.0).collect::<Vec<RoleId>>() {
            self.untrack_if_idle(framework, role);
        }
    }

    pub(super) fn activate_framework(&mut self, framework: FrameworkId) {
        let Some(row) = self.frameworks.get_mut(&framework) else { return };
        row.active = true;
        self.trigger_all();
    }

    pub(super) fn deactivate_framework(&mut self, framework: FrameworkId) {
        let Some(row) = self.frameworks.get_mut(&framework) else { return };
        row.active = false;
        self.offer_filters.retain(|filter| filter.framework != framework);
        self.inverse_filters.retain(|filter| filter.framework != framework);
    }

    pub(super) fn update_framework(&mut self, framework: FrameworkId, info: &FrameworkInfo) {
        let Some(row) = self.frameworks.get_mut(&framework) else { return };
        let suppressed: BTreeSet<RoleId> = info.suppressed_roles.iter().copied().collect();
        let roles_before = std::mem::replace(&mut row.info, info.clone()).roles;
        let suppressed_before = std::mem::replace(&mut row.suppressed, suppressed.clone());
        let removed = |role: &RoleId| roles_before.contains(role) && !info.roles.contains(role);
        let revived =
            |role: &RoleId| suppressed_before.contains(role) && !suppressed.contains(role);
        self.offer_filters.retain(|filter| {
            filter.framework != framework || !(removed(&filter.role) || revived(&filter.role))
        });
        self.inverse_filters.retain(|filter| filter.framework != framework);
        for &role in &info.roles {
            self.track(framework, role);
        }
        for &role in &roles_before {
            self.untrack_if_idle(framework, role);
        }
    }

    pub(super) fn suppress(&mut self, framework: FrameworkId, roles: &[RoleId]) {
        let named = self.named_roles(framework, roles);
        if let Some(row) = self.frameworks.get_mut(&framework) {
            row.suppressed.extend(named);
        }
    }

    pub(super) fn revive(&mut self, framework: FrameworkId, roles: &[RoleId]) {
        let named = self.named_roles(framework, roles);
        let Some(row) = self.frameworks.get_mut(&framework) else { return };
        row.suppressed.retain(|role| !named.contains(role));
        self.offer_filters
            .retain(|filter| filter.framework != framework || !named.contains(&filter.role));
        self.inverse_filters.retain(|filter| filter.framework != framework);
        self.trigger_all();
    }

    /// All roles of the framework when none is named.
    fn named_roles(&self, framework: FrameworkId, roles: &[RoleId]) -> Vec<RoleId> {
        let Some(row) = self.frameworks.get(&framework) else { return Vec::new() };
        let mut named = row.info.roles.clone();
        named.retain(|role| roles.is_empty() || roles.contains(role));
        named
    }
}
