//! A.7, second part: quota with reservations, and with nested roles.

use crate::cluster::{
    Cluster, DAY, KINDS, dynamic, framework, parse, plus, reserve, reserved_as, secs,
    shared_volume, total_of,
};
use policy_api::{Operation, Resources};

const LARGE: &str = "cpus:1;mem:1024";

fn in_both_kinds(scenario: impl Fn(Cluster, &dyn Fn(&str, &str) -> Resources)) {
    for kind in KINDS {
        scenario(Cluster::new(), &|text, role| reserved_as(kind, text, role));
    }
}

#[test]
fn a62_reservation_unallocated() {
    in_both_kinds(|mut cluster, reserved| {
        cluster.add_agent("A1", reserved(LARGE, "q"));
        cluster.quota("q", LARGE);
        cluster.add_framework("F1", "q");
        cluster.expect("F1/q: A1 all");
        cluster.decline("F1", "A1", "all", DAY);
        cluster.add_agent("A2", LARGE);
        cluster.expect_nothing();
    });
}

#[test]
fn a63_reservation_allocated() {
    in_both_kinds(|mut cluster, reserved| {
        cluster.add_agent("A1", reserved(LARGE, "q"));
        cluster.quota("q", "cpus:2;mem:2048");
        cluster.add_framework("F1", "q");
        cluster.expect("F1/q: A1 all");
        cluster.add_agent("A2", LARGE);
        cluster.expect("F1/q: A2 all");
        cluster.add_agent("A3", LARGE);
        cluster.expect_nothing();
    });
}

#[test]
fn a64_non_quota_role_reservation_with_quota_role() {
    in_both_kinds(|mut cluster, reserved| {
        let reserved = reserved("cpus:2;mem:2048", "n");
        cluster.add_agent("A1", plus("cpus:2;mem:2048", &reserved));
        cluster.quota("q", "cpus:2;mem:2048");
        cluster.add_framework("F1", "q");
        cluster.expect("F1/q: A1 cpus:2;mem:2048");
        cluster.decline("F1", "A1", "all", DAY);
        cluster.add_framework("F2", "n");
        cluster.expect_exactly("F2/n: A1", &reserved);
    });
}

#[test]
fn a65_shared_allocated_resource_quota_accounting() {
    in_both_kinds(|mut cluster, reserved| {
        cluster.quota("q", "cpus:3;mem:2048;disk:100");
        cluster.add_agent("A1", reserved("cpus:2;mem:1024;disk:50", "q"));
        cluster.subscribe(framework("F1", "q").shared_resources());
        cluster.expect("F1/q: A1 all");
        let made = shared_volume(reserved("disk:50", "q"), "id1");
        cluster.operate("F1", "A1", "all", &Operation::Create(made.clone()));
        let half = reserved("cpus:1;mem:512", "q");
        cluster.recover("F1", "A1", &half);
        cluster.tick();
        cluster.expect_exactly("F1/q: A1", &plus(half, made));
        cluster.add_agent("A2", "cpus:1;mem:1024;disk:50");
        cluster.expect("F1/q: A2 all");
        cluster.add_agent("A3", "cpus:0.5;mem:512;disk:50");
        cluster.expect_nothing();
    });
}

#[test]
fn a66_quota_accounting_reserve_allocated_resources() {
    for total in ["cpus:5;mem:512", "cpus:10;mem:1024"] {
        let mut cluster = Cluster::new();
        cluster.quota("q", "cpus:10;mem:1024");
        cluster.add_framework("F1", "q");
        cluster.add_agent("A1", "cpus:5;mem:512");
        cluster.expect("F1/q: A1 all");
        let reserved = dynamic("cpus:5;mem:512", "q", "ops");
        cluster.operate("F1", "A1", "all", &reserve(reserved));
        cluster.add_agent("A2", total);
        cluster.expect("F1/q: A2 cpus:5;mem:512");
    }
}

#[test]
fn a67_quota_accounting_unreserve_allocated_resources() {
    let mut cluster = Cluster::new();
    let reserved = "cpus(q):1;mem(q):1024";
    cluster.quota("q", LARGE);
    cluster.add_framework("F1", "q");
    cluster.add_agent("A1", reserved);
    cluster.expect("F1/q: A1 all");
    cluster.add_agent("A2", LARGE);
    cluster.expect_nothing();
    let updated = cluster.operate("F1", "A1", "all", &Operation::Unreserve(parse(reserved)));
    assert_eq!(updated, parse(LARGE));
    cluster.tick();
    cluster.expect_nothing();
}

