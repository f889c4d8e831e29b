//! Reservations and volumes do not vanish or appear by themselves.
//!
//! Per host, what operations have made changes only by an operation that arrives and fits, by a complete
//! list that an older master sends, or with the disks when the host is replaced. Nothing else changes it:
//! no crash, no reboot, no registration, no master. Disks of resource providers are apart, since these
//! keep their own books. The quantities without reservations never change at all.

use super::{Violation, Witness};
use crate::framework::Framework;
use crate::protocol::{HostId, ToAgent};
use crate::simulation::{Simulation, Submission};
use policy_api::{Allocator, IdVec, Resources};

/// What each host had after the last event.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals(IdVec<HostId, Resources>);

impl Totals {
    pub(super) fn check<A, F, W, E>(
        &mut self,
        simulation: &Simulation<A, Witness<F>, W>,
    ) -> Result<(), Violation>
    where
        A: Allocator + Clone,
        F: Framework,
        W: Iterator<Item = Result<Submission, E>>,
    {
        for agent in simulation.agents() {
            let (host, total) = (agent.host(), agent.total());
            let before = self.0.grow_to(host, || agent.registration().total.clone());
            if before == total {
                continue;
            }
            let before = std::mem::replace(before, total.clone());
            let stripped = |total: &Resources| total.to_unreserved().scalar_quantities();
            if stripped(&before) != stripped(total) {
                let found = format!("{host:?}: '{before}' became '{total}'");
                return Err(Violation::new("operations change no quantities", found));
            }
            let made = |total: &Resources| total.filter(false, made_by_operation);
            let (had, has) = (made(&before), agent.checkpointed());
            let expected = match simulation.last_message_to_agent() {
                Some((to, ToAgent::Apply { operation, .. })) if to == host => {
                    before.apply(operation).map_or(had, |total| made(&total))
                }
                Some((to, ToAgent::CheckpointResources(list))) if to == host => list.clone(),
                Some(_) | None if simulation.last_replacement() == Some(host) => Resources::EMPTY,
                Some(_) | None => had,
            };
            if has != expected {
                let found = format!("{host:?}: '{has}' instead of '{expected}'");
                let invariant = "reservations and volumes change by operations only";
                return Err(Violation::new(invariant, found));
            }
        }
        Ok(())
    }
}

fn made_by_operation(resource: &policy_api::Resource) -> bool {
    let source = resource.disk.as_ref().and_then(|disk| disk.source.as_ref());
    let provided = resource.provider.is_some() || source.is_some_and(|it| it.id.is_some());
    !provided && (resource.is_dynamically_reserved() || resource.is_persistent_volume())
}
