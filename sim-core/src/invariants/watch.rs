//! All invariants of a cluster, after each event and at rest.

use super::reservations::Totals;
use super::views;
use super::{
    Violation, Witness, conservation, liveness, network, offers, quota, revocable, settlement,
    tasks, updates,
};
use crate::framework::Framework;
use crate::protocol::{HostId, TaskId};
use crate::simulation::{Simulation, Submission};
use policy_api::{Allocator, FrameworkId};

/// Watches one run. The simulation must keep its last event
/// ([`check_invariants`](Simulation::check_invariants)), which also checks conservation.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    totals: Totals,
    standing: quota::Standing,
    revocable: revocable::Standing,
    scratch: Vec<(FrameworkId, TaskId, HostId)>,
}

impl Watch {
    /// What holds always. To be called after each event.
    pub fn after_event<A, F, W, E>(
        &mut self,
        simulation: &Simulation<A, Witness<F>, W>,
    ) -> Result<(), Violation>
    where
        A: Allocator + Clone,
        F: Framework,
        W: Iterator<Item = Result<Submission, E>>,
    {
        for witness in simulation.frameworks() {
            if let Some(violation) = &witness.notes().violation {
                return Err(violation.clone());
            }
        }
        self.totals.check(simulation)?;
        tasks::check(simulation, &mut self.scratch)?;
        offers::check(simulation)?;
        network::check(simulation)?;
        self.standing.check(simulation)?;
        self.revocable.check(simulation)
    }

    /// What holds once nothing has happened from outside for long, and nothing is on its way. Until
    /// then it may fail.
    pub fn at_rest<A, F, W, E>(simulation: &Simulation<A, Witness<F>, W>) -> Result<(), Violation>
    where
        A: Allocator + Clone,
        F: Framework,
        W: Iterator<Item = Result<Submission, E>>,
    {
        liveness::at_rest(simulation)?;
        conservation::check_all(simulation.master())?;
        views::at_rest(simulation)?;
        updates::at_rest(simulation)?;
        settlement::at_rest(simulation)?;
        network::at_rest(simulation)?;
        offers::at_rest(simulation)
    }
}
