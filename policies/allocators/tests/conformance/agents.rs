//! A.4: agents, their totals and capabilities.

use crate::cluster::{Cluster, agent, framework, plus, revocable};
use policy_api::AgentCapabilities;

const HUNDRED: &str = "cpus:100;mem:100;disk:100";

#[test]
fn a21_recover_resources() {
    let mut cluster = Cluster::new();
    let (reserved, unreserved) = ("cpus(role1):1;mem(role1):200", "cpus:1;mem:200");
    cluster.add_agent("A1", plus(reserved, unreserved));
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    for part in [reserved, unreserved] {
        cluster.recover("F1", "A1", part);
        cluster.tick();
        cluster.expect(&format!("F1/role1: A1 {part}"));
    }
}

#[test]
fn a22_add_resource_provider() {
    let mut cluster = Cluster::new();
    let (once, twice) = ("cpus:1;mem:100;disk:10", "cpus:2;mem:200;disk:20");
    cluster.subscribe(framework("F1", "role1").inactive());
    cluster.subscribe(framework("F2", "role2").inactive());
    cluster.add_agent("A1", once);
    cluster.add_resource_provider("A1", twice, "F1", twice);
    cluster.activate_framework("F2");
    cluster.expect(&format!("F2/role2: A1 {once}"));
    cluster.activate_framework("F1");
    cluster.expect_nothing();
    cluster.add_agent("A2", once);
    cluster.expect("F2/role2: A2 all");
}

#[test]
fn a23_add_resource_provider_overallocated() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:2;mem:200;disk:20");
    cluster.subscribe(framework("F1", "role").inactive());
    cluster.add_resource_provider("A1", "", "F1", "cpus:1;mem:100;disk:10");
    cluster.activate_framework("F1");
    cluster.tick();
    cluster.expect("F1/role: A1 cpus:1;mem:100;disk:10");
}

#[test]
fn a24_update_slave_oversubscribed_resources() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", HUNDRED);
    cluster.subscribe(framework("F1", "role1").revocable_resources());
    cluster.expect("F1/role1: A1 all");
    cluster.update_agent_total("A1", plus(HUNDRED, revocable("cpus:10")));
    cluster.expect_exactly("F1/role1: A1", &revocable("cpus:10"));
    cluster.update_agent_total("A1", plus(HUNDRED, revocable("cpus:12")));
    cluster.expect_exactly("F1/role1: A1", &revocable("cpus:2"));
    cluster.update_agent_total("A1", plus(HUNDRED, revocable("cpus:5")));
    cluster.expect_nothing();
}

#[test]
fn a25_oversubscribed_not_allocated() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", HUNDRED);
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    cluster.update_agent_total("A1", plus(HUNDRED, revocable("cpus:10")));
    cluster.expect_nothing();
}

#[test]
fn a26_recover_oversubscribed_resources() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", HUNDRED);
    cluster.subscribe(framework("F1", "role1").revocable_resources());
    cluster.expect("F1/role1: A1 all");
    cluster.update_agent_total("A1", plus(HUNDRED, revocable("cpus:10")));
    cluster.expect_exactly("F1/role1: A1", &revocable("cpus:10"));
    let part = plus("cpus:2", revocable("cpus:6"));
    cluster.recover("F1", "A1", &part);
    cluster.tick();
    cluster.expect_exactly("F1/role1: A1", &part);
}

#[test]
fn a27_update_slave_total_resources() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", HUNDRED);
    cluster.add_framework("F1", "role1");
    cluster.expect("F1/role1: A1 all");
    cluster.update_agent_total("A1", plus(HUNDRED, "cpus:12"));
    cluster.expect("F1/role1: A1 cpus:12");
    cluster.update_agent_total("A1", "cpus:50;mem:50;disk:50");
    cluster.recover("F1", "A1", HUNDRED);
    cluster.recover("F1", "A1", "cpus:12");
    cluster.expect_nothing();
    cluster.tick();
    cluster.expect("F1/role1: A1 all");
    cluster.update_agent_total("A1", HUNDRED);
    cluster.expect("F1/role1: A1 cpus:50;mem:50;disk:50");
}

#[test]
fn a28_update_slave_capabilities() {
    let mut cluster = Cluster::new();
    cluster.join(agent("A1", "cpus:1;mem:1;disk:1").without_capabilities());
    cluster.add_framework("F1", "role1");
    cluster.expect_nothing();
    cluster.update_agent_capabilities("A1", AgentCapabilities::default());
    cluster.expect("F1/role1: A1 all");
}

#[test]
fn a29_dont_offer_old_agent_to_multi_role_framework() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "foo");
    cluster.join(agent("A1", "cpus:2;mem:1024").without_capabilities());
    cluster.tick();
    cluster.expect_nothing();
}

#[test]
fn a30_remove_slave_recover_resources() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:2;mem:200");
    cluster.add_framework("F1", "role");
    cluster.expect("F1/role: A1 all");
    cluster.add_framework("F2", "role");
    cluster.add_agent("A2", "cpus:1;mem:100");
    cluster.expect("F2/role: A2 all");
    cluster.remove_agent("A1");
    cluster.add_agent("A3", "cpus:1;mem:100");
    cluster.expect("F1/role: A3 all");
}

#[test]
fn a31_non_scalar_reservation_tracking_mesos_9555() {
    let mut cluster = Cluster::new();
    for name in ["A1", "A2"] {
        cluster.add_agent(name, "cpus:1;mem:1;disk:1;ports(role):[1-2]");
    }
    cluster.remove_agent("A1");
    cluster.remove_agent("A2");
    // Nothing is left of them in the books.
    cluster.tick();
    cluster.expect_nothing();
    assert_eq!(cluster.metric("resources/cpus/total"), Some(0.0));
    assert_eq!(cluster.metric("offer_filters/roles/role/active"), None);
}

#[test]
fn a32_whitelist() {
    let mut cluster = Cluster::new();
    cluster.update_whitelist(&["dummy-agent"]);
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.add_framework("F1", "*");
    cluster.tick();
    cluster.expect_nothing();
    cluster.update_whitelist(&["dummy-agent", "A1"]);
    cluster.expect_nothing();
    cluster.tick();
    cluster.expect("F1/*: A1 all");
}
