//! Lists of machines: the cluster that a trace was recorded on, or a sample of it.

mod events;
mod google2011;
mod openb;

pub use events::{MachineEventsConfig, MachineEventsFile};
pub use google2011::Google2011MachinesConfig;
pub use openb::OpenbMachinesConfig;

use crate::error::{Violation, WorkloadError};
use policy_api::Quantities;
use rand::RngExt;
use sim_core::Streams;
use std::sync::Arc;

/// One machine of a list; becomes an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// The name in the list.
    pub name: Arc<str>,
    pub total: Quantities,
    /// Text attributes, name and value.
    pub attributes: Vec<(Arc<str>, Arc<str>)>,
}

/// Draws `sample` machines without replacement and keeps the order of the list; all without it.
fn sampled(
    machines: Vec<Machine>,
    sample: Option<usize>,
    streams: Streams,
) -> Result<Vec<Machine>, WorkloadError> {
    let Some(sample) = sample else { return Ok(machines) };
    if sample == 0 || sample > machines.len() {
        let problem = format!(
            "found {sample}, expected a number from 1 to {}, the machines in the list",
            machines.len()
        );
        return Err(WorkloadError::Config(vec![Violation::new("sample", problem)]));
    }
    // Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S): one draw
    // for each machine, whatever the sample, and the order comes for free.
    let mut stream = streams.stream("machines");
    let (mut wanted, mut left) = (sample as u64, machines.len() as u64);
    Ok(machines
        .into_iter()
        .filter(|_| {
            let chosen = stream.random_range(0..left) < wanted;
            left -= 1;
            wanted -= u64::from(chosen);
            chosen
        })
        .collect())
}
