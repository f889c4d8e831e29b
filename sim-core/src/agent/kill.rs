//! Kills (`spec/agent.md` 4.1).

use super::launch::unknown_task;
use super::task::{Run, Task, Update};
use super::{Agent, Output};
use crate::arena::Handle;
use crate::protocol::{Reason, TaskId, TaskState};
use policy_api::{FrameworkId, Span, Time};

impl Agent {
    pub(super) fn kill(
        &mut self,
        now: Time,
        (framework, id): (FrameworkId, TaskId),
        grace: Option<Span>,
        partition_aware: bool,
        out: &mut Vec<Output>,
    ) {
        if self.is_terminating(framework) {
            return;
        }
        let same = |task: &Task| task.framework == framework && task.id == id;
        let known = self.tasks.entries().filter(|(_, task)| same(task));
        let known = known.max_by_key(|(_, task)| task.is_unfinished()).map(|(handle, _)| handle);
        if let Some(task) = known {
            self.kill_task(now, task, grace, out);
        } else {
            let (task, reason) = (unknown_task(framework, id), Reason::ExecutorTerminated);
            self.report_dropped(now, task, partition_aware, reason, out);
        }
    }

    /// A task that has not reached its executor ends here, and its whole group with it.
    pub(super) fn kill_task(
        &mut self,
        now: Time,
        handle: Handle<Task>,
        grace: Option<Span>,
        out: &mut Vec<Output>,
    ) {
        let Some(task) = self.tasks.get(handle) else { return };
        match task.run {
            Run::Waiting => {
                let group = task.group;
                self.kill_waiting(now, handle, out);
                let waits = |task: &Task| task.group == group && task.run == Run::Waiting;
                if group.is_some() {
                    for member in self.tasks_where(waits) {
                        self.kill_waiting(now, member, out);
                    }
                }
            }
            Run::Starting | Run::Running | Run::Stopping { .. } => {
                self.stop_task(now, handle, grace, out);
            }
            Run::Ended => {}
        }
    }

    fn kill_waiting(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        if let Some(task) = self.tasks.get_mut(handle) {
            task.run = Run::Ended;
        }
        let end = Update::of_agent(TaskState::Killed, Reason::TaskKilledDuringLaunch);
        self.take_update(now, handle, end, out);
    }
}
