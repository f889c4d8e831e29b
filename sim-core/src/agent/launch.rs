//! What happens to tasks that arrive (`spec/agent.md` section 3).

use super::executors::{Container, Executor, ExecutorState, ExecutorTasks, NamedExecutor};
use super::task::{Phase, Run, Stream, Task, Update, Updates};
use super::{Agent, Output, Timer};
use crate::arena::Handle;
use crate::protocol::{ExecutorInfo, Launch, Reason, RunTask, TaskId, TaskState, Tasks};
use policy_api::{FrameworkId, Resources, Span, Time};
use std::sync::Arc;

impl Agent {
    /// Launches the tasks of one message, or drops them all.
    pub(super) fn run(&mut self, now: Time, run: RunTask, out: &mut Vec<Output>) {
        if self.id != Some(run.agent)
            || self.is_terminating(run.framework)
            || run.checkpoint && !self.can_checkpoint(now, out)
            || !self.can_checkpoint_for(now, run.framework, out)
        {
            return;
        }
        #[cfg(feature = "sabotage")]
        if self.options.sabotage == Some(crate::sabotage::Sabotage::ForgetLaunch)
            && run.tasks.as_slice().iter().any(|launch| launch.task.slot % 4 == 3)
        {
            return;
        }
        self.note_framework(&run);
        let info = run.tasks.as_slice().first().and_then(Launch::executor).cloned();
        let known = info.as_ref().and_then(|info| self.find_executor(run.framework, info.id));
        if let Some(reason) = self.refusal(&run, info.as_deref(), known) {
            self.drop_run(now, run, info.as_deref(), known, reason, out);
            return;
        }
        let RunTask { framework, role, tasks, .. } = run;
        let group = match &tasks {
            Tasks::One(_) => None,
            Tasks::Group(_) => {
                self.next_group = self.next_group.wrapping_add(1);
                Some(self.next_group)
            }
        };
        let Some(info) = info else {
            each(tasks, |launch| {
                #[cfg(feature = "sabotage")]
                if self.options.sabotage == Some(crate::sabotage::Sabotage::LaunchTwice) {
                    let (role, launch) = (Arc::clone(&role), launch.clone());
                    let executor = self.create_executor(now, framework, None);
                    self.queue(now, (framework, role), launch, executor, group, out);
                }
                let executor = self.create_executor(now, framework, None);
                self.queue(now, (framework, Arc::clone(&role)), launch, executor, group, out);
                self.prepare_container(now, executor, out);
            });
            return;
        };
        let executor = known.unwrap_or_else(|| {
            let (role, runs_groups) = (Arc::clone(&role), group.is_some());
            let named = NamedExecutor { info, role, runs_groups };
            self.create_executor(now, framework, Some(Box::new(named)))
        });
        each(tasks, |launch| {
            self.queue(now, (framework, Arc::clone(&role)), launch, executor, group, out);
        });
        if known.is_none() {
            self.prepare_container(now, executor, out);
        }
    }

    /// Why the tasks cannot be launched, in the order in which Mesos asks.
    fn refusal(
        &self,
        run: &RunTask,
        info: Option<&ExecutorInfo>,
        known: Option<Handle<Executor>>,
    ) -> Option<Reason> {
        if self.drain.is_some() {
            return Some(Reason::AgentDraining);
        }
        let has = |resources: &Resources| self.resources.has_checkpointed(resources);
        let tasks = run.tasks.as_slice();
        if !tasks.iter().all(|launch| has(&launch.resources))
            || info.is_some_and(|info| !has(&info.resources))
        {
            return Some(Reason::ResourcesUnknown);
        }
        info?;
        let state = known.and_then(|known| self.executors.get(known)).map(|row| row.state);
        let fits = match state {
            None => run.launch_executor,
            Some(ExecutorState::Registering | ExecutorState::Running) => !run.launch_executor,
            Some(ExecutorState::Terminating | ExecutorState::Terminated) => false,
        };
        (!fits).then_some(Reason::ExecutorTerminated)
    }

