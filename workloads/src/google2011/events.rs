//! Rows of the two event tables.

use crate::WorkloadError;
use crate::table::{Row, Table};
use std::path::Path;

const TASK_COLUMNS: [&str; 13] = [
    "1 (time)",
    "2 (missing info)",
    "3 (job)",
    "4 (task index)",
    "5 (machine)",
    "6 (event)",
    "7 (user)",
    "8 (scheduling class)",
    "9 (priority)",
    "10 (cpu request)",
    "11 (memory request)",
    "12 (disk request)",
    "13 (different machines)",
];
const JOB_COLUMNS: [&str; 8] = [
    "1 (time)",
    "2 (missing info)",
    "3 (job)",
    "4 (event)",
    "5 (user)",
    "6 (scheduling class)",
    "7 (job name)",
    "8 (logical job name)",
];

/// What an event tells about a task, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Submit,
    Schedule,
    Fail,
    Finish,
    Kill,
    /// EVICT, LOST or an update: ends no run, but parts a SCHEDULE from what follows.
    Other,
}

impl Event {
    fn of(code: u64) -> Self {
        match code {
            0 => Self::Submit,
            1 => Self::Schedule,
            3 => Self::Fail,
            4 => Self::Finish,
            5 => Self::Kill,
            _ => Self::Other,
        }
    }
}

/// Fractions of the largest machine; what is not told counts as zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Request {
    pub(super) cpu: f64,
    pub(super) mem: f64,
    pub(super) disk: f64,
}

/// A row of the task events, without its strings.
pub(super) struct TaskEvent {
    pub(super) time_us: u64,
    pub(super) job: u64,
    pub(super) task: u32,
    pub(super) event: Event,
    pub(super) priority: u8,
    pub(super) different_machines: bool,
    pub(super) request: Request,
}

/// A row of the job events.
pub(super) struct JobEvent<'a> {
    pub(super) time_us: u64,
    pub(super) job: u64,
    pub(super) event: Event,
    pub(super) user: &'a str,
    pub(super) class: u8,
}

/// The rows of one file, in time order, without those after the end of the trace.
pub(super) struct Part {
    pub(super) events: Vec<TaskEvent>,
    pub(super) rows: u64,
    first_line: u64,
}

impl Part {
    /// The error for a part whose first event is earlier than the last of the part before.
    pub(super) fn begins_too_early(&self, path: &Path, previous_us: u64) -> WorkloadError {
        WorkloadError::Backwards {
            path: path.to_owned(),
            line: self.first_line,
            column: TASK_COLUMNS[0],
            found: self.events.first().map_or(0, |event| event.time_us).to_string(),
            previous: previous_us.to_string(),
            hint: PARTS_HINT,
        }
    }
}

const PARTS_HINT: &str = " (are the parts listed in the order of time?)";

/// The time of events after the end of the trace.
const AFTER_THE_END: u64 = (1 << 63) - 1;
/// The last time that fits a run when counted in nanoseconds.
const LAST_US: u64 = u64::MAX / 1000;
/// Far above what was ever requested; keeps scaled amounts far from overflow.
const MAX_FRACTION: f64 = 1000.0;

/// Reads a part of the task events.
pub(super) fn read_task_events(path: &Path) -> Result<Part, WorkloadError> {
    let mut table = Table::without_header(path, &TASK_COLUMNS)?;
    let mut part = Part { events: Vec::new(), rows: 0, first_line: 0 };
    let mut previous_us = 0;
    while let Some(row) = table.next_row()? {
        part.rows += 1;
        let Some(time_us) = time(&row, &mut previous_us)? else { continue };
        if part.events.is_empty() {
            part.first_line = row.line();
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded by their limits")]
        part.events.push(TaskEvent {
            time_us,
            job: row.whole(2, u64::MAX)?,
            task: row.whole(3, u64::from(u32::MAX))? as u32,
            event: Event::of(row.whole(5, 8)?),
            priority: row.whole(8, u64::from(u8::MAX))? as u8,
            different_machines: !row.is_empty(12) && row.whole(12, 1)? == 1,
            request: Request {
                cpu: fraction(&row, 9)?,
                mem: fraction(&row, 10)?,
                disk: fraction(&row, 11)?,
            },
        });
    }
    Ok(part)
}

/// Hands each row of a part of the job events to `take`; returns how many there were.
pub(super) fn read_job_events(
    path: &Path,
    previous_us: &mut u64,
    mut take: impl FnMut(&JobEvent<'_>),
) -> Result<u64, WorkloadError> {
    let mut table = Table::without_header(path, &JOB_COLUMNS)?;
    let mut rows = 0;
    while let Some(row) = table.next_row()? {
        rows += 1;
        let Some(time_us) = time(&row, previous_us)? else { continue };
        #[expect(clippy::cast_possible_truncation, reason = "bounded by their limits")]
        take(&JobEvent {
            time_us,
            job: row.whole(2, u64::MAX)?,
            event: Event::of(row.whole(3, 8)?),
            user: row.text(4)?,
            class: row.whole(5, u64::from(u8::MAX))? as u8,
        });
    }
    Ok(rows)
}

/// The time of a row; `None` after the end of the trace.
fn time(row: &Row<'_>, previous_us: &mut u64) -> Result<Option<u64>, WorkloadError> {
    let time_us = row.whole(0, AFTER_THE_END)?;
    if time_us == AFTER_THE_END {
        return Ok(None);
    }
    if time_us > LAST_US {
        return Err(row.error(0, format!("at most {LAST_US} or exactly {AFTER_THE_END}")));
    }
    if time_us < *previous_us {
        return Err(row.backwards("1 (time)", &time_us, previous_us, PARTS_HINT));
    }
    *previous_us = time_us;
    Ok(Some(time_us))
}

fn fraction(row: &Row<'_>, column: usize) -> Result<f64, WorkloadError> {
    if row.is_empty(column) { Ok(0.0) } else { row.number(column, MAX_FRACTION) }
}
