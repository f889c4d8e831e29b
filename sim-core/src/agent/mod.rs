//! The agent: registers, runs tasks, reports their states reliably (`spec/agent.md`).
//!
//! STAGING -> (STARTING ->) RUNNING -> FINISHED. One status update per task is on its way at any
//! time; the next one leaves when the framework has acknowledged it, but each carries the latest
//! state, so resources are freed even where an acknowledgement is still awaited.

mod resources;

use crate::arena::Arena;
use crate::protocol::{Reason, Registration, RunTask, StatusId, StatusUpdate, TaskId, TaskState};
use policy_api::{AgentId, FrameworkId, Operation, Resources, Span, Time};
use resources::AgentResources;

/// One agent of the cluster.
#[derive(Clone, Debug)]
pub struct Agent {
    id: AgentId,
    /// With the resources that it was configured with.
    registration: Registration,
    resources: AgentResources,
    options: AgentOptions,
    registered: bool,
    tasks: Arena<Task>,
}

/// Flags of an agent that concern the life of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentOptions {
    /// From the arrival of a task to its executor's start: fetching, container, executor.
    pub launch_delay: Span,
    /// From the executor's start to RUNNING. With it the executor reports STARTING, as Mesos's
    /// command executor does.
    pub starting_delay: Option<Span>,
}

/// A task on the agent, until its terminal update is acknowledged.
#[derive(Clone, Debug)]
pub struct Task {
    framework: FrameworkId,
    id: TaskId,
    resources: Resources,
    duration: Span,
    state: TaskState,
    /// Why it ended, where the state does not say it.
    reason: Option<Reason>,
    updates: Updates,
}

/// The updates of one task that are not acknowledged, in order; the first one is on its way to the
/// framework. STARTING, RUNNING and an end are all that a task can report.
#[derive(Clone, Copy, Debug)]
struct Updates {
    states: [TaskState; 3],
    length: usize,
}

impl Updates {
    const NONE: Self = Self { states: [TaskState::Staging; 3], length: 0 };

    fn push(&mut self, state: TaskState) {
        self.states[self.length] = state;
        self.length += 1;
    }

    fn first(&self) -> Option<TaskState> {
        (self.length > 0).then_some(self.states[0])
    }

    fn pop(&mut self) -> Option<TaskState> {
        let first = self.first()?;
        self.states.rotate_left(1);
        self.length -= 1;
        Some(first)
    }
}

/// What can happen to an agent.
#[derive(Clone, Debug)]
pub enum Input {
    /// The agent comes up and finds the master.
    Start,
    Registered,
    RunTask(RunTask),
    ApplyOperation(Box<Operation>),
    Acknowledge(StatusId),
    Wake(Timer),
}

/// Why an agent asked to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The executor runs: the task is STARTING, or RUNNING where that state is left out.
    ExecutorStarted(StatusId),
    TaskStarted(StatusId),
    TaskEnded(StatusId),
}

/// What an agent does.
#[derive(Clone, Debug)]
pub enum Output {
    Register(Registration),
    StatusUpdate(StatusUpdate),
    Wake { at: Time, timer: Timer },
}

impl Agent {
    pub fn new(id: AgentId, registration: Registration, options: AgentOptions) -> Self {
        let resources = AgentResources::new(registration.total.clone());
        Self { id, registration, resources, options, registered: false, tasks: Arena::new() }
    }

    pub const fn id(&self) -> AgentId {
        self.id
    }

    /// What it has, with the reservations and volumes that operations have made.
    pub const fn total(&self) -> &Resources {
        self.resources.total()
    }

    /// The dynamic reservations and persistent volumes of its total.
    pub fn checkpointed(&self) -> Resources {
        self.resources.checkpointed()
    }

    pub const fn registration(&self) -> &Registration {
        &self.registration
    }

    /// What its tasks hold, those included whose end the master has not heard of.
    pub fn in_use(&self) -> Resources {
        let mut sum = Resources::EMPTY;
        for task in self.tasks.iter().filter(|task| !task.state.is_terminal()) {
            sum.add(&task.resources);
        }
        sum
    }

    /// The one door.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Start => {
                let (info, total) = (self.registration.info.clone(), self.total().clone());
                out.push(Output::Register(Registration { info, total }));
            }
            Input::Registered => self.registered = true,
            Input::RunTask(run) => self.run_task(now, run, out),
            // The master has accounted for it at once, so it is not answered.
            Input::ApplyOperation(operation) => self.resources.apply(&operation),
            Input::Acknowledge(status) => self.acknowledge(status, out),
            Input::Wake(Timer::ExecutorStarted(task)) => self.executor_started(now, task, out),
            Input::Wake(Timer::TaskStarted(task)) => self.task_started(now, task, out),
            Input::Wake(Timer::TaskEnded(task)) => self.report(task, TaskState::Finished, out),
        }
    }

    fn run_task(&mut self, now: Time, run: RunTask, out: &mut Vec<Output>) {
        let known = self.resources.has_checkpointed(&run.launch.resources);
        let task = self.tasks.insert(Task {
            framework: run.framework,
            id: run.launch.task,
            resources: run.launch.resources,
            duration: run.launch.duration,
            state: TaskState::Staging,
            reason: (!known).then_some(Reason::ResourcesUnknown),
            updates: Updates::NONE,
        });
        if !known {
            let state = if run.partition_aware { TaskState::Dropped } else { TaskState::Lost };
            self.report(task, state, out);
        } else if self.options.launch_delay.is_zero() {
            self.executor_started(now, task, out);
        } else {
            let at = now + self.options.launch_delay;
            out.push(Output::Wake { at, timer: Timer::ExecutorStarted(task) });
        }
    }

    fn executor_started(&mut self, now: Time, task: StatusId, out: &mut Vec<Output>) {
        if let Some(delay) = self.options.starting_delay {
            self.report(task, TaskState::Starting, out);
            out.push(Output::Wake { at: now + delay, timer: Timer::TaskStarted(task) });
        } else {
            self.task_started(now, task, out);
        }
    }

    fn task_started(&mut self, now: Time, task: StatusId, out: &mut Vec<Output>) {
        self.report(task, TaskState::Running, out);
        if let Some(running) = self.tasks.get(task) {
            out.push(Output::Wake { at: now + running.duration, timer: Timer::TaskEnded(task) });
        }
    }

    /// Notes a new state and sends it, unless an earlier update is still on its way.
    fn report(&mut self, status: StatusId, state: TaskState, out: &mut Vec<Output>) {
        let Some(task) = self.tasks.get_mut(status) else { return };
        // Only the first end counts.
        if task.state.is_terminal() {
            return;
        }
        task.state = state;
        task.updates.push(state);
        if task.updates.length == 1 {
            self.send_first(status, out);
        }
    }

    fn acknowledge(&mut self, status: StatusId, out: &mut Vec<Output>) {
        let Some(task) = self.tasks.get_mut(status) else { return };
        let acknowledged = task.updates.pop();
        if acknowledged.is_some_and(TaskState::is_terminal) {
            self.tasks.remove(status);
        } else {
            self.send_first(status, out);
        }
    }

    fn send_first(&self, status: StatusId, out: &mut Vec<Output>) {
        let Some(task) = self.tasks.get(status) else { return };
        let Some(state) = task.updates.first() else { return };
        out.push(Output::StatusUpdate(StatusUpdate {
            framework: task.framework,
            task: task.id,
            agent: self.id,
            state,
            latest_state: task.state,
            reason: task.reason.filter(|_| state.is_terminal()),
            status: Some(status),
        }));
    }
}
