//! Facts about agents (6.7, 6.8) and their maintenance (7).

use super::{Agent, InverseFilter, Maintenance, Reference};
use policy_api::{
    AgentId, AgentInfo, FrameworkId, HeldResources, InverseOfferStatus, Resources, RoleId, Span,
    Time,
};
use std::collections::BTreeMap;

impl Reference {
    pub(super) fn add_agent(
        &mut self,
        agent: AgentId,
        info: &AgentInfo,
        total: &Resources,
        used: &[HeldResources],
    ) {
        let row = Agent {
            info: info.clone(),
            total: total.clone(),
            activated: true,
            held: BTreeMap::new(),
            in_use: BTreeMap::new(),
            maintenance: None,
        };
        self.agents.insert(agent, row);
        self.hold_used(agent, used);
        if self.paused && self.expected_agents.is_some_and(|expected| self.agents.len() >= expected)
        {
            self.expected_agents = None;
            self.paused = false;
        }
        self.trigger([agent]);
    }

    fn hold_used(&mut self, agent: AgentId, used: &[HeldResources]) {
        let mut sums: BTreeMap<(FrameworkId, RoleId), Resources> = BTreeMap::new();
        for HeldResources { framework, role, resources } in used {
            if resources.is_empty() {
                continue;
            }
            sums.entry((*framework, *role)).or_default().add(resources);
        }
        for ((framework, role), resources) in sums {
            self.hold((framework, role, agent), &resources);
            if self.frameworks.contains_key(&framework) {
                self.track(framework, role);
                self.count_allocation(framework, role);
                self.use_resources(framework, role, agent, &resources);
            }
        }
    }

    pub(super) fn remove_agent(&mut self, agent: AgentId) {
        self.offer_filters.retain(|filter| filter.agent != agent);
        self.inverse_filters.retain(|filter| filter.agent != agent);
        self.candidates.remove(&agent);
        let gone = self.agents.remove(&agent);
        for (framework, role) in gone.into_iter().flat_map(|row| row.held.into_keys()) {
            self.untrack_if_idle(framework, role);
        }
    }

    pub(super) fn set_agent_activated(&mut self, agent: AgentId, activated: bool) {
        if let Some(row) = self.agents.get_mut(&agent) {
            row.activated = activated;
        }
    }

    pub(super) fn update_agent(
        &mut self,
        agent: AgentId,
        info: &AgentInfo,
        total: Option<&Resources>,
    ) {
        let Some(row) = self.agents.get_mut(&agent) else { return };
        let before = std::mem::replace(&mut row.info, info.clone());
        let mut updated = without_attributes(&before) != without_attributes(info);
        if let Some(total) = total
            && row.total != *total
        {
            row.total = total.clone();
            updated = true;
        }
        if sorted_attributes(&before) != sorted_attributes(info) {
            self.offer_filters.retain(|filter| filter.agent != agent);
            self.inverse_filters.retain(|filter| filter.agent != agent);
            updated = true;
        }
        if updated {
            self.trigger([agent]);
        }
    }

    /// What frameworks use that are not known is ignored.
    pub(super) fn add_resource_provider(
        &mut self,
        agent: AgentId,
        total: &Resources,
        used: &[HeldResources],
    ) {
        let Some(row) = self.agents.get_mut(&agent) else { return };
        row.total.add(total);
        let known: Vec<HeldResources> =
            used.iter().filter(|it| self.frameworks.contains_key(&it.framework)).cloned().collect();
        let in_use = row.in_use.clone();
        self.hold_used(agent, &known);
        // It does not show in what is consumed.
        self.agents.get_mut(&agent).expect("just seen").in_use = in_use;
    }

    pub(super) fn update_unavailability(&mut self, agent: AgentId, scheduled: bool) {
        let Some(row) = self.agents.get_mut(&agent) else { return };
        row.maintenance = scheduled.then(Maintenance::default);
        self.inverse_filters.retain(|filter| filter.agent != agent);
        self.trigger([agent]);
    }

    pub(super) fn update_inverse_offer(
        &mut self,
        now: Time,
        agent: AgentId,
        framework: FrameworkId,
        status: Option<InverseOfferStatus>,
        refuse: Option<Span>,
    ) {
        let row = self.agents.get_mut(&agent).and_then(|row| row.maintenance.as_mut());
        let Some(maintenance) = row else { return };
        if maintenance.unanswered.remove(&framework)
            && let Some(status) = status
        {
            maintenance.answers.insert(framework, status);
        }
        if let Some(refuse) = refuse.filter(|refuse| !refuse.is_zero()) {
            self.inverse_filters.push(InverseFilter { framework, agent, end: now + refuse });
        }
    }
}

fn without_attributes(info: &AgentInfo) -> AgentInfo {
    AgentInfo { attributes: Vec::new(), other_attributes: Vec::new(), ..info.clone() }
}

/// Their order makes no difference.
fn sorted_attributes(info: &AgentInfo) -> AgentInfo {
    let mut sorted = AgentInfo {
        attributes: info.attributes.clone(),
        other_attributes: info.other_attributes.clone(),
        ..AgentInfo::default()
    };
    sorted.attributes.sort();
    sorted.other_attributes.sort();
    sorted
}
