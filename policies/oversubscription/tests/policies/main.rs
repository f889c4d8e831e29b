//! Each policy on series that were computed by hand, and the laws that hold for all of them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod controllers;
mod estimators;
mod host;
mod latency;
mod laws;
mod parameters;
mod peaks;
