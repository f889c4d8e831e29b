//! The *RC-like* predictor of "Take it to the Limit" (EuroSys 2021), after Resource Central.

use crate::InvalidParameter;
use crate::meter::{Rates, used_or_limit};
use crate::parameter::{check, some_time};
use policy_api::{Amount, ContainerKey, Quantities, Scalar, Span, Time, Usage};
use std::collections::{BTreeMap, VecDeque};

/// The parameters of [`Peak::Percentile`](crate::Peak::Percentile).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PercentileParameters {
    /// In (0, 100]; 99 by default.
    pub percentile: f64,
    /// How long samples count, above zero; 2 hours by default.
    pub history: Span,
}

impl Default for PercentileParameters {
    fn default() -> Self {
        Self { percentile: 99.0, history: Span::from_secs(2 * 60 * 60) }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Percentile {
    parameters: PercentileParameters,
    histories: BTreeMap<ContainerKey, VecDeque<(Time, Quantities)>>,
}

impl Percentile {
    pub(super) fn new(parameters: PercentileParameters) -> Result<Self, InvalidParameter> {
        let percentile = parameters.percentile;
        let is_valid = percentile > 0.0 && percentile <= 100.0;
        check("percentile", &percentile, "above 0 and at most 100", is_valid)?;
        some_time("history", parameters.history)?;
        Ok(Self { parameters, histories: BTreeMap::new() })
    }

    pub(super) fn predict(&mut self, now: Time, usage: &Usage, rates: &Rates) -> Quantities {
        let (mut histories, mut peak) = (BTreeMap::new(), Quantities::ZERO);
        for (executor, rate) in usage.executors.iter().zip(rates) {
            let mut history = self.histories.remove(&executor.container).unwrap_or_default();
            history.extend(rate.map(|rate| (now, rate)));
            drop_old(&mut history, now, self.parameters.history);
            peak += if history.is_empty() {
                used_or_limit(executor, None)
            } else {
                self.percentile_of(&history)
            };
            histories.insert(executor.container, history);
        }
        self.histories = histories;
        peak
    }

    /// The nearest rank: the smallest sample that so many percent of all do not exceed.
    fn percentile_of(&self, history: &VecDeque<(Time, Quantities)>) -> Quantities {
        let mut peak = Quantities::ZERO;
        let mut sorted: Vec<Amount> = Vec::with_capacity(history.len());
        for scalar in [Scalar::Cpus, Scalar::Mem] {
            sorted.clear();
            sorted.extend(history.iter().map(|(_, sample)| sample[scalar]));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at most the length, and not negative"
            )]
            let rank = (self.parameters.percentile * sorted.len() as f64 / 100.0).ceil() as usize;
            let (_, sample, _) = sorted.select_nth_unstable(rank.clamp(1, history.len()) - 1);
            peak[scalar] = *sample;
        }
        peak
    }
}

/// Samples as old as `history` do not count any more.
pub(super) fn drop_old(samples: &mut VecDeque<(Time, Quantities)>, now: Time, history: Span) {
    while samples.front().is_some_and(|(at, _)| now.since(*at) >= history) {
        samples.pop_front();
    }
}
