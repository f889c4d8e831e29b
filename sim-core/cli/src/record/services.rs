//! What tasks use of their hosts, what of it is offered again, and how fast services answer.

use super::tables::Names;
use crate::cluster::Cluster;
use policy_api::{FrameworkId, LatencyReport, MetricsSnapshot, Quantities, Scalar, amount_to_f64};
use sim_core::agent::ConsumptionTotals;

/// The instances of a service at one instant.
#[derive(Clone, Copy, Debug, Default)]
struct Instances {
    count: f64,
    load: f64,
    /// Each response time as often as there are requests.
    weighted_latency_s: f64,
    latency_max_s: f64,
    above_target: f64,
    target_s: f64,
}

impl Instances {
    fn add(&mut self, report: &LatencyReport) {
        let latency_s = report.latency.as_secs_f64();
        self.count += 1.0;
        self.load += report.load;
        self.weighted_latency_s += report.load * latency_s;
        self.latency_max_s = self.latency_max_s.max(latency_s);
        self.above_target += f64::from(u8::from(report.latency > report.target));
        self.target_s = report.target.as_secs_f64();
    }
}

/// How these services do now, by name. All is zero while no instance runs.
pub(super) fn latencies(
    cluster: &Cluster,
    services: &[FrameworkId],
    names: &Names,
) -> MetricsSnapshot {
    let mut instances = vec![Instances::default(); services.len()];
    for (framework, report) in cluster.agents().flat_map(sim_core::agent::Agent::latencies) {
        if let Some(place) = services.iter().position(|service| *service == framework) {
            instances[place].add(&report);
        }
    }
    let mut metrics = MetricsSnapshot::new();
    for (service, instances) in services.iter().zip(instances) {
        let name = names.framework(*service);
        let mean = |sum: f64, of: f64| if of > 0.0 { sum / of } else { 0.0 };
        for (metric, value) in [
            ("instances", instances.count),
            ("instances_above_target", instances.above_target),
            ("load_mean", mean(instances.load, instances.count)),
            ("latency_mean_s", mean(instances.weighted_latency_s, instances.load)),
            ("latency_max_s", instances.latency_max_s),
            ("target_s", instances.target_s),
        ] {
            metrics.insert(format!("{name}/{metric}"), value);
        }
    }
    metrics
}

/// What of the oversubscribed resources stands in offers. Mesos has no such gauge.
pub(super) fn best_effort_offered(cluster: &Cluster) -> MetricsSnapshot {
    let master = cluster.master();
    let mut offered = Quantities::ZERO;
    for (id, ..) in master.offers() {
        if let Some((_, _, resources)) = master.offer(id).filter(|(.., it)| it.has_revocable()) {
            offered += resources.revocable().scalar_quantities();
        }
    }
    let named = |scalar: Scalar| {
        (format!("offers/{}_revocable", scalar.name()), amount_to_f64(offered[scalar]))
    };
    [Scalar::Cpus, Scalar::Mem].map(named).into()
}

/// What all tasks have used and how services have done, as metrics; nothing where nobody looked.
pub(crate) fn totals(cluster: &Cluster, names: impl Fn(FrameworkId) -> String) -> MetricsSnapshot {
    let now = cluster.now();
    let mut totals = ConsumptionTotals::default();
    for agent in cluster.agents() {
        totals.merge(&agent.consumed(now));
    }
    let mut metrics = MetricsSnapshot::new();
    let length = now.as_secs_f64();
    if totals == ConsumptionTotals::default() || length <= 0.0 {
        return metrics;
    }
    for (name, time) in [("cpus", totals.cpu_time), ("cpus_revocable", totals.revocable_cpu_time)] {
        let cores = time.as_secs_f64() / length;
        metrics.insert(format!("consumption/{name}_used_mean"), cores);
    }
    for (framework, service) in &totals.services {
        let name = names(*framework);
        let (time, above) = (service.time.as_secs_f64(), service.time_above_target.as_secs_f64());
        for (metric, value) in [
            ("instance_time_s", time),
            ("time_above_target_s", above),
            ("time_above_target_share", share(above, time)),
            ("requests", service.requests.round()),
            ("requests_above_target_share", share(service.requests_above_target, service.requests)),
        ] {
            metrics.insert(format!("slo/{name}/{metric}"), value);
        }
    }
    metrics
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
