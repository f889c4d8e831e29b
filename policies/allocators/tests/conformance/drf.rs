//! A.1: dominant resource fairness.

use crate::cluster::{Cluster, agent, by_id, framework, parse, total_of};
use policy_allocators::HierarchicalOptions;
use policy_api::Scalar;

fn without_gpus() -> HierarchicalOptions {
    HierarchicalOptions { fair_sharing_excluded: vec![Scalar::Gpus], ..by_id() }
}

/// The course of A01 and A03 from the second framework on.
fn alternate_between_roles(mut cluster: Cluster) {
    cluster.expect("F1/role1: A1 all");
    cluster.add_framework("F2", "role2");
    cluster.add_agent("A2", "cpus:1;mem:512");
    cluster.expect("F2/role2: A2 all");
    cluster.add_agent("A3", "cpus:3;mem:2048");
    cluster.expect("F2/role2: A3 all");
    cluster.add_framework("F3", "role1");
    cluster.add_agent("A4", "cpus:4;mem:4096");
    cluster.expect("F3/role1: A4 all");
    cluster.add_framework("F4", "role1");
    cluster.add_agent("A5", "cpus:1;mem:512");
    cluster.expect("F2/role2: A5 all");
}

#[test]
fn a01_unreserved_drf() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.add_framework("F1", "role1");
    alternate_between_roles(cluster);
}

#[test]
fn a02_reserved_drf() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:1;mem:512;cpus(role1):100;mem(role1):1024");
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    cluster.add_framework("F2", "role2");
    cluster.add_agent("A2", "cpus:2;mem:512");
    cluster.expect("F2/role2: A2 all");
    cluster.add_agent("A3", "cpus:2;mem:512");
    cluster.expect("F2/role2: A3 all");
    cluster.add_framework("F3", "role1");
    cluster.add_agent("A4", "cpus(role1):2;mem(role1):1024");
    cluster.expect("F3/role1: A4 all");
}

#[test]
fn a03_drf_with_fairness_exclusion() {
    let mut cluster = Cluster::with(without_gpus());
    cluster.add_agent("A1", "cpus:2;mem:1024;gpus:1");
    cluster.subscribe(framework("F1", "role1").gpu_resources());
    alternate_between_roles(cluster);
}

#[test]
fn a04_nested_role_drf() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.add_framework("F1", "a/b");
    cluster.expect("F1/a/b: A1 all");
    cluster.add_framework("F2", "a/c");
    cluster.add_framework("F3", "d/e");
    cluster.add_agent("A2", "cpus:1;mem:512");
    cluster.expect("F3/d/e: A2 all");
    cluster.add_framework("F4", "d/f");
    cluster.add_agent("A3", "cpus:2;mem:1024");
    cluster.expect("F4/d/f: A3 all");
}

#[test]
fn a05_coarse_grained() {
    let mut outcomes = Vec::new();
    for mut cluster in Cluster::in_all_orders() {
        cluster.add_agent("A1", "cpus:2;mem:1024");
        cluster.add_agent("A2", "cpus:2;mem:1024");
        cluster.add_framework("F1", "role1");
        cluster.expect_each(&["F1/role1: A1 all", "F1/role1: A2 all"]);
        cluster.recover("F1", "A1", "all");
        cluster.recover("F1", "A2", "all");
        cluster.add_framework("F2", "role2");
        let mut offers = cluster.take_offers();
        offers.sort_by(|left, right| left.to.cmp(&right.to));
        outcomes.push(format!("{offers:?}"));
    }
    outcomes.sort();
    outcomes.dedup();
    assert_eq!(
        outcomes,
        [
            "[F1/role1: A1 cpus:2; mem:1024, F2/role2: A2 cpus:2; mem:1024]",
            "[F1/role1: A2 cpus:2; mem:1024, F2/role2: A1 cpus:2; mem:1024]",
        ]
    );
}

#[test]
fn a06_same_share_fairness() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "*");
    cluster.add_framework("F2", "*");
    cluster.add_agent("A1", "cpus:2;mem:1024");
    for _ in 0..5 {
        for framework in ["F1", "F2"] {
            cluster.expect(&format!("{framework}/*: A1 all"));
            cluster.recover(framework, "A1", "all");
            cluster.tick();
        }
    }
}

