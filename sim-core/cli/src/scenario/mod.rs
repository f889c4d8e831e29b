//! The scenario file: what cluster, what work, which policies, for how long.
//!
//! These types are the file's format, its defaults and, through their comments, its reference and
//! JSON Schema: this file has the outline, `agents.rs`, `fetcher.rs`, `frameworks.rs`, `master.rs`,
//! `network.rs`, `oversubscription.rs`, `timeline.rs`, `faults.rs` and `transport.rs` have the tables.
//! `load.rs` reads them with helpful errors, `check.rs` looks at what no type can say; what names other
//! parts of the scenario is resolved in `crate::plan`.

mod agents;
mod check;
mod check_frameworks;
mod error;
mod faults;
mod fetcher;
mod frameworks;
mod level;
mod load;
mod master;
mod network;
mod overrides;
mod oversubscription;
mod selector;
mod timeline;
mod transport;

pub(crate) use agents::{AgentFlags, AgentGroup, DiskSourceName, Recover};
pub(crate) use check::parse_band;
pub(crate) use error::{Problem, printable, shortened, suggest};
pub(crate) use faults::{
    DirectionName, DomainConfig, FaultConfig, FaultName, LawConfig, RhythmName,
};
pub(crate) use fetcher::{CachePolicyConfig, FetcherConfig};
pub(crate) use frameworks::{
    Capability, FrameworkConfig, Order, PlacementRule, ServiceConfig, SpreadConfig, SpreadRule,
    StatefulConfig, TaskDemand,
};
pub(crate) use level::{LevelConfig, ShapeConfig};
pub(crate) use load::{Loaded, load};
pub(crate) use master::{AclAction, AclConfig, EntityConfig, MasterFlags, RateLimitConfig};
pub(crate) use network::{NetworkConfig, PerCpuConfig, QueueingConfig, SharingName, TcpConfig};
pub(crate) use oversubscription::{
    EstimatorConfig, InterferenceConfig, LatencySlackConfig, LoadConfig, NSigmaConfig, PeakConfig,
    PercentileConfig, PredictorConfig, QosControllerConfig, ReclamationConfig, ResponseTimeConfig,
    SlackConfig, ThresholdsConfig, TooHighCpuConfig, UsageConfig,
};
pub(crate) use selector::AgentSelector;
pub(crate) use timeline::{
    OperatorEntry, ReservationCall, ResizeCall, ScheduleCall, UpdateQuotaCall, VolumeConfig,
};

pub(crate) use transport::{
    CertificateName, ConnectionsConfig, CostsName, EndpointConfig, KeyName, MasterServiceConfig,
    ProtocolName, TransportConfig,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use toml::Spanned;
use workloads::machine::MachineEventsConfig;
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
    /// The version of Mesos that master and agents are of. What it lacks is refused or left out.
    #[serde(default)]
    pub(crate) profile: ProfileName,

    /// Groups of equal agents.
    #[serde(default)]
    pub(crate) agents: Vec<AgentGroup>,
    /// Agents from a machine list, in addition to the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) machines: Option<MachineTraceConfig>,
    /// How agents behave.
    #[serde(default)]
    pub(crate) agent: AgentFlags,
    /// How files come to agents, and who is in their caches.
    #[serde(default)]
    pub(crate) fetcher: FetcherConfig,

    /// Roles whose weight is not 1. Roles of frameworks need not be listed.
    #[serde(default)]
    pub(crate) roles: Vec<Role>,
    /// The frameworks, in the order in which they subscribe.
    pub(crate) frameworks: Vec<FrameworkConfig>,
    /// Which framework gets which job.
    #[serde(default)]
    pub(crate) mapping: Mapping,
    /// Where the work of batch frameworks comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) workload: Option<WorkloadConfig>,

    /// What operators do, in any order. Default: nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) at: Vec<OperatorEntry>,
    /// What breaks. Default: nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<FaultConfig>")]
    pub(crate) faults: Vec<Spanned<FaultConfig>>,

    /// Flags of the master, under Mesos's names.
    #[serde(default)]
    pub(crate) master: MasterFlags,
    /// Who decides what is offered to whom.
    #[serde(default)]
    pub(crate) allocator: AllocatorConfig,
    /// How long messages take.
    #[serde(default)]
    pub(crate) links: LinksConfig,
    /// What messages cost besides. Default: nothing.
    #[serde(default, skip_serializing_if = "TransportConfig::is_free")]
    pub(crate) transport: TransportConfig,
    /// What carries the bytes that tasks move, and files. Default: the bytes of tasks take no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) network: Option<NetworkConfig>,
    /// What is written.
    #[serde(default)]
    pub(crate) output: OutputConfig,
}

impl Scenario {
    /// The files that it names, so that relative paths can be resolved.
    pub(crate) fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        let workload = self.workload.iter_mut().flat_map(WorkloadConfig::paths_mut);
        let machines = self.machines.iter_mut().flat_map(MachineTraceConfig::paths_mut);
        let faults = self.faults.iter_mut().filter_map(|fault| fault.get_mut().trace.as_mut());
        let usages = self.frameworks.iter_mut().filter_map(|framework| framework.usage.as_mut());
        let series = usages.flat_map(|usage| usage.get_mut().paths_mut());
        let faults = faults.map(MachineEventsConfig::path_mut);
        workload.chain(machines).chain(faults).chain(series).collect()
    }

    /// Whether neither its machines nor its faults nor what tasks use is in files.
    pub(crate) fn has_no_files(&self) -> bool {
        let usages = self.frameworks.iter().filter_map(|framework| framework.usage.as_ref());
        self.machines.is_none()
            && self.faults.iter().all(|fault| fault.get_ref().trace.is_none())
            && usages.map(Spanned::get_ref).all(UsageConfig::has_no_files)
    }
}

/// A version of Mesos.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
pub(crate) enum ProfileName {
    /// Everything that Mesos came to have.
    #[default]
    #[serde(rename = "mesos-modern")]
    Modern,
    /// 1.1 of November 2016: unreachable agents, task groups, shared volumes.
    #[serde(rename = "mesos-1.1")]
    Mesos1_1,
    /// 0.23 of July 2015: reservations and volumes by frameworks, and little else.
    #[serde(rename = "mesos-0.23")]
    Mesos0_23,
}

impl ProfileName {
    pub(crate) const fn profile(self) -> sim_core::Profile {
        match self {
            Self::Modern => sim_core::Profile::MODERN,
            Self::Mesos1_1 => sim_core::Profile::MESOS_1_1,
            Self::Mesos0_23 => sim_core::Profile::MESOS_0_23,
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
    /// How often what each agent answers at `/monitor/statistics` is written to `statistics.jsonl`.
    /// Default: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Duration>")]
    pub(crate) statistics_interval: Option<Spanned<Duration>>,
    /// Tables with one row for each task, job or message of offers, and the master's gauges. Default:
    /// tasks and jobs.
    pub(crate) tables: Vec<Table>,
}

impl Default for OutputConfig {
    fn default() -> Self {
        Self {
            sample_interval: None,
            statistics_interval: None,
            tables: vec![Table::Tasks, Table::Jobs],
        }
    }
}

/// A table that grows with the work; the small ones are always written.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Table {
    Tasks,
    Jobs,
    Offers,
    /// The master's gauges at the timeline's interval. Written without being asked for where there are
    /// faults, calls of operators, or frameworks other than batch ones.
    Master,
}
