//! Distributions that are collected while a run goes on, in bounded memory.

use std::marker::PhantomData;

use hdrhistogram::Histogram;

/// Three significant digits: a bucket is never wider than 2^-10 (0.098 %) of its values.
const SIGNIFICANT_DIGITS: u8 = 3;

/// What one recorded integer stands for.
pub trait Unit {
    /// How many of the recorded integers make one of what is reported.
    const PER_ONE: f64;
}

/// Durations: recorded in nanoseconds, reported in seconds.
#[derive(Clone, Copy, Debug)]
pub enum Nanoseconds {}

/// Ratios such as the bounded slowdown: recorded in thousandths, reported as they are.
#[derive(Clone, Copy, Debug)]
pub enum Thousandths {}

impl Unit for Nanoseconds {
    const PER_ONE: f64 = 1e9;
}

impl Unit for Thousandths {
    const PER_ONE: f64 = 1e3;
}

/// How often which value occurred.
///
/// Count, mean, least and greatest value are exact. Values below 2,048 units are told apart
/// exactly; a greater one may be reported as up to 2^-10 (0.098 %) more than it was, never as
/// less. Memory grows with the logarithm of the greatest value, not with the count: 8 kB per
/// doubling, about 260 kB for waits of up to an hour. Merging in any order gives the same result.
#[derive(Clone, Debug)]
pub struct Distribution<U> {
    histogram: Histogram<u64>,
    sum: u128,
    least: u64,
    greatest: u64,
    unit: PhantomData<U>,
}

impl<U: Unit> Default for Distribution<U> {
    fn default() -> Self {
        Self::new()
    }
}

impl<U: Unit> Distribution<U> {
    pub fn new() -> Self {
        Self {
            histogram: Histogram::new(SIGNIFICANT_DIGITS).expect("three digits are within 0..=5"),
            sum: 0,
            least: u64::MAX,
            greatest: 0,
            unit: PhantomData,
        }
    }

    /// Takes note of one value, in units of `U`.
    pub fn record(&mut self, value: u64) {
        self.histogram.record(value).expect("a histogram that resizes itself takes every value");
        self.sum += u128::from(value);
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
    }

    /// Adds everything that `other` recorded.
    pub fn merge(&mut self, other: &Self) {
        self.histogram.add(&other.histogram).expect("a histogram that resizes itself takes all");
        self.sum += other.sum;
        self.least = self.least.min(other.least);
        self.greatest = self.greatest.max(other.greatest);
    }

    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The exact mean.
    pub fn mean(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum as f64 / count as f64 / U::PER_ONE)
    }

    pub fn min(&self) -> Option<f64> {
        (!self.is_empty()).then(|| scaled::<U>(self.least))
    }

    pub fn max(&self) -> Option<f64> {
        (!self.is_empty()).then(|| scaled::<U>(self.greatest))
    }

    /// The least value that is not exceeded by a fraction `quantile` of all, up to the bound
    /// above. `quantile` is held within 0 and 1; 0 gives the least value.
    pub fn quantile(&self, quantile: f64) -> Option<f64> {
        (!self.is_empty()).then(|| {
            let units = if quantile > 0.0 {
                self.histogram.value_at_quantile(quantile.min(1.0)).clamp(self.least, self.greatest)
            } else {
                self.least
            };
            scaled::<U>(units)
        })
    }

    /// At most `points` pairs (value, fraction of all that do not exceed it), both ascending and
    /// the last being (greatest, 1).
    ///
    /// Each pair is exact; only which values get one is chosen: evenly spaced fractions for the
    /// body, and fractions in geometric sequence towards both ends, so that a curve over a
    /// logarithmic axis stays smooth where few values lie. 200 points are enough for print.
    pub fn cumulative(&self, points: usize) -> Vec<(f64, f64)> {
        let count = self.count();
        if count == 0 || points == 0 {
            return Vec::new();
        }
        let targets = wanted_counts(count, points);
        let mut wanted = targets.iter().peekable();
        let mut curve = Vec::with_capacity(targets.len());
        let mut below = 0;
        for bucket in self.histogram.iter_recorded() {
            below += bucket.count_since_last_iteration();
            let mut reached = false;
            while wanted.next_if(|target| **target <= below).is_some() {
                reached = true;
            }
            if reached {
                let value = bucket.value_iterated_to().min(self.greatest);
                curve.push((scaled::<U>(value), below as f64 / count as f64));
            }
        }
        curve
    }
}

fn scaled<U: Unit>(units: u64) -> f64 {
    units as f64 / U::PER_ONE
}

/// The ranks at which a curve of `points` points is sampled, ascending, the last being `count`:
/// an eighth of them towards the least value, most evenly spaced, an eighth towards the greatest.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a fraction in 0..=1 of a count is a count"
)]
fn wanted_counts(count: u64, points: usize) -> Vec<u64> {
    if count <= points as u64 {
        return (1..=count).collect();
    }
    let total = count as f64;
    let tail = points / 8;
    let body = points - 2 * tail;
    // The tails go from where the body's spacing ends down to a single value.
    let edge = (1.0 / body as f64).max(1.0 / total);
    let tail_fraction =
        |step: usize| edge * (1.0 / (total * edge)).powf((step + 1) as f64 / tail as f64);
    // The last step of the body is the count itself, so no more than `points` ranks come out.
    let mut ranks: Vec<u64> = (0..tail)
        .flat_map(|step| [tail_fraction(step), 1.0 - tail_fraction(step)])
        .chain((1..=body).map(|step| step as f64 / body as f64))
        .map(|fraction| ((fraction * total).round() as u64).clamp(1, count))
        .collect();
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}
