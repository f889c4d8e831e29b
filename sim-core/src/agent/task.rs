//! A task on an agent: the agent's row, what runs on the host, and updates on their way.

use super::consumption::Work;
use super::executors::Executor;
use crate::arena::Handle;
use crate::protocol::{LaunchDetails, Reason, Source, TaskId, TaskState};
use policy_api::{FrameworkId, Resources, Span, Time};
use std::sync::Arc;

/// A task on the agent, until its terminal update is acknowledged.
#[derive(Clone, Debug)]
pub struct Task {
    pub(super) framework: FrameworkId,
    pub(super) id: TaskId,
    /// The role that its resources are allocated to. Unknown of a task that the agent never had.
    pub(super) role: Option<Arc<str>>,
    pub(super) resources: Resources,
    pub(super) duration: Span,
    pub(super) details: Option<Arc<LaunchDetails>>,
    /// None for a task that was dropped on its arrival.
    pub(super) executor: Option<Handle<Executor>>,
    /// Tasks of one `LAUNCH_GROUP` have one number.
    pub(super) group: Option<u32>,
    /// The latest that the agent knows.
    pub(super) state: TaskState,
    pub(super) run: Run,
    /// What it does while it runs.
    pub(super) phase: Phase,
    /// What the executor keeps while the agent is away.
    pub(super) held: Updates,
    pub(super) stream: Stream,
    /// While it runs, where it matters what it consumes.
    pub(super) work: Option<Box<Work>>,
}

/// Where a task is on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// It has not reached its executor.
    Waiting,
    Starting,
    Running,
    /// It was told to end at `since`, and has ended by `ends`.
    Stopping {
        since: Time,
        ends: Time,
    },
    Ended,
}

/// What a running task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Reads,
    Computes,
    Writes,
}

impl Run {
    /// Whether the executor has it and it has not ended.
    pub(super) const fn is_live(self) -> bool {
        match self {
            Self::Starting | Self::Running | Self::Stopping { .. } => true,
            Self::Waiting | Self::Ended => false,
        }
    }
}

/// A new state of a task.
#[derive(Clone, Copy, Debug)]
pub(super) struct Update {
    pub(super) state: TaskState,
    pub(super) reason: Option<Reason>,
    pub(super) source: Source,
}

impl Update {
    pub(super) const fn of_executor(state: TaskState, reason: Option<Reason>) -> Self {
        Self { state, reason, source: Source::Executor }
    }

    pub(super) const fn of_agent(state: TaskState, reason: Reason) -> Self {
        Self { state, reason: Some(reason), source: Source::Agent }
    }
}

/// Updates of one task, in order: STARTING, RUNNING, KILLING and an end are all that one can report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Updates {
    list: [Update; 4],
    length: usize,
}

impl Updates {
    pub(super) const NONE: Self =
        Self { list: [Update::of_executor(TaskState::Staging, None); 4], length: 0 };

    /// One that finds no place is not kept: there is none such.
    pub(super) fn push(&mut self, update: Update) {
        if let Some(place) = self.list.get_mut(self.length) {
            *place = update;
            self.length += 1;
        }
    }

    pub(super) fn first(&self) -> Option<Update> {
        self.list[..self.length].first().copied()
    }

    pub(super) fn last(&self) -> Option<Update> {
        self.list[..self.length].last().copied()
    }

    pub(super) fn pop(&mut self) -> Option<Update> {
        let first = self.first()?;
        self.list.rotate_left(1);
        self.length -= 1;
        Some(first)
    }
}

/// The updates of a task that are not acknowledged; the first one is on its way to the framework.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub(super) updates: Updates,
    /// The number of the first update among all of the task.
    pub(super) sequence: u32,
    /// The state of the update that was sent last.
    pub(super) sent: TaskState,
    pub(super) retry: Retry,
}

impl Stream {
    pub(super) const NEW: Self = Self {
        updates: Updates::NONE,
        sequence: 0,
        sent: TaskState::Staging,
        retry: Retry { due: Time::NEVER, interval: Span::ZERO },
    };
}

/// When to send again what is not acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retry {
    pub(super) due: Time,
    interval: Span,
}

impl Retry {
    const SHORTEST: Span = Span::from_secs(10);
    const LONGEST: Span = Span::from_secs(600);

    /// It was sent for the first time, or to a new master.
    pub(super) fn starting(now: Time) -> Self {
        Self { due: now + Self::SHORTEST, interval: Self::SHORTEST }
    }

    /// Whether it is to be sent now. It is then due again after twice the time.
    pub(super) fn fires(&mut self, now: Time) -> bool {
        let fires = self.due <= now;
        if fires {
            self.interval = (self.interval * 2).min(Self::LONGEST);
            self.due = now + self.interval;
        }
        fires
    }
}

impl Task {
    /// The latest state, whether the agent has heard of it or not.
    pub(super) fn latest(&self) -> TaskState {
        self.held.last().map_or(self.state, |update| update.state)
    }

    /// Whether it waits for bytes to move.
    pub(super) fn is_moving(&self) -> bool {
        self.run != Run::Ended && self.phase != Phase::Computes
    }

    /// Whether its framework is still to hear of its end.
    pub(super) const fn is_unfinished(&self) -> bool {
        !self.state.is_terminal()
    }
}
