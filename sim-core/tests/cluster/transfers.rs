//! Tasks that move bytes (`spec/network.md` 3, 6 and 7).

use crate::support::batch::options;
use crate::support::cluster::{Cluster, Done, Recorder};
use crate::support::words::{at, secs};
use policy_api::resources::Ranges;
use policy_api::{Amount, BandwidthSharing, DenseId, IdVec, PortAllocator, Shape, Shaping, Time};
use policy_isolation::caps::{Cap, CapFlags, CapHost};
use policy_isolation::latency::{Connections, Distances, Queueing, Queues, TcpDetail};
use policy_isolation::ports::{EphemeralPorts, PortPlan};
use policy_isolation::sharing::{Fairness, MaxMin, Unshared};
use sim_core::faults::Fault;
use sim_core::framework::BatchFramework;
use sim_core::network::{HostNetwork, LinkName, Network, Topology};
use sim_core::protocol::{HostId, TaskState};
use sim_core::{
    End, Heading, Observation, Remote, Streams, TaskRecord, Transfer, TransferPhase,
    TransferRecord, Transfers,
};
use std::sync::Arc;

/// A card of a gigabit a second.
pub(super) const CARD: f64 = 125e6;
pub(super) const MB: u64 = 1_000_000;

pub(super) fn host(index: usize) -> HostId {
    HostId::from_index(index)
}

pub(super) fn topology(hosts: usize, caps: Option<Cap>) -> Topology {
    let egress = caps.map(|cap| Arc::new(cap) as Arc<dyn Shaping>);
    let network = HostNetwork { card: CARD, loopback: 20e9, rack: Some(0), egress, ingress: None };
    let hosts: IdVec<HostId, HostNetwork> = (0..hosts).map(|_| network.clone()).collect();
    Topology { hosts, racks: vec![10.0 * CARD], core: None }
}

pub(super) fn read(remote: Remote, bytes: u64) -> Transfers {
    let transfer = Transfer { heading: Heading::Receive, remote, bytes, rate: None };
    Transfers { before: vec![transfer], after: Vec::new() }
}

pub(super) fn write(remote: Remote, bytes: u64) -> Transfers {
    let transfer = Transfer { heading: Heading::Send, remote, bytes, rate: None };
    Transfers { before: Vec::new(), after: vec![transfer] }
}

fn run_with(
    cluster: Cluster<BatchFramework>,
    topology: Topology,
    sharing: impl BandwidthSharing + 'static,
) -> Done<BatchFramework> {
    run_on(cluster, network(topology, sharing))
}

pub(super) fn network(topology: Topology, sharing: impl BandwidthSharing + 'static) -> Network {
    Network::new(topology, Box::new(sharing), Streams::new(7).stream("network/peers"))
}

pub(super) fn run_on(cluster: Cluster<BatchFramework>, network: Network) -> Done<BatchFramework> {
    run_to(Time::NEVER, cluster, network)
}

pub(super) fn run_to(
    horizon: Time,
    cluster: Cluster<BatchFramework>,
    network: Network,
) -> Done<BatchFramework> {
    let mut simulation = cluster.build();
    simulation.connect(network);
    simulation.check_invariants();
    let mut observer = <(Recorder, sim_core::Digest)>::default();
    let end = simulation.run(horizon, &mut observer).expect("no violation");
    let (recorder, digest) = observer;
    Done { end, digest, seen: recorder.seen, simulation }
}

pub(super) fn run(cluster: Cluster<BatchFramework>, topology: Topology) -> Done<BatchFramework> {
    run_with(cluster, topology, MaxMin::new(Fairness::PerFlow))
}

pub(super) fn cluster(agents: usize) -> Cluster<BatchFramework> {
    Cluster::new().agents(agents, "cpus:4;mem:4096").batch("a", options())
}

pub(super) fn tasks(done: &Done<BatchFramework>) -> Vec<TaskRecord> {
    let of_task = |observation: &Observation| {
        let Observation::TaskEnded(record) = observation else { return None };
        Some(*record)
    };
    done.seen.iter().filter_map(|(_, observation)| of_task(observation)).collect()
}

pub(super) fn transfers(done: &Done<BatchFramework>) -> Vec<TransferRecord> {
    let of_transfer = |observation: &Observation| {
        let Observation::TransferEnded(record) = observation else { return None };
        Some(*record)
    };
    done.seen.iter().filter_map(|(_, observation)| of_transfer(observation)).collect()
}

pub(super) fn lasted(task: &TaskRecord) -> f64 {
    task.ended.since(task.started).as_secs_f64()
}

#[track_caller]
pub(super) fn assert_close(value: f64, expected: f64) {
    assert!((value - expected).abs() <= 1e-6 * expected.max(1e-3), "{value}, not {expected}");
}

