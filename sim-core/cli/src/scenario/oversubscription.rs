//! Oversubscription in the scenario file: estimators, QoS controllers, what tasks really use.

use super::level::LevelConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use toml::Spanned;
use workloads::units::{Count, Duration, Memory};

/// A resource estimator, chosen by the table's name, with its parameters.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EstimatorConfig {
    /// Mesos's default: never answers.
    Noop(Nothing),
    /// Mesos's: a fixed amount, whatever the host does.
    Fixed(FixedConfig),
    /// Blue Yonder's: a fixed amount while the host is not full.
    Threshold(ThresholdEstimatorConfig),
    /// Serenity's: the cores that production leaves idle.
    Slack(SlackConfig),
    /// Borg's: a reservation for each production executor that decays to what it uses.
    Reclamation(ReclamationConfig),
    /// What lies between the predicted peak and the capacity ("Take it to the Limit").
    Peak(PeakConfig),
    /// Another estimator, heard while the latency of services leaves room (Heracles).
    LatencyGate(LatencyGateConfig),
}

/// No parameters.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FixedConfig {
    /// All that can be oversubscribed, in Mesos's form: `cpus:4;mem:8192`.
    pub(crate) resources: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThresholdEstimatorConfig {
    /// All that can be oversubscribed.
    pub(crate) resources: String,
    /// From these on, nothing more is.
    pub(crate) limits: ThresholdsConfig,
}

/// When a host is full; at least one is given.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ThresholdsConfig {
    /// The load of one minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load_one: Option<f64>,
    /// That of five minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load_five: Option<f64>,
    /// That of fifteen minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load_fifteen: Option<f64>,
    /// The memory in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) memory: Option<Memory>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SlackConfig {
    /// Executors count from this age on. Default 5m.
    pub(crate) min_age: Duration,
    /// The share of the cores up to which the host's use may grow. Default 0.8.
    pub(crate) max_oversubscription: f64,
    /// Above this share in use there is no slack. Default 0.95.
    pub(crate) max_utilization: f64,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReclamationConfig {
    /// An executor keeps all that it was given for this long. Default 5m.
    pub(crate) start_up: Duration,
    /// The margin above what it uses, as a share of that. Default 0.1.
    pub(crate) margin: f64,
    /// In this time its reservation would come down to that at the speed of the beginning. Default 10m.
    pub(crate) decay: Duration,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeakConfig {
    /// The predictors; of several, the highest counts.
    pub(crate) predictors: Vec<PredictorConfig>,
    /// Peaks may reach this share of what the agent has. Default 1.
    #[serde(default = "one")]
    pub(crate) cap: f64,
}

const fn one() -> f64 {
    1.0
}

/// A predictor of the peak of a host's use.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PredictorConfig {
    /// A percentile of what each executor has used (RC-like).
    Percentile(PercentileConfig),
    /// The mean of what the host has used, and some standard deviations.
    NSigma(NSigmaConfig),
    /// A share of the sum of all limits (borg-default).
    Limits(LimitsConfig),
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PercentileConfig {
    /// Default 99.
    pub(crate) percentile: f64,
    /// How long samples count. Default 2h.
    pub(crate) history: Duration,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NSigmaConfig {
    /// Standard deviations above the mean. Default 5.
    pub(crate) deviations: f64,
    /// Until then the peak is the sum of all limits. Default 2h.
    pub(crate) warm_up: Duration,
    /// How long samples count. Default 2h.
    pub(crate) history: Duration,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsConfig {
    /// Default 0.9.
    pub(crate) share: f64,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LatencyGateConfig {
    /// The estimator behind it.
    pub(crate) estimator: Box<EstimatorConfig>,
    /// What the gate looks at.
    #[serde(default)]
    pub(crate) slack: LatencySlackConfig,
}

/// A QoS controller, chosen by the table's name, with its parameters.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum QosControllerConfig {
    /// Mesos's default: nobody is killed.
    Noop(Nothing),
    /// Mesos's: kills all best-effort executors while the load is too high.
    Load(LoadConfig),
    /// Blue Yonder's: kills one at a time while the host is full.
    Threshold(ThresholdsConfig),
    /// Serenity's: kills the youngest while the processors are used too much.
    TooHighCpu(TooHighCpuConfig),
    /// The top level of Heracles: kills by the latency of services.
    LatencySlack(LatencySlackConfig),
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LoadConfig {
    /// The load of five minutes that may not be exceeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load_five: Option<f64>,
    /// That of fifteen minutes. One of the two is given at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load_fifteen: Option<f64>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TooHighCpuConfig {
    /// How much the newest sample counts in the moving average. Default 0.2.
    pub(crate) alpha: f64,
    /// The share of the cores above which it is too high. Default 0.85.
    pub(crate) threshold: f64,
    /// The share of best-effort executors that ends then. Default 1.
    pub(crate) severity: f64,
    /// Rounds until the next correction. Default 10.
    pub(crate) cooldown: u32,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LatencySlackConfig {
    /// How often it looks. Default 15s.
    pub(crate) interval: Duration,
    /// How long best effort stays away after a target was missed. Default 5m.
    pub(crate) cooldown: Duration,
    /// The load of a service above which best effort ends. Default 0.85.
    pub(crate) disable_load: f64,
    /// The load below which it may begin again. Default 0.8.
    pub(crate) enable_load: f64,
    /// The slack below which it does not grow. Default 0.1.
    pub(crate) growth_slack: f64,
    /// The slack below which it keeps `kept_cpus` only. Default 0.05.
    pub(crate) shrink_slack: f64,
    /// Default 2.
    pub(crate) kept_cpus: Count,
}

/// That it matters what tasks use of their host. Without this table they use nothing, and take the time
/// that they bring.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConsumptionConfig {
    /// How often uses that vary are looked at. Default 5s.
    #[schemars(with = "Duration")]
    pub(crate) sample_interval: Spanned<Duration>,
    /// Containers with revocable cores have 10 shares for a core instead of 1024. Default true.
    pub(crate) revocable_cpu_low_priority: bool,
    /// Nobody gets more cores than were allocated. Default false.
    pub(crate) cgroups_enable_cfs: bool,
    /// Where tasks use more memory than their agent has, the kernel ends containers: best effort first,
    /// and the one that uses most beyond what it was allocated. Default false.
    pub(crate) host_memory_runs_out: bool,
    /// How much slower everything is under pressure. Default: not at all.
    #[schemars(with = "InterferenceConfig")]
    pub(crate) interference: Spanned<InterferenceConfig>,
}

/// The slowdown of all tasks of a host, by the share of its cores that is in use.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum InterferenceConfig {
    #[default]
    None,
    /// From a pressure on `1 + slope * (pressure - from)` times as slow.
    Linear { from: f64, slope: f64 },
    /// Pairs of a pressure and how many times as slow everything is from there on.
    Table(Vec<(f64, f64)>),
}

/// What tasks really use, as a share of what they asked for. Above 1 they want more than that.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UsageConfig {
    /// Of the cores. Default 1.
    pub(crate) cpus: LevelConfig,
    /// Of the memory. A container that wants more than its limit is killed. Default 1.
    pub(crate) mem: LevelConfig,
}

/// How fast an instance of a service answers: as an M/G/1 queue with processor sharing.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResponseTimeConfig {
    /// The processor time of a request that nothing disturbs, on average.
    pub(crate) demand: Duration,
    /// The percentile of the response time that is looked at. Default 99.
    #[serde(default = "ninety_nine")]
    pub(crate) percentile: f64,
    /// What it is to be at most.
    pub(crate) target: Duration,
    /// When clients give up: no response time is longer. Default 1s.
    #[serde(default = "one_second")]
    pub(crate) timeout: Duration,
}

const fn ninety_nine() -> f64 {
    99.0
}

const fn one_second() -> Duration {
    Duration(policy_api::Span::from_secs(1))
}

impl Default for ConsumptionConfig {
    fn default() -> Self {
        let interval = Duration(sim_core::agent::ConsumptionModel::DEFAULT_SAMPLE_INTERVAL);
        Self {
            sample_interval: Spanned::new(0..0, interval),
            revocable_cpu_low_priority: true,
            cgroups_enable_cfs: false,
            host_memory_runs_out: false,
            interference: Spanned::new(0..0, InterferenceConfig::None),
        }
    }
}

impl UsageConfig {
    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let Self { cpus, mem } = self;
        [cpus, mem].into_iter().filter_map(LevelConfig::path_mut)
    }

    pub(super) const fn has_no_files(&self) -> bool {
        self.cpus.path().is_none() && self.mem.path().is_none()
    }
}

