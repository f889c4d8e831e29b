//! No resource is offered twice, and offers are not forgotten.
//!
//! Always: an offer that a framework has and that stands in the master's books is this framework's,
//! with the resources that the framework was told, ephemeral ports apart; what frameworks have of one agent in such offers,
//! with what is in use there, is in the agent's total. Copies of shared volumes are apart: each may be
//! offered to several. Offers that the master has taken back count no more, though the message is
//! still on its way.
//!
//! At rest a subscribed framework has exactly the offers that stand for it.

use super::{Violation, Witness};
use crate::framework::Framework;
use crate::master::shown;
use crate::simulation::{Simulation, Submission};
use policy_api::{AgentId, Allocator, DenseId, FrameworkId, Resources};
use std::collections::BTreeMap;

pub(super) fn check<A, F, W, E>(simulation: &Simulation<A, Witness<F>, W>) -> Result<(), Violation>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    let master = simulation.master();
    let mut held: BTreeMap<AgentId, Resources> = BTreeMap::new();
    for (index, witness) in simulation.frameworks().enumerate() {
        let framework = FrameworkId::from_index(index);
        let notes = witness.notes();
        if !notes.is_subscribed {
            continue;
        }
        for offer in &notes.offers {
            let Some((owner, agent, resources)) = master.offer(offer.id) else { continue };
            if (owner, agent) != (framework, offer.agent) || shown(resources) != offer.resources {
                let found = format!("{framework:?} has {offer:?}, {owner:?} in the books");
                return Err(Violation::new("an offer is what its framework was told", found));
            }
            held.entry(agent).or_default().add(&resources.non_shared());
        }
    }
    for (agent, mut held) in held {
        let account = master.account(agent);
        held.add(&account.used.non_shared());
        if !account.total.contains(&held.non_revocable()) && !master.is_disputed(agent) {
            let found = format!("{agent:?} has '{}', held: '{held}'", account.total);
            return Err(Violation::new("no resource is offered twice", found));
        }
    }
    Ok(())
}

pub(super) fn at_rest<A, F, W, E>(
    simulation: &Simulation<A, Witness<F>, W>,
) -> Result<(), Violation>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    let master = simulation.master();
    for (index, witness) in simulation.frameworks().enumerate() {
        let framework = FrameworkId::from_index(index);
        let notes = witness.notes();
        if !notes.is_subscribed || !super::liveness::is_known(simulation, framework) {
            continue;
        }
        let forgotten = notes.offers.iter().find(|offer| master.offer(offer.id).is_none());
        if let Some(offer) = forgotten {
            let found = format!("{framework:?} still has {offer:?}");
            return Err(Violation::new("at rest no framework has an offer that ended", found));
        }
        let stand = master.offers().filter(|(_, owner, _)| *owner == framework);
        let unheard =
            stand.map(|(id, _, _)| id).find(|id| notes.offers.iter().all(|offer| offer.id != *id));
        if let Some(id) = unheard {
            let found = format!("{framework:?} does not have {id:?}");
            return Err(Violation::new("at rest an offer is in its framework's hands", found));
        }
    }
    Ok(())
}
