//! A share over time in a file of its own: a table with the columns `time_s` and `share`.

use crate::WorkloadError;
use crate::table::Table;
use policy_api::Span;
use std::path::Path;

/// No task uses a thousand times of what it asked for.
const MOST: f64 = 1_000.0;

/// Reads the points of a series, plain or gzip: from each time on, the share.
///
/// # Errors
///
/// A file that cannot be read or has no row; a time that is not later than the one before, and a share
/// that is no number from 0 to 1,000, with line and column.
pub fn read_series(path: &Path) -> Result<Vec<(Span, f64)>, WorkloadError> {
    let mut table = Table::with_header(path)?;
    let (time, share) = (table.require("time_s")?, table.require("share")?);
    let mut points: Vec<(Span, f64)> = Vec::new();
    while let Some(row) = table.next_row()? {
        let from = Span::from_nanos(row.seconds(time)?);
        if let Some((previous, _)) = points.last().filter(|(previous, _)| from <= *previous) {
            let hint = "; each row must be later than the one before";
            return Err(row.backwards("time_s", &from, previous, hint));
        }
        points.push((from, row.number(share, MOST)?));
    }
    if points.is_empty() {
        return Err(WorkloadError::NoRows { path: path.to_owned() });
    }
    Ok(points)
}
