//! Scripts of facts as JSON lines, and the offers that they lead to.
//!
//! The format is that of the recordings made with Mesos's own allocator (`golden/README.md`): one
//! event per line in, one offer per line out, so that the difference between a recording and a
//! replay is empty or a mistake.

mod agents;
mod allocate;
mod error;
mod fields;
mod frameworks;
mod number;
mod resources;
mod script;
mod write;

pub use error::ReplayError;
pub use resources::parse_resources;
pub use script::Replay;
pub use write::write_resources;
