//! Resource estimators and QoS controllers.

use crate::scenario::{
    EstimatorConfig, LatencySlackConfig, LoadConfig, NSigmaConfig, PeakConfig, PercentileConfig,
    PredictorConfig, QosControllerConfig, ReclamationConfig, SlackConfig, ThresholdsConfig,
    TooHighCpuConfig,
};
use policy_api::{Estimator, QosController, Resources};
use policy_oversubscription::{
    FixedEstimator, LatencyGate, LatencySlackController, LatencySlackParameters, LimitsParameters,
    LoadController, LoadParameters, NSigmaParameters, Peak, PeakEstimator, PercentileParameters,
    ReclamationEstimator, ReclamationParameters, SlackEstimator, SlackParameters,
    ThresholdController, ThresholdEstimator, Thresholds, TooHighCpuController,
    TooHighCpuParameters,
};

/// Makes the estimator; `None` for the one that never answers.
///
/// # Errors
/// What is wrong with a parameter.
pub(crate) fn estimator(config: &EstimatorConfig) -> anyhow::Result<Option<Box<dyn Estimator>>> {
    Ok(Some(match config {
        EstimatorConfig::Noop(_) => return Ok(None),
        EstimatorConfig::Fixed(config) => {
            Box::new(FixedEstimator::new(&resources(&config.resources)?))
        }
        EstimatorConfig::Threshold(config) => {
            let resources = resources(&config.resources)?;
            Box::new(ThresholdEstimator::new(&resources, thresholds(&config.limits))?)
        }
        EstimatorConfig::Slack(config) => {
            let SlackConfig { min_age, max_oversubscription, max_utilization } = *config;
            Box::new(SlackEstimator::new(SlackParameters {
                min_age: min_age.0,
                max_oversubscription,
                max_utilization,
            })?)
        }
        EstimatorConfig::Reclamation(config) => {
            let ReclamationConfig { start_up, margin, decay } = *config;
            let (start_up, decay) = (start_up.0, decay.0);
            Box::new(ReclamationEstimator::new(ReclamationParameters { start_up, margin, decay })?)
        }
        EstimatorConfig::Peak(PeakConfig { predictors, cap }) => {
            let peak = Peak::Max(predictors.iter().map(predictor).collect());
            Box::new(PeakEstimator::new(&peak, *cap)?)
        }
        EstimatorConfig::LatencyGate(config) => {
            let slack = latency_slack(&config.slack);
            match estimator(&config.estimator)? {
                Some(inner) => Box::new(LatencyGate::new(inner, slack)?),
                None => return Ok(None),
            }
        }
    }))
}

/// Makes the controller; `None` for the one that never answers.
///
/// # Errors
/// What is wrong with a parameter.
pub(crate) fn qos_controller(
    config: &QosControllerConfig,
) -> anyhow::Result<Option<Box<dyn QosController>>> {
    Ok(Some(match config {
        QosControllerConfig::Noop(_) => return Ok(None),
        QosControllerConfig::Load(LoadConfig { load_five, load_fifteen }) => {
            let (load_five, load_fifteen) = (*load_five, *load_fifteen);
            Box::new(LoadController::new(LoadParameters { load_five, load_fifteen })?)
        }
        QosControllerConfig::Threshold(config) => {
            Box::new(ThresholdController::new(thresholds(config))?)
        }
        QosControllerConfig::TooHighCpu(config) => {
            let TooHighCpuConfig { alpha, threshold, severity, cooldown } = *config;
            let parameters = TooHighCpuParameters { alpha, threshold, severity, cooldown };
            Box::new(TooHighCpuController::new(parameters)?)
        }
        QosControllerConfig::LatencySlack(config) => {
            Box::new(LatencySlackController::new(latency_slack(config))?)
        }
    }))
}

fn resources(text: &str) -> anyhow::Result<Resources> {
    let resources: Resources = text.parse()?;
    anyhow::ensure!(!resources.is_empty(), "resources is empty: it must be at least one resource");
    Ok(resources)
}

fn thresholds(config: &ThresholdsConfig) -> Thresholds {
    let bytes = |memory: workloads::units::Memory| {
        u64::try_from(i128::from(memory.amount()) * (1 << 20) / 1000).unwrap_or(u64::MAX)
    };
    Thresholds {
        load_one: config.load_one,
        load_five: config.load_five,
        load_fifteen: config.load_fifteen,
        memory_bytes: config.memory.map(bytes),
    }
}

fn predictor(config: &PredictorConfig) -> Peak {
    match *config {
        PredictorConfig::Percentile(PercentileConfig { percentile, history }) => {
            Peak::Percentile(PercentileParameters { percentile, history: history.0 })
        }
        PredictorConfig::NSigma(NSigmaConfig { deviations, warm_up, history }) => {
            let (warm_up, history) = (warm_up.0, history.0);
            Peak::NSigma(NSigmaParameters { deviations, warm_up, history })
        }
        PredictorConfig::Limits(limits) => Peak::Limits(LimitsParameters { share: limits.share }),
    }
}

const fn latency_slack(config: &LatencySlackConfig) -> LatencySlackParameters {
    LatencySlackParameters {
        interval: config.interval.0,
        cooldown: config.cooldown.0,
        disable_load: config.disable_load,
        enable_load: config.enable_load,
        growth_slack: config.growth_slack,
        shrink_slack: config.shrink_slack,
        kept_cpus: config.kept_cpus.amount(),
    }
}
