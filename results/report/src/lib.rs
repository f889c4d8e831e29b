//! What is left to see of a finished run: statistics, figures and one page.
//!
//! The crate knows files, not the engine: [`write()`] reads the tables that a run left in its
//! directory and adds `figures/*.svg`, `figures/*.png` and a self-contained `report.html` beside
//! them. The same tables give the same bytes, whatever the number of threads. [`Distribution`] is
//! for the program that makes those tables: it collects waiting times and slowdowns while the run
//! goes on.

mod error;
mod figures;
mod files;
mod format;
mod page;
mod series;
mod statistics;
mod tables;
mod write;

pub use error::ReportError;
pub use statistics::{Distribution, Nanoseconds, Thousandths, Unit};
pub use tables::{
    BestEffort, Events, Fetch, Fetches, Gauges, Input, Interval, Latencies, Latency, LinkLoad,
    Links, Manifest, Ports, ResourceUse, RoleDistribution, RoleRow, RoleTable, Run, ServiceLevel,
    Summary, Timeline, TlsTime,
};
pub use write::{Rendered, write};
