//! What the containers of a cluster share, and how it is divided between them (`spec/network.md`).
//!
//! [`sharing`] divides links between transfers, [`caps`] says how fast one container may send and
//! receive, [`ports`] gives each container its block of ports, [`rates`] are statistics of counters, [`latency`] tells how long a packet and
//! a connection take, [`cache`] decides what the fetcher's cache keeps. Everything is told facts and
//! decides; it has no clock of its own.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod cache;
pub mod caps;
pub mod latency;
pub mod ports;
pub mod rates;
pub mod sharing;
