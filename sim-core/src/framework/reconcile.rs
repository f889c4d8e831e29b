//! Explicit reconciliation: what has become of the tasks since the connection broke.

use super::backoff::BackOff;
use crate::protocol::{Call, TaskId};
use policy_api::{AgentId, Span, Time};
use std::collections::BTreeMap;

/// Asks for the states of tasks until each was told, with truncated exponential back-off, as Mesos's
/// documentation recommends (`spec/master.md` 7.2): a master that still waits for agents does not
/// answer for theirs.
#[derive(Clone, Debug)]
pub(super) struct Reconciliation {
    unanswered: BTreeMap<TaskId, AgentId>,
    back_off: BackOff,
    /// When those without an answer are asked for again.
    due: Time,
}

impl Reconciliation {
    const FIRST: Span = Span::from_secs(1);
    const MOST: Span = Span::from_secs(60);

    pub(super) const fn new() -> Self {
        let back_off = BackOff::new(Self::FIRST, Self::MOST);
        Self { unanswered: BTreeMap::new(), back_off, due: Time::NEVER }
    }

    /// Begins anew, with these tasks.
    pub(super) fn begin(
        &mut self,
        now: Time,
        tasks: impl Iterator<Item = (TaskId, AgentId)>,
    ) -> Option<Call> {
        self.unanswered = tasks.collect();
        self.back_off.reset();
        self.due = now;
        self.ask(now)
    }

    /// The connection is gone: nobody answers any more.
    pub(super) fn stop(&mut self) {
        self.unanswered.clear();
    }

    /// Any news of a task is an answer.
    pub(super) fn answered(&mut self, task: TaskId) {
        if !self.unanswered.is_empty() {
            self.unanswered.remove(&task);
        }
    }

    /// Asks for what is unanswered, when it is time to.
    pub(super) fn ask(&mut self, now: Time) -> Option<Call> {
        if self.next()? > now {
            return None;
        }
        self.due = now + self.back_off.step();
        let tasks = self.unanswered.iter().map(|(task, agent)| (*task, Some(*agent))).collect();
        Some(Call::Reconcile { tasks })
    }

    /// When to ask next.
    pub(super) fn next(&self) -> Option<Time> {
        (!self.unanswered.is_empty()).then_some(self.due)
    }
}
