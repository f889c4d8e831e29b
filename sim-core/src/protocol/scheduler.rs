//! The scheduler API: calls of frameworks, events for them.

use super::operation::{MasterOperationId, OfferOperation, OperationId, OperationStatus};
use super::task::{ExecutorId, StatusId, StatusUpdate, TaskId};
use crate::arena::Handle;
use crate::master::{InverseOffer, Offer};
use policy_api::{
    AgentId, FrameworkInfo, InverseOfferStatus, Resources, RoleId, Span, Unavailability,
};
use std::sync::Arc;

/// An outstanding offer.
pub type OfferId = Handle<Offer>;
/// An outstanding inverse offer.
pub type InverseOfferId = Handle<InverseOffer>;

/// One connection of a scheduler to the master; a later one has a higher number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Connection(pub u32);

/// What a framework sees of an offer.
#[derive(Clone, Debug)]
pub struct OfferMessage {
    pub id: OfferId,
    pub agent: AgentId,
    pub role: RoleId,
    pub resources: Resources,
    /// When the agent is to be drained.
    pub unavailability: Option<Unavailability>,
}

/// What a framework says of itself when it subscribes, besides what allocators look at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subscription {
    pub info: FrameworkInfo,
    /// Who it has proved to be, where it had to.
    pub principal: Option<Arc<str>>,
    /// The account that its tasks run under.
    pub user: Arc<str>,
    /// How long it may be away before it is removed.
    pub failover_timeout: Span,
    /// Whether its executors and tasks outlive a restart of their agent.
    pub checkpoint: bool,
    /// Whether the scheduler has been told its id before.
    pub has_id: bool,
    /// Takes the framework over from a scheduler that is still connected.
    pub force: bool,
}

/// Calls of the scheduler API.
#[derive(Clone, Debug)]
pub enum Call {
    Subscribe(Box<Subscription>),
    /// The framework changes what it has said of itself, on the same connection.
    UpdateFramework(Box<Subscription>),
    /// Operations on the sum of some offers of one agent, in order. What they leave is declined,
    /// with the filter.
    Accept {
        offers: Vec<OfferId>,
        operations: Vec<OfferOperation>,
        refuse: Span,
    },
    Decline {
        offers: Vec<OfferId>,
        refuse: Span,
    },
    /// Whether the framework will leave the agents by the time of their maintenance.
    AnswerInverseOffers {
        offers: Vec<InverseOfferId>,
        status: InverseOfferStatus,
        refuse: Span,
    },
    /// All roles when empty.
    Suppress {
        roles: Vec<RoleId>,
    },
    /// All roles when empty.
    Revive {
        roles: Vec<RoleId>,
    },
    Acknowledge {
        agent: AgentId,
        task: TaskId,
        status: StatusId,
    },
    AcknowledgeOperation {
        operation: MasterOperationId,
    },
    Kill {
        task: TaskId,
        agent: Option<AgentId>,
        /// Instead of the task's own.
        grace: Option<Span>,
    },
    /// Shuts an executor down.
    Shutdown {
        agent: AgentId,
        executor: ExecutorId,
    },
    /// Asks for the states of these tasks, of all of the framework's when empty.
    Reconcile {
        tasks: Vec<(TaskId, Option<AgentId>)>,
    },
    /// Asks for the states of these operations, of all of the framework's when empty.
    ReconcileOperations {
        operations: Vec<(OperationId, Option<AgentId>)>,
    },
    /// Wants no offers any more, and goes on with what it has.
    Deactivate,
    Teardown,
}

impl Call {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Subscribe(_) => "SUBSCRIBE",
            Self::UpdateFramework(_) => "UPDATE_FRAMEWORK",
            Self::Accept { .. } => "ACCEPT",
            Self::Decline { .. } => "DECLINE",
            Self::AnswerInverseOffers { status: InverseOfferStatus::Accept, .. } => {
                "ACCEPT_INVERSE_OFFERS"
            }
            Self::AnswerInverseOffers { status: InverseOfferStatus::Decline, .. } => {
                "DECLINE_INVERSE_OFFERS"
            }
            Self::Suppress { .. } => "SUPPRESS",
            Self::Revive { .. } => "REVIVE",
            Self::Acknowledge { .. } => "ACKNOWLEDGE",
            Self::AcknowledgeOperation { .. } => "ACKNOWLEDGE_OPERATION_STATUS",
            Self::Kill { .. } => "KILL",
            Self::Shutdown { .. } => "SHUTDOWN",
            Self::Reconcile { .. } => "RECONCILE",
            Self::ReconcileOperations { .. } => "RECONCILE_OPERATIONS",
            Self::Deactivate => "DEACTIVATE",
            Self::Teardown => "TEARDOWN",
        }
    }
}

/// Events of the scheduler API.
#[derive(Clone, Debug)]
pub enum Event {
    Subscribed,
    Offers(Vec<OfferMessage>),
    InverseOffers(Vec<(InverseOfferId, AgentId, Unavailability)>),
    Rescind(Vec<OfferId>),
    RescindInverse(Vec<InverseOfferId>),
    Update(StatusUpdate),
    OperationUpdate(OperationStatus),
    /// An agent was removed, or does not answer.
    AgentLost(AgentId),
    ExecutorExited {
        agent: AgentId,
        executor: ExecutorId,
    },
    /// The end of the connection: the scheduler is to stop.
    Error(Arc<str>),
}
