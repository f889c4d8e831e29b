//! Estimators and QoS controllers that say what they are told to, and write down what they see.

use super::notation;
use policy_api::{Correction, Estimator, IdVec, QosController, Resources, Span, Time, Usage};
use sim_core::Streams;
use sim_core::agent::{
    ConsumptionModel, Interference, LatencyModel, Level, Oversubscription, UsageProfile,
};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// The usages that somebody was shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<Usage>>>);

impl Seen {
    pub(crate) fn all(&self) -> Vec<Usage> {
        self.0.lock().unwrap().clone()
    }

    fn note(&self, usage: &Usage) {
        self.0.lock().unwrap().push(usage.clone());
    }
}

/// Answers with these amounts in turn, the last of them for ever.
#[derive(Clone, Debug)]
pub(crate) struct ScriptedEstimator {
    answers: VecDeque<Resources>,
    seen: Seen,
}

impl Estimator for ScriptedEstimator {
    fn estimate(&mut self, _now: Time, usage: &Usage) -> Option<Resources> {
        self.seen.note(usage);
        let answer = self.answers.pop_front()?;
        if self.answers.is_empty() {
            self.answers.push_back(answer.clone());
        }
        Some(answer)
    }
}

/// Chooses from what it sees, each time it is asked.
#[derive(Clone, Debug)]
pub(crate) struct ScriptedController {
    choose: fn(Time, &Usage) -> Vec<Correction>,
    seen: Seen,
}

impl QosController for ScriptedController {
    fn correct(&mut self, now: Time, usage: &Usage) -> Option<Vec<Correction>> {
        self.seen.note(usage);
        Some((self.choose)(now, usage))
    }
}

pub(crate) const SETUP: Oversubscription = Oversubscription {
    estimator: None,
    qos_controller: None,
    oversubscribed_resources_interval: Oversubscription::DEFAULT_INTERVAL,
    qos_correction_interval_min: Oversubscription::DEFAULT_INTERVAL,
};

pub(crate) fn estimating(answers: &[&str], seen: &Seen) -> Oversubscription {
    let answers = answers.iter().map(|words| super::words::resources(words)).collect();
    let estimator = ScriptedEstimator { answers, seen: seen.clone() };
    Oversubscription { estimator: Some(Box::new(estimator)), ..SETUP }
}

pub(crate) fn with_estimator(estimator: impl Estimator + 'static) -> Oversubscription {
    Oversubscription { estimator: Some(Box::new(estimator)), ..SETUP }
}

pub(crate) fn correcting(
    choose: fn(Time, &Usage) -> Vec<Correction>,
    seen: &Seen,
) -> Oversubscription {
    let controller = ScriptedController { choose, seen: seen.clone() };
    Oversubscription { qos_controller: Some(Box::new(controller)), ..SETUP }
}

/// What executors hold, in words.
pub(crate) fn held(usage: &Usage) -> Vec<String> {
    usage.executors.iter().map(|row| notation::write(&row.allocated)).collect()
}

/// Tasks use what they asked for.
pub(crate) fn all_that_is_asked_for() -> ConsumptionModel {
    ConsumptionModel {
        sample_interval: ConsumptionModel::DEFAULT_SAMPLE_INTERVAL,
        revocable_cpu_low_priority: true,
        cgroups_enable_cfs: false,
        host_memory_runs_out: false,
        interference: Interference::None,
        profiles: Arc::new(IdVec::new()),
        draws: Streams::new(1).stream("agents/0/consumption"),
    }
}

/// Those of the first framework use these shares of it.
pub(crate) fn consuming(cpus: Level, mem: Level) -> ConsumptionModel {
    let profiles = IdVec::from_iter([Some(UsageProfile { cpus, mem, latency: None })]);
    ConsumptionModel { profiles: Arc::new(profiles), ..all_that_is_asked_for() }
}

/// Those of the first framework are instances of a service with this load: 5 ms a request, 99 % of which
/// are to be answered within 50 ms.
pub(crate) fn serving(load: f64) -> ConsumptionModel {
    let latency = LatencyModel {
        demand: Span::from_millis(5),
        percentile: 99.0,
        target: Span::from_millis(50),
        timeout: Span::from_secs(1),
    };
    let (cpus, mem) = (Level::Constant(load), Level::Constant(0.5));
    let profiles = IdVec::from_iter([Some(UsageProfile { cpus, mem, latency: Some(latency) })]);
    ConsumptionModel { profiles: Arc::new(profiles), ..all_that_is_asked_for() }
}
