//! The master in the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::master::MasterOptions;
use std::collections::BTreeMap;
use toml::Spanned;
use workloads::units::Duration;

/// Flags of the master, under Mesos's names and with its defaults. They hold for the whole run.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MasterFlags {
    /// Time between two batch allocations. Default 1s.
    #[schemars(with = "Duration")]
    pub(crate) allocation_interval: Spanned<Duration>,
    /// How long an offer stands before it is rescinded. Default: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Duration>")]
    pub(crate) offer_timeout: Option<Spanned<Duration>>,
    /// An offer must contain at least one of these. Default `cpus:0.01|mem:32`.
    #[schemars(with = "String")]
    pub(crate) min_allocatable_resources: Spanned<String>,
    /// Whether agents with GPUs are withheld from frameworks without `GPU_RESOURCES`. Default true.
    pub(crate) filter_gpu_resources: bool,
    /// Resource names that do not count in dominant shares. Default: none.
    #[schemars(with = "Vec<String>")]
    pub(crate) fair_sharing_excluded_resource_names: Vec<Spanned<String>>,
    /// The region of the master's fault domain (Mesos's `domain`). Agents of another region are offered to
    /// frameworks with `REGION_AWARE` only. Default: none, so that all regions are others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    /// The time between two pings of an agent. Default 15s.
    #[schemars(with = "Duration")]
    pub(crate) agent_ping_timeout: Spanned<Duration>,
    /// So many pings may go unanswered before an agent is marked unreachable. Default 5.
    pub(crate) max_agent_ping_timeouts: u32,
    /// How long an agent may stay disconnected, and how long a new master waits for agents. Default
    /// 10m.
    pub(crate) agent_reregister_timeout: Duration,
    /// How fast agents are marked unreachable, as `1/10m`: one in ten minutes. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) agent_removal_rate_limit: Option<Spanned<String>>,
    /// A new master exits when a larger part of the registered agents is not back in time: `"25%"`.
    /// Default `100%`.
    #[schemars(with = "String")]
    pub(crate) recovery_agent_removal_limit: Spanned<String>,
    /// How long the registry takes to store what waits. Mesos has no such flag. Default 0s.
    pub(crate) registry_store_latency: Duration,
    /// The time between two looks for what the registry can forget. Default 15m.
    #[schemars(with = "Duration")]
    pub(crate) registry_gc_interval: Spanned<Duration>,
    /// How long the registry remembers unreachable agents. Default 14d.
    pub(crate) registry_max_agent_age: Duration,
    /// How many unreachable agents the registry remembers. Default 102400.
    pub(crate) registry_max_agent_count: usize,
    /// Agents that run so many executors, those of commands aside, are not offered. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_executors_per_agent: Option<usize>,
    /// How many frameworks that have ended are remembered. Default 50.
    pub(crate) max_completed_frameworks: usize,
    /// How many tasks that have ended are remembered of each framework. Default 1000.
    pub(crate) max_completed_tasks_per_framework: usize,
    /// How many tasks on unreachable agents are remembered of each framework. Default 1000.
    pub(crate) max_unreachable_tasks_per_framework: usize,
    /// Whether only the roles that are listed in `roles` may be used. Default false.
    pub(crate) explicit_roles: bool,
    /// Limits on the messages of frameworks. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate_limits: Option<RateLimitsConfig>,
    /// Who may do what. The first rule for an action that names the principal decides. Default: all may.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) acls: Vec<AclConfig>,
    /// Whether what no rule of `acls` speaks of is allowed (Mesos's `permissive`). Default true.
    pub(crate) permissive: bool,
}

impl Default for MasterFlags {
    fn default() -> Self {
        let mesos = MasterOptions::default();
        let duration = |span| Spanned::new(0..0, Duration(span));
        Self {
            allocation_interval: duration(policy_api::Span::from_secs(1)),
            offer_timeout: None,
            min_allocatable_resources: Spanned::new(0..0, "cpus:0.01|mem:32".to_owned()),
            filter_gpu_resources: true,
            fair_sharing_excluded_resource_names: Vec::new(),
            region: None,
            agent_ping_timeout: duration(mesos.agent_ping_timeout),
            max_agent_ping_timeouts: mesos.max_agent_ping_timeouts,
            agent_reregister_timeout: Duration(mesos.agent_reregister_timeout),
            agent_removal_rate_limit: None,
            recovery_agent_removal_limit: Spanned::new(0..0, "100%".to_owned()),
            registry_store_latency: Duration(mesos.registry_store_latency),
            registry_gc_interval: duration(mesos.registry_gc_interval),
            registry_max_agent_age: Duration(mesos.registry_max_agent_age),
            registry_max_agent_count: mesos.registry_max_agent_count,
            max_executors_per_agent: None,
            max_completed_frameworks: mesos.max_completed_frameworks,
            max_completed_tasks_per_framework: mesos.max_completed_tasks_per_framework,
            max_unreachable_tasks_per_framework: mesos.max_unreachable_tasks_per_framework,
            explicit_roles: mesos.explicit_roles,
            rate_limits: None,
            acls: Vec::new(),
            permissive: true,
        }
    }
}

/// Limits on the messages of frameworks, by principal.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RateLimitsConfig {
    /// The limit of each principal, by its name. One without `qps` is not limited.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) principals: BTreeMap<String, RateLimitConfig>,
    /// The limit that all other principals share. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aggregate: Option<RateLimitConfig>,
}

/// A limit on messages.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RateLimitConfig {
    /// Messages in a second; more than 0. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>")]
    pub(crate) qps: Option<Spanned<f64>>,
    /// The most messages that wait; the framework of the next one is stopped with an error. Default:
    /// any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) capacity: Option<u64>,
}

/// These principals may do this to these objects, and to no others.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AclConfig {
    /// What they may do.
    pub(crate) action: AclAction,
    /// Who: `"any"`, `"none"`, or a list of principals.
    #[schemars(with = "EntityConfig")]
    pub(crate) principals: Spanned<EntityConfig>,
    /// To what: `"any"`, `"none"`, or a list. Objects are roles; for `unreserve_resources`,
    /// `destroy_volume` and `teardown_framework` they are principals of what is undone; for the actions
    /// of maintenance, machines.
    #[schemars(with = "EntityConfig")]
    pub(crate) objects: Spanned<EntityConfig>,
}

/// `"any"`, `"none"`, or a list of names.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged, expecting = "expected \"any\", \"none\" or a list of texts")]
pub(crate) enum EntityConfig {
    Word(String),
    Names(Vec<String>),
}

/// What an operator or a framework may be allowed to do.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AclAction {
    RegisterFramework,
    RunTask,
    ReserveResources,
    UnreserveResources,
    CreateVolume,
    DestroyVolume,
    ResizeVolume,
    UpdateQuota,
    UpdateWeight,
    TeardownFramework,
    UpdateMaintenanceSchedule,
    StartMaintenance,
    StopMaintenance,
    DrainAgent,
    DeactivateAgent,
    ReactivateAgent,
    MarkAgentGone,
}