/// A task reads for as long as its bytes take, computes, and writes.
#[test]
fn a_task_reads_computes_and_writes() {
    let transfers_of_it = Transfers {
        before: read(Remote::Outside, 250 * MB).before,
        after: write(Remote::Outside, 125 * MB).after,
    };
    let cluster = cluster(1).job(0, secs(0), "cpus:1@10s").moving(transfers_of_it);
    let done = run(cluster, topology(1, None));
    assert_eq!(done.end, End::Drained);
    assert_close(lasted(&tasks(&done)[0]), 2.0 + 10.0 + 1.0);
    let moved = transfers(&done);
    assert_eq!(
        moved.iter().map(|it| it.phase).collect::<Vec<_>>(),
        [TransferPhase::Read, TransferPhase::Write]
    );
    assert_close(moved[0].received, 250e6);
    assert_close(moved[1].sent, 125e6);
    assert!(moved.iter().all(|it| it.is_complete));
    let totals = done.simulation.network().expect("a network").totals();
    assert_close(totals.received, 250e6);
    assert_eq!(totals.flows, 2);
}

/// Without a network, bytes take no time.
#[test]
fn without_a_network_bytes_take_no_time() {
    let done =
        cluster(1).job(0, secs(0), "cpus:1@10s").moving(read(Remote::Outside, 250 * MB)).run();
    assert_close(lasted(&tasks(&done)[0]), 10.0);
}

/// Two that read at once have half of the card each; the one with more to read has all of it later.
#[test]
fn tasks_on_one_host_share_its_card() {
    let both = cluster(1)
        .job(0, secs(0), "cpus:1@0s")
        .moving(read(Remote::Outside, 125 * MB))
        .job(0, secs(0), "cpus:1@0s")
        .moving(read(Remote::Outside, 250 * MB));
    let done = run(both, topology(1, None));
    let lasted: Vec<f64> = tasks(&done).iter().map(lasted).collect();
    assert_close(lasted[0], 2.0);
    assert_close(lasted[1], 3.0);
}

#[test]
fn unshared_links_know_no_contention() {
    let both = cluster(1).job(0, secs(0), "2xcpus:1@0s").moving(read(Remote::Outside, 125 * MB));
    let done = run_with(both, topology(1, None), Unshared::new());
    for task in tasks(&done) {
        assert_close(lasted(&task), 1.0);
    }
}

/// The uplink of a rack is the bottleneck between racks, and not within one.
#[test]
fn uplinks_are_between_racks() {
    let mut topology = topology(3, None);
    topology.racks = vec![CARD / 5.0; 2];
    topology.hosts[host(2)].rack = Some(1);
    let far = cluster(1).job(0, secs(0), "cpus:1@0s").moving(read(Remote::Host(host(2)), 125 * MB));
    let near =
        cluster(1).job(0, secs(0), "cpus:1@0s").moving(read(Remote::Host(host(1)), 125 * MB));
    assert_close(lasted(&tasks(&run(far, topology.clone()))[0]), 5.0);
    assert_close(lasted(&tasks(&run(near, topology))[0]), 1.0);
}

/// A shuffle reads its parts from different hosts at once.
#[test]
fn a_shuffle_reads_from_several_hosts() {
    let cluster = cluster(5).job(0, secs(0), "cpus:1@0s").moving(read(Remote::Hosts(3), 375 * MB));
    let done = run(cluster, topology(5, None));
    assert_close(lasted(&tasks(&done)[0]), 3.0);
    let network = done.simulation.network().expect("a network");
    assert_eq!(network.totals().flows, 3);
    assert!(network.loads().all(|(_, _, load)| load == 0.0), "nothing moves any more");
    let cores = network.loads().filter(|(name, ..)| matches!(name, LinkName::CoreUp));
    assert_eq!(cores.count(), 0);
}

pub(super) fn cap(flags: CapFlags) -> Cap {
    let host = CapHost { link_speed: 125_000_000, cpus: 4, default_minimum: 125_000 };
    Cap::new(&flags, &host).expect("flags that fit").expect("a limit")
}

/// `SmallEgressLimit` of `port_mapping_tests.cpp`: 20,480 bytes to the host itself, at 2,000 a second.
#[test]
fn small_egress_limit() {
    let flags = CapFlags { fixed: Some(2000), minimum: Some(0), ..CapFlags::default() };
    let cluster =
        cluster(1).job(0, secs(0), "cpus:1@0s").moving(write(Remote::Host(host(0)), 20_480));
    let done = run(cluster, topology(1, Some(cap(flags))));
    assert_close(lasted(&tasks(&done)[0]), 10.24);
    assert_close(transfers(&done)[0].throttled.as_secs_f64(), 10.24);
}

