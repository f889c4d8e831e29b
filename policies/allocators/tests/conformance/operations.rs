//! A.6: operations, persistent and shared volumes.

use crate::cluster::{Cluster, dynamic, framework, minus, plus, reserve, shared_volume, volume};
use policy_api::{Conversion, Operation, Resources};

const HUNDRED: &str = "cpus:100;mem:100;disk:100";
const HUNDRED_OF_ROLE1: &str = "cpus:100;mem:100;disk(role1):100";

#[test]
fn a39_update_allocation() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", HUNDRED);
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    let made = volume("disk:5", "ID");
    let updated = cluster.operate("F1", "A1", "all", &Operation::Create(made.clone()));
    assert_eq!(updated, plus("cpus:100;mem:100;disk:95", made));
    cluster.recover("F1", "A1", &updated);
    cluster.tick();
    cluster.expect_exactly("F1/role1: A1", &updated);
}

#[test]
fn a40_update_allocation_remove_resources() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", HUNDRED);
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    let removal = Conversion {
        consumed: "disk:100".parse().expect("written by hand"),
        converted: Resources::EMPTY,
        must_vanish: Resources::EMPTY,
    };
    cluster.convert("F1", "A1", "all", &[removal]);
    cluster.recover("F1", "A1", "cpus:100;mem:100");
    cluster.tick();
    cluster.expect("F1/role1: A1 cpus:100;mem:100");
}

#[test]
fn a41_update_allocation_shared_persistent_volume() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", HUNDRED_OF_ROLE1);
    cluster.subscribe(framework("F1", "role1").shared_resources());
    cluster.expect("F1/role1: A1 all");
    let made = shared_volume("disk(role1):5", "id1");
    let updated = cluster.operate("F1", "A1", "all", &Operation::Create(made.clone()));
    assert_eq!(updated, plus("cpus:100;mem:100;disk(role1):95", &made));
    cluster.recover("F1", "A1", &updated);
    cluster.tick();
    cluster.expect_exactly("F1/role1: A1", &updated);
    let updated = cluster.operate("F1", "A1", "all", &Operation::Destroy(made));
    cluster.recover("F1", "A1", &updated);
    cluster.tick();
    cluster.expect("F1/role1: A1 all");
}

#[test]
fn a42_shared_resources_capability() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", HUNDRED_OF_ROLE1);
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    let made = shared_volume("disk(role1):5", "id1");
    let updated = cluster.operate("F1", "A1", "all", &Operation::Create(made));
    cluster.recover("F1", "A1", &updated);
    cluster.tick();
    cluster.expect("F1/role1: A1 cpus:100;mem:100;disk(role1):95");
    cluster.recover("F1", "A1", "all");
    cluster.subscribe(framework("F2", "role1").shared_resources());
    cluster.expect_exactly("F2/role1: A1", &updated);
}

#[test]
fn a43_allocate_shared_resources() {
    for with_quota in [false, true] {
        let mut cluster = Cluster::new();
        if with_quota {
            cluster.quota("role1", "cpus:8;mem:2048;disk:4096");
        }
        cluster.subscribe(framework("F1", "role1").shared_resources());
        cluster.subscribe(framework("F2", "role1").shared_resources());
        cluster.add_agent("A1", "cpus:4;mem:1024;disk(role1):2048");
        cluster.expect("F1/role1: A1 all");
        let made = shared_volume("disk(role1):5", "id1");
        let updated = cluster.operate("F1", "A1", "all", &Operation::Create(made.clone()));
        let task = plus("cpus:1;mem:5", &made);
        let rest = minus(updated, task);
        cluster.recover("F1", "A1", &rest);
        cluster.tick();
        cluster.expect_exactly("F2/role1: A1", &plus("cpus:3;mem:1019;disk(role1):2043", made));
    }
}

#[test]
fn a44_update_available_success() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", HUNDRED);
    let reserved = dynamic("cpus:25;mem:50", "role1", "ops");
    assert!(cluster.update_available("A1", &reserve(reserved.clone())));
    cluster.add_framework("F1", "role1");
    cluster.expect_exactly("F1/role1: A1", &plus("cpus:75;mem:50;disk:100", reserved));
}

#[test]
fn a45_update_available_fail() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", HUNDRED);
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    let reserved = dynamic("cpus:25;mem:50", "role1", "ops");
    assert!(!cluster.update_available("A1", &reserve(reserved)));
    cluster.recover("F1", "A1", "all");
    cluster.tick();
    cluster.expect("F1/role1: A1 all");
}
