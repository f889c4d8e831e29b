//! Draws what happens to a cluster from outside: faults, and calls of operators. All of it is over when
//! the quiet end begins.

use super::generate::{Dice, principal};
use super::plan::{PRINCIPAL, Plan, ROLES};
use policy_api::resources::{DiskInfo, Persistence, Reservation, Volume};
use policy_api::{
    AgentId, DenseId, FrameworkId, NamedLimits, NamedQuantities, Operation, Quantities, Resource,
    Resources, Scalar, Span, Time, Unavailability,
};
use sim_core::Streams;
use sim_core::faults::{
    DrawnFaults, Fault, FaultRule, FaultSource, FaultStream, Law, Peer, Rhythm, Targets,
};
use sim_core::network::Latency;
use sim_core::protocol::{
    DrainConfig, HostId, MachineId, MaintenanceWindow, OperatorCall, QuotaRequest,
};
use std::sync::Arc;

/// At most so many faults strike in one run.
const MOST_FAULTS: usize = 60;

pub(crate) fn add_faults(plan: &mut Plan, dice: &mut Dice) {
    if dice.percent(20) {
        return;
    }
    for _ in 0..dice.between(0, 15) {
        let at = dice.time(plan.quiet_from);
        let fault = fault(plan, dice);
        plan.faults.push((at, fault));
    }
    if dice.percent(40) {
        plan.faults.extend(drawn(plan, dice));
    }
    plan.faults.sort_by_key(|(at, _)| *at);
    let quiet_from = plan.quiet_from;
    for (at, fault) in &mut plan.faults {
        *fault = shortened(fault, quiet_from.since(*at));
    }
}

fn fault(plan: &Plan, dice: &mut Dice) -> Fault {
    let host = HostId::from_index(dice.index(plan.agents.len()));
    let framework = FrameworkId::from_index(dice.index(plan.frameworks.len()));
    let peer = if dice.percent(60) { Peer::Host(host) } else { Peer::Framework(framework) };
    let duration = dice.millis(0, 40_000);
    match dice.between(0, 10) {
        0 => Fault::AgentCrash { host, restart_after: dice.percent(90).then_some(duration) },
        1 => Fault::HostReboot { host, down_for: duration },
        2 => Fault::HostReplacement { host, down_for: duration },
        3 | 4 => {
            let (to_master, from_master) = dice.one(&[(true, true), (true, false), (false, true)]);
            Fault::Partition { peer, to_master, from_master, duration, closes: dice.percent(30) }
        }
        5 => {
            let extra = Latency { constant: dice.millis(0, 500), jitter: dice.millis(0, 2_000) };
            Fault::SlowLink { peer, extra, duration }
        }
        6 => {
            let loss = if dice.percent(70) { 100_000 } else { 0 };
            let duplication = if dice.percent(50) { 100_000 } else { 0 };
            Fault::LossyLink { peer, loss, duplication, duration }
        }
        7 => {
            let restart_after = dice.percent(90).then_some(duration);
            Fault::FrameworkCrash { framework, restart_after }
        }
        8 => Fault::ExecutorFailure { host },
        9 => Fault::DiskFull { host, duration },
        _ => Fault::MasterCrash { election: dice.millis(0, 15_000) },
    }
}

/// As scenarios have them drawn, up to the quiet end.
fn drawn(plan: &Plan, dice: &mut Dice) -> Vec<(Time, Fault)> {
    let mean = Span::from_nanos(plan.quiet_from.as_nanos() / dice.between(2, 8));
    let hosts: Vec<HostId> = (0..plan.agents.len()).map(HostId::from_index).collect();
    let targets = match dice.between(0, 2) {
        0 => Targets::Hosts(hosts),
        1 => {
            let groups = hosts.chunks(3).map(<[HostId]>::to_vec).collect();
            Targets::Domains { groups, probability: 700_000, spread: dice.millis(0, 2_000) }
        }
        _ => Targets::Template,
    };
    let rule = FaultRule {
        name: "swarm".into(),
        template: fault(plan, dice),
        between: Law::Exponential { mean },
        repair: Law::LogNormal { median: dice.millis(100, 20_000), sigma: 1.0 },
        targets,
        rhythm: dice.one(&[Rhythm::PerTarget, Rhythm::ClusterWide]),
    };
    // A rule for hosts cannot strike a framework or the master.
    let Ok(faults) = DrawnFaults::new(&rule, &Streams::new(plan.seed)) else { return Vec::new() };
    let stream = FaultStream::new(vec![FaultSource::Drawn(faults)]);
    stream.take_while(|(at, _)| *at < plan.quiet_from).take(MOST_FAULTS).collect()
}

/// Over before the quiet end. What never ends, an agent or a framework that stays away, stays so.
pub(crate) fn shortened(fault: &Fault, most: Span) -> Fault {
    let mut fault = *fault;
    match &mut fault {
        Fault::AgentCrash { restart_after: Some(duration), .. }
        | Fault::FrameworkCrash { restart_after: Some(duration), .. }
        | Fault::HostReboot { down_for: duration, .. }
        | Fault::HostReplacement { down_for: duration, .. }
        | Fault::Partition { duration, .. }
        | Fault::SlowLink { duration, .. }
        | Fault::LossyLink { duration, .. }
        | Fault::DiskFull { duration, .. }
        | Fault::BadCertificate { duration, .. }
        | Fault::MasterCrash { election: duration } => *duration = (*duration).min(most),
        Fault::AgentCrash { restart_after: None, .. }
        | Fault::FrameworkCrash { restart_after: None, .. }
        | Fault::ExecutorFailure { .. } => {}
    }
    fault
}

