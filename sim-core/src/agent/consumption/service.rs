//! How fast latency-sensitive services answer, by their load and by what their hosts leave them.
//!
//! An instance serves its requests as an M/G/1 queue with processor sharing. The mean response time
//! is `S / (1 - rho)` whatever the distribution of the requests (Kleinrock, "Queueing Systems",
//! volume 2, 1976, section 4.4). `S` is the processor time of a request, longer by what interference
//! makes everything longer; `rho` is what the requests want of the cores that the instance can have,
//! which are those that it asked for where nobody else needs them. Percentiles are an approximation:
//! as if response times were exponential.

use super::ConsumptionModel;
use super::contention::{Claim, divide};
use super::work::times;
use crate::agent::Agent;
use crate::agent::executors::Executor;
use crate::arena::{Arena, Handle};
use policy_api::{FrameworkId, LatencyReport, Scalar, Span};

/// A service whose response time matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyModel {
    /// The processor time of a request that nothing disturbs, on average; above zero.
    pub demand: Span,
    /// The percentile of the response time that the target is for, above 0 and below 100.
    pub percentile: f64,
    /// What is promised, above zero.
    pub target: Span,
    /// When clients give up: no response time is longer.
    pub timeout: Span,
}

/// How an instance does now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::agent) struct Serving {
    pub(in crate::agent) report: LatencyReport,
    /// In a second.
    requests: f64,
}

/// How the instances of a service have done.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ServiceTotals {
    /// How long they were up, added.
    pub time: Span,
    /// How long of that their response time was above the target.
    pub time_above_target: Span,
    pub requests: f64,
    /// Those that came while the response time was above the target.
    pub requests_above_target: f64,
}

impl LatencyModel {
    /// The percentile of the response time, where requests want `wanted` of `cores` and everything takes
    /// `slowdown` times as long.
    fn response_time(&self, wanted: f64, cores: f64, slowdown: f64) -> Span {
        let load = wanted * slowdown / cores;
        // Also where there are no cores at all.
        if load.is_nan() || load >= 1.0 {
            return self.timeout;
        }
        let tail = -(1.0 - self.percentile / 100.0).ln();
        times(self.demand, slowdown * tail / (1.0 - load)).min(self.timeout)
    }
}

impl Serving {
    fn new(model: &LatencyModel, wanted: f64, asked: f64, cores: f64, slowdown: f64) -> Self {
        let latency = model.response_time(wanted, cores, slowdown);
        let load = if asked > 0.0 { wanted / asked } else { 0.0 };
        let report = LatencyReport { latency, target: model.target, load };
        Self { report, requests: wanted / model.demand.as_secs_f64() }
    }
}

impl ServiceTotals {
    /// An instance has done so for some time.
    pub(super) fn add(&mut self, elapsed: Span, serving: &Serving) {
        let requests = serving.requests * elapsed.as_secs_f64();
        self.time = self.time + elapsed;
        self.requests += requests;
        if serving.report.latency > serving.report.target {
            self.time_above_target = self.time_above_target + elapsed;
            self.requests_above_target += requests;
        }
    }

    /// With those of other instances.
    pub fn merge(&mut self, others: &Self) {
        self.time = self.time + others.time;
        self.time_above_target = self.time_above_target + others.time_above_target;
        self.requests += others.requests;
        self.requests_above_target += others.requests_above_target;
    }
}

impl Agent {
    /// Notes how the instances on this host do, once it is divided.
    pub(super) fn look_at_services(
        &mut self,
        model: &ConsumptionModel,
        (capacity, slowdown): (f64, f64),
        claims: &[(Handle<Executor>, Claim)],
    ) {
        for (index, (handle, _)) in claims.iter().enumerate() {
            let Some(row) = self.executors.get(*handle) else { continue };
            let Some(latency) = latency_of(model, row.framework) else { continue };
            let wanted = self.work_of(row).map(|work| work.wanted).sum();
            let asked = self.allocated(row).amount(Scalar::Cpus) as f64 / 1000.0;
            // As if it wanted all that it asked for, and the others what they want.
            let mut claims: Vec<Claim> = claims.iter().map(|(_, claim)| *claim).collect();
            claims[index].demand = asked;
            divide(capacity, &mut claims);
            let cores = claims[index].granted;
            let serving = Serving::new(latency, wanted, asked, cores, slowdown);
            let row = self.executors.get_mut(*handle);
            if let Some(meter) = row.and_then(|row| row.meter.as_mut()) {
                meter.serving = Some(serving);
            }
        }
    }

    /// How the instances of services on this host do now, by framework.
    pub fn latencies(&self) -> impl Iterator<Item = (FrameworkId, LatencyReport)> {
        serving(&self.executors).map(|(framework, serving)| (framework, serving.report))
    }
}

pub(super) fn serving(executors: &Arena<Executor>) -> impl Iterator<Item = (FrameworkId, Serving)> {
    executors.iter().filter_map(|row| Some((row.framework, row.meter.as_ref()?.serving?)))
}

fn latency_of(model: &ConsumptionModel, framework: FrameworkId) -> Option<&LatencyModel> {
    model.profiles.get(framework)?.as_ref()?.latency.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: LatencyModel = LatencyModel {
        demand: Span::from_millis(5),
        percentile: 99.0,
        target: Span::from_millis(50),
        timeout: Span::from_secs(1),
    };

    /// In microseconds. `ln(100)` is 4.605170.
    fn response_time(wanted: f64, cores: f64, slowdown: f64) -> u64 {
        MODEL.response_time(wanted, cores, slowdown).as_nanos() / 1000
    }

    #[test]
    fn the_queue_is_that_of_processor_sharing() {
        assert_eq!(response_time(0.0, 2.0, 1.0), 23_025);
        assert_eq!(response_time(1.0, 2.0, 1.0), 46_051);
        assert_eq!(response_time(1.5, 2.0, 1.0), 92_103);
        // Half the cores: twice the load.
        assert_eq!(response_time(0.75, 1.0, 1.0), 92_103);
        // A quarter slower: 6.25 ms for a request, and 0.625 of the cores.
        assert_eq!(response_time(1.0, 2.0, 1.25), 76_752);
        let median = LatencyModel { percentile: 50.0, ..MODEL };
        // 10 ms * ln(2).
        assert_eq!(median.response_time(1.0, 2.0, 1.0).as_nanos() / 1000, 6_931);
    }

    #[test]
    fn clients_give_up() {
        assert_eq!(response_time(1.99, 2.0, 1.0), 1_000_000);
        assert_eq!(response_time(2.0, 2.0, 1.0), 1_000_000);
        assert_eq!(response_time(1.0, 0.0, 1.0), 1_000_000);
        assert_eq!(response_time(0.0, 0.0, 1.0), 1_000_000);
    }

    #[test]
    fn requests_weigh_what_time_is_lost() {
        let mut totals = ServiceTotals::default();
        // 100 requests a second for 10 s in time, 300 for 5 s too late.
        totals.add(Span::from_secs(10), &Serving::new(&MODEL, 0.5, 2.0, 2.0, 1.0));
        totals.add(Span::from_secs(5), &Serving::new(&MODEL, 1.5, 2.0, 2.0, 1.0));
        let expected = ServiceTotals {
            time: Span::from_secs(15),
            time_above_target: Span::from_secs(5),
            requests: 2_500.0,
            requests_above_target: 1_500.0,
        };
        assert_eq!(totals, expected);
        totals.merge(&expected);
        assert_eq!((totals.time, totals.requests), (Span::from_secs(30), 5_000.0));
    }
}
