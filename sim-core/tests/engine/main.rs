//! The parts of the engine that are no machine: queue, streams, links, health checks, faults.

mod event_queue;
mod faults;
mod health;
mod network;
mod network_caps;
mod streams;
mod transport;
