//! The engine of offersim: a Mesos master, its agents and its frameworks over a virtual clock.
//!
//! Each machine ([`master::Master`], [`agent::Agent`], a [`framework::Framework`]) is a plain value
//! with one door: `handle(now, input, out)`. It has no clock, socket, file or thread; timers are
//! outputs that come back as inputs. [`Simulation`] is the one place that moves time and carries
//! messages. The engine knows the allocator as a trait and names no concrete policy.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod agent;
mod arena;
mod event_queue;
pub mod framework;
pub mod invariants;
mod job;
pub mod master;
pub mod network;
mod observe;
pub mod protocol;
mod simulation;
mod streams;

pub use arena::{Arena, Handle};
pub use event_queue::EventQueue;
pub use job::{Constraint, Job, TaskRun, TaskShape};
pub use observe::{Digest, JobIndex, Observation, Observer, OfferEnd, TaskRecord};
pub use simulation::{End, Failure, Links, Simulation, Step, Submission};
pub use streams::{Streams, stable_hash};
