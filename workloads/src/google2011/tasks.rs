//! The fold over the events of a window: one compact record for each task of a new job.

use super::events::{Event, Part, Request, TaskEvent, read_job_events, read_task_events};
use crate::WorkloadError;
use crate::interner::Interner;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A job that is new in the window.
pub(super) struct JobRecord {
    pub(super) id: u64,
    pub(super) user: Arc<str>,
    pub(super) class: u8,
    /// `None` until the first SUBMIT of its tasks.
    pub(super) arrival: Option<Arrival>,
}

/// Jobs that arrive at the same time stay in the order of their rows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrival {
    pub(super) time_us: u64,
    sequence: u32,
}

/// A task of a new job. Requests repeat over thousands of tasks and are kept once.
pub(super) struct TaskRecord {
    /// Index into [`NewJobs::records`].
    pub(super) job: u32,
    /// Index in its job.
    pub(super) index: u32,
    /// What the first SUBMIT said; `None` without one.
    pub(super) submitted: Option<Submitted>,
    pub(super) was_scheduled: bool,
    /// The time of the SCHEDULE, if that is the last event so far.
    running_since_us: Option<u64>,
    /// The last complete run.
    pub(super) run: Option<Run>,
}

#[derive(Clone, Copy)]
pub(super) struct Submitted {
    pub(super) time_us: u64,
    /// Index into [`Window::requests`].
    pub(super) request: u32,
    pub(super) priority: u8,
    pub(super) different_machines: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Run {
    pub(super) duration_us: u64,
    pub(super) finished: bool,
}

/// The jobs that are new in the window, in the order of their job events.
pub(super) struct NewJobs {
    pub(super) records: Vec<JobRecord>,
    by_id: FxHashMap<u64, u32>,
    rows: u64,
}

/// Everything that a window tells.
pub(super) struct Window {
    pub(super) jobs: Vec<JobRecord>,
    pub(super) tasks: Vec<TaskRecord>,
    pub(super) requests: Vec<Request>,
    /// Tasks of jobs that are not new.
    pub(super) old_tasks: u64,
    /// Rows of both tables.
    pub(super) rows: u64,
}

/// A job is new if it has a SUBMIT after time 0.
pub(super) fn new_jobs(paths: &[PathBuf]) -> Result<NewJobs, WorkloadError> {
    let mut jobs = NewJobs { records: Vec::new(), by_id: FxHashMap::default(), rows: 0 };
    let mut users = Interner::default();
    let mut previous_us = 0;
    for path in paths {
        jobs.rows += read_job_events(path, &mut previous_us, |event| {
            if event.event != Event::Submit || event.time_us == 0 {
                return;
            }
            let next = dense(jobs.records.len());
            jobs.by_id.entry(event.job).or_insert_with(|| {
                jobs.records.push(JobRecord {
                    id: event.job,
                    user: users.intern(event.user),
                    class: event.class,
                    arrival: None,
                });
                next
            });
        })?;
    }
    Ok(jobs)
}

/// Reads the parts side by side, as many at a time as there are threads, and folds them in order.
pub(super) fn read_window(paths: &[PathBuf], jobs: NewJobs) -> Result<Window, WorkloadError> {
    let mut fold = Fold::new(jobs);
    for paths in paths.chunks(rayon::current_num_threads().max(1)) {
        let parts: Vec<_> = paths.par_iter().map(|path| read_task_events(path)).collect();
        for (path, part) in paths.iter().zip(parts) {
            fold.part(path, &part?)?;
        }
    }
    Ok(fold.window())
}

struct Fold {
    jobs: NewJobs,
    tasks: Vec<TaskRecord>,
    by_job_and_index: FxHashMap<(u32, u32), u32>,
    requests: Vec<Request>,
    by_request: FxHashMap<[u64; 3], u32>,
    old_tasks: FxHashSet<(u64, u32)>,
    rows: u64,
    last_us: u64,
    arrived_jobs: u32,
}

impl Fold {
    fn new(jobs: NewJobs) -> Self {
        let rows = jobs.rows;
        Self {
            jobs,
            tasks: Vec::new(),
            by_job_and_index: FxHashMap::default(),
            requests: Vec::new(),
            by_request: FxHashMap::default(),
            old_tasks: FxHashSet::default(),
            rows,
            last_us: 0,
            arrived_jobs: 0,
        }
    }

    fn part(&mut self, path: &Path, part: &Part) -> Result<(), WorkloadError> {
        self.rows += part.rows;
        if let (Some(first), Some(last)) = (part.events.first(), part.events.last()) {
            if first.time_us < self.last_us {
                return Err(part.begins_too_early(path, self.last_us));
            }
            self.last_us = last.time_us;
        }
        for event in &part.events {
            match self.jobs.by_id.get(&event.job) {
                Some(&job) => self.event(job, event),
                None => {
                    self.old_tasks.insert((event.job, event.task));
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, job: u32, event: &TaskEvent) {
        let slot = *self.by_job_and_index.entry((job, event.task)).or_insert_with(|| {
            self.tasks.push(TaskRecord {
                job,
                index: event.task,
                submitted: None,
                was_scheduled: false,
                running_since_us: None,
                run: None,
            });
            dense(self.tasks.len() - 1)
        });
        let running_since_us = self.tasks[slot as usize].running_since_us.take();
        match event.event {
            Event::Submit => self.submit(slot, event),
            Event::Schedule => {
                let task = &mut self.tasks[slot as usize];
                task.was_scheduled = true;
                task.running_since_us = Some(event.time_us);
            }
            Event::Fail | Event::Finish | Event::Kill => {
                if let Some(start_us) = running_since_us {
                    self.tasks[slot as usize].run = Some(Run {
                        duration_us: event.time_us - start_us,
                        finished: event.event == Event::Finish,
                    });
                }
            }
            Event::Other => {}
        }
    }

    /// Takes the request of a first SUBMIT.
    fn submit(&mut self, slot: u32, event: &TaskEvent) {
        let task = &mut self.tasks[slot as usize];
        if task.submitted.is_some() {
            return;
        }
        let Request { cpu, mem, disk } = event.request;
        let bits = [cpu, mem, disk].map(f64::to_bits);
        let request = *self.by_request.entry(bits).or_insert_with(|| {
            self.requests.push(event.request);
            dense(self.requests.len() - 1)
        });
        task.submitted = Some(Submitted {
            time_us: event.time_us,
            request,
            priority: event.priority,
            different_machines: event.different_machines,
        });
        let job = &mut self.jobs.records[task.job as usize];
        if job.arrival.is_none() {
            job.arrival = Some(Arrival { time_us: event.time_us, sequence: self.arrived_jobs });
            self.arrived_jobs += 1;
        }
    }

    fn window(self) -> Window {
        Window {
            jobs: self.jobs.records,
            tasks: self.tasks,
            requests: self.requests,
            old_tasks: self.old_tasks.len() as u64,
            rows: self.rows,
        }
    }
}

/// The trace has 25 million tasks; four billion would not fit the memory either.
fn dense(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than 2^32 records")
}
