//! Transfers whose other end goes away (`network::Reach`): a host without power serves nothing, and a
//! partition stops what crosses it.

use super::transfers::{
    CARD, MB, assert_close, cluster, connecting, host, lasted, network, read, run, run_on, run_to,
    tasks, topology, transfers, write,
};
use crate::support::words::{at, secs};
use policy_isolation::latency::{Distances, Queueing};
use policy_isolation::sharing::{Fairness, MaxMin};
use sim_core::faults::{Fault, Peer};
use sim_core::{End, Remote};

fn off(index: usize, down_for: u64) -> Fault {
    Fault::HostReboot { host: host(index), down_for: secs(down_for) }
}

fn partition(index: usize, duration: u64) -> Fault {
    let (peer, duration) = (Peer::Host(host(index)), secs(duration));
    Fault::Partition { peer, to_master: true, from_master: true, duration, closes: false }
}

/// Ten seconds of reading from host 1, which is off for twenty after four of them.
#[test]
fn a_host_that_is_off_serves_no_reads() {
    let cluster = cluster(2)
        .job(0, secs(0), "cpus:1@0s")
        .moving(read(Remote::Host(host(1)), 1250 * MB))
        .fault(secs(4), off(1, 20));
    let done = run(cluster, topology(2, None));
    assert_close(lasted(&tasks(&done)[0]), 30.0);
    assert_close(transfers(&done)[0].received, 1250e6);
    let totals = done.simulation.network().expect("a network").totals();
    assert_eq!((totals.flows, totals.interrupted), (2, 1));
}

/// What any host has is read on from another one, from where it broke off.
#[test]
fn a_reader_goes_on_with_another_holder() {
    for gone in [1, 2] {
        let cluster = cluster(3)
            .job(0, secs(0), "cpus:1@0s")
            .moving(read(Remote::Hosts(1), 1250 * MB))
            .fault(secs(4), off(gone, 3600));
        let done = run(cluster, topology(3, None));
        assert_close(lasted(&tasks(&done)[0]), 10.0);
        assert_close(transfers(&done)[0].received, 1250e6);
        assert_eq!(done.simulation.now(), at(secs(10)));
    }
}

/// One that is off already when the reading begins is not asked.
#[test]
fn a_reader_begins_with_a_holder_that_is_there() {
    let cluster = cluster(2)
        .job(0, secs(0), "cpus:1@10s")
        .moving(write(Remote::Hosts(1), 125 * MB))
        .fault(secs(4), off(1, 16));
    let done = run(cluster, topology(2, None));
    assert_close(lasted(&tasks(&done)[0]), 21.0);
    assert_eq!(done.simulation.network().expect("a network").totals().interrupted, 0);
}

/// A partition stops what crosses it, also what any host has, and not what stays on a host.
#[test]
fn a_partition_stops_flows_across_it() {
    let cluster = |cut| {
        cluster(2)
            .job(0, secs(0), "cpus:1@0s")
            .moving(read(Remote::Hosts(1), 1250 * MB))
            .job(0, secs(0), "cpus:1@0s")
            .moving(write(Remote::Host(host(0)), 200_000 * MB))
            .fault(secs(4), partition(cut, 20))
    };
    let done = run(cluster(1), topology(2, None));
    assert_eq!(done.end, End::Drained);
    let mut lasted: Vec<f64> = tasks(&done).iter().map(lasted).collect();
    lasted.sort_by(f64::total_cmp);
    assert_close(lasted[0], 10.0);
    assert_close(lasted[1], 30.0);
    // The same where it is the reader that is cut off.
    let network = network(topology(2, None), MaxMin::new(Fairness::PerFlow));
    let done = run_to(at(secs(20)), cluster(0), network);
    let totals = done.simulation.network().expect("a network").totals();
    assert_eq!(totals.interrupted, 1);
    assert_close(totals.received, 500e6);
    assert_close(totals.sent, 200e9);
}

/// A connection whose other end goes before it is made is made anew: a handshake, and three more round trips
/// until all is under way.
#[test]
fn a_connection_to_a_host_that_is_off_is_made_later() {
    let distances = Distances { same_rack: secs(1), ..Distances::default() };
    let cluster = cluster(2)
        .job(0, secs(0), "cpus:1@0s")
        .moving(read(Remote::Host(host(1)), 100_000))
        .fault(secs(2), off(1, 20));
    let done = run_on(cluster, connecting(2, Queueing::FqCodel, distances));
    assert_close(lasted(&tasks(&done)[0]), 22.0 + 4.0 + 100_000.0 / CARD);
    let totals = done.simulation.network().expect("a network").totals();
    assert_eq!((totals.flows, totals.interrupted), (1, 0));
}

/// A task that is killed while it waits leaves nothing behind.
#[test]
fn a_task_that_waits_for_a_host_can_end() {
    let cluster = cluster(2)
        .job(0, secs(0), "cpus:1@0s")
        .moving(read(Remote::Host(host(1)), 1250 * MB))
        .fault(secs(2), off(1, 3600))
        .fault(secs(4), Fault::ExecutorFailure { host: host(0) });
    let network = network(topology(2, None), MaxMin::new(Fairness::PerFlow));
    let done = run_to(at(secs(60)), cluster, network);
    let network = done.simulation.network().expect("a network");
    let first = &transfers(&done)[0];
    assert!(!first.is_complete);
    assert_close(first.received, 250e6);
    assert_close(network.totals().abandoned, 1000e6);
    assert_eq!(network.unmoved(), (0.0, 0.0));
    assert_eq!(network.moving().count(), 0);
}
