//! The tables of a run as CSV files.

use super::RoleRecord;
use super::rows::{Row, create, keep_error};
use super::timeline::Timeline;
use crate::scenario::Table;
use anyhow::Context;
use csv::Writer;
use policy_api::{AgentId, DenseId, FrameworkId, IdVec, Quantities, RoleId, Scalar, Time};
use sim_core::protocol::{HostId, TaskState};
use sim_core::{Job, JobIndex, TaskRecord};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files of a run's directory that hold rows.
pub(crate) struct Tables {
    folder: PathBuf,
    names: Names,
    tasks: Option<Writer<File>>,
    jobs: Option<Writer<File>>,
    offers: Option<Writer<File>>,
    /// Jobs that are not over, for the two tables that name them.
    open_jobs: IdVec<FrameworkId, BTreeMap<JobIndex, OpenJob>>,
    error: Option<anyhow::Error>,
    row: Vec<String>,
}

/// What rows call things.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) hosts: IdVec<HostId, Arc<str>>,
    /// The host of each agent that has registered.
    pub(crate) agents: IdVec<AgentId, Option<HostId>>,
    pub(crate) racks: Vec<Arc<str>>,
    pub(crate) frameworks: Vec<String>,
    /// The role of each framework.
    pub(crate) roles: Vec<String>,
}

impl Names {
    pub(super) fn agent_registered(&mut self, agent: AgentId, host: HostId) {
        *self.agents.grow_to(agent, || None) = Some(host);
    }

    pub(super) fn host(&self, host: HostId) -> &str {
        self.hosts.get(host).map_or("", |name| name)
    }

    pub(super) fn framework(&self, framework: FrameworkId) -> &str {
        self.frameworks.get(framework.index()).map_or("", String::as_str)
    }

    /// An agent is called by its host: a host may get another agent.
    pub(super) fn agent(&self, agent: AgentId) -> &str {
        let host = self.agents.get(agent).copied().flatten();
        host.and_then(|host| self.hosts.get(host)).map_or("", |name| name)
    }
}

struct OpenJob {
    job: Arc<Job>,
    launched: Option<Time>,
}

/// Points of each curve in `distributions.csv`.
const CURVE_POINTS: usize = 200;

impl Tables {
    pub(crate) fn create(folder: &Path, names: Names, wanted: &[Table]) -> anyhow::Result<Self> {
        let open = |table, name: &str, header: &[&str]| {
            wanted.contains(&table).then(|| create(folder, name, header)).transpose()
        };
        Ok(Self {
            tasks: open(
                Table::Tasks,
                "tasks.csv",
                &[
                    "framework",
                    "role",
                    "user",
                    "job",
                    "task",
                    "agent",
                    "cpus",
                    "mem_mb",
                    "disk_mb",
                    "gpus",
                    "arrived_s",
                    "launched_s",
                    "started_s",
                    "ended_s",
                    "waiting_time_s",
                    "state",
                ],
            )?,
            jobs: open(
                Table::Jobs,
                "jobs.csv",
                &[
                    "framework",
                    "role",
                    "user",
                    "queue",
                    "priority",
                    "job",
                    "tasks",
                    "arrived_s",
                    "first_launched_s",
                    "ended_s",
                    "response_time_s",
                ],
            )?,
            offers: open(
                Table::Offers,
                "offers.csv",
                &[
                    "time_s",
                    "framework",
                    "role",
                    "event",
                    "offers",
                    "cpus",
                    "mem_mb",
                    "disk_mb",
                    "gpus",
                ],
            )?,
            open_jobs: names.frameworks.iter().map(|_| BTreeMap::new()).collect(),
            folder: folder.to_owned(),
            names,
            error: None,
            row: Vec::new(),
        })
    }

    pub(super) fn take_error(&mut self) -> Option<anyhow::Error> {
        self.error.take()
    }

    pub(super) const fn names(&mut self) -> &mut Names {
        &mut self.names
    }

