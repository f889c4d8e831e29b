//! Frameworks in the scenario file.

use super::agents::DiskSourceName;
use super::oversubscription::{ResponseTimeConfig, UsageConfig};
use policy_api::{Quantities, Scalar};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use std::ops::Range;
use toml::Spanned;
use workloads::files::{Needs, UriConfig, UriSetConfig};
use workloads::units::{Count, Duration, Memory};

/// A framework. With a table `service` it keeps instances of one task up, with a table `stateful`
/// replicas with a volume each; without either it is a batch framework, which runs the jobs of the
/// workload.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrameworkConfig {
    /// Its name; unique.
    #[schemars(with = "String")]
    pub(crate) name: Spanned<String>,
    /// The role that it is in. Default `*`.
    #[serde(default = "default_role")]
    #[schemars(with = "String")]
    pub(crate) role: Spanned<String>,
    /// Roles that it is in besides `role` (`MULTI_ROLE`). Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub(crate) roles: Vec<Spanned<String>>,
    /// Who it proves to be. Default: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) principal: Option<String>,
    /// How long it may be away before it is removed with all its tasks. Default 0s, as in Mesos; only
    /// faults keep a framework away.
    #[serde(default)]
    pub(crate) failover_timeout: Duration,
    /// Whether its tasks outlive a restart of their agent. Default false, as in Mesos.
    #[serde(default)]
    pub(crate) checkpoint: bool,
    /// Capabilities in addition to `MULTI_ROLE`, `RESERVATION_REFINEMENT` and `PARTITION_AWARE`.
    /// Agents with GPUs are offered to frameworks with `GPU_RESOURCES` only. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) capabilities: Vec<Capability>,
    /// Those of the three that it does not have. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) without_capabilities: Vec<Capability>,
    /// How long it refuses offers that it does not use (Mesos's `refuse_seconds`). Default 5s.
    #[serde(default = "five_seconds")]
    pub(crate) decline: Duration,
    /// How long a task, instance or replica whose agent does not answer may come back before it is
    /// replaced. Default 15m.
    #[serde(default = "fifteen_minutes")]
    pub(crate) unreachable_timeout: Duration,

    /// What its tasks really use of what they ask for. Default: all of it. It matters where there is a
    /// table `agent.consumption`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<UsageConfig>")]
    pub(crate) usage: Option<Spanned<UsageConfig>>,

    /// Instances that are kept up; it takes no jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ServiceConfig>")]
    pub(crate) service: Option<Spanned<ServiceConfig>>,
    /// Replicas with volumes; it takes no jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<StatefulConfig>")]
    pub(crate) stateful: Option<Spanned<StatefulConfig>>,

    /// The jobs that a batch framework takes, as the mapping rule reads it: users, queues, or
    /// priorities such as `"0-1"`. Frameworks without this share what is left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub(crate) takes: Vec<Spanned<String>>,
    /// Which of a batch framework's jobs comes first. Default `fifo`.
    #[serde(default)]
    pub(crate) order: Order,
    /// On which offer a batch framework places a task. Default `first_fit`.
    #[serde(default)]
    pub(crate) placement: PlacementRule,
    /// The most tasks that a batch framework places on one offer. Default: as many as fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_tasks_per_offer: Option<NonZeroU32>,
    /// Whether a batch framework's tasks are best effort: they use revocable resources only, which
    /// agents with a `resource_estimator` offer. It has `REVOCABLE_RESOURCES` then. Default false.
    #[serde(default)]
    pub(crate) revocable: bool,
    /// Unused offers that a batch framework keeps for jobs to come. Default: none.
    #[serde(default)]
    pub(crate) hold: HoldConfig,
    /// How long a batch framework's scheduler thinks. Default: no time at all.
    #[serde(default)]
    pub(crate) think: Think,
}

impl FrameworkConfig {
    /// Whether it runs the jobs of the workload.
    pub(crate) const fn is_batch(&self) -> bool {
        self.service.is_none() && self.stateful.is_none()
    }

    /// The files of its instances or replicas, and where it says so; `None` where it runs jobs.
    pub(crate) fn needs(&self) -> Option<(Needs<'_>, Range<usize>)> {
        let service = self.service.as_ref().map(|it| {
            let ServiceConfig { uris, uri_set, .. } = it.get_ref();
            (uris, uri_set, it.span())
        });
        let stateful = self.stateful.as_ref().map(|it| {
            let StatefulConfig { uris, uri_set, .. } = it.get_ref();
            (uris, uri_set, it.span())
        });
        let (uris, uri_set, place) = service.or(stateful)?;
        Some((Needs { name: self.name.get_ref(), uris, uri_set: uri_set.as_ref() }, place))
    }

    /// The most instances that are ever wanted, or the replicas.
    pub(crate) fn most_instances(&self) -> u32 {
        let of_service = self.service.as_ref().map(|it| {
            let service = it.get_ref();
            let later = service.scale.iter().map(|step| step.instances);
            later.fold(service.instances, u32::max)
        });
        let of_stateful = self.stateful.as_ref().map(|it| it.get_ref().replicas.get());
        of_service.or(of_stateful).unwrap_or(0)
    }

    /// `role` and then `roles`.
    pub(crate) fn all_roles(&self) -> impl Iterator<Item = &Spanned<String>> {
        std::iter::once(&self.role).chain(&self.roles)
    }
}

fn default_role() -> Spanned<String> {
    Spanned::new(0..0, "*".to_owned())
}

const fn five_seconds() -> Duration {
    Duration(policy_api::Span::from_secs(5))
}

const fn fifteen_minutes() -> Duration {
    Duration(policy_api::Span::from_secs(900))
}

const fn ten_minutes() -> Duration {
    Duration(policy_api::Span::from_secs(600))
}

