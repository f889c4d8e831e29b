//! Rates of a counter over a window: Mesos's `net_rate_statistics` (`spec/network.md` 4.1).

use policy_api::{Span, Time};
use std::collections::VecDeque;

/// Reads a counter at each interval and keeps the rates of a window.
#[derive(Clone, Debug)]
pub struct RateCollector {
    /// As many rates as intervals fit into the window.
    most: usize,
    last: Option<(Time, u64)>,
    rates: VecDeque<f64>,
}

/// What the rates of a window were, for each second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateStatistics {
    pub min: f64,
    pub max: f64,
    pub p50: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
    pub p999: f64,
    pub p9999: f64,
    pub samples: usize,
}

impl RateCollector {
    /// `None` where the window is not longer than the interval, or the interval is shorter than 20 ms, as
    /// Mesos refuses them.
    pub fn new(window: Span, interval: Span) -> Option<Self> {
        if interval < Span::from_millis(20) || window <= interval {
            return None;
        }
        let most = usize::try_from(window.as_nanos() / interval.as_nanos()).ok()?;
        Some(Self { most, last: None, rates: VecDeque::new() })
    }

    /// What the counter says now. One that goes back, or no time since the last, gives no rate.
    pub fn sample(&mut self, now: Time, counter: u64) {
        if let Some((before, count)) = self.last.replace((now, counter)) {
            let elapsed = now.since(before).as_secs_f64();
            if let Some(more) = counter.checked_sub(count).filter(|_| elapsed > 0.0) {
                self.rates.push_back(more as f64 / elapsed);
            }
        }
        while self.rates.len() > self.most {
            self.rates.pop_front();
        }
    }

    /// `None` before there is a rate.
    pub fn statistics(&self) -> Option<RateStatistics> {
        let mut sorted: Vec<f64> = self.rates.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let at = |part: f64| percentile(&sorted, part);
        Some(RateStatistics {
            min,
            max,
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            p9999: at(0.9999),
            samples: sorted.len(),
        })
    }
}

/// Between two neighbours in proportion, as libprocess has it. `sorted` is not empty.
fn percentile(sorted: &[f64], part: f64) -> f64 {
    let position = part * (sorted.len() - 1) as f64;
    let below =
        sorted.iter().copied().enumerate().take_while(|(i, _)| *i as f64 <= position).last();
    let (index, value) = below.unwrap_or((0, sorted[0]));
    let above = sorted.get(index + 1).copied().unwrap_or(value);
    value + (position - index as f64) * (above - value)
}
