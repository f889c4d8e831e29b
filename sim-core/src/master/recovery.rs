//! A new master: what it takes from the registry, and whom it waits for (`spec/master.md` section 9).

use super::books::AgentBook;
use super::{AgentState, Master, Output, Timer};
use crate::observe::Observation;
use policy_api::{AgentId, Allocator, Fact, Quota, RoleId, Time};

impl<A: Allocator> Master<A> {
    /// The registry is read: from now on messages are heard.
    pub(super) fn start(&mut self, now: Time, out: &mut Vec<Output>) {
        self.started = now;
        // Agents remember operations by their numbers: no master may use those of another.
        self.next_number = self.registrar.registry.begin_master() << 32;
        let registry = &self.registrar.registry;
        let agents: Vec<_> =
            registry.admitted.iter().map(|(agent, row)| (*agent, row.standing)).collect();
        let quotas: Vec<_> =
            registry.quotas.iter().map(|(role, quota)| (role.clone(), *quota)).collect();
        let weights: Vec<_> =
            registry.weights.iter().map(|(role, weight)| (role.clone(), *weight)).collect();
        for (agent, standing) in &agents {
            let book = self.agents.grow_to(*agent, AgentBook::default);
            book.state = AgentState::Recovered;
            book.standing = *standing;
        }
        self.recovered_agents = agents.len();
        let expected_agents = u32::try_from(agents.len()).unwrap_or(u32::MAX);
        let quotas: Vec<(RoleId, Quota)> =
            quotas.into_iter().map(|(role, quota)| (self.role_id(now, &role), quota)).collect();
        if !agents.is_empty() || !quotas.is_empty() {
            self.allocator.apply(now, Fact::Recover { expected_agents, quotas: &quotas });
        }
        for (role, weight) in weights {
            let role = self.role_id(now, &role);
            self.allocator.apply(now, Fact::SetWeight { role, weight });
        }
        if !agents.is_empty() {
            let at = now + self.options.agent_reregister_timeout;
            out.push(Output::Wake { at, timer: Timer::RecoveryTimeout });
            let agents = expected_agents;
            out.push(Output::Observe(Observation::MasterRecovered { agents }));
        }
        self.arm_garbage_collection(now, out);
    }

    /// Whether agents are still to come that the registry knows.
    pub(super) const fn waits_for_agents(&self) -> bool {
        self.recovered_agents > 0
    }

    /// An agent of the registry is there, or given up.
    pub(super) const fn forget_recovered(&mut self) {
        self.recovered_agents = self.recovered_agents.saturating_sub(1);
    }

    /// Agents that have not come back in time are unreachable, one by one, unless they are too many.
    pub(super) fn recovery_timeout(&mut self, now: Time, out: &mut Vec<Output>) {
        let missing: Vec<AgentId> = self
            .agents
            .enumerate()
            .filter(|(_, book)| book.state == AgentState::Recovered && !book.in_transition)
            .map(|(agent, _)| agent)
            .collect();
        let limit = self.registry().admitted.len()
            * usize::try_from(self.options.recovery_agent_removal_limit).unwrap_or(1000);
        if missing.len() * 1000 > limit {
            out.push(Output::Exit("Post-recovery agent removal limit exceeded"));
            return;
        }
        for agent in missing {
            self.counters.recovery_agent_removals += 1;
            let interval = self.options.agent_removal_interval;
            let at = interval.map_or(now, |interval| self.removals.acquire(now, interval));
            if at > now {
                let ticket = self.next_number();
                self.agents[agent].removal_ticket = Some(ticket);
                out.push(Output::Wake { at, timer: Timer::RemovalPermit { agent, ticket } });
            } else {
                self.mark_unreachable(now, agent, out);
            }
        }
    }
}
