//! `timeline.csv`: one line per sampling interval.

use std::path::Path;

use super::columns::{Column, Row, Table};
use crate::ReportError;

/// The resources that may have columns, in the order in which they are shown.
const RESOURCES: [&str; 4] = ["cpus", "mem", "disk", "gpus"];

#[derive(Clone, Debug, Default)]
pub struct Timeline {
    pub intervals: Vec<Interval>,
    /// The resources that the cluster has; each holds one entry per interval.
    pub resources: Vec<ResourceUse>,
}

/// What happened from `end_s - length_s` to `end_s`; the tasks are counted at its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub end_s: f64,
    pub length_s: f64,
    pub tasks_pending: f64,
    pub tasks_staging: f64,
    pub tasks_running: f64,
    pub offers_made: f64,
    pub offers_accepted: f64,
    pub offers_declined: f64,
    pub offers_rescinded: f64,
    pub tasks_finished: f64,
}

/// Averages over each interval, in cores, MB or GPUs.
#[derive(Clone, Debug)]
pub struct ResourceUse {
    pub name: &'static str,
    pub total: Vec<f64>,
    pub allocated: Vec<f64>,
    pub offered: Vec<f64>,
}

impl Interval {
    pub fn start_s(&self) -> f64 {
        (self.end_s - self.length_s).max(0.0)
    }
}

impl Timeline {
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let mut table = Table::open(path)?;
        let columns = IntervalColumns::of(&table)?;
        let mut resources = Vec::new();
        for name in RESOURCES {
            if let Some(columns) = ResourceColumns::of(&table, name)? {
                let empty = ResourceUse { name, total: vec![], allocated: vec![], offered: vec![] };
                resources.push((columns, empty));
            }
        }
        let mut intervals: Vec<Interval> = Vec::new();
        table.each(|row| {
            let interval = columns.read(&row)?;
            if intervals.last().is_some_and(|previous| interval.end_s < previous.end_s) {
                return Err(row.refuse(columns.end, "a time not before the previous line's"));
            }
            intervals.push(interval);
            for (columns, resource) in &mut resources {
                resource.total.push(row.number(columns.total)?);
                resource.allocated.push(row.number(columns.allocated)?);
                resource.offered.push(row.number(columns.offered)?);
            }
            Ok(())
        })?;
        Ok(Self { intervals, resources: resources.into_iter().map(|(_, filled)| filled).collect() })
    }

    /// First and last instant that the table covers.
    pub fn span(&self) -> Option<(f64, f64)> {
        Some((self.intervals.first()?.start_s(), self.intervals.last()?.end_s))
    }
}

struct IntervalColumns {
    end: Column,
    length: Column,
    tasks: [Column; 4],
    offers: [Column; 4],
}

impl IntervalColumns {
    fn of(table: &Table) -> Result<Self, ReportError> {
        Ok(Self {
            end: table.column("time_s")?,
            length: table.column("interval_s")?,
            tasks: [
                table.column("tasks_pending")?,
                table.column("tasks_staging")?,
                table.column("tasks_running")?,
                table.column("tasks_finished")?,
            ],
            offers: [
                table.column("offers_made")?,
                table.column("offers_accepted")?,
                table.column("offers_declined")?,
                table.column("offers_rescinded")?,
            ],
        })
    }

    fn read(&self, row: &Row<'_>) -> Result<Interval, ReportError> {
        let [pending, staging, running, finished] = self.tasks;
        let [made, accepted, declined, rescinded] = self.offers;
        Ok(Interval {
            end_s: row.number(self.end)?,
            length_s: row.number(self.length)?,
            tasks_pending: row.number(pending)?,
            tasks_staging: row.number(staging)?,
            tasks_running: row.number(running)?,
            offers_made: row.number(made)?,
            offers_accepted: row.number(accepted)?,
            offers_declined: row.number(declined)?,
            offers_rescinded: row.number(rescinded)?,
            tasks_finished: row.number(finished)?,
        })
    }
}

struct ResourceColumns {
    total: Column,
    allocated: Column,
    offered: Column,
}

impl ResourceColumns {
    /// None if the cluster has no such resource; an error if only some of its columns are there.
    fn of(table: &Table, resource: &str) -> Result<Option<Self>, ReportError> {
        let [total, allocated, offered] =
            ["total", "allocated", "offered"].map(|suffix| format!("{resource}_{suffix}"));
        if ![&total, &allocated, &offered].into_iter().any(|name| table.has(name)) {
            return Ok(None);
        }
        Ok(Some(Self {
            total: table.column(&total)?,
            allocated: table.column(&allocated)?,
            offered: table.column(&offered)?,
        }))
    }
}
