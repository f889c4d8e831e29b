//! The machine list of Google `ClusterData` 2011.

use super::{Machine, sampled};
use crate::WorkloadError;
use crate::demand::scaled;
use crate::error::Violation;
use crate::google2011::{default_largest_cpus, default_largest_mem};
use crate::interner::Interner;
use crate::table::Table;
use crate::units::{Count, Memory};
use policy_api::{Quantities, Scalar};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::Streams;
use std::path::PathBuf;

/// Machines from a list with the columns `machine_id`, `cpu`, `memory`, `platform`, where `cpu`
/// and `memory` are fractions of the largest machine. The platform becomes the attribute
/// `platform`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Google2011MachinesConfig {
    /// The list, plain or gzip.
    pub path: PathBuf,
    /// How many machines to draw from the list, without replacement; all where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<usize>,
    /// Cpus of the largest machine: what 1.0 in the list stands for. Use the same for the tasks.
    #[serde(default = "default_largest_cpus")]
    pub largest_cpus: Count,
    /// Memory of the largest machine: what 1.0 in the list stands for. Use the same for the
    /// tasks.
    #[serde(default = "default_largest_mem")]
    pub largest_mem: Memory,
    /// Disk of every machine, since the list has none.
    #[serde(default)]
    pub disk: Memory,
}

impl Google2011MachinesConfig {
    /// # Errors
    ///
    /// A list that cannot be read, with the line; a sample larger than the list.
    pub fn read(&self, streams: &Streams) -> Result<Vec<Machine>, WorkloadError> {
        WorkloadError::unless_valid(self.violations())?;
        let mut table = Table::with_header(&self.path)?;
        let name = table.require("machine_id")?;
        let cpu = table.require("cpu")?;
        let memory = table.require("memory")?;
        let platform = table.require("platform")?;
        let mut interner = Interner::default();
        let mut machines = Vec::new();
        while let Some(row) = table.next_row()? {
            let total = Quantities::ZERO
                .with(Scalar::Cpus, scaled(row.number(cpu, 1.0)?, self.largest_cpus.amount()))
                .with(Scalar::Mem, scaled(row.number(memory, 1.0)?, self.largest_mem.amount()))
                .with(Scalar::Disk, self.disk.amount());
            let attributes = match row.text(platform)? {
                "" => Vec::new(),
                platform => vec![(interner.intern("platform"), interner.intern(platform))],
            };
            machines.push(Machine { name: row.text(name)?.into(), total, attributes });
        }
        sampled(machines, self.sample, *streams)
    }

    fn violations(&self) -> Vec<Violation> {
        crate::google2011::check_scale(self.largest_cpus, self.largest_mem)
    }
}
