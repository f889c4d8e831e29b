//! Faults: scripted, drawn and from a trace, merged by time.

mod drawn;
mod listed;

use policy_api::{DenseId, Span, Time};
use sim_core::Streams;
use sim_core::faults::{DrawnFaults, Fault, FaultRule, Law, Rhythm, Targets};
use sim_core::protocol::HostId;

fn host(number: usize) -> HostId {
    HostId::from_index(number)
}

fn hosts(count: usize) -> Vec<HostId> {
    (0..count).map(host).collect()
}

const fn secs(secs: u64) -> Span {
    Span::from_secs(secs)
}

fn reboot(number: usize, down_for: Span) -> Fault {
    Fault::HostReboot { host: host(number), down_for }
}

/// Hosts that go down one by one every 1,000 s on average, for 10 s.
fn rule(targets: Targets) -> FaultRule {
    FaultRule {
        name: "reboots".into(),
        template: reboot(0, Span::ZERO),
        between: Law::Exponential { mean: secs(1_000) },
        repair: Law::Constant(secs(10)),
        targets,
        rhythm: Rhythm::PerTarget,
    }
}

fn drawn(rule: &FaultRule) -> DrawnFaults {
    DrawnFaults::new(rule, &Streams::new(1)).expect("a rule that makes sense")
}

/// When which host fails and for how long.
fn failures(faults: impl Iterator<Item = (Time, Fault)>) -> Vec<(Time, HostId, Span)> {
    let failure = |(at, fault)| {
        let Fault::HostReboot { host, down_for } = fault else { panic!("{fault:?}") };
        (at, host, down_for)
    };
    faults.map(failure).collect()
}
