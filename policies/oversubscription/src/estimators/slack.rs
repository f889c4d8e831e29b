//! Serenity's slack: what production was given and does not use.
//!
//! Source: `mesosphere/serenity`, `src/observers/slack_resource.cpp`, `src/pipeline/estimator_pipeline.hpp`
//! and `src/serenity/default_vars.hpp`. Only cores count. What best-effort executors hold is not taken
//! off: it shows in what the host uses. The source leaves a slack as it is where the host uses more
//! than its share; here that is no slack.

use crate::InvalidParameter;
use crate::meter::{Meter, times};
use crate::parameter::share;
use policy_api::{Amount, Estimator, Quantities, Resources, Scalar, Span, Time, Usage};

/// The parameters of [`SlackEstimator`]; the defaults are Serenity's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlackParameters {
    /// Executors count from this age on.
    pub min_age: Span,
    /// The share of the agent's cores up to which its use may grow, in (0, 1].
    pub max_oversubscription: f64,
    /// Above this share of the agent's cores in use there is no slack, in (0, 1].
    pub max_utilization: f64,
}

impl Default for SlackParameters {
    fn default() -> Self {
        let min_age = Span::from_secs(300);
        Self { min_age, max_oversubscription: 0.8, max_utilization: 0.95 }
    }
}

/// Gives out the cores that production executors leave idle.
#[derive(Clone, Debug)]
pub struct SlackEstimator {
    parameters: SlackParameters,
    meter: Meter,
}

impl SlackEstimator {
    /// # Errors
    /// A share outside (0, 1].
    pub fn new(parameters: SlackParameters) -> Result<Self, InvalidParameter> {
        share("max_oversubscription", parameters.max_oversubscription)?;
        share("max_utilization", parameters.max_utilization)?;
        Ok(Self { parameters, meter: Meter::default() })
    }

    fn slack(&mut self, now: Time, usage: &Usage) -> Amount {
        let rates = self.meter.measure(usage);
        let (mut used, mut slack) = (0, 0);
        for (executor, rate) in usage.executors.iter().zip(rates) {
            let Some(cpus) = rate.map(|rate| rate[Scalar::Cpus]) else { continue };
            used += cpus;
            let is_settled = now.since(executor.started) >= self.parameters.min_age;
            if is_settled && !executor.is_revocable() {
                slack += executor.limits()[Scalar::Cpus] - cpus;
            }
        }
        let total = usage.total.amount(Scalar::Cpus);
        if used > times(total, self.parameters.max_utilization) {
            return 0;
        }
        slack.min(times(total, self.parameters.max_oversubscription) - used).max(0)
    }
}

impl Estimator for SlackEstimator {
    fn estimate(&mut self, now: Time, usage: &Usage) -> Option<Resources> {
        let slack = self.slack(now, usage);
        Some(Resources::revocable_of(&Quantities::of(Scalar::Cpus, slack)))
    }
}
