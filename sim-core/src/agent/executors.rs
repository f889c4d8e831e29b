//! Executors and their containers (`spec/agent.md` section 4).
//!
//! REGISTERING -> RUNNING -> TERMINATING -> TERMINATED. A command gets an executor of its own, of which
//! the master hears nothing.

use super::consumption::Meter;
use super::task::{Run, Task, Update};
use super::{Agent, Master, Output, ProcessState, Timer};
use crate::arena::Handle;
use crate::protocol::{ExecutorId, ExecutorInfo, FromAgent, Reason, TaskState};
use policy_api::{FrameworkId, PortBlock, Span, Time};
use std::sync::Arc;

/// An executor on the agent, until it has ended and the ends of its tasks are acknowledged.
#[derive(Clone, Debug)]
pub struct Executor {
    pub(super) framework: FrameworkId,
    /// None for that of a command.
    pub(super) named: Option<Box<NamedExecutor>>,
    pub(super) state: ExecutorState,
    pub(super) container: Container,
    pub(super) tasks: ExecutorTasks,
    /// How its tasks end with it, where it is not as usual.
    pub(super) termination: Option<Update>,
    pub(super) started: Time,
    /// What it has used; `None` where nobody looks, or nothing has run in it.
    pub(super) meter: Option<Box<Meter>>,
    /// Its ephemeral ports, where containers have some of their own.
    pub(super) ports: Option<PortBlock>,
}

/// What is known of an executor of more than a command.
#[derive(Clone, Debug)]
pub(super) struct NamedExecutor {
    pub(super) info: Arc<ExecutorInfo>,
    /// The role of its first task.
    pub(super) role: Arc<str>,
    /// Mesos's default executor, which ends when its tasks have ended.
    pub(super) runs_groups: bool,
}

/// What the agent knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExecutorState {
    Registering,
    Running,
    Terminating,
    Terminated,
}

/// What there is on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// Its files are on their way.
    Fetching,
    Launching,
    /// Its executor came up when there was no agent to register with.
    Unregistered,
    Running,
    /// Its executor ends when its tasks have.
    Leaving,
    Gone,
}

/// The tasks of an executor whose ends are not acknowledged. That of a command has one at most, so
/// that the usual case needs no list.
#[derive(Clone, Debug)]
pub(super) enum ExecutorTasks {
    Command(Option<Handle<Task>>),
    Named(Vec<Handle<Task>>),
}

impl ExecutorTasks {
    pub(super) fn push(&mut self, task: Handle<Task>) {
        match self {
            Self::Command(command) => *command = Some(task),
            Self::Named(tasks) => tasks.push(task),
        }
    }

    pub(super) fn remove(&mut self, task: Handle<Task>) {
        match self {
            Self::Command(command) => *command = command.filter(|known| *known != task),
            Self::Named(tasks) => tasks.retain(|known| *known != task),
        }
    }

