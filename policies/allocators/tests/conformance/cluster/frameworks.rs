//! What happens to frameworks and roles.

use super::Cluster;
use super::newcomers::{NewFramework, framework};
use super::resources::{limits, quantities};
use policy_api::{
    AgentId, DenseId, Fact, FrameworkId, FrameworkInfo, Quantities, Resources, RoleId,
};

impl Cluster {
    pub(crate) fn add_framework(&mut self, name: &'static str, role: &'static str) {
        self.subscribe(framework(name, role));
    }

    pub(crate) fn subscribe(&mut self, mut new: NewFramework) {
        let (framework, active) = (self.framework(new.name), new.active);
        let used: Vec<(AgentId, RoleId, Resources)> = std::mem::take(&mut new.used)
            .into_iter()
            .map(|(agent, role, resources)| (self.agent(agent), self.role(role), resources))
            .collect();
        let info = self.announce(framework, new);
        self.tell(Fact::AddFramework { framework, info: &info, active, used: &used });
    }

    /// Its roles, capabilities and minima become those given.
    pub(crate) fn update_framework(&mut self, new: NewFramework) {
        let framework = self.framework(new.name);
        let info = self.announce(framework, new);
        self.tell(Fact::UpdateFramework { framework, info: &info });
    }

    fn announce(&mut self, framework: FrameworkId, new: NewFramework) -> FrameworkInfo {
        let roles = self.role_ids(&new.roles);
        let min_allocatable = new.min_allocatable.map_or_else(Vec::new, |minimum| {
            roles.iter().map(|&role| (role, minimum.clone())).collect()
        });
        let info = FrameworkInfo {
            name: new.name.into(),
            roles,
            capabilities: new.capabilities,
            min_allocatable,
            ..FrameworkInfo::default()
        };
        self.frameworks[framework.index()] = info.clone();
        info
    }

    pub(crate) fn remove_framework(&mut self, name: &str) {
        let framework = self.framework(name);
        self.held.retain(|key, _| key.0 != framework);
        self.tell(Fact::RemoveFramework { framework });
    }

    pub(crate) fn activate_framework(&mut self, name: &str) {
        let framework = self.framework(name);
        self.tell(Fact::ActivateFramework { framework });
    }

    pub(crate) fn deactivate_framework(&mut self, name: &str) {
        let framework = self.framework(name);
        self.tell(Fact::DeactivateFramework { framework });
    }

    /// No roles: all of them.
    pub(crate) fn suppress_offers(&mut self, framework: &str, roles: &[&str]) {
        let (framework, roles) = (self.framework(framework), self.role_ids(roles));
        self.tell(Fact::Suppress { framework, roles: &roles });
    }

    /// No roles: all of them.
    pub(crate) fn revive_offers(&mut self, framework: &str, roles: &[&str]) {
        let (framework, roles) = (self.framework(framework), self.role_ids(roles));
        self.tell(Fact::Revive { framework, roles: &roles });
    }

    /// Guarantees and limits alike.
    pub(crate) fn quota(&mut self, role: &str, amounts: &str) {
        self.quota_of(role, amounts, amounts);
    }

    /// `-`: none.
    pub(crate) fn quota_of(&mut self, role: &str, guarantees: &str, limit: &str) {
        let guarantees = if guarantees == "-" { Quantities::ZERO } else { quantities(guarantees) };
        let role = self.role(role);
        self.tell(Fact::SetQuota { role, guarantees, limits: limits(limit) });
    }

    pub(crate) fn weight(&mut self, role: &str, weight: f64) {
        let role = self.role(role);
        self.tell(Fact::SetWeight { role, weight });
    }
}
