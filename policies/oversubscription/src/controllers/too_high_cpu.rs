//! Serenity's detector of too high use of the processors, with its seniority strategy.
//!
//! Source: `mesosphere/serenity`, `src/contention_detectors/too_high_cpu.cpp`,
//! `src/observers/strategies/seniority.cpp` and `src/serenity/default_vars.hpp`. The moving average
//! is that of each executor, as there; it begins with the first sample.

use super::seniority::youngest;
use crate::InvalidParameter;
use crate::meter::Meter;
use crate::parameter::{not_negative, share};
use policy_api::{ContainerKey, Correction, ExecutorUsage, QosController, Scalar, Time, Usage};
use std::collections::BTreeMap;

/// The parameters of [`TooHighCpuController`]; the defaults are Serenity's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TooHighCpuParameters {
    /// How much the newest sample counts in the moving average, in (0, 1].
    pub alpha: f64,
    /// The share of the agent's cores above which it is too high, in (0, 1].
    pub threshold: f64,
    /// The share of best-effort executors that ends then; not negative.
    pub severity: f64,
    /// While it stays too high, the next correction comes this many rounds later. A round in which it
    /// is not too high ends the wait.
    pub cooldown: u32,
}

impl Default for TooHighCpuParameters {
    fn default() -> Self {
        Self { alpha: 0.2, threshold: 0.85, severity: 1.0, cooldown: 10 }
    }
}

/// Kills the youngest best-effort executors while the processors are used too much.
#[derive(Clone, Debug)]
pub struct TooHighCpuController {
    parameters: TooHighCpuParameters,
    meter: Meter,
    averages: BTreeMap<ContainerKey, f64>,
    /// Rounds until the next correction is allowed.
    cooldown: u32,
}

impl TooHighCpuController {
    /// # Errors
    /// A parameter outside its range.
    pub fn new(parameters: TooHighCpuParameters) -> Result<Self, InvalidParameter> {
        share("alpha", parameters.alpha)?;
        share("threshold", parameters.threshold)?;
        not_negative("severity", parameters.severity)?;
        let (meter, averages) = (Meter::default(), BTreeMap::new());
        Ok(Self { parameters, meter, averages, cooldown: 0 })
    }

    /// The moving average of all executors together, in thousandths of a core.
    fn average(&mut self, usage: &Usage) -> f64 {
        let rates = self.meter.measure(usage);
        let (mut averages, mut sum) = (BTreeMap::new(), 0.0);
        for (executor, rate) in usage.executors.iter().zip(rates) {
            let Some(rate) = rate else { continue };
            let sample = rate[Scalar::Cpus] as f64;
            let before = self.averages.get(&executor.container).copied().unwrap_or(sample);
            let average = before + self.parameters.alpha * (sample - before);
            averages.insert(executor.container, average);
            sum += average;
        }
        self.averages = averages;
        sum
    }
}

impl QosController for TooHighCpuController {
    fn correct(&mut self, _now: Time, usage: &Usage) -> Option<Vec<Correction>> {
        let total = usage.total.amount(Scalar::Cpus) as f64;
        let is_too_high = self.average(usage) > self.parameters.threshold * total;
        let best_effort = usage.executors.iter().any(ExecutorUsage::is_revocable);
        if !(is_too_high && best_effort) {
            self.cooldown = 0;
            return Some(Vec::new());
        }
        self.cooldown = self.cooldown.saturating_sub(1);
        if self.cooldown > 0 {
            return Some(Vec::new());
        }
        self.cooldown = self.parameters.cooldown;
        Some(youngest(usage, self.parameters.severity))
    }
}
