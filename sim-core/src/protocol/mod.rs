//! What master, agents, frameworks and operators say to each other, under Mesos's names
//! (`spec/master.md`, `spec/agent.md`).

mod agent;
mod command;
mod operation;
mod operator;
mod scheduler;
mod task;

pub use agent::{
    AgentUpdate, DrainConfig, ExecutorReport, FrameworkReport, FromAgent, Registration,
    Reregistration, TaskReport, ToAgent,
};
pub use command::{CommandInfo, InvalidUri, Origin, Origins, Uri, UriClass, UriId, User, UserId};
pub use operation::{
    DiskOperation, MasterOperationId, OfferOperation, OfferOperationKind, OperationId,
    OperationKind, OperationOwner, OperationRecord, OperationReport, OperationState,
    OperationStatus,
};
pub use operator::{MachineId, MaintenanceWindow, OperatorCall, QuotaRequest, Response};
pub use scheduler::{Call, Connection, Event, InverseOfferId, OfferId, OfferMessage, Subscription};
pub use task::{
    ExecutorId, ExecutorInfo, Launch, LaunchDetails, Reason, RecordedUse, RunTask, Source,
    StatusId, StatusUpdate, TaskId, TaskOutcome, TaskState, Tasks,
};

policy_api::dense_id!(
    /// A machine that an agent runs on. It keeps its number whatever becomes of the agent; the agent
    /// may get another id.
    HostId
);
