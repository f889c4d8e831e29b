//! Whole clusters in which connections, encryption and the master's work take time (`spec/ssl.md`).

use crate::support::batch::options;
use crate::support::cluster::{Cluster, Recorder, Running, constant};
use crate::support::words::{millis, secs};
use policy_api::{DenseId, Span, Time};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use sim_core::faults::{Fault, Peer};
use sim_core::framework::BatchFramework;
use sim_core::protocol::HostId;
use sim_core::transport::{
    ConnectionOptions, Endpoint, Key, MessageSizes, ServiceTimes, TlsCosts, TransportOptions,
};
use sim_core::{AgentChange, Digest, Observation};
use std::collections::BTreeSet;

const FREE: ServiceTimes = ServiceTimes {
    registration: Span::ZERO,
    status_update: Span::ZERO,
    call: Span::ZERO,
    operator_call: Span::ZERO,
    message: Span::ZERO,
    entry: Span::ZERO,
};

fn connections(endpoint: Endpoint) -> TransportOptions {
    let tls = TlsCosts { name_lookup: Span::ZERO, ..TlsCosts::year_2015(Key::Rsa2048) };
    let sizes = MessageSizes::default();
    let (master, agents, frameworks) = (endpoint, endpoint, endpoint);
    let connections = ConnectionOptions { tls, sizes, master, agents, frameworks };
    TransportOptions { connections: Some(connections), service: None }
}

fn service(service: ServiceTimes) -> TransportOptions {
    TransportOptions { connections: None, service: Some(service) }
}

/// A cluster without any delay but those of this transport, and of its links.
fn cluster(agents: usize, delay: Span) -> Cluster<BatchFramework> {
    let mut cluster = Cluster::new().agents(agents, "cpus:4;mem:4096");
    // Nobody says anything twice in these runs.
    cluster.agent.registration_backoff_factor = secs(100_000);
    cluster.agent_latency = constant(delay);
    cluster.framework_latency = constant(delay);
    cluster
}

struct Ran {
    seen: Vec<(Time, Observation)>,
    digest: Digest,
    simulation: Running<BatchFramework>,
}

fn run(cluster: Cluster<BatchFramework>, transport: Option<TransportOptions>, until: Span) -> Ran {
    let mut simulation = cluster.build();
    simulation.check_invariants();
    if let Some(options) = transport {
        simulation.use_transport(options, Pcg64Mcg::seed_from_u64(1));
    }
    let mut observer = (Recorder::default(), Digest::default());
    simulation.run(Time::ZERO + until, &mut observer).expect("no violation");
    let (Recorder { seen }, digest) = observer;
    Ran { seen, digest, simulation }
}

/// A run ends with its work: here the last job comes then.
fn lasting(cluster: Cluster<BatchFramework>, until: Span) -> Cluster<BatchFramework> {
    cluster.batch("a", options()).job(0, until, "1xcpus:1;mem:32@1s")
}

/// When agents were registered, or came back, for the first time.
fn registrations(ran: &Ran, from: Time) -> Vec<Time> {
    let mut known = BTreeSet::new();
    let registered = |(at, observation): &(Time, Observation)| {
        let (Observation::AgentRegistered { agent, .. }
        | Observation::AgentChanged { agent, change: AgentChange::Reregistered }) = observation
        else {
            return None;
        };
        (*at >= from && known.insert(*agent)).then_some(*at)
    };
    ran.seen.iter().filter_map(registered).collect()
}

/// One round trip for TCP, two for TLS 1.2, 0.1 ms at the client and 1.7 ms at the server, and the first
/// message of 500 bytes is encrypted and decrypted.
#[test]
fn the_first_message_waits_for_its_connection() {
    let delay = millis(10);
    let first =
        |transport| registrations(&run(cluster(1, delay), transport, secs(1)), Time::ZERO)[0];
    assert_eq!(first(None), Time::ZERO + millis(10));
    assert_eq!(first(Some(connections(Endpoint::PLAIN))), Time::ZERO + millis(20 + 10));
    let handshake = millis(60) + Span::from_micros(1_800);
    let message = millis(10) + Span::from_nanos(2 * 5_500);
    assert_eq!(first(Some(connections(Endpoint::TLS))), Time::ZERO + handshake + message);
}

/// Whoever verifies takes longer: 80 us, and 1.7 ms for the client that shows a certificate.
#[test]
fn verification_costs_time_at_both_ends() {
    let verifying =
        Endpoint { verify_server_cert: true, require_client_cert: true, ..Endpoint::TLS };
    let first = |endpoint| {
        registrations(
            &run(cluster(1, Span::ZERO), Some(connections(endpoint)), secs(1)),
            Time::ZERO,
        )[0]
    };
    let more = Span::from_micros(80 + 1_700 + 80);
    assert_eq!(first(verifying), first(Endpoint::TLS) + more);
    let ran = run(cluster(1, Span::ZERO), Some(connections(verifying)), secs(1));
    let counters = ran.simulation.transport().expect("a transport").counters;
    // Both ends show a certificate to the other.
    assert_eq!(counters.handshake_bytes, counters.handshakes * (556 + 2 * (1_536 + 256)));
    assert_eq!(counters.master.verification, Span::from_micros(80) * counters.handshakes);
    // Everything that the one encrypts the other decrypts.
    assert_eq!(counters.master.records, counters.agents.records);
    assert_eq!(counters.master.bytes, counters.agents.bytes);
}

