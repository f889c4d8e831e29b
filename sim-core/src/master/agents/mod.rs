//! The life of agents (`spec/master.md` section 3): this file hears them, `registration.rs` lets them
//! in, `reregistration.rs` back in, `loss.rs` out.

mod loss;
mod registration;
mod reregistration;

pub(super) use loss::Loss;
pub(super) use reregistration::checkpointed;

use super::operator::respond;
use super::registry::{Drain, RegistryOperation, Removal};
use super::{AgentState, HealthCommand, Master, Output, Timer};
use crate::observe::{AgentChange, Observation};
use crate::protocol::{AgentUpdate, FromAgent, HostId, Reason, TaskState, ToAgent};
use policy_api::{AgentId, Allocator, Fact, FrameworkId, Resources, Time};

/// What the master knows of an address.
#[derive(Clone, Debug, Default)]
pub(super) struct HostBook {
    /// The agent that was registered from there last.
    agent: Option<AgentId>,
    /// Whether a registration is on its way to the registry.
    registering: bool,
    /// How often the connection from there broke.
    exits: u32,
}

impl<A: Allocator> Master<A> {
    pub(super) fn agent_message(
        &mut self,
        now: Time,
        host: HostId,
        message: FromAgent,
        out: &mut Vec<Output>,
    ) {
        self.hosts.grow_to(host, HostBook::default);
        match message {
            FromAgent::Register(registration) => {
                self.counters.register_agent += 1;
                self.register_agent(now, host, registration, out);
            }
            FromAgent::Reregister(message) => {
                self.counters.reregister_agent += 1;
                self.reregister_agent(now, host, message, out);
            }
            FromAgent::Unregister(agent) => {
                self.counters.unregister_agent += 1;
                if self.agent_state(agent) == AgentState::Registered {
                    let cause = Removal::Unregistered;
                    self.change_agent(now, RegistryOperation::Remove { agent, cause }, agent, out);
                }
            }
            FromAgent::StatusUpdate(update) => self.status_update(now, update, out),
            FromAgent::ExecutorExited { agent, framework, executor } => {
                self.counters.exited_executor += 1;
                self.executor_exited(now, agent, framework, executor, out);
            }
            FromAgent::Update { agent, update } => self.agent_update(now, agent, &update, out),
            FromAgent::OperationUpdate(report) => self.operation_update(now, &report, out),
        }
    }

    /// Where an agent stands: what the registry says of those that are not in memory.
    pub fn agent_state(&self, agent: AgentId) -> AgentState {
        let book = self.agents.get(agent).map_or(AgentState::Unknown, |book| book.state);
        match book {
            AgentState::Registered | AgentState::Recovered => book,
            AgentState::Unknown
            | AgentState::Unreachable
            | AgentState::Removed
            | AgentState::Gone => {
                let registry = self.registry();
                if registry.unreachable_since(agent).is_some() {
                    AgentState::Unreachable
                } else if registry.is_gone(agent) {
                    AgentState::Gone
                } else if book == AgentState::Removed {
                    AgentState::Removed
                } else {
                    AgentState::Unknown
                }
            }
        }
    }

    /// Hands a change of one agent to the registry; until it is there, no other may begin.
    pub(super) fn change_agent(
        &mut self,
        now: Time,
        operation: RegistryOperation,
        agent: AgentId,
        out: &mut Vec<Output>,
    ) {
        self.agents.grow_to(agent, Default::default).in_transition = true;
        self.change_registry(now, operation, out);
    }

    /// An agent has asked to be let in.
    fn note_connection(&mut self, agent: AgentId, host: HostId) {
        let exits = self.hosts[host].exits;
        self.agents.grow_to(agent, Default::default).exits = exits;
    }

    /// An agent is let in. The connection over which it asked may have broken meanwhile.
    fn disconnect_if_exited(
        &mut self,
        now: Time,
        (agent, host): (AgentId, HostId),
        exits: u32,
        out: &mut Vec<Output>,
    ) {
        if self.hosts[host].exits != exits {
            self.disconnect_agent(now, agent, out);
        }
    }

