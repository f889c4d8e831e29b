//! Draws what tasks use of their hosts, and how agents oversubscribe these.

use super::generate::Dice;
use super::plan::{FrameworkPlan, Kind, OversubscriptionPlan, Plan};
use policy_api::{Estimator, IdVec, QosController, Resources, Span};
use policy_oversubscription::{
    FixedEstimator, LatencyGate, LatencySlackController, LatencySlackParameters, LimitsParameters,
    LoadController, LoadParameters, NSigmaParameters, Peak, PeakEstimator, PercentileParameters,
    ReclamationEstimator, ReclamationParameters, SlackEstimator, SlackParameters,
    ThresholdController, ThresholdEstimator, Thresholds, TooHighCpuController,
    TooHighCpuParameters,
};
use rand_pcg::Pcg64Mcg;
use sim_core::agent::{
    Agent, ConsumptionModel, Interference, LatencyModel, Level, Oversubscription, UsageProfile,
};
use sim_core::framework::ResourceKind;
use std::sync::Arc;

/// In one of five runs it matters what tasks use, and mostly it is given out again.
pub(crate) fn add_oversubscription(plan: &mut Plan, dice: &mut Dice) {
    if dice.percent(80) {
        return;
    }
    plan.oversubscription = Some(OversubscriptionPlan {
        setup: Oversubscription {
            estimator: dice.percent(90).then(|| estimator(dice)),
            qos_controller: dice.percent(70).then(|| controller(dice)),
            oversubscribed_resources_interval: dice.millis(2_000, 15_000),
            qos_correction_interval_min: dice.millis(2_000, 15_000),
        },
        sample_interval: dice.millis(2_000, 10_000),
        revocable_cpu_low_priority: dice.percent(70),
        cgroups_enable_cfs: dice.percent(30),
        host_memory_runs_out: dice.percent(50),
        interference: interference(dice),
    });
    for framework in &mut plan.frameworks {
        add_use(framework, dice);
    }
}

fn add_use(framework: &mut FrameworkPlan, dice: &mut Dice) {
    framework.revocable = dice.percent(60);
    let latency = match &mut framework.kind {
        Kind::Batch(options) => {
            let uses = [ResourceKind::Regular, ResourceKind::Revocable];
            options.uses = uses[usize::from(framework.revocable)];
            None
        }
        Kind::Service(_) => dice.percent(70).then(|| LatencyModel {
            demand: dice.millis(1, 20),
            percentile: 99.0,
            target: dice.millis(20, 200),
            timeout: Span::from_secs(1),
        }),
        Kind::Stateful(_) | Kind::Restless { .. } => None,
    };
    if dice.percent(90) {
        let mem = if dice.percent(80) { share(dice, 10, 100) } else { level(dice) };
        framework.usage = Some(UsageProfile { cpus: level(dice), mem, latency });
    }
}

impl OversubscriptionPlan {
    /// Has an agent do as it says.
    pub(crate) fn apply(&self, agent: &mut Agent, frameworks: &[FrameworkPlan], draws: Pcg64Mcg) {
        let profiles: IdVec<_, _> = frameworks.iter().map(|plan| plan.usage.clone()).collect();
        agent.consume(ConsumptionModel {
            sample_interval: self.sample_interval,
            revocable_cpu_low_priority: self.revocable_cpu_low_priority,
            cgroups_enable_cfs: self.cgroups_enable_cfs,
            host_memory_runs_out: self.host_memory_runs_out,
            interference: self.interference.clone(),
            profiles: Arc::new(profiles),
            draws,
        });
        agent.oversubscribe(self.setup.clone());
    }
}

const SENSIBLE: &str = "parameters in their ranges";

fn estimator(dice: &mut Dice) -> Box<dyn Estimator> {
    match dice.between(0, 6) {
        0 | 1 => Box::new(FixedEstimator::new(&amounts(dice))),
        2 => {
            let estimator = ThresholdEstimator::new(&amounts(dice), thresholds(dice));
            Box::new(estimator.expect(SENSIBLE))
        }
        3 => {
            let min_age = dice.millis(0, 20_000);
            let parameters = SlackParameters { min_age, ..SlackParameters::default() };
            Box::new(SlackEstimator::new(parameters).expect(SENSIBLE))
        }
        4 => {
            let (start_up, decay) = (dice.millis(0, 20_000), dice.millis(1_000, 60_000));
            let parameters = ReclamationParameters { start_up, margin: 0.1, decay };
            Box::new(ReclamationEstimator::new(parameters).expect(SENSIBLE))
        }
        5 => Box::new(PeakEstimator::new(&peak(dice), 1.0).expect(SENSIBLE)),
        _ => {
            let inner = Box::new(FixedEstimator::new(&amounts(dice)));
            Box::new(LatencyGate::new(inner, latency_slack(dice)).expect(SENSIBLE))
        }
    }
}

