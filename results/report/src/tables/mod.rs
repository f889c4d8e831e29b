//! Typed readers for the files that a finished run leaves in its directory.
//!
//! Columns, keys and metrics that are not known here are passed over, so that a newer engine can
//! add some; a file or column that is needed and missing, or a number that is none, is an error
//! with its place.

mod columns;
mod distributions;
mod events;
mod fetches;
mod json;
mod latency;
mod links;
mod ports;
mod roles;
mod timeline;
mod tls;

use std::path::Path;

pub use distributions::RoleDistribution;
pub(crate) use distributions::{BOUNDED_SLOWDOWN, WAITING_TIME};
pub use events::{BestEffort, Events, Gauges, ServiceLevel};
pub use fetches::{Fetch, Fetches};
pub(crate) use json::plain_text;
pub use json::{Input, Manifest, Summary};
pub use latency::{Latencies, Latency};
pub use links::{LinkLoad, Links};
pub use ports::Ports;
pub use roles::{RoleRow, RoleTable};
pub use timeline::{Interval, ResourceUse, Timeline};
pub use tls::TlsTime;

use crate::ReportError;

/// Everything that the report needs of one run.
#[derive(Clone, Debug)]
pub struct Run {
    pub manifest: Manifest,
    pub summary: Summary,
    pub timeline: Timeline,
    pub roles: RoleTable,
    /// In the order of the file.
    pub distributions: Vec<RoleDistribution>,
    /// Nothing, where only work happened.
    pub events: Events,
}

impl Run {
    pub fn read(directory: &Path) -> Result<Self, ReportError> {
        Ok(Self {
            manifest: Manifest::read(&directory.join("run.json"))?,
            summary: Summary::read(&directory.join("summary.json"))?,
            timeline: Timeline::read(&directory.join("timeline.csv"))?,
            roles: RoleTable::read(&directory.join("roles.csv"))?,
            distributions: distributions::read(&directory.join("distributions.csv"))?,
            events: Events::read(directory)?,
        })
    }
}
