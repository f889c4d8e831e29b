//! What executors and their tasks do by themselves on the host, whether the agent is there or not.

use super::executors::{Container, Executor};
use super::fetcher::Client;
use super::task::{Phase, Run, Task, Update};
use super::{Agent, NetworkOrder, Output, Timer};
use crate::arena::Handle;
use crate::protocol::{CommandInfo, LaunchDetails, Reason, TaskOutcome, TaskState};
use policy_api::{Span, Time};
use std::sync::Arc;

impl Agent {
    /// An executor gets one of its tasks.
    pub(super) fn deliver(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        let Some(task) = self.tasks.get_mut(handle) else { return };
        if task.run != Run::Waiting {
            return;
        }
        task.run = Run::Starting;
        if self.options.starting_delay.is_some() {
            self.report(now, handle, Update::of_executor(TaskState::Starting, None), out);
        }
        if !self.prepare_nested(now, handle, out) {
            self.start_task(now, handle, out);
        }
    }

    /// A task that has its files comes to run.
    pub(super) fn start_task(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        match self.options.starting_delay {
            Some(delay) => {
                out.push(Output::Wake { at: now + delay, timer: Timer::TaskStarted(handle) });
            }
            None => self.task_started(now, handle, out),
        }
    }

    pub(super) fn task_started(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        let Some(task) = self.tasks.get_mut(handle) else { return };
        if task.run != Run::Starting {
            return;
        }
        task.run = Run::Running;
        if let Some(details) = &task.details {
            self.volumes.start_writing(now, &task.resources, details.write_rate);
        }
        let lasts = task.time_to_live();
        self.report(now, handle, Update::of_executor(TaskState::Running, None), out);
        if !self.start_reading(now, handle, out) {
            self.start_computing(now, handle, lasts, out);
        }
    }

    /// The time of its work begins.
    pub(super) fn start_computing(
        &mut self,
        now: Time,
        handle: Handle<Task>,
        lasts: Span,
        out: &mut Vec<Output>,
    ) {
        if !self.begin_work(now, handle, out) && lasts != Span::MAX {
            out.push(Output::Wake { at: now + lasts, timer: Timer::TaskEnded(handle) });
        }
    }

    /// A task ends by itself, or because it has run for too long.
    pub(super) fn task_ended(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        // Where the end of its work has moved, an earlier timer may be left.
        let is_moving = self.tasks.get(handle).is_some_and(Task::is_moving);
        if is_moving || self.has_work_left(now, handle, out) {
            return;
        }
        let Some(task) = self.tasks.get(handle) else { return };
        if task.run == Run::Running && self.start_moving(handle, Phase::Writes, out) {
            self.end_work(now, handle, out);
            return;
        }
        self.finish_task(now, handle, out);
    }

    pub(super) fn finish_task(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        let Some(task) = self.tasks.get(handle) else { return };
        let update = match task.run {
            Run::Running => Update::of_executor(task.end(now).0, task.end(now).1),
            // Whoever has been told to end was killed, however it ends.
            Run::Stopping { .. } => Update::of_executor(TaskState::Killed, None),
            Run::Waiting | Run::Starting | Run::Ended => return,
        };
        self.end_task(now, handle, update, out);
    }

    /// SIGTERM, and SIGKILL after the grace. A second one can only shorten the grace.
    pub(super) fn stop_task(
        &mut self,
        now: Time,
        handle: Handle<Task>,
        grace: Option<Span>,
        out: &mut Vec<Output>,
    ) {
        let Some(task) = self.tasks.get_mut(handle) else { return };
        let details = task.details.as_deref();
        let own = details.and_then(|details| details.kill_grace);
        let grace = grace.or(own).unwrap_or(self.options.kill_grace);
        let needs = details.map_or(Span::ZERO, |details| details.time_to_stop);
        let (is_first, since, latest) = match task.run {
            Run::Starting | Run::Running => (true, now, Time::NEVER),
            Run::Stopping { since, ends } => (false, since, ends),
            Run::Waiting | Run::Ended => return,
        };
        let ends = (since + needs.min(grace)).max(now).min(latest);
        task.run = Run::Stopping { since, ends };
        let framework = task.framework;
        if is_first && self.framework(framework).is_some_and(|it| it.task_killing_state) {
            self.report(now, handle, Update::of_executor(TaskState::Killing, None), out);
        }
        if ends == now {
            self.task_stopped(now, handle, out);
        } else if ends < latest {
            out.push(Output::Wake { at: ends, timer: Timer::TaskStopped(handle) });
        }
    }

    pub(super) fn task_stopped(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        let has_ended = |task: &Task| matches!(task.run, Run::Stopping { ends, .. } if ends <= now);
        if self.tasks.get(handle).is_some_and(has_ended) {
            self.end_task(now, handle, Update::of_executor(TaskState::Killed, None), out);
        }
    }

    pub(super) fn end_task(
        &mut self,
        now: Time,
        handle: Handle<Task>,
        end: Update,
        out: &mut Vec<Output>,
    ) {
        let Some(task) = self.tasks.get(handle) else { return };
        let (executor, group) = (task.executor, task.group);
        self.process_gone(now, handle, out);
        self.divide_host(now, out);
        self.report(now, handle, end, out);
        // The default executor ends the rest of a group when one of it has not ended well.
        if group.is_some() && end.state != TaskState::Finished {
            let in_group = |task: &Task| task.group == group && task.run.is_live();
            for task in self.tasks_where(in_group) {
                self.stop_task(now, task, None, out);
            }
        }
        if let Some(executor) = executor {
            self.end_idle_executor(now, executor, out);
        }
    }