/// A message that follows over the same connection pays for its records only.
#[test]
fn a_connection_is_opened_once_for_each_direction() {
    let cluster =
        cluster(1, Span::ZERO).batch("a", options()).job(0, secs(1), "3xcpus:1;mem:32@1s");
    let ran = run(cluster, Some(connections(Endpoint::TLS)), secs(60));
    let counters = ran.simulation.transport().expect("a transport").counters;
    // Master and agent, master and framework, both ways.
    assert_eq!((counters.connections, counters.handshakes, counters.refused), (4, 4, 0));
    // The master accepts two connections and asks for two.
    assert_eq!(counters.master.handshakes, Span::from_micros(2 * 1_700 + 2 * 100));
    assert_eq!(counters.agents.handshakes, Span::from_micros(1_700 + 100));
    assert_eq!(counters.agents.handshakes, counters.frameworks.handshakes);
    // A hello, a certificate and what its key has done.
    assert_eq!(counters.handshake_bytes, 4 * (556 + 1_536 + 256));
    assert_eq!(counters.overhead_bytes % 50, 0);
    assert!(counters.overhead_bytes / 50 > 20, "{counters:?}");
}

/// The master does one thing after the other: a hundred registrations of 1 ms each.
#[test]
fn the_master_has_a_queue() {
    let times = ServiceTimes { registration: millis(1), ..FREE };
    let ran = run(cluster(100, Span::ZERO), Some(service(times)), secs(10));
    let expected: Vec<Time> = (1..=100).map(|number| Time::ZERO + millis(number)).collect();
    assert_eq!(registrations(&ran, Time::ZERO), expected);
    let report = ran.simulation.transport().expect("a transport");
    assert_eq!(report.master.longest_wait(), millis(99));
    assert_eq!(report.master.busy(), millis(100));
}

/// What costs nothing changes nothing.
#[test]
fn a_master_that_takes_no_time_is_the_same_master() {
    let cluster =
        || cluster(5, millis(3)).batch("a", options()).job(0, secs(1), "40xcpus:1;mem:32@7s");
    let without = run(cluster(), None, secs(600));
    let with = run(cluster(), Some(service(FREE)), secs(600));
    assert_eq!(format!("{:?}", without.seen), format!("{:?}", with.seen));
    assert_eq!(without.digest, with.digest);
}

/// `spec/ssl.md` 4.5: after a failover each agent asks for a connection, and the one event loop of the
/// master does a private operation for each; then it connects back.
#[test]
fn a_failover_takes_a_handshake_for_each_agent() {
    let crash = Fault::MasterCrash { election: secs(10) };
    let last = |transport| {
        let mut cluster = lasting(cluster(200, millis(1)).fault(secs(100), crash), secs(200));
        cluster.agent.registration_backoff_factor = millis(10);
        let ran = run(cluster, Some(transport), secs(300));
        let back = registrations(&ran, Time::ZERO + secs(100));
        assert_eq!(back.len(), 200);
        back[199].since(Time::ZERO + secs(110))
    };
    let plain = last(connections(Endpoint::PLAIN));
    assert!(plain < millis(14), "{plain}");
    let encrypted = last(connections(Endpoint::TLS));
    let operations = Span::from_micros(1_700) * 200;
    assert!(encrypted >= operations && encrypted < operations + millis(60), "{encrypted}");
}

/// An agent that restarts with a certificate that nobody trusts cannot reach the master until it has
/// another one.
#[test]
fn a_bad_certificate_keeps_an_agent_out() {
    let host = HostId::from_index(0);
    let bad = Fault::BadCertificate { of: Some(Peer::Host(host)), duration: secs(100) };
    let crash = Fault::AgentCrash { host, restart_after: Some(secs(1)) };
    let back = |endpoint: Endpoint| {
        let cluster = cluster(1, millis(1)).fault(secs(50), bad).fault(secs(60), crash);
        let mut cluster = lasting(cluster, secs(300));
        cluster.agent.registration_backoff_factor = secs(1);
        let ran = run(cluster, Some(connections(endpoint)), secs(400));
        let refused = ran.simulation.transport().expect("a transport").counters.refused;
        (registrations(&ran, Time::ZERO + secs(60)), refused)
    };
    let trusting = Endpoint::TLS;
    let (at, refused) = back(trusting);
    assert!(at[0] < Time::ZERO + secs(70) && refused == 0, "{at:?}");
    let requiring = Endpoint { require_client_cert: true, ..Endpoint::TLS };
    let (at, refused) = back(requiring);
    assert!(at[0] > Time::ZERO + secs(150) && refused > 1, "{at:?} {refused}");
    // With downgrading at both ends it comes back at once, and plain.
    let downgrading = Endpoint { support_downgrade: true, ..requiring };
    let (at, refused) = back(downgrading);
    assert!(at[0] < Time::ZERO + secs(70) && refused == 0, "{at:?}");
}
