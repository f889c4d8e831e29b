//! Connections that use up the ports of their containers (`spec/network.md` 6.5), and senders that do not
//! adapt (6.6).

use super::transfers::{
    MB, assert_close, cap, cluster, connecting, host, lasted, network, read, run, run_on, run_to,
    tasks, topology, transfers, write,
};
use crate::support::cluster::Cluster;
use crate::support::words::{at, secs};
use policy_api::resources::Ranges;
use policy_isolation::caps::CapFlags;
use policy_isolation::latency::{Distances, Queueing};
use policy_isolation::ports::PortPlan;
use policy_isolation::sharing::{Fairness, MaxMin};
use sim_core::faults::Fault;
use sim_core::framework::BatchFramework;
use sim_core::network::ConnectOptions;
use sim_core::{Remote, Transfers};

/// Each container has a block of 16 ports.
fn with_ports(agents: usize) -> Cluster<BatchFramework> {
    let plan = PortPlan {
        ephemeral: Some(Ranges::new(vec![(30_000, 30_063)])),
        others: Ranges::default(),
        host: (57_345, 61_000),
        per_container: 16,
    };
    let mut cluster = cluster(agents);
    cluster.ports = Some(plan.check().expect("a plan that fits"));
    cluster
}

fn connections(count: usize) -> Transfers {
    let one = read(Remote::Outside, 12_500_000).before[0];
    Transfers { before: vec![one; count], after: Vec::new() }
}

/// 16 of 20 connections have their bytes after 1.6 s. The other four fail at once and each second after,
/// until ports come free a minute later.
#[test]
fn connections_without_a_port_fail_and_are_tried_again() {
    let cluster = with_ports(1).job(0, secs(0), "cpus:1@0s").moving(connections(20));
    let done = run(cluster, topology(1, None));
    // At 61.6 s ports come free, and at 62 s they are there.
    assert_close(lasted(&tasks(&done)[0]), 62.0 + 0.4);
    let record = &transfers(&done)[0];
    assert_eq!(record.failed_connects, 4 * 62);
    assert_close(record.received, 250e6);
    let totals = done.simulation.network().expect("a network").totals();
    assert_eq!((totals.flows, totals.failed_connects), (20, 4 * 62));
}

/// What is known of the connections of a container.
#[test]
fn ports_wait_after_connections() {
    let mut network = network(topology(1, None), MaxMin::new(Fairness::PerFlow));
    let options = ConnectOptions { time_wait: secs(3), connect_retry: secs(10) };
    network.set_connect_options(options);
    let cluster = with_ports(1).job(0, secs(0), "cpus:1@0s").moving(connections(20));
    let done = run_to(at(secs(2)), cluster, network);
    let (network, agent) =
        (done.simulation.network().expect("a network"), done.simulation.agent(host(0)));
    let container = agent.containers().next().expect("a container");
    let known = |time| {
        let known = network.tcp_connections(at(time), host(0), container);
        (known.active, known.time_wait)
    };
    assert_eq!(known(secs(2)), (0, 16));
    assert_eq!(known(secs(5)), (0, 0));
}

/// With other options: at 10 s ports have been free for long.
#[test]
fn connections_are_tried_again_when_the_options_say() {
    let options = ConnectOptions { time_wait: secs(3), connect_retry: secs(10) };
    let mut network = network(topology(1, None), MaxMin::new(Fairness::PerFlow));
    network.set_connect_options(options);
    let cluster = with_ports(1).job(0, secs(0), "cpus:1@0s").moving(connections(20));
    assert_close(lasted(&tasks(&run_on(cluster, network))[0]), 10.4);
}

/// Different destinations share the ports freely: none fails.
#[test]
fn ports_are_counted_by_destination() {
    let from = |other| read(Remote::Host(host(other)), 12_500_000).before[0];
    let before = [vec![from(1); 16], vec![from(2); 16]].concat();
    let cluster =
        with_ports(3).job(0, secs(0), "cpus:1@0s").moving(Transfers { before, after: Vec::new() });
    let done = run(cluster, topology(3, None));
    assert_eq!(transfers(&done)[0].failed_connects, 0);
    assert_close(lasted(&tasks(&done)[0]), 3.2);
}

/// Containers without a block have the host's ports, which are not counted.
#[test]
fn without_blocks_there_is_no_limit() {
    let cluster = cluster(1).job(0, secs(0), "cpus:1@0s").moving(connections(2000));
    assert_eq!(transfers(&run(cluster, topology(1, None)))[0].failed_connects, 0);
}

/// The connections of a task that dies while they are made, or while they wait for a port, leave nothing.
#[test]
fn connections_of_a_dead_task_give_their_ports_back() {
    let distances = Distances { across: secs(10), ..Distances::default() };
    let cluster = with_ports(2)
        .job(0, secs(0), "cpus:4@0s")
        .moving(connections(20))
        .fault(secs(2), Fault::HostReboot { host: host(0), down_for: secs(3600) });
    let done = run_on(cluster, connecting(2, Queueing::FqCodel, distances));
    let moved = transfers(&done);
    assert!(!moved[0].is_complete && moved[1].is_complete);
    assert_eq!(done.simulation.network().expect("a network").unmoved(), (0.0, 0.0));
}

/// A sender that does not adapt takes its time, and what has no room is lost.
#[test]
fn what_does_not_adapt_is_dropped() {
    let offered = |rate| {
        let mut transfers = write(Remote::Outside, 100 * MB);
        transfers.after[0].rate = Some(rate);
        cluster(1).job(0, secs(0), "cpus:1@0s").moving(transfers)
    };
    let flags = CapFlags { fixed: Some(2_500_000), ..CapFlags::default() };
    for (rate, sent) in [(10_000_000, 25e6), (2_000_000, 100e6)] {
        let done = run(offered(rate), topology(1, Some(cap(flags))));
        assert_close(lasted(&tasks(&done)[0]), 100e6 / rate as f64);
        let record = &transfers(&done)[0];
        assert_close(record.sent, sent);
        assert_close(record.sent_dropped, 100e6 - sent);
        assert!(record.is_complete && record.received_dropped == 0.0);
    }
    // Two that read faster than the card lose half.
    let mut faster = read(Remote::Outside, 250 * MB);
    faster.before[0].rate = Some(125 * MB);
    let cluster = cluster(1).job(0, secs(0), "2xcpus:1@0s").moving(faster);
    for record in transfers(&run(cluster, topology(1, None))) {
        assert_close(record.received, 125e6);
        assert_close(record.received_dropped, 125e6);
    }
}
