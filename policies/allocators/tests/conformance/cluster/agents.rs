//! What happens to agents.

use super::Cluster;
use super::newcomers::{NewAgent, agent};
use super::resources::{Amounts, limits, quantities};
use policy_api::{
    AgentCapabilities, AgentInfo, DenseId, Fact, HeldResources, InverseOfferStatus, Quota,
    Resources, RoleId, Span, Time, Unavailability,
};
use std::sync::Arc;

impl Cluster {
    pub(crate) fn add_agent(&mut self, name: &'static str, total: impl Amounts) {
        self.join(agent(name, total));
    }

    pub(crate) fn join(&mut self, new: NewAgent) {
        let agent = self.agent(new.name);
        let mut used = Vec::new();
        for (holder, resources) in new.used {
            let (framework, role) = self.holder(holder);
            self.held.entry((framework, role, agent)).or_default().add(&resources);
            used.push(HeldResources { framework, role, resources });
        }
        let (info, total) = &mut self.agents[agent.index()];
        info.capabilities = new.capabilities;
        *total = new.total.clone();
        let info = info.clone();
        // Mesos is told of both by one call.
        self.in_one_batch(|cluster| {
            cluster.tell(Fact::AddAgent { agent, info: &info, total: &new.total, used: &used });
            if new.unavailable_from.is_some() {
                cluster.update_unavailability(new.name, new.unavailable_from);
            }
        });
    }

    pub(crate) fn remove_agent(&mut self, name: &str) {
        let agent = self.agent(name);
        self.held.retain(|key, _| key.2 != agent);
        self.tell(Fact::RemoveAgent { agent });
    }

    pub(crate) fn activate_agent(&mut self, name: &str) {
        let agent = self.agent(name);
        self.tell(Fact::ActivateAgent { agent });
    }

    pub(crate) fn deactivate_agent(&mut self, name: &str) {
        let agent = self.agent(name);
        self.tell(Fact::DeactivateAgent { agent });
    }

    pub(crate) fn update_agent_total(&mut self, name: &str, total: impl Amounts) {
        let agent = self.agent(name);
        let (info, known) = &mut self.agents[agent.index()];
        *known = total.resources(known);
        let (info, total) = (info.clone(), known.clone());
        self.tell(Fact::UpdateAgent { agent, info: &info, total: Some(&total) });
    }

    pub(crate) fn update_agent_attributes(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let attributes = attributes.iter().map(|&(name, text)| (name.into(), text.into()));
        self.update_agent_info(name, |info| info.attributes = attributes.collect());
    }

    pub(crate) fn update_agent_capabilities(&mut self, name: &str, all: AgentCapabilities) {
        self.update_agent_info(name, |info| info.capabilities = all);
    }

    fn update_agent_info(&mut self, name: &str, change: impl FnOnce(&mut AgentInfo)) {
        let agent = self.agent(name);
        let info = &mut self.agents[agent.index()].0;
        change(info);
        let info = info.clone();
        self.tell(Fact::UpdateAgent { agent, info: &info, total: None });
    }

    pub(crate) fn add_resource_provider(
        &mut self,
        name: &str,
        total: impl Amounts,
        holder: &str,
        used: impl Amounts,
    ) {
        let (agent, (framework, role)) = (self.agent(name), self.holder(holder));
        let (total, used) = (total.resources(&Resources::EMPTY), used.resources(&Resources::EMPTY));
        self.held.entry((framework, role, agent)).or_default().add(&used);
        let used = [HeldResources { framework, role, resources: used }];
        self.tell(Fact::AddResourceProvider { agent, total: &total, used: &used });
    }

    pub(crate) fn update_whitelist(&mut self, hostnames: &[&str]) {
        let hostnames: Vec<Arc<str>> = hostnames.iter().map(|&name| name.into()).collect();
        self.tell(Fact::UpdateWhitelist { hostnames: Some(&hostnames) });
    }

    pub(crate) fn update_unavailability(&mut self, name: &str, start: Option<Time>) {
        let agent = self.agent(name);
        let unavailability = start.map(|start| Unavailability { start, duration: None });
        self.tell(Fact::UpdateUnavailability { agent, unavailability });
    }

    pub(crate) fn unavailability(&mut self, name: &str) -> Option<Unavailability> {
        let agent = self.agent(name);
        self.allocator.unavailability(agent)
    }

    pub(crate) fn answer_inverse_offer(
        &mut self,
        framework: &str,
        agent: &str,
        status: Option<InverseOfferStatus>,
        refuse: Option<Span>,
    ) {
        let (framework, agent) = (self.framework(framework), self.agent(agent));
        self.tell(Fact::UpdateInverseOffer { agent, framework, status, refuse });
    }

    /// `quotas`: role, and what is both guarantee and limit.
    pub(crate) fn recover_master(&mut self, expected_agents: u32, quotas: &[(&str, &str)]) {
        let quotas: Vec<(RoleId, Quota)> = quotas
            .iter()
            .map(|&(role, text)| {
                let limits = policy_api::Limits(limits(text));
                (self.role(role), Quota { guarantees: quantities(text), limits })
            })
            .collect();
        self.tell(Fact::Recover { expected_agents, quotas: &quotas });
    }
}