#[test]
fn a68_quota_headroom_when_reservations_exceed_quota() {
    in_both_kinds(|mut cluster, reserved| {
        cluster.quota("qw", LARGE);
        cluster.quota("qn", LARGE);
        cluster.add_agent("A1", reserved("cpus:2;mem:2048", "qw"));
        cluster.add_agent("A2", LARGE);
        cluster.add_framework("F1", "n");
        cluster.expect_nothing();
        cluster.add_agent("A3", LARGE);
        cluster.expect("F1/n: A3 all");
    });
}

#[test]
fn a69_quota_with_ancestor_reservations() {
    for mut cluster in Cluster::in_all_orders() {
        cluster.quota("q", LARGE);
        cluster.add_agent("A1", "cpus(a):1;mem(a):1024");
        cluster.add_framework("F1", "a/b");
        cluster.expect("F1/a/b: A1 all");
        cluster.add_framework("F2", "n");
        cluster.expect_nothing();
        cluster.add_agent("A2", LARGE);
        cluster.add_agent("A3", LARGE);
        let offers = cluster.take_offers();
        assert_eq!(offers.len(), 1);
        assert_eq!(total_of(&offers, "F2/n"), parse(LARGE));
    }
}

#[test]
fn a70_quota_with_nested_role_reservation() {
    let mut cluster = Cluster::new();
    cluster.quota("a", "cpus:2;mem:200");
    cluster.add_agent("A1", "cpus(a/b):1;mem(a/b):100");
    cluster.add_agent("A2", "cpus:10;mem:1000");
    cluster.add_framework("F1", "a");
    cluster.expect("F1/a: A2 cpus:1;mem:100");
}

#[test]
fn a71_quota_with_nested_role_allocation() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "a/b");
    cluster.add_agent("A1", LARGE);
    cluster.expect("F1/a/b: A1 all");
    cluster.quota("a", LARGE);
    cluster.add_framework("F2", "a");
    cluster.add_agent("A2", LARGE);
    cluster.expect("F1/a/b: A2 all");
}

#[test]
fn a72_quota_headroom_with_nested_role_allocation() {
    let mut cluster = Cluster::new();
    let total = "cpus:1;mem:100";
    cluster.add_framework("F1", "a/b");
    cluster.add_agent("A1", total);
    cluster.expect("F1/a/b: A1 all");
    cluster.add_framework("F2", "a");
    cluster.add_agent("A2", total);
    cluster.expect("F2/a: A2 all");
    cluster.quota("q", total);
    cluster.add_agent("A3", total);
    cluster.expect_nothing();
    cluster.add_agent("A4", total);
    cluster.expect("F2/a: A4 all");
}

#[test]
#[ignore = "disabled in Mesos: nested quota is not supported"]
fn a73_nested_role_quota() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "a/b");
    cluster.quota("a/b", "cpus:2;mem:1024");
    cluster.add_agent("A1", "cpus:1;mem:512");
    cluster.expect("F1/a/b: A1 all");
    cluster.decline("F1", "A1", "all", secs(10));
    cluster.add_framework("F2", "a/b/c");
    cluster.tick();
    cluster.expect_nothing();
    cluster.quota("a/b/d", "cpus:1;mem:512");
    cluster.add_framework("F3", "a/b/d");
    cluster.expect("F3/a/b/d: A1 all");
}

#[test]
#[ignore = "disabled in Mesos: nested quota is not supported"]
fn a74_nested_role_quota_allocate_to_parent() {
    let mut cluster = Cluster::new();
    cluster.quota("a/b", "cpus:4;mem:2048");
    cluster.add_framework("F1", "a/b");
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.expect("F1/a/b: A1 all");
    cluster.add_framework("F2", "a/b/c");
    cluster.quota("a/b/c", "cpus:1;mem:512");
    cluster.add_agent("A2", "cpus:1;mem:512");
    cluster.expect("F2/a/b/c: A2 all");
    cluster.add_agent("A3", "cpus:1;mem:512");
    cluster.expect("F1/a/b: A3 all");
}

#[test]
#[ignore = "disabled in Mesos: nested quota is not supported"]
fn a75_nested_quota_accounting() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "aaa");
    cluster.quota("x/b", "cpus:3;mem:300");
    cluster.add_framework("F2", "x/b");
    cluster.add_agent("A1", "cpus:2;mem:200");
    cluster.expect("F2/x/b: A1 all");
    cluster.quota("x/b/c", "cpus:1;mem:100");
    cluster.add_framework("F3", "x/b/c");
    cluster.add_agent("A2", "cpus:1;mem:100");
    cluster.expect("F3/x/b/c: A2 all");
    cluster.add_agent("A3", "cpus:1;mem:100");
    cluster.expect("F1/aaa: A3 all");
}
