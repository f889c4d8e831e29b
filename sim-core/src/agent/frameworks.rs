//! Frameworks on an agent, and the rows that keep them there.

use super::executors::Executor;
use super::task::Task;
use super::{Agent, Output, ProcessState};
use crate::arena::Handle;
use crate::protocol::RunTask;
use policy_api::{FrameworkId, Time};
use std::sync::Arc;

/// A framework that has executors here, or tasks whose ends are not acknowledged.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Framework {
    pub(super) id: FrameworkId,
    /// Its id as Mesos writes it; `None` until something of it is launched.
    pub(super) name: Option<Arc<str>>,
    pub(super) partition_aware: bool,
    pub(super) task_killing_state: bool,
    /// Whether what it has here outlives the agent's process.
    pub(super) checkpoint: bool,
    /// All of it is being shut down, and nothing is told of it any more.
    pub(super) terminating: bool,
    /// How many executors and tasks it has.
    rows: u32,
}

/// How many completed frameworks an agent remembers.
const MAX_COMPLETED: usize = 50;

impl Agent {
    /// An agent has few frameworks, so that a list serves best.
    pub(super) fn framework(&self, id: FrameworkId) -> Option<&Framework> {
        self.frameworks.iter().find(|framework| framework.id == id)
    }

    pub(super) fn is_terminating(&self, id: FrameworkId) -> bool {
        self.framework(id).is_some_and(|framework| framework.terminating)
    }

    pub(super) fn is_partition_aware(&self, id: FrameworkId) -> bool {
        self.framework(id).is_some_and(|framework| framework.partition_aware)
    }

    /// Notes what a message says about a framework; a row for it must follow.
    pub(super) fn note_framework(&mut self, run: &RunTask) {
        let profile = self.options.profile;
        let framework = self.framework_or_new(run.framework, run.checkpoint);
        framework.name.get_or_insert_with(|| Arc::clone(&run.framework_name));
        framework.partition_aware = run.partition_aware && profile.partition_aware_states;
        framework.task_killing_state = run.task_killing_state && profile.task_killing_state;
    }

    fn framework_or_new(&mut self, id: FrameworkId, checkpoint: bool) -> &mut Framework {
        let index = self.frameworks.iter().position(|known| known.id == id).unwrap_or_else(|| {
            self.frameworks.push(Framework {
                id,
                name: None,
                partition_aware: false,
                task_killing_state: false,
                checkpoint,
                terminating: false,
                rows: 0,
            });
            self.frameworks.len() - 1
        });
        &mut self.frameworks[index]
    }

    pub(super) fn insert_task(&mut self, task: Task) -> Handle<Task> {
        self.framework_or_new(task.framework, false).rows += 1;
        let executor = task.executor;
        let handle = self.tasks.insert(task);
        if let Some(row) = executor.and_then(|executor| self.executors.get_mut(executor)) {
            row.tasks.push(handle);
        }
        handle
    }

    /// Forgets a task, and its executor with it if that has ended and this was its last task.
    pub(super) fn remove_task(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        let Some(task) = self.tasks.remove(handle) else { return };
        if let Some(executor) = task.executor {
            if let Some(row) = self.executors.get_mut(executor) {
                row.tasks.remove(handle);
            }
            self.remove_ended_executor(now, executor, out);
        }
        self.framework_loses_a_row(now, task.framework, out);
    }

    pub(super) fn insert_executor(&mut self, executor: Executor) -> Handle<Executor> {
        self.framework_or_new(executor.framework, false).rows += 1;
        self.executors.insert(executor)
    }

    /// Forgets an executor that has ended, if no end of a task is left to be acknowledged.
    pub(super) fn remove_ended_executor(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        out: &mut Vec<Output>,
    ) {
        let is_over = |row: &Executor| row.is_terminated() && row.tasks.is_empty();
        if !self.executors.get(handle).is_some_and(is_over) {
            return;
        }
        if let Some(row) = self.executors.remove(handle) {
            self.framework_loses_a_row(now, row.framework, out);
        }
    }

    fn framework_loses_a_row(&mut self, now: Time, id: FrameworkId, out: &mut Vec<Output>) {
        let Some(index) = self.frameworks.iter().position(|known| known.id == id) else { return };
        self.frameworks[index].rows -= 1;
        if self.frameworks[index].rows > 0 {
            return;
        }
        self.frameworks.swap_remove(index);
        if !self.is_up() {
            return;
        }
        self.completed.retain(|completed| *completed != id);
        if self.completed.len() == MAX_COMPLETED {
            self.completed.pop_front();
        }
        self.completed.push_back(id);
        self.end_of_draining();
        self.exit_when_empty(now, out);
    }

    /// All executors of the framework are shut down, and nothing of it is told any more.
    pub(super) fn shut_down_framework(
        &mut self,
        now: Time,
        id: FrameworkId,
        out: &mut Vec<Output>,
    ) {
        let Some(framework) = self.frameworks.iter_mut().find(|known| known.id == id) else {
            return;
        };
        if std::mem::replace(&mut framework.terminating, true) {
            return;
        }
        self.shut_down.insert(id);
        let executors = self.executors_where(|executor| executor.framework == id);
        // Tasks without executor, and those of executors that have ended, wait only to be
        // acknowledged.
        let has_ended = |task: &Task| {
            let executor = task.executor.and_then(|executor| self.executors.get(executor));
            executor.is_none_or(Executor::is_terminated)
        };
        for task in self.tasks_where(|task| task.framework == id && has_ended(task)) {
            self.remove_task(now, task, out);
        }
        for executor in executors {
            self.shut_down_executor(now, executor, out);
        }
    }

    pub(super) fn tasks_where(&self, keep: impl Fn(&Task) -> bool) -> Vec<Handle<Task>> {
        self.tasks.entries().filter(|(_, task)| keep(task)).map(|(handle, _)| handle).collect()
    }

    pub(super) fn executors_where(
        &self,
        keep: impl Fn(&Executor) -> bool,
    ) -> Vec<Handle<Executor>> {
        self.executors.entries().filter(|(_, row)| keep(row)).map(|(handle, _)| handle).collect()
    }

    /// The agent ends, and all that runs with it.
    pub(super) fn terminate(&mut self, now: Time, out: &mut Vec<Output>) {
        self.epoch += 1;
        self.process = ProcessState::Terminating;
        let frameworks: Vec<FrameworkId> = self.frameworks.iter().map(|row| row.id).collect();
        for framework in frameworks {
            self.shut_down_framework(now, framework, out);
        }
        self.exit_when_empty(now, out);
    }

    fn exit_when_empty(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.process == ProcessState::Terminating && self.frameworks.is_empty() {
            self.exit(now, out);
        }
    }
}
