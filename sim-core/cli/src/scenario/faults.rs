//! Faults in the scenario file.

use super::selector::AgentSelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use workloads::machine::MachineEventsConfig;
use workloads::units::Duration;

/// Faults of one kind, listed or drawn, or a trace of machines.
///
/// With `at` they strike once; with `every` they are drawn, for ever, from random streams that are named
/// after the rule; with `trace` they are those of a file, and nothing else is given.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultConfig {
    /// The rule's name; unique, and needed with `every`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) name: Option<Spanned<String>>,
    /// When, counted from the start of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<Duration>,
    /// The time from the start of the run, or from a repair, to the next failure of each target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<LawConfig>")]
    pub(crate) every: Option<Spanned<LawConfig>>,
    /// Machines that are switched off and on, from a file. Switched off, a machine keeps its disks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace: Option<MachineEventsConfig>,

    /// What happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultName>")]
    pub(crate) kind: Option<Spanned<FaultName>>,
    /// Which agents it strikes, each by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<AgentSelector>")]
    pub(crate) agents: Option<Spanned<AgentSelector>>,
    /// Which framework it strikes, instead of agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) framework: Option<Spanned<String>>,
    /// Agents that fail together, among those of `agents`. Only with `every`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DomainConfig>")]
    pub(crate) by: Option<Spanned<DomainConfig>>,
    /// Whose the time between failures is. Only with `every`. Default `per_target`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<RhythmName>")]
    pub(crate) rhythm: Option<Spanned<RhythmName>>,

    /// How long it lasts: until the process, the host or the link is back, or another master leads.
    /// Default: for ever. A failure of an executor has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Duration>")]
    pub(crate) lasts: Option<Spanned<Duration>>,
    /// How long it lasts, drawn. Only with `every`, and instead of `lasts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<LawConfig>")]
    pub(crate) repair: Option<Spanned<LawConfig>>,

    /// Of a partition: which messages do not pass. Default `both`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DirectionName>")]
    pub(crate) direction: Option<Spanned<DirectionName>>,
    /// Of a partition: whether the connection closes at once, instead of going silent. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<bool>")]
    pub(crate) closes: Option<Spanned<bool>>,
    /// Of a slow link: how much longer each message takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Duration>")]
    pub(crate) latency: Option<Spanned<Duration>>,
    /// Of a slow link: up to how much longer still, drawn evenly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Duration>")]
    pub(crate) jitter: Option<Spanned<Duration>>,
    /// Of a lossy link: the probability that a message is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>")]
    pub(crate) loss: Option<Spanned<f64>>,
    /// Of a lossy link: the probability that a message arrives twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>")]
    pub(crate) duplication: Option<Spanned<f64>>,
}

/// The kinds of faults.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultName {
    /// The process of the agent dies; executors and tasks live on.
    AgentCrash,
    /// The host goes down with all that runs on it, and comes back with its disks.
    HostReboot,
    /// The host goes down, and another one comes up in its place, with empty disks.
    HostReplacement,
    /// Messages between the master and an agent or a framework do not pass.
    Partition,
    /// Each message takes longer.
    SlowLink,
    /// Messages are lost, or arrive twice.
    LossyLink,
    /// The scheduler dies, with what it has not stored.
    FrameworkCrash,
    /// One executor of the host dies.
    ExecutorFailure,
    /// Nothing can be written on the host any more.
    DiskFull,
    /// The leading master dies.
    MasterCrash,
    /// The certificate is trusted by nobody. That of the master where neither agents nor a framework is
    /// named.
    BadCertificate,
}

/// A distribution of spans: `{ weibull = { shape = 0.7, scale = "10d" } }`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum LawConfig {
    /// Always the same.
    Constant(Duration),
    /// Without memory, with this `mean`.
    Exponential { mean: Duration },
    /// P(x > v) = exp(-(v / `scale`)^`shape`): with a shape below one, what has lived long lives longer
    /// still; above one, it wears out.
    Weibull { shape: f64, scale: Duration },
    /// The exponential of a normal distribution with the deviation `sigma`, around this `median`.
    LogNormal { median: Duration, sigma: f64 },
}

/// Agents that fail together.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DomainConfig {
    /// Agents with the same value of this attribute fail together, such as those of a `rack`.
    #[schemars(with = "String")]
    pub(crate) attribute: Spanned<String>,
    /// The probability of each agent of a struck group to fail with it. Default 1.
    #[serde(default = "certain")]
    #[schemars(with = "f64")]
    pub(crate) probability: Spanned<f64>,
    /// Each of them fails at an instant that is drawn evenly from this span after the strike. Default
    /// 0s.
    #[serde(default)]
    pub(crate) spread: Duration,
}

fn certain() -> Spanned<f64> {
    Spanned::new(0..0, 1.0)
}

/// Whose time between failures it is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RhythmName {
    /// Each target's own.
    #[default]
    PerTarget,
    /// The cluster's: each failure strikes one target, drawn evenly from those that are up.
    ClusterWide,
}

/// Which messages do not pass.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DirectionName {
    #[default]
    Both,
    ToMaster,
    FromMaster,
}
