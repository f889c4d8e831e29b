//! Registration with the master (`spec/agent.md` section 2).

use super::launch::unknown_task;
use super::task::Task;
use super::{Agent, Farewell, Master, Output, ProcessState, Timer};
use crate::arena::Handle;
use crate::protocol::{
    AgentUpdate, ExecutorReport, FrameworkReport, FromAgent, Reason, Registration, Reregistration,
    StatusId, TaskId, TaskReport,
};
use policy_api::{AgentId, FrameworkId, Span, Time};
use rand::RngExt;
use std::sync::Arc;

/// `REGISTER_RETRY_INTERVAL_MAX`.
const LONGEST_BACKOFF: Span = Span::from_secs(60);

/// Retries without any back-off would keep a virtual clock at one instant for ever.
const SHORTEST_BACKOFF: Span = Span::from_millis(1);

impl Agent {
    /// The process comes up for the first time. When that is was drawn by its user. If the host has lost
    /// its power or has been started before, this is nothing special.
    pub(super) fn start(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.epoch > 0 {
            self.start_again(now, out);
            return;
        }
        self.begin_process(now);
        self.process = ProcessState::Disconnected;
        if self.master != Master::Unknown {
            self.register(now, 0, out);
        }
        self.start_loops(now, out);
    }

    pub(super) fn master_lost(&mut self) {
        self.master = Master::Unknown;
        match self.process {
            ProcessState::Disconnected | ProcessState::Running => self.disconnect(),
            ProcessState::Down | ProcessState::Recovering | ProcessState::Terminating => {}
        }
    }

    pub(super) fn master_detected(&mut self, now: Time, out: &mut Vec<Output>) {
        #[cfg(feature = "sabotage")]
        if self.options.sabotage == Some(crate::sabotage::Sabotage::StayAway) {
            return;
        }
        self.master = Master::Detected;
        match self.process {
            ProcessState::Disconnected | ProcessState::Running => self.detect_master(now, out),
            ProcessState::Down | ProcessState::Recovering | ProcessState::Terminating => {}
        }
    }

    fn disconnect(&mut self) {
        self.process = ProcessState::Disconnected;
        self.epoch += 1;
    }

    /// Looks for the master again, and registers with it after a while, so that not all agents do it
    /// at once.
    pub(super) fn detect_master(&mut self, now: Time, out: &mut Vec<Output>) {
        self.disconnect();
        if self.master != Master::Unknown {
            self.master = Master::Detected;
            self.register_within(self.options.registration_backoff_factor, 0, now, out);
        }
    }

    fn register_within(&mut self, most: Span, attempt: u32, now: Time, out: &mut Vec<Output>) {
        let wait = Span::from_nanos(self.backoff.random_range(0..=most.as_nanos()));
        let timer = Timer::Register { epoch: self.epoch, attempt };
        out.push(Output::Wake { at: now + wait, timer });
    }

    /// Registers, and again later unless it is answered.
    pub(super) fn register(&mut self, now: Time, attempt: u32, out: &mut Vec<Output>) {
        self.master = Master::Asked;
        self.total_changed &= attempt > 0;
        let registration = Registration {
            info: self.registration.info.clone(),
            ip: Arc::clone(&self.registration.ip),
            total: self.total().clone(),
            checkpointed: self.checkpointed(),
        };
        let message = match self.id {
            None => FromAgent::Register(Box::new(registration)),
            Some(agent) => {
                FromAgent::Reregister(Box::new(self.reregistration(agent, registration)))
            }
        };
        out.push(Output::Send(message));
        let attempt = attempt.saturating_add(1);
        let factor = 1_u64.checked_shl(attempt).unwrap_or(u64::MAX);
        let most = self.options.registration_backoff_factor * factor;
        let most = most.clamp(SHORTEST_BACKOFF, LONGEST_BACKOFF);
        self.register_within(most, attempt, now, out);
    }