    pub(super) fn change_registry(
        &mut self,
        now: Time,
        operation: RegistryOperation,
        out: &mut Vec<Output>,
    ) {
        if let Some(operation) = self.registrar.submit(now, operation, out) {
            self.committed(now, operation, out);
        }
    }

    /// The registry has an operation: memory and messages follow.
    pub(super) fn committed(
        &mut self,
        now: Time,
        operation: RegistryOperation,
        out: &mut Vec<Output>,
    ) {
        match operation {
            RegistryOperation::Admit { agent, host, registration } => {
                self.admitted(now, agent, host, *registration, out);
            }
            RegistryOperation::MarkReachable { host, message } => {
                self.readmitted(now, host, *message, out);
            }
            RegistryOperation::MarkUnreachable { agent, since } => {
                self.agents[agent].in_transition = false;
                self.lose_agent(now, agent, Loss::Unreachable(since), out);
            }
            RegistryOperation::MarkGone { agent, request, .. } => {
                self.agents.grow_to(agent, Default::default).in_transition = false;
                self.send(agent, ToAgent::Shutdown { message: GONE, gone: true }, out);
                self.lose_agent(now, agent, Loss::Gone, out);
                respond(request, "MARK_AGENT_GONE", crate::protocol::Response::OK, out);
            }
            RegistryOperation::Remove { agent, cause } => {
                self.agents[agent].in_transition = false;
                if cause == Removal::MachineDown {
                    self.send(agent, MACHINE_DOWN, out);
                }
                self.lose_agent(now, agent, Loss::Removed(cause), out);
            }
            RegistryOperation::Prune(agents) => self.forget_unreachable_tasks(&agents),
            RegistryOperation::UpdateStanding { agent, standing, request } => {
                self.standing_updated(now, agent, standing, request, out);
            }
            RegistryOperation::UpdateQuotas { quotas, rescind, request } => {
                self.quotas_updated(now, &quotas, rescind, request, out);
            }
            RegistryOperation::UpdateWeights { weights, request } => {
                self.weights_updated(now, &weights, request, out);
            }
            RegistryOperation::UpdateSchedule { request, .. } => {
                self.schedule_updated(now, request, out);
            }
            RegistryOperation::StartMaintenance { machines, request } => {
                self.maintenance_started(now, &machines, request, out);
            }
            RegistryOperation::StopMaintenance { machines, request } => {
                self.maintenance_stopped(&machines, request, out);
            }
        }
    }

    /// The connection to the process at this address broke.
    pub(super) fn agent_exited(&mut self, now: Time, host: HostId, out: &mut Vec<Output>) {
        let Some(book) = self.hosts.get_mut(host) else { return };
        book.exits += 1;
        if let Some(agent) = book.agent.filter(|agent| self.agents[*agent].connected) {
            self.disconnect_agent(now, agent, out);
        }
    }

    /// Its tasks go on, but for those of frameworks that do not checkpoint.
    fn disconnect_agent(&mut self, now: Time, agent: AgentId, out: &mut Vec<Output>) {
        let was_active = self.agents[agent].is_active();
        let book = &mut self.agents[agent];
        book.connected = false;
        book.disconnected_at = Some(now);
        if was_active {
            self.allocator.apply(now, Fact::DeactivateAgent { agent });
        }
        self.rescind_all_of_agent(now, agent, out);
        let change = AgentChange::Disconnected;
        out.push(Output::Observe(Observation::AgentChanged { agent, change }));
        out.push(Output::Health(HealthCommand::Connected { agent, connected: false }));
        if self.options.profile.agent_reregister_timeout {
            let at = now + self.options.agent_reregister_timeout;
            let timer = Timer::AgentReregisterTimeout { agent, since: now };
            out.push(Output::Wake { at, timer });
        }
        let checkpoints =
            |framework: &FrameworkId| self.frameworks[*framework].subscription.checkpoint;
        let lost: Vec<_> = self.agents[agent]
            .tasks
            .iter()
            .filter(|(framework, _)| !checkpoints(framework))
            .copied()
            .collect();
        for (framework, task) in lost {
            let ended = (TaskState::Lost, Reason::AgentDisconnected);
            self.end_task(now, framework, task, (ended.0, Some(ended.1)), out);
            self.forget_task(now, framework, task);
            self.tell_of_task(framework, task, Some(agent), ended, None, out);
        }
        let without: Vec<FrameworkId> = self.agents[agent]
            .executors
            .iter()
            .map(|it| it.framework)
            .filter(|framework| !self.frameworks[*framework].subscription.checkpoint)
            .collect();
        self.remove_executors_where(now, agent, |it| without.contains(&it.framework));
    }

