//! Tasks, executors and what is told of their states (`spec/master.md` section 7).

use super::CommandInfo;
use crate::job::Transfers;
use policy_api::{AgentId, Amount, FrameworkId, Resources, Span, Time};
use std::sync::Arc;

/// A task as its framework names it: a slot in the framework's own table, so that master and agent
/// need no map from names. Unique within the framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    pub slot: u32,
    pub generation: u32,
}

/// An executor as its framework names it. Unique within the framework on one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutorId(pub u32);

/// The states of a task.
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
    /// Only where the framework has `TASK_KILLING_STATE`.
    Killing,
    Killed,
    /// The agent does not answer; the task may come back.
    Unreachable,
    Gone,
    GoneByOperator,
    /// Only as an answer to reconciliation.
    Unknown,
}

impl TaskState {
    pub const ALL: [Self; 14] = [
        Self::Staging,
        Self::Starting,
        Self::Running,
        Self::Finished,
        Self::Failed,
        Self::Lost,
        Self::Dropped,
        Self::Error,
        Self::Killing,
        Self::Killed,
        Self::Unreachable,
        Self::Gone,
        Self::GoneByOperator,
        Self::Unknown,
    ];

    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Staging
            | Self::Starting
            | Self::Running
            | Self::Killing
            | Self::Unreachable
            | Self::Unknown => false,
            Self::Finished
            | Self::Failed
            | Self::Killed
            | Self::Lost
            | Self::Dropped
            | Self::Error
            | Self::Gone
            | Self::GoneByOperator => true,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Staging => "TASK_STAGING",
            Self::Starting => "TASK_STARTING",
            Self::Running => "TASK_RUNNING",
            Self::Killing => "TASK_KILLING",
            Self::Finished => "TASK_FINISHED",
            Self::Failed => "TASK_FAILED",
            Self::Killed => "TASK_KILLED",
            Self::Lost => "TASK_LOST",
            Self::Dropped => "TASK_DROPPED",
            Self::Error => "TASK_ERROR",
            Self::Unreachable => "TASK_UNREACHABLE",
            Self::Gone => "TASK_GONE",
            Self::GoneByOperator => "TASK_GONE_BY_OPERATOR",
            Self::Unknown => "TASK_UNKNOWN",
        }
    }
}

/// Who says what state a task is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    Master,
    Agent,
    Executor,
}

impl Source {
    /// As metrics write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Master => "source_master",
            Self::Agent => "source_slave",
            Self::Executor => "source_executor",
        }
    }
}

/// Why a task got its state, where the state does not say it (`spec/master.md` 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The offers of the ACCEPT were not what one ACCEPT may name, or the agent has changed since.
    InvalidOffers,
    /// The task itself was refused by the master's validation.
    TaskInvalid,
    TaskGroupInvalid,
    TaskUnauthorized,
    TaskGroupUnauthorized,
    /// The agent has gone, or does not answer.
    AgentRemoved,
    AgentRemovedByOperator,
    AgentDisconnected,
    AgentReregistered,
    AgentRestarted,
    AgentDraining,
    /// The agent does not have the reservations or volumes that the task uses.
    ResourcesUnknown,
    Reconciliation,
    FrameworkRemoved,
    TaskKilledDuringLaunch,
    ExecutorTerminated,
    ExecutorRegistrationTimeout,
    ExecutorReregistrationTimeout,
    ContainerLaunchFailed,
    ContainerLimitation,
    ContainerLimitationDisk,
    ContainerLimitationMemory,
    ContainerPreempted,
    ContainerUpdateFailed,
    GcError,
    MaxCompletionTimeReached,
    MasterDisconnected,
}

impl Reason {
    /// As metrics write it: the older names, lower case.
    pub const fn metric_name(self) -> &'static str {
        match self {
            Self::InvalidOffers => "reason_invalid_offers",
            Self::TaskInvalid => "reason_task_invalid",
            Self::TaskGroupInvalid => "reason_task_group_invalid",
            Self::TaskUnauthorized => "reason_task_unauthorized",
            Self::TaskGroupUnauthorized => "reason_task_group_unauthorized",
            Self::AgentRemoved => "reason_slave_removed",
            Self::AgentRemovedByOperator => "reason_slave_removed_by_operator",
            Self::AgentDisconnected => "reason_slave_disconnected",
            Self::AgentReregistered => "reason_slave_reregistered",
            Self::AgentRestarted => "reason_slave_restarted",
            Self::AgentDraining => "reason_slave_draining",
            Self::ResourcesUnknown => "reason_resources_unknown",
            Self::Reconciliation => "reason_reconciliation",
            Self::FrameworkRemoved => "reason_framework_removed",
            Self::TaskKilledDuringLaunch => "reason_task_killed_during_launch",
            Self::ExecutorTerminated => "reason_executor_terminated",
            Self::ExecutorRegistrationTimeout => "reason_executor_registration_timeout",
            Self::ExecutorReregistrationTimeout => "reason_executor_reregistration_timeout",
            Self::ContainerLaunchFailed => "reason_container_launch_failed",
            Self::ContainerLimitation => "reason_container_limitation",
            Self::ContainerLimitationDisk => "reason_container_limitation_disk",
            Self::ContainerLimitationMemory => "reason_container_limitation_memory",
            Self::ContainerPreempted => "reason_container_preempted",
            Self::ContainerUpdateFailed => "reason_container_update_failed",
            Self::GcError => "reason_gc_error",
            Self::MaxCompletionTimeReached => "reason_max_completion_time_reached",
            Self::MasterDisconnected => "reason_master_disconnected",
        }
    }
}

