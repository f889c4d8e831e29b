//! Checks from outside that nothing is lost, made up, given away twice or forgotten.
//!
//! They look at a [`Simulation`](crate::Simulation) through its accessors only. `conservation.rs` needs
//! nothing but the master. The others compare master, agents and frameworks; what frameworks say and
//! hear is noted by a [`Witness`] around each. A [`Watch`] checks after every event what always holds,
//! and [`Watch::at_rest`] what holds once all faults are over and nothing is on its way any more.

mod conservation;
mod liveness;
mod network;
mod offers;
mod quota;
mod reservations;
mod revocable;
mod settlement;
mod tasks;
mod updates;
mod views;
mod watch;
mod witness;

pub use conservation::{check_agent, check_all, check_total};
pub use watch::Watch;
pub use witness::{TaskStory, Witness};

use std::fmt;

/// A broken invariant: a bug of the engine or of the allocator, never of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What should hold.
    pub invariant: &'static str,
    /// Where it does not, and what is there instead.
    pub found: String,
}

impl Violation {
    fn new(invariant: &'static str, found: String) -> Self {
        Self { invariant, found }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { invariant, found } = self;
        write!(f, "{invariant}: {found}")
    }
}
