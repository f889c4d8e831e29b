//! A.5: what is enough for an offer, and reservations.

use crate::cluster::{Cluster, dynamic, framework};

#[test]
fn a33_allocatable() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role1");
    cluster.add_agent("A1", "cpus:0.005;mem:16;disk:128");
    cluster.expect_nothing();
    cluster.add_agent("A2", "cpus:0.01;mem:16;disk:128");
    cluster.expect("F1/role1: A2 all");
    cluster.add_agent("A3", "cpus:0.005;mem:32;disk:128");
    cluster.expect("F1/role1: A3 all");
    cluster.add_agent("A4", "cpus:0.015;mem:16;cpus(role1):0.015;mem(role1):16;disk:128");
    cluster.expect("F1/role1: A4 all");
}

#[test]
fn a34_framework_min_allocatable() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role1");
    cluster.add_agent("A1", "cpus:0.005;mem:16;disk:128");
    cluster.expect_nothing();
    cluster.update_framework(framework("F1", "role1").min_allocatable(&["cpus:0.003"]));
    cluster.expect_nothing();
    cluster.tick();
    cluster.expect("F1/role1: A1 all");
}

#[test]
fn a35_framework_empty_min_allocatable() {
    let mut cluster = Cluster::new();
    cluster.subscribe(framework("F1", "role1").min_allocatable(&[]));
    cluster.add_agent("A1", "cpus:0.005;mem:16;disk:128");
    cluster.expect("F1/role1: A1 all");
}

#[test]
fn a36_framework_loop_mesos_9554() {
    let mut cluster = Cluster::new();
    cluster.subscribe(framework("F1", "parent/child").reservation_refinement());
    cluster.add_agent("A1", "cpus:1;mem:1;disk:1");
    cluster.expect("F1/parent/child: A1 all");
    cluster.add_framework("F2", "parent/child");
    cluster.expect_nothing();
    let reserved = dynamic("cpus:1;mem:1;disk:1", "parent", "ops");
    cluster.add_agent("A2", dynamic(reserved, "parent/child", "ops"));
    cluster.expect("F1/parent/child: A2 all");
}

#[test]
fn a37_reservations() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus(role1):2;mem(role1):1024");
    cluster.add_agent("A2", "cpus(role2):2;mem(role2):1024;cpus:1;mem:1024");
    cluster.add_agent("A3", "cpus(role3):1;mem(role3):1024");
    cluster.add_framework("F1", "role1");
    cluster.expect_each(&["F1/role1: A1 all", "F1/role1: A2 cpus:1;mem:1024"]);
    cluster.add_framework("F2", "role2");
    cluster.expect("F2/role2: A2 cpus(role2):2;mem(role2):1024");
    cluster.tick();
    cluster.expect_nothing();
}

#[test]
fn a38_offer_ancestor_reservations_to_descendant_child() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "a/b/c");
    cluster.add_agent("A1", "cpus(a):1;mem(a):512");
    cluster.expect("F1/a/b/c: A1 all");
    cluster.add_agent("A2", "cpus:2;mem:1024;cpus(a/b):4;mem(a/b):2048");
    cluster.expect("F1/a/b/c: A2 all");
}