    pub(super) fn framework(&self, framework: FrameworkId) -> &str {
        self.names.framework(framework)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn offers(
        &mut self,
        now: Time,
        framework: FrameworkId,
        event: &str,
        offers: u32,
        resources: &Quantities,
    ) {
        let Some(writer) = &mut self.offers else { return };
        let index = framework.index();
        let mut row = Row::new(&mut self.row);
        row.time(now);
        row.push(&self.names.frameworks[index]);
        row.push(&self.names.roles[index]);
        row.push(event);
        row.push(offers);
        row.quantities(resources);
        keep_error(&mut self.error, row.write(writer), "offers.csv");
    }

    pub(super) fn job_arrived(&mut self, framework: FrameworkId, index: JobIndex, job: &Arc<Job>) {
        if self.tasks.is_some() || self.jobs.is_some() {
            let open = OpenJob { job: Arc::clone(job), launched: None };
            self.open_jobs[framework].insert(index, open);
        }
    }

    pub(super) fn task(&mut self, record: &TaskRecord) {
        let Self { names, tasks, open_jobs, error, row, .. } = self;
        let Some(open) = open_jobs[record.framework].get_mut(&record.job) else { return };
        if record.state == TaskState::Finished {
            open.launched = Some(open.launched.map_or(record.launched, |t| t.min(record.launched)));
        }
        let Some(writer) = tasks else { return };
        let framework = record.framework.index();
        let mut row = Row::new(row);
        row.text(&names.frameworks[framework]);
        row.text(&names.roles[framework]);
        row.text(&open.job.user);
        row.text(&open.job.name);
        row.push(record.number);
        row.text(names.agent(record.agent));
        row.quantities(&record.demand);
        for time in [record.arrived, record.launched, record.started, record.ended] {
            row.time(time);
        }
        row.seconds(record.started.since(record.arrived));
        row.text(record.state.name());
        keep_error(error, row.write(writer), "tasks.csv");
    }

    pub(super) fn job_ended(&mut self, now: Time, framework: FrameworkId, index: JobIndex) {
        let Some(OpenJob { job, launched }) = self.open_jobs[framework].remove(&index) else {
            return;
        };
        let Some(writer) = &mut self.jobs else { return };
        let framework = framework.index();
        let mut row = Row::new(&mut self.row);
        row.push(&self.names.frameworks[framework]);
        row.push(&self.names.roles[framework]);
        row.push(&job.user);
        row.push(&job.queue);
        row.push(job.priority);
        row.push(&job.name);
        row.push(job.task_count());
        row.time(job.arrival);
        match launched {
            Some(at) => row.time(at),
            None => row.text(""),
        }
        row.time(now);
        row.seconds(now.since(job.arrival));
        keep_error(&mut self.error, row.write(writer), "jobs.csv");
    }

    /// The tables whose length does not follow the work, and the end of those whose does.
    pub(super) fn write_small(
        &mut self,
        timeline: &Timeline,
        role_names: &[String],
        roles: &IdVec<RoleId, RoleRecord>,
    ) -> anyhow::Result<()> {
        for (writer, name) in [
            (&mut self.tasks, "tasks.csv"),
            (&mut self.jobs, "jobs.csv"),
            (&mut self.offers, "offers.csv"),
        ] {
            let flushed = writer.as_mut().map_or(Ok(()), Writer::flush);
            flushed.with_context(|| format!("cannot write {name}"))?;
        }
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.write_timeline(timeline).context("cannot write timeline.csv")?;
        self.write_roles(timeline, role_names).context("cannot write roles.csv")?;
        self.write_distributions(role_names, roles).context("cannot write distributions.csv")
    }

    fn write_timeline(&mut self, timeline: &Timeline) -> anyhow::Result<()> {
        let present: Vec<Scalar> =
            Scalar::ALL.into_iter().filter(|scalar| timeline.most()[*scalar] > 0).collect();
        let mut header: Vec<String> = [
            "time_s",
            "interval_s",
            "tasks_pending",
            "tasks_staging",
            "tasks_running",
            "offers_made",
            "offers_accepted",
            "offers_declined",
            "offers_rescinded",
            "tasks_finished",
        ]
        .map(str::to_owned)
        .into();
        for scalar in &present {
            header.extend(
                ["total", "allocated", "offered"].map(|of| format!("{}_{of}", scalar.name())),
            );
        }
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let mut writer = create(&self.folder, "timeline.csv", &header)?;
        for entry in &timeline.rows {
            let mut row = Row::new(&mut self.row);
            row.time(entry.end);
            row.seconds(entry.length);
            for count in [
                entry.tasks.pending,
                entry.tasks.staging,
                entry.tasks.running,
                entry.offers_made,
                entry.offers_accepted,
                entry.offers_declined,
                entry.offers_rescinded,
                entry.tasks_finished,
            ] {
                row.push(count);
            }
            for scalar in &present {
                for average in entry.resource(*scalar) {
                    row.push(format_args!("{average:.6}"));
                }
            }
            row.write(&mut writer)?;
        }
        Ok(writer.flush()?)
    }

    fn write_roles(&mut self, timeline: &Timeline, role_names: &[String]) -> anyhow::Result<()> {
        let header = ["time_s", "role", "dominant_share", "tasks_running", "tasks_pending"];
        let mut writer = create(&self.folder, "roles.csv", &header)?;
        for entry in &timeline.rows {
            for (index, name) in role_names.iter().enumerate() {
                let (share, tasks) = entry.role(index);
                let mut row = Row::new(&mut self.row);
                row.time(entry.end);
                row.push(name);
                row.push(format_args!("{share:.9}"));
                row.push(tasks.running);
                row.push(tasks.pending);
                row.write(&mut writer)?;
            }
        }
        Ok(writer.flush()?)
    }

    fn write_distributions(
        &mut self,
        role_names: &[String],
        roles: &IdVec<RoleId, RoleRecord>,
    ) -> anyhow::Result<()> {
        let header = ["role", "metric", "value", "cumulative_fraction"];
        let mut writer = create(&self.folder, "distributions.csv", &header)?;
        for (name, role) in role_names.iter().zip(roles) {
            let waiting = role.distributions.waiting_time.cumulative(CURVE_POINTS);
            let slowdown = role.distributions.bounded_slowdown.cumulative(CURVE_POINTS);
            for (metric, points) in [("waiting_time_s", waiting), ("bounded_slowdown", slowdown)] {
                for (value, fraction) in points {
                    let mut row = Row::new(&mut self.row);
                    row.push(name);
                    row.push(metric);
                    row.push(value);
                    row.push(fraction);
                    row.write(&mut writer)?;
                }
            }
        }
        Ok(writer.flush()?)
    }
}
