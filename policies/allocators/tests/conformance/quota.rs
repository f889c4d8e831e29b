//! A.7, first part: guarantees, limits, headroom.

use crate::cluster::{Cluster, agent, dynamic, mount_disk, parse, plus, reserve, secs, total_of};

const SMALL: &str = "cpus:1;mem:512";

#[test]
fn a46_quota_provides_guarantee() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "q");
    cluster.quota("q", "cpus:2;mem:1024");
    cluster.add_framework("F2", "n");
    cluster.expect_nothing();
    cluster.add_agent("A1", SMALL);
    cluster.expect("F1/q: A1 all");
    cluster.add_agent("A2", SMALL);
    cluster.expect("F1/q: A2 all");
    cluster.decline("F1", "A2", "all", secs(2));
    cluster.tick();
    cluster.expect_nothing();
    cluster.tick();
    cluster.expect("F1/q: A2 all");
}

#[test]
fn a47_quota_provides_limit() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "*");
    cluster.quota_of("*", "-", "cpus:0;mem:0;disk:0");
    cluster.add_agent("A1", "cpus:2;mem:1024;disk:1024");
    cluster.expect_nothing();
    cluster.add_framework("F2", "n");
    cluster.expect("F2/n: A1 all");
    cluster.quota_of("*", "-", "cpus:1;mem:512;disk:512");
    cluster.add_agent("A2", "cpus:2;mem:1024;disk:1024");
    cluster.expect_each(&["F1/*: A2 cpus:1;mem:512;disk:512", "F2/n: A2 cpus:1;mem:512;disk:512"]);
}

#[test]
fn a48_remove_quota() {
    let mut cluster = Cluster::new();
    cluster.quota("q", "cpus:2;mem:1024");
    cluster.add_framework("F1", "q");
    cluster.add_framework("F2", "n");
    cluster.join(agent("A1", SMALL).used("F1/q", "all"));
    cluster.join(agent("A2", SMALL).used("F1/q", "all"));
    cluster.expect_nothing();
    cluster.quota_of("q", "-", "-");
    cluster.expect_nothing();
    cluster.recover("F1", "A1", "all");
    cluster.tick();
    cluster.expect("F2/n: A1 all");
    for name in ["cpus", "mem"] {
        let metric = format!("quota/roles/q/resources/{name}/offered_or_allocated");
        assert_eq!(cluster.metric(&metric), None);
    }
}

#[test]
fn a49_multiple_frameworks_in_role_with_quota() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1a", "q");
    cluster.quota("q", "cpus:4;mem:2048");
    cluster.add_framework("F2", "n");
    cluster.add_agent("A1", SMALL);
    cluster.expect("F1a/q: A1 all");
    cluster.add_framework("F1b", "q");
    cluster.add_agent("A2", "cpus:2;mem:1024");
    cluster.expect("F1b/q: A2 all");
    cluster.add_agent("A3", SMALL);
    cluster.expect("F1a/q: A3 all");
    cluster.decline("F1a", "A3", "all", secs(5));
    cluster.tick();
    cluster.expect("F1b/q: A3 all");
}

#[test]
fn a50_quota_allocation_granularity() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "q");
    cluster.quota("q", "cpus:0.5;mem:200");
    cluster.add_agent("A1", SMALL);
    cluster.expect("F1/q: A1 cpus:0.5;mem:200");
    cluster.add_framework("F2", "n");
    cluster.expect("F2/n: A1 cpus:0.5;mem:312");
}

#[test]
fn a51_quota_allocation_granularity_unchoppable_resource() {
    let mut cluster = Cluster::new();
    let total = plus("cpus:0.5;mem:512", mount_disk(100));
    cluster.quota("q", "cpus:2;mem:2048;disk:150");
    cluster.add_agent("A1", &total);
    cluster.add_framework("F1", "q");
    cluster.expect("F1/q: A1 all");
    cluster.add_agent("A2", &total);
    cluster.expect("F1/q: A2 cpus:0.5;mem:512");
    cluster.add_agent("A3", "cpus:2;mem:2048;disk:150");
    cluster.expect("F1/q: A3 cpus:1;mem:1024;disk:50");
}

#[test]
fn a52_quota_allocation_multiple_disk() {
    for mut cluster in Cluster::in_all_orders() {
        cluster.quota("q", "cpus:1;mem:512;disk:100");
        cluster.add_agent("A1", plus("cpus:1;mem:512;disk:50", mount_disk(50)));
        cluster.add_framework("F1", "q");
        cluster.expect("F1/q: A1 all");
    }
}

#[test]
fn a53_quota_role_allocate_non_quota_resource() {
    let mut cluster = Cluster::new();
    let total = "cpus:1;mem:1024;ports:[31000-32000]";
    cluster.quota("q1", "cpus:2");
    cluster.add_agent("A1", total);
    cluster.add_framework("F1", "q1");
    cluster.expect("F1/q1: A1 all");
    cluster.quota("q2", "mem:1024");
    cluster.add_agent("A2", total);
    cluster.expect("F1/q1: A2 cpus:1;ports:[31000-32000]");
    cluster.add_agent("A3", total);
    cluster.expect("F1/q1: A3 mem:1024;ports:[31000-32000]");
}

