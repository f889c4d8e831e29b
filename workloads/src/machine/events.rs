//! Traces of machines that are switched on and off.

use crate::WorkloadError;
use crate::table::Table;
use crate::tally::Tally;
use policy_api::{Span, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::faults::{MachineChange, MachineEvent};
use sim_core::protocol::HostId;
use std::path::PathBuf;

/// Where a trace of machines comes from, as in `[faults.trace.google_2011]`. Machines are agents by
/// name.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub enum MachineEventsConfig {
    /// A table with the columns `time_s`, `machine` and `event`, which is ADD, REMOVE or UPDATE.
    #[serde(rename = "csv")]
    Csv(MachineEventsFile),
    /// The table `machine_events` of Google `ClusterData` 2011, which has no header: microseconds, the
    /// machine, 0 for ADD, 1 for REMOVE or 2 for UPDATE, and three columns that are not looked at.
    #[serde(rename = "google_2011")]
    Google2011(MachineEventsFile),
}

/// A file of machine events.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineEventsFile {
    /// The table, plain or gzip.
    pub path: PathBuf,
}

impl MachineEventsConfig {
    /// The file, so that a relative path can be resolved.
    pub const fn path_mut(&mut self) -> &mut PathBuf {
        match self {
            Self::Csv(file) | Self::Google2011(file) => &mut file.path,
        }
    }

    /// Reads the trace. Rows of machines that are no hosts are dropped, and counted.
    ///
    /// # Errors
    ///
    /// A table that cannot be read, or that goes back in time, with the line.
    pub fn read(
        &self,
        host_of: impl Fn(&str) -> Option<HostId>,
    ) -> Result<(Vec<MachineEvent>, Tally), WorkloadError> {
        let (mut table, is_google) = match self {
            Self::Csv(file) => (Table::with_header(&file.path)?, false),
            Self::Google2011(file) => (Table::without_header(&file.path, &GOOGLE)?, true),
        };
        let time = table.require(if is_google { GOOGLE[0] } else { "time_s" })?;
        let (machine, event) = (table.require("machine")?, table.require("event")?);
        let mut tally = Tally::new("", "");
        let mut events: Vec<MachineEvent> = Vec::new();
        while let Some(row) = table.next_row()? {
            tally.rows += 1;
            let nanos = if is_google {
                row.whole(time, u64::MAX / 1_000)?.saturating_mul(1_000)
            } else {
                row.seconds(time)?
            };
            let time = Time::ZERO + Span::from_nanos(nanos);
            let change = match row.text(event)? {
                "ADD" | "0" => MachineChange::Add,
                "REMOVE" | "1" => MachineChange::Remove,
                "UPDATE" | "2" => MachineChange::Update,
                _ => return Err(row.error(event, "ADD, REMOVE or UPDATE")),
            };
            if let Some(before) = events.last().filter(|before| before.time > time) {
                return Err(row.backwards("time_s", &time, &before.time, ""));
            }
            match host_of(row.text(machine)?) {
                Some(host) => events.push(MachineEvent { time, host, change }),
                None => tally.drop_record("machine is no agent"),
            }
        }
        Ok((events, tally))
    }
}

const GOOGLE: [&str; 6] = ["time_us", "machine", "event", "platform", "cpus", "memory"];
