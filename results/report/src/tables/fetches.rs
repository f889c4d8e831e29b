//! `fetches.csv`: what containers have waited for their files.

use super::columns::Table;
use crate::ReportError;
use std::collections::BTreeMap;
use std::path::Path;

/// Of one framework, the containers that got their files, by the time when they had them.
pub type Fetches = (String, Vec<Fetch>);

/// A container that got its files.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fetch {
    pub time_s: f64,
    /// From its launch until it had them.
    pub delay_s: f64,
    /// Files that were to be cached, and those of them that were there or on their way.
    pub asked: f64,
    pub served: f64,
}

/// Frameworks in the order in which the file first names them.
pub(super) fn read(path: &Path) -> Result<Vec<Fetches>, ReportError> {
    let mut table = Table::open(path)?;
    let (time, framework, end) =
        (table.column("time_s")?, table.column("framework")?, table.column("end")?);
    let delays = [table.column("waited_s")?, table.column("worked_s")?];
    let served = [table.column("hits")?, table.column("joins")?];
    let others = [table.column("misses")?, table.column("fallbacks")?];
    let mut fetches: Vec<Fetches> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    table.each(|row| {
        if row.text(end) != "succeeded" {
            return Ok(());
        }
        let name = row.text(framework);
        let place = *places.entry(name.to_owned()).or_insert_with(|| {
            fetches.push((name.to_owned(), Vec::new()));
            fetches.len() - 1
        });
        let served = row.number(served[0])? + row.number(served[1])?;
        fetches[place].1.push(Fetch {
            time_s: row.number(time)?,
            delay_s: row.number(delays[0])? + row.number(delays[1])?,
            asked: served + row.number(others[0])? + row.number(others[1])?,
            served,
        });
        Ok(())
    })?;
    Ok(fetches)
}
