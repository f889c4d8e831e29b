//! What arrives at the cluster: readers of traces and generators of synthetic work.
//!
//! Every source becomes an iterator of [`Job`]s in time order. A reader never drops or changes
//! anything silently: its [`Tally`] counts by reason what was read, dropped and repaired.
//!
//! | source | configuration | memory grows with |
//! |---|---|---|
//! | job classes with distributions | [`synthetic::SyntheticConfig`] | nothing |
//! | parallel batch logs (SWF) | [`swf::SwfConfig`] | nothing |
//! | openb GPU pods | [`openb::OpenbConfig`] | the pods (thousands) |
//! | Google `ClusterData` 2011 | [`google2011::Google2011Config`] | the tasks (150 bytes each) |
//!
//! The scenario file chooses one through [`WorkloadConfig`], and machines through
//! [`MachineTraceConfig`].
//!
//! ```
//! use sim_core::Streams;
//! use workloads::WorkloadConfig;
//!
//! let config: WorkloadConfig = toml::from_str(r#"
//!     [[synthetic.classes]]
//!     name = "batch"
//!     interarrival = { exponential = { mean = "10s" } }
//!     duration = { log_normal = { median = "5m", sigma = 1.2 } }
//!     demand = { cpus = 2, mem = "4GiB" }
//!     jobs = 100
//! "#)?;
//! let mut workload = config.open(&Streams::new(42))?;
//! for job in workload.by_ref() {
//!     let job = job?;
//!     println!("{} arrives at {}", job.name, job.arrival);
//! }
//! assert_eq!(workload.tally().jobs, 100);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arrivals;
mod config;
mod demand;
mod error;
pub mod files;
pub mod google2011;
mod input;
mod interner;
pub mod machine;
mod not_empty;
pub mod openb;
mod series;
pub mod swf;
pub mod synthetic;
mod table;
mod tally;
pub mod units;

pub use config::{MachineTraceConfig, WorkloadConfig};
pub use error::{Violation, WorkloadError, nearest};
pub use machine::Machine;
pub use not_empty::{NotEmpty, ensure_not_empty};
pub use series::read_series;
pub use sim_core::Job;
pub use tally::{ReasonCount, Tally, WorkUnits};

/// A source of jobs in the order of their arrival; ties keep the order of the source.
///
/// After an error the iterator ends.
pub trait Workload: Iterator<Item = Result<Job, WorkloadError>> {
    /// What was read so far. Complete once the iterator is exhausted.
    fn tally(&self) -> &Tally;
}

impl<W: Workload + ?Sized> Workload for Box<W> {
    fn tally(&self) -> &Tally {
        (**self).tally()
    }
}
