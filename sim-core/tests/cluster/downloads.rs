//! Files that come over the network (`spec/fetcher.md` 7 and 9): a fetcher's downloads are flows of its host.

use crate::support::batch::options;
use crate::support::cluster::{Cluster, Done, Recorder};
use crate::support::words::{at, millis, secs};
use policy_api::{IdVec, Span, Time};
use policy_isolation::caps::{Cap, CapFlags, CapHost};
use policy_isolation::sharing::{Fairness, MaxMin};
use sim_core::agent::fetcher::{FetchRecord, FetchTls, FetcherOptions};
use sim_core::faults::Fault;
use sim_core::framework::BatchFramework;
use sim_core::network::{HostNetwork, Network, Topology};
use sim_core::protocol::HostId;
use sim_core::transport::{Key, TlsCosts};
use sim_core::{
    Heading, Observation, Remote, Streams, Transfer, TransferPhase, TransferRecord, Transfers,
};
use std::sync::Arc;

/// A card of 100 MB a second.
const CARD: f64 = 100e6;

/// Only downloads take time.
const FETCHER: FetcherOptions = FetcherOptions {
    probe_time: Span::ZERO,
    worker_start: Span::ZERO,
    disk_rate: u64::MAX,
    extract_rate: u64::MAX,
    ..FetcherOptions::DEFAULT
};

fn cluster(agents: usize, fetcher: FetcherOptions) -> Cluster<BatchFramework> {
    let mut cluster = Cluster::new().agents(agents, "cpus:4;mem:4096").batch("a", options());
    cluster.agent.fetcher = fetcher;
    cluster.agent.executor_registration_timeout = secs(60);
    cluster
}

/// One rack with this uplink; containers may receive a megabyte a second.
fn network(hosts: usize, uplink: f64) -> Network {
    let flags = CapFlags { fixed: Some(1_000_000), ..CapFlags::default() };
    let host = CapHost { link_speed: 100_000_000, cpus: 4, default_minimum: 0 };
    let cap = Cap::new(&flags, &host).expect("a cap").expect("a cap");
    let ingress = Some(Arc::new(cap) as _);
    let host = HostNetwork { card: CARD, loopback: 20e9, rack: Some(0), egress: None, ingress };
    let hosts: IdVec<HostId, HostNetwork> = (0..hosts).map(|_| host.clone()).collect();
    let topology = Topology { hosts, racks: vec![uplink], core: None };
    let sharing = Box::new(MaxMin::new(Fairness::PerFlow));
    Network::new(topology, sharing, Streams::new(7).stream("network/peers"))
}

fn run(cluster: Cluster<BatchFramework>, network: Network) -> Done<BatchFramework> {
    let mut simulation = cluster.build();
    simulation.connect(network);
    simulation.check_invariants();
    let mut observer = <(Recorder, sim_core::Digest)>::default();
    let end = simulation.run(Time::NEVER, &mut observer).expect("no violation");
    let (recorder, digest) = observer;
    Done { end, digest, seen: recorder.seen, simulation }
}

fn fetches(done: &Done<BatchFramework>) -> Vec<FetchRecord> {
    let of_fetch = |observation: &Observation| {
        let Observation::Fetched { record, .. } = observation else { return None };
        Some(*record)
    };
    done.seen.iter().filter_map(|(_, observation)| of_fetch(observation)).collect()
}

fn downloads(done: &Done<BatchFramework>) -> Vec<TransferRecord> {
    let of_transfer = |observation: &Observation| {
        let Observation::TransferEnded(record) = observation else { return None };
        (record.phase == TransferPhase::Fetch).then_some(*record)
    };
    done.seen.iter().filter_map(|(_, observation)| of_transfer(observation)).collect()
}

fn lasted(done: &Done<BatchFramework>) -> Vec<f64> {
    fetches(done).iter().map(|it| it.ended.since(it.asked).as_secs_f64()).collect()
}

#[track_caller]
fn assert_close(value: f64, expected: f64) {
    assert!((value - expected).abs() <= 1e-6 * expected.max(1e-3), "{value}, not {expected}");
}

/// The agent fetches, not the container: the container's cap does not hold. Nor does the rate of the link
/// that an agent has where there is no network.
#[test]
fn a_download_has_the_whole_card() {
    let slow_link = FetcherOptions { download_rate: 1, ..FETCHER };
    let cluster = cluster(1, slow_link)
        .job(0, secs(0), "cpus:1@1s")
        .needing(&["uri=http://host/file@200000000"]);
    let done = run(cluster, network(1, 10.0 * CARD));
    assert_close(lasted(&done)[0], 2.0);
    let downloads = downloads(&done);
    assert_eq!(downloads.len(), 1);
    assert!(downloads[0].is_complete);
    assert_close(downloads[0].received, 200e6);
}

