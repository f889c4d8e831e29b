//! The agent at its one door.

#[path = "../support/mod.rs"]
mod support;

mod checkpoints;
mod kills;
mod random;
mod recovery;
mod registration;
mod tasks;
mod updates;
mod volumes;