/// How a task ends that is left alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskOutcome {
    #[default]
    Finished,
    Failed,
}

/// A task that a framework wants on the agent of the offer that it accepts.
#[derive(Clone, Debug)]
pub struct Launch {
    pub task: TaskId,
    pub resources: Resources,
    /// The work that it brings: time from RUNNING to the end. [`Span::MAX`] for one that runs until
    /// it is killed.
    pub duration: Span,
    /// What a plain command does not need.
    pub details: Option<Arc<LaunchDetails>>,
}

/// What is out of the ordinary about a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LaunchDetails {
    /// The executor that runs it; `None` for a command, which gets one of its own.
    pub executor: Option<Arc<ExecutorInfo>>,
    pub outcome: TaskOutcome,
    /// The time between SIGTERM and SIGKILL, instead of the executor's three seconds.
    pub kill_grace: Option<Span>,
    /// How long it takes to end after SIGTERM; it is killed when its grace is over.
    pub time_to_stop: Span,
    /// After this time in RUNNING it is failed.
    pub max_completion_time: Option<Span>,
    /// Bytes that it writes in a second to each volume that it uses, until the volume is full.
    pub write_rate: u64,
    /// The files that a command needs, or a task of a group. Any other task in an executor of its own
    /// makes do with the executor's.
    pub command: Option<Arc<CommandInfo>>,
    /// What it moves over the network.
    pub transfers: Option<Arc<Transfers>>,
    /// What it really used, where its trace tells.
    pub recorded_use: RecordedUse,
}

/// What a task uses as long as it runs, by a recording. What is not recorded is up to the use of its
/// framework's tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordedUse {
    /// In thousandths of a core.
    pub cpus: Option<Amount>,
    /// In thousandths of a MB.
    pub mem: Option<Amount>,
}

impl Launch {
    /// A command that ends well.
    pub const fn command(task: TaskId, resources: Resources, duration: Span) -> Self {
        Self { task, resources, duration, details: None }
    }

    pub fn executor(&self) -> Option<&Arc<ExecutorInfo>> {
        self.details.as_ref()?.executor.as_ref()
    }

    pub fn outcome(&self) -> TaskOutcome {
        self.details.as_ref().map_or(TaskOutcome::Finished, |details| details.outcome)
    }
}

/// An executor that runs several tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutorInfo {
    pub id: ExecutorId,
    /// What it takes besides its tasks.
    pub resources: Resources,
    /// From the request to shut down until its container is destroyed, instead of the agent's flag.
    pub shutdown_grace: Option<Span>,
    /// The files that it needs.
    pub command: Option<Arc<CommandInfo>>,
}

/// What one message launches.
#[derive(Clone, Debug)]
pub enum Tasks {
    One(Launch),
    /// All or none of them.
    Group(Vec<Launch>),
}

impl Tasks {
    pub const fn as_slice(&self) -> &[Launch] {
        match self {
            Self::One(launch) => std::slice::from_ref(launch),
            Self::Group(launches) => launches.as_slice(),
        }
    }
}

/// Tasks on their way to an agent.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct RunTask {
    /// The one that they are meant for: its host may have another agent by the time they arrive.
    pub agent: AgentId,
    pub framework: FrameworkId,
    /// The framework's id as Mesos writes it.
    pub framework_name: Arc<str>,
    /// The role that their resources are allocated to.
    pub role: Arc<str>,
    /// Whether the framework hears of a task that is not launched as DROPPED rather than LOST.
    pub partition_aware: bool,
    /// Whether the framework wants to hear of KILLING.
    pub task_killing_state: bool,
    /// Whether executors and tasks of the framework outlive a restart of the agent.
    pub checkpoint: bool,
    /// Whether the executor is to be launched, because the master knows of none.
    pub launch_executor: bool,
    pub tasks: Tasks,
}

/// Names an update to the agent that waits for its acknowledgement; stands for the uuid of a Mesos
/// status update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusId {
    /// The row that the agent keeps the task in.
    pub task: crate::arena::Handle<crate::agent::Task>,
    /// Counts the updates of that task.
    pub sequence: u32,
}

/// An update of a task's state. Updates that the master makes itself, and answers to reconciliation,
/// have no `status` and need no acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusUpdate {
    pub framework: FrameworkId,
    pub task: TaskId,
    /// `None` where nobody knows.
    pub agent: Option<AgentId>,
    /// The state that this update reports.
    pub state: TaskState,
    /// The latest state that the agent knows: the master frees resources by this one.
    pub latest_state: TaskState,
    pub source: Source,
    pub reason: Option<Reason>,
    /// Since when the agent has not answered, where that is why.
    pub unreachable_since: Option<Time>,
    pub status: Option<StatusId>,
}
