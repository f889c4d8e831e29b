//! `latency.csv`: how fast services answer.

use super::columns::Table;
use crate::ReportError;
use std::path::Path;

/// A service, and how its instances did at one instant each, ascending.
pub type Latencies = (String, Vec<Latency>);

/// The instances of a service at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    pub time_s: f64,
    /// Zero: no instance runs, and the rest says nothing.
    pub instances: f64,
    /// Of all instances, each as often as it has requests.
    pub mean_s: f64,
    /// Of the slowest instance.
    pub max_s: f64,
    pub target_s: f64,
}

const MEAN: &str = "/latency_mean_s";

/// Services in the order of the columns.
pub(super) fn read(path: &Path) -> Result<Vec<Latencies>, ReportError> {
    let mut table = Table::open(path)?;
    let time = table.column("time_s")?;
    let services: Vec<String> =
        table.names().filter_map(|name| name.strip_suffix(MEAN)).map(str::to_owned).collect();
    let mut columns = Vec::new();
    for service in &services {
        let column = |name: &str| table.column(&format!("{service}/{name}"));
        columns.push([
            column("instances")?,
            column("latency_mean_s")?,
            column("latency_max_s")?,
            column("target_s")?,
        ]);
    }
    let mut latencies: Vec<Latencies> = services.into_iter().map(|it| (it, Vec::new())).collect();
    table.each(|row| {
        for ((_, rows), [instances, mean, max, target]) in latencies.iter_mut().zip(&columns) {
            rows.push(Latency {
                time_s: row.number(time)?,
                instances: row.number(*instances)?,
                mean_s: row.number(*mean)?,
                max_s: row.number(*max)?,
                target_s: row.number(*target)?,
            });
        }
        Ok(())
    })?;
    Ok(latencies)
}
