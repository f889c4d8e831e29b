//! What clients hold, agent by agent: B18 to B23, B25 and B27.

use super::clients::{Clients, both, quantities};
use super::cluster::{
    Cluster, agent, both_kinds, into_nothing, parse, revocable_cpus, volume, with,
};
use policy_allocators::{DrfSorter, RandomSorter, SorterKind};
use policy_api::{ClientSlot, Conversion, Operation, Quantities, Resources, Sorter};
use rand_pcg::Pcg64Mcg;

/// Makes a volume of 5 MB out of free disk.
fn create_volume() -> Vec<Conversion> {
    let created = Operation::Create(std::iter::once(volume(None, 5)).collect());
    created.conversions().expect("volumes can be created")
}

#[test]
fn b18_split_resource_shares() {
    let mut cluster = Cluster::of(&parse("cpus:100;mem:100;disk:100"));
    cluster.add_holding("a", &parse("cpus:9;mem:9;disk:9"));
    let mut two_volumes = with("cpus:9;mem:9", &volume(None, 5));
    two_volumes.add_resource(volume(None, 5));
    cluster.add_holding("b", &two_volumes);
    assert_eq!(cluster.quantities("b"), quantities("cpus:9;disk:10;mem:9"));
    assert_eq!(cluster.order(), ["a", "b"]);
}

fn update_allocation(sorter: SorterKind, clients: [&str; 2]) -> Cluster {
    let mut cluster = Cluster::new(sorter);
    let total = parse("cpus:10;mem:10;disk:10");
    let agent = cluster.add_agent(&total);
    for client in clients {
        cluster.add(client);
    }
    cluster.allocated(clients[0], agent, &total);
    cluster.converted(clients[0], agent, &total, &create_volume());
    let new = with("cpus:10;mem:10;disk:5", &volume(None, 5));
    assert_eq!(cluster.held(clients[0]), [(agent, new)]);
    assert_eq!(cluster.quantities(clients[0]), quantities("cpus:10;disk:10;mem:10"));
    assert_eq!(cluster.all_quantities(), quantities("cpus:10;disk:10;mem:10"));
    cluster
}

#[test]
fn b19_update_allocation() {
    for sorter in both_kinds() {
        let mut cluster = update_allocation(sorter, ["a", "b"]);
        let all = parse("cpus:10;mem:10;disk:10");
        let second = cluster.add_agent(&all);
        cluster.add("c");
        cluster.allocated("c", second, &all);
        assert_eq!(cluster.held("c"), [(second, all.clone())]);
        cluster.converted("c", second, &all, &into_nothing(&all));
        assert_eq!(cluster.held("c"), []);
        assert_eq!(cluster.quantities("c"), Quantities::ZERO);
    }
}

/// A framework that holds nothing any more, and is no longer subscribed, leaves its role.
#[test]
fn allocation_converted_into_nothing_keeps_no_role() {
    let all = parse("cpus:10;mem:10;disk:10");
    let mut cluster = Cluster::of(&all);
    cluster.add_holding("a", &all);
    cluster.converted("a", agent(0), &all, &into_nothing(&all));
    assert_eq!(cluster.order(), ["a"]);
    cluster.unsubscribe("a");
    assert_eq!(cluster.order(), [""; 0]);
}

#[test]
fn b20_update_allocation_nested_client() {
    for sorter in both_kinds() {
        update_allocation(sorter, ["a/x", "b/y"]);
    }
}

/// The sorters themselves, whose clients can be inactive.
fn allocate_to_inactive_client<S: Sorter<u32>>(sorter: S, held: fn(&S, ClientSlot) -> Quantities) {
    let mut sorter = Clients::new(sorter);
    sorter.set_total("cpus:10;mem:10");
    sorter.add("a");
    sorter.add("b");
    sorter.deactivate("a");
    sorter.allocated("a", both(2));
    sorter.allocated("b", both(3));
    assert_eq!(sorter.order(), ["b"]);
    assert_eq!(held(&sorter.sorter, sorter.slot("a")), both(2));
    assert_eq!(held(&sorter.sorter, sorter.slot("b")), both(3));
}