impl Default for UsageConfig {
    fn default() -> Self {
        Self { cpus: LevelConfig::ALL, mem: LevelConfig::ALL }
    }
}

impl Default for SlackConfig {
    fn default() -> Self {
        let default = policy_oversubscription::SlackParameters::default();
        Self {
            min_age: Duration(default.min_age),
            max_oversubscription: default.max_oversubscription,
            max_utilization: default.max_utilization,
        }
    }
}

impl Default for ReclamationConfig {
    fn default() -> Self {
        let default = policy_oversubscription::ReclamationParameters::default();
        Self {
            start_up: Duration(default.start_up),
            margin: default.margin,
            decay: Duration(default.decay),
        }
    }
}

impl Default for PercentileConfig {
    fn default() -> Self {
        let default = policy_oversubscription::PercentileParameters::default();
        Self { percentile: default.percentile, history: Duration(default.history) }
    }
}

impl Default for NSigmaConfig {
    fn default() -> Self {
        let default = policy_oversubscription::NSigmaParameters::default();
        Self {
            deviations: default.deviations,
            warm_up: Duration(default.warm_up),
            history: Duration(default.history),
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { share: policy_oversubscription::LimitsParameters::default().share }
    }
}

impl Default for TooHighCpuConfig {
    fn default() -> Self {
        let default = policy_oversubscription::TooHighCpuParameters::default();
        Self {
            alpha: default.alpha,
            threshold: default.threshold,
            severity: default.severity,
            cooldown: default.cooldown,
        }
    }
}

impl Default for LatencySlackConfig {
    fn default() -> Self {
        let default = policy_oversubscription::LatencySlackParameters::default();
        Self {
            interval: Duration(default.interval),
            cooldown: Duration(default.cooldown),
            disable_load: default.disable_load,
            enable_load: default.enable_load,
            growth_slack: default.growth_slack,
            shrink_slack: default.shrink_slack,
            kept_cpus: Count::from_amount(default.kept_cpus),
        }
    }
}