/// Without `minimum_egress_rate_limit=0` the same cap is lifted to a megabit.
#[test]
fn the_default_minimum_lifts_a_cap() {
    let flags = CapFlags { fixed: Some(2000), ..CapFlags::default() };
    let cluster = cluster(1).job(0, secs(0), "cpus:1@0s").moving(write(Remote::Outside, 125_000));
    assert_close(lasted(&tasks(&run(cluster, topology(1, Some(cap(flags)))))[0]), 1.0);
}

/// A container sends at its ceil until its bucket is empty, then at its rate.
#[test]
fn a_burst_comes_first() {
    let flags = CapFlags {
        fixed: Some(1_000_000),
        ceil: Some(3_000_000),
        burst: Some(4_000_000),
        ..CapFlags::default()
    };
    // Two seconds at 3 MB, then four at 1 MB.
    let cluster = cluster(1).job(0, secs(0), "cpus:1@0s").moving(write(Remote::Outside, 10 * MB));
    let done = run(cluster, topology(1, Some(cap(flags))));
    assert_close(lasted(&tasks(&done)[0]), 6.0);
    assert_close(transfers(&done)[0].throttled.as_secs_f64(), 4.0);
}

/// Each container has its own cap, and what it may follows its CPUs.
#[test]
fn caps_follow_cpus() {
    #[derive(Debug)]
    struct Megabyte;
    impl Shaping for Megabyte {
        fn shape(&self, cpus: Amount) -> Shape {
            let rate = 1000 * cpus.unsigned_abs();
            Shape { rate, ceil: rate, burst: None }
        }

        fn per_cpu(&self) -> Option<u64> {
            Some(1_000_000)
        }
    }
    let mut topology = topology(1, None);
    topology.hosts[host(0)].egress = Some(Arc::new(Megabyte));
    let cluster = cluster(1)
        .job(0, secs(0), "cpus:1@0s")
        .moving(write(Remote::Outside, 6 * MB))
        .job(0, secs(0), "cpus:3@0s")
        .moving(write(Remote::Outside, 6 * MB));
    let mut lasted: Vec<f64> = tasks(&run(cluster, topology)).iter().map(lasted).collect();
    lasted.sort_by(f64::total_cmp);
    assert_close(lasted[0], 2.0);
    assert_close(lasted[1], 6.0);
}

/// 6.7, number 6: a container with one connection and one with nine.
#[test]
fn unique_flows_make_containers_alike() {
    for (fairness, ends) in [(Fairness::PerFlow, [1.0, 1.0]), (Fairness::PerGroup, [0.2, 1.0])] {
        let one = write(Remote::Outside, 12_500_000);
        let nine = Transfers { before: Vec::new(), after: vec![one.after[0]; 9] };
        let cluster = cluster(1)
            .job(0, secs(0), "cpus:1@0s")
            .moving(one)
            .job(0, secs(0), "cpus:1@0s")
            .moving(nine);
        let done = run_with(cluster, topology(1, None), MaxMin::new(fairness));
        let mut lasted: Vec<f64> = tasks(&done).iter().map(lasted).collect();
        lasted.sort_by(f64::total_cmp);
        assert_close(lasted[0], ends[0]);
        assert_close(lasted[1], ends[1]);
    }
}

/// A task that dies takes its flows with it: the other one has the uplink for itself.
#[test]
fn the_flows_of_a_dead_task_end() {
    let cluster = cluster(2)
        .job(0, secs(0), "cpus:4@0s")
        .moving(read(Remote::Outside, 1250 * MB))
        .job(0, secs(0), "cpus:4@0s")
        .moving(read(Remote::Outside, 625 * MB))
        .fault(secs(2), Fault::HostReboot { host: host(0), down_for: secs(3600) });
    let mut topology = topology(2, None);
    topology.racks = vec![CARD];
    let done = run(cluster, topology);
    let [dead, other, ..] = transfers(&done)[..] else { panic!("two transfers at least") };
    assert!(!dead.is_complete && other.is_complete);
    assert_eq!((dead.host, other.host), (host(0), host(1)));
    assert_close(dead.received, 125e6);
    let finished = tasks(&done).into_iter().find(|task| task.state == TaskState::Finished);
    assert_close(lasted(&finished.expect("the other one")), 6.0);
}

/// A network whose connections begin with a handshake and a slow start.
pub(super) fn connecting(hosts: usize, queueing: Queueing, distances: Distances) -> Network {
    let mut network = network(topology(hosts, None), MaxMin::new(Fairness::PerFlow));
    let queues = Queues { hosts: queueing, switches: queueing };
    let detail = TcpDetail::SlowStart;
    network.set_connecting(Box::new(Connections { detail, distances, queues }));
    network
}

