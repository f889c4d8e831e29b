//! Who holds the stopwatch, and what comes out.

use crate::catalogue::Size;
use crate::cluster::Cluster;
use crate::floor;
use policy_api::{Span, Time};
use std::borrow::Cow;

/// A benchmark under way: the borrowed clock and the times so far.
pub(crate) struct Trial<'a> {
    clock: &'a mut dyn FnMut() -> Time,
    /// How often the repeated part of the benchmark is repeated; at least one.
    pub(crate) rounds: usize,
    floors: Floors,
    measurements: Vec<Measurement>,
}

/// All repetitions of one phase of a benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    pub phase: Cow<'static, str>,
    /// Processor time of each repetition, sorted.
    pub times: Vec<Span>,
    /// Offers made in the last repetition.
    pub offers: usize,
    /// Allocations run in the last repetition.
    pub allocation_runs: u64,
    /// What the floor of the same size took, where the phase is one allocation.
    pub floor: Option<Span>,
}

/// A benchmark did not do what Mesos's does, so its times mean nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{phase}: expected {expected}, found {found}")]
pub struct Mismatch {
    pub phase: String,
    pub expected: String,
    pub found: String,
}

/// The least times of the two floors.
#[derive(Clone, Copy, Debug)]
struct Floors {
    offering: Span,
    refusing: Span,
}

/// The floor is run this often, and its least time counts.
const FLOOR_RUNS: usize = 5;

impl<'a> Trial<'a> {
    /// Measures the floors of this size first.
    pub(crate) fn new(clock: &'a mut dyn FnMut() -> Time, size: Size, rounds: usize) -> Self {
        let mut offering = floor::Offering::new(size.agents, size.frameworks);
        let mut least = |run: &mut dyn FnMut() -> u64| {
            let times = (0..FLOOR_RUNS).map(|_| {
                let before = clock();
                std::hint::black_box(run());
                clock().since(before)
            });
            times.min().unwrap_or_default()
        };
        let offering = least(&mut || offering.run());
        let refusing = floor::Refusing::new(size.agents, size.frameworks);
        let refusing = least(&mut || refusing.run());
        let floors = Floors { offering, refusing };
        Self { clock, rounds: rounds.max(1), floors, measurements: Vec::new() }
    }

    pub(crate) fn finish(mut self) -> Vec<Measurement> {
        for measurement in &mut self.measurements {
            measurement.times.sort_unstable();
        }
        self.measurements
    }

    /// Times something that makes no offers.
    pub(crate) fn time<T>(
        &mut self,
        phase: impl Into<Cow<'static, str>>,
        work: impl FnOnce() -> T,
    ) -> T {
        let before = (self.clock)();
        let result = std::hint::black_box(work());
        let time = (self.clock)().since(before);
        self.measurement(phase).times.push(time);
        result
    }

    /// Times a phase of the life of a cluster. Returns the number of offers that it made.
    pub(crate) fn phase(
        &mut self,
        phase: &'static str,
        cluster: &mut Cluster,
        work: impl FnOnce(&mut Cluster),
    ) -> usize {
        let (offers, runs) = (cluster.offers_made(), cluster.allocation_runs());
        self.time(phase, || work(cluster));
        let measurement = self.measurement(phase);
        measurement.offers = cluster.offers_made() - offers;
        measurement.allocation_runs = cluster.allocation_runs() - runs;
        measurement.offers
    }

    /// Times a phase that must make this many offers.
    pub(crate) fn offers(
        &mut self,
        phase: &'static str,
        cluster: &mut Cluster,
        expected: usize,
        work: impl FnOnce(&mut Cluster),
    ) -> Result<(), Mismatch> {
        let found = self.phase(phase, cluster, work);
        expect(phase, &format!("{expected} offers"), &format!("{found} offers"))
    }

    /// Times one batch allocation. Returns the number of its offers.
    pub(crate) fn any_cycle(&mut self, phase: &'static str, cluster: &mut Cluster) -> usize {
        let offers = self.phase(phase, cluster, Cluster::tick);
        let floor = if offers > 0 { self.floors.offering } else { self.floors.refusing };
        self.measurement(phase).floor = Some(floor);
        offers
    }

    /// Times one batch allocation, which must make this many offers.
    pub(crate) fn cycle(
        &mut self,
        phase: &'static str,
        cluster: &mut Cluster,
        expected: usize,
    ) -> Result<(), Mismatch> {
        let found = self.any_cycle(phase, cluster);
        expect(phase, &format!("{expected} offers"), &format!("{found} offers"))
    }

    /// The row of a phase, in the order in which phases first happened.
    fn measurement(&mut self, phase: impl Into<Cow<'static, str>>) -> &mut Measurement {
        let phase = phase.into();
        let known = self.measurements.iter().position(|it| it.phase == phase);
        let index = known.unwrap_or_else(|| {
            self.measurements.push(Measurement {
                phase,
                times: Vec::new(),
                offers: 0,
                allocation_runs: 0,
                floor: None,
            });
            self.measurements.len() - 1
        });
        &mut self.measurements[index]
    }
}

impl Measurement {
    /// The least time.
    pub fn least(&self) -> Span {
        self.times.first().copied().unwrap_or_default()
    }

    /// The median, the lower one of two.
    pub fn median(&self) -> Span {
        let middle = self.times.len().saturating_sub(1) / 2;
        self.times.get(middle).copied().unwrap_or_default()
    }
}

/// Fails unless both are the same.
pub(crate) fn expect(phase: &str, expected: &str, found: &str) -> Result<(), Mismatch> {
    if expected == found {
        return Ok(());
    }
    Err(Mismatch { phase: phase.into(), expected: expected.into(), found: found.into() })
}
