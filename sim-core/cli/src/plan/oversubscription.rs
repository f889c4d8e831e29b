//! How agents oversubscribe their hosts, and what tasks use of them.

use crate::registry;
use crate::scenario::{
    EstimatorConfig, FrameworkConfig, InterferenceConfig, LevelConfig, Problem,
    QosControllerConfig, ResponseTimeConfig, Scenario, ShapeConfig,
};
use policy_api::{FrameworkId, IdVec, Span};
use sim_core::Streams;
use sim_core::agent::{
    ConsumptionModel, Interference, LatencyModel, Level, Oversubscription, UsageProfile,
};
use std::sync::Arc;
use workloads::units::Duration;
use workloads::{WorkloadConfig, read_series};

/// Without an estimator and a controller agents do not oversubscribe.
pub(super) fn oversubscription(
    scenario: &Scenario,
    problems: &mut Vec<Problem>,
) -> Option<Oversubscription> {
    let flags = &scenario.agent;
    for (name, interval) in [
        ("oversubscribed_resources_interval", &flags.oversubscribed_resources_interval),
        ("qos_correction_interval_min", &flags.qos_correction_interval_min),
    ] {
        if interval.get_ref().0 < Oversubscription::SHORTEST_INTERVAL {
            let message = format!("{name} is {}: expected at least 100ms", interval.get_ref().0);
            let help = "policies answer at once here: without a pause the clock would stand still";
            let problem = Problem::at(interval.span(), message);
            problems.push(problem.help(Some(help.to_owned())));
        }
    }
    let estimator = flags.resource_estimator.as_ref().and_then(|config| {
        if scenario.agent.consumption.is_none() && !is_blind(config.get_ref()) {
            problems.push(needs_consumption(config.span(), "this estimator"));
        }
        let made = registry::estimator(config.get_ref());
        made.map_err(|error| problems.push(Problem::at(config.span(), error.to_string()))).ok()?
    });
    let qos_controller = flags.qos_controller.as_ref().and_then(|config| {
        let looks = !matches!(config.get_ref(), QosControllerConfig::Noop(_));
        if scenario.agent.consumption.is_none() && looks {
            problems.push(needs_consumption(config.span(), "this controller"));
        }
        let made = registry::qos_controller(config.get_ref());
        made.map_err(|error| problems.push(Problem::at(config.span(), error.to_string()))).ok()?
    });
    (estimator.is_some() || qos_controller.is_some()).then(|| Oversubscription {
        estimator,
        qos_controller,
        oversubscribed_resources_interval: flags.oversubscribed_resources_interval.get_ref().0,
        qos_correction_interval_min: flags.qos_correction_interval_min.get_ref().0,
    })
}

/// Whether it does not look at what the host does.
fn is_blind(config: &EstimatorConfig) -> bool {
    match config {
        EstimatorConfig::Noop(_) | EstimatorConfig::Fixed(_) => true,
        EstimatorConfig::Threshold(_)
        | EstimatorConfig::Slack(_)
        | EstimatorConfig::Reclamation(_)
        | EstimatorConfig::Peak(_)
        | EstimatorConfig::LatencyGate(_) => false,
    }
}

fn needs_consumption(span: std::ops::Range<usize>, who: &str) -> Problem {
    let message = format!("{who} looks at what hosts do, and it is not said what tasks use");
    Problem::at(span, message).help(Some("add a table [agent.consumption]".to_owned()))
}

/// What tasks use, if that matters. Each host draws from a stream of its own.
pub(super) fn consumption(
    scenario: &Scenario,
    streams: Streams,
    problems: &mut Vec<Problem>,
) -> Option<ConsumptionModel> {
    let mut profiles: IdVec<FrameworkId, Option<UsageProfile>> = IdVec::new();
    for framework in &scenario.frameworks {
        let latency = latency(framework, problems);
        let Some(usage) = &framework.usage else {
            profiles.push(None);
            continue;
        };
        if scenario.agent.consumption.is_none() {
            let message = "it does not matter what tasks use";
            let problem = Problem::at(usage.span(), message);
            problems.push(problem.help(Some("add a table [agent.consumption]".to_owned())));
        }
        let levels = [&usage.get_ref().cpus, &usage.get_ref().mem].map(|config| {
            level(config).unwrap_or_else(|message| {
                problems.push(Problem::at(usage.span(), message));
                Level::Constant(1.0)
            })
        });
        let [cpus, mem] = levels;
        profiles.push(Some(UsageProfile { cpus, mem, latency }));
    }
    let is_recorded = scenario.workload.as_ref().is_some_and(WorkloadConfig::has_recorded_use);
    if is_recorded && scenario.agent.consumption.is_none() {
        let message = "recorded_use says what tasks use, and that does not matter";
        let help = "add a table [agent.consumption]".to_owned();
        problems.push(Problem::anywhere(message).help(Some(help)));
    }
    let config = scenario.agent.consumption.as_ref()?;
    let interval = &config.sample_interval;
    if interval.get_ref().0 < ConsumptionModel::SHORTEST_SAMPLE_INTERVAL {
        let message =
            format!("sample_interval is {}: expected at least 100ms", interval.get_ref().0);
        problems.push(Problem::at(interval.span(), message));
    }
    let interference = interference(config.interference.get_ref()).unwrap_or_else(|message| {
        problems.push(Problem::at(config.interference.span(), message));
        Interference::None
    });
    Some(ConsumptionModel {
        sample_interval: interval.get_ref().0,
        revocable_cpu_low_priority: config.revocable_cpu_low_priority,
        cgroups_enable_cfs: config.cgroups_enable_cfs,
        host_memory_runs_out: config.host_memory_runs_out,
        interference,
        profiles: Arc::new(profiles),
        draws: streams.stream("agents/consumption"),
    })
}

