//! Google `ClusterData` 2011 v2: task and job events, CSV without a header.
//!
//! Work that is new in the window, since a SUBMIT of a task may be a resubmission of an old one:
//! a job is new if its events have a SUBMIT after time 0. It arrives with the first SUBMIT of its
//! tasks. The service time of a task is its last *complete run*: the time from a SCHEDULE to the
//! FAIL, FINISH or KILL that follows as the very next event of the task. Requests come from the
//! first SUBMIT. Evictions, machines and waiting times are results of the recorded scheduler and
//! are not replayed.
//!
//! The tally's records are tasks: the tasks seen are those yielded and those dropped. Its rows are
//! those of both tables, and it counts cpus and memory in fractions of the largest machine. The
//! whole window is read when the workload is opened, so the tally is complete at once.

mod assemble;
mod events;
mod tasks;

use crate::arrivals::{check_speed_up, one};
use crate::error::{Violation, WorkloadError};
use crate::files::{Needs, UriConfig, UriSetConfig};
use crate::units::{Count, Memory};
pub use assemble::Google2011;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Jobs of the Google cluster trace of 2011.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Google2011Config {
    /// The parts of the task events, in the order of time, plain or gzip.
    pub task_events: Vec<PathBuf>,
    /// The parts of the job events of the same window, in the order of time.
    pub job_events: Vec<PathBuf>,
    /// Which tasks count as work.
    #[serde(default)]
    pub rule: Rule,
    /// Cpus of the largest machine: what a request of 1.0 stands for. Use the same for the
    /// machines.
    #[serde(default = "default_largest_cpus")]
    pub largest_cpus: Count,
    /// Memory of the largest machine: what a request of 1.0 stands for. Use the same for the
    /// machines.
    #[serde(default = "default_largest_mem")]
    pub largest_mem: Memory,
    /// Disk of the largest machine. By default 0, so that tasks ask for no disk: the machine
    /// list has none either.
    #[serde(default)]
    pub largest_disk: Memory,
    /// Whether the tasks of a job with the different-machines flag must not share a machine.
    #[serde(default = "yes")]
    pub honour_different_machines: bool,
    /// Count time from the first arrival. Otherwise from the start of the trace, where nothing
    /// new arrives in the first 600 seconds.
    #[serde(default = "yes")]
    pub from_zero: bool,
    /// Divides all arrival times; durations stay. Greater than 0.
    #[serde(default = "one")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub speed_up: f64,
    /// Stop after this many jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_jobs: Option<u64>,
    /// Files that each task needs before it runs. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<UriConfig>,
    /// Files of which each job needs some. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri_set: Option<UriSetConfig>,
}

/// Which tasks count as work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Those whose last complete run ended with FINISH (rule A).
    Finish,
    /// Those with a complete run, whether it ended with FINISH, KILL or FAIL (rule B).
    #[default]
    All,
}

const fn yes() -> bool {
    true
}

pub(crate) const fn default_largest_cpus() -> Count {
    Count::whole(64)
}

pub(crate) const fn default_largest_mem() -> Memory {
    Memory::from_gib(256)
}

pub(crate) fn check_scale(largest_cpus: Count, largest_mem: Memory) -> Vec<Violation> {
    let mut violations = Vec::new();
    if largest_cpus == Count::ZERO {
        violations.push(Violation::new("largest_cpus", "found 0, expected more than 0"));
    }
    if largest_mem == Memory::ZERO {
        violations.push(Violation::new("largest_mem", "found 0, expected more than 0"));
    }
    violations
}

impl Google2011Config {
    pub(crate) fn needs(&self) -> Needs<'_> {
        Needs { name: "google_2011", uris: &self.uris, uri_set: self.uri_set.as_ref() }
    }

    pub fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        self.task_events.iter_mut().chain(&mut self.job_events).collect()
    }

    /// Reads the window, on as many cores as there are.
    ///
    /// # Errors
    ///
    /// Broken rules of the configuration; anything wrong with a file, with line and column.
    pub fn open(&self) -> Result<Google2011, WorkloadError> {
        WorkloadError::unless_valid(self.violations())?;
        let jobs = tasks::new_jobs(&self.job_events)?;
        let window = tasks::read_window(&self.task_events, jobs)?;
        Ok(Google2011::new(self, window))
    }

    fn violations(&self) -> Vec<Violation> {
        let mut violations = check_scale(self.largest_cpus, self.largest_mem);
        check_speed_up(self.speed_up, &mut violations);
        for (key, paths) in [("task_events", &self.task_events), ("job_events", &self.job_events)] {
            if paths.is_empty() {
                violations.push(Violation::new(key, "found no file, expected at least one"));
            }
        }
        violations
    }
}