/// A service, as Marathon would run it: so many instances of one task that never ends by itself.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceConfig {
    /// How many instances are wanted from the start.
    pub(crate) instances: u32,
    /// Later changes of that number. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) scale: Vec<ScaleStep>,
    /// What one instance asks for.
    #[schemars(with = "TaskDemand")]
    pub(crate) demand: Spanned<TaskDemand>,
    /// What instances are spread over. Default: agents.
    #[serde(default)]
    pub(crate) spread: SpreadConfig,
    /// How long before its maintenance an agent is left: its instances move, its offers are declined.
    /// Default 10m.
    #[serde(default = "ten_minutes")]
    pub(crate) maintenance_margin: Duration,
    /// That its response time matters: its `usage` of cores is then the load of its requests. Default:
    /// it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ResponseTimeConfig>")]
    pub(crate) latency: Option<Spanned<ResponseTimeConfig>>,
    /// Files that each instance needs before it runs. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) uris: Vec<UriConfig>,
    /// Files of which each instance needs some, picked once for all its launches. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) uri_set: Option<UriSetConfig>,
}

/// A change of the number of instances.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScaleStep {
    /// From when on, counted from the start of the run.
    pub(crate) time: Duration,
    /// How many are wanted.
    pub(crate) instances: u32,
}

/// A stateful service, as Cassandra or HDFS are: replicas with a persistent volume each.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatefulConfig {
    /// How many replicas there are.
    pub(crate) replicas: NonZeroU32,
    /// How many replicas hold each range of the data: as many in a row, on a ring. Default 3.
    #[serde(default = "three")]
    #[schemars(with = "u32")]
    pub(crate) replication_factor: Spanned<u32>,
    /// What one replica asks for. Its disk is the size of the volume.
    #[schemars(with = "TaskDemand")]
    pub(crate) demand: Spanned<TaskDemand>,
    /// What volumes are made of: the root disk when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) disk: Option<DiskSourceName>,
    /// What a replica writes to its volume in a second, until it is full. Default: nothing.
    #[serde(default)]
    pub(crate) write_rate: Memory,
    /// What a replica copies from others in a second to rebuild its data. Default `100MiB`.
    #[serde(default = "hundred_mib")]
    pub(crate) copy_rate: Memory,
    /// What replicas are spread over. Default: agents, one on each.
    #[serde(default)]
    pub(crate) spread: SpreadConfig,
    /// How long before its maintenance an agent gets no new replica. Default 10m.
    #[serde(default = "ten_minutes")]
    pub(crate) maintenance_margin: Duration,
    /// Files that each replica needs before it runs. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) uris: Vec<UriConfig>,
    /// Files of which each replica needs some, picked once for all its launches. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) uri_set: Option<UriSetConfig>,
}

fn three() -> Spanned<u32> {
    Spanned::new(0..0, 3)
}

const fn hundred_mib() -> Memory {
    Memory::from_mib(100)
}

/// What one task asks for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TaskDemand {
    /// Processors.
    pub(crate) cpus: Count,
    /// Memory, such as `2GiB`.
    pub(crate) mem: Memory,
    /// Disk, such as `10GiB`.
    pub(crate) disk: Memory,
    /// Whole GPUs.
    pub(crate) gpus: Count,
}

impl TaskDemand {
    pub(crate) const fn quantities(&self) -> Quantities {
        Quantities::ZERO
            .with(Scalar::Cpus, self.cpus.amount())
            .with(Scalar::Mem, self.mem.amount())
            .with(Scalar::Disk, self.disk.amount())
            .with(Scalar::Gpus, self.gpus.amount())
    }
}

/// What instances or replicas are spread over: each goes to where there are fewest of them.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SpreadConfig {
    /// What they are spread over.
    pub(crate) by: SpreadRule,
    /// The attribute, where they are spread by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) attribute: Option<Spanned<String>>,
    /// No agent, zone or value gets more. Default: any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at_most: Option<NonZeroU32>,
}

/// What instances are spread over.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SpreadRule {
    #[default]
    Agent,
    /// The values of `attribute`.
    Attribute,
    Zone,
    Region,
}

/// Which job of a framework comes first. A job whose next task fits nowhere lets others pass.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// By arrival.
    #[default]
    Fifo,
    /// Fewest tasks on agents first.
    Fair,
}

/// On which offer a task is placed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::enum_variant_names, reason = "the field's names of these rules")]
pub(crate) enum PlacementRule {
    /// The first that it fits in.
    #[default]
    FirstFit,
    /// The one that is left with the least.
    BestFit,
    /// The one that is left with the most.
    WorstFit,
}

/// Unused offers that a scheduler keeps, as Aurora does: a stock from which jobs start without
/// waiting for an allocation. What is held is withheld from all other frameworks.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HoldConfig {
    /// The most offers that are kept. Default 0.
    pub(crate) offers: usize,
    /// How long they are kept after the scheduler last looked at them. Default 5m.
    pub(crate) time: Duration,
}

impl Default for HoldConfig {
    fn default() -> Self {
        Self { offers: 0, time: Duration(policy_api::Span::from_secs(300)) }
    }
}

/// How long a scheduler thinks about the offers of one message: so much for each offer, and so
/// much for each task that it places.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Think {
    pub(crate) per_offer: Duration,
    pub(crate) per_task: Duration,
}

impl Think {
    pub(crate) const fn is_zero(&self) -> bool {
        self.per_offer.0.is_zero() && self.per_task.0.is_zero()
    }
}

/// A capability of a framework, under Mesos's name.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Capability {
    RevocableResources,
    TaskKillingState,
    GpuResources,
    SharedResources,
    PartitionAware,
    MultiRole,
    ReservationRefinement,
    RegionAware,
}
