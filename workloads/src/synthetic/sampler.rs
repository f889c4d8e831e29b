//! Drawing from distributions.

use super::distribution::{Distribution, Value};
use rand::RngExt;
use rand_distr::{Exp1, OpenClosed01, StandardNormal};
use rand_pcg::Pcg64Mcg;

/// A distribution with checked parameters and its own random stream.
pub(crate) struct Sampler<T> {
    stream: Pcg64Mcg,
    law: Law<T>,
}

/// Parameters as doubles, in the unit of the kind. The transformations are written out over the
/// standard distributions, so that no constructor can fail.
enum Law<T> {
    Constant(T),
    Uniform { min: f64, max: f64 },
    Exponential { mean: f64 },
    LogNormal { median: f64, sigma: f64, max: f64 },
    Pareto { scale: f64, exponent: f64, max: f64 },
    Empirical(Vec<T>),
}

impl<T: Value> Sampler<T> {
    pub(crate) fn new(distribution: &Distribution<T>, stream: Pcg64Mcg) -> Self {
        let limit = |max: &Option<T>| max.map_or(f64::INFINITY, T::to_f64);
        let law = match distribution {
            Distribution::Constant(value) => Law::Constant(*value),
            Distribution::Uniform { min, max } if min.to_f64() < max.to_f64() => {
                Law::Uniform { min: min.to_f64(), max: max.to_f64() }
            }
            Distribution::Uniform { min, .. } => Law::Constant(*min),
            Distribution::Exponential { mean } => Law::Exponential { mean: mean.to_f64() },
            Distribution::LogNormal { median, mean, sigma, max } => {
                let from_mean = |mean: T| mean.to_f64() * (-sigma * sigma / 2.0).exp();
                let median = median.map(T::to_f64).or(mean.map(from_mean)).unwrap_or_default();
                Law::LogNormal { median, sigma: *sigma, max: limit(max) }
            }
            Distribution::Pareto { scale, shape, max } => {
                Law::Pareto { scale: scale.to_f64(), exponent: -1.0 / shape, max: limit(max) }
            }
            Distribution::Empirical { values } => Law::Empirical(values.clone()),
        };
        Self { stream, law }
    }

    /// The value, where it is always the same.
    pub(super) const fn constant(&self) -> Option<T> {
        if let Law::Constant(value) = self.law { Some(value) } else { None }
    }

    pub(crate) fn draw(&mut self) -> T {
        let drawn = match &self.law {
            Law::Constant(value) => return *value,
            Law::Empirical(values) => {
                // As u64: what is drawn must not depend on the width of usize.
                let index = self.stream.random_range(0..values.len() as u64);
                return values[usize::try_from(index).unwrap_or_default()];
            }
            Law::Uniform { min, max } => self.stream.random_range(*min..*max),
            Law::Exponential { mean } => mean * self.stream.sample::<f64, _>(Exp1),
            Law::LogNormal { median, sigma, max } => {
                let normal: f64 = self.stream.sample(StandardNormal);
                (median * (sigma * normal).exp()).min(*max)
            }
            Law::Pareto { scale, exponent, max } => {
                let uniform: f64 = self.stream.sample(OpenClosed01);
                (scale * uniform.powf(*exponent)).min(*max)
            }
        };
        T::from_f64(drawn.max(T::LEAST))
    }
}
