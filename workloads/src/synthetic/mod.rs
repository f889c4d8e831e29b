//! Generated work: classes of jobs, each with its own distributions and random streams.
//!
//! The classes are merged in time order, ties in the order of the classes. Jobs are made when they
//! are asked for, so memory does not grow with their number. Every quantity of a class draws from
//! its own stream, `synthetic/<class>/<quantity>`: changing the durations of one class leaves its
//! arrivals and all other classes as they were.
//!
//! The tally counts memory in MiB; nothing is dropped or repaired.

mod config;
mod distribution;
mod drawn;
mod generator;
mod sampler;

pub use crate::files::{PickConfig, UriConfig, UriSetConfig};
pub use config::{ClassConfig, DemandConfig, SyntheticConfig, TransferConfig};
pub use distribution::Distribution;
pub use drawn::Drawn;
pub use generator::Synthetic;
pub(crate) use sampler::Sampler;
