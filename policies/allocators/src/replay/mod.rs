//! Scripts of facts as JSON lines, and the offers that they lead to.
//!
//! The format is that of the recordings made with Mesos's own allocator (`golden/README.md`): one
//! event per line in, one offer per line out, so that the difference between a recording and a
//! replay is empty or a mistake.

mod agents;
mod error;
mod events;
mod frameworks;
mod output;
mod resources;
mod script;
mod settings;

pub use error::ReplayError;
pub use script::Replay;
