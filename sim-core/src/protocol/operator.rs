//! Calls of an operator, under the names of Mesos's operator API (`spec/master.md` sections 3.6, 4, 10
//! and 11).

use super::agent::DrainConfig;
use policy_api::{
    AgentId, FrameworkId, NamedLimits, NamedQuantities, Operation, Resources, Unavailability,
};
use std::sync::Arc;

/// A machine as maintenance names it; one of the two may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MachineId {
    pub hostname: Arc<str>,
    pub ip: Arc<str>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct MaintenanceWindow {
    pub machines: Vec<MachineId>,
    pub unavailability: Unavailability,
}

/// Quota for one role, as `UPDATE_QUOTA` has it.
#[derive(Clone, Debug, PartialEq)]
pub struct QuotaRequest {
    pub role: Arc<str>,
    pub guarantees: NamedQuantities,
    pub limits: NamedLimits,
}

#[derive(Clone, Debug)]
pub enum OperatorCall {
    /// `RESERVE_RESOURCES`, `UNRESERVE_RESOURCES`, `CREATE_VOLUMES`, `DESTROY_VOLUMES`, `GROW_VOLUME`
    /// or `SHRINK_VOLUME`, by the kind of the operation.
    Operate {
        agent: AgentId,
        operation: Box<Operation>,
    },
    /// `UPDATE_QUOTA`: all roles or none.
    UpdateQuota {
        force: bool,
        quotas: Vec<QuotaRequest>,
    },
    /// The older POST to `/quota`: the guarantee is the limit as well.
    SetQuota {
        force: bool,
        role: Arc<str>,
        guarantee: Resources,
    },
    /// The older DELETE of `/quota/role`.
    RemoveQuota {
        role: Arc<str>,
    },
    /// `UPDATE_WEIGHTS`; weights of other roles stay.
    UpdateWeights(Vec<(Arc<str>, f64)>),
    /// Replaces the whole schedule.
    UpdateMaintenanceSchedule(Vec<MaintenanceWindow>),
    /// `START_MAINTENANCE`: the older `/machine/down`.
    StartMaintenance(Vec<MachineId>),
    /// `STOP_MAINTENANCE`: the older `/machine/up`.
    StopMaintenance(Vec<MachineId>),
    DrainAgent {
        agent: AgentId,
        config: DrainConfig,
    },
    DeactivateAgent {
        agent: AgentId,
    },
    ReactivateAgent {
        agent: AgentId,
    },
    MarkAgentGone {
        agent: AgentId,
    },
    Teardown {
        framework: FrameworkId,
    },
}

impl OperatorCall {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Operate { operation, .. } => match **operation {
                Operation::Reserve { .. } => "RESERVE_RESOURCES",
                Operation::Unreserve(_) => "UNRESERVE_RESOURCES",
                Operation::Create(_) => "CREATE_VOLUMES",
                Operation::Destroy(_) => "DESTROY_VOLUMES",
                Operation::GrowVolume { .. } => "GROW_VOLUME",
                Operation::ShrinkVolume { .. } => "SHRINK_VOLUME",
            },
            Self::UpdateQuota { .. } => "UPDATE_QUOTA",
            Self::SetQuota { .. } => "SET_QUOTA",
            Self::RemoveQuota { .. } => "REMOVE_QUOTA",
            Self::UpdateWeights(_) => "UPDATE_WEIGHTS",
            Self::UpdateMaintenanceSchedule(_) => "UPDATE_MAINTENANCE_SCHEDULE",
            Self::StartMaintenance(_) => "START_MAINTENANCE",
            Self::StopMaintenance(_) => "STOP_MAINTENANCE",
            Self::DrainAgent { .. } => "DRAIN_AGENT",
            Self::DeactivateAgent { .. } => "DEACTIVATE_AGENT",
            Self::ReactivateAgent { .. } => "REACTIVATE_AGENT",
            Self::MarkAgentGone { .. } => "MARK_AGENT_GONE",
            Self::Teardown { .. } => "TEARDOWN",
        }
    }
}

/// What the operator's client sees: the status of HTTP and, where it was refused, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub message: Option<Arc<str>>,
}

impl Response {
    pub const OK: Self = Self { status: 200, message: None };
    pub const ACCEPTED: Self = Self { status: 202, message: None };

    pub fn refused(status: u16, message: impl Into<Arc<str>>) -> Self {
        Self { status, message: Some(message.into()) }
    }

    pub const fn is_success(&self) -> bool {
        self.status < 300
    }
}
