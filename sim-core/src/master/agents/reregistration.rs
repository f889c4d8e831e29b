//! Agents that come back (`spec/master.md` 3.2).

use super::super::books::{FrameworkBook, FrameworkState, Task};
use super::super::registry::RegistryOperation;
use super::super::{AgentState, HealthCommand, Master, Output};
use super::{GONE, MACHINE_DOWN};
use crate::observe::{AgentChange, Observation};
use crate::protocol::{
    FrameworkReport, HostId, Reason, Registration, Reregistration, TaskId, TaskReport, ToAgent,
};
use policy_api::{
    AgentId, Allocator, Fact, FrameworkId, FrameworkInfo, HeldResources, Resources, RoleId, Time,
};
use std::sync::Arc;

impl<A: Allocator> Master<A> {
    pub(super) fn reregister_agent(
        &mut self,
        now: Time,
        host: HostId,
        message: Box<Reregistration>,
        out: &mut Vec<Output>,
    ) {
        let agent = message.agent;
        self.agents.grow_to(agent, Default::default);
        if self.agents[agent].in_transition {
            // It tries again.
            return;
        }
        if self.is_machine_down(&message.registration) {
            out.push(Output::ToAgent { host, message: MACHINE_DOWN });
            return;
        }
        match self.agent_state(agent) {
            AgentState::Gone => {
                out.push(Output::ToAgent {
                    host,
                    message: ToAgent::Shutdown { message: GONE, gone: true },
                });
            }
            AgentState::Registered if self.moved(agent, host, &message.registration) => {
                let message = "Agent attempted to re-register with another address or hostname";
                out.push(Output::ToAgent {
                    host,
                    message: ToAgent::Shutdown { message, gone: false },
                });
            }
            AgentState::Registered => self.reconnect(now, host, *message, out),
            AgentState::Removed | AgentState::Unknown
                if !self.options.profile.unreachable_agents =>
            {
                let message = "Agent attempted to re-register after it was removed";
                out.push(Output::ToAgent {
                    host,
                    message: ToAgent::Shutdown { message, gone: false },
                });
            }
            AgentState::Recovered
            | AgentState::Unreachable
            | AgentState::Removed
            | AgentState::Unknown => {
                self.agents[agent].doubts.executors.clear();
                self.note_connection(agent, host);
                let operation = RegistryOperation::MarkReachable { host, message };
                self.change_agent(now, operation, agent, out);
            }
        }
    }

    fn moved(&self, agent: AgentId, host: HostId, registration: &Registration) -> bool {
        let known = self.infos.get(agent).and_then(Option::as_ref);
        self.agents[agent].host != Some(host)
            || known.is_some_and(|info| info.hostname != registration.info.hostname)
    }

    /// An agent that the master knows: each learns what the other has missed.
    fn reconnect(
        &mut self,
        now: Time,
        host: HostId,
        message: Reregistration,
        out: &mut Vec<Output>,
    ) {
        let Reregistration { agent, registration, frameworks, operations, .. } = message;
        let was_connected = self.agents[agent].connected;
        let book = &mut self.agents[agent];
        book.connected = true;
        book.registered_at = now;
        book.disconnected_at = None;
        if book.removal_ticket.take().is_some() {
            self.counters.unreachable_canceled += 1;
        }
        self.counters.agent_reregistrations += 1;
        self.take_over_info(now, agent, &registration, out);
        let agent_list_wins = self.agent_list_wins(&registration);
        if !was_connected {
            if !self.agents[agent].standing.deactivated {
                self.allocator.apply(now, Fact::ActivateAgent { agent });
            }
            let change = AgentChange::Reregistered;
            out.push(Output::Observe(Observation::AgentChanged { agent, change }));
        }
        out.push(Output::Health(HealthCommand::Connected { agent, connected: true }));

        let reconcile = self.tasks_not_named(agent, &frameworks);
        out.push(Output::ToAgent { host, message: ToAgent::Reregistered { agent, reconcile } });
        let named: Vec<_> = operations.iter().map(|it| (it.number, it.state)).collect();
        if agent_list_wins {
            let total = self.settle_with_total(now, agent, &named, registration.total);
            self.note_dispute(agent, &total);
            self.set_total(now, agent, total, out);
        } else if checkpointed(&self.agents[agent].total) != registration.checkpointed {
            self.send_checkpointed(agent, out);
        }
        self.compare_operations(agent, &named, agent_list_wins, out);

        let named = |framework: FrameworkId, id| {
            let report = frameworks.iter().find(|report| report.framework == framework);
            report.is_some_and(|report| report.executors.iter().any(|it| it.info.id == id))
        };
        let book = &mut self.agents[agent];
        let executors = book.executors.iter().map(|it| (it.framework, it.info.id));
        book.doubts.executors.extend(executors.filter(|it| !named(it.0, it.1)));
        self.remove_executors_where(now, agent, |it| !named(it.framework, it.info.id));
        for report in &frameworks {
            let book = self.frameworks.grow_to(report.framework, FrameworkBook::default);
            if book.state == FrameworkState::Completed {
                self.send(agent, ToAgent::ShutdownFramework(report.framework), out);
            } else {
                self.repeat_kills(agent, report, out);
            }
        }
        self.drain_again(now, agent, out);
    }

