//! The node list of openb.

use super::{Machine, sampled};
use crate::WorkloadError;
use crate::interner::Interner;
use crate::table::Table;
use policy_api::{Amount, Quantities, Scalar};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::Streams;
use std::path::PathBuf;

/// Machines from an openb node list (CSV with the columns `sn`, `cpu_milli`, `memory_mib`, `gpu`,
/// `model`). The model of a machine's GPUs becomes its attribute `gpu_model`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenbMachinesConfig {
    /// The list, plain or gzip.
    pub path: PathBuf,
    /// How many machines to draw from the list, without replacement; all where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<usize>,
}

impl OpenbMachinesConfig {
    /// # Errors
    ///
    /// A list that cannot be read, with the line; a sample larger than the list.
    pub fn read(&self, streams: &Streams) -> Result<Vec<Machine>, WorkloadError> {
        let mut table = Table::with_header(&self.path)?;
        let name = table.require("sn")?;
        let cpu = table.require("cpu_milli")?;
        let memory = table.require("memory_mib")?;
        let gpu = table.require("gpu")?;
        let model = table.require("model")?;
        let mut interner = Interner::default();
        let mut machines = Vec::new();
        while let Some(row) = table.next_row()? {
            let total = Quantities::ZERO
                .with(Scalar::Cpus, amount(row.whole(cpu, MAX)?))
                .with(Scalar::Mem, amount(row.whole(memory, MAX)?) * 1000)
                .with(Scalar::Gpus, amount(row.whole(gpu, MAX)?) * 1000);
            let attributes = match row.text(model)? {
                "" => Vec::new(),
                model => vec![(interner.intern("gpu_model"), interner.intern(model))],
            };
            machines.push(Machine { name: row.text(name)?.into(), total, attributes });
        }
        sampled(machines, self.sample, *streams)
    }
}

/// No machine has more of anything; keeps the products far from overflow.
const MAX: u64 = 1_000_000_000_000;

fn amount(count: u64) -> Amount {
    Amount::try_from(count).unwrap_or(Amount::MAX)
}