    /// It has missed its pings. The change waits for a permit where their rate is limited.
    pub(super) fn agent_unhealthy(&mut self, now: Time, agent: AgentId, out: &mut Vec<Output>) {
        let is_registered = self.agent_state(agent) == AgentState::Registered;
        if is_registered && self.agents[agent].removal_ticket.is_none() {
            self.schedule_removal(now, agent, out);
        }
    }

    fn schedule_removal(&mut self, now: Time, agent: AgentId, out: &mut Vec<Output>) {
        self.counters.unreachable_scheduled += 1;
        let interval = self.options.agent_removal_interval;
        let at = interval.map_or(now, |interval| self.removals.acquire(now, interval));
        let ticket = self.next_number();
        self.agents[agent].removal_ticket = Some(ticket);
        if at > now {
            out.push(Output::Wake { at, timer: Timer::RemovalPermit { agent, ticket } });
        } else {
            self.removal_permit(now, agent, ticket, out);
        }
    }

    /// It answers again before its turn has come.
    pub(super) fn agent_healthy(&mut self, agent: AgentId) {
        let book = self.agents.get_mut(agent);
        if book.and_then(|book| book.removal_ticket.take()).is_some() {
            self.counters.unreachable_canceled += 1;
        }
    }

    pub(super) fn removal_permit(
        &mut self,
        now: Time,
        agent: AgentId,
        ticket: u64,
        out: &mut Vec<Output>,
    ) {
        if self.agents[agent].removal_ticket != Some(ticket) {
            return;
        }
        self.agents[agent].removal_ticket = None;
        self.counters.unreachable_completed += 1;
        self.mark_unreachable(now, agent, out);
    }

    pub(super) fn mark_unreachable(&mut self, now: Time, agent: AgentId, out: &mut Vec<Output>) {
        let book = &self.agents[agent];
        let is_there = matches!(book.state, AgentState::Registered | AgentState::Recovered);
        if !is_there || book.in_transition {
            return;
        }
        let operation = if self.options.profile.unreachable_agents {
            RegistryOperation::MarkUnreachable { agent, since: now }
        } else {
            RegistryOperation::Remove { agent, cause: Removal::Unhealthy }
        };
        self.change_agent(now, operation, agent, out);
    }

    pub(super) fn agent_reregister_timeout(
        &mut self,
        now: Time,
        agent: AgentId,
        since: Time,
        out: &mut Vec<Output>,
    ) {
        let book = &self.agents[agent];
        let away = !book.connected && book.disconnected_at == Some(since);
        if book.state == AgentState::Registered && away && book.removal_ticket.is_none() {
            self.schedule_removal(now, agent, out);
        }
    }

