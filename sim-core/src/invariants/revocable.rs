//! What may be taken away again is offered within the estimate.
//!
//! When some of a scalar is offered, all of it that is offered or in use on that agent keeps within what
//! the agent has told last. An estimate that shrinks takes nothing back (`spec/agent.md` 8.4), and a new
//! master hears of tasks before it hears of the estimate: what is in use may then be more, but nothing is
//! added. An agent may hold more than it estimated itself, as tasks that were on their way came after.

use super::{Violation, Witness};
use crate::framework::Framework;
use crate::protocol::OfferId;
use crate::simulation::{Simulation, Submission};
use policy_api::{Allocator, Scalar};

/// The offers of what may be taken away again, after the last event.
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
        let mut stand = Vec::new();
        for (id, _, agent) in master.offers() {
            let offer = master.offer(id).map(|(_, _, resources)| resources);
            let Some(offer) = offer.filter(|offer| offer.has_revocable()) else { continue };
            stand.push(id);
            if self.0.contains(&id) {
                continue;
            }
            let account = master.account(agent);
            let held = (account.offered.revocable().scalar_quantities())
                + account.used.revocable().scalar_quantities();
            let estimated = account.total.revocable().scalar_quantities();
            let offered = offer.revocable().scalar_quantities();
            let exceeds =
                |scalar: &Scalar| offered[*scalar] > 0 && held[*scalar] > estimated[*scalar];
            if Scalar::ALL.iter().any(exceeds) {
                let found =
                    format!("{agent:?} has '{estimated}', held: '{held}', new: '{offered}'");
                return Err(Violation::new("revocable offers keep within the estimate", found));
            }
        }
        self.0 = stand;
        Ok(())
    }
}