fn peak(dice: &mut Dice) -> Peak {
    let history = dice.millis(10_000, 60_000);
    let warm_up = dice.millis(0, 20_000);
    let percentile = Peak::Percentile(PercentileParameters { percentile: 95.0, history });
    let sigma = Peak::NSigma(NSigmaParameters { deviations: 3.0, warm_up, history });
    let limits = Peak::Limits(LimitsParameters::default());
    match dice.between(0, 3) {
        0 => percentile,
        1 => sigma,
        2 => limits,
        _ => Peak::Max(vec![percentile, sigma]),
    }
}

fn controller(dice: &mut Dice) -> Box<dyn QosController> {
    match dice.between(0, 3) {
        0 => {
            let (five, load_fifteen) = (percent(dice, 20, 800), None);
            let parameters = LoadParameters { load_five: Some(five), load_fifteen };
            Box::new(LoadController::new(parameters).expect(SENSIBLE))
        }
        1 => Box::new(ThresholdController::new(thresholds(dice)).expect(SENSIBLE)),
        2 => {
            let (threshold, severity) = (percent(dice, 30, 90), percent(dice, 30, 100));
            let parameters =
                TooHighCpuParameters { threshold, severity, ..TooHighCpuParameters::default() };
            Box::new(TooHighCpuController::new(parameters).expect(SENSIBLE))
        }
        _ => Box::new(LatencySlackController::new(latency_slack(dice)).expect(SENSIBLE)),
    }
}

fn latency_slack(dice: &mut Dice) -> LatencySlackParameters {
    let (interval, cooldown) = (dice.millis(1_000, 15_000), dice.millis(0, 60_000));
    LatencySlackParameters { interval, cooldown, ..LatencySlackParameters::default() }
}

/// More than most hosts have, now and then.
fn amounts(dice: &mut Dice) -> Resources {
    let text = format!("cpus:{};mem:{}", dice.between(1, 8), dice.between(64, 8_192));
    Resources::parse(&text, "*").expect("amounts as a flag has them")
}

fn thresholds(dice: &mut Dice) -> Thresholds {
    let load_one = Some(percent(dice, 20, 800));
    let memory_bytes = dice.percent(50).then(|| dice.between(64, 8_192) << 20);
    Thresholds { load_one, load_five: None, load_fifteen: None, memory_bytes }
}

fn interference(dice: &mut Dice) -> Interference {
    match dice.between(0, 2) {
        0 => Interference::None,
        1 => Interference::Linear { from: percent(dice, 0, 80), slope: percent(dice, 0, 200) },
        _ => Interference::Table(vec![(0.5, 1.1), (0.9, percent(dice, 110, 300))]),
    }
}

/// Above 1 a task wants more than it asked for.
fn level(dice: &mut Dice) -> Level {
    match dice.between(0, 3) {
        0 => share(dice, 0, 150),
        1 => {
            let mean = percent(dice, 20, 100);
            let (period, peak) = (dice.millis(10_000, 100_000), Span::ZERO);
            Level::Diurnal { mean, amplitude: mean * percent(dice, 0, 100), period, peak }
        }
        2 => Level::Bursty {
            low: percent(dice, 0, 50),
            high: percent(dice, 50, 150),
            low_lasts: dice.millis(2_000, 30_000),
            high_lasts: dice.millis(2_000, 30_000),
        },
        _ => {
            let mut from = Span::ZERO;
            let points = (0..dice.between(1, 5)).map(|_| {
                from = from + dice.millis(1, 10_000);
                (from, percent(dice, 0, 130))
            });
            Level::Series(points.collect())
        }
    }
}

fn share(dice: &mut Dice, least: u64, most: u64) -> Level {
    Level::Constant(percent(dice, least, most))
}

/// A hundredth of a number between these.
fn percent(dice: &mut Dice, least: u64, most: u64) -> f64 {
    dice.between(least, most) as f64 / 100.0
}
