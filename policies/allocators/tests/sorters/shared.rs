//! Shared volumes, of which each client's share counts one copy: B28 to B31.

use super::cluster::{Cluster, agent, parse, shared_volume, with, with_copies};
use policy_api::Resources;

/// 100 cores, 100 MB, 1000 MB of disk that role1 has reserved, a part of which is a shared volume.
fn cluster_with_volume(volume: i64) -> Cluster {
    let rest = 1000 - volume;
    Cluster::of(&with(&format!("cpus:100;mem:100;disk(role1):{rest}"), &shared_volume(volume)))
}

#[test]
fn b28_shared_resources() {
    let volume = shared_volume(100);
    let mut cluster = cluster_with_volume(100);
    cluster.add_holding("a", &with("cpus:5;mem:5", &volume));
    cluster.add_holding("b", &parse("cpus:6;mem:6"));
    // 0.06, 0.1
    assert_eq!(cluster.order(), ["b", "a"]);
    cluster.add_holding("c", &with("cpus:1;mem:1", &volume));
    assert_eq!(cluster.order(), ["b", "a", "c"]);
    cluster.remove("a");
    cluster.released("b", agent(0), &parse("cpus:4;mem:4"));
    assert_eq!(cluster.order(), ["b", "c"]);
    cluster.add_holding("d", &with("cpus:1;mem:5", &volume));
    // Three clients: a is none any more.
    assert_eq!(cluster.order(), ["b", "c", "d"]);
}

#[test]
fn b29_same_dominant_shared_resources_across_clients() {
    let volume = shared_volume(900);
    let mut cluster = cluster_with_volume(900);
    cluster.add_holding("b", &with("cpus:5;mem:20", &volume));
    cluster.add_holding("c", &with("cpus:10;mem:6", &volume));
    assert_eq!(cluster.order(), ["b", "c"]);
    cluster.add_holding("a", &with("cpus:50;mem:40", &volume));
    // All 0.9 with one allocation each.
    assert_eq!(cluster.order(), ["a", "b", "c"]);
}

#[test]
fn b30_same_shared_resources_same_client() {
    let volume = shared_volume(50);
    let mut cluster = cluster_with_volume(50);
    cluster.add_holding("a", &with("cpus:2;mem:2", &volume));
    cluster.add_holding("b", &parse("cpus:6;mem:6"));
    // 0.05, 0.06
    assert_eq!(cluster.order(), ["a", "b"]);
    let before = cluster.quantities("a");
    cluster.allocated("a", agent(0), &with_copies("", &volume, 3));
    assert_eq!(cluster.order(), ["a", "b"]);
    assert_eq!(cluster.quantities("a"), before);
}

#[test]
fn b31_shared_resources_unallocated() {
    let volume = shared_volume(100);
    let copies = |copies| -> Resources { with_copies("", &volume, copies) };
    let mut cluster = cluster_with_volume(100);
    cluster.add_holding("a", &with_copies("cpus:2;mem:2", &volume, 3));
    cluster.add_holding("b", &parse("cpus:6;mem:6"));
    assert_eq!(cluster.order(), ["b", "a"]);
    cluster.released("a", agent(0), &copies(1));
    assert_eq!(cluster.order(), ["b", "a"]);
    cluster.released("a", agent(0), &copies(2));
    // 0.02, 0.06
    assert_eq!(cluster.order(), ["a", "b"]);
}
