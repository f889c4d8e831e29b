//! What agents have, as a master would keep it for one framework: offers come out of it, and the
//! operations of an ACCEPT are carried out on it by Mesos's rules.

use super::infos::role;
use policy_api::{AgentId, Resources, Unavailability};
use sim_core::Handle;
use sim_core::protocol::{OfferId, OfferMessage, OfferOperation, OfferOperationKind, TaskId};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Pool {
    pub(crate) free: BTreeMap<AgentId, Resources>,
    pub(crate) tasks: BTreeMap<TaskId, (AgentId, Resources)>,
    /// Outstanding offers by number.
    offers: BTreeMap<u32, (AgentId, Resources)>,
    made: u32,
}

impl Pool {
    pub(crate) fn offer(
        &mut self,
        agent: AgentId,
        resources: Resources,
        unavailability: Option<Unavailability>,
    ) -> OfferMessage {
        self.made += 1;
        self.offers.insert(self.made, (agent, resources.clone()));
        let id = Handle::from_parts(self.made, 0);
        OfferMessage { id, agent, role: role("a"), resources, unavailability }
    }

    /// Offers all that is free there.
    pub(crate) fn offer_rest(&mut self, agent: AgentId) -> Option<OfferMessage> {
        let rest = self.free.get_mut(&agent).map(std::mem::take);
        let rest = rest.filter(|rest| !rest.is_empty())?;
        Some(self.offer(agent, rest, None))
    }

    pub(crate) fn outstanding(&self) -> Vec<OfferId> {
        self.offers.keys().map(|number| Handle::from_parts(*number, 0)).collect()
    }

    /// Carries out an ACCEPT of one offer. Says what was launched; `None` where the offer has gone.
    ///
    /// # Panics
    /// An operation makes no sense, or takes what is not offered.
    pub(crate) fn accept(
        &mut self,
        offers: &[OfferId],
        operations: &[OfferOperation],
    ) -> Option<Vec<TaskId>> {
        let [offer] = offers else { panic!("one offer at a time") };
        let (agent, mut left) = self.offers.remove(&offer.slot())?;
        let mut launched = Vec::new();
        for operation in operations {
            match &operation.kind {
                OfferOperationKind::Launch(launch) => {
                    let used = &launch.resources;
                    assert!(left.contains(used), "{left} does not contain {used}");
                    left.subtract(used);
                    let before = self.tasks.insert(launch.task, (agent, used.clone()));
                    assert!(before.is_none(), "{:?} was launched twice", launch.task);
                    launched.push(launch.task);
                }
                OfferOperationKind::Convert(operation) => {
                    left = left.apply(operation).unwrap_or_else(|error| panic!("{error}"));
                }
                OfferOperationKind::LaunchGroup(_) | OfferOperationKind::Disk(_) => {
                    panic!("not made by these frameworks")
                }
            }
        }
        self.give_back(agent, &left);
        Some(launched)
    }

    /// Declined or rescinded.
    pub(crate) fn withdraw(&mut self, offers: &[OfferId]) {
        for offer in offers {
            if let Some((agent, resources)) = self.offers.remove(&offer.slot()) {
                self.give_back(agent, &resources);
            }
        }
    }

    /// The task has ended.
    pub(crate) fn release(&mut self, task: TaskId) {
        if let Some((agent, resources)) = self.tasks.remove(&task) {
            self.give_back(agent, &resources);
        }
    }

    fn give_back(&mut self, agent: AgentId, resources: &Resources) {
        self.free.entry(agent).or_default().add(resources);
    }
}