#[test]
fn b21_allocation_for_inactive_client() {
    allocate_to_inactive_client(DrfSorter::new(), |sorter, slot| *sorter.held_by(slot));
    let random = RandomSorter::new(Pcg64Mcg::new(0));
    allocate_to_inactive_client(random, |sorter, slot| *sorter.held_by(slot));

    for sorter in both_kinds() {
        let mut cluster = Cluster::new(sorter);
        let agent = cluster.add_agent(&parse("cpus:10;mem:10"));
        cluster.add_inactive("a");
        cluster.add("b");
        cluster.allocated("a", agent, &both(2).into());
        cluster.allocated("b", agent, &both(3).into());
        assert_eq!(cluster.quantities("a"), both(2));
        assert_eq!(cluster.quantities("b"), both(3));
        assert_eq!(cluster.all_quantities(), both(5));
        assert_eq!(cluster.held("a"), [(agent, both(2).into())]);
        assert_eq!(cluster.held("b"), [(agent, both(3).into())]);
        assert!(!cluster.wants_offers("a") && cluster.wants_offers("b"));
    }
}

/// Two agents, both fully allocated to one client.
fn allocate_two_agents(sorter: SorterKind, total: &Resources) -> Cluster {
    let mut cluster = Cluster::new(sorter);
    cluster.add("framework");
    for _ in 0..2 {
        let agent = cluster.add_agent(total);
        cluster.allocated("framework", agent, total);
    }
    cluster
}

#[test]
fn b22_multiple_agents() {
    let total = parse("cpus:2;mem:512;ports:[31000-32000]");
    for sorter in both_kinds() {
        let cluster = allocate_two_agents(sorter, &total);
        let held = cluster.held("framework");
        assert_eq!(held, [(agent(0), total.clone()), (agent(1), total.clone())]);
        assert_eq!(cluster.quantities("framework"), quantities("cpus:4;mem:1024"));
    }
}

#[test]
fn b23_multiple_agents_update_allocation() {
    let total = parse("cpus:2;mem:512;disk:10;ports:[31000-32000]");
    for sorter in both_kinds() {
        let mut cluster = allocate_two_agents(sorter, &total);
        for index in 0..2 {
            cluster.converted("framework", agent(index), &total, &create_volume());
        }
        let new = with("cpus:2;mem:512;disk:5;ports:[31000-32000]", &volume(None, 5));
        let held = cluster.held("framework");
        assert_eq!(held, [(agent(0), new.clone()), (agent(1), new)]);
        assert_eq!(cluster.quantities("framework"), quantities("cpus:4;disk:20;mem:1024"));
    }
}

#[test]
fn b25_multiple_agents_update_total() {
    let mut cluster = Cluster::of(&parse("cpus:5;mem:50"));
    let second = cluster.add_agent(&parse("cpus:5;mem:50"));
    cluster.add_holding("a", &parse("cpus:2;mem:1"));
    cluster.add("b");
    cluster.allocated("b", second, &parse("cpus:1;mem:3"));
    assert_eq!(cluster.order(), ["b", "a"]);
    cluster.set_total(agent(0), &parse("cpus:95;mem:50"));
    // 0.02, 0.03
    assert_eq!(cluster.order(), ["a", "b"]);
}

#[test]
fn b27_revocable_resources() {
    let mut cluster = Cluster::of(&with("cpus:10;mem:100", &revocable_cpus(10)));
    let of_a = parse("cpus:2;mem:1");
    let of_b = with("cpus:1;mem:1", &revocable_cpus(9));
    cluster.add_holding("a", &of_a);
    cluster.add_holding("b", &of_b);
    assert_eq!(cluster.held("a"), [(agent(0), of_a)]);
    assert_eq!(cluster.held("b"), [(agent(0), of_b)]);
    // 0.1, 0.5
    assert_eq!(cluster.order(), ["a", "b"]);
}