    /// What the agent says of itself may have changed.
    fn take_over_info(
        &mut self,
        now: Time,
        agent: AgentId,
        registration: &Registration,
        out: &mut Vec<Output>,
    ) {
        let mut info = registration.info.clone();
        let known = self.infos[agent].as_ref();
        if let Some(known) = known {
            info.name = Arc::clone(&known.name);
        }
        if known != Some(&info) {
            self.allocator.apply(now, Fact::UpdateAgent { agent, info: &info, total: None });
            self.infos[agent] = Some(info);
        }
        // An agent that has been given more of its own.
        let configured = registration.total.filter(true, |it| !needs_checkpointing(it));
        let stripped = |total: &Resources| total.to_unreserved().scalar_quantities();
        let book = &self.agents[agent];
        if !self.agent_list_wins(registration)
            && stripped(&registration.total) != stripped(&book.total.non_revocable())
        {
            let mut total = configured;
            total.add(&checkpointed(&registration.total));
            self.set_total(now, agent, total, out);
        }
    }

    fn agent_list_wins(&self, registration: &Registration) -> bool {
        self.options.profile.agent_list_wins && registration.info.capabilities.resource_provider
    }

    /// Tasks that the master has and the agent does not: the agent says what became of them.
    fn tasks_not_named(
        &self,
        agent: AgentId,
        frameworks: &[FrameworkReport],
    ) -> Vec<(FrameworkId, TaskId, bool)> {
        let missing = |it: &&(FrameworkId, TaskId)| {
            let task = self.frameworks[it.0].tasks.get(it.1);
            !is_named(frameworks, **it) && task.is_some_and(Task::holds)
        };
        let tasks = self.agents[agent].tasks.iter().filter(missing);
        tasks.map(|&(framework, id)| (framework, id, self.is_partition_aware(framework))).collect()
    }

    /// What was to be killed while the agent may not have listened, and has not ended there.
    fn repeat_kills(&self, agent: AgentId, report: &FrameworkReport, out: &mut Vec<Output>) {
        let framework = report.framework;
        let kills = &self.frameworks[framework].kills;
        let partition_aware = self.is_partition_aware(framework);
        for TaskReport { task, state, .. } in &report.tasks {
            if kills.get(task) == Some(&agent) && !state.is_terminal() {
                let (task, grace) = (*task, None);
                self.send(agent, ToAgent::Kill { framework, task, grace, partition_aware }, out);
            }
        }
    }

    /// The registry has an agent again that the master did not have: its books are made from what it
    /// tells.
    pub(super) fn readmitted(
        &mut self,
        now: Time,
        host: HostId,
        message: Reregistration,
        out: &mut Vec<Output>,
    ) {
        let Reregistration { agent, mut registration, frameworks, operations, .. } = message;
        for operation in &operations {
            registration.total.subtract(&operation.pending);
        }
        let was_recovered = self.agents[agent].state == AgentState::Recovered;
        if was_recovered {
            self.forget_recovered();
        }
        self.agents[agent].in_transition = false;
        let exits = self.agents[agent].exits;
        // Those that it does not name are nowhere any more.
        self.note_doubtful_tasks(agent, &frameworks);
        self.forget_unreachable_tasks(&[agent]);
        self.counters.agent_reregistrations += 1;
        let mut held: Vec<HeldResources> = Vec::new();
        for report in &frameworks {
            self.frameworks.grow_to(report.framework, FrameworkBook::default);
            if self.frameworks[report.framework].state != FrameworkState::Completed {
                self.hold(now, report, &mut held);
            }
        }
        self.add_agent(now, (agent, host), registration, &held, out);
        if !was_recovered {
            let change = AgentChange::Reregistered;
            out.push(Output::Observe(Observation::AgentChanged { agent, change }));
        }
        let message = ToAgent::Reregistered { agent, reconcile: Vec::new() };
        out.push(Output::ToAgent { host, message });
        for report in frameworks {
            if self.frameworks[report.framework].state == FrameworkState::Completed {
                self.send(agent, ToAgent::ShutdownFramework(report.framework), out);
            } else {
                self.recover_tasks(now, (agent, was_recovered), report, &held, out);
            }
        }
        self.recover_operations(agent, operations, out);
        self.drain_again(now, agent, out);
        self.agents[agent].doubts.unconfirmed = true;
        self.disconnect_if_exited(now, (agent, host), exits, out);
    }