#[test]
fn a07_dominant_share_metrics() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:1;mem:1024");
    cluster.add_framework("F1", "roleA");
    cluster.expect("F1/roleA: A1 all");
    assert_eq!(cluster.metric("roles/roleA/shares/dominant"), Some(1.0));
    cluster.recover("F1", "A1", "all");
    assert_eq!(cluster.metric("roles/roleA/shares/dominant"), Some(0.0));
    cluster.add_framework("F2", "roleB");
    cluster.expect("F2/roleB: A1 all");
    assert_eq!(cluster.metric("roles/roleA/shares/dominant"), Some(0.0));
    assert_eq!(cluster.metric("roles/roleB/shares/dominant"), Some(1.0));
    cluster.add_agent("A2", "cpus:1;mem:1024");
    cluster.expect("F1/roleA: A2 all");
    assert_eq!(cluster.metric("roles/roleA/shares/dominant"), Some(0.5));
    assert_eq!(cluster.metric("roles/roleB/shares/dominant"), Some(0.5));
    cluster.remove_framework("F2");
    assert_eq!(cluster.metric("roles/roleA/shares/dominant"), Some(0.5));
    assert_eq!(cluster.metric("roles/roleB/shares/dominant"), None);
}

#[test]
fn a08_dominant_share_metrics_with_fairness_exclusion() {
    let mut cluster = Cluster::with(without_gpus());
    cluster.add_agent("A1", "cpus:1;mem:1024;gpus:1");
    cluster.subscribe(framework("F1", "roleA").gpu_resources());
    cluster.expect("F1/roleA: A1 all");
    assert_eq!(cluster.metric("roles/roleA/shares/dominant"), Some(1.0));
    cluster.add_framework("F2", "roleB");
    cluster.add_agent("A2", "cpus:3;mem:3072");
    cluster.expect("F2/roleB: A2 all");
    assert_eq!(cluster.metric("roles/roleA/shares/dominant"), Some(0.25));
    assert_eq!(cluster.metric("roles/roleB/shares/dominant"), Some(0.75));
}

#[test]
fn a09_update_weight() {
    for mut cluster in Cluster::in_all_orders() {
        for name in ["A1", "A2", "A3", "A4", "A5", "A6"] {
            cluster.add_agent(name, "cpus:2;mem:1024");
        }
        cluster.add_framework("F1", "role1");
        assert_eq!(total_of(&cluster.take_offers(), "F1/role1"), parse("cpus:12;mem:6144"));
        cluster.add_framework("F2", "role2");
        cluster.expect_nothing();
        cluster.recover_everything();

        cluster.tick();
        let offers = cluster.take_offers();
        assert_eq!(total_of(&offers, "F1/role1"), parse("cpus:6;mem:3072"));
        assert_eq!(total_of(&offers, "F2/role2"), parse("cpus:6;mem:3072"));
        cluster.recover_everything();

        cluster.weight("role2", 2.0);
        cluster.expect_nothing();
        cluster.tick();
        let offers = cluster.take_offers();
        assert_eq!(total_of(&offers, "F1/role1"), parse("cpus:4;mem:2048"));
        assert_eq!(total_of(&offers, "F2/role2"), parse("cpus:8;mem:4096"));
        cluster.recover_everything();

        cluster.weight("role3", 3.0);
        cluster.expect_nothing();
        cluster.add_framework("F3", "role3");
        let offers = cluster.take_offers();
        assert_eq!(total_of(&offers, "F1/role1"), parse("cpus:2;mem:1024"));
        assert_eq!(total_of(&offers, "F2/role2"), parse("cpus:4;mem:2048"));
        assert_eq!(total_of(&offers, "F3/role3"), parse("cpus:6;mem:3072"));
    }
}

#[test]
fn a10_no_double_accounting() {
    let mut cluster = Cluster::new();
    cluster.subscribe(framework("F1", "ROLE1").used("A1", "ROLE1", "cpus:1"));
    cluster.join(agent("A1", "cpus:1").used("F1/ROLE1", "all"));
    cluster.join(agent("A2", "cpus:1").used("F2/ROLE2", "all"));
    cluster.subscribe(framework("F2", "ROLE2").used("A2", "ROLE2", "cpus:1"));
    cluster.expect_nothing();
    assert_eq!(cluster.metric("roles/ROLE1/shares/dominant"), Some(0.5));
    assert_eq!(cluster.metric("roles/ROLE2/shares/dominant"), Some(0.5));
}
