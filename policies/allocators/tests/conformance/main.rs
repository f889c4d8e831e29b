//! Every unit test of Mesos's own allocator as a scenario of its own: part A of
//! `spec/allocator-conformance.md`, by the ids there.

#![expect(clippy::expect_used, reason = "scenarios are written by hand")]

mod agents;
mod allocatability;
#[expect(dead_code, reason = "the tests of quirks use the same cluster")]
mod cluster;
mod drf;
mod extra;
mod filters;
mod maintenance;
mod metrics;
mod operations;
mod quota;
mod quota_reservations;
