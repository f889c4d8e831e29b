//! Nodes of the tree of roles exist exactly while something needs them: B32.

use super::cluster::{Cluster, agent, parse};
use policy_allocators::SorterKind;
use policy_api::{Allocator, Fact, Limits, MetricsSnapshot, Quantities, Scalar, Time};

const PATHS: [&str; 3] = ["a", "a/b", "a/b/c"];

fn metrics(cluster: &Cluster) -> MetricsSnapshot {
    cluster.allocator.metrics(Time::ZERO)
}

/// The roles that Mesos publishes a number for, in order.
fn roles_with(metrics: &MetricsSnapshot, before: &str, after: &str) -> Vec<String> {
    let before = format!("allocator/mesos/{before}");
    let roles = metrics
        .keys()
        .filter_map(|key| key.strip_prefix(&*before)?.strip_suffix(after).map(ToOwned::to_owned));
    roles.filter(|role| !role.is_empty()).collect()
}

/// Every node but the root has a number of filters.
fn nodes(cluster: &Cluster) -> Vec<String> {
    roles_with(&metrics(cluster), "offer_filters/roles/", "/active")
}

/// For each of four reasons to exist: three nodes come with it and go with it.
#[test]
fn b32_roles_tracking() {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let role = cluster.role("a/b/c");
    assert_eq!(nodes(&cluster), [""; 0], "a name alone makes no node");

    cluster.tell(Fact::SetWeight { role, weight: 2.0 });
    assert_eq!(nodes(&cluster), PATHS);
    cluster.tell(Fact::SetWeight { role, weight: 1.0 });
    assert_eq!(nodes(&cluster), [""; 0]);

    let one = Quantities::of(Scalar::Cpus, 1000);
    cluster.tell(Fact::SetQuota { role, guarantees: one, limits: [None; 4] });
    assert_eq!(nodes(&cluster), PATHS);
    let guarantees = roles_with(&metrics(&cluster), "quota/roles/", "/resources/cpus/guarantee");
    assert_eq!(guarantees, ["a/b/c"]);
    cluster.tell(Fact::SetQuota { role, guarantees: Quantities::ZERO, limits: Limits::NONE.0 });
    assert_eq!(nodes(&cluster), [""; 0]);

    cluster.add_agent(&parse("cpus(a/b/c):1"));
    assert_eq!(nodes(&cluster), PATHS);
    for path in PATHS {
        let consumed = format!("allocator/mesos/quota/roles/{path}/resources/cpus/consumed");
        assert_eq!(metrics(&cluster).get(&consumed), Some(&1.0), "{path}");
    }
    cluster.set_total(agent(0), &parse("cpus:1"));
    assert_eq!(nodes(&cluster), [""; 0]);

    cluster.add("a/b/c");
    assert_eq!(nodes(&cluster), PATHS);
    let shares = roles_with(&metrics(&cluster), "roles/", "/shares/dominant");
    assert_eq!(shares, ["a/b/c"]);
    cluster.remove("a/b/c");
    assert_eq!(nodes(&cluster), [""; 0]);
}
