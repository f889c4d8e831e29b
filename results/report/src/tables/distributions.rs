//! `distributions.csv`: cumulative distributions per role, in long form.

use std::collections::BTreeMap;
use std::path::Path;

use super::columns::Table;
use crate::ReportError;

pub(crate) const WAITING_TIME: &str = "waiting_time_s";
pub(crate) const BOUNDED_SLOWDOWN: &str = "bounded_slowdown";

/// How one metric is distributed over the tasks of one role.
#[derive(Clone, Debug)]
pub struct RoleDistribution {
    pub role: String,
    /// `waiting_time_s` or `bounded_slowdown`; there may be others, which no figure shows yet.
    pub metric: String,
    /// Pairs (value, fraction of the tasks that do not exceed it), both ascending.
    pub curve: Vec<(f64, f64)>,
}

/// Roles and metrics in the order in which the file first names them.
pub(super) fn read(path: &Path) -> Result<Vec<RoleDistribution>, ReportError> {
    let mut table = Table::open(path)?;
    let role = table.column("role")?;
    let metric = table.column("metric")?;
    let value = table.column("value")?;
    let fraction = table.column("cumulative_fraction")?;
    let mut all: Vec<RoleDistribution> = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    table.each(|row| {
        let key = (row.text(role).to_owned(), row.text(metric).to_owned());
        let place = *places.entry(key).or_insert_with_key(|(role, metric)| {
            let (role, metric) = (role.clone(), metric.clone());
            all.push(RoleDistribution { role, metric, curve: Vec::new() });
            all.len() - 1
        });
        let curve = &mut all[place].curve;
        let (x, y) = (row.number(value)?, row.number(fraction)?);
        if y <= 0.0 || y > 1.0 {
            return Err(row.refuse(fraction, "a fraction above 0 and at most 1"));
        }
        if let Some(&(last_x, last_y)) = curve.last() {
            if x < last_x {
                return Err(row.refuse(value, "a value not below the previous one of this curve"));
            }
            if y < last_y {
                let expected = "a fraction not below the previous one of this curve";
                return Err(row.refuse(fraction, expected));
            }
        }
        curve.push((x, y));
        Ok(())
    })?;
    Ok(all)
}