/// Two hosts of one rack fetch at once over an uplink that is as fast as one card.
#[test]
fn downloads_share_the_uplink_of_their_rack() {
    let cluster = cluster(2, FETCHER)
        .job(0, secs(0), "2xcpus:4@1s")
        .needing(&["uri=http://host/file@100000000"]);
    let done = run(cluster, network(2, CARD));
    let lasted = lasted(&done);
    assert_close(lasted[0], 2.0);
    assert_close(lasted[1], 2.0);
}

/// A task that reads from outside has its megabyte a second, and the download the rest of the card.
#[test]
fn a_download_shares_the_card_with_tasks() {
    let transfer = Transfer {
        heading: Heading::Receive,
        remote: Remote::Outside,
        bytes: 50_000_000,
        rate: None,
    };
    let cluster = cluster(1, FETCHER)
        .job(0, secs(0), "cpus:1@0s")
        .moving(Transfers { before: vec![transfer], after: Vec::new() })
        .job(0, secs(10), "cpus:1@0s")
        .needing(&["uri=http://host/file@198000000"]);
    let done = run(cluster, network(1, 10.0 * CARD));
    assert_close(lasted(&done)[0], 2.0);
}

/// What came over the network is what was downloaded, and the records of its encryption.
#[test]
fn bytes_are_conserved() {
    let costs = TlsCosts::year_2015(Key::Rsa2048);
    let mut cluster = cluster(2, FETCHER)
        .job(0, secs(0), "6xcpus:1@1s")
        .needing(&["uri=https://host/a@70000000,cache", "uri=http://host/b@30000000"]);
    cluster.fetch_tls = Some(FetchTls { costs, round_trip: millis(1) });
    let done = run(cluster, network(2, CARD));
    let fetches = fetches(&done);
    assert_eq!(fetches.len(), 6);
    let downloaded: u64 = fetches.iter().map(|it| it.downloaded).sum();
    let records: u64 = fetches.iter().map(|it| it.tls.record_bytes).sum();
    assert!(records > 0);
    let bytes = (downloaded + records) as f64;
    assert_close(done.simulation.network().expect("a network").totals().received, bytes);
    assert_close(downloads(&done).iter().map(|it| it.received).sum(), bytes);
}

/// A container whose patience is over gets nothing more, and another download has the card for itself.
#[test]
fn a_fetch_that_is_cancelled_ends_its_flow() {
    let mut cluster = cluster(1, FETCHER)
        .job(0, secs(0), "cpus:1@1s")
        .needing(&["uri=http://host/large@100000000000"])
        .job(0, secs(9), "cpus:1@1s")
        .needing(&["uri=http://host/small@150000000"]);
    cluster.agent.executor_registration_timeout = secs(10);
    let done = run(cluster, network(1, 10.0 * CARD));
    let fetches = fetches(&done);
    assert_eq!((fetches[0].succeeded, fetches[0].downloaded), (false, 0));
    // A second with half of the card, and one with all of it.
    assert_close(lasted(&done)[1], 2.0);
    let downloads = downloads(&done);
    assert!(!downloads[0].is_complete && downloads[1].is_complete);
    assert_close(downloads[0].received, 900e6 + 50e6);
}

/// The downloads of an agent end with its process.
#[test]
fn a_crash_of_the_agent_ends_its_downloads() {
    let host = policy_api::DenseId::from_index(0);
    let crash = Fault::AgentCrash { host, restart_after: Some(secs(1)) };
    let cluster = cluster(1, FETCHER)
        .job(0, secs(0), "cpus:1@1s")
        .needing(&["uri=http://host/file@1000000000"])
        .fault(secs(5), crash);
    let done = run(cluster, network(1, 10.0 * CARD));
    let downloads = downloads(&done);
    assert!(!downloads[0].is_complete);
    assert!((400e6..=500e6).contains(&downloads[0].received), "{}", downloads[0].received);
    let ended = |seen: &&(Time, Observation)| matches!(seen.1, Observation::TransferEnded(_));
    assert_eq!(done.seen.iter().find(ended).map(|(time, _)| *time), Some(at(secs(5))));
}
