//! Maintenance schedules and inverse offers (`spec/allocator.md` section 7).

use super::HierarchicalAllocator;
use policy_api::{AgentId, Decision, FrameworkId, InverseOfferStatus, Span, Time, Unavailability};

/// What is known of an agent under maintenance.
#[derive(Clone, Debug)]
pub(super) struct Maintenance {
    pub(super) unavailability: Unavailability,
    /// The frameworks' last answers.
    pub(super) statuses: Vec<(FrameworkId, InverseOfferStatus)>,
    /// Frameworks that have not answered yet.
    outstanding: Vec<FrameworkId>,
    /// Frameworks that want no inverse offer before a time.
    filters: Vec<(FrameworkId, Time)>,
}

impl Maintenance {
    fn new(unavailability: Unavailability) -> Self {
        Self { unavailability, statuses: Vec::new(), outstanding: Vec::new(), filters: Vec::new() }
    }

    pub(super) fn forget_filters(&mut self, framework: FrameworkId) {
        self.filters.retain(|&(other, _)| other != framework);
    }

    pub(super) fn clear_filters(&mut self) {
        self.filters.clear();
    }
}

impl HierarchicalAllocator {
    pub(super) fn update_unavailability(
        &mut self,
        now: Time,
        agent: AgentId,
        unavailability: Option<Unavailability>,
    ) {
        let Some(row) = self.agents.get_mut(agent) else { return };
        row.maintenance = unavailability.map(|schedule| Box::new(Maintenance::new(schedule)));
        self.under_maintenance.retain(|&other| other != agent);
        if unavailability.is_some() {
            let position = self.under_maintenance.partition_point(|&other| other < agent);
            self.under_maintenance.insert(position, agent);
        }
        self.wake(agent);
        self.trigger(now, agent);
    }

    pub(super) fn update_inverse_offer(
        &mut self,
        now: Time,
        agent: AgentId,
        framework: FrameworkId,
        status: Option<InverseOfferStatus>,
        refuse: Option<Span>,
    ) {
        let row = self.agents.get_mut(agent).and_then(|row| row.maintenance.as_mut());
        let Some(maintenance) = row else { return };
        let outstanding = &mut maintenance.outstanding;
        if let Some(position) = outstanding.iter().position(|&other| other == framework) {
            outstanding.swap_remove(position);
            if let Some(status) = status {
                maintenance.statuses.retain(|&(other, _)| other != framework);
                maintenance.statuses.push((framework, status));
            }
        }
        if let Some(span) = refuse.filter(|span| !span.is_zero()) {
            maintenance.filters.push((framework, now + span));
        }
    }

    /// The last answers of frameworks about an agent under maintenance.
    pub fn inverse_offer_statuses(&self, agent: AgentId) -> &[(FrameworkId, InverseOfferStatus)] {
        let row = self.agents.get(agent).and_then(|row| row.maintenance.as_ref());
        row.map_or(&[], |maintenance| &maintenance.statuses)
    }

    /// The maintenance schedule of an agent.
    pub fn unavailability(&self, agent: AgentId) -> Option<Unavailability> {
        Some(self.agents.get(agent)?.maintenance.as_ref()?.unavailability)
    }

    /// Asks all that hold something on a candidate agent under maintenance to give it back, even
    /// where the agent is deactivated or not on the whitelist.
    pub(super) fn make_inverse_offers(&mut self, now: Time, decisions: &mut Vec<Decision>) {
        let Self { agents, frameworks, under_maintenance, candidates, .. } = self;
        for &agent in under_maintenance.iter().filter(|&&agent| candidates.contains(agent)) {
            let Some(row) = agents.get_mut(agent) else { continue };
            let Some(maintenance) = &mut row.maintenance else { continue };
            maintenance.filters.retain(|&(_, until)| until > now);
            for holding in &row.holdings {
                let framework = frameworks.subscription(holding.subscription).framework;
                let wants = frameworks.is_active(framework)
                    && !maintenance.outstanding.contains(&framework)
                    && maintenance.filters.iter().all(|&(other, _)| other != framework);
                if wants {
                    maintenance.outstanding.push(framework);
                    decisions.push(Decision::InverseOffer { framework, agent });
                }
            }
        }
    }
}
