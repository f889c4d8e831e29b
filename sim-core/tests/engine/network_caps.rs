//! Caps that change while bytes move (`spec/network.md` 2.4 and 3.2).

use policy_api::{Amount, DenseId, FrameworkId, Span, Time};
use policy_isolation::caps::{Cap, CapFlags, CapHost, PerCpu};
use policy_isolation::sharing::{Fairness, MaxMin};
use sim_core::agent::{NetworkOrder, Phase, TransferOrder};
use sim_core::network::{HostNetwork, Network, NetworkOutput, NetworkTimer, Topology};
use sim_core::protocol::HostId;
use sim_core::{Handle, Heading, Remote, Streams, Transfer, Transfers};
use std::cmp::Reverse;
use std::sync::Arc;

/// A megabyte a second for each CPU.
const PER_CPU: CapFlags = CapFlags {
    fixed: None,
    per_cpu: Some(PerCpu::Rate(1_000_000)),
    minimum: Some(0),
    maximum: None,
    ceil: None,
    burst: None,
};

fn network(flags: &CapFlags) -> Network {
    let host = CapHost { link_speed: 125_000_000, cpus: 4, default_minimum: 0 };
    let cap = Cap::new(flags, &host).expect("flags that fit").expect("a limit");
    let host = HostNetwork {
        card: 125e6,
        loopback: 20e9,
        rack: None,
        egress: Some(Arc::new(cap)),
        ingress: None,
    };
    let topology = Topology { hosts: std::iter::once(host).collect(), ..Topology::default() };
    let peers = Streams::new(1).stream("network/peers");
    Network::new(topology, Box::new(MaxMin::new(Fairness::PerFlow)), peers)
}

const fn secs(secs: u64) -> Span {
    Span::from_secs(secs)
}

enum Event {
    Timer(NetworkTimer),
    Cpus(Amount),
}

/// When ten million bytes have left a container that has a CPU at first, and other amounts from these times on.
fn moved(flags: &CapFlags, changes: &[(Span, Amount)]) -> Time {
    let mut network = network(flags);
    let host = HostId::from_index(0);
    let (heading, remote, bytes) = (Heading::Send, Remote::Outside, 10_000_000);
    let after = vec![Transfer { heading, remote, bytes, rate: None }];
    let container = Handle::from_parts(0, 0);
    let order = NetworkOrder::Start(TransferOrder {
        task: Handle::from_parts(0, 0),
        framework: FrameworkId::from_index(0),
        container,
        cpus: 1_000,
        ports: None,
        transfers: Arc::new(Transfers { before: Vec::new(), after }),
        phase: Phase::Writes,
    });
    let (mut now, mut out) = (Time::ZERO, Vec::new());
    network.order(now, host, &order, &mut out);
    let changes = changes.iter().map(|(time, cpus)| (Time::ZERO + *time, Event::Cpus(*cpus)));
    let mut waiting: Vec<(Time, Event)> = changes.collect();
    loop {
        for output in out.drain(..) {
            match output {
                NetworkOutput::Moved(..) => return now,
                NetworkOutput::Wake { at, timer } => waiting.push((at, Event::Timer(timer))),
                NetworkOutput::Downloaded(..) | NetworkOutput::Observe(_) => {}
            }
        }
        waiting.sort_by_key(|(at, _)| Reverse(*at));
        let (at, event) = waiting.pop().expect("it ends");
        now = at;
        match event {
            Event::Timer(timer) => network.wake(now, timer, &mut out),
            Event::Cpus(cpus) => {
                let order = NetworkOrder::Update { container, cpus };
                network.order(now, host, &order, &mut out);
            }
        }
    }
}

#[track_caller]
fn assert_moved(flags: &CapFlags, changes: &[(Span, Amount)], expected: f64) {
    let found = moved(flags, changes).since(Time::ZERO).as_secs_f64();
    assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
}

#[test]
fn what_moves_goes_on_under_the_new_cap() {
    assert_moved(&PER_CPU, &[], 10.0);
    assert_moved(&PER_CPU, &[(secs(4), 3_000)], 6.0);
    // Less than a CPU is none.
    assert_moved(&PER_CPU, &[(secs(4), 500), (secs(10), 2_000)], 13.0);
}

/// Two of four megabytes of burst are left when the rate doubles: they last for two seconds more.
#[test]
fn what_is_left_of_a_burst_stays() {
    let flags = CapFlags { ceil: Some(3_000_000), burst: Some(4_000_000), ..PER_CPU };
    assert_moved(&flags, &[], 2.0 + 4.0);
    assert_moved(&flags, &[(secs(1), 2_000)], 3.0 + 0.5);
    // Not below its rate: the ceiling is no more.
    assert_moved(&flags, &[(secs(1), 7_000)], 2.0);
}
