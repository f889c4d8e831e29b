//! The Standard Workload Format of parallel batch logs, read line by line.
//!
//! A rigid job of P processors becomes a job of P tasks with one cpu each. Mesos has no gangs: the
//! tasks start as offers come, not all together, so a run is a lower bound for the waiting times
//! of a real gang. P is the allocated number of processors, or else the requested one; the
//! recorded waiting times are ignored, being results of the recorded scheduler.
//!
//! Dropped, counted in rows: `negative run time` (unknown or broken) and `no processors`. A run
//! time of 0 is kept. The tally counts processors as cpus and memory in MiB.
//!
//! With `recorded_use`, fields 6 and 7 say what each task uses: the share of its run time in which its
//! processor worked, and its memory. What the log does not tell is left to the use of the framework; a
//! processor that worked longer than the run lasted is counted and taken to have worked all the time.

mod line;

use crate::arrivals::{check_speed_up, one, sped_up};
use crate::error::WorkloadError;
use crate::files::{Needs, UriConfig, UriSetConfig};
use crate::input::{self, Input};
use crate::interner::Interner;
use crate::units::Memory;
use crate::{Job, Tally, Workload};
use line::{Field, Line};
use policy_api::{Amount, Quantities, Scalar, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::protocol::{LaunchDetails, RecordedUse};
use sim_core::{TaskRun, TaskShape};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

/// Jobs of a log in the Standard Workload Format, plain or gzip.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwfConfig {
    /// The log.
    pub path: PathBuf,
    /// Count time from the first row of the log. Otherwise its submit times are kept, which may be
    /// Unix times.
    #[serde(default = "yes")]
    pub from_zero: bool,
    /// Memory of every task, whatever the log says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mem_per_task: Option<Memory>,
    /// Memory of a task for which the log has neither a request nor the usage.
    #[serde(default = "default_mem")]
    pub default_mem: Memory,
    /// Tasks use what fields 6 and 7 say, average processor time and used memory.
    #[serde(default)]
    pub recorded_use: bool,
    /// What field 10, the requested memory, counts.
    #[serde(default)]
    pub requested_memory: RequestedMemory,
    /// Which label of a job becomes its queue.
    #[serde(default)]
    pub queue_from: QueueFrom,
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

/// What the requested memory of a log counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestedMemory {
    /// Kilobytes for each processor: the standard.
    #[default]
    KbPerProcessor,
    /// Bytes for each node (wagap-2013). The nodes of a job are counted in field 19 where the log
    /// has it, `{node,node,...}`; otherwise a job is taken to have one.
    BytesPerNode,
}

/// Which label of a job becomes its queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueFrom {
    /// Field 15, or else the name in field 20 where the log has one.
    #[default]
    Queue,
    /// Field 13.
    Group,
    /// Field 14.
    Executable,
    /// Field 16.
    Partition,
}

const fn yes() -> bool {
    true
}

const fn default_mem() -> Memory {
    Memory::from_gib(1)
}

/// See the [module](self).
pub struct Swf {
    config: SwfConfig,
    input: BufReader<Input>,
    buffer: Vec<u8>,
    line: u64,
    first_submit: Option<i64>,
    previous_submit: i64,
    interner: Interner,
    tally: Tally,
    done: bool,
}

impl SwfConfig {
    pub(crate) fn needs(&self) -> Needs<'_> {
        Needs { name: "swf", uris: &self.uris, uri_set: self.uri_set.as_ref() }
    }

    pub fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        vec![&mut self.path]
    }

    /// # Errors
    ///
    /// Broken rules of the configuration; a log that cannot be opened. What is wrong inside the
    /// log comes out of the iterator.
    pub fn open(&self) -> Result<Swf, WorkloadError> {
        let mut violations = Vec::new();
        check_speed_up(self.speed_up, &mut violations);
        WorkloadError::unless_valid(violations)?;
        Ok(Swf {
            config: self.clone(),
            input: BufReader::new(input::open(&self.path)?),
            buffer: Vec::new(),
            line: 0,
            first_submit: None,
            previous_submit: i64::MIN,
            interner: Interner::default(),
            tally: Tally::new("cpus", "MiB"),
            done: false,
        })
    }
}

impl Iterator for Swf {
    type Item = Result<Job, WorkloadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done || self.config.max_jobs.is_some_and(|max| self.tally.jobs >= max) {
            return None;
        }
        let job = self.next_job().transpose();
        self.done = !matches!(job, Some(Ok(_)));
        job
    }
}

impl Workload for Swf {
    fn tally(&self) -> &Tally {
        &self.tally
    }
}