    /// The process of a task is gone; nothing is told of it.
    fn process_gone(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        let Some(task) = self.tasks.get_mut(handle) else { return };
        let moves = task.is_moving();
        #[cfg(feature = "sabotage")]
        let moves = moves && self.options.sabotage != Some(crate::sabotage::Sabotage::KeepMoving);
        if moves {
            out.push(Output::Network(NetworkOrder::Stop { task: handle }));
        }
        let has_run = matches!(task.run, Run::Running | Run::Stopping { .. });
        let may_fetch = has_run || task.run == Run::Starting;
        task.run = Run::Ended;
        if may_fetch && task.nested_command().is_some() {
            self.kill_fetch(now, Client::Nested(handle), out);
        }
        let Some(task) = self.tasks.get(handle) else { return };
        if let Some(details) = task.details.as_ref().filter(|_| has_run) {
            self.volumes.stop_writing(now, &task.resources, details.write_rate);
        }
    }

    /// The executor tells the agent, or keeps it until there is one.
    fn report(&mut self, now: Time, handle: Handle<Task>, update: Update, out: &mut Vec<Output>) {
        let taken = self.is_up() && self.take_update(now, handle, update, out);
        if !taken && let Some(task) = self.tasks.get_mut(handle) {
            task.held.push(update);
        }
    }

    /// An executor leaves when it is idle and was told to, or is there for what it ran only. It does
    /// not leave with something to tell.
    pub(super) fn end_idle_executor(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let Some(executor) = self.executors.get(handle) else { return };
        let for_these_only = executor.named.as_ref().is_none_or(|named| named.runs_groups);
        let all = |is_over: fn(Run) -> bool| {
            let mut tasks = executor.tasks.as_slice().iter();
            tasks.all(|task| self.tasks.get(*task).is_none_or(|task| is_over(task.run)))
        };
        let leaves = match executor.container {
            Container::Running => for_these_only && all(|run| run == Run::Ended),
            Container::Leaving => all(|run| !run.is_live()),
            Container::Fetching
            | Container::Launching
            | Container::Unregistered
            | Container::Gone => false,
        };
        if leaves && self.is_up() {
            self.destroy_container(now, handle, out);
        }
    }

    /// An executor ends its tasks, and then itself.
    pub(super) fn leave_container(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let Some(executor) = self.executors.get_mut(handle) else { return };
        executor.container = Container::Leaving;
        for task in executor.tasks.as_slice().to_vec() {
            self.stop_task(now, task, None, out);
        }
        self.end_idle_executor(now, handle, out);
    }

    /// A container ends with all that is in it, and with what the agent has not been told.
    pub(super) fn destroy_container(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let Some(executor) = self.executors.get_mut(handle) else { return };
        let was = std::mem::replace(&mut executor.container, Container::Gone);
        let ports = executor.ports.take();
        self.give_back_ports(ports);
        if was == Container::Fetching {
            self.kill_fetch(now, Client::Executor(handle), out);
        }
        let mut index = 0;
        while let Some(task) = self.task_of(handle, index) {
            self.process_gone(now, task, out);
            if let Some(task) = self.tasks.get_mut(task) {
                task.held = super::task::Updates::NONE;
            }
            index += 1;
        }
        self.divide_host(now, out);
        if self.is_up() {
            self.executor_terminated(now, handle, out);
        }
    }

    /// One of the executors that run ends by itself.
    pub(super) fn fail_executor(&mut self, now: Time, draw: u64, out: &mut Vec<Output>) {
        let live = self.executors_where(Executor::is_live);
        let place = draw.checked_rem(live.len() as u64);
        let chosen = place.and_then(|place| live.get(usize::try_from(place).ok()?));
        if let Some(executor) = chosen {
            self.destroy_container(now, *executor, out);
        }
    }
}

impl Task {
    /// The files that it brings as one of a group, whose executor has files of its own.
    pub(super) fn nested_command(&self) -> Option<&Arc<CommandInfo>> {
        self.group?;
        self.details.as_deref()?.command.as_ref()
    }

    pub(super) fn time_to_live(&self) -> Span {
        let longest = self.details.as_ref().and_then(|details| details.max_completion_time);
        longest.map_or(self.duration, |longest| longest.min(self.duration))
    }

    /// How it ends if it is left alone.
    fn end(&self, now: Time) -> (TaskState, Option<Reason>) {
        let Some(details) = &self.details else { return (TaskState::Finished, None) };
        let LaunchDetails { outcome, max_completion_time, .. } = **details;
        let is_late = match &self.work {
            Some(work) => work.is_late(now),
            None => max_completion_time.is_some_and(|longest| longest < self.duration),
        };
        if is_late {
            return (TaskState::Failed, Some(Reason::MaxCompletionTimeReached));
        }
        match outcome {
            TaskOutcome::Finished => (TaskState::Finished, None),
            TaskOutcome::Failed => (TaskState::Failed, None),
        }
    }
}
