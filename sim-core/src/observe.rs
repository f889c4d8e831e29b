//! What a run shows of itself: observations in time order, and who looks at them.

mod transfer;

pub use transfer::{TransferPhase, TransferRecord};

use crate::agent::fetcher::FetchRecord;
use crate::faults::Peer;
use crate::job::Job;
use crate::master::ValidationError;
use crate::protocol::{ExecutorId, HostId, OperationKind, Reason, Response, TaskState};
use policy_api::{AgentId, DenseId, FrameworkId, Quantities, RoleId, Span, Time};
use std::sync::Arc;

/// Something that happened and that a result may depend on. Plain data, so that a run can be
/// logged, compared and digested.
#[derive(Clone, Debug)]
pub enum Observation {
    AgentRegistered {
        agent: AgentId,
        /// Where it runs. A host may get a new agent.
        host: HostId,
        total: Quantities,
    },
    FrameworkSubscribed {
        framework: FrameworkId,
    },
    /// The master made offers of one allocation to one framework.
    OffersSent {
        framework: FrameworkId,
        offers: u32,
        resources: Quantities,
    },
    /// Offers are no longer outstanding. What of an accepted one is in use follows as
    /// [`TaskLaunched`](Self::TaskLaunched).
    OffersEnded {
        framework: FrameworkId,
        end: OfferEnd,
        offers: u32,
        resources: Quantities,
    },
    /// The master took a task into its books: its resources are in use.
    TaskLaunched {
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        resources: Quantities,
    },
    /// The master heard of a task's end: its resources are free.
    TaskReleased {
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        resources: Quantities,
    },
    /// A framework got work.
    JobArrived {
        framework: FrameworkId,
        job: Arc<Job>,
        index: JobIndex,
    },
    /// Tasks of a job that fit on no agent of the cluster, however empty; they are not submitted.
    TasksUnplaceable {
        framework: FrameworkId,
        job: Arc<str>,
        tasks: u64,
        demand: Quantities,
    },
    /// A framework heard that a task runs.
    TaskStarted {
        framework: FrameworkId,
        role: RoleId,
        waited: Span,
    },
    /// A framework heard that a task is over, or that it was lost and goes back to the queue.
    TaskEnded(TaskRecord),
    /// All tasks of a job are over.
    JobEnded {
        framework: FrameworkId,
        job: JobIndex,
        arrived: Time,
    },
    /// The master converted resources in its books; the agent has done so already or was told to.
    OperationApplied {
        /// `None` where an operator asked for it.
        framework: Option<FrameworkId>,
        agent: AgentId,
        operation: OperationKind,
        /// What the operation names; of a resized volume, by how much.
        resources: Quantities,
    },
    /// The master dropped an operation. The framework is not told.
    OperationDropped {
        framework: FrameworkId,
        /// Unknown where the offers of the ACCEPT were invalid.
        agent: Option<AgentId>,
        operation: OperationKind,
        resources: Quantities,
        error: Arc<ValidationError>,
    },
    /// A task that another master had in its books, or that came back with its agent, is in the
    /// master's books again.
    TaskRecovered {
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        resources: Quantities,
    },
    /// The master's view of an agent has changed.
    AgentChanged {
        agent: AgentId,
        change: AgentChange,
    },
    FrameworkChanged {
        framework: FrameworkId,
        change: FrameworkChange,
    },
    /// What a framework or an operator made of an agent's resources, seen from the agent's disks.
    Volume {
        host: HostId,
        change: VolumeChange,
        /// Of data on the volume.
        bytes: u64,
    },
    /// The master heard from an agent how much it can oversubscribe, what is allocated of it included.
    Oversubscribed {
        agent: AgentId,
        total: Quantities,
    },
    /// An agent's process has ended because its estimator would give out what cannot be taken away
    /// again: a bug of the estimator.
    EstimateNotRevocable {
        host: HostId,
        estimate: Quantities,
    },
    /// A container was destroyed without any grace: it was preempted, or used too much memory.
    ContainerKilled {
        host: HostId,
        framework: FrameworkId,
        /// None for that of a command.
        executor: Option<ExecutorId>,
        reason: Reason,
    },
    /// A container has got its files, or not.
    Fetched {
        host: HostId,
        framework: FrameworkId,
        record: FetchRecord,
    },
    /// A call of an operator was answered.
    OperatorCall {
        call: &'static str,
        response: Response,
    },
    /// A fault of the scenario, or its end.
    Fault {
        fault: FaultKind,
        phase: FaultPhase,
        /// The host or the framework concerned; none for the master.
        target: Option<Peer>,
    },
    /// The master is gone, with its books; frameworks and agents will find the next one.
    MasterFailed,
    /// A new master has read the registry.
    MasterRecovered {
        /// Agents that it waits for.
        agents: u32,
    },
    /// How many instances of a service are wanted and how many run, as its framework knows.
    ServiceLevel {
        framework: FrameworkId,
        wanted: u32,
        running: u32,
    },
    /// What became of a replica of a stateful service.
    ReplicaChanged {
        framework: FrameworkId,
        replica: u32,
        change: ReplicaChange,
        /// The size of its volume.
        bytes: u64,
    },
    /// What became of a range of a stateful service's data. No range is available at first.
    RangeChanged {
        framework: FrameworkId,
        /// The number of the first replica that holds it.
        range: u32,
        change: RangeChange,
        /// The share of a replica's volume that a range has.
        bytes: u64,
    },
    /// Bytes of a task or of a file have moved, or nobody wanted them any more before that.
    TransferEnded(TransferRecord),
}

