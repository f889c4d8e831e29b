//! The neutral workload model: what a user submits to a framework.
//!
//! Every trace format and generator becomes this; the engine knows no other form of work.

use crate::protocol::{HostId, LaunchDetails};
use policy_api::{Quantities, Span, Time};
use std::sync::Arc;

/// A job: tasks that one user submits together. Tasks are independent of each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// When it is submitted. A workload yields jobs in the order of this; ties keep their order.
    pub arrival: Time,
    /// The name in the trace.
    pub name: Arc<str>,
    /// Who submitted it; empty where the trace does not tell.
    pub user: Arc<str>,
    /// Queue, partition, virtual cluster or class of service; empty where the trace does not tell.
    pub queue: Arc<str>,
    /// Higher is more important; the scale is the trace's own.
    pub priority: u8,
    /// The distinct requests of its tasks.
    pub shapes: Vec<TaskShape>,
    /// Its tasks, in the order in which they are to be placed.
    pub tasks: Vec<TaskRun>,
}

/// What one task asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskShape {
    pub demand: Quantities,
    /// Where it may run; all must hold.
    pub constraints: Vec<Constraint>,
    /// What is out of the ordinary about it, such as the files that it needs and the bytes that it moves.
    /// It is a command: no executor of its own.
    pub details: Option<Arc<LaunchDetails>>,
}

/// The bytes of a task. It reads, then it computes for its duration, then it writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transfers {
    pub before: Vec<Transfer>,
    pub after: Vec<Transfer>,
}

/// Bytes that move all the same way. Those of one phase move at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    pub heading: Heading,
    pub remote: Remote,
    pub bytes: u64,
    /// Bytes a second at which they are sent, as over UDP, whatever arrives of them; `None` where senders
    /// adapt to what they get, and all of it arrives.
    pub rate: Option<u64>,
}

/// Which way bytes go, seen from the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    Receive,
    Send,
}

/// The other end of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// Outside of the cluster, over the core.
    Outside,
    Host(HostId),
    /// So many other hosts, drawn anew for each task; each has an equal part of the bytes: a shuffle.
    Hosts(u32),
}

/// `count` tasks in a row that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskRun {
    /// Index into the job's shapes.
    pub shape: u32,
    pub count: u32,
    /// Service time on an agent, from RUNNING to the end.
    pub duration: Span,
}

/// A condition on the agent that a task runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// The agent's text attribute of this name is one of these.
    AttributeIn { name: Arc<str>, values: Vec<Arc<str>> },
    /// No two tasks of the job share an agent.
    UniqueAgent,
}

impl Job {
    pub fn task_count(&self) -> u64 {
        self.tasks.iter().map(|run| u64::from(run.count)).sum()
    }
}

impl TaskShape {
    /// Whether no two tasks of this shape may share an agent.
    pub fn wants_unique_agent(&self) -> bool {
        self.constraints.contains(&Constraint::UniqueAgent)
    }
}
