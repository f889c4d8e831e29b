//! The life of a task as its framework follows it.

use crate::arena::Handle;
use crate::observe::{JobIndex, TaskRecord};
use crate::protocol::{StatusUpdate, TaskId, TaskState};
use policy_api::{AgentId, FrameworkId, Quantities, RoleId, Span, Time};

/// A task from the decision to launch it until its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) role: RoleId,
    pub(super) agent: AgentId,
    launched: Time,
    started: Option<Time>,
    /// Since when its agent has not answered.
    unreachable: Option<Time>,
}

/// What an update means for whoever wants the task to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It goes on.
    Alive,
    /// It runs, for the first time.
    Started,
    /// Its agent has not answered since then; it may come back.
    Unreachable(Time),
    /// It is over, or nobody knows it.
    Ended(TaskState),
}

/// What was submitted as this task.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    pub(super) job: JobIndex,
    pub(super) number: u32,
    pub(super) demand: Quantities,
    pub(super) arrived: Time,
    pub(super) duration: Span,
}

impl Life {
    pub(super) const fn new(role: RoleId, agent: AgentId, launched: Time) -> Self {
        Self { role, agent, launched, started: None, unreachable: None }
    }

    pub(super) fn hear(&mut self, now: Time, update: &StatusUpdate) -> News {
        match update.state {
            TaskState::Staging | TaskState::Starting | TaskState::Killing => {
                self.unreachable = None;
                News::Alive
            }
            TaskState::Running => {
                self.unreachable = None;
                if self.started.is_some() {
                    return News::Alive;
                }
                self.started = Some(now);
                News::Started
            }
            TaskState::Unreachable => {
                let since = update.unreachable_since.unwrap_or(now).min(now);
                News::Unreachable(*self.unreachable.get_or_insert(since))
            }
            // Only reconciliation says so: the master, whose agents are all back, has never heard of it.
            TaskState::Unknown => News::Ended(TaskState::Lost),
            TaskState::Finished
            | TaskState::Failed
            | TaskState::Killed
            | TaskState::Lost
            | TaskState::Dropped
            | TaskState::Error
            | TaskState::Gone
            | TaskState::GoneByOperator => News::Ended(update.state),
        }
    }

    pub(super) const fn started(&self) -> Option<Time> {
        self.started
    }

    /// Whether it runs, as far as is known.
    pub(super) const fn is_up(&self) -> bool {
        self.started.is_some() && self.unreachable.is_none()
    }

    pub(super) const fn is_unreachable(&self) -> bool {
        self.unreachable.is_some()
    }

    /// Whether its agent has not answered for this long.
    pub(super) fn is_unreachable_for(&self, now: Time, timeout: Span) -> bool {
        self.unreachable.is_some_and(|since| since + timeout <= now)
    }

    pub(super) fn record(
        &self,
        framework: FrameworkId,
        work: Work,
        now: Time,
        state: TaskState,
    ) -> TaskRecord {
        TaskRecord {
            framework,
            role: self.role,
            agent: self.agent,
            job: work.job,
            number: work.number,
            demand: work.demand,
            arrived: work.arrived,
            launched: self.launched,
            started: self.started.unwrap_or(now),
            ran: self.started.is_some(),
            ended: now,
            duration: work.duration,
            state,
        }
    }
}

/// A framework names its tasks by the rows that it keeps them in.
pub(super) const fn task_id<T>(handle: Handle<T>) -> TaskId {
    TaskId { slot: handle.slot(), generation: handle.generation() }
}

pub(super) const fn row_of<T>(task: TaskId) -> Handle<T> {
    Handle::from_parts(task.slot, task.generation)
}
