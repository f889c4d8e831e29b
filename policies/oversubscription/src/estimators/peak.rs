//! Estimators that predict the peak of a host's use: what lies between it and the capacity can be
//! given out.
//!
//! Source: Bashir et al., "Take it to the Limit: Peak Prediction-driven Resource Overcommitment in
//! Datacenters", EuroSys 2021. Its *RC-like*, *N-sigma*, *borg-default* and the maximum of several,
//! which its authors chose. Best-effort executors count like all others, so that nothing is taken
//! off for them; one without a history counts with its limit.

use super::n_sigma::NSigma;
use super::percentile::Percentile;
use crate::meter::{Meter, Rates, of_interest, times};
use crate::parameter::{check, share};
use crate::{InvalidParameter, NSigmaParameters, PercentileParameters};
use policy_api::{Estimator, Quantities, Resources, Scalar, Time, Usage};

/// How the peak of a host is predicted.
#[derive(Clone, Debug, PartialEq)]
pub enum Peak {
    /// The sum of a high percentile of what each executor has used (RC-like).
    Percentile(PercentileParameters),
    /// The mean of what the host has used and some standard deviations.
    NSigma(NSigmaParameters),
    /// A share of the sum of all limits (borg-default).
    Limits(LimitsParameters),
    /// The highest of these.
    Max(Vec<Self>),
}

/// The parameters of [`Peak::Limits`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitsParameters {
    /// In (0, 1]; 0.9 by default, as the paper says of Borg.
    pub share: f64,
}

impl Default for LimitsParameters {
    fn default() -> Self {
        Self { share: 0.9 }
    }
}

/// Gives out what lies between the predicted peak and the capacity.
#[derive(Clone, Debug)]
pub struct PeakEstimator {
    meter: Meter,
    predictor: Predictor,
    cap: f64,
}

#[derive(Clone, Debug)]
enum Predictor {
    Percentile(Percentile),
    NSigma(NSigma),
    Limits(f64),
    Max(Vec<Predictor>),
}

impl PeakEstimator {
    /// Peaks may reach this share of what the agent has, in (0, 1].
    ///
    /// # Errors
    /// A parameter outside its range, or a maximum of nothing.
    pub fn new(peak: &Peak, cap: f64) -> Result<Self, InvalidParameter> {
        share("cap", cap)?;
        Ok(Self { meter: Meter::default(), predictor: Predictor::new(peak)?, cap })
    }

    /// The peak that is predicted from what was seen by now, in `cpus` and `mem`.
    pub fn predict(&mut self, now: Time, usage: &Usage) -> Quantities {
        let rates = self.meter.measure(usage);
        self.predictor.predict(now, usage, &rates)
    }
}

impl Predictor {
    fn new(peak: &Peak) -> Result<Self, InvalidParameter> {
        Ok(match peak {
            Peak::Percentile(parameters) => Self::Percentile(Percentile::new(*parameters)?),
            Peak::NSigma(parameters) => Self::NSigma(NSigma::new(*parameters)?),
            Peak::Limits(parameters) => {
                share("share", parameters.share)?;
                Self::Limits(parameters.share)
            }
            Peak::Max(peaks) => {
                check("peaks", "empty", "at least one to take the highest of", !peaks.is_empty())?;
                Self::Max(peaks.iter().map(Self::new).collect::<Result<_, _>>()?)
            }
        })
    }

    fn predict(&mut self, now: Time, usage: &Usage, rates: &Rates) -> Quantities {
        match self {
            Self::Percentile(percentile) => percentile.predict(now, usage, rates),
            Self::NSigma(sigma) => sigma.predict(now, usage, rates),
            Self::Limits(share) => scaled(&of_interest(&usage.limits()), *share),
            Self::Max(predictors) => {
                let peaks = predictors.iter_mut().map(|one| one.predict(now, usage, rates));
                peaks.fold(Quantities::ZERO, |highest, peak| highest.max(&peak))
            }
        }
    }
}

fn scaled(amounts: &Quantities, factor: f64) -> Quantities {
    Quantities::of(Scalar::Cpus, times(amounts[Scalar::Cpus], factor))
        .with(Scalar::Mem, times(amounts[Scalar::Mem], factor))
}

impl Estimator for PeakEstimator {
    fn estimate(&mut self, now: Time, usage: &Usage) -> Option<Resources> {
        let peak = self.predict(now, usage);
        let capacity = scaled(&usage.total.scalar_quantities(), self.cap);
        Some(Resources::revocable_of(&capacity.saturating_sub(&peak)))
    }
}
