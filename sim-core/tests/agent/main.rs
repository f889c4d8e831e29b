//! The agent at its one door.

#[path = "../support/mod.rs"]
mod support;

mod checkpoints;
mod consumption;
mod fetcher;
mod fetcher_random;
mod fetcher_rules;
mod fetches;
mod kills;
mod oversubscription;
mod ports;
mod random;
mod recovery;
mod registration;
mod statistics;
mod tasks;
mod updates;
mod volumes;
