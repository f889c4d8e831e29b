//! What happens to what was offered.

use super::Cluster;
use super::resources::Amounts;
use policy_api::{
    AgentId, Allocator, Conversion, Fact, FrameworkId, Operation, Resources, RoleId, Span,
};

impl Cluster {
    /// `all`: all that the holder has on the agent.
    pub(crate) fn decline(
        &mut self,
        holder: &str,
        agent: &str,
        amounts: impl Amounts,
        refuse: Span,
    ) {
        self.give_back(holder, agent, amounts, Some(refuse));
    }

    /// `all`: all that the holder has on the agent.
    pub(crate) fn recover(&mut self, holder: &str, agent: &str, amounts: impl Amounts) {
        self.give_back(holder, agent, amounts, None);
    }

    fn give_back(
        &mut self,
        holder: &str,
        agent: &str,
        amounts: impl Amounts,
        refuse: Option<Span>,
    ) {
        let (agent, (framework, role)) = (self.agent(agent), self.holder(holder));
        let held = self.held.entry((framework, role, agent)).or_default();
        let resources = amounts.resources(held);
        assert!(!resources.is_empty() && held.contains(&resources), "{holder} holds only {held}");
        self.give_back_held((framework, role, agent), &resources, refuse);
    }

    /// All that anybody holds comes back.
    pub(crate) fn recover_everything(&mut self) {
        for (key, resources) in self.held.clone() {
            self.give_back_held(key, &resources, None);
        }
    }

    fn give_back_held(
        &mut self,
        key: (FrameworkId, RoleId, AgentId),
        resources: &Resources,
        refuse: Option<Span>,
    ) {
        self.held.entry(key).or_default().subtract(resources);
        let (framework, role, agent) = key;
        self.tell(Fact::RecoverResources {
            framework,
            role,
            agent,
            resources,
            refuse,
            was_allocated: false,
        });
    }

    /// An operation of a framework on what it holds; returns what that became.
    pub(crate) fn operate(
        &mut self,
        holder: &str,
        agent: &str,
        offered: impl Amounts,
        operation: &Operation,
    ) -> Resources {
        let conversions = operation.conversions().expect("written by hand");
        self.convert(holder, agent, offered, &conversions)
    }

    pub(crate) fn convert(
        &mut self,
        holder: &str,
        agent: &str,
        offered: impl Amounts,
        conversions: &[Conversion],
    ) -> Resources {
        let (agent, (framework, role)) = (self.agent(agent), self.holder(holder));
        let held = self.held.entry((framework, role, agent)).or_default();
        let offered = offered.resources(held);
        let updated = offered.convert(conversions).expect("written by hand");
        held.subtract(&offered);
        held.add(&updated);
        self.tell(Fact::UpdateAllocation {
            framework,
            role,
            agent,
            offered: &offered,
            conversions,
        });
        updated
    }

    /// An operator's operation; returns whether it succeeds.
    pub(crate) fn update_available(&mut self, agent: &str, operation: &Operation) -> bool {
        let agent = self.agent(agent);
        let conversions = operation.conversions().expect("written by hand");
        let succeeds = self.allocator.available_allows(agent, &conversions);
        self.tell(Fact::UpdateAvailable { agent, conversions: &conversions });
        succeeds
    }
}
