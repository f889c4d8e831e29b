//! What master, agents and frameworks say to each other, under Mesos's names (`spec/master.md`,
//! `spec/agent.md`).

use crate::arena::Handle;
use crate::master::Offer;
use policy_api::{
    AgentId, AgentInfo, FrameworkId, FrameworkInfo, Operation, Resources, RoleId, Span,
};
use std::sync::Arc;

/// An outstanding offer.
pub type OfferId = Handle<Offer>;

/// A task as its framework names it: a slot in the framework's own table, so that master and agent
/// need no map from names. Unique within the framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    pub slot: u32,
    pub generation: u32,
}

/// The states of a task that occur so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    Staging,
    Starting,
    Running,
    Finished,
    Failed,
    Lost,
    Dropped,
    Error,
}

impl TaskState {
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Staging | Self::Starting | Self::Running => false,
            Self::Finished | Self::Failed | Self::Lost | Self::Dropped | Self::Error => true,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Staging => "TASK_STAGING",
            Self::Starting => "TASK_STARTING",
            Self::Running => "TASK_RUNNING",
            Self::Finished => "TASK_FINISHED",
            Self::Failed => "TASK_FAILED",
            Self::Lost => "TASK_LOST",
            Self::Dropped => "TASK_DROPPED",
            Self::Error => "TASK_ERROR",
        }
    }
}

/// Why a task got its state, where the state does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The offers of the ACCEPT were not what one ACCEPT may name.
    InvalidOffers,
    /// The task itself was refused by the master's validation.
    TaskInvalid,
    /// The agent has gone.
    AgentRemoved,
    /// The agent does not have the reservations or volumes that the task uses.
    ResourcesUnknown,
}

/// A task that a framework wants on the agent of the offer that it accepts.
#[derive(Clone, Debug)]
pub struct Launch {
    pub task: TaskId,
    pub resources: Resources,
    /// The work that it brings: time from RUNNING to the end.
    pub duration: Span,
}

/// What a framework does with offers that it accepts.
#[derive(Clone, Debug)]
pub enum OfferOperation {
    /// One task of a LAUNCH: a LAUNCH of several is as many of these.
    Launch(Launch),
    /// RESERVE, UNRESERVE, CREATE, DESTROY, `GROW_VOLUME` or `SHRINK_VOLUME`. Their resources carry no
    /// allocation role: it is that of the offers.
    Convert(Box<Operation>),
}

/// The kinds of operations that convert resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    Reserve,
    Unreserve,
    Create,
    Destroy,
    GrowVolume,
    ShrinkVolume,
}

impl OperationKind {
    pub const fn of(operation: &Operation) -> Self {
        match operation {
            Operation::Reserve { .. } => Self::Reserve,
            Operation::Unreserve(_) => Self::Unreserve,
            Operation::Create(_) => Self::Create,
            Operation::Destroy(_) => Self::Destroy,
            Operation::GrowVolume { .. } => Self::GrowVolume,
            Operation::ShrinkVolume { .. } => Self::ShrinkVolume,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserve => "RESERVE",
            Self::Unreserve => "UNRESERVE",
            Self::Create => "CREATE",
            Self::Destroy => "DESTROY",
            Self::GrowVolume => "GROW_VOLUME",
            Self::ShrinkVolume => "SHRINK_VOLUME",
        }
    }
}

/// A task on its way to, or on, an agent.
#[derive(Clone, Debug)]
pub struct RunTask {
    pub framework: FrameworkId,
    /// Whether the framework hears of a task that is not launched as DROPPED rather than LOST.
    pub partition_aware: bool,
    pub launch: Launch,
}

/// An update of a task's state. `status` names it to the agent that waits for the acknowledgement;
/// updates that the master makes itself need none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusUpdate {
    pub framework: FrameworkId,
    pub task: TaskId,
    pub agent: AgentId,
    /// The state that this update reports.
    pub state: TaskState,
    /// The latest state that the agent knows: the master frees resources by this one.
    pub latest_state: TaskState,
    pub reason: Option<Reason>,
    pub status: Option<StatusId>,
}

/// Names a task to the agent that runs it; stands for the uuid of a Mesos status update.
pub type StatusId = Handle<crate::agent::Task>;

/// What a framework sees of an offer.
#[derive(Clone, Debug)]
pub struct OfferMessage {
    pub id: OfferId,
    pub agent: AgentId,
    pub role: RoleId,
    pub resources: Resources,
}

/// Calls of the scheduler API.
#[derive(Clone, Debug)]
pub enum Call {
    Subscribe {
        info: Box<FrameworkInfo>,
        /// Who the framework has proved to be, where it had to.
        principal: Option<Arc<str>>,
    },
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
    Suppress,
    Revive,
    Acknowledge {
        agent: AgentId,
        task: TaskId,
        status: StatusId,
    },
}

/// What an agent says when it registers.
#[derive(Clone, Debug)]
pub struct Registration {
    pub info: AgentInfo,
    /// With the reservations and volumes that operations have made.
    pub total: Resources,
}