    /// News of an agent besides its tasks (`spec/agent.md` 8.4).
    fn agent_update(
        &mut self,
        now: Time,
        agent: AgentId,
        update: &AgentUpdate,
        out: &mut Vec<Output>,
    ) {
        self.counters.update_agent += 1;
        if self.agent_state(agent) != AgentState::Registered {
            return;
        }
        let book = &self.agents[agent];
        let mut total = match &update.total {
            Some(total) => total.clone(),
            None => book.total.non_revocable(),
        };
        let book_revocable = book.total.revocable();
        total.add(update.oversubscribed.as_ref().unwrap_or(&book_revocable));
        let named = update.operations.as_deref().unwrap_or_default();
        let replaced = update.total.is_some();
        if replaced {
            total = self.settle_with_total(now, agent, named, total);
            total = self.with_what_is_on_its_way(agent, named, total);
            self.note_dispute(agent, &total);
        }
        let book = &self.agents[agent];
        if total == book.total && named.len() == book.operations.len() {
            return;
        }
        self.compare_operations(agent, named, false, out);
        let oversubscribed = total.revocable();
        if oversubscribed != book_revocable {
            let total = oversubscribed.scalar_quantities();
            out.push(Output::Observe(Observation::Oversubscribed { agent, total }));
        }
        self.set_total(now, agent, total, out);
        if update.oversubscribed.is_some() {
            let offers = self.agents[agent].offers.clone();
            let has_revocable = |id: &crate::protocol::OfferId| {
                self.offers.get(*id).is_some_and(|offer| offer.resources.has_revocable())
            };
            let offers: Vec<_> = offers.into_iter().filter(has_revocable).collect();
            self.rescind(now, &offers, None, out);
        }
        self.finish_drain(now, agent, out);
    }

    /// Before the agent told of this total, some of it may have been given away as what it was.
    pub(super) fn note_dispute(&mut self, agent: AgentId, told: &Resources) {
        let book = &mut self.agents[agent];
        book.doubts.disputed |= !told.contains(&book.used.non_shared().non_revocable());
    }

    /// An agent's total is another one: allocator first, then the offers that it does not cover.
    pub(super) fn set_total(
        &mut self,
        now: Time,
        agent: AgentId,
        total: Resources,
        out: &mut Vec<Output>,
    ) {
        if self.agents[agent].total == total {
            return;
        }
        #[cfg(feature = "sabotage")]
        if self.options.sabotage == Some(crate::sabotage::Sabotage::KeepEstimate)
            && self.agents[agent].total.contains(&total)
        {
            self.agents[agent].total = total;
            return;
        }
        self.agents[agent].total = total;
        self.touch(agent);
        if let Some(info) = &self.infos[agent] {
            let total = Some(&self.agents[agent].total);
            self.allocator.apply(now, Fact::UpdateAgent { agent, info, total });
        }
        let book = &self.agents[agent];
        let mut left = book.total.clone();
        left.subtract(&book.used.non_shared());
        let uncovered = |id: &crate::protocol::OfferId| {
            let Some(offer) = self.offers.get(*id) else { return false };
            let offered = offer.resources.non_shared();
            let covered = left.contains(&offered);
            if covered {
                left.subtract(&offered);
            }
            !covered
        };
        let offers: Vec<_> = book.offers.iter().copied().filter(uncovered).collect();
        self.rescind(now, &offers, None, out);
    }

    /// An agent that is being drained and holds nothing any more is drained.
    pub(super) fn finish_drain(&mut self, now: Time, agent: AgentId, out: &mut Vec<Output>) {
        let Some(book) = self.agents.get(agent) else { return };
        let Some(drain @ Drain { drained: false, .. }) = book.standing.drain else { return };
        let empty = book.tasks.is_empty() && book.operations.is_empty();
        if !empty || !book.connected || book.in_transition {
            return;
        }
        let operation = if drain.config.mark_gone {
            RegistryOperation::MarkGone { agent, since: now, request: None }
        } else {
            let mut standing = book.standing;
            standing.drain = Some(Drain { drained: true, ..drain });
            RegistryOperation::UpdateStanding { agent, standing, request: None }
        };
        self.change_agent(now, operation, agent, out);
    }
}

pub(super) const GONE: &str = "Agent has been marked gone";
const MACHINE_DOWN: ToAgent =
    ToAgent::Shutdown { message: "Machine is down for maintenance", gone: false };
