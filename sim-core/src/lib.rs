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
pub mod faults;
pub mod framework;
pub mod health;
pub mod invariants;
mod job;
pub mod master;
pub mod network;
mod observe;
mod profile;
pub mod protocol;
#[cfg(feature = "sabotage")]
#[doc(hidden)]
pub mod sabotage;
mod simulation;
mod streams;
pub mod transport;

pub use arena::{Arena, Handle};
pub use event_queue::EventQueue;
pub use job::{Constraint, Heading, Job, Remote, TaskRun, TaskShape, Transfer, Transfers};
pub use observe::{
    AgentChange, Digest, FaultKind, FaultPhase, FrameworkChange, JobIndex, Observation, Observer,
    OfferEnd, RangeChange, ReplicaChange, TaskRecord, TransferPhase, TransferRecord, VolumeChange,
};
pub use profile::Profile;
pub use simulation::{
    Disturbances, End, Failure, Links, MasterSetup, Simulation, Step, Submission, TransportReport,
};
pub use streams::{Streams, stable_hash};
