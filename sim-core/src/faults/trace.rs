//! Faults from a trace of machines, in the style of the table `machine_events` of Google's traces.

use super::{Fault, FaultError, ScriptedFaults};
use crate::protocol::HostId;
use policy_api::{Span, Time};
use std::collections::BTreeMap;

/// What a trace says of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineChange {
    /// It is switched on.
    Add,
    /// It is switched off.
    Remove,
    /// It has another size. Not a fault.
    Update,
}

/// A row of such a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineEvent {
    pub time: Time,
    pub host: HostId,
    pub change: MachineChange,
}

/// Each host is off from its REMOVE to its next ADD, with its disks kept; for ever where there is none.
/// A row that changes nothing, such as an ADD of a host that is on, is no fault: when a host is first
/// switched on is for the list of machines to say. All rows are read, since how long a host is off
/// stands in a later one. Rows that go back in time are errors, named by their number from zero.
pub fn machine_faults(
    rows: impl IntoIterator<Item = MachineEvent>,
) -> Result<ScriptedFaults, Vec<FaultError>> {
    let mut faults: Vec<(Time, Fault)> = Vec::new();
    let mut off: BTreeMap<HostId, usize> = BTreeMap::new();
    let mut errors = Vec::new();
    let mut before = Time::ZERO;
    for (number, MachineEvent { time, host, change }) in rows.into_iter().enumerate() {
        if time < before {
            let problem =
                format!("found {time}, expected at least {before}, that of the row before");
            errors.push(FaultError::new(format!("row {number}"), problem));
        }
        before = time;
        match change {
            MachineChange::Remove => {
                off.entry(host).or_insert_with(|| {
                    faults.push((time, Fault::HostReboot { host, down_for: Span::MAX }));
                    faults.len() - 1
                });
            }
            MachineChange::Add => {
                if let Some(fault) = off.remove(&host).and_then(|index| faults.get_mut(index)) {
                    fault.1 = fault.1.lasting(time.since(fault.0));
                }
            }
            MachineChange::Update => {}
        }
    }
    if errors.is_empty() { ScriptedFaults::new(faults) } else { Err(errors) }
}