/// What became of an agent in the master's books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgentChange {
    Disconnected,
    Reregistered,
    Unreachable,
    /// Unregistered, replaced by another one, or brought down for maintenance.
    Removed,
    Gone,
    Deactivated,
    Reactivated,
    Draining,
    Drained,
}

impl AgentChange {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Reregistered => "reregistered",
            Self::Unreachable => "unreachable",
            Self::Removed => "removed",
            Self::Gone => "gone",
            Self::Deactivated => "deactivated",
            Self::Reactivated => "reactivated",
            Self::Draining => "draining",
            Self::Drained => "drained",
        }
    }
}

/// What became of a framework in the master's books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameworkChange {
    Disconnected,
    FailedOver,
    Deactivated,
    Removed,
}

impl FrameworkChange {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::FailedOver => "failed_over",
            Self::Deactivated => "deactivated",
            Self::Removed => "removed",
        }
    }
}

/// What became of a persistent volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VolumeChange {
    Created,
    /// By an operation; its data is deleted, or left behind under the profile of 0.23.
    Destroyed,
    /// With its disk.
    Lost,
}

impl VolumeChange {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Destroyed => "destroyed",
            Self::Lost => "lost",
        }
    }
}

/// What became of a replica of a stateful service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReplicaChange {
    /// Sent to an agent, with a new volume.
    Created,
    /// Sent to the agent that has its volume.
    Relaunched,
    /// It runs on a new volume and copies its data from others.
    Rebuilding,
    /// It runs and has all of its data.
    InSync,
    /// It does not run any more, or does not answer.
    Down,
    /// Its volume, if there was one, is given up; the replica starts anew elsewhere.
    GivenUp,
    /// A volume that was given up, or its reservation, was found and taken back.
    Collected,
}

impl ReplicaChange {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Relaunched => "relaunched",
            Self::Rebuilding => "rebuilding",
            Self::InSync => "in_sync",
            Self::Down => "down",
            Self::GivenUp => "given_up",
            Self::Collected => "collected",
        }
    }
}

/// What became of a range of data that several replicas hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RangeChange {
    /// A quorum of its replicas is in sync.
    Available,
    /// Fewer than a quorum are.
    Unavailable,
    /// All volumes that had it were given up before any of them was rebuilt.
    Lost,
}

impl RangeChange {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Unavailable => "unavailable",
            Self::Lost => "lost",
        }
    }
}

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    AgentCrash,
    HostReboot,
    HostReplacement,
    Partition,
    SlowLink,
    LossyLink,
    FrameworkCrash,
    ExecutorFailure,
    DiskFull,
    MasterCrash,
    BadCertificate,
}

