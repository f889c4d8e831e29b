//! Agents that the master has not met, or that say so (`spec/master.md` 3.1).

use super::super::books::{AgentBook, Doubts};
use super::super::operator::fits;
use super::super::registry::{RegistryOperation, Removal};
use super::super::{AgentState, HealthCommand, Master, Output};
use super::{HostBook, MACHINE_DOWN};
use crate::observe::Observation;
use crate::protocol::{HostId, MachineId, Registration, ToAgent};
use policy_api::{
    AgentId, Allocator, DenseId, Fact, HeldResources, Resources, Time, Unavailability,
};
use std::sync::Arc;

impl<A: Allocator> Master<A> {
    pub(super) fn register_agent(
        &mut self,
        now: Time,
        host: HostId,
        mut registration: Box<Registration>,
        out: &mut Vec<Output>,
    ) {
        if self.hosts[host].registering {
            return;
        }
        if self.is_machine_down(&registration) {
            out.push(Output::ToAgent { host, message: MACHINE_DOWN });
            return;
        }
        if let Some(agent) = self.hosts[host].agent
            && self.agents[agent].state == AgentState::Registered
        {
            if self.agents[agent].connected {
                out.push(Output::ToAgent { host, message: ToAgent::Registered { agent } });
                return;
            }
            // The agent of before will not come back from there.
            if !self.agents[agent].in_transition {
                let cause = Removal::Replaced;
                self.change_agent(now, RegistryOperation::Remove { agent, cause }, agent, out);
            }
        }
        let agent = self.registrar.registry.new_agent_id(host);
        self.hosts[host].registering = true;
        self.note_connection(agent, host);
        if agent.index() != host.index() {
            // Ids as Mesos writes them are not used twice either.
            let name = format!("{}+{}", registration.info.name, agent.index());
            registration.info.name = name.into();
        }
        self.change_registry(now, RegistryOperation::Admit { agent, host, registration }, out);
    }

    /// The registry has a new agent.
    pub(super) fn admitted(
        &mut self,
        now: Time,
        agent: AgentId,
        host: HostId,
        registration: Registration,
        out: &mut Vec<Output>,
    ) {
        let book = self.hosts.grow_to(host, HostBook::default);
        book.registering = false;
        self.counters.agent_registrations += 1;
        let exits = self.agents[agent].exits;
        self.add_agent(now, (agent, host), registration, &[], out);
        out.push(Output::ToAgent { host, message: ToAgent::Registered { agent } });
        self.disconnect_if_exited(now, (agent, host), exits, out);
    }

    /// An agent is there: with what it has, and what of that is in use.
    pub(super) fn add_agent(
        &mut self,
        now: Time,
        (agent, host): (AgentId, HostId),
        registration: Registration,
        used: &[HeldResources],
        out: &mut Vec<Output>,
    ) {
        let before = self.hosts.grow_to(host, HostBook::default).agent.replace(agent);
        let standing = self.registrar.registry.standing(agent);
        let machine = machine_of(&registration);
        let unavailability = self.unavailability_of(&machine);
        let Registration { info, total, .. } = registration;
        let held = used.iter().fold(Resources::EMPTY, |mut sum, held| {
            sum.add(&held.resources.non_shared());
            sum
        });
        self.allocator.apply(now, Fact::AddAgent { agent, info: &info, total: &total, used });
        out.push(Output::Observe(Observation::AgentRegistered {
            agent,
            host,
            total: total.scalar_quantities(),
        }));
        let book = self.agents.grow_to(agent, AgentBook::default);
        *book = AgentBook {
            state: AgentState::Registered,
            host: Some(host),
            machine,
            connected: true,
            registered_at: now,
            standing,
            doubts: Doubts {
                disputed: !total.contains(&held.non_revocable()),
                unconfirmed: false,
                ..std::mem::take(&mut book.doubts)
            },
            total,
            unavailability,
            ..AgentBook::default()
        };
        *self.infos.grow_to(agent, || None) = Some(info);
        if standing.deactivated {
            self.allocator.apply(now, Fact::DeactivateAgent { agent });
        }
        if unavailability.is_some() {
            self.allocator.apply(now, Fact::UpdateUnavailability { agent, unavailability });
        }
        self.touch(agent);
        out.push(Output::Health(HealthCommand::Start { agent, host }));
        // One that was let in since this one asked has had its place, and is not there any more, though
        // somebody answers its pings.
        if let Some(agent) = before.filter(|before| *before != agent)
            && self.agents[agent].state == AgentState::Registered
            && !self.agents[agent].in_transition
        {
            let cause = Removal::Replaced;
            self.change_agent(now, RegistryOperation::Remove { agent, cause }, agent, out);
        }
    }

    /// Whether an operator has taken the agent's machine down for maintenance.
    pub fn is_machine_down(&self, registration: &Registration) -> bool {
        let down = &self.registry().down;
        !down.is_empty() && down.iter().any(|it| fits(it, &machine_of(registration)))
    }

    pub(in crate::master) fn unavailability_of(
        &self,
        machine: &MachineId,
    ) -> Option<Unavailability> {
        let mut schedule = self.registry().schedule.iter();
        let window = schedule.find(|window| window.machines.iter().any(|it| fits(it, machine)));
        window.map(|window| window.unavailability)
    }
}

fn machine_of(registration: &Registration) -> MachineId {
    MachineId {
        hostname: Arc::clone(&registration.info.hostname),
        ip: Arc::clone(&registration.ip),
    }
}
