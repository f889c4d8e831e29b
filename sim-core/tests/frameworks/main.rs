//! The frameworks that come with the engine, each at its one door.

#[path = "../support/mod.rs"]
mod support;

mod batch;
mod batch_failures;
mod held_offers;
mod random;
mod service;
mod stateful;
mod stateful_volumes;
