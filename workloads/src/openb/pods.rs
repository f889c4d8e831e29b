//! From a row of the list to a pod.

use super::{GpuSharing, OpenbConfig};
use crate::arrivals::sped_up;
use crate::error::WorkloadError;
use crate::interner::Interner;
use crate::table::{Row, Table};
use crate::units::Duration;
use crate::{Job, Tally};
use policy_api::{Amount, Quantities, Scalar, Span};
use sim_core::{Constraint, TaskRun, TaskShape};
use std::sync::Arc;

/// Where the list has its columns. The short lists end after the first five.
pub(super) struct Columns {
    name: usize,
    cpu_milli: usize,
    memory_mib: usize,
    num_gpu: usize,
    gpu_milli: usize,
    gpu_spec: Option<usize>,
    qos: Option<usize>,
    pub(super) times: Option<Times>,
}

pub(super) struct Times {
    creation: usize,
    deletion: usize,
    scheduled: usize,
}

impl Columns {
    pub(super) fn of(table: &Table) -> Result<Self, WorkloadError> {
        let any_time = ["creation_time", "deletion_time", "scheduled_time"]
            .iter()
            .any(|column| table.position(column).is_some());
        let times = if any_time {
            Some(Times {
                creation: table.require("creation_time")?,
                deletion: table.require("deletion_time")?,
                scheduled: table.require("scheduled_time")?,
            })
        } else {
            None
        };
        Ok(Self {
            name: table.require("name")?,
            cpu_milli: table.require("cpu_milli")?,
            memory_mib: table.require("memory_mib")?,
            num_gpu: table.require("num_gpu")?,
            gpu_milli: table.require("gpu_milli")?,
            gpu_spec: table.position("gpu_spec"),
            qos: table.position("qos"),
            times,
        })
    }
}

/// A job with its requests in the units of the list.
pub(super) struct Pod {
    pub(super) job: Job,
    pub(super) creation_ns: u64,
    pub(super) cpus: f64,
    pub(super) mem_gib: f64,
    pub(super) gpus: f64,
}

pub(super) struct PodReader<'a> {
    config: &'a OpenbConfig,
    columns: Columns,
    interner: Interner,
}

/// No pod has more of anything; keeps the products far from overflow.
const MAX: u64 = 1_000_000_000;

impl<'a> PodReader<'a> {
    pub(super) fn new(config: &'a OpenbConfig, columns: Columns) -> Self {
        Self { config, columns, interner: Interner::default() }
    }

    pub(super) fn creation(&self, row: &Row<'_>) -> Result<u64, WorkloadError> {
        self.columns.times.as_ref().map_or(Ok(0), |times| row.seconds(times.creation))
    }

    /// The pod of this row; `None` where it is dropped.
    pub(super) fn pod(
        &mut self,
        row: &Row<'_>,
        creation_ns: u64,
        tally: &mut Tally,
    ) -> Result<Option<Pod>, WorkloadError> {
        let columns = &self.columns;
        let cpu_milli = amount(row.whole(columns.cpu_milli, MAX)?);
        let memory_mib = amount(row.whole(columns.memory_mib, MAX)?);
        let gpu_milli =
            amount(row.whole(columns.num_gpu, MAX)?) * amount(row.whole(columns.gpu_milli, 1000)?);
        let (queue, priority) = self.class_of_service(row)?;
        let constraints = self.gpu_models(row)?;
        let Some(duration) = self.duration(row, tally)? else { return Ok(None) };
        if cpu_milli == 0 && memory_mib == 0 && gpu_milli == 0 {
            tally.drop_record("empty request");
            return Ok(None);
        }
        let gpus = match self.config.gpu_sharing {
            GpuSharing::Whole if gpu_milli % 1000 != 0 => {
                tally.repair("share of a GPU rounded up");
                (gpu_milli / 1000 + 1) * 1000
            }
            GpuSharing::Whole | GpuSharing::Fraction => gpu_milli,
        };
        let demand = Quantities::ZERO
            .with(Scalar::Cpus, cpu_milli)
            .with(Scalar::Mem, memory_mib * 1000)
            .with(Scalar::Gpus, gpus);
        let job = Job {
            arrival: sped_up(creation_ns, self.config.speed_up),
            name: row.text(self.columns.name)?.into(),
            user: self.interner.intern(""),
            queue,
            priority,
            shapes: vec![TaskShape { demand, constraints, details: None }],
            tasks: vec![TaskRun { shape: 0, count: 1, duration }],
        };
        Ok(Some(Pod {
            job,
            creation_ns,
            cpus: cpu_milli as f64 / 1000.0,
            mem_gib: memory_mib as f64 / 1024.0,
            gpus: gpu_milli as f64 / 1000.0,
        }))
    }

    /// From scheduling to deletion: the wait before is a result of the recorded scheduler.
    fn duration(&self, row: &Row<'_>, tally: &mut Tally) -> Result<Option<Span>, WorkloadError> {
        let Some(times) = &self.columns.times else {
            return Ok(self.config.duration.map(Duration::span));
        };
        let deletion = row.seconds(times.deletion)?;
        if row.is_empty(times.scheduled) {
            tally.drop_record("unscheduled");
            return Ok(None);
        }
        let scheduled = row.seconds(times.scheduled)?;
        let duration = deletion.checked_sub(scheduled).map(Span::from_nanos);
        if duration.is_none() {
            tally.drop_record("negative run time");
        }
        Ok(duration)
    }

    /// The queue and its priority.
    fn class_of_service(&mut self, row: &Row<'_>) -> Result<(Arc<str>, u8), WorkloadError> {
        let Some(column) = self.columns.qos else { return Ok((self.interner.intern(""), 0)) };
        let qos = row.text(column)?;
        let priority = match qos {
            "LS" | "Guaranteed" => 2,
            "Burstable" => 1,
            "BE" => 0,
            _ => return Err(row.error(column, "LS, Guaranteed, Burstable or BE")),
        };
        Ok((self.interner.intern(qos), priority))
    }

    fn gpu_models(&mut self, row: &Row<'_>) -> Result<Vec<Constraint>, WorkloadError> {
        let models = self.columns.gpu_spec.map_or(Ok(""), |column| row.text(column))?;
        if models.is_empty() {
            return Ok(Vec::new());
        }
        let name = self.interner.intern("gpu_model");
        let values = models.split('|').map(|model| self.interner.intern(model)).collect();
        Ok(vec![Constraint::AttributeIn { name, values }])
    }
}

fn amount(count: u64) -> Amount {
    Amount::try_from(count).unwrap_or(Amount::MAX)
}
