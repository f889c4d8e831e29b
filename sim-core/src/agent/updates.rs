//! Status updates, delivered reliably and in order (`spec/agent.md` 4.2).

use super::task::{Retry, Stream, Task, Update};
use super::{Agent, Output, ProcessState, Timer};
use crate::arena::Handle;
use crate::protocol::{DrainConfig, FromAgent, Reason, StatusId, StatusUpdate, TaskState};
use policy_api::{AgentId, Time};

impl Agent {
    /// The agent notes a new state of a task and sends it, unless an earlier one is still on its way.
    /// False if it could not write it down, and has ended.
    pub(super) fn take_update(
        &mut self,
        now: Time,
        handle: Handle<Task>,
        update: Update,
        out: &mut Vec<Output>,
    ) -> bool {
        let Some(task) = self.tasks.get(handle) else { return true };
        // Only the first end counts.
        if task.state.is_terminal() {
            self.counters.invalid_status_updates += 1;
            return true;
        }
        let (is_first, framework) = (task.stream.updates.first().is_none(), task.framework);
        if !self.can_checkpoint_for(now, framework, out) {
            return false;
        }
        let Some(framework) = self.framework(framework) else { return true };
        let (partition_aware, is_silent) = (framework.partition_aware, framework.terminating);
        let update =
            self.drain.map_or(update, |drain| while_draining(update, drain, partition_aware));
        self.counters.count(update.state);
        let Some(task) = self.tasks.get_mut(handle) else { return true };
        task.state = update.state;
        if update.state.is_terminal() {
            self.container_changed(handle, out);
        }
        let Some(task) = self.tasks.get_mut(handle) else { return true };
        if !is_silent {
            task.stream.updates.push(update);
            if is_first {
                self.send_first(now, handle, out);
            }
        }
        true
    }

    /// Sends the first update of a task for the first time.
    fn send_first(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        let (ProcessState::Running, Some(id)) = (self.process, self.id) else { return };
        let Some(task) = self.tasks.get_mut(handle) else { return };
        let Some(update) = task.first_update(handle, id) else { return };
        task.stream.sent = update.state;
        task.stream.retry = Retry::starting(now);
        let due = task.stream.retry.due;
        out.push(Output::Send(FromAgent::StatusUpdate(update)));
        self.wake_for_retry(due, out);
    }

    pub(super) fn acknowledge(&mut self, now: Time, status: StatusId, out: &mut Vec<Output>) {
        let Some(task) = self.tasks.get(status.task) else { return };
        let (is_current, framework) = (task.stream.sequence == status.sequence, task.framework);
        if !is_current || !self.can_checkpoint_for(now, framework, out) {
            return;
        }
        let Some(task) = self.tasks.get_mut(status.task) else { return };
        let Some(acknowledged) = task.stream.updates.pop() else { return };
        task.stream.sequence += 1;
        #[cfg(feature = "sabotage")]
        if self.options.sabotage == Some(crate::sabotage::Sabotage::SkipUpdate) {
            task.stream.sequence += 1;
        }
        if acknowledged.state.is_terminal() {
            self.remove_task(now, status.task, out);
        } else {
            self.send_first(now, status.task, out);
        }
    }

    /// After a registration everything that is on its way is sent again.
    pub(super) fn resume_updates(&mut self, now: Time, out: &mut Vec<Output>) {
        let Some(id) = self.id else { return };
        let mut earliest = None;
        for (handle, task) in self.tasks.entries_mut() {
            let Some(update) = task.first_update(handle, id) else { continue };
            task.stream.sent = update.state;
            task.stream.retry = Retry::starting(now);
            earliest = Some(task.stream.retry.due);
            out.push(Output::Send(FromAgent::StatusUpdate(update)));
        }
        if let Some(due) = earliest {
            self.wake_for_retry(due, out);
        }
    }

    /// Asks for the one timer of all retries, if none is pending that fires in time.
    pub(super) fn wake_for_retry(&mut self, due: Time, out: &mut Vec<Output>) {
        if self.retry_at.is_none_or(|at| due < at) {
            self.retry_at = Some(due);
            out.push(Output::Wake { at: due, timer: Timer::Retry });
        }
    }

    /// Sends again what has waited long enough for its acknowledgement.
    pub(super) fn retry(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.retry_at.is_none_or(|at| now < at) {
            return;
        }
        self.retry_at = None;
        let (ProcessState::Running, Some(id)) = (self.process, self.id) else { return };
        let mut next = Time::NEVER;
        for (handle, task) in self.tasks.entries_mut() {
            let Some(update) = task.first_update(handle, id) else { continue };
            if task.stream.retry.fires(now) {
                out.push(Output::Send(FromAgent::StatusUpdate(update)));
            }
            next = next.min(task.stream.retry.due);
        }
        next = next.min(self.operations.retry(now, id, out));
        if next != Time::NEVER {
            self.wake_for_retry(next, out);
        }
    }
}

impl Task {
    /// The update that is to be acknowledged next, with what is known now.
    fn first_update(&self, handle: Handle<Self>, agent: AgentId) -> Option<StatusUpdate> {
        let Stream { updates, sequence, .. } = &self.stream;
        let Update { state, reason, source } = updates.first()?;
        Some(StatusUpdate {
            framework: self.framework,
            task: self.id,
            agent: Some(agent),
            state,
            latest_state: self.state,
            source,
            reason,
            unreachable_since: None,
            status: Some(StatusId { task: handle, sequence: *sequence }),
        })
    }
}

/// Who is killed on an agent that is being drained is told why.
fn while_draining(update: Update, drain: DrainConfig, partition_aware: bool) -> Update {
    if !matches!(update.state, TaskState::Killing | TaskState::Killed) {
        return update;
    }
    let is_gone = update.state == TaskState::Killed && drain.mark_gone && partition_aware;
    let state = if is_gone { TaskState::GoneByOperator } else { update.state };
    Update { state, reason: Some(Reason::AgentDraining), ..update }
}
