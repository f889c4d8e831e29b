//! What a run leaves: counts, distributions, a timeline and tables, from its observations.

mod summary;
mod tables;
mod timeline;

pub(crate) use summary::{Metrics, summarise};
pub(crate) use tables::{Names, Tables};

use policy_api::{FrameworkId, IdVec, Quantities, RoleId, Span, Time};
use report::{Distribution, Nanoseconds, Thousandths};
use sim_core::protocol::TaskState;
use sim_core::{Observation, Observer, OfferEnd, TaskRecord};
use timeline::Timeline;

/// Collects everything that is written about a run. Memory follows what is alive, the roles and
/// the length of the timeline, never the number of tasks.
pub(crate) struct Recorder {
    /// The role that each framework is in.
    framework_roles: IdVec<FrameworkId, RoleId>,
    pub(crate) role_names: Vec<String>,
    pub(crate) counts: Counts,
    pub(crate) roles: IdVec<RoleId, RoleRecord>,
    /// Over all roles.
    pub(crate) all: Distributions,
    pub(crate) timeline: Timeline,
    tables: Tables,
    /// Tasks that fit on no agent, by job; the first few are named.
    pub(crate) unplaceable: Vec<(String, u64, Quantities)>,
}

/// How often something happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) agents: u64,
    pub(crate) jobs_arrived: u64,
    pub(crate) jobs_finished: u64,
    pub(crate) tasks_submitted: u64,
    pub(crate) tasks_unplaceable: u64,
    pub(crate) tasks_launched: u64,
    pub(crate) tasks_finished: u64,
    pub(crate) tasks_lost: u64,
    pub(crate) tasks_failed: u64,
    pub(crate) offers_sent: u64,
    pub(crate) offers_accepted: u64,
    pub(crate) offers_declined: u64,
    pub(crate) offers_rescinded: u64,
    pub(crate) last_task_end: Time,
}

/// What one role got.
#[derive(Default)]
pub(crate) struct RoleRecord {
    pub(crate) tasks_submitted: u64,
    pub(crate) tasks_finished: u64,
    pub(crate) distributions: Distributions,
}

/// How long tasks waited, and by what factor waiting stretched them.
#[derive(Default)]
pub(crate) struct Distributions {
    /// From the arrival of the job to RUNNING.
    pub(crate) waiting_time: Distribution<Nanoseconds>,
    pub(crate) bounded_slowdown: Distribution<Thousandths>,
}

/// How many jobs with unplaceable tasks are named.
const NAMED: usize = 20;
/// Shorter tasks do not dominate the slowdown: the bound of Feitelson and Rudolph, "Metrics and
/// benchmarking for parallel job scheduling" (1998).
const SLOWDOWN_BOUND: Span = Span::from_secs(10);

impl Recorder {
    pub(crate) fn new(
        framework_roles: IdVec<FrameworkId, RoleId>,
        role_names: Vec<String>,
        sample_interval: Option<Span>,
        tables: Tables,
    ) -> Self {
        let roles: IdVec<RoleId, RoleRecord> =
            role_names.iter().map(|_| RoleRecord::default()).collect();
        Self {
            framework_roles,
            timeline: Timeline::new(roles.len(), sample_interval),
            role_names,
            counts: Counts::default(),
            roles,
            all: Distributions::default(),
            tables,
            unplaceable: Vec::new(),
        }
    }

    /// The first error of writing a table, if there was one.
    pub(crate) fn take_error(&mut self) -> Option<anyhow::Error> {
        self.tables.take_error()
    }

    /// Closes the timeline at the end of the run and writes what is left.
    pub(crate) fn finish(&mut self, now: Time) -> anyhow::Result<()> {
        self.timeline.finish(now);
        self.tables.write_small(&self.timeline, &self.role_names, &self.roles)
    }

