//! The engine of offersim: a Mesos master, its agents and its frameworks over a virtual clock.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod job;
mod streams;

pub use job::{Constraint, Job, TaskRun, TaskShape};
pub use streams::Streams;