    fn reregistration(&self, agent: AgentId, registration: Registration) -> Reregistration {
        let frameworks = self.frameworks.iter().map(|row| {
            let framework = row.id;
            let executors = self.executors.iter().filter(|row| row.framework == framework);
            let executors = executors.filter(|row| !row.is_terminated()).filter_map(|row| {
                let named = row.named.as_ref()?;
                let (info, role) = (Arc::clone(&named.info), Arc::clone(&named.role));
                Some(ExecutorReport { info, role })
            });
            let tasks = self.tasks.entries().filter(|(_, task)| task.framework == framework);
            let tasks = tasks.filter_map(|(handle, task)| self.task_report(handle, task));
            FrameworkReport {
                framework,
                name: row.name.clone().unwrap_or_default(),
                partition_aware: row.partition_aware,
                checkpoint: row.checkpoint,
                executors: executors.collect(),
                tasks: tasks.collect(),
            }
        });
        Reregistration {
            agent,
            registration,
            frameworks: frameworks.collect(),
            completed_frameworks: self.completed.iter().copied().collect(),
            operations: self.operations.records(),
        }
    }

    /// Nothing is told of a task that the agent never had.
    fn task_report(&self, handle: Handle<Task>, task: &Task) -> Option<TaskReport> {
        let executor = task.executor.and_then(|executor| self.executors.get(executor));
        let is_waiting = task.stream.updates.first().is_some();
        let sequence = task.stream.sequence;
        Some(TaskReport {
            task: task.id,
            role: Arc::clone(task.role.as_ref()?),
            resources: task.resources.clone(),
            executor: executor.and_then(|row| Some(row.named.as_ref()?.info.id)),
            state: task.state,
            update_state: task.stream.sent,
            status: is_waiting.then_some(StatusId { task: handle, sequence }),
        })
    }

    /// The master has answered: everything that waits is sent. What it says to an agent that has come
    /// back, to be settled, is no answer to a new one.
    pub(super) fn registered(
        &mut self,
        now: Time,
        id: AgentId,
        reconcile: Option<&[(FrameworkId, TaskId, bool)]>,
        out: &mut Vec<Output>,
    ) {
        let is_connecting = match self.process {
            ProcessState::Down | ProcessState::Recovering | ProcessState::Terminating => return,
            ProcessState::Disconnected => true,
            ProcessState::Running => false,
        };
        // The master has taken a late registration of a process before for a new agent, or the other way
        // round.
        let is_other = self.id.map_or(reconcile.is_some(), |own| own != id);
        if is_other {
            self.exit(now, out);
            return;
        }
        if !is_connecting && self.total_changed {
            // What the master answers may have overtaken operations.
            self.tell_of_operations(id, out);
        }
        if !is_connecting || self.master != Master::Asked {
            return;
        }
        self.id = Some(id);
        self.known = Some(self.registration.total.clone());
        self.process = ProcessState::Running;
        self.epoch += 1;
        self.resume_updates(now, out);
        let due = self.operations.resume(now, id, out);
        if due != Time::NEVER {
            self.wake_for_retry(due, out);
        }
        self.tell_of_operations(id, out);
        for (framework, task, partition_aware) in reconcile.unwrap_or_default() {
            let is_known =
                self.tasks.iter().any(|row| row.framework == *framework && row.id == *task);
            // It ends when it cannot write the answer down.
            if !is_known && self.is_up() {
                let task = unknown_task(*framework, *task);
                self.report_dropped(now, task, *partition_aware, Reason::Reconciliation, out);
            }
        }
    }

    /// Mesos sends this after each registration. Without operations and estimates the master would take
    /// no notice of it, so that it is left out to save messages.
    fn tell_of_operations(&self, agent: AgentId, out: &mut Vec<Output>) {
        if self.operations.has_had_any() || self.loops.is_some() {
            let total = self.total_changed.then(|| self.total().clone());
            let operations = Some(self.operations.states());
            let oversubscribed = self.estimated().cloned();
            let update = Box::new(AgentUpdate { total, oversubscribed, operations });
            out.push(Output::Send(FromAgent::Update { agent, update }));
        }
    }

    pub(super) fn told_to_shut_down(&mut self, now: Time, gone: bool, out: &mut Vec<Output>) {
        self.farewell = if gone {
            Farewell::ForGood
        } else if self.options.profile.unreachable_agents {
            Farewell::UntilRestart
        } else {
            Farewell::AsNewAgent
        };
        self.terminate(now, out);
    }

    /// The agent unregisters, and ends.
    pub(super) fn leave(&mut self, now: Time, out: &mut Vec<Output>) {
        if matches!(self.process, ProcessState::Down | ProcessState::Terminating) {
            return;
        }
        if let (ProcessState::Running, Some(id)) = (self.process, self.id) {
            out.push(Output::Send(FromAgent::Unregister(id)));
        }
        self.farewell = Farewell::Unregistered;
        self.terminate(now, out);
    }
}
