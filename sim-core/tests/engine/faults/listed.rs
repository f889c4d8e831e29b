//! Faults that are listed or stand in a trace, and how sources merge.

use super::{drawn, failures, host, reboot, rule, secs};
use policy_api::{DenseId, FrameworkId, Span, Time};
use sim_core::FaultKind;
use sim_core::faults::{
    Fault, FaultRule, FaultSource, FaultStream, Law, MachineChange, MachineEvent, Peer,
    ScriptedFaults, Targets, machine_faults,
};
use sim_core::network::{Latency, LinkFault};

#[test]
fn kinds_and_targets_of_all_faults() {
    let (on, framework) = (Peer::Host(host(3)), FrameworkId::from_index(4));
    let duration = secs(1);
    let extra = Latency { constant: secs(2), jitter: secs(3) };
    let partition =
        Fault::Partition { peer: on, to_master: true, from_master: false, duration, closes: true };
    let slow = Fault::SlowLink { peer: on, extra, duration };
    let lossy =
        Fault::LossyLink { peer: Peer::Framework(framework), loss: 5, duplication: 6, duration };
    let host = host(3);
    let of_framework = Some(Peer::Framework(framework));
    let all = [
        (Fault::AgentCrash { host, restart_after: None }, FaultKind::AgentCrash, Some(on)),
        (Fault::HostReboot { host, down_for: duration }, FaultKind::HostReboot, Some(on)),
        (Fault::HostReplacement { host, down_for: duration }, FaultKind::HostReplacement, Some(on)),
        (partition, FaultKind::Partition, Some(on)),
        (slow, FaultKind::SlowLink, Some(on)),
        (lossy, FaultKind::LossyLink, of_framework),
        (
            Fault::FrameworkCrash { framework, restart_after: None },
            FaultKind::FrameworkCrash,
            of_framework,
        ),
        (Fault::ExecutorFailure { host }, FaultKind::ExecutorFailure, Some(on)),
        (Fault::DiskFull { host, duration }, FaultKind::DiskFull, Some(on)),
        (Fault::MasterCrash { election: duration }, FaultKind::MasterCrash, None),
    ];
    for (fault, kind, target) in all {
        assert_eq!((fault.kind(), fault.target()), (kind, target));
        let of_link = [FaultKind::Partition, FaultKind::SlowLink, FaultKind::LossyLink];
        assert_eq!(fault.link_fault().is_some(), of_link.contains(&kind));
    }
    assert_eq!((on.number(), Peer::Framework(framework).number()), (3, 4));
    let sound = LinkFault::default();
    let blocked = LinkFault { blocked: [true, false], ..sound };
    assert_eq!(partition.link_fault(), Some((on, blocked)));
    assert_eq!(slow.link_fault(), Some((on, LinkFault { extra, ..sound })));
    let loses = LinkFault { loss: 5, duplication: 6, ..sound };
    assert_eq!(lossy.link_fault(), Some((Peer::Framework(framework), loses)));
}

#[test]
fn scripted_faults_come_by_time_and_then_as_listed() {
    let at = Time::from_secs;
    let list = [(5, 0), (1, 1), (5, 2), (1, 3), (0, 4)];
    let list = list.map(|(time, number)| (at(time), reboot(number, secs(1))));
    let order: Vec<_> = failures(ScriptedFaults::new(list.to_vec()).unwrap())
        .into_iter()
        .map(|(at, host, _)| (at, host.index()))
        .collect();
    assert_eq!(order, [(at(0), 4), (at(1), 1), (at(1), 3), (at(5), 0), (at(5), 2)]);
}

#[test]
fn bad_scripted_faults_are_all_named() {
    let peer = Peer::Host(host(0));
    let lossy = |loss, duplication| Fault::LossyLink { peer, loss, duplication, duration: secs(1) };
    let open = Fault::Partition {
        peer,
        to_master: false,
        from_master: false,
        duration: secs(1),
        closes: false,
    };
    let list = [lossy(1_000_000, 0), lossy(1_000_001, 2_000_000), open];
    let errors = ScriptedFaults::new(list.map(|fault| (Time::ZERO, fault)).to_vec()).unwrap_err();
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "[1].loss: found 1000001 of a million, expected at most all",
            "[1].duplication: found 2000000 of a million, expected at most all",
            "[2]: found neither `to_master` nor `from_master`, expected at least one",
        ]
    );
}

fn row(time: u64, number: usize, change: MachineChange) -> MachineEvent {
    MachineEvent { time: Time::from_secs(time), host: host(number), change }
}

#[test]
fn a_trace_of_machines_tells_outages() {
    use MachineChange::{Add, Remove, Update};
    let rows = [
        row(0, 0, Add),
        row(0, 1, Add),
        row(10, 0, Remove),
        row(20, 1, Remove),
        row(20, 1, Update),
        row(30, 0, Remove),
        row(35, 2, Add),
        row(40, 1, Add),
        row(60, 0, Add),
        row(60, 0, Remove),
        row(60, 1, Remove),
        row(60, 1, Add),
    ];
    let at = Time::from_secs;
    assert_eq!(
        failures(machine_faults(rows).unwrap()),
        [
            (at(10), host(0), secs(50)),
            (at(20), host(1), secs(20)),
            (at(60), host(0), Span::MAX),
            (at(60), host(1), Span::ZERO),
        ]
    );
}

#[test]
fn a_trace_that_goes_back_in_time_is_refused() {
    let rows = [5, 4, 6, 1].map(|time| row(time, 0, MachineChange::Update));
    let errors = machine_faults(rows).unwrap_err();
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "row 1: found 4s, expected at least 5s, that of the row before",
            "row 3: found 1s, expected at least 6s, that of the row before",
        ]
    );
}

#[test]
fn sources_merge_by_time_and_then_in_their_order() {
    let at = Time::from_secs;
    let script = |list: &[(u64, usize)]| {
        let faults = list.iter().map(|(time, number)| (at(*time), reboot(*number, secs(1))));
        FaultSource::Scripted(ScriptedFaults::new(faults.collect()).unwrap())
    };
    let every_ten = FaultRule {
        between: Law::Constant(secs(9)),
        repair: Law::Constant(secs(1)),
        ..rule(Targets::Hosts(vec![host(9)]))
    };
    let mut stream = FaultStream::new(vec![
        script(&[(9, 1), (20, 2)]),
        FaultSource::Drawn(drawn(&every_ten)),
        script(&[(9, 3), (9, 4), (25, 5)]),
    ]);
    let expected = [(9, 1), (9, 9), (9, 3), (9, 4), (19, 9), (20, 2), (25, 5), (29, 9), (39, 9)];
    for (time, number) in expected {
        assert_eq!(stream.peek_time(), Some(at(time)));
        let (now, fault) = stream.next().unwrap();
        assert_eq!((now, fault.target()), (at(time), Some(Peer::Host(host(number)))));
    }
    let mut empty = FaultStream::default();
    assert_eq!((empty.peek_time(), empty.next()), (None, None));
}
