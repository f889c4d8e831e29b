//! Durations over the last hour, as Mesos's timers keep them (`spec/allocator.md` section 8).

use policy_api::{MetricsSnapshot, Span, Time};
use std::collections::VecDeque;

const WINDOW: Span = Span::from_secs(3600);
/// As many samples as Mesos's time series hold.
const CAPACITY: usize = 1000;

/// Percentiles by the names of their metrics.
const PERCENTILES: [(&str, f64); 6] =
    [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999), ("p9999", 0.9999)];

/// The newest durations of something that happens again and again.
#[derive(Clone, Debug)]
pub(super) struct Timer {
    samples: VecDeque<(Time, Span)>,
}

impl Timer {
    /// Makes room at once, so that recording never allocates.
    pub(super) fn new() -> Self {
        Self { samples: VecDeque::with_capacity(CAPACITY) }
    }

    pub(super) fn record(&mut self, now: Time, elapsed: Span) {
        while self.samples.len() == CAPACITY
            || self.samples.front().is_some_and(|&(at, _)| now.since(at) > WINDOW)
        {
            self.samples.pop_front();
        }
        self.samples.push_back((now, elapsed));
    }

    /// The last duration under `name`; from two on also their distribution. In milliseconds.
    pub(super) fn publish(&self, name: &str, now: Time, metrics: &mut MetricsSnapshot) {
        let recent = self.samples.iter().filter(|&&(at, _)| now.since(at) <= WINDOW);
        let mut values: Vec<f64> = recent.map(|(_, span)| span.as_secs_f64() * 1e3).collect();
        let Some(&last) = values.last() else { return };
        metrics.insert(name.to_owned(), last);
        if values.len() < 2 {
            return;
        }
        values.sort_unstable_by(f64::total_cmp);
        let mut publish = |what: &str, value| metrics.insert(format!("{name}/{what}"), value);
        publish("count", values.len() as f64);
        publish("min", values[0]);
        publish("max", values[values.len() - 1]);
        for (what, percentile) in PERCENTILES {
            publish(what, interpolate(&values, percentile));
        }
    }
}

/// The value at a part of the way through sorted values, of which there is at least one.
fn interpolate(sorted: &[f64], part: f64) -> f64 {
    let position = part * (sorted.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let index = position as usize;
    let (below, above) = (sorted[index], sorted[(index + 1).min(sorted.len() - 1)]);
    below + (position - index as f64) * (above - below)
}
