//! The scenario file: what cluster, what work, which policies, for how long.
//!
//! These types are the file's format, its defaults and, through their comments, its reference and
//! JSON Schema. `load.rs` reads them with helpful errors, `check.rs` looks at what no type can
//! say.

mod check;
mod error;
mod load;
mod overrides;

pub(crate) use check::parse_band;
pub(crate) use error::{printable, shortened};
pub(crate) use load::load;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toml::Spanned;
use workloads::units::Duration;
use workloads::{MachineTraceConfig, WorkloadConfig};

/// A scenario of offersim.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// What the results are called. Letters, digits, dash, dot and underscore.
    #[schemars(with = "String")]
    pub(crate) name: Spanned<String>,
    /// What the scenario is for; shown in the report.
    #[serde(default)]
    pub(crate) description: String,
    /// The seed that all random streams are derived from.
    pub(crate) seed: u64,
    /// When the run ends, in virtual time. Without it the run ends when all work is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Duration>,

    /// Groups of equal agents.
    #[serde(default)]
    pub(crate) agents: Vec<AgentGroup>,
    /// Agents from a machine list, in addition to the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) machines: Option<MachineTraceConfig>,
    /// How agents behave.
    #[serde(default)]
    pub(crate) agent: AgentFlags,

    /// Roles whose weight is not 1. Roles of frameworks need not be listed.
    #[serde(default)]
    pub(crate) roles: Vec<Role>,
    /// The frameworks, in the order in which they subscribe.
    pub(crate) frameworks: Vec<FrameworkConfig>,
    /// Which framework gets which job.
    #[serde(default)]
    pub(crate) mapping: Mapping,
    /// Where the work comes from.
    pub(crate) workload: WorkloadConfig,

    /// Flags of the master, under Mesos's names.
    #[serde(default)]
    pub(crate) master: MasterFlags,
    /// Who decides what is offered to whom.
    #[serde(default)]
    pub(crate) allocator: AllocatorConfig,
    /// How long messages take.
    #[serde(default)]
    pub(crate) links: LinksConfig,
    /// What is written.
    #[serde(default)]
    pub(crate) output: OutputConfig,
}

/// Equal agents.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentGroup {
    /// Agents are called by this name and a number, `rack1-0007`.
    #[schemars(with = "String")]
    pub(crate) name: Spanned<String>,
    /// How many there are.
    #[serde(default = "one")]
    pub(crate) count: std::num::NonZeroU32,
    /// What each has, in Mesos's form: `cpus:8;mem:16384;disk:100000;ports:[31000-32000]`. Memory
    /// and disk are in MB. `cpus(eng):2` is a static reservation for the role `eng`.
    #[schemars(with = "String")]
    pub(crate) resources: Spanned<String>,
    /// Text attributes, such as `rack = "r1"`. Default: none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) attributes: BTreeMap<String, String>,
}

fn one() -> std::num::NonZeroU32 {
    std::num::NonZeroU32::MIN
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
}

impl Default for AgentFlags {
    fn default() -> Self {
        Self {
            registration_backoff_factor: Duration(policy_api::Span::from_secs(1)),
            launch_delay: Duration::default(),
            starting_delay: None,
        }
    }
}

/// A role.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    /// Its path, such as `eng/web`.
    #[schemars(with = "String")]
    pub(crate) name: Spanned<String>,
    /// Its weight among its siblings; above zero. Default 1.
    #[serde(default = "unit_weight")]
    #[schemars(with = "f64")]
    pub(crate) weight: Spanned<f64>,
}

fn unit_weight() -> Spanned<f64> {
    Spanned::new(0..0, 1.0)
}