    /// None of the tasks is launched. The master frees what it has set aside for their executor.
    fn drop_run(
        &mut self,
        now: Time,
        run: RunTask,
        info: Option<&ExecutorInfo>,
        known: Option<Handle<Executor>>,
        reason: Reason,
        out: &mut Vec<Output>,
    ) {
        let RunTask { framework, role, partition_aware, launch_executor, tasks, .. } = run;
        each(tasks, |Launch { task, resources, .. }| {
            let dropped =
                Task { role: Some(Arc::clone(&role)), resources, ..unknown_task(framework, task) };
            self.report_dropped(now, dropped, partition_aware, reason, out);
        });
        let Some(info) = info.filter(|_| launch_executor) else { return };
        let lives = known.filter(|known| {
            self.executors.get(*known).is_some_and(|executor| !executor.is_terminated())
        });
        match lives {
            // Its end frees them.
            Some(executor) if reason == Reason::ExecutorTerminated => {
                self.shut_down_executor(now, executor, out);
            }
            Some(_) | None => self.tell_of_exit(framework, info.id, out),
        }
    }

    /// Tells, reliably, that a task is not there and never will be.
    pub(super) fn report_dropped(
        &mut self,
        now: Time,
        task: Task,
        partition_aware: bool,
        reason: Reason,
        out: &mut Vec<Output>,
    ) {
        let tells_apart = partition_aware && self.options.profile.partition_aware_states;
        let state = if tells_apart { TaskState::Dropped } else { TaskState::Lost };
        let task = self.insert_task(task);
        self.take_update(now, task, Update::of_agent(state, reason), out);
    }

    fn queue(
        &mut self,
        now: Time,
        (framework, role): (FrameworkId, Arc<str>),
        launch: Launch,
        executor: Handle<Executor>,
        group: Option<u32>,
        out: &mut Vec<Output>,
    ) {
        let Launch { task, resources, duration, details } = launch;
        let task = self.insert_task(Task {
            role: Some(role),
            resources,
            duration,
            details,
            executor: Some(executor),
            group,
            run: Run::Waiting,
            ..unknown_task(framework, task)
        });
        self.container_changed(task, out);
        if self.executors.get(executor).is_some_and(|row| row.state == ExecutorState::Running) {
            self.deliver(now, task, out);
        }
    }

    fn create_executor(
        &mut self,
        now: Time,
        framework: FrameworkId,
        named: Option<Box<NamedExecutor>>,
    ) -> Handle<Executor> {
        let tasks = match named {
            None => ExecutorTasks::Command(None),
            Some(_) => ExecutorTasks::Named(Vec::new()),
        };
        self.insert_executor(Executor {
            framework,
            named,
            state: ExecutorState::Registering,
            container: Container::Launching,
            tasks,
            termination: None,
            started: now,
            meter: None,
            ports: None,
        })
    }

    /// How long the launch takes is known, so that one timer is enough: for its end or for the end of
    /// patience.
    pub(super) fn launch_container(
        &mut self,
        now: Time,
        executor: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let (delay, patience) =
            (self.options.launch_delay, self.options.executor_registration_timeout);
        if delay.is_zero() {
            self.executor_started(now, executor, out);
        } else if delay <= patience {
            out.push(Output::Wake { at: now + delay, timer: Timer::ExecutorStarted(executor) });
        } else {
            let timer = Timer::ExecutorRegistrationTimeout(executor);
            out.push(Output::Wake { at: now + patience, timer });
        }
    }
}

/// A task of which no more than its name is known.
pub(super) const fn unknown_task(framework: FrameworkId, id: TaskId) -> Task {
    Task {
        framework,
        id,
        role: None,
        resources: Resources::EMPTY,
        duration: Span::ZERO,
        details: None,
        executor: None,
        group: None,
        state: TaskState::Staging,
        run: Run::Ended,
        phase: Phase::Computes,
        held: Updates::NONE,
        stream: Stream::NEW,
        work: None,
    }
}

fn each(tasks: Tasks, mut act: impl FnMut(Launch)) {
    match tasks {
        Tasks::One(launch) => act(launch),
        Tasks::Group(launches) => launches.into_iter().for_each(act),
    }
}