impl FaultKind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentCrash => "agent_crash",
            Self::HostReboot => "host_reboot",
            Self::HostReplacement => "host_replacement",
            Self::Partition => "partition",
            Self::SlowLink => "slow_link",
            Self::LossyLink => "lossy_link",
            Self::FrameworkCrash => "framework_crash",
            Self::ExecutorFailure => "executor_failure",
            Self::DiskFull => "disk_full",
            Self::MasterCrash => "master_crash",
            Self::BadCertificate => "bad_certificate",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultPhase {
    Begins,
    Ends,
}

/// A job's number within its framework, in the order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobIndex(pub u32);

/// How an offer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OfferEnd {
    Accepted,
    Declined,
    Rescinded,
    /// Rescinded because `offer_timeout` had passed.
    TimedOut,
    /// Named in an ACCEPT that was refused as a whole; the framework is not told.
    Discarded,
}

/// The life of a task as its framework saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskRecord {
    pub framework: FrameworkId,
    pub role: RoleId,
    pub agent: AgentId,
    pub job: JobIndex,
    /// Number of the task within its job, from zero, in order of placement.
    pub number: u32,
    pub demand: Quantities,
    /// When its job arrived.
    pub arrived: Time,
    /// When the framework accepted an offer for it.
    pub launched: Time,
    /// When it ran; the time of its end when it never did.
    pub started: Time,
    /// Whether it ever ran.
    pub ran: bool,
    pub ended: Time,
    /// The service time that it brought.
    pub duration: Span,
    pub state: TaskState,
}

/// Looks at a run. Observers compose as pairs; `()` costs nothing.
pub trait Observer {
    fn observe(&mut self, now: Time, observation: &Observation);
}

impl Observer for () {
    fn observe(&mut self, _: Time, _: &Observation) {}
}

impl<A: Observer, B: Observer> Observer for (A, B) {
    fn observe(&mut self, now: Time, observation: &Observation) {
        self.0.observe(now, observation);
        self.1.observe(now, observation);
    }
}

impl<O: Observer> Observer for &mut O {
    fn observe(&mut self, now: Time, observation: &Observation) {
        (**self).observe(now, observation);
    }
}

/// A number that stands for all observations of a run, in order: equal runs, equal digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl Digest {
    pub const fn value(self) -> u64 {
        self.0
    }

    /// One multiplication and a rotation a word: fast, portable, and not meant to resist forgery.
    fn word(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn words<const N: usize>(&mut self, words: [u64; N]) {
        for word in words {
            self.word(word);
        }
    }

    fn quantities(&mut self, quantities: &Quantities) {
        for amount in quantities.amounts() {
            self.word(amount.cast_unsigned());
        }
    }

    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        for byte in text.bytes() {
            self.word(u64::from(byte));
        }
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self(0x6f66_6665_7273_696d)
    }
}

fn id(id: impl DenseId) -> u64 {
    id.index() as u64
}

