//! What Mesos draws at random.
//!
//! The allocator under test draws for the agents that are awake only, so the same seed cannot give
//! both allocators the same draws. Its decisions tell what it drew: whoever was served came first,
//! in the order of the decisions. With these draws the plain allocator must decide the same, and
//! find nothing for anybody who comes after: no agent was forgotten.

use super::chop::CutOrder;
use super::cycle::Offer;
use policy_allocators::{AgentOrder, HierarchicalOptions, SorterKind};
use policy_api::{AgentId, AllocationStage, Decision, FrameworkId, RoleId};

pub(crate) struct Draws<'a> {
    random_agents: bool,
    random_sorter: bool,
    pub(super) cut_order: CutOrder,
    decided: &'a [Decision],
}

type Place = (AllocationStage, AgentId, RoleId, FrameworkId);

impl<'a> Draws<'a> {
    /// Read from what was decided; where the options leave nothing to chance it is not looked at.
    pub(crate) fn of(options: &HierarchicalOptions, decided: &'a [Decision]) -> Self {
        let random_agents = matches!(options.agent_order, AgentOrder::Random(_));
        Self {
            random_agents,
            cut_order: if random_agents { CutOrder::Any } else { CutOrder::AsRecorded },
            random_sorter: matches!(options.sorter, SorterKind::Random(_)),
            decided,
        }
    }

    fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.decided.iter().filter_map(|decision| match *decision {
            Decision::Offer { stage, agent, role, framework, .. } => {
                Some((stage, agent, role, framework))
            }
            Decision::InverseOffer { .. } => None,
        })
    }

    /// Those served first, as they were served; the others after them as they are.
    fn served_first<T: Copy>(&self, all: &mut [T], is: impl Fn(T, Place) -> bool) {
        all.sort_by_key(|&item| {
            self.places().position(|place| is(item, place)).unwrap_or(usize::MAX)
        });
    }

    pub(super) fn agents(&self, stage: AllocationStage, all: &mut [AgentId]) {
        if self.random_agents {
            self.served_first(all, |agent, place| (stage, agent) == (place.0, place.1));
        }
    }

    pub(super) fn roles(&self, stage: AllocationStage, agent: AgentId, all: &mut [RoleId]) {
        if self.random_sorter {
            self.served_first(all, |role, place| {
                (stage, agent, role) == (place.0, place.1, place.2)
            });
        }
    }

    pub(super) fn frameworks(
        &self,
        stage: AllocationStage,
        agent: AgentId,
        role: RoleId,
        all: &mut [FrameworkId],
    ) {
        if self.random_sorter {
            self.served_first(all, |framework, place| (stage, agent, role, framework) == place);
        }
    }

    /// Of the offers that different orders of cutting lead to, the one that was made.
    pub(super) fn choose(&self, place: Place, mut possible: Vec<Option<Offer>>) -> Option<Offer> {
        let position = possible.iter().position(|outcome| match outcome {
            Some(offer) => self.was_made(place, offer),
            None => !self.places().any(|other| other == place),
        });
        possible.swap_remove(position.unwrap_or(0))
    }

    fn was_made(&self, place: Place, offer: &Offer) -> bool {
        self.decided.iter().any(|decision| match decision {
            Decision::Offer { framework, role, agent, resources, stage } => {
                (*stage, *agent, *role, *framework) == place && *resources == offer.resources
            }
            Decision::InverseOffer { .. } => false,
        })
    }
}
