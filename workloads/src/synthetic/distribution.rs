//! Distributions over spans, amounts or plain numbers, and the rules for their parameters.

use crate::error::Violation;
use crate::units::{Count, Duration, Memory};
use policy_api::{Amount, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A distribution of values of one kind, written as a table with one key:
/// `{ log_normal = { median = "5m", sigma = 1.2 } }`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Distribution<T> {
    /// Always the same.
    Constant(T),
    /// Evenly between `min` (included) and `max` (excluded).
    Uniform { min: T, max: T },
    /// Without memory; as the time between arrivals it makes a Poisson process.
    Exponential { mean: T },
    /// The exponential of a normal distribution with the deviation `sigma`. Give either the
    /// median or the mean, which is the median times exp(sigma^2 / 2). Draws above `max` are cut
    /// to it.
    LogNormal {
        #[serde(skip_serializing_if = "Option::is_none")]
        median: Option<T>,
        #[serde(skip_serializing_if = "Option::is_none")]
        mean: Option<T>,
        sigma: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<T>,
    },
    /// A power law from `scale` up: P(x > v) = (scale / v)^shape. Draws above `max` are cut to
    /// it. Without it the mean is infinite for a shape of at most 1.
    Pareto {
        scale: T,
        shape: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<T>,
    },
    /// One of the values, each equally likely.
    Empirical { values: Vec<T> },
}

/// A kind of value that can be drawn.
pub trait Value: Copy + fmt::Display {
    /// The least value that a continuous distribution yields: rounding must not turn a positive
    /// draw into nothing.
    const LEAST: f64;

    fn to_f64(self) -> f64;

    /// The nearest value, cut to the range of the kind.
    fn from_f64(value: f64) -> Self;
}

impl Value for f64 {
    const LEAST: f64 = 0.0;

    fn to_f64(self) -> f64 {
        self
    }

    fn from_f64(value: f64) -> Self {
        value
    }
}

/// In seconds, rounded to whole nanoseconds.
impl Value for Duration {
    const LEAST: f64 = 1e-9;

    fn to_f64(self) -> f64 {
        self.0.as_secs_f64()
    }

    fn from_f64(value: f64) -> Self {
        Self(Span::from_secs_f64(value).unwrap_or(Span::MAX))
    }
}

/// In units.
impl Value for Count {
    const LEAST: f64 = 0.001;

    fn to_f64(self) -> f64 {
        self.amount() as f64 / 1000.0
    }

    fn from_f64(value: f64) -> Self {
        Self::from_amount(thousandths(value))
    }
}

/// In MiB.
impl Value for Memory {
    const LEAST: f64 = 0.001;

    fn to_f64(self) -> f64 {
        self.amount() as f64 / 1000.0
    }

    fn from_f64(value: f64) -> Self {
        Self::from_amount(thousandths(value))
    }
}

/// Cut to what no machine has, so that sums stay far from overflow.
fn thousandths(value: f64) -> Amount {
    #[expect(clippy::cast_possible_truncation, reason = "cut to the range")]
    let amount = (value * 1000.0).round().clamp(0.0, 1e15) as Amount;
    amount
}

impl<T: Value> Distribution<T> {
    /// Whether some draws are above zero.
    pub(super) fn can_be_positive(&self) -> bool {
        match self {
            Self::Constant(value) => value.to_f64() > 0.0,
            Self::Uniform { max, .. } => max.to_f64() > 0.0,
            Self::Empirical { values } => values.iter().any(|value| value.to_f64() > 0.0),
            Self::Exponential { .. } | Self::LogNormal { .. } | Self::Pareto { .. } => true,
        }
    }

    /// Whether all draws are above zero; [`Value::LEAST`] sees to the continuous ones.
    pub(crate) fn is_always_positive(&self) -> bool {
        match self {
            Self::Empirical { values } => values.iter().all(|value| value.to_f64() > 0.0),
            Self::Constant(_)
            | Self::Uniform { .. }
            | Self::Exponential { .. }
            | Self::LogNormal { .. }
            | Self::Pareto { .. } => self.can_be_positive(),
        }
    }

    /// Appends the broken rules of the parameters, with their keys under `key`.
    pub(crate) fn check(&self, key: &str, violations: &mut Vec<Violation>) {
        let mut rules = Rules { key, violations };
        match self {
            Self::Constant(value) => rules.at_least_zero("constant", *value),
            Self::Uniform { min, max } => {
                rules.at_least_zero("uniform.min", *min);
                rules.at_least_zero("uniform.max", *max);
                rules.ordered("uniform.max", "min", *min, *max);
            }
            Self::Exponential { mean } => rules.positive("exponential.mean", *mean),
            Self::LogNormal { median, mean, sigma, max } => {
                rules.one_of_median_and_mean(median.is_some(), mean.is_some());
                for (name, value) in [("median", median), ("mean", mean), ("max", max)] {
                    if let Some(value) = value {
                        rules.positive(&format!("log_normal.{name}"), *value);
                    }
                }
                rules.at_least_zero("log_normal.sigma", *sigma);
            }
            Self::Pareto { scale, shape, max } => {
                rules.positive("pareto.scale", *scale);
                rules.positive("pareto.shape", *shape);
                if let Some(max) = max {
                    rules.ordered("pareto.max", "scale", *scale, *max);
                }
            }
            Self::Empirical { values } => {
                if values.is_empty() {
                    rules.broken("empirical.values", "found none, expected at least one value");
                }
                for (index, value) in values.iter().enumerate() {
                    rules.at_least_zero(&format!("empirical.values[{index}]"), *value);
                }
            }
        }
    }
}

struct Rules<'a> {
    key: &'a str,
    violations: &'a mut Vec<Violation>,
}

impl Rules<'_> {
    fn broken(&mut self, name: &str, problem: impl Into<String>) {
        self.violations.push(Violation::new(format!("{}.{name}", self.key), problem));
    }

    fn positive<V: Value>(&mut self, name: &str, value: V) {
        if !(value.to_f64() > 0.0 && value.to_f64().is_finite()) {
            self.broken(name, format!("found {value}, expected more than 0"));
        }
    }

    fn at_least_zero<V: Value>(&mut self, name: &str, value: V) {
        if !(value.to_f64() >= 0.0 && value.to_f64().is_finite()) {
            self.broken(name, format!("found {value}, expected at least 0"));
        }
    }

    fn ordered<V: Value>(&mut self, name: &str, lower_name: &str, lower: V, upper: V) {
        if upper.to_f64() < lower.to_f64() {
            self.broken(name, format!("found {upper}, expected at least `{lower_name}`, {lower}"));
        }
    }

    fn one_of_median_and_mean(&mut self, median: bool, mean: bool) {
        match (median, mean) {
            (true, true) => {
                self.broken("log_normal", "found both `median` and `mean`, expected one of them");
            }
            (false, false) => {
                self.broken(
                    "log_normal",
                    "found neither `median` nor `mean`, expected one of them",
                );
            }
            (true, false) | (false, true) => {}
        }
    }
}
