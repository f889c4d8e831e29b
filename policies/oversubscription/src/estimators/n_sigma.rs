//! The *N-sigma* predictor of "Take it to the Limit" (EuroSys 2021).

use super::percentile::drop_old;
use crate::InvalidParameter;
use crate::meter::{Rates, of_interest, used_or_limit};
use crate::parameter::{not_negative, some_time};
use policy_api::{Amount, Quantities, Scalar, Span, Time, Usage};
use std::collections::VecDeque;

/// The parameters of [`Peak::NSigma`](crate::Peak::NSigma). The defaults are those of the paper's
/// artifact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NSigmaParameters {
    /// How many standard deviations above the mean; not negative.
    pub deviations: f64,
    /// Until there are samples from this long ago, the peak is the sum of all limits.
    pub warm_up: Span,
    /// How long samples count, above zero.
    pub history: Span,
}

impl Default for NSigmaParameters {
    fn default() -> Self {
        let two_hours = Span::from_secs(2 * 60 * 60);
        Self { deviations: 5.0, warm_up: two_hours, history: two_hours }
    }
}

#[derive(Clone, Debug)]
pub(super) struct NSigma {
    parameters: NSigmaParameters,
    /// What all executors together have used.
    samples: VecDeque<(Time, Quantities)>,
    since: Option<Time>,
}

impl NSigma {
    pub(super) fn new(parameters: NSigmaParameters) -> Result<Self, InvalidParameter> {
        not_negative("deviations", parameters.deviations)?;
        some_time("history", parameters.history)?;
        Ok(Self { parameters, samples: VecDeque::new(), since: None })
    }

    pub(super) fn predict(&mut self, now: Time, usage: &Usage, rates: &Rates) -> Quantities {
        let used = usage.executors.iter().zip(rates);
        let used = used.fold(Quantities::ZERO, |sum, (row, rate)| sum + used_or_limit(row, *rate));
        self.samples.push_back((now, used));
        drop_old(&mut self.samples, now, self.parameters.history);
        let since = *self.since.get_or_insert(now);
        if now.since(since) < self.parameters.warm_up {
            return of_interest(&usage.limits());
        }
        let peak = |scalar| self.peak_of(scalar);
        Quantities::of(Scalar::Cpus, peak(Scalar::Cpus)).with(Scalar::Mem, peak(Scalar::Mem))
    }

    fn peak_of(&self, scalar: Scalar) -> Amount {
        let count = self.samples.len() as f64;
        let samples = || self.samples.iter().map(|(_, sample)| sample[scalar] as f64);
        let mean = samples().sum::<f64>() / count;
        let variance =
            samples().map(|sample| (sample - mean) * (sample - mean)).sum::<f64>() / count;
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let peak = (mean + self.parameters.deviations * variance.sqrt()).ceil() as Amount;
        peak
    }
}