impl Observer for Digest {
    #[expect(clippy::too_many_lines, reason = "an arm for each observation")]
    fn observe(&mut self, now: Time, observation: &Observation) {
        self.word(now.as_nanos());
        match observation {
            Observation::AgentRegistered { agent, host: _, total } => {
                self.words([0, id(*agent)]);
                self.quantities(total);
            }
            Observation::FrameworkSubscribed { framework } => self.words([1, id(*framework)]),
            Observation::OffersSent { framework, offers, resources } => {
                self.words([2, id(*framework), u64::from(*offers)]);
                self.quantities(resources);
            }
            Observation::OffersEnded { framework, end, offers, resources } => {
                self.words([3, id(*framework), *end as u64, u64::from(*offers)]);
                self.quantities(resources);
            }
            Observation::TaskLaunched { framework, role, agent, resources } => {
                self.words([4, id(*framework), id(*role), id(*agent)]);
                self.quantities(resources);
            }
            Observation::TaskReleased { framework, role, agent, resources } => {
                self.words([5, id(*framework), id(*role), id(*agent)]);
                self.quantities(resources);
            }
            Observation::JobArrived { framework, job, index } => {
                self.words([6, id(*framework), u64::from(index.0), job.task_count()]);
                self.text(&job.name);
            }
            Observation::TasksUnplaceable { framework, job, tasks, demand } => {
                self.words([7, id(*framework), *tasks]);
                self.text(job);
                self.quantities(demand);
            }
            Observation::TaskStarted { framework, role, waited } => {
                self.words([8, id(*framework), id(*role), waited.as_nanos()]);
            }
            Observation::TaskEnded(task) => {
                self.words([9, id(task.framework), id(task.role), id(task.agent)]);
                self.words([u64::from(task.job.0), u64::from(task.number), task.state as u64]);
                self.words([task.arrived, task.launched, task.started].map(Time::as_nanos));
                self.quantities(&task.demand);
            }
            Observation::JobEnded { framework, job, arrived } => {
                self.words([10, id(*framework), u64::from(job.0), arrived.as_nanos()]);
            }
            Observation::OperationApplied { framework, agent, operation, resources } => {
                let framework = framework.map_or(u64::MAX, id);
                self.words([11, framework, id(*agent), *operation as u64]);
                self.quantities(resources);
            }
            Observation::OperationDropped { framework, agent, operation, resources, error } => {
                let agent = agent.map_or(u64::MAX, id);
                self.words([12, id(*framework), agent, *operation as u64]);
                self.quantities(resources);
                self.text(&error.to_string());
            }
            Observation::TaskRecovered { framework, role, agent, resources } => {
                self.words([13, id(*framework), id(*role), id(*agent)]);
                self.quantities(resources);
            }
            Observation::AgentChanged { agent, change } => {
                self.words([14, id(*agent), *change as u64]);
            }
            Observation::FrameworkChanged { framework, change } => {
                self.words([15, id(*framework), *change as u64]);
            }
            Observation::Volume { host, change, bytes } => {
                self.words([16, id(*host), *change as u64, *bytes]);
            }
            Observation::Fetched { host, framework, record } => {
                self.words([26, id(*host), id(*framework), u64::from(record.succeeded)]);
                self.words([record.asked, record.started, record.ended].map(Time::as_nanos));
                let counts = [record.hits, record.joins, record.misses];
                self.words(counts.map(u64::from));
                self.words([record.uncached, record.fallbacks].map(u64::from));
                self.words([record.downloaded, record.saved]);
                let tls = record.tls;
                if tls.handshakes > 0 {
                    self.words([tls.handshakes, tls.handshake_bytes, tls.record_bytes]);
                    self.word(tls.time.sum().as_nanos());
                }
            }
            Observation::OperatorCall { call, response } => {
                self.words([17, u64::from(response.status)]);
                self.text(call);
                self.text(response.message.as_deref().unwrap_or_default());
            }
            Observation::Fault { fault, phase, target } => {
                let target = target.map_or(u64::MAX, |peer| u64::from(peer.number()));
                self.words([18, *fault as u64, *phase as u64, target]);
            }
            Observation::MasterFailed => self.word(19),
            Observation::MasterRecovered { agents } => self.words([20, u64::from(*agents)]),
            Observation::ServiceLevel { framework, wanted, running } => {
                self.words([21, id(*framework), u64::from(*wanted), u64::from(*running)]);
            }
            Observation::ReplicaChanged { framework, replica, change, bytes } => {
                self.words([22, id(*framework), u64::from(*replica), *change as u64, *bytes]);
            }
            Observation::RangeChanged { framework, range, change, bytes } => {
                self.words([23, id(*framework), u64::from(*range), *change as u64, *bytes]);
            }
            Observation::Oversubscribed { agent, total } => {
                self.words([24, id(*agent)]);
                self.quantities(total);
            }
            Observation::EstimateNotRevocable { host, estimate } => {
                self.words([34, id(*host)]);
                self.quantities(estimate);
            }
            Observation::ContainerKilled { host, framework, executor, reason } => {
                let executor = executor.map_or(u64::MAX, |executor| u64::from(executor.0));
                self.words([25, id(*host), id(*framework), executor, *reason as u64]);
            }
            Observation::TransferEnded(record) => {
                self.words([27, id(record.host), id(record.framework), record.phase as u64]);
                self.words([record.started.as_nanos(), record.throttled.as_nanos()]);
                self.words([record.sent, record.received].map(f64::to_bits));
                self.word(u64::from(record.is_complete));
            }
        }
    }
}
