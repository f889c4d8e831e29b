//! How well services and data were kept: integrals over time.

use policy_api::{AgentId, FrameworkId, IdVec, Span, Time};
use sim_core::protocol::Reason;
use sim_core::{
    AgentChange, FaultKind, FaultPhase, Observation, RangeChange, ReplicaChange, VolumeChange,
};
use std::collections::BTreeMap;

/// Counts and integrals of what faults and operators do to services and data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Upkeep {
    pub(crate) faults: BTreeMap<FaultKind, u64>,
    /// Calls of operators by the status of the answer.
    pub(crate) calls: BTreeMap<u16, u64>,
    pub(crate) volumes_created: u64,
    pub(crate) volumes_destroyed: u64,
    pub(crate) volumes_lost: u64,
    /// Of data on volumes that were lost with their disks.
    pub(crate) bytes_lost: u64,
    pub(crate) ranges_lost: u64,
    pub(crate) range_bytes_lost: u64,
    pub(crate) masters_failed: u64,
    /// Containers that were destroyed without any grace, by the reason.
    pub(crate) containers_killed: BTreeMap<Reason, u64>,
    failover: Failover,
    services: IdVec<FrameworkId, Service>,
    replicas: IdVec<FrameworkId, Parts>,
    ranges: IdVec<FrameworkId, Parts>,
}

/// How long agents take to come back to a new master.
#[derive(Clone, Debug, Default)]
struct Failover {
    /// When the master that leads now took over from another one.
    led_from: Option<Time>,
    /// Of each agent, the last master that it has come to.
    came_to: IdVec<AgentId, u64>,
    /// From a new master's election to the first return of an agent, the longest.
    longest: Option<Span>,
}

impl Failover {
    fn agent_came(&mut self, now: Time, agent: AgentId, master: u64) {
        let last = std::mem::replace(self.came_to.grow_to(agent, || 0), master);
        if let Some(led_from) = self.led_from.filter(|_| last < master) {
            self.longest = self.longest.max(Some(now.since(led_from)));
        }
    }
}

/// Instances of a service.
#[derive(Clone, Debug, Default)]
struct Service {
    since: Time,
    wanted: u32,
    running: u32,
    /// Instances times nanoseconds.
    wanted_time: f64,
    up_time: f64,
}

/// Replicas, or ranges, that are there or not.
#[derive(Clone, Debug, Default)]
struct Parts {
    since: Time,
    /// By number.
    up: Vec<bool>,
    up_count: usize,
    /// Parts times nanoseconds.
    time: f64,
    up_time: f64,
}

impl Service {
    fn advance(&mut self, now: Time) {
        let length = now.since(self.since).as_nanos() as f64;
        self.wanted_time += f64::from(self.wanted) * length;
        // More may run for a while than are wanted.
        self.up_time += f64::from(self.running.min(self.wanted)) * length;
        self.since = now;
    }
}

impl Parts {
    fn advance(&mut self, now: Time) {
        let length = now.since(self.since).as_nanos() as f64;
        self.time += self.up.len() as f64 * length;
        self.up_time += self.up_count as f64 * length;
        self.since = now;
    }

    fn set(&mut self, now: Time, number: u32, up: bool) {
        self.advance(now);
        let number = number as usize;
        if number >= self.up.len() {
            self.up.resize(number + 1, false);
        }
        let before = std::mem::replace(&mut self.up[number], up);
        self.up_count = self.up_count + usize::from(up) - usize::from(before);
    }
}

/// `None` of a volume that the replica does not have any more.
const fn is_in_sync(change: ReplicaChange) -> Option<bool> {
    match change {
        ReplicaChange::InSync => Some(true),
        ReplicaChange::Created
        | ReplicaChange::Relaunched
        | ReplicaChange::Rebuilding
        | ReplicaChange::Down
        | ReplicaChange::GivenUp => Some(false),
        ReplicaChange::Collected => None,
    }
}

/// A share of time; `None` where no time has passed.
fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

