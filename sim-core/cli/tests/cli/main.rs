//! The command line as its users meet it: the program is run, each time in a folder of its own.
//! One test binary, because linking costs more than the tests.

mod bad_events;
mod bad_input;
mod bad_policies;
mod bad_traces;
mod bench;
mod determinism;
mod fetches;
mod garbage;
#[cfg(unix)]
mod interrupt;
mod network;
mod outputs;
mod oversubscription;
mod replay;
mod schema;
mod set;
mod sizes;
mod statistics;
mod support;
mod swarm;
mod transport;
mod unplaceable;
mod unwritable;
mod weather;
