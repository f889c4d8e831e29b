//! `ports.csv`: the blocks of ephemeral ports of all agents.

use super::columns::Table;
use crate::ReportError;
use std::path::Path;

/// Blocks of ports at an instant, of all agents together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ports {
    pub time_s: f64,
    /// How many there are.
    pub blocks: f64,
    pub used: f64,
    pub agents_without_free_block: f64,
    /// Launches that have failed for want of a block up to then.
    pub failed: f64,
}

pub(super) fn read(path: &Path) -> Result<Vec<Ports>, ReportError> {
    let mut table = Table::open(path)?;
    let time = table.column("time_s")?;
    let blocks = table.column("blocks")?;
    let used = table.column("blocks_used")?;
    let full = table.column("agents_without_free_block")?;
    let failed = table.column("launches_without_ports")?;
    let mut rows = Vec::new();
    table.each(|row| {
        rows.push(Ports {
            time_s: row.number(time)?,
            blocks: row.number(blocks)?,
            used: row.number(used)?,
            agents_without_free_block: row.number(full)?,
            failed: row.number(failed)?,
        });
        Ok(())
    })?;
    Ok(rows)
}
