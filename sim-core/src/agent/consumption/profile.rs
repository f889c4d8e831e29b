//! What tasks use of what they asked for, over time.

use super::service::LatencyModel;
use policy_api::{Span, Time};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use std::sync::Arc;

/// What the tasks of a framework really use.
#[derive(Clone, Debug, PartialEq)]
pub struct UsageProfile {
    pub cpus: Level,
    pub mem: Level,
    /// Of a service whose requests are what uses its cores.
    pub latency: Option<LatencyModel>,
}

/// A share of what a task asked for, over time. Above 1 it wants more than that.
#[derive(Clone, Debug, PartialEq)]
pub enum Level {
    Constant(f64),
    /// A sine: `mean` plus and minus `amplitude`, highest at `peak` and each `period` after that.
    Diurnal {
        mean: f64,
        amplitude: f64,
        /// Above zero.
        period: Span,
        peak: Span,
    },
    /// Two states with a level each. How long each lasts is drawn, in whole samples; this is the mean.
    Bursty {
        low: f64,
        high: f64,
        low_lasts: Span,
        high_lasts: Span,
    },
    /// From each of these times since the start of the task on. Nothing before the first.
    Series(Arc<[(Span, f64)]>),
}

impl Level {
    pub(super) const fn varies(&self) -> bool {
        !matches!(self, Self::Constant(_))
    }

    /// The level now, of a task that runs since `started`. `in_burst` is where a bursty one is, after
    /// `elapsed` since it was looked at last; `None` when it is looked at first.
    pub(super) fn at(
        &self,
        now: Time,
        started: Time,
        elapsed: Option<Span>,
        in_burst: &mut bool,
        draws: &mut Pcg64Mcg,
    ) -> f64 {
        let level = match self {
            Self::Constant(level) => *level,
            Self::Diurnal { mean, amplitude, period, peak } => {
                let period = period.as_nanos().max(1);
                let since_peak = now.as_nanos() % period + period - peak.as_nanos() % period;
                mean + amplitude * cosine((since_peak % period) as f64 / period as f64)
            }
            Self::Bursty { low, high, low_lasts, high_lasts } => {
                let (low_lasts, high_lasts) = (low_lasts.as_secs_f64(), high_lasts.as_secs_f64());
                let leaves = match elapsed {
                    // At first it is where it is most of the time.
                    None => {
                        *in_burst = false;
                        high_lasts / (low_lasts + high_lasts)
                    }
                    Some(elapsed) => {
                        elapsed.as_secs_f64() / if *in_burst { high_lasts } else { low_lasts }
                    }
                };
                *in_burst ^= draws.random::<f64>() < leaves;
                if *in_burst { *high } else { *low }
            }
            Self::Series(points) => {
                let age = now.since(started);
                let passed = points.partition_point(|(from, _)| *from <= age);
                passed.checked_sub(1).map_or(0.0, |last| points[last].1)
            }
        };
        level.max(0.0)
    }
}

/// The cosine of a share of a turn, in [0, 1), to seven decimals, by sums and products only: the same
/// on every machine.
fn cosine(turns: f64) -> f64 {
    // From the half of the circle that is nearest to where the series is exact.
    let folded = if turns > 0.5 { 1.0 - turns } else { turns };
    let (sign, quarter) = if folded > 0.25 { (-1.0, 0.5 - folded) } else { (1.0, folded) };
    let angle = quarter * std::f64::consts::TAU;
    let square = angle * angle;
    let (mut term, mut sum) = (1.0, 1.0);
    for step in 1..=7 {
        let step = f64::from(2 * step);
        term *= -square / ((step - 1.0) * step);
        sum += term;
    }
    sign * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cosine_is_one() {
        for step in 0..1000_u32 {
            let turns = f64::from(step) / 1000.0;
            let exact = (turns * std::f64::consts::TAU).cos();
            assert!((cosine(turns) - exact).abs() < 1e-7, "{turns}");
        }
    }
}
