//! Limits of quota are not exceeded by new offers.
//!
//! A limit may be set below what a role consumes already. But when an offer is made in the role, then of
//! each limited scalar that it has beyond reservations, all that the role and those below it consume and
//! are offered keeps within the limit. Offers in the roles below it are not limited, as in Mesos, which
//! looks at a role's own quota only; nor does Mesos count those of the same allocation. Consumed are reservations, used or not, and what tasks and executors use
//! beyond them.

use super::{Violation, Witness};
use crate::framework::Framework;
use crate::protocol::OfferId;
use crate::simulation::{Simulation, Submission};
use policy_api::{Allocator, Quantities, Scalar};

/// The offers that stood after the last event.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing(Vec<OfferId>);

impl Standing {
    pub(super) fn check<A, F, W, E>(
        &mut self,
        simulation: &Simulation<A, Witness<F>, W>,
    ) -> Result<(), Violation>
    where
        A: Allocator + Clone,
        F: Framework,
        W: Iterator<Item = Result<Submission, E>>,
    {
        let master = simulation.master();
        let stand: Vec<OfferId> = master.offers().map(|(id, _, _)| id).collect();
        if stand == self.0 {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.0, stand);
        for (role, limits) in master.quota_limits() {
            let new = |id: &OfferId| !before.contains(id);
            let offered = master.offered_in(&role, new);
            if offered == Quantities::ZERO {
                continue;
            }
            let stood = |id: &OfferId| before.contains(id);
            let charged = master.consumed(&role) + master.offered_to(&role, stood) + offered;
            let exceeds = |scalar: &Scalar| {
                let limit = limits.limit(*scalar);
                offered[*scalar] > 0 && limit.is_some_and(|limit| charged[*scalar] > limit)
            };
            if Scalar::ALL.iter().any(exceeds) {
                let found = format!("'{role}': {charged} of {limits:?}, new: {offered}");
                return Err(Violation::new("new offers keep within limits of quota", found));
            }
        }
        Ok(())
    }
}
