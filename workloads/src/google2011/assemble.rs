//! From the records of a window to jobs in time order.

use super::events::Request;
use super::tasks::{JobRecord, TaskRecord, Window};
use super::{Google2011Config, Rule};
use crate::arrivals::sped_up;
use crate::demand::{push_task, scaled};
use crate::error::WorkloadError;
use crate::{Job, Tally, Workload};
use policy_api::{Quantities, Scalar, Span};
use sim_core::{Constraint, TaskRun, TaskShape};
use std::ops::Range;
use std::sync::Arc;

/// Yields the jobs of a window; see the [module](super).
pub struct Google2011 {
    config: Google2011Config,
    jobs: Vec<JobRecord>,
    /// The tasks to yield, grouped by job.
    tasks: Vec<KeptTask>,
    /// What each distinct request asks for.
    demands: Vec<Quantities>,
    /// The jobs to yield in the order of arrival, with their tasks.
    order: std::vec::IntoIter<(u32, Range<usize>)>,
    first_us: u64,
    queues: Vec<Arc<str>>,
    tally: Tally,
}

/// A task that becomes work, by job and, inside a job, in the order of its tasks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct KeptTask {
    /// Place of the job in the order of arrival.
    rank: u32,
    submit_us: u64,
    index: u32,
    job: u32,
    duration_us: u64,
    request: u32,
    priority: u8,
    different_machines: bool,
}

impl Google2011 {
    pub(super) fn new(config: &Google2011Config, window: Window) -> Self {
        let mut tally = Tally::new("of the largest machine", "of the largest machine");
        tally.rows = window.rows;
        tally.drop_records("not of a new job", window.old_tasks);

        let demands: Vec<_> =
            window.requests.iter().map(|request| demand(config, request)).collect();
        let ranks = ranks(&window.jobs);
        let mut tasks = Vec::new();
        for task in &window.tasks {
            match kept(task, &ranks, &demands, config.rule) {
                Ok(task) => tasks.push(task),
                Err(reason) => tally.drop_record(reason),
            }
        }
        tasks.sort_unstable(); // no two are equal: job and index tell them apart

        let mut order = Vec::new();
        let mut start = 0;
        for group in tasks.chunk_by(|a, b| a.job == b.job) {
            order.push((group[0].job, start..start + group.len()));
            start += group.len();
        }
        if let Some(max) = config.max_jobs.and_then(|max| usize::try_from(max).ok())
            && let Some((_, first_cut)) = order.get(max)
        {
            tally.drop_records("beyond max_jobs", (tasks.len() - first_cut.start) as u64);
            tasks.truncate(first_cut.start);
            order.truncate(max);
        }
        for task in &tasks {
            let request = window.requests[task.request as usize];
            let seconds = Span::from_micros(task.duration_us).as_secs_f64();
            tally.cpu_seconds += request.cpu * seconds;
            tally.mem_seconds += request.mem * seconds;
        }
        tally.jobs = order.len() as u64;
        tally.tasks = tasks.len() as u64;

        let arrival_us = |job: u32| window.jobs[job as usize].arrival.map_or(0, |a| a.time_us);
        let first_us =
            order.first().filter(|_| config.from_zero).map_or(0, |&(job, _)| arrival_us(job));
        Self {
            config: config.clone(),
            jobs: window.jobs,
            tasks,
            demands,
            order: order.into_iter(),
            first_us,
            queues: (0..=u8::MAX).map(|class| class.to_string().into()).collect(),
            tally,
        }
    }

    fn job(&self, job: u32, tasks: &[KeptTask]) -> Job {
        let record = &self.jobs[job as usize];
        let arrival_us = record.arrival.map_or(0, |arrival| arrival.time_us);
        // Nearly always one shape, so a list is searched faster than a map.
        let mut shapes_of: Vec<(u32, bool)> = Vec::new();
        let mut runs = Vec::new();
        for task in tasks {
            let unique = task.different_machines && self.config.honour_different_machines;
            let key = (task.request, unique);
            let shape = shapes_of.iter().position(|known| *known == key).unwrap_or_else(|| {
                shapes_of.push(key);
                shapes_of.len() - 1
            });
            #[expect(clippy::cast_possible_truncation, reason = "fewer shapes than tasks")]
            let shape = shape as u32;
            let duration = Span::from_micros(task.duration_us);
            push_task(&mut runs, TaskRun { shape, count: 1, duration });
        }
        Job {
            arrival: sped_up((arrival_us - self.first_us) * 1000, self.config.speed_up),
            name: record.id.to_string().into(),
            user: Arc::clone(&record.user),
            queue: Arc::clone(&self.queues[usize::from(record.class)]),
            priority: tasks[0].priority,
            shapes: shapes_of
                .iter()
                .map(|&(request, unique)| self.shape(request, unique))
                .collect(),
            tasks: runs,
        }
    }

    fn shape(&self, request: u32, unique: bool) -> TaskShape {
        let constraints = if unique { vec![Constraint::UniqueAgent] } else { Vec::new() };
        TaskShape { demand: self.demands[request as usize], constraints, details: None }
    }
}

impl Iterator for Google2011 {
    type Item = Result<Job, WorkloadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (job, tasks) = self.order.next()?;
        Some(Ok(self.job(job, &self.tasks[tasks])))
    }
}

impl Workload for Google2011 {
    fn tally(&self) -> &Tally {
        &self.tally
    }
}

fn demand(config: &Google2011Config, request: &Request) -> Quantities {
    Quantities::ZERO
        .with(Scalar::Cpus, scaled(request.cpu, config.largest_cpus.amount()))
        .with(Scalar::Mem, scaled(request.mem, config.largest_mem.amount()))
        .with(Scalar::Disk, scaled(request.disk, config.largest_disk.amount()))
}

/// The place of each job in the order of arrival; jobs of which no task was submitted come last.
fn ranks(jobs: &[JobRecord]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|&job| (jobs[job].arrival.is_none(), jobs[job].arrival));
    let mut ranks = vec![0; jobs.len()];
    for (rank, job) in (0..).zip(order) {
        ranks[job] = rank;
    }
    ranks
}

/// The task as work, or why it is none.
fn kept(
    task: &TaskRecord,
    ranks: &[u32],
    demands: &[Quantities],
    rule: Rule,
) -> Result<KeptTask, &'static str> {
    let submitted = task.submitted.ok_or("never submitted")?;
    if !task.was_scheduled {
        return Err("never scheduled");
    }
    let run = task.run.ok_or("no complete run")?;
    if rule == Rule::Finish && !run.finished {
        return Err("last run not finished");
    }
    if demands[submitted.request as usize].is_zero() {
        return Err("empty request");
    }
    Ok(KeptTask {
        rank: ranks[task.job as usize],
        submit_us: submitted.time_us,
        index: task.index,
        job: task.job,
        duration_us: run.duration_us,
        request: submitted.request,
        priority: submitted.priority,
        different_machines: submitted.different_machines,
    })
}