    fn note_doubtful_tasks(&mut self, agent: AgentId, reports: &[FrameworkReport]) {
        for (framework, book) in self.frameworks.enumerate() {
            let tasks = book.unreachable.iter().filter(|past| past.agent == agent);
            let tasks = tasks.map(|past| (framework, past.task));
            let missing = tasks.filter(|it| !is_named(reports, *it));
            self.agents[agent].doubts.tasks.extend(missing);
        }
    }

    /// Adds what the tasks and executors of a framework hold.
    fn hold(&mut self, now: Time, report: &FrameworkReport, held: &mut Vec<HeldResources>) {
        let framework = report.framework;
        for task in report.tasks.iter().filter(|task| !task.state.is_terminal()) {
            let (role, resources) = (self.role_id(now, &task.role), task.resources.clone());
            held.push(HeldResources { framework, role, resources });
        }
        for executor in &report.executors {
            let role = self.role_id(now, &executor.role);
            let resources = executor.info.resources.clone();
            held.push(HeldResources { framework, role, resources });
        }
    }

    /// Takes the tasks of one framework into the books.
    fn recover_tasks(
        &mut self,
        now: Time,
        (agent, was_recovered): (AgentId, bool),
        report: FrameworkReport,
        held: &[HeldResources],
        out: &mut Vec<Output>,
    ) {
        let framework = report.framework;
        if self.frameworks[framework].state == FrameworkState::Unknown {
            self.recover_framework(now, agent, &report, held);
        }
        for executor in report.executors {
            let role = self.role_id(now, &executor.role);
            self.add_executor(framework, role, agent, executor.info);
        }
        for task in report.tasks {
            let id = task.task;
            let state = task.state;
            self.recover_task(now, framework, agent, task, out);
            let unaware = !self.is_partition_aware(framework);
            if !was_recovered {
                let came_back = (state, Reason::AgentReregistered);
                self.tell_of_task(framework, id, Some(agent), came_back, None, out);
                if unaware
                    && self.options.profile.kill_non_partition_aware_on_return
                    && !state.is_terminal()
                {
                    let (task, grace, partition_aware) = (id, None, false);
                    let kill = ToAgent::Kill { framework, task, grace, partition_aware };
                    self.send(agent, kill, out);
                }
            }
        }
    }

    fn recover_task(
        &mut self,
        now: Time,
        framework: FrameworkId,
        agent: AgentId,
        report: TaskReport,
        out: &mut Vec<Output>,
    ) {
        let book = &mut self.frameworks[framework];
        book.completed.retain(|past| past.task != report.task);
        // Another agent may have been thought to run it.
        if book.tasks.get(report.task).is_some() {
            return;
        }
        let role = self.role_id(now, &report.role);
        let task = Task {
            id: report.task,
            role,
            agent,
            resources: report.resources,
            state: report.state,
            forwarded: report.update_state,
            status: report.status,
            place: 0,
        };
        if task.holds() {
            out.push(Output::Observe(Observation::TaskRecovered {
                framework,
                role,
                agent,
                resources: task.resources.scalar_quantities(),
            }));
        }
        self.add_task(framework, task);
    }

    /// A framework that only this agent has told of: it may not do anything until it subscribes.
    fn recover_framework(
        &mut self,
        now: Time,
        agent: AgentId,
        report: &FrameworkReport,
        held: &[HeldResources],
    ) {
        let framework = report.framework;
        let held = held.iter().filter(|held| held.framework == framework);
        let used: Vec<(AgentId, RoleId, Resources)> =
            held.map(|held| (agent, held.role, held.resources.clone())).collect();
        let mut info = FrameworkInfo { name: Arc::clone(&report.name), ..FrameworkInfo::default() };
        info.capabilities.partition_aware = report.partition_aware;
        for (_, role, _) in &used {
            if !info.roles.contains(role) {
                info.roles.push(*role);
            }
        }
        let fact = Fact::AddFramework { framework, info: &info, active: false, used: &used };
        self.allocator.apply(now, fact);
        let book = &mut self.frameworks[framework];
        book.state = FrameworkState::Recovered;
        book.subscription.info = info;
        book.subscription.checkpoint = report.checkpoint;
    }
}

/// The reservations and volumes that operations have made.
pub(in crate::master) fn checkpointed(total: &Resources) -> Resources {
    total.filter(false, needs_checkpointing)
}

fn needs_checkpointing(resource: &policy_api::Resource) -> bool {
    resource.provider.is_none()
        && (resource.is_dynamically_reserved() || resource.is_persistent_volume())
}

/// Whether an agent names the task in what it tells of its frameworks.
fn is_named(reports: &[FrameworkReport], (framework, task): (FrameworkId, TaskId)) -> bool {
    let report = reports.iter().find(|report| report.framework == framework);
    report.is_some_and(|report| report.tasks.iter().any(|it| it.task == task))
}