/// 6.2, level 1: half a millisecond for the handshake, and three more until 62.5 kB are under way.
#[test]
fn a_transfer_begins_with_a_connection() {
    let cluster = cluster(1).job(0, secs(0), "cpus:1@0s").moving(write(Remote::Outside, 125 * MB));
    let done = run_on(cluster, connecting(1, Queueing::FqCodel, Distances::default()));
    assert_close(lasted(&tasks(&done)[0]), 0.0005 * 4.0 + 1.0);
    assert_close(transfers(&done)[0].sent, 125e6);
}

/// 6.4: beside one that fills the card, a transfer of 20 ms waits for a packet in each round trip, or for
/// the whole buffer.
#[test]
fn fq_codel_spares_what_begins_and_a_plain_queue_does_not() {
    let fifo = Queueing::Fifo { buffer: 12.5e6 };
    // A packet takes 12.112 us at the card and 1.211 us at the uplink of the rack, which is not full.
    let cases = [(Queueing::FqCodel, 3.0 * 0.000_513_323), (fifo, 8.0 * 0.1005)];
    for (queueing, connection) in cases {
        let cluster = cluster(1)
            .job(0, secs(0), "cpus:1@0s")
            .moving(write(Remote::Outside, 1250 * MB))
            .job(0, secs(5), "cpus:1@0s")
            .moving(write(Remote::Outside, 1_250_000));
        let done = run_on(cluster, connecting(1, queueing, Distances::default()));
        assert_close(lasted(&tasks(&done)[0]), connection + 0.02);
    }
}

/// The bytes to a neighbour have moved before the connection to the outside is there.
#[test]
fn a_phase_lasts_until_its_last_connection_is_done() {
    let mut both = write(Remote::Host(host(0)), 20);
    both.after.push(Transfer { bytes: 1250, ..write(Remote::Outside, 0).after[0] });
    let cluster = cluster(1).job(0, secs(0), "cpus:1@0s").moving(both);
    let done = run_on(cluster, connecting(1, Queueing::FqCodel, Distances::default()));
    assert_close(lasted(&tasks(&done)[0]), 0.0005 + 0.000_01);
    let moved = transfers(&done);
    assert_eq!(moved.len(), 1);
    assert_close(moved[0].sent, 1270.0);
}

/// A connection to a task that has died leads to nothing.
#[test]
fn the_connections_of_a_dead_task_are_forgotten() {
    let cluster = cluster(2)
        .job(0, secs(0), "cpus:4@0s")
        .moving(read(Remote::Outside, 1000))
        .fault(secs(2), Fault::HostReboot { host: host(0), down_for: secs(3600) });
    let distances = Distances { across: secs(10), ..Distances::default() };
    let done = run_on(cluster, connecting(2, Queueing::FqCodel, distances));
    let [dead, again] = transfers(&done)[..] else { panic!("two transfers") };
    assert!(!dead.is_complete && again.is_complete);
    assert_eq!((dead.host, again.host), (host(0), host(1)));
    assert_close(dead.received, 0.0);
    assert_eq!(done.simulation.network().expect("a network").totals().flows, 1);
}

/// Two blocks of ports: the third container at once cannot be launched, a later one can.
#[test]
fn containers_fail_without_ports() {
    let plan = PortPlan {
        ephemeral: Some(Ranges::new(vec![(30_000, 30_063)])),
        others: Ranges::default(),
        host: (57_345, 61_000),
        per_container: 16,
    };
    let ports: EphemeralPorts = plan.check().expect("a plan that fits");
    let mut cluster = cluster(1).job(0, secs(0), "4xcpus:1@10s").job(0, secs(20), "cpus:1@10s");
    assert_eq!(ports.capacity(), 4);
    let mut fewer = ports.clone();
    fewer.allocate();
    fewer.allocate();
    cluster.ports = Some(fewer);
    let done = run(cluster, topology(1, None));
    let states: Vec<TaskState> = tasks(&done).iter().map(|task| task.state).collect();
    let (failed, finished) = (TaskState::Failed, TaskState::Finished);
    assert_eq!(states, [failed, failed, finished, finished, finished]);
    let agent = done.simulation.agent(host(0));
    assert_eq!(agent.port_blocks_taken(), 2, "those that were never given back");
    assert_eq!(agent.port_blocks().count(), 0);
    assert_eq!(done.simulation.now(), at(secs(30)));
    let errors = agent.metrics(done.simulation.now())["slave/container_launch_errors"];
    assert!((errors - 2.0).abs() < f64::EPSILON);
}
