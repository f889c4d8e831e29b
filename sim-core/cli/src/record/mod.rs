//! What a run leaves: counts, distributions, a timeline and tables, from its observations.

mod events;
mod fetches;
mod gauges;
mod links;
mod rates;
mod rows;
mod services;
mod statistics;
mod summary;
mod tables;
mod timeline;
mod upkeep;

pub(crate) use events::EventKinds;
pub(crate) use links::totals as network_totals;
pub(crate) use services::totals as consumption_totals;
pub(crate) use summary::{Metrics, summarise};
pub(crate) use tables::{Names, Tables};

use crate::cluster::{Cluster, FrameworkEntry};
use crate::registry::FrameworkKind;
use anyhow::Context;
use events::EventTables;
use fetches::Fetches;
use gauges::{Gauges, SHORTEST};
use links::{blocks, rates};
use policy_api::{FrameworkId, IdVec, Quantities, RoleId, Span, Time};
use rates::RateLog;
use report::{Distribution, Nanoseconds, Thousandths};
use services::{best_effort_offered, latencies};
use sim_core::framework::BatchFramework;
use sim_core::protocol::TaskState;
use sim_core::{AgentChange, Observation, Observer, OfferEnd, TaskRecord};
use statistics::StatisticsLog;
use timeline::Timeline;
use upkeep::Upkeep;

