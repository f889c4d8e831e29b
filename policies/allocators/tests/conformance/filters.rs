//! A.2: filters, suppress, revive, activation.

use crate::cluster::{Cluster, DAY, agent, by_id, framework_in, secs};
use policy_allocators::HierarchicalOptions;

#[test]
fn a11_offer_filter() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", "cpus:1;mem:512");
    cluster.expect("F1/role: A1 all");
    cluster.decline("F1", "A1", "all", secs(2));
    assert_eq!(cluster.metric("offer_filters/roles/role/active"), Some(1.0));
    cluster.tick();
    cluster.expect_nothing();
    cluster.tick();
    cluster.expect("F1/role: A1 all");
    assert_eq!(cluster.metric("offer_filters/roles/role/active"), Some(0.0));
}

#[test]
fn a12_small_offer_filter_timeout() {
    let interval = secs(60);
    let mut cluster =
        Cluster::with(HierarchicalOptions { allocation_interval: interval, ..by_id() });
    cluster.add_framework("F1", "role1");
    cluster.add_framework("F2", "role2");
    cluster.join(agent("A1", "cpus:1;mem:512").used("F1/role1", "all"));
    cluster.expect_nothing();
    cluster.add_agent("A2", "cpus:1;mem:512");
    cluster.expect("F2/role2: A2 all");
    cluster.decline("F2", "A2", "all", secs(1));
    cluster.advance(secs(1));
    cluster.expect_nothing();
    cluster.advance(interval);
    cluster.expect("F1/role1: A2 all");
    cluster.recover("F1", "A2", "all");
    cluster.advance(interval);
    cluster.expect("F2/role2: A2 all");
}

#[test]
fn a13_remove_filters() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", "cpus:1;mem:512");
    cluster.expect("F1/role: A1 all");
    cluster.decline("F1", "A1", "all", secs(2));
    cluster.tick();
    cluster.expect_nothing();
    cluster.update_agent_attributes("A1", &[("foo", "bar"), ("baz", "quux")]);
    cluster.expect("F1/role: A1 all");
}

#[test]
fn a14_revive_offers() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    cluster.decline("F1", "A1", "all", secs(1000));
    cluster.tick();
    cluster.expect_nothing();
    cluster.revive_offers("F1", &[]);
    cluster.expect("F1/role1: A1 all");
}

#[test]
fn a15_suppress_and_revive_offers() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    cluster.revive_offers("F1", &[]);
    cluster.expect_nothing();
    cluster.recover("F1", "A1", "all");
    cluster.suppress_offers("F1", &[]);
    cluster.tick();
    cluster.expect_nothing();
    cluster.revive_offers("F1", &[]);
    cluster.expect("F1/role1: A1 all");
}

#[test]
fn a16_suppress_and_revive_offers_with_multi_role() {
    let mut cluster = Cluster::new();
    cluster.subscribe(framework_in("F1", &["role1", "role2"]));
    cluster.suppress_offers("F1", &["role1"]);
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.expect("F1/role2: A1 all");
    cluster.decline("F1/role2", "A1", "all", DAY);
    cluster.tick();
    cluster.expect_nothing();
    cluster.revive_offers("F1", &["role1"]);
    cluster.expect("F1/role1: A1 all");
    cluster.decline("F1/role1", "A1", "all", DAY);
    cluster.tick();
    cluster.expect_nothing();
}

#[test]
fn a17_deactivate_and_reactivate_framework() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    cluster.recover("F1", "A1", "all");
    cluster.suppress_offers("F1", &[]);
    cluster.deactivate_framework("F1");
    cluster.tick();
    cluster.expect_nothing();
    cluster.activate_framework("F1");
    // Suppressed roles survive the deactivation.
    cluster.expect_nothing();
    cluster.revive_offers("F1", &[]);
    cluster.expect("F1/role1: A1 all");
}

#[test]
fn a18_active_offer_filters_metrics() {
    let mut cluster = Cluster::new();
    let refuse = secs(100);
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.add_framework("F1", "roleA");
    cluster.expect("F1/roleA: A1 all");
    cluster.decline("F1", "A1", "all", refuse);
    assert_eq!(cluster.metric("offer_filters/roles/roleA/active"), Some(1.0));
    cluster.add_framework("F2", "roleB");
    cluster.expect("F2/roleB: A1 all");
    cluster.decline("F2", "A1", "all", refuse);
    assert_eq!(cluster.metric("offer_filters/roles/roleA/active"), Some(1.0));
    assert_eq!(cluster.metric("offer_filters/roles/roleB/active"), Some(1.0));
    cluster.add_framework("F3", "roleA");
    cluster.expect("F3/roleA: A1 all");
    cluster.decline("F3", "A1", "all", refuse);
    assert_eq!(cluster.metric("offer_filters/roles/roleA/active"), Some(2.0));
    assert_eq!(cluster.metric("offer_filters/roles/roleB/active"), Some(1.0));
}