    fn task_ended(&mut self, record: &TaskRecord) {
        let role = self.framework_roles[record.framework];
        match record.state {
            TaskState::Finished => {
                self.counts.tasks_finished += 1;
                self.counts.last_task_end = record.ended;
                self.roles[role].tasks_finished += 1;
                let slowdown = bounded_slowdown(record);
                self.roles[role].distributions.bounded_slowdown.record(slowdown);
                self.all.bounded_slowdown.record(slowdown);
            }
            TaskState::Lost | TaskState::Dropped => self.counts.tasks_lost += 1,
            TaskState::Failed | TaskState::Error => self.counts.tasks_failed += 1,
            TaskState::Staging | TaskState::Starting | TaskState::Running => {}
        }
        self.timeline.task_ended(role, record);
        self.tables.task(record);
    }
}

/// max(1, (wait + run) / max(run, 10 s)), in thousandths.
fn bounded_slowdown(record: &TaskRecord) -> u64 {
    let response = record.ended.since(record.arrived).as_nanos();
    let run = record.ended.since(record.started).max(SLOWDOWN_BOUND).as_nanos();
    let thousandths = u128::from(response) * 1000 / u128::from(run);
    u64::try_from(thousandths).unwrap_or(u64::MAX).max(1000)
}

impl Observer for Recorder {
    fn observe(&mut self, now: Time, observation: &Observation) {
        self.timeline.advance(now);
        match observation {
            Observation::AgentRegistered { total, .. } => {
                self.counts.agents += 1;
                self.timeline.agent_registered(total);
            }
            Observation::FrameworkSubscribed { .. }
            | Observation::OperationApplied { .. }
            | Observation::OperationDropped { .. } => {}
            Observation::OffersSent { framework, offers, resources } => {
                self.counts.offers_sent += u64::from(*offers);
                self.timeline.offers_sent(*offers, resources);
                self.tables.offers(now, *framework, "sent", *offers, resources);
            }
            Observation::OffersEnded { framework, end, offers, resources } => {
                let (count, name) = match end {
                    OfferEnd::Accepted => (&mut self.counts.offers_accepted, "accepted"),
                    OfferEnd::Declined => (&mut self.counts.offers_declined, "declined"),
                    OfferEnd::Rescinded => (&mut self.counts.offers_rescinded, "rescinded"),
                    OfferEnd::TimedOut => (&mut self.counts.offers_rescinded, "timed_out"),
                    OfferEnd::Discarded => (&mut self.counts.offers_rescinded, "discarded"),
                };
                *count += u64::from(*offers);
                self.timeline.offers_ended(*end, *offers, resources);
                self.tables.offers(now, *framework, name, *offers, resources);
            }
            Observation::TaskLaunched { framework, resources, .. } => {
                self.counts.tasks_launched += 1;
                self.timeline.task_launched(self.framework_roles[*framework], resources);
            }
            Observation::TaskReleased { framework, resources, .. } => {
                self.timeline.task_released(self.framework_roles[*framework], resources);
            }
            Observation::JobArrived { framework, job, index } => {
                let (role, tasks) = (self.framework_roles[*framework], job.task_count());
                self.counts.jobs_arrived += 1;
                self.counts.tasks_submitted += tasks;
                self.roles[role].tasks_submitted += tasks;
                self.timeline.tasks_arrived(role, tasks);
                self.tables.job_arrived(*framework, *index, job);
            }
            Observation::TasksUnplaceable { job, tasks, demand, .. } => {
                self.counts.tasks_unplaceable += tasks;
                if self.unplaceable.len() < NAMED {
                    self.unplaceable.push((job.to_string(), *tasks, *demand));
                }
            }
            Observation::TaskStarted { framework, waited, .. } => {
                let role = self.framework_roles[*framework];
                self.roles[role].distributions.waiting_time.record(waited.as_nanos());
                self.all.waiting_time.record(waited.as_nanos());
                self.timeline.task_started(role);
            }
            Observation::TaskEnded(record) => self.task_ended(record),
            Observation::JobEnded { framework, job, .. } => {
                self.counts.jobs_finished += 1;
                self.tables.job_ended(now, *framework, *job);
            }
        }
    }
}