impl Upkeep {
    pub(super) fn observe(&mut self, now: Time, observation: &Observation) {
        match observation {
            Observation::Fault { fault, phase: FaultPhase::Begins, .. } => {
                *self.faults.entry(*fault).or_default() += 1;
            }
            Observation::ContainerKilled { reason, .. } => {
                *self.containers_killed.entry(*reason).or_default() += 1;
            }
            Observation::OperatorCall { response, .. } => {
                *self.calls.entry(response.status).or_default() += 1;
            }
            Observation::Volume { change, bytes, .. } => match change {
                VolumeChange::Created => self.volumes_created += 1,
                VolumeChange::Destroyed => self.volumes_destroyed += 1,
                VolumeChange::Lost => {
                    self.volumes_lost += 1;
                    self.bytes_lost += bytes;
                }
            },
            Observation::ServiceLevel { framework, wanted, running } => {
                let service = self.services.grow_to(*framework, Service::default);
                service.advance(now);
                (service.wanted, service.running) = (*wanted, *running);
            }
            Observation::ReplicaChanged { framework, replica, change, .. } => {
                if let Some(up) = is_in_sync(*change) {
                    self.replicas.grow_to(*framework, Parts::default).set(now, *replica, up);
                }
            }
            Observation::RangeChanged { framework, range, change, bytes } => {
                let up = match change {
                    RangeChange::Available => true,
                    RangeChange::Unavailable => false,
                    RangeChange::Lost => {
                        self.ranges_lost += 1;
                        self.range_bytes_lost += bytes;
                        false
                    }
                };
                self.ranges.grow_to(*framework, Parts::default).set(now, *range, up);
            }
            Observation::MasterFailed => self.masters_failed += 1,
            Observation::Fault {
                fault: FaultKind::MasterCrash, phase: FaultPhase::Ends, ..
            } => self.failover.led_from = Some(now),
            Observation::AgentRegistered { agent, .. }
            | Observation::AgentChanged { agent, change: AgentChange::Reregistered } => {
                self.failover.agent_came(now, *agent, self.masters_failed);
            }
            Observation::Fault { phase: FaultPhase::Ends, .. }
            | Observation::AgentChanged { .. }
            | Observation::FrameworkSubscribed { .. }
            | Observation::FrameworkChanged { .. }
            | Observation::Oversubscribed { .. }
            | Observation::EstimateNotRevocable { .. }
            | Observation::OffersSent { .. }
            | Observation::OffersEnded { .. }
            | Observation::TaskLaunched { .. }
            | Observation::TaskReleased { .. }
            | Observation::TaskRecovered { .. }
            | Observation::JobArrived { .. }
            | Observation::TasksUnplaceable { .. }
            | Observation::TaskStarted { .. }
            | Observation::TaskEnded(_)
            | Observation::JobEnded { .. }
            | Observation::OperationApplied { .. }
            | Observation::OperationDropped { .. }
            | Observation::Fetched { .. }
            | Observation::MasterRecovered { .. }
            | Observation::TransferEnded(_) => {}
        }
    }

    pub(super) fn finish(&mut self, now: Time) {
        self.services.iter_mut().for_each(|service| service.advance(now));
        self.replicas.iter_mut().for_each(|parts| parts.advance(now));
        self.ranges.iter_mut().for_each(|parts| parts.advance(now));
    }

    /// The longest time from the election of a new master to the return of an agent.
    pub(crate) const fn failover_time(&self) -> Option<Span> {
        self.failover.longest
    }

    /// The fraction of instance time in which instances ran, of one service or of all.
    pub(crate) fn availability(&self, framework: Option<FrameworkId>) -> Option<f64> {
        let services = chosen(&self.services, framework);
        let (up, wanted) = services.fold((0.0, 0.0), |(up, wanted), service| {
            (up + service.up_time, wanted + service.wanted_time)
        });
        share(up, wanted)
    }

    /// The fraction of replica time in which replicas were not in sync.
    pub(crate) fn replica_unavailability(&self, framework: Option<FrameworkId>) -> Option<f64> {
        unavailability(&self.replicas, framework)
    }

    /// The fraction of range time in which ranges of data had no quorum, the time before they were first
    /// written included.
    pub(crate) fn range_unavailability(&self, framework: Option<FrameworkId>) -> Option<f64> {
        unavailability(&self.ranges, framework)
    }
}

fn unavailability(parts: &IdVec<FrameworkId, Parts>, of: Option<FrameworkId>) -> Option<f64> {
    let sum = |(up, time), parts: &Parts| (up + parts.up_time, time + parts.time);
    let (up, time) = chosen(parts, of).fold((0.0, 0.0), sum);
    share(time - up, time)
}

fn chosen<T>(
    all: &IdVec<FrameworkId, T>,
    framework: Option<FrameworkId>,
) -> impl Iterator<Item = &T> {
    let is_chosen = move |id: FrameworkId| framework.is_none_or(|framework| framework == id);
    all.enumerate().filter(move |(id, _)| is_chosen(*id)).map(|(_, of)| of)
}