/// A batch framework.
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
    /// The jobs that it takes, as the mapping rule reads it: users, queues, or priorities such as
    /// `"0-1"`. Frameworks without this share what is left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub(crate) takes: Vec<Spanned<String>>,
    /// Which of its jobs comes first. Default `fifo`.
    #[serde(default)]
    pub(crate) order: Order,
    /// On which offer a task is placed. Default `first_fit`.
    #[serde(default)]
    pub(crate) placement: PlacementRule,
    /// How long it refuses offers that it does not use (Mesos's `refuse_seconds`). Default 5s.
    #[serde(default = "five_seconds")]
    pub(crate) decline: Duration,
    /// The most tasks that it places on one offer. Default: as many as fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_tasks_per_offer: Option<std::num::NonZeroU32>,
    /// Unused offers that it keeps for jobs to come. Default: none.
    #[serde(default)]
    pub(crate) hold: HoldConfig,
    /// How long its scheduler thinks. Default: no time at all.
    #[serde(default)]
    pub(crate) think: Think,
    /// Capabilities in addition to `MULTI_ROLE`, `RESERVATION_REFINEMENT` and `PARTITION_AWARE`.
    /// Agents with GPUs are offered to frameworks with `GPU_RESOURCES` only. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) capabilities: Vec<Capability>,
}

fn default_role() -> Spanned<String> {
    Spanned::new(0..0, "*".to_owned())
}

fn five_seconds() -> Duration {
    Duration(policy_api::Span::from_secs(5))
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

/// A capability of a framework, under Mesos's name.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Capability {
    GpuResources,
}

/// Which framework gets which job.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mapping {
    /// What decides. Jobs that no framework `takes` are spread over the frameworks without
    /// `takes`, always the same way for the same label.
    pub(crate) by: MappingRule,
}

/// The label of a job that decides which framework gets it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MappingRule {
    /// The job's own name: an even spread.
    #[default]
    Hash,
    User,
    Queue,
    Priority,
}

/// Flags of the master, under Mesos's names and with its defaults.
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
}

impl Default for MasterFlags {
    fn default() -> Self {
        Self {
            allocation_interval: Spanned::new(0..0, Duration(policy_api::Span::from_secs(1))),
            offer_timeout: None,
            min_allocatable_resources: Spanned::new(0..0, "cpus:0.01|mem:32".to_owned()),
            filter_gpu_resources: true,
            fair_sharing_excluded_resource_names: Vec::new(),
        }
    }
}

/// The allocator, chosen by the table's name.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AllocatorConfig {
    /// Mesos's own: dominant resource fairness over a tree of roles.
    Hierarchical(HierarchicalConfig),
}

impl Default for AllocatorConfig {
    fn default() -> Self {
        Self::Hierarchical(HierarchicalConfig::default())
    }
}

/// Options of Mesos's hierarchical allocator.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HierarchicalConfig {
    /// The order in which agents are handed out. Default `random`.
    pub(crate) agent_order: AgentOrder,
}

/// The order in which an allocation visits the agents.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AgentOrder {
    /// Shuffled for each allocation, from a stream of the run's seed, as Mesos does.
    #[default]
    Random,
    /// By the byte order of agent ids: for comparisons with recordings.
    Id,
}

/// How long messages take, one way.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LinksConfig {
    /// Between the master and each agent. Default: no time.
    pub(crate) agents: LatencyConfig,
    /// Between the master and each framework. Default: no time.
    pub(crate) frameworks: LatencyConfig,
}

/// Delay of a message: a constant, and a part drawn uniformly from zero to `jitter`. Messages on
/// one link never overtake each other.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LatencyConfig {
    pub(crate) latency: Duration,
    pub(crate) jitter: Duration,
}

/// What is written, and how finely.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OutputConfig {
    /// Time between two rows of the timeline. Default: chosen so that there are about 500. Beyond a
    /// million rows, pairs are merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Duration>")]
    pub(crate) sample_interval: Option<Spanned<Duration>>,
    /// Tables with one row for each task, job or message of offers. Default: tasks and jobs.
    pub(crate) tables: Vec<Table>,
}

impl Default for OutputConfig {
    fn default() -> Self {
        Self { sample_interval: None, tables: vec![Table::Tasks, Table::Jobs] }
    }
}

/// A table that grows with the work; the small ones are always written.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Table {
    Tasks,
    Jobs,
    Offers,
}
