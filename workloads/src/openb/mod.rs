//! Pods of openb, a GPU cluster (Alibaba, 2023): CSV with a header.
//!
//! A pod becomes a job with one task. Pods that were never scheduled have no run time and are
//! dropped as `unscheduled`; the tally's records are rows. The tally counts memory in GiB and
//! GPUs in the shares of the list, also where `gpu_sharing` rounds them up.
//!
//! The lists without times (`multigpu`) are read too: see [`OpenbConfig::duration`].

mod pods;

use crate::arrivals::{check_speed_up, one};
use crate::error::{Violation, WorkloadError};
use crate::files::{Needs, UriConfig, UriSetConfig};
use crate::table::Table;
use crate::units::Duration;
use crate::{Job, Tally, Workload};
use pods::{Columns, Pod, PodReader};
use policy_api::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Pods of an openb list, plain or gzip.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenbConfig {
    /// The pod list.
    pub path: PathBuf,
    /// What becomes of a pod that asks for a share of one GPU.
    #[serde(default)]
    pub gpu_sharing: GpuSharing,
    /// The run time of every pod of a list without times, whose pods all arrive at time 0.
    /// Refused for a list that has times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    /// Sort the pods by creation time, ties in file order. Some lists of the family need it;
    /// without it a pod that was created before its predecessor is an error.
    #[serde(default)]
    pub sort: bool,
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

/// What becomes of a pod that asks for a share of one GPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GpuSharing {
    /// It gets whole GPUs, as Mesos demands: shares are rounded up and counted as repaired.
    #[default]
    Whole,
    /// It gets its share, for studies of a Mesos that could split GPUs.
    Fraction,
}

/// See the [module](self). Read completely when it is opened, so the tally is complete at once.
pub struct Openb {
    jobs: std::vec::IntoIter<Job>,
    tally: Tally,
}

impl OpenbConfig {
    pub(crate) fn needs(&self) -> Needs<'_> {
        Needs { name: "openb", uris: &self.uris, uri_set: self.uri_set.as_ref() }
    }

    pub fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        vec![&mut self.path]
    }

    /// # Errors
    ///
    /// Broken rules of the configuration; anything wrong with the list, with line and column.
    pub fn open(&self) -> Result<Openb, WorkloadError> {
        let mut violations = Vec::new();
        check_speed_up(self.speed_up, &mut violations);
        WorkloadError::unless_valid(violations)?;
        let mut table = Table::with_header(&self.path)?;
        let columns = Columns::of(&table)?;
        self.check_duration(&columns)?;

        let mut reader = PodReader::new(self, columns);
        let mut tally = Tally::new("cpus", "GiB");
        let (mut jobs, mut previous) = (Vec::new(), 0);
        while let Some(row) = table.next_row()? {
            if !self.sort && self.max_jobs.is_some_and(|max| jobs.len() as u64 >= max) {
                break;
            }
            tally.rows += 1;
            let creation_ns = reader.creation(&row)?;
            if creation_ns < previous && !self.sort {
                let hint = "; set `sort = true` to sort the list";
                let (found, previous) = (Span::from_nanos(creation_ns), Span::from_nanos(previous));
                return Err(row.backwards("creation_time", &found, &previous, hint));
            }
            previous = creation_ns;
            if let Some(pod) = reader.pod(&row, creation_ns, &mut tally)? {
                jobs.push(pod);
            }
        }
        Ok(self.finish(jobs, tally))
    }

    /// Puts the pods in order, cuts them and adds up their work.
    fn finish(&self, mut pods: Vec<Pod>, mut tally: Tally) -> Openb {
        if self.sort {
            pods.sort_by_key(|pod| pod.creation_ns); // stable: ties stay in file order
        }
        if let Some(max) = self.max_jobs.and_then(|max| usize::try_from(max).ok())
            && max < pods.len()
        {
            tally.drop_records("beyond max_jobs", (pods.len() - max) as u64);
            pods.truncate(max);
        }
        for pod in &pods {
            let seconds = pod.job.tasks[0].duration.as_secs_f64();
            tally.cpu_seconds += pod.cpus * seconds;
            tally.mem_seconds += pod.mem_gib * seconds;
            tally.gpu_seconds += pod.gpus * seconds;
        }
        tally.jobs = pods.len() as u64;
        tally.tasks = tally.jobs;
        let jobs: Vec<_> = pods.into_iter().map(|pod| pod.job).collect();
        Openb { jobs: jobs.into_iter(), tally }
    }

    fn check_duration(&self, columns: &Columns) -> Result<(), WorkloadError> {
        let path = self.path.display();
        let problem = match (&columns.times, self.duration) {
            (None, None) => format!(
                "{path} has no columns creation_time, deletion_time and scheduled_time, so a \
                 duration for all pods is expected, as in duration = \"10m\""
            ),
            (Some(_), Some(duration)) => format!(
                "found {duration}, but {path} has times of its own; a duration is for lists without"
            ),
            (Some(_), None) | (None, Some(_)) => return Ok(()),
        };
        Err(WorkloadError::Config(vec![Violation::new("duration", problem)]))
    }
}

impl Iterator for Openb {
    type Item = Result<Job, WorkloadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.jobs.next().map(Ok)
    }
}

impl Workload for Openb {
    fn tally(&self) -> &Tally {
        &self.tally
    }
}
