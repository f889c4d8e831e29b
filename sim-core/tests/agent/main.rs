//! The agent at its one door.

#[path = "../support/mod.rs"]
mod support;

mod checkpoints;
mod consumption;
mod kills;
mod oversubscription;
mod random;
mod recovery;
mod registration;
mod tasks;
mod updates;
mod volumes;
