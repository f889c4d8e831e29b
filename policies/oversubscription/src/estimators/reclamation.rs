//! Borg's reclamation of what production has reserved and does not use.
//!
//! Source: Verma et al., "Large-scale cluster management at Google with Borg", EuroSys 2015, section
//! 5.5. The paper gives the rule and the 300 seconds; its margin and its decay are not published, so
//! that their defaults are ours.

use crate::InvalidParameter;
use crate::meter::{Meter, of_interest, times};
use crate::parameter::{not_negative, some_time};
use policy_api::{ContainerKey, Estimator, Quantities, Resources, Scalar, Span, Time, Usage};
use std::collections::BTreeMap;

/// The parameters of [`ReclamationEstimator`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReclamationParameters {
    /// An executor keeps all that it was given for this long.
    pub start_up: Span,
    /// The margin above what it uses, as a share of that; not negative.
    pub margin: f64,
    /// How fast its reservation comes down to that: in this time by the whole distance, if the speed
    /// of its beginning lasted. Above zero.
    pub decay: Span,
}

impl Default for ReclamationParameters {
    fn default() -> Self {
        let (start_up, decay) = (Span::from_secs(300), Span::from_secs(600));
        Self { start_up, margin: 0.1, decay }
    }
}

/// Estimates a reservation for each production executor: it decays slowly towards what that uses
/// and rises at once with it. What lies between it and the limit can be given out.
#[derive(Clone, Debug)]
pub struct ReclamationEstimator {
    parameters: ReclamationParameters,
    meter: Meter,
    reservations: BTreeMap<ContainerKey, Quantities>,
    asked: Time,
}

impl ReclamationEstimator {
    /// # Errors
    /// A negative margin, or a decay in no time.
    pub fn new(parameters: ReclamationParameters) -> Result<Self, InvalidParameter> {
        not_negative("margin", parameters.margin)?;
        some_time("decay", parameters.decay)?;
        let (meter, reservations) = (Meter::default(), BTreeMap::new());
        Ok(Self { parameters, meter, reservations, asked: Time::ZERO })
    }

    /// What an executor with this limit keeps.
    fn reservation(
        &self,
        container: ContainerKey,
        limit: Quantities,
        used: Quantities,
        elapsed: Span,
    ) -> Quantities {
        let before = self.reservations.get(&container).copied().unwrap_or(limit);
        let passed = (elapsed.as_secs_f64() / self.parameters.decay.as_secs_f64()).min(1.0);
        let mut reservation = Quantities::ZERO;
        for scalar in [Scalar::Cpus, Scalar::Mem] {
            let target = times(used[scalar], 1.0 + self.parameters.margin).min(limit[scalar]);
            let excess = (before[scalar] - target).max(0);
            reservation[scalar] = target + excess - times(excess, passed);
        }
        reservation.min(&limit)
    }
}

impl Estimator for ReclamationEstimator {
    fn estimate(&mut self, now: Time, usage: &Usage) -> Option<Resources> {
        let rates = self.meter.measure(usage);
        let elapsed = now.since(std::mem::replace(&mut self.asked, now));
        let (mut reservations, mut reclaimed) = (BTreeMap::new(), Quantities::ZERO);
        for (executor, rate) in usage.executors.iter().zip(rates) {
            let is_starting = now.since(executor.started) < self.parameters.start_up;
            let Some(used) = rate.filter(|_| !is_starting && !executor.is_revocable()) else {
                continue;
            };
            let limit = of_interest(&executor.limits());
            let reservation = self.reservation(executor.container, limit, used, elapsed);
            reservations.insert(executor.container, reservation);
            reclaimed += limit.difference(&reservation);
        }
        self.reservations = reservations;
        let given = usage.revocable().scalar_quantities();
        Some(Resources::revocable_of(&reclaimed.saturating_sub(&given)))
    }
}
