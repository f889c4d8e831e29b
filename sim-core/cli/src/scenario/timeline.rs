//! What operators do, as the scenario file has it.

use super::agents::DiskSourceName;
use super::selector::AgentSelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toml::Spanned;
use workloads::units::{Duration, Memory};

/// A call of an operator, under the name that Mesos's operator API has for it: one of the tables below.
/// What the master answers is in `operator.csv`; a call that is refused does not end the run.
///
/// Where a call is for several agents it is made once for each, all at the same time or `every` so
/// often. Flags cannot be changed while a run goes on.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperatorEntry {
    /// When, counted from the start of the run.
    #[schemars(with = "Duration")]
    pub(crate) time: Spanned<Duration>,
    /// Who calls. Default: nobody in particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) principal: Option<String>,
    /// The time between the calls for one agent and for the next. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Duration>")]
    pub(crate) every: Option<Spanned<Duration>>,

    /// Reserves resources on agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ReservationCall>")]
    pub(crate) reserve_resources: Option<Spanned<ReservationCall>>,
    /// Takes a reservation back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ReservationCall>")]
    pub(crate) unreserve_resources: Option<Spanned<ReservationCall>>,
    /// Makes persistent volumes of disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<VolumesCall>")]
    pub(crate) create_volumes: Option<Spanned<VolumesCall>>,
    /// Destroys persistent volumes with their data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<VolumesCall>")]
    pub(crate) destroy_volumes: Option<Spanned<VolumesCall>>,
    /// Makes a persistent volume larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ResizeCall>")]
    pub(crate) grow_volume: Option<Spanned<ResizeCall>>,
    /// Makes a persistent volume smaller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ResizeCall>")]
    pub(crate) shrink_volume: Option<Spanned<ResizeCall>>,
    /// Sets guarantees and limits of roles: of all that are named, or of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<UpdateQuotaCall>")]
    pub(crate) update_quota: Option<Spanned<UpdateQuotaCall>>,
    /// Sets the quota of one role, as Mesos did before 1.9: a guarantee that is the limit as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<SetQuotaCall>")]
    pub(crate) set_quota: Option<Spanned<SetQuotaCall>>,
    /// Removes the quota of one role, as Mesos did before 1.9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<RemoveQuotaCall>")]
    pub(crate) remove_quota: Option<Spanned<RemoveQuotaCall>>,
    /// Changes the weights of roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<UpdateWeightsCall>")]
    pub(crate) update_weights: Option<Spanned<UpdateWeightsCall>>,
    /// Replaces the whole maintenance schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ScheduleCall>")]
    pub(crate) update_maintenance_schedule: Option<Spanned<ScheduleCall>>,
    /// Takes machines down that are in the maintenance schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<AgentsCall>")]
    pub(crate) start_maintenance: Option<Spanned<AgentsCall>>,
    /// Brings machines up again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<AgentsCall>")]
    pub(crate) stop_maintenance: Option<Spanned<AgentsCall>>,
    /// Ends all that runs on agents, and lets nothing new run there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DrainCall>")]
    pub(crate) drain_agent: Option<Spanned<DrainCall>>,
    /// Withholds agents from all offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<AgentsCall>")]
    pub(crate) deactivate_agent: Option<Spanned<AgentsCall>>,
    /// Offers agents again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<AgentsCall>")]
    pub(crate) reactivate_agent: Option<Spanned<AgentsCall>>,
    /// Says that agents will never come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<AgentsCall>")]
    pub(crate) mark_agent_gone: Option<Spanned<AgentsCall>>,
    /// Removes a framework with all its tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<TeardownCall>")]
    pub(crate) teardown: Option<Spanned<TeardownCall>>,
}

/// Agents, and nothing else.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentsCall {
    /// Which agents.
    #[schemars(with = "AgentSelector")]
    pub(crate) agents: Spanned<AgentSelector>,
}

/// A reservation.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReservationCall {
    /// On which agents.
    #[schemars(with = "AgentSelector")]
    pub(crate) agents: Spanned<AgentSelector>,
    /// What is reserved, without this reservation: `cpus:4;mem:8192`. What is reserved already, as in
    /// `cpus(eng):4`, gets a refined reservation.
    #[schemars(with = "String")]
    pub(crate) resources: Spanned<String>,
    /// For whom.
    #[schemars(with = "String")]
    pub(crate) role: Spanned<String>,
    /// Who reserves. Default: who calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reserver: Option<String>,
    /// Labels of the reservation. Default: none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) labels: BTreeMap<String, String>,
}

