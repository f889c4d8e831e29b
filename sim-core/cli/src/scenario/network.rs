//! The network in the scenario file.

use policy_isolation::latency::Distances;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::network::ConnectOptions;
use toml::Spanned;
use workloads::units::Duration;

/// What carries the bytes of tasks and the files of containers. Without this table the bytes of tasks take no
/// time, and files come over links of the agents' own (`[fetcher]`). Speeds and limits are bytes a
/// second; those under Mesos's names are flags of the port-mapping isolator, for all agents.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NetworkConfig {
    /// How links are divided. Default `max_min`.
    #[schemars(with = "SharingName")]
    pub(crate) sharing: Spanned<SharingName>,
    /// How far from fair rates may stay, relatively, from 0 to 0.5. Links and caps are kept exactly. A
    /// hundredth makes large shuffles ten times faster. Default 0: as fair as can be.
    #[schemars(with = "f64")]
    pub(crate) sharing_tolerance: Spanned<f64>,
    /// How connections begin. Default: a transfer has its rate at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tcp: Option<TcpConfig>,
    /// The speed of each agent's card, in each direction. Default 1250000000, ten gigabits.
    #[schemars(with = "u64")]
    pub(crate) network_link_speed: Spanned<u64>,
    /// The speed between containers of one agent. Default 20000000000.
    pub(crate) loopback_speed: u64,
    /// The attribute of agents that names their racks. Default: there are no racks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) rack: Option<Spanned<String>>,
    /// The speed of each rack's uplink, in each direction. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) uplink_speed: Option<Spanned<u64>>,
    /// What all racks share with each other and the outside, in each direction. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) core_speed: Option<u64>,
    /// Whether cards treat containers alike rather than connections. Default false.
    pub(crate) egress_unique_flow_per_container: bool,

    /// What each container may send. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) egress_rate_limit_per_container: Option<Spanned<u64>>,
    /// What each container may send for each of its CPUs, or `auto`: the card's speed by the agent's
    /// CPUs. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<PerCpuConfig>")]
    pub(crate) egress_rate_per_cpu: Option<Spanned<PerCpuConfig>>,
    /// The least that a limit can be. It lifts fixed limits too. Default 125000; 0 in `mesos-0.23`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) minimum_egress_rate_limit: Option<Spanned<u64>>,
    /// The most that a limit can be. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) maximum_egress_rate_limit: Option<Spanned<u64>>,
    /// What a container may send while its burst lasts. Default: no bursts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) egress_ceil_limit: Option<Spanned<u64>>,
    /// The bytes of a burst. Default 1600.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) egress_burst: Option<Spanned<u64>>,

    /// The same for what containers receive.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) ingress_rate_limit_per_container: Option<Spanned<u64>>,
    /// As `egress_rate_per_cpu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<PerCpuConfig>")]
    pub(crate) ingress_rate_per_cpu: Option<Spanned<PerCpuConfig>>,
    /// As `minimum_egress_rate_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) minimum_ingress_rate_limit: Option<Spanned<u64>>,
    /// As `maximum_egress_rate_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) maximum_ingress_rate_limit: Option<Spanned<u64>>,
    /// As `egress_ceil_limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) ingress_ceil_limit: Option<Spanned<u64>>,
    /// As `egress_burst`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub(crate) ingress_burst: Option<Spanned<u64>>,

    /// The ports of each container on agents with `ephemeral_ports` in their resources: a power of
    /// two. Default 1024.
    #[schemars(with = "u64")]
    pub(crate) ephemeral_ports_per_container: Spanned<u64>,
    /// The first and the last port that hosts take for their own connections. Default 57345 to 61000,
    /// which makes room for `ephemeral_ports:[32768-57344]`; Linux's own is 32768 to 61000.
    #[schemars(with = "(u64, u64)")]
    pub(crate) host_ports: Spanned<(u64, u64)>,
    /// How long a closed connection of such a container keeps its port. Default 60s, as in Linux.
    pub(crate) time_wait: Duration,
    /// A connection for which the container has no port towards the other end fails at once. When it is
    /// tried again. Default 1s.
    #[schemars(with = "Duration")]
    pub(crate) connect_retry: Spanned<Duration>,

    /// Rates of each container in `statistics.jsonl`, as `network_enable_rate_statistics` gives them.
    /// Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<RateStatisticsConfig>")]
    pub(crate) rate_statistics: Option<Spanned<RateStatisticsConfig>>,
}