/// Collects everything that is written about a run. Memory follows what is alive, the roles and
/// the length of the timeline, never the number of tasks.
pub(crate) struct Recorder {
    pub(crate) frameworks: IdVec<FrameworkId, FrameworkEntry>,
    /// Instances that each service wants.
    wanted: IdVec<FrameworkId, u32>,
    pub(crate) role_names: Vec<String>,
    pub(crate) counts: Counts,
    pub(crate) roles: IdVec<RoleId, RoleRecord>,
    /// Over all roles.
    pub(crate) all: Distributions,
    pub(crate) timeline: Timeline,
    tables: Tables,
    events: EventTables,
    /// None where nobody looks at them.
    gauges: Option<Gauges>,
    /// Whether what may be taken away again is offered.
    shows_best_effort: bool,
    /// What links carry; none without a network.
    links: Option<Gauges>,
    /// Blocks of ephemeral ports; none where containers have none.
    ports: Option<Gauges>,
    /// How services do; none where no response time matters.
    latencies: Option<Gauges>,
    services: Vec<FrameworkId>,
    /// What agents answer; none where nobody asks.
    statistics: Option<StatisticsLog>,
    pub(crate) upkeep: Upkeep,
    pub(crate) fetches: Fetches,
    pub(crate) fetches_of: IdVec<FrameworkId, Fetches>,
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
    pub(crate) tasks_killed: u64,
    /// With their agents, for good.
    pub(crate) tasks_gone: u64,
    /// Given up because their agents did not answer for too long.
    pub(crate) tasks_unreachable: u64,
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
        frameworks: IdVec<FrameworkId, FrameworkEntry>,
        role_names: Vec<String>,
        sample_interval: Option<Span>,
        tables: Tables,
    ) -> Self {
        let roles: IdVec<RoleId, RoleRecord> =
            role_names.iter().map(|_| RoleRecord::default()).collect();
        Self {
            wanted: frameworks.iter().map(|_| 0).collect(),
            fetches_of: frameworks.iter().map(|_| Fetches::default()).collect(),
            frameworks,
            timeline: Timeline::new(roles.len(), sample_interval),
            role_names,
            counts: Counts::default(),
            roles,
            all: Distributions::default(),
            tables,
            events: EventTables::default(),
            gauges: None,
            shows_best_effort: false,
            links: None,
            ports: None,
            latencies: None,
            services: Vec::new(),
            statistics: None,
            upkeep: Upkeep::default(),
            fetches: Fetches::default(),
            unplaceable: Vec::new(),
        }
    }

    /// Writes tables of events as well, of those that the scenario can have.
    pub(crate) fn write_events(&mut self, kinds: EventKinds) -> anyhow::Result<()> {
        self.events = EventTables::create(self.tables.folder(), kinds)?;
        Ok(())
    }

    /// Keeps the master's gauges as well, of so many instants, or of about 500 to 1,000.
    pub(crate) fn keep_gauges(&mut self, interval: Option<Span>) {
        self.gauges = Some(Gauges::new(interval, SHORTEST));
    }

    /// Among the gauges, keeps what of the oversubscribed resources stands in offers.
    pub(crate) const fn keep_best_effort(&mut self) {
        self.shows_best_effort = true;
    }

    /// Keeps what links carry as well, of as many instants.
    pub(crate) fn keep_links(&mut self, interval: Option<Span>) {
        self.links = Some(Gauges::new(interval, SHORTEST));
    }

    /// Keeps how many blocks of ephemeral ports are taken as well, of as many instants.
    pub(crate) fn keep_ports(&mut self, interval: Option<Span>) {
        self.ports = Some(Gauges::new(interval, SHORTEST));
    }

    /// Keeps the response times of these services as well, as often as the resource monitor looks.
    pub(crate) fn keep_latencies(
        &mut self,
        services: Vec<FrameworkId>,
        interval: Option<Span>,
        monitor: Span,
    ) {
        self.latencies = Some(Gauges::new(interval, monitor));
        self.services = services;
    }

    /// Writes what agents answer about their containers as well, up to the end of the run.
    ///
    /// `rates` are the window and the interval of rates.
    pub(crate) fn write_statistics(
        &mut self,
        interval: Span,
        rates: Option<(Span, Span)>,
        until: Time,
    ) -> anyhow::Result<()> {
        let rates = rates.map(|(window, interval)| RateLog::new(window, interval));
        let log = StatisticsLog::create(self.tables.folder(), interval, rates, until)?;
        self.statistics = Some(log);
        Ok(())
    }

    /// Looks at the master before the next step, where it is time to.
    pub(crate) fn sample(&mut self, cluster: &Cluster) {
        if let Some(gauges) = &mut self.gauges
            && let Some(next) = cluster.next_time()
            && let Some(at) = gauges.due_before(next)
        {
            let at = at.max(cluster.now());
            let mut values = cluster.master().gauges(at);
            if let Some(transport) = cluster.transport() {
                for (name, station) in
                    [("master", transport.master), ("event_loop", transport.event_loop)]
                {
                    let backlog = station.backlog(at).as_secs_f64();
                    values.insert(format!("transport/{name}_backlog_s"), backlog);
                }
            }
            if self.shows_best_effort {
                values.extend(best_effort_offered(cluster));
            }
            gauges.sample(at, &values, cluster.is_led());
        }
        if let (Some(links), Some(network)) = (&mut self.links, cluster.network())
            && let Some(at) = cluster.next_time().and_then(|next| links.due_before(next))
        {
            let rates = rates(network, self.tables.names());
            links.sample(at.max(cluster.now()), &rates, true);
        }
        if let Some(ports) = &mut self.ports
            && let Some(at) = cluster.next_time().and_then(|next| ports.due_before(next))
        {
            ports.sample(at.max(cluster.now()), &blocks(cluster), true);
        }
        if let Some(gauges) = &mut self.latencies
            && let Some(at) = cluster.next_time().and_then(|next| gauges.due_before(next))
        {
            let latencies = latencies(cluster, &self.services, self.tables.names());
            gauges.sample(at.max(cluster.now()), &latencies, true);
        }
        if let Some(statistics) = &mut self.statistics {
            statistics.sample(cluster, self.tables.names());
        }
    }

    /// What a framework is called.
    pub(crate) fn name(&self, framework: FrameworkId) -> &str {
        self.tables.framework(framework)
    }

    /// The first error of writing a table, if there was one.
    pub(crate) fn take_error(&mut self) -> Option<anyhow::Error> {
        let statistics = self.statistics.as_mut().and_then(StatisticsLog::take_error);
        self.tables.take_error().or_else(|| self.events.take_error()).or(statistics)
    }

    /// Closes the timeline at the end of the run and writes what is left.
    pub(crate) fn finish(&mut self, cluster: &Cluster) -> anyhow::Result<()> {
        let now = cluster.now();
        self.timeline.finish(now);
        self.upkeep.finish(now);
        self.events.finish().context("cannot write a table of events")?;
        if let Some(gauges) = &self.gauges {
            gauges.write(self.tables.folder(), "master.csv").context("cannot write master.csv")?;
        }
        if let Some(links) = &self.links {
            links.write(self.tables.folder(), "network.csv").context("cannot write network.csv")?;
        }
        if let Some(ports) = &self.ports {
            ports.write(self.tables.folder(), "ports.csv").context("cannot write ports.csv")?;
        }
        if let Some(latencies) = &self.latencies {
            let folder = self.tables.folder();
            latencies.write(folder, "latency.csv").context("cannot write latency.csv")?;
        }
        if let Some(statistics) = &mut self.statistics {
            statistics.finish(cluster, self.tables.names())?;
        }
        self.tables.write_small(&self.timeline, &self.role_names, &self.roles)
    }

    fn task_ended(&mut self, record: &TaskRecord) {
        let role = record.role;
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
            TaskState::Killed => self.counts.tasks_killed += 1,
            TaskState::Gone | TaskState::GoneByOperator => self.counts.tasks_gone += 1,
            TaskState::Unreachable => self.counts.tasks_unreachable += 1,
            TaskState::Staging
            | TaskState::Starting
            | TaskState::Running
            | TaskState::Killing
            | TaskState::Unknown => {}
        }
        let FrameworkEntry { role: first, kind } = self.frameworks[record.framework];
        if kind == FrameworkKind::Batch && !BatchFramework::runs_again(record.state) {
            self.timeline.tasks_done(first, 1);
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
        self.note(now, observation);
        self.upkeep.observe(now, observation);
        self.events.observe(now, observation, self.tables.names());
    }
}

