//! `roles.csv`: one line per sampling interval and role.

use std::collections::BTreeMap;
use std::path::Path;

use super::columns::Table;
use crate::ReportError;

#[derive(Clone, Debug, Default)]
pub struct RoleTable {
    /// Roles in the order in which the file first names them, each with its lines in order.
    pub roles: Vec<(String, Vec<RoleRow>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoleRow {
    /// End of the interval.
    pub time_s: f64,
    /// Time average of the greatest of the role's shares of the resources: 1 is the whole cluster.
    pub dominant_share: f64,
    pub tasks_running: f64,
    pub tasks_pending: f64,
}

impl RoleTable {
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let mut table = Table::open(path)?;
        let time = table.column("time_s")?;
        let role = table.column("role")?;
        let share = table.column("dominant_share")?;
        let running = table.column("tasks_running")?;
        let pending = table.column("tasks_pending")?;
        let mut roles: Vec<(String, Vec<RoleRow>)> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        table.each(|row| {
            let name = row.text(role);
            let place = places.get(name).copied().unwrap_or_else(|| {
                places.insert(name.to_owned(), roles.len());
                roles.push((name.to_owned(), Vec::new()));
                roles.len() - 1
            });
            let rows = &mut roles[place].1;
            let time_s = row.number(time)?;
            if rows.last().is_some_and(|previous| time_s <= previous.time_s) {
                return Err(row.refuse(time, "a time after the role's previous line"));
            }
            rows.push(RoleRow {
                time_s,
                dominant_share: row.number(share)?,
                tasks_running: row.number(running)?,
                tasks_pending: row.number(pending)?,
            });
            Ok(())
        })?;
        Ok(Self { roles })
    }

    /// All instants at which some role has a line, ascending.
    pub(crate) fn times(&self) -> Vec<f64> {
        let mut times: Vec<f64> =
            self.roles.iter().flat_map(|(_, rows)| rows.iter().map(|row| row.time_s)).collect();
        times.sort_by(f64::total_cmp);
        times.dedup_by(|a, b| a.total_cmp(b).is_eq());
        times
    }
}
