//! A.8: metrics.

use crate::cluster::Cluster;

/// `resources/{cpus,mem,disk}/<kind>`.
fn resources(cluster: &Cluster, kind: &str) -> [Option<f64>; 3] {
    ["cpus", "mem", "disk"].map(|name| cluster.metric(&format!("resources/{name}/{kind}")))
}

#[test]
fn a76_resource_metrics() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:2;mem:1024");
    assert_eq!(resources(&cluster, "total"), [Some(2.0), Some(1024.0), Some(0.0)]);
    assert_eq!(resources(&cluster, "offered_or_allocated"), [Some(0.0); 3]);
    cluster.add_framework("F1", "role1");
    assert_eq!(resources(&cluster, "offered_or_allocated"), [Some(2.0), Some(1024.0), Some(0.0)]);
    cluster.remove_agent("A1");
    assert_eq!(resources(&cluster, "total"), [Some(0.0); 3]);
    assert_eq!(resources(&cluster, "offered_or_allocated"), [Some(0.0); 3]);
}

#[test]
fn a77_resource_metrics_uninitialized() {
    let cluster = Cluster::new();
    assert_eq!(resources(&cluster, "total"), [Some(0.0); 3]);
    assert_eq!(resources(&cluster, "offered_or_allocated"), [Some(0.0); 3]);
}

#[test]
fn a78_quota_metrics() {
    let mut cluster = Cluster::new();
    let quota = |cluster: &Cluster| {
        ["cpus/guarantee", "cpus/limit", "mem/guarantee", "mem/limit"]
            .map(|name| cluster.metric(&format!("quota/roles/role/resources/{name}")))
    };
    assert_eq!(quota(&cluster), [None; 4]);
    cluster.quota_of("role", "cpus:1", "mem:1024");
    assert_eq!(quota(&cluster), [Some(1.0), None, None, Some(1024.0)]);
    cluster.quota_of("role", "cpus:2", "mem:1024");
    assert_eq!(quota(&cluster), [Some(2.0), None, None, Some(1024.0)]);
    cluster.quota_of("role", "-", "-");
    assert_eq!(quota(&cluster), [None; 4]);
}

#[test]
fn a79_allocation_runs_metric() {
    let mut cluster = Cluster::new();
    assert_eq!(cluster.metric("allocation_runs"), Some(0.0));
    cluster.add_agent("A1", "cpus:2;mem:1024");
    assert_eq!(cluster.metric("allocation_runs"), Some(1.0));
    cluster.add_framework("F1", "role");
    assert_eq!(cluster.metric("allocation_runs"), Some(2.0));
}

/// A timer and its statistics: absent before the first run, all there after two.
fn two_runs_fill(timer: &str) -> (f64, Cluster) {
    let statistics = ["count", "min", "max", "p50", "p90", "p95", "p99", "p999", "p9999"]
        .map(|name| format!("{timer}/{name}"));
    let mut cluster = Cluster::new();
    assert_eq!(cluster.metric(timer), None);
    for name in &statistics {
        assert_eq!(cluster.metric(name), None, "{name}");
    }
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.add_framework("F1", "role");
    for name in &statistics {
        assert!(cluster.metric(name).is_some(), "{name}");
    }
    assert_eq!(cluster.metric(&format!("{timer}/count")), Some(2.0));
    (cluster.metric(timer).expect("after a run"), cluster)
}

#[test]
fn a80_allocation_run_timer_metrics() {
    let (milliseconds, cluster) = two_runs_fill("allocation_run_ms");
    assert!(milliseconds > 0.0);
    assert_eq!(cluster.metric("allocation_run_ms/max"), Some(milliseconds));
}

#[test]
fn a81_allocation_run_latency_metrics() {
    let (milliseconds, _) = two_runs_fill("allocation_run_latency_ms");
    assert!(milliseconds >= 0.0);
}