/// How fast the instances of a service answer, if that matters.
fn latency(framework: &FrameworkConfig, problems: &mut Vec<Problem>) -> Option<LatencyModel> {
    let config = framework.service.as_ref()?.get_ref().latency.as_ref()?;
    let ResponseTimeConfig { demand, percentile, target, timeout } = *config.get_ref();
    let mut refuse = |message: String| problems.push(Problem::at(config.span(), message));
    if demand.0.is_zero() {
        refuse("demand is 0s: expected more".to_owned());
    }
    if !(percentile > 0.0 && percentile < 100.0) {
        refuse(format!("percentile is {percentile}: expected more than 0 and less than 100"));
    }
    if target.0.is_zero() {
        refuse("target is 0s: expected more".to_owned());
    }
    if timeout.0 <= target.0 {
        refuse(format!("timeout is {}: expected more than the target", timeout.0));
    }
    if framework.usage.is_none() {
        let message = "its response time follows its load, which is not given";
        let problem = Problem::at(config.span(), message);
        problems.push(problem.help(Some("add `usage` to the framework".to_owned())));
    }
    let (demand, target, timeout) = (demand.0, target.0, timeout.0);
    Some(LatencyModel { demand, percentile, target, timeout })
}

fn level(LevelConfig(config): &LevelConfig) -> Result<Level, String> {
    let share = |name: &str, value: f64| {
        let is_valid = value >= 0.0 && value.is_finite();
        is_valid.then_some(value).ok_or(format!("{name} is {value}: expected at least 0"))
    };
    let some_time = |name: &str, Duration(span): Duration| {
        let is_valid = span > Span::ZERO;
        is_valid.then_some(span).ok_or(format!("{name} is 0s: expected more"))
    };
    Ok(match config {
        ShapeConfig::Constant(value) => Level::Constant(share("the use", *value)?),
        ShapeConfig::Diurnal { mean, amplitude, period, peak } => {
            let (mean, amplitude) = (share("mean", *mean)?, share("amplitude", *amplitude)?);
            if amplitude > mean {
                return Err(format!("amplitude is {amplitude}: expected at most the mean, {mean}"));
            }
            Level::Diurnal { mean, amplitude, period: some_time("period", *period)?, peak: peak.0 }
        }
        ShapeConfig::Bursty { low, high, low_lasts, high_lasts } => Level::Bursty {
            low: share("low", *low)?,
            high: share("high", *high)?,
            low_lasts: some_time("low_lasts", *low_lasts)?,
            high_lasts: some_time("high_lasts", *high_lasts)?,
        },
        ShapeConfig::Series(points) => {
            if !points.is_sorted_by(|(before, _), (after, _)| before.0 < after.0) {
                return Err("the times of a series do not ascend".to_owned());
            }
            let point = |(from, value): &(Duration, f64)| Ok((from.0, share("a share", *value)?));
            Level::Series(points.iter().map(point).collect::<Result<_, String>>()?)
        }
        ShapeConfig::SeriesFile(path) => {
            let points = read_series(path).map_err(|error| error.to_string())?;
            Level::Series(points.into())
        }
    })
}

fn interference(config: &InterferenceConfig) -> Result<Interference, String> {
    Ok(match config {
        InterferenceConfig::None => Interference::None,
        InterferenceConfig::Linear { from, slope } => {
            if !(*from >= 0.0 && *from <= 1.0) {
                return Err(format!("from is {from}: expected 0 to 1"));
            }
            if !(*slope >= 0.0 && slope.is_finite()) {
                return Err(format!("slope is {slope}: expected at least 0"));
            }
            Interference::Linear { from: *from, slope: *slope }
        }
        InterferenceConfig::Table(rows) => {
            if !rows.is_sorted_by(|(before, _), (after, _)| before < after) {
                return Err("the pressures of the table do not ascend".to_owned());
            }
            if let Some((_, slowdown)) = rows.iter().find(|(_, it)| !(*it >= 1.0 && it.is_finite()))
            {
                return Err(format!("a slowdown is {slowdown}: expected at least 1"));
            }
            Interference::Table(rows.clone())
        }
    })
}