impl Recorder {
    #[expect(clippy::too_many_lines, reason = "an arm for each observation")]
    fn note(&mut self, now: Time, observation: &Observation) {
        match observation {
            Observation::AgentRegistered { agent, host, total } => {
                self.tables.names().agent_registered(*agent, *host);
                self.timeline.agent_registered(*agent, total);
                self.counts.agents = self.counts.agents.max(self.timeline.agents());
            }
            Observation::AgentChanged { agent, change } => match change {
                AgentChange::Unreachable | AgentChange::Removed | AgentChange::Gone => {
                    self.timeline.agent_lost(*agent);
                }
                AgentChange::Disconnected
                | AgentChange::Reregistered
                | AgentChange::Deactivated
                | AgentChange::Reactivated
                | AgentChange::Draining
                | AgentChange::Drained => {}
            },
            Observation::Oversubscribed { agent, total } => {
                self.timeline.agent_oversubscribes(*agent, total);
            }
            Observation::MasterFailed => self.timeline.master_failed(),
            Observation::Fetched { framework, record, .. } => {
                self.fetches.record(record);
                self.fetches_of[*framework].record(record);
            }
            Observation::ServiceLevel { framework, wanted, .. } => {
                let role = self.frameworks[*framework].role;
                let before = std::mem::replace(&mut self.wanted[*framework], *wanted);
                self.timeline.tasks_done(role, u64::from(before));
                self.timeline.tasks_wanted(role, u64::from(*wanted));
            }
            Observation::FrameworkSubscribed { .. }
            | Observation::FrameworkChanged { .. }
            | Observation::OperationApplied { .. }
            | Observation::OperationDropped { .. }
            | Observation::Volume { .. }
            | Observation::ContainerKilled { .. }
            | Observation::EstimateNotRevocable { .. }
            | Observation::OperatorCall { .. }
            | Observation::Fault { .. }
            | Observation::MasterRecovered { .. }
            | Observation::ReplicaChanged { .. }
            | Observation::RangeChanged { .. }
            | Observation::TransferEnded(_) => {}
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
            Observation::TaskLaunched { role, resources, .. } => {
                self.counts.tasks_launched += 1;
                self.timeline.task_launched(*role, resources);
            }
            Observation::TaskRecovered { role, resources, .. } => {
                self.timeline.task_launched(*role, resources);
            }
            Observation::TaskReleased { role, resources, .. } => {
                self.timeline.task_released(*role, resources);
            }
            Observation::JobArrived { framework, job, index } => {
                let FrameworkEntry { role, kind } = self.frameworks[*framework];
                let tasks = job.task_count();
                self.counts.jobs_arrived += 1;
                self.counts.tasks_submitted += tasks;
                self.roles[role].tasks_submitted += tasks;
                match kind {
                    FrameworkKind::Batch | FrameworkKind::Stateful => {
                        self.timeline.tasks_wanted(role, tasks);
                    }
                    // It says how many instances it wants.
                    FrameworkKind::Service => {}
                }
                self.tables.job_arrived(*framework, *index, job);
            }
            Observation::TasksUnplaceable { job, tasks, demand, .. } => {
                self.counts.tasks_unplaceable += tasks;
                if self.unplaceable.len() < NAMED {
                    self.unplaceable.push((job.to_string(), *tasks, *demand));
                }
            }
            Observation::TaskStarted { role, waited, .. } => {
                let role = *role;
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
