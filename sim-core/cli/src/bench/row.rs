//! One line of output: a phase of a benchmark.

use super::select::Cell;
use policy_api::Span;
use policy_benchmarks::{Measurement, published};
use serde::{Deserialize, Serialize};

/// As `--json` prints it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) benchmark: String,
    /// Zero where the benchmark knows none.
    pub(super) agents: usize,
    pub(super) frameworks: usize,
    pub(super) phase: String,
    pub(super) repetitions: usize,
    pub(super) cpu_min_ms: f64,
    pub(super) cpu_median_ms: f64,
    /// In the last repetition.
    pub(super) offers: usize,
    pub(super) allocation_runs: u64,
    /// The least time of a loop that decides the same and does nothing else.
    pub(super) floor_cpu_ms: Option<f64>,
    /// The least time as a multiple of that.
    pub(super) times_floor: Option<f64>,
    /// Of the whole benchmark.
    pub(super) peak_memory_mb: Option<u64>,
    /// What Mesos took, as far as it is known for this very phase and size.
    pub(super) mesos_min_s: Option<f64>,
    pub(super) mesos_max_s: Option<f64>,
    pub(super) mesos_peak_memory_mb: Option<u64>,
    /// How often the median goes into Mesos's least time.
    pub(super) times_faster: Option<f64>,
    pub(super) mesos_source: Option<String>,
}

impl Row {
    pub(super) fn new(cell: &Cell, measurement: &Measurement, memory: Option<u64>) -> Self {
        let (name, size) = (cell.benchmark.name, cell.size);
        let (least, median) =
            (milliseconds(measurement.least()), milliseconds(measurement.median()));
        let floor = measurement.floor.map(milliseconds);
        let mesos = published::published(name, size, &measurement.phase);
        Self {
            benchmark: name.to_owned(),
            agents: size.agents,
            frameworks: size.frameworks,
            phase: measurement.phase.to_string(),
            repetitions: measurement.times.len(),
            cpu_min_ms: least,
            cpu_median_ms: median,
            offers: measurement.offers,
            allocation_runs: measurement.allocation_runs,
            floor_cpu_ms: floor,
            times_floor: floor.and_then(|floor| ratio(least, floor)),
            peak_memory_mb: memory,
            mesos_min_s: mesos.map(|mesos| mesos.seconds.0),
            mesos_max_s: mesos.map(|mesos| mesos.seconds.1),
            mesos_peak_memory_mb: published::published_memory_mb(name, size),
            times_faster: mesos.and_then(|mesos| ratio(mesos.seconds.0 * 1e3, median)),
            mesos_source: mesos.map(|mesos| mesos.source.to_owned()),
        }
    }

    pub(super) fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

fn milliseconds(span: Span) -> f64 {
    span.as_secs_f64() * 1e3
}

/// None where the clock did not see any time pass.
fn ratio(dividend: f64, divisor: f64) -> Option<f64> {
    (divisor > 0.0).then_some(dividend / divisor)
}
