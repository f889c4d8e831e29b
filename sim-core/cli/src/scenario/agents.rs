//! Agents in the scenario file.

use super::oversubscription::{ConsumptionConfig, EstimatorConfig, QosControllerConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use toml::Spanned;
use workloads::units::{Duration, Memory};

/// Equal agents.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentGroup {
    /// Agents are called by this name and a number, `rack1-0007`.
    #[schemars(with = "String")]
    pub(crate) name: Spanned<String>,
    /// How many there are.
    #[serde(default = "one")]
    pub(crate) count: NonZeroU32,
    /// What each has, in Mesos's form: `cpus:8;mem:16384;disk:100000;ports:[31000-32000]`. Memory
    /// and disk are in MB. `cpus(eng):2` is a static reservation for the role `eng`.
    #[schemars(with = "String")]
    pub(crate) resources: Spanned<String>,
    /// Disks besides the root disk, which is in `resources`. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) disks: Vec<DiskConfig>,
    /// Text attributes, such as `rack = "r1"`. Default: none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) attributes: BTreeMap<String, String>,
    /// An attribute whose values are dealt out to the agents in turn, such as racks. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) spread: Option<AttributeSpread>,
    /// The region of the fault domain. Default: no fault domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    /// The zone of the fault domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
    /// The host names are the agents' names with this behind them, `rack1-0007.example.org`. Default:
    /// the agents' names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
}

const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

/// A disk with a file system of its own.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiskConfig {
    /// What can be made of it.
    pub(crate) source: DiskSourceName,
    /// Where it is mounted, such as `/mnt/data1`. Disks of one agent are told apart by it.
    pub(crate) root: String,
    /// Its size.
    #[schemars(with = "Memory")]
    pub(crate) size: Spanned<Memory>,
    /// The role that it is statically reserved for. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) role: Option<Spanned<String>>,
}

/// The kinds of disks that an agent can be configured with.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DiskSourceName {
    /// Several volumes share it.
    Path,
    /// One volume takes the whole of it.
    Mount,
}

/// An attribute whose values are dealt out in turn: the first agent gets the first value.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributeSpread {
    /// The attribute's name, such as `rack`.
    pub(crate) attribute: String,
    /// How many values there are. They are called by `prefix` and a number: `r0` to `r9`.
    pub(crate) values: NonZeroU32,
    /// What is before the number. Default: the first letter of the attribute's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prefix: Option<String>,
}

/// How agents behave, under the names of Mesos's agent flags where it has them.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AgentFlags {
    /// Each agent registers at a random time between zero and this. Default 1s.
    pub(crate) registration_backoff_factor: Duration,
    /// From the arrival of a task at its agent to the start of its executor. Default 0s.
    pub(crate) launch_delay: Duration,
    /// From `TASK_STARTING` to `TASK_RUNNING`. Without it executors do not report `TASK_STARTING`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) starting_delay: Option<Duration>,
    /// How long a container may take to launch until its executor registers. Default 1m.
    pub(crate) executor_registration_timeout: Duration,
    /// How long a recovering agent waits for its executors, always in full. Default 2s.
    pub(crate) executor_reregistration_timeout: Duration,
    /// From the request to shut an executor down until its container is destroyed. Default 5s.
    pub(crate) executor_shutdown_grace_period: Duration,
    /// From SIGTERM to SIGKILL. Default 3s.
    pub(crate) kill_grace_period: Duration,
    /// How long executors of checkpointing frameworks wait for their agent. Default 15m.
    pub(crate) recovery_timeout: Duration,
    /// What an agent does that finds a checkpoint. Default `reconnect`.
    pub(crate) recover: Recover,
    /// A supervisor starts the agent's process this long after it has ended by itself, at least 100ms.
    /// Default: it stays away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) restart_delay: Option<Duration>,
    /// How long a resource provider takes to make a disk or to take one back. Default 0s.
    pub(crate) disk_operation_time: Duration,

    /// Who estimates what can be oversubscribed. Default: nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<EstimatorConfig>")]
    pub(crate) resource_estimator: Option<Spanned<EstimatorConfig>>,
    /// From one estimate to the next. Default 15s.
    #[schemars(with = "Duration")]
    pub(crate) oversubscribed_resources_interval: Spanned<Duration>,
    /// Who kills when the host has become too full. Default: nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<QosControllerConfig>")]
    pub(crate) qos_controller: Option<Spanned<QosControllerConfig>>,
    /// From one look of the controller to the next. Default 15s, where Mesos has 0s and waits for
    /// controllers.
    #[schemars(with = "Duration")]
    pub(crate) qos_correction_interval_min: Spanned<Duration>,
    /// What tasks use of their hosts, and how hosts divide what they have. Default: it does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) consumption: Option<ConsumptionConfig>,

    /// What the fetcher's cache may hold. Default 2GiB, as in Mesos.
    pub(crate) fetcher_cache_size: Memory,
    /// Where relative paths of URIs are looked up. Default: there are no relative paths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frameworks_home: Option<String>,
}

impl Default for AgentFlags {
    fn default() -> Self {
        let mesos = sim_core::agent::AgentOptions::DEFAULT;
        Self {
            registration_backoff_factor: Duration(mesos.registration_backoff_factor),
            launch_delay: Duration(mesos.launch_delay),
            starting_delay: mesos.starting_delay.map(Duration),
            executor_registration_timeout: Duration(mesos.executor_registration_timeout),
            executor_reregistration_timeout: Duration(mesos.executor_reregistration_timeout),
            executor_shutdown_grace_period: Duration(mesos.executor_shutdown_grace_period),
            kill_grace_period: Duration(mesos.kill_grace),
            recovery_timeout: Duration(mesos.recovery_timeout),
            recover: Recover::Reconnect,
            restart_delay: mesos.restart_delay.map(Duration),
            disk_operation_time: Duration(mesos.disk_operation_time),
            resource_estimator: None,
            oversubscribed_resources_interval: default_interval(),
            qos_controller: None,
            qos_correction_interval_min: default_interval(),
            consumption: None,
            fetcher_cache_size: Memory::from_gib(2),
            frameworks_home: None,
        }
    }
}

fn default_interval() -> Spanned<Duration> {
    Spanned::new(0..0, Duration(sim_core::agent::Oversubscription::DEFAULT_INTERVAL))
}

/// What an agent does that finds a checkpoint.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Recover {
    /// It takes up its executors again.
    #[default]
    Reconnect,
    /// It ends them, and then itself.
    Cleanup,
}
