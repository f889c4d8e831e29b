//! A.3: maintenance.

use crate::cluster::{Cluster, DAY, agent, secs};

#[test]
fn a19_add_agent_with_unknown_framework_and_maintenance() {
    let mut cluster = Cluster::new();
    let next_year = cluster.now + DAY * 365;
    cluster.join(
        agent("A1", "cpus:2;mem:1024").used("unknown/role", "all").unavailable_from(next_year),
    );
    cluster.add_framework("F1", "role");
    cluster.add_agent("A2", "cpus:2;mem:1024");
    cluster.expect("F1/role: A2 all");
    cluster.update_unavailability("A2", Some(cluster.now + secs(60)));
    cluster.expect_inverse_offer("F1", "A2");
}

#[test]
fn a20_maintenance_inverse_offers() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.add_framework("F1", "*");
    cluster.expect("F1/*: A1 all");
    cluster.add_agent("A2", "cpus:2;mem:1024");
    cluster.expect("F1/*: A2 all");
    cluster.decline("F1", "A2", "all", DAY);
    let start = cluster.now + secs(60);
    cluster.update_unavailability("A1", Some(start));
    cluster.update_unavailability("A2", Some(start));
    cluster.expect_inverse_offer("F1", "A1");
    assert_eq!(cluster.unavailability("A1").map(|schedule| schedule.start), Some(start));
    cluster.tick();
    cluster.expect_nothing();
}