impl Swf {
    /// Reads on to the next row that becomes a job.
    fn next_job(&mut self) -> Result<Option<Job>, WorkloadError> {
        loop {
            self.buffer.clear();
            let length = self
                .input
                .read_until(b'\n', &mut self.buffer)
                .map_err(|source| WorkloadError::read(&self.config.path, source))?;
            if length == 0 {
                return Ok(None);
            }
            self.line += 1;
            let text = self.buffer.trim_ascii();
            if text.is_empty() || text.starts_with(b";") {
                continue;
            }
            let line = Line::split(&self.config.path, self.line, text)?;
            self.tally.rows += 1;
            let submit = line.seconds(Field::Submit)?;
            if submit < self.previous_submit {
                return Err(line.backwards(self.previous_submit));
            }
            self.previous_submit = submit;
            let first_submit = *self.first_submit.get_or_insert(submit);
            let start = if self.config.from_zero { first_submit } else { 0 };
            let Some(arrival_ns) = submit.checked_sub(start).and_then(|ns| u64::try_from(ns).ok())
            else {
                return Err(line.error(Field::Submit, "a number of seconds of at least 0"));
            };
            if let Some(job) =
                read_job(&self.config, &line, arrival_ns, &mut self.interner, &mut self.tally)?
            {
                return Ok(Some(job));
            }
        }
    }
}

/// The job of a row; `None` where it is dropped.
fn read_job(
    config: &SwfConfig,
    line: &Line<'_>,
    arrival_ns: u64,
    interner: &mut Interner,
    tally: &mut Tally,
) -> Result<Option<Job>, WorkloadError> {
    let Ok(run_ns) = u64::try_from(line.seconds(Field::Run)?) else {
        tally.drop_record("negative run time");
        return Ok(None);
    };
    let duration = Span::from_nanos(run_ns);
    let (allocated, requested) =
        (line.processors(Field::Allocated)?, line.processors(Field::RequestedProcessors)?);
    let Some(processors) = allocated.or(requested) else {
        tally.drop_record("no processors");
        return Ok(None);
    };
    let mem = memory(config, line, processors)?.unwrap_or_else(|| {
        tally.repair("memory unknown: the default");
        config.default_mem.amount()
    });
    let queue = match config.queue_from {
        QueueFrom::Queue => line.label(Field::Queue).or_else(|| line.queue_name()),
        QueueFrom::Group => line.label(Field::Group),
        QueueFrom::Executable => line.label(Field::Executable),
        QueueFrom::Partition => line.label(Field::Partition),
    };
    let work = f64::from(processors) * duration.as_secs_f64();
    tally.jobs += 1;
    tally.tasks += u64::from(processors);
    tally.cpu_seconds += work;
    tally.mem_seconds += mem as f64 / 1000.0 * work;
    let demand = Quantities::of(Scalar::Cpus, 1000).with(Scalar::Mem, mem);
    let details = config.recorded_use.then(|| recorded_use(line, run_ns, tally)).transpose()?;
    let details = details
        .map(|recorded_use| Arc::new(LaunchDetails { recorded_use, ..LaunchDetails::default() }));
    Ok(Some(Job {
        arrival: sped_up(arrival_ns, config.speed_up),
        name: line.text(Field::Job).as_ref().into(),
        user: label(line.label(Field::User), interner),
        queue: label(queue, interner),
        priority: 0,
        shapes: vec![TaskShape { demand, constraints: Vec::new(), details }],
        tasks: vec![TaskRun { shape: 0, count: processors, duration }],
    }))
}

/// What each task of a row used.
fn recorded_use(
    line: &Line<'_>,
    run_ns: u64,
    tally: &mut Tally,
) -> Result<RecordedUse, WorkloadError> {
    let mem = line.bytes(Field::UsedMemory)?.filter(|kilobytes| *kilobytes > 0);
    if mem.is_none() {
        tally.repair("used memory unknown: as the framework's tasks");
    }
    let worked_ns = u64::try_from(line.seconds(Field::ProcessorTime)?).ok();
    let cpus = worked_ns.filter(|_| run_ns > 0).map(|worked_ns| {
        if worked_ns > run_ns {
            tally.repair("processor time longer than the run: all of it");
        }
        let share = u128::from(worked_ns.min(run_ns)) * 1000 / u128::from(run_ns);
        Amount::try_from(share).unwrap_or(1000)
    });
    if cpus.is_none() {
        tally.repair("processor time unknown: as the framework's tasks");
    }
    let mem = mem.map(|kilobytes| crate::demand::amount_from_bytes(kilobytes * 1024));
    Ok(RecordedUse { cpus, mem })
}

/// Memory of one task in thousandths of a MB; `None` where the log does not tell.
fn memory(
    config: &SwfConfig,
    line: &Line<'_>,
    processors: u32,
) -> Result<Option<Amount>, WorkloadError> {
    if let Some(mem) = config.mem_per_task {
        return Ok(Some(mem.amount()));
    }
    let requested = line.bytes(Field::RequestedMemory)?;
    let used = line.bytes(Field::UsedMemory)?;
    let bytes = match (requested, config.requested_memory) {
        (Some(bytes), RequestedMemory::BytesPerNode) => {
            Some(bytes * u128::from(line.nodes()) / u128::from(processors))
        }
        (Some(kilobytes), RequestedMemory::KbPerProcessor) => Some(kilobytes * 1024),
        (None, _) => used.map(|kilobytes| kilobytes * 1024),
    };
    Ok(bytes.map(crate::demand::amount_from_bytes))
}

fn label(text: Option<std::borrow::Cow<'_, str>>, interner: &mut Interner) -> Arc<str> {
    interner.intern(&text.unwrap_or_default())
}