    pub(super) fn as_slice(&self) -> &[Handle<Task>] {
        match self {
            Self::Command(command) => command.as_slice(),
            Self::Named(tasks) => tasks,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    fn get(&self, index: usize) -> Option<Handle<Task>> {
        self.as_slice().get(index).copied()
    }
}

impl Executor {
    pub(super) const fn is_terminated(&self) -> bool {
        matches!(self.state, ExecutorState::Terminated)
    }

    /// What it takes from the agent, which is nothing for a command and after the end.
    pub(super) fn holding(&self) -> Option<&ExecutorInfo> {
        let named = self.named.as_ref().filter(|_| !self.is_terminated())?;
        Some(&named.info)
    }

    pub(super) fn is_named(&self, id: ExecutorId) -> bool {
        self.named.as_ref().is_some_and(|named| named.info.id == id)
    }

    /// Whether there is a process that can obey or fail.
    pub(super) const fn is_live(&self) -> bool {
        match self.container {
            Container::Unregistered | Container::Running | Container::Leaving => true,
            Container::Fetching | Container::Launching | Container::Gone => false,
        }
    }
}

impl Agent {
    /// The executor of this name, which may have ended.
    pub(super) fn find_executor(
        &self,
        framework: FrameworkId,
        id: ExecutorId,
    ) -> Option<Handle<Executor>> {
        let same = |row: &Executor| row.framework == framework && row.is_named(id);
        self.executors.entries().find(|(_, row)| same(row)).map(|(handle, _)| handle)
    }

    /// The `index`th task of an executor.
    pub(super) fn task_of(&self, executor: Handle<Executor>, index: usize) -> Option<Handle<Task>> {
        self.executors.get(executor)?.tasks.get(index)
    }

    /// The container is there, and its executor registers.
    pub(super) fn executor_started(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let (is_up, disk_full) = (self.is_up(), self.disk_full);
        let Some(executor) = self.executors.get_mut(handle) else { return };
        if executor.container != Container::Launching {
            return;
        }
        if !is_up {
            executor.container = Container::Unregistered;
            return;
        }
        if disk_full {
            self.fail_launch(now, handle, out);
            return;
        }
        executor.container = Container::Running;
        match executor.state {
            ExecutorState::Registering => self.executor_registered(now, handle, out),
            ExecutorState::Terminating => self.leave_container(now, handle, out),
            ExecutorState::Running | ExecutorState::Terminated => {}
        }
    }

    /// There will be no container, and the executor's tasks end.
    pub(super) fn fail_launch(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let Some(executor) = self.executors.get_mut(handle) else { return };
        let reason = Reason::ContainerLaunchFailed;
        executor.termination = Some(Update::of_agent(TaskState::Failed, reason));
        self.counters.container_launch_errors += 1;
        self.destroy_container(now, handle, out);
    }

    fn executor_registered(&mut self, now: Time, handle: Handle<Executor>, out: &mut Vec<Output>) {
        if let Some(executor) = self.executors.get_mut(handle) {
            executor.state = ExecutorState::Running;
        }
        let (mut index, mut delivered) = (0, false);
        while let Some(task) = self.task_of(handle, index) {
            delivered |= self.tasks.get(task).is_some_and(|task| task.run == Run::Waiting);
            self.deliver(now, task, out);
            index += 1;
        }
        // All its tasks were killed before it came up.
        if !delivered {
            self.shut_down_executor(now, handle, out);
        }
    }

    /// An executor that took too long to come up is destroyed without any grace.
    pub(super) fn executor_registration_timeout(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let is_up = self.is_up();
        let Some(executor) = self.executors.get_mut(handle) else { return };
        let comes_up = matches!(executor.container, Container::Fetching | Container::Launching);
        if is_up && comes_up && executor.state == ExecutorState::Registering {
            let reason = Reason::ExecutorRegistrationTimeout;
            executor.termination = Some(Update::of_agent(TaskState::Failed, reason));
            self.destroy_container(now, handle, out);
        }
    }

    /// The agent asks an executor to end, and destroys its container after a grace.
    pub(super) fn shut_down_executor(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let Some(executor) = self.executors.get_mut(handle) else { return };
        match executor.state {
            ExecutorState::Registering | ExecutorState::Running => {}
            ExecutorState::Terminating | ExecutorState::Terminated => return,
        }
        executor.state = ExecutorState::Terminating;
        let reachable = executor.container == Container::Running;
        let grace = self.shutdown_grace(handle);
        if reachable {
            self.leave_container(now, handle, out);
        }
        let waits = |row: &Executor| row.state == ExecutorState::Terminating;
        if self.is_up() && self.executors.get(handle).is_some_and(waits) {
            let timer = Timer::ExecutorShutdownTimeout(handle);
            out.push(Output::Wake { at: now + grace, timer });
        }
    }

    fn shutdown_grace(&self, handle: Handle<Executor>) -> Span {
        let Some(executor) = self.executors.get(handle) else { return Span::ZERO };
        if let Some(named) = &executor.named {
            return named
                .info
                .shutdown_grace
                .unwrap_or(self.options.executor_shutdown_grace_period);
        }
        // A second for the process to be reaped; another one where there is a kill policy.
        let details = executor.tasks.get(0).and_then(|task| self.tasks.get(task)?.details.as_ref());
        match details.and_then(|details| details.kill_grace) {
            Some(grace) => grace + Span::from_secs(2),
            None => self.options.kill_grace + Span::from_secs(1),
        }
    }

    pub(super) fn executor_shutdown_timeout(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let waits = |row: &Executor| row.state == ExecutorState::Terminating;
        if self.is_up() && self.executors.get(handle).is_some_and(waits) {
            self.destroy_container(now, handle, out);
        }
    }

    /// The agent has noticed that a container is gone: its tasks end with it.
    pub(super) fn executor_terminated(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let Some(executor) = self.executors.get_mut(handle) else { return };
        if executor.is_terminated() {
            return;
        }
        executor.state = ExecutorState::Terminated;
        let (framework, exited) = (executor.framework, executor.named.as_ref());
        let exited = exited.map(|named| named.info.id);
        self.counters.executors_terminated += 1;
        if self.is_terminating(framework) {
            while let Some(task) = self.task_of(handle, 0) {
                self.remove_task(now, task, out);
            }
        } else {
            self.end_tasks_with(now, handle, out);
        }
        if let Some(executor) = exited {
            self.tell_of_exit(framework, executor, out);
        }
        self.remove_ended_executor(now, handle, out);
    }

    /// Those that were launched first, then those that wait.
    fn end_tasks_with(&mut self, now: Time, handle: Handle<Executor>, out: &mut Vec<Output>) {
        let Some(executor) = self.executors.get(handle) else { return };
        // A command has usually ended by itself.
        if let ExecutorTasks::Command(task) = executor.tasks
            && !task.and_then(|task| self.tasks.get(task)).is_some_and(Task::is_unfinished)
        {
            return;
        }
        let usual = Update::of_agent(TaskState::Failed, Reason::ExecutorTerminated);
        let end = executor.termination.unwrap_or(usual);
        let mut tasks = executor.tasks.as_slice().to_vec();
        let waits = |task: &Handle<Task>| {
            self.tasks.get(*task).is_some_and(|task| task.state == TaskState::Staging)
        };
        tasks.sort_by_key(waits);
        for task in tasks {
            self.take_update(now, task, end, out);
        }
    }

    /// The master frees what the executor held. It is told once, as soon as it is known where it is: a
    /// registration under way may have named the executor.
    pub(super) fn tell_of_exit(
        &self,
        framework: FrameworkId,
        executor: ExecutorId,
        out: &mut Vec<Output>,
    ) {
        let knows_master = match self.process {
            ProcessState::Down | ProcessState::Recovering => false,
            ProcessState::Disconnected | ProcessState::Running | ProcessState::Terminating => {
                self.master != Master::Unknown
            }
        };
        if let Some(agent) = self.id.filter(|_| knows_master) {
            out.push(Output::Send(FromAgent::ExecutorExited { agent, framework, executor }));
        }
    }
}