#[test]
fn a54_drf_with_quota() {
    let mut cluster = Cluster::new();
    cluster.quota("q", "cpus:0.25;mem:128");
    cluster.add_framework("F1", "q");
    cluster.add_framework("F2", "n");
    let metric =
        |cluster: &Cluster, name: &str| cluster.metric(&format!("quota/roles/q/resources/{name}"));
    for kind in ["guarantee", "limit"] {
        assert_eq!(metric(&cluster, &format!("cpus/{kind}")), Some(0.25));
        assert_eq!(metric(&cluster, &format!("mem/{kind}")), Some(128.0));
    }
    cluster.join(agent("A1", SMALL).used("F1/q", "cpus:0.25;mem:128"));
    cluster.expect("F2/n: A1 cpus:0.75;mem:384");
    assert_eq!(metric(&cluster, "cpus/offered_or_allocated"), Some(0.25));
    assert_eq!(metric(&cluster, "mem/offered_or_allocated"), Some(128.0));
    assert_eq!(metric(&cluster, "disk/offered_or_allocated"), None);
    cluster.add_agent("A2", SMALL);
    cluster.expect("F2/n: A2 all");
}

#[test]
fn a55_quota_against_starvation() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "q");
    cluster.add_framework("F2", "n");
    cluster.join(agent("A1", SMALL).used("F1/q", "all"));
    cluster.expect_nothing();
    cluster.add_agent("A2", SMALL);
    cluster.expect("F2/n: A2 all");
    cluster.decline("F2", "A2", "all", secs(0));
    cluster.tick();
    cluster.expect("F2/n: A2 all");
    cluster.decline("F2", "A2", "all", secs(0));
    cluster.quota("q", "cpus:2;mem:1024");
    cluster.tick();
    cluster.expect("F1/q: A2 all");
}

#[test]
fn a56_quota_absent_framework_whole_agent() {
    for mut cluster in Cluster::in_all_orders() {
        cluster.quota("q", "cpus:2;mem:1024");
        cluster.add_framework("F1", "n");
        cluster.add_agent("A1", "cpus:2;mem:1024");
        cluster.expect_nothing();
        cluster.add_agent("A2", "cpus:2;mem:1024");
        let offers = cluster.take_offers();
        assert_eq!(offers.len(), 1);
        assert_eq!(total_of(&offers, "F1/n"), parse("cpus:2;mem:1024"));
    }
}

#[test]
fn a57_multi_quota_absent_frameworks() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:2;mem:2048");
    cluster.quota("q1", "cpus:1;mem:1024");
    cluster.quota("q2", "cpus:2;mem:2048");
    cluster.add_framework("F1", "q2");
    cluster.expect("F1/q2: A1 all");
}

#[test]
fn a58_multi_quota_with_frameworks() {
    let mut cluster = Cluster::new();
    cluster.quota("q1", "cpus:1;mem:200");
    cluster.quota("q2", "cpus:2;mem:2000");
    cluster.add_framework("F1", "q1");
    cluster.add_framework("F2", "q2");
    cluster.join(agent("A1", "cpus:1;mem:1024").used("F1/q1", "all"));
    cluster.join(agent("A2", "cpus:1;mem:1024").used("F2/q2", "all"));
    cluster.expect_nothing();
    cluster.add_agent("A3", "cpus:2;mem:2048");
    cluster.expect("F2/q2: A3 cpus:1;mem:976");
}

#[test]
fn a59_reservation_within_quota() {
    let mut cluster = Cluster::new();
    cluster.quota("q", "cpus:2;mem:256");
    cluster.add_framework("F1", "q");
    cluster.add_framework("F2", "n");
    cluster.join(agent("A1", "cpus:8;mem(q):256").used("F1/q", "cpus:2;mem(q):256"));
    cluster.expect("F2/n: A1 cpus:6");
    cluster.add_agent("A2", "cpus:4");
    cluster.expect("F2/n: A2 all");
}

#[test]
fn a60_quota_set_aside_reserved_resources() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:4;mem:512");
    cluster.add_agent("A2", "cpus:4;mem:512");
    let reserved = dynamic("cpus:4;mem:512", "n", "ops");
    assert!(cluster.update_available("A2", &reserve(reserved.clone())));
    cluster.add_framework("F1", "q");
    cluster.quota("q", "cpus:4;mem:512");
    cluster.expect("F1/q: A1 all");
    cluster.decline("F1", "A1", "all", secs(10));
    cluster.tick();
    cluster.expect_nothing();
    cluster.add_framework("F2", "n");
    cluster.expect_exactly("F2/n: A2", &reserved);
    cluster.decline("F2", "A2", "all", secs(10));
    cluster.tick();
    cluster.expect_nothing();
}

#[test]
fn a61_disproportionate_quota_vs_allocation() {
    let mut cluster = Cluster::new();
    cluster.quota("q", "cpus:4;mem:1024");
    cluster.add_framework("F1", "q");
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.expect("F1/q: A1 all");
    cluster.add_agent("A2", "cpus:2;mem:1024");
    cluster.expect("F1/q: A2 cpus:2");
}
