//! What agents and the master say to each other.

use super::operation::{
    DiskOperation, MasterOperationId, OperationOwner, OperationRecord, OperationReport,
    OperationState,
};
use super::task::{ExecutorId, ExecutorInfo, RunTask, StatusId, StatusUpdate, TaskId, TaskState};
use policy_api::{AgentId, AgentInfo, FrameworkId, Operation, Resources, Span};
use std::sync::Arc;

/// What an agent says when it registers.
#[derive(Clone, Debug)]
pub struct Registration {
    pub info: AgentInfo,
    /// Its address, as maintenance may name it; empty where that does not matter.
    pub ip: Arc<str>,
    /// With the reservations and volumes that operations have made.
    pub total: Resources,
    /// Those reservations and volumes.
    pub checkpointed: Resources,
}

/// What an agent says when it comes back.
#[derive(Clone, Debug)]
pub struct Reregistration {
    pub agent: AgentId,
    pub registration: Registration,
    /// All frameworks that have executors or tasks there.
    pub frameworks: Vec<FrameworkReport>,
    /// Frameworks that have none any more; the last of them.
    pub completed_frameworks: Vec<FrameworkId>,
    /// Operations that are not acknowledged.
    pub operations: Vec<OperationRecord>,
}

/// What an agent tells of one framework.
#[derive(Clone, Debug)]
pub struct FrameworkReport {
    pub framework: FrameworkId,
    /// Its id as Mesos writes it.
    pub name: Arc<str>,
    pub partition_aware: bool,
    pub checkpoint: bool,
    /// Those of commands are not told.
    pub executors: Vec<ExecutorReport>,
    pub tasks: Vec<TaskReport>,
}

#[derive(Clone, Debug)]
pub struct ExecutorReport {
    pub info: Arc<ExecutorInfo>,
    /// The role that its resources are allocated to: that of its first task.
    pub role: Arc<str>,
}

/// A task that runs, waits, or has an end that is not acknowledged.
#[derive(Clone, Debug)]
pub struct TaskReport {
    pub task: TaskId,
    /// The role that its resources are allocated to.
    pub role: Arc<str>,
    pub resources: Resources,
    pub executor: Option<ExecutorId>,
    /// The latest state.
    pub state: TaskState,
    /// The state of the update that is on its way, or was acknowledged last.
    pub update_state: TaskState,
    pub status: Option<StatusId>,
}

/// News of an agent besides its tasks.
#[derive(Clone, Debug, Default)]
pub struct AgentUpdate {
    /// Everything but what is oversubscribed, where it has changed.
    pub total: Option<Resources>,
    /// All that can be oversubscribed now, what is allocated of it included.
    pub oversubscribed: Option<Resources>,
    /// The operations that are not acknowledged. `None` in a pure estimate.
    pub operations: Option<Vec<(MasterOperationId, OperationState)>>,
}

/// Messages of an agent to the master.
#[derive(Clone, Debug)]
pub enum FromAgent {
    Register(Box<Registration>),
    Reregister(Box<Reregistration>),
    /// The agent leaves for good.
    Unregister(AgentId),
    StatusUpdate(StatusUpdate),
    /// An executor of more than a command has ended, or was never launched.
    ExecutorExited {
        agent: AgentId,
        framework: FrameworkId,
        executor: ExecutorId,
    },
    Update {
        agent: AgentId,
        update: Box<AgentUpdate>,
    },
    OperationUpdate(Box<OperationReport>),
}

/// How an agent is to be emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrainConfig {
    /// The longest grace that a task gets; its own where it is `None`.
    pub max_grace: Option<Span>,
    /// Whether the agent is gone for good afterwards.
    pub mark_gone: bool,
}

/// Messages of the master to an agent.
#[derive(Clone, Debug)]
pub enum ToAgent {
    Registered {
        agent: AgentId,
    },
    /// With tasks that the master knows and the agent has not named: it says what became of them.
    Reregistered {
        agent: AgentId,
        reconcile: Vec<(FrameworkId, TaskId, bool)>,
    },
    Run(RunTask),
    Kill {
        framework: FrameworkId,
        task: TaskId,
        grace: Option<Span>,
        partition_aware: bool,
    },
    ShutdownExecutor {
        framework: FrameworkId,
        executor: ExecutorId,
    },
    ShutdownFramework(FrameworkId),
    Acknowledge(StatusId),
    /// The master has accounted for it already.
    Apply {
        operation: Box<Operation>,
        id: MasterOperationId,
        owner: OperationOwner,
    },
    /// For the resource provider.
    ApplyDisk {
        operation: Box<DiskOperation>,
        id: MasterOperationId,
        owner: OperationOwner,
    },
    AcknowledgeOperation(MasterOperationId),
    /// Operations that the agent has not named: it says what became of them.
    ReconcileOperations(Vec<MasterOperationId>),
    /// All reservations and volumes, for agents that do not keep them by operations.
    CheckpointResources(Resources),
    Drain(DrainConfig),
    /// The agent ends, with all that runs on it; `gone`, when it is not to come back.
    Shutdown {
        message: &'static str,
        gone: bool,
    },
    /// A ping that says whether the master takes the agent for connected.
    Ping {
        connected: bool,
    },
}