/// Persistent volumes, the same on each agent.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VolumesCall {
    /// On which agents.
    #[schemars(with = "AgentSelector")]
    pub(crate) agents: Spanned<AgentSelector>,
    /// The volumes.
    pub(crate) volumes: Vec<VolumeConfig>,
}

/// Another size of a persistent volume.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResizeCall {
    /// On which agents.
    #[schemars(with = "AgentSelector")]
    pub(crate) agents: Spanned<AgentSelector>,
    /// The volume as it is.
    pub(crate) volume: VolumeConfig,
    /// By how much.
    pub(crate) by: Memory,
}

/// A persistent volume.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VolumeConfig {
    /// Its persistence id; unique for its role on its agent.
    pub(crate) id: String,
    /// Its size.
    pub(crate) size: Memory,
    /// The role that its disk is reserved for.
    #[schemars(with = "String")]
    pub(crate) role: Spanned<String>,
    /// Whether that reservation is of the agent's configuration. Default false: it was made by an
    /// operation.
    #[serde(default)]
    pub(crate) static_reservation: bool,
    /// Who made the reservation. Default: who calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reserver: Option<String>,
    /// Labels of the reservation. Default: none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) labels: BTreeMap<String, String>,
    /// Where it appears in its container. Default `data`.
    #[serde(default = "data")]
    pub(crate) container_path: String,
    /// Whether several tasks may use it at once. Default false.
    #[serde(default)]
    pub(crate) shared: bool,
    /// The disk that it is made of: the root disk when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) disk: Option<DiskName>,
}

fn data() -> String {
    "data".to_owned()
}

/// A disk of an agent.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiskName {
    /// What can be made of it.
    pub(crate) source: DiskSourceName,
    /// Where it is mounted.
    pub(crate) root: String,
}

/// Quotas of several roles.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateQuotaCall {
    /// Whether the check is left out that the cluster has what is guaranteed. Default false.
    #[serde(default)]
    pub(crate) force: bool,
    /// The quota of each role.
    pub(crate) quotas: Vec<QuotaConfig>,
}

/// The quota of a role.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuotaConfig {
    /// The role.
    #[schemars(with = "String")]
    pub(crate) role: Spanned<String>,
    /// What it gets before all others, such as `cpus:10;mem:20480`. Default: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) guarantees: Option<Spanned<String>>,
    /// What it gets at most, such as `cpus:20`. Default: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) limits: Option<Spanned<String>>,
}

/// The older form of quota.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetQuotaCall {
    /// Whether the check is left out that the cluster has what is guaranteed. Default false.
    #[serde(default)]
    pub(crate) force: bool,
    /// The role.
    #[schemars(with = "String")]
    pub(crate) role: Spanned<String>,
    /// What it gets before all others, and at most: `cpus:10;mem:20480`.
    #[schemars(with = "String")]
    pub(crate) guarantee: Spanned<String>,
}

/// The role whose quota is removed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveQuotaCall {
    /// The role.
    #[schemars(with = "String")]
    pub(crate) role: Spanned<String>,
}

/// Weights of some roles; those of others stay.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateWeightsCall {
    /// The weight of each role.
    pub(crate) weights: Vec<WeightConfig>,
}

/// The weight of a role.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WeightConfig {
    /// The role.
    #[schemars(with = "String")]
    pub(crate) role: Spanned<String>,
    /// Its weight among its siblings.
    pub(crate) weight: f64,
}

/// The whole maintenance schedule.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleCall {
    /// When which machines are to be unavailable.
    pub(crate) windows: Vec<WindowConfig>,
}

/// Machines that are to be unavailable at the same time, or one after the other.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowConfig {
    /// Which machines, by their agents.
    #[schemars(with = "AgentSelector")]
    pub(crate) agents: Spanned<AgentSelector>,
    /// From when on, counted from the start of the run.
    pub(crate) start: Duration,
    /// For how long. Default: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) duration: Option<Duration>,
    /// The time between the start for one machine and for the next. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) every: Option<Duration>,
}

/// Agents that are emptied.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrainCall {
    /// Which agents.
    #[schemars(with = "AgentSelector")]
    pub(crate) agents: Spanned<AgentSelector>,
    /// The longest grace that a task gets. Default: the agent's `kill_grace_period`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_grace_period: Option<Duration>,
    /// Whether the agents are gone for good afterwards. Default false.
    #[serde(default)]
    pub(crate) mark_gone: bool,
}

/// A framework that is removed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeardownCall {
    /// Its name.
    #[schemars(with = "String")]
    pub(crate) framework: Spanned<String>,
}