/// `network_rate_statistics_window` and `network_rate_statistics_interval`: counters are read at each
/// interval, 20ms at least, and the rates between them are kept for a window, which is longer.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateStatisticsConfig {
    pub(crate) window: Duration,
    pub(crate) interval: Duration,
}

/// How links are divided between flows.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SharingName {
    /// Max-min fair.
    #[default]
    MaxMin,
    /// Every flow is alone: the narrowest link of its path is all that limits it.
    Unshared,
}

/// A transfer begins with a handshake and a slow start. Both take round trips, which are as long as the
/// distance and the queues on the way make them.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TcpConfig {
    /// How packets queue on agents: at their cards and the caps of containers. Default `fq_codel`, as
    /// Mesos's isolator sets it.
    pub(crate) queueing: QueueingConfig,
    /// How packets queue in switches: at uplinks, the core and on the way to cards. Default: as
    /// `queueing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) switch_queueing: Option<QueueingConfig>,
    /// A round trip without queues between containers of one agent. Default 50us.
    pub(crate) round_trip_same_agent: Duration,
    /// Between agents of one rack. Default 100us.
    pub(crate) round_trip_same_rack: Duration,
    /// Between all others, and to the outside. Default 500us.
    pub(crate) round_trip_across: Duration,
}

/// How packets queue at a link.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum QueueingConfig {
    /// Flows take turns: what begins waits for a packet of each.
    #[default]
    FqCodel,
    /// One queue for all: where a link is full, all packets wait for all of its buffer.
    Fifo {
        /// In bytes.
        buffer: u64,
    },
}

impl Default for TcpConfig {
    fn default() -> Self {
        let Distances { same_agent, same_rack, across } = Distances::default();
        Self {
            queueing: QueueingConfig::FqCodel,
            switch_queueing: None,
            round_trip_same_agent: Duration(same_agent),
            round_trip_same_rack: Duration(same_rack),
            round_trip_across: Duration(across),
        }
    }
}

/// A rate for each CPU.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum PerCpuConfig {
    Rate(u64),
    /// `auto`
    Word(String),
}

impl Default for NetworkConfig {
    fn default() -> Self {
        let ConnectOptions { time_wait, connect_retry } = ConnectOptions::default();
        Self {
            sharing: Spanned::new(0..0, SharingName::MaxMin),
            sharing_tolerance: Spanned::new(0..0, 0.0),
            tcp: None,
            network_link_speed: Spanned::new(0..0, 1_250_000_000),
            loopback_speed: 20_000_000_000,
            rack: None,
            uplink_speed: None,
            core_speed: None,
            egress_unique_flow_per_container: false,
            egress_rate_limit_per_container: None,
            egress_rate_per_cpu: None,
            minimum_egress_rate_limit: None,
            maximum_egress_rate_limit: None,
            egress_ceil_limit: None,
            egress_burst: None,
            ingress_rate_limit_per_container: None,
            ingress_rate_per_cpu: None,
            minimum_ingress_rate_limit: None,
            maximum_ingress_rate_limit: None,
            ingress_ceil_limit: None,
            ingress_burst: None,
            ephemeral_ports_per_container: Spanned::new(0..0, 1024),
            host_ports: Spanned::new(0..0, (57_345, 61_000)),
            time_wait: Duration(time_wait),
            connect_retry: Spanned::new(0..0, Duration(connect_retry)),
            rate_statistics: None,
        }
    }
}