pub(crate) fn add_calls(plan: &mut Plan, dice: &mut Dice) {
    if dice.percent(30) {
        return;
    }
    for _ in 0..dice.between(1, 12) {
        let at = dice.time(plan.quiet_from);
        let call = call(plan, dice, at);
        plan.calls.push((at, call));
    }
    plan.calls.sort_by_key(|(at, _)| *at);
}

fn call(plan: &Plan, dice: &mut Dice, now: Time) -> OperatorCall {
    let agent = AgentId::from_index(dice.index(plan.agents.len()));
    let machines = vec![machine(dice.index(plan.agents.len()))];
    let role: Arc<str> = dice.one(&ROLES[..3]).into();
    let small = Quantities::ZERO
        .with(Scalar::Cpus, i64::try_from(dice.between(0, 8)).unwrap_or(0) * 1000)
        .with(Scalar::Mem, i64::try_from(dice.between(0, 8_000)).unwrap_or(0) * 1000);
    match dice.between(0, 15) {
        0..=3 => {
            let operation = Box::new(operation(dice, &role));
            OperatorCall::Operate { agent, operation }
        }
        4 | 5 => {
            let guarantees = if dice.percent(50) { small.into() } else { NamedQuantities::EMPTY };
            let limits = if dice.percent(80) {
                let more = small + Quantities::of(Scalar::Cpus, 1000);
                more.to_string().parse().unwrap_or(NamedLimits::NONE)
            } else {
                NamedLimits::NONE
            };
            let quotas = vec![QuotaRequest { role, guarantees, limits }];
            OperatorCall::UpdateQuota { force: dice.percent(70), quotas }
        }
        6 => {
            let force = dice.percent(70);
            OperatorCall::SetQuota { force, role, guarantee: Resources::plain(small) }
        }
        7 => OperatorCall::RemoveQuota { role },
        8 => OperatorCall::UpdateWeights(vec![(role, dice.one(&[1.0, 2.0, 3.0, 4.0, 5.0]))]),
        9 => {
            let start = now + dice.millis(0, 60_000);
            let duration = dice.percent(50).then(|| dice.millis(0, 60_000));
            let unavailability = Unavailability { start, duration };
            let window = MaintenanceWindow { machines, unavailability };
            let windows = if dice.percent(80) { vec![window] } else { Vec::new() };
            OperatorCall::UpdateMaintenanceSchedule(windows)
        }
        10 => OperatorCall::StartMaintenance(machines),
        11 => OperatorCall::StopMaintenance(machines),
        12 => {
            let max_grace = dice.percent(50).then(|| dice.millis(0, 10_000));
            let mark_gone = dice.percent(30);
            OperatorCall::DrainAgent { agent, config: DrainConfig { max_grace, mark_gone } }
        }
        13 => {
            if dice.percent(50) {
                OperatorCall::DeactivateAgent { agent }
            } else {
                OperatorCall::ReactivateAgent { agent }
            }
        }
        14 if dice.percent(50) => OperatorCall::MarkAgentGone { agent },
        14 => OperatorCall::ReactivateAgent { agent },
        _ => {
            let framework = FrameworkId::from_index(dice.index(plan.frameworks.len()));
            OperatorCall::Teardown { framework }
        }
    }
}

/// The machine of a host, as its agent announces it.
pub(crate) fn machine(host: usize) -> MachineId {
    MachineId { hostname: format!("host-{host:02}").into(), ip: "".into() }
}

/// Of so few kinds that one may undo another.
fn operation(dice: &mut Dice, role: &str) -> Operation {
    let top = Reservation::dynamic(role, Some(PRINCIPAL));
    let reserved = |resources: Resources| {
        resources.push_reservation(&top).expect("unreserved resources can be reserved")
    };
    let cpus = reserved(Resources::plain(Quantities::of(Scalar::Cpus, 1_000)));
    let disk = reserved(Resources::plain(Quantities::of(Scalar::Disk, 100_000)));
    let volume = || volume(&disk, "operator");
    match dice.between(0, 7) {
        0 => Operation::Reserve { resources: cpus, source: None },
        1 => Operation::Unreserve(cpus),
        2 | 3 => Operation::Reserve { resources: disk, source: None },
        4 => Operation::Unreserve(disk),
        5 | 6 => Operation::Create(volume().into_iter().collect()),
        _ => Operation::Destroy(volume().into_iter().collect()),
    }
}

fn volume(disk: &Resources, id: &str) -> Option<Resource> {
    let disk = disk.others().first()?.resource.clone();
    let persistence = Some(Persistence { id: id.into(), principal: Some(principal()) });
    let (container_path, mode) = ("data".into(), Some("RW".into()));
    let volume = Some(Volume { container_path, host_path: None, mode });
    let info = DiskInfo { source: None, persistence, volume };
    Some(Resource { disk: Some(Arc::new(info)), ..disk })
}
