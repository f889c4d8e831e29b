//! Mesos's own benchmarks of its allocator, its sorters and its resources, with ours
//! (`spec/allocator-benchmarks.md`).
//!
//! Nothing here has a clock. Whoever runs a [`Benchmark`] lends it one, any function that tells how
//! much processor time has been used so far, and gets back how long each phase took. Where Mesos's
//! benchmark states how many offers there must be, ours counts them and fails if there are others.
//!
//! [`Benchmark::run`] first times the floor of the same size ([`floor`]), so that times can be read
//! as multiples of what no allocator could do without; [`published`] knows what Mesos took.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod agents;
mod catalogue;
mod cluster;
mod conversions;
mod cycles;
pub mod floor;
mod offers;
pub mod published;
mod quota;
mod resources;
mod sorters;
mod specs;
mod tasks;
mod trial;

pub use catalogue::{Axis, BENCHMARKS, Benchmark, Size, SizeError};
pub use cluster::{Cluster, Held};
pub use conversions::{reserved_cluster, unreserve_and_reserve};
pub use cycles::{Shape, refuse_everything};
pub use quota::large_and_small_cluster;
pub use specs::AgentSpec;
pub use trial::{Measurement, Mismatch};
