//! Frameworks: who gets offers and what they do with them.

mod backoff;
mod batch;
mod carve;
mod job_queue;
mod life;
mod maintenance;
mod placement;
mod reconcile;
mod service;
mod session;
mod spread;
mod stateful;
mod table;

pub use batch::{BatchFramework, BatchOptions, Hold, ThinkTime};
pub use carve::ResourceKind;
pub use job_queue::JobOrder;
pub use placement::Placement;
pub use service::{ServiceFramework, ServiceOptions};
pub use spread::{Spread, SpreadBy};
pub use stateful::{StatefulFramework, StatefulOptions, VolumeDisk};

use crate::job::{Job, TaskRun, TaskShape};
use crate::observe::Observation;
use crate::protocol::{Call, Event};
use policy_api::{AgentId, AgentInfo, IdVec, Quantities, Span, Time};
use std::sync::Arc;

/// What can happen to a framework.
#[derive(Clone, Debug)]
pub enum Input {
    /// The scheduler comes up, for the first time or after a crash, and finds a master: it subscribes.
    /// What it knew of its tasks it has kept in a store of its own; offers it has none.
    Start,
    /// The connection to the master is gone, and all offers with it. Calls go nowhere until
    /// [`Connected`](Self::Connected).
    Disconnected,
    /// A master is there again: it subscribes.
    Connected,
    /// The scheduler's process ends. Jobs that are submitted meanwhile wait for it.
    Crash,
    /// A user submits a job.
    Submit(Arc<Job>),
    Event(Event),
    /// The framework asked for it.
    Wake,
}

/// What a framework does.
#[derive(Clone, Debug)]
pub enum Output {
    Call(Call),
    Wake { at: Time },
    Observe(Observation),
}

/// What offers say of their agents, by agent: each offer would otherwise carry a copy.
pub type Agents = IdVec<AgentId, Option<AgentInfo>>;

/// A scheduler behind the framework API.
pub trait Framework {
    /// The one door.
    fn handle(&mut self, now: Time, input: Input, agents: &Agents, out: &mut Vec<Output>);

    /// Tasks that are submitted and not running yet, nor on their way to an agent.
    fn pending_tasks(&self) -> u64;

    /// Tasks between the ACCEPT and their end.
    fn live_tasks(&self) -> u64;
}

/// One instance of a service, as a job: what its incarnations are recorded under.
fn instance_job(arrival: Time, service: &str, number: u32, demand: &Quantities) -> Arc<Job> {
    Arc::new(Job {
        arrival,
        name: format!("{service}-{number}").into(),
        user: "".into(),
        queue: "".into(),
        priority: 0,
        shapes: vec![TaskShape { demand: *demand, constraints: Vec::new(), details: None }],
        tasks: vec![TaskRun { shape: 0, count: 1, duration: Span::MAX }],
    })
}
