//! Frameworks: who gets offers and what they do with them.

mod batch;
mod job_queue;
mod placement;

pub use batch::{BatchFramework, BatchOptions, Hold, ThinkTime};
pub use job_queue::JobOrder;
pub use placement::Placement;

use crate::job::Job;
use crate::observe::Observation;
use crate::protocol::{Call, OfferId, OfferMessage, StatusUpdate};
use policy_api::{AgentId, AgentInfo, IdVec, Time};
use std::sync::Arc;

/// What can happen to a framework.
#[derive(Clone, Debug)]
pub enum Input {
    /// The scheduler comes up.
    Start,
    Subscribed,
    /// A user submits a job.
    Submit(Arc<Job>),
    Offers(Vec<OfferMessage>),
    Rescind(Vec<OfferId>),
    Update(StatusUpdate),
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
