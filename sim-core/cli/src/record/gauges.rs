//! The master's gauges over time, and what links carry.

use super::rows::{Row, create};
use policy_api::{MetricsSnapshot, Span, Time};
use std::path::Path;

/// Samples. Whenever there are too many the interval is doubled, so that the end of a run need not be
/// known.
#[derive(Clone, Debug)]
pub(super) struct Gauges {
    interval: Span,
    /// Whether the interval was asked for, and stays.
    is_fixed: bool,
    next: Time,
    names: Vec<String>,
    rows: Vec<(Time, Vec<f64>)>,
}

/// The first interval of what changes with every event, where none is asked for.
pub(super) const SHORTEST: Span = Span::from_millis(100);
const MOST_ROWS: usize = 1_000;

impl Gauges {
    /// At first as far apart as `shortest`, where no interval is asked for.
    pub(super) fn new(interval: Option<Span>, shortest: Span) -> Self {
        Self {
            interval: interval.unwrap_or(shortest),
            is_fixed: interval.is_some(),
            next: Time::ZERO,
            names: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// When a sample is due that shows what stands until `next`.
    pub(super) fn due_before(&self, next: Time) -> Option<Time> {
        (self.next < next).then_some(self.next)
    }

    /// Takes a sample; without a master everything is zero.
    pub(super) fn sample(&mut self, now: Time, gauges: &MetricsSnapshot, is_led: bool) {
        if self.names.is_empty() {
            self.names = gauges.keys().cloned().collect();
        }
        let value = |value: &f64| if is_led { *value } else { 0.0 };
        self.rows.push((now, gauges.values().map(value).collect()));
        while self.rows.len() >= MOST_ROWS && !self.is_fixed {
            self.interval = self.interval * 2;
            self.thin_out();
        }
        let interval = self.interval.as_nanos().max(1);
        let passed = now.as_nanos() / interval + 1;
        self.next = Time::ZERO + Span::from_nanos(passed.saturating_mul(interval));
    }

    /// Keeps the last sample of each interval: it stands until the next one. Where little happens they
    /// are further apart already.
    fn thin_out(&mut self) {
        let interval = self.interval.as_nanos().max(1);
        let mut later = None;
        self.rows.reverse();
        self.rows.retain(|(at, _)| {
            let number = Some(at.as_nanos() / interval);
            std::mem::replace(&mut later, number) != number
        });
        self.rows.reverse();
    }

    pub(super) fn write(&self, folder: &Path, table: &str) -> anyhow::Result<()> {
        let mut header = vec!["time_s"];
        header.extend(self.names.iter().map(String::as_str));
        let mut writer = create(folder, table, &header)?;
        let mut fields = Vec::new();
        for (at, values) in &self.rows {
            let mut row = Row::new(&mut fields);
            row.time(*at);
            for value in values {
                row.push(value);
            }
            row.write(&mut writer)?;
        }
        Ok(writer.flush()?)
    }
}
