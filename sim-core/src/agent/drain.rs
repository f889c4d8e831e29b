//! Draining (`spec/agent.md` section 11).

use super::task::Task;
use super::{Agent, Output};
use crate::protocol::DrainConfig;
use policy_api::{Span, Time};

impl Agent {
    /// Everything that runs is killed, and nothing new is launched until all has ended.
    pub(super) fn start_draining(&mut self, now: Time, config: DrainConfig, out: &mut Vec<Output>) {
        let has_nothing = self.frameworks.is_empty() && self.operations.is_empty();
        if has_nothing || !self.can_checkpoint(now, out) {
            return;
        }
        self.drain = Some(config);
        self.kill_all_for_draining(now, out);
    }

    /// Also after a restart, for what the agent before has not got to.
    pub(super) fn kill_all_for_draining(&mut self, now: Time, out: &mut Vec<Output>) {
        let Some(config) = self.drain else { return };
        for handle in self.tasks_where(Task::is_unfinished) {
            let grace = self.tasks.get(handle).and_then(|task| config.grace_for(task));
            self.kill_task(now, handle, grace, out);
        }
        self.end_of_draining();
    }

    pub(super) fn end_of_draining(&mut self) {
        if self.frameworks.is_empty() && self.operations.is_empty() {
            self.drain = None;
        }
    }
}

impl DrainConfig {
    /// The grace that overrides the task's own: only where that is longer, or none is given.
    fn grace_for(&self, task: &Task) -> Option<Span> {
        let own = task.details.as_ref().and_then(|details| details.kill_grace);
        self.max_grace.filter(|longest| own.is_none_or(|own| own > *longest))
    }
}
