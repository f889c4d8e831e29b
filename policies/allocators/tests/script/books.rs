//! The books of the script: what was told, what was decided. They know nothing of allocators, so
//! what an allocator says of itself can be checked against them.

use policy_api::{
    AgentId, AgentInfo, Decision, FrameworkId, FrameworkInfo, Quantities, Resource, Resources,
    RoleId, is_strict_subrole,
};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Holder = (AgentId, FrameworkId, RoleId);

#[derive(Clone, Default)]
pub(crate) struct Books {
    pub(crate) agents: BTreeMap<AgentId, AgentBook>,
    pub(crate) frameworks: BTreeMap<FrameworkId, FrameworkBook>,
    /// Outstanding offers.
    pub(crate) offered: BTreeMap<Holder, Resources>,
    /// What tasks use.
    pub(crate) used: BTreeMap<Holder, Resources>,
    /// Inverse offers without an answer.
    pub(crate) inverse: BTreeSet<(AgentId, FrameworkId)>,
    /// Frameworks that only agents speak of so far.
    pub(crate) strangers: Vec<FrameworkId>,
    pub(crate) agents_made: usize,
    pub(crate) frameworks_made: usize,
    pub(crate) volumes_made: usize,
}

#[derive(Clone)]
pub(crate) struct AgentBook {
    pub(crate) info: AgentInfo,
    pub(crate) total: Resources,
    pub(crate) activated: bool,
}

#[derive(Clone)]
pub(crate) struct FrameworkBook {
    pub(crate) info: FrameworkInfo,
    pub(crate) active: bool,
}

impl Books {
    /// What known frameworks have been offered.
    pub(crate) fn offers(&self) -> Vec<Holder> {
        self.offered.keys().copied().collect()
    }

    /// What known frameworks use.
    pub(crate) fn uses(&self) -> Vec<Holder> {
        self.used.keys().filter(|holder| self.frameworks.contains_key(&holder.1)).copied().collect()
    }

    /// What is offered or in use on an agent, by framework and role.
    pub(crate) fn holdings(&self, agent: AgentId) -> BTreeMap<(FrameworkId, RoleId), Resources> {
        let mut holdings: BTreeMap<_, Resources> = BTreeMap::new();
        for (holder, resources) in self.offered.iter().chain(&self.used) {
            if holder.0 == agent {
                holdings.entry((holder.1, holder.2)).or_default().add(resources);
            }
        }
        holdings
    }

    pub(crate) fn held(&self, agent: AgentId) -> Resources {
        let mut held = Resources::EMPTY;
        self.holdings(agent).values().for_each(|resources| held.add(resources));
        held
    }

    pub(crate) fn give(books: &mut BTreeMap<Holder, Resources>, holder: Holder, what: &Resources) {
        if !what.is_empty() {
            books.entry(holder).or_default().add(what);
        }
    }

    pub(crate) fn take(books: &mut BTreeMap<Holder, Resources>, holder: Holder, what: &Resources) {
        if let Some(held) = books.get_mut(&holder) {
            held.subtract(what);
            if held.is_empty() {
                books.remove(&holder);
            }
        }
    }

    pub(crate) fn enter(&mut self, decisions: &[Decision]) {
        for decision in decisions {
            match decision {
                Decision::Offer { framework, role, agent, resources, .. } => {
                    let holder = (*agent, *framework, *role);
                    Self::give(&mut self.offered, holder, resources);
                }
                Decision::InverseOffer { framework, agent } => {
                    self.inverse.insert((*agent, *framework));
                }
            }
        }
    }

    pub(crate) fn forget(&mut self, gone: impl Fn(Holder) -> bool) {
        self.offered.retain(|&holder, _| !gone(holder));
        self.used.retain(|&holder, _| !gone(holder));
    }

    /// What counts against the quota of a top-level role.
    pub(crate) fn charged(&self, top: &str, paths: &BTreeMap<RoleId, String>) -> Quantities {
        let within = |path: &str| path == top || is_strict_subrole(path, top);
        let mut charged = Quantities::ZERO;
        for agent in self.agents.values() {
            let reserved = |it: &Resource| it.reservation_role().is_some_and(within);
            charged += agent.total.filter(false, reserved).scalar_quantities();
        }
        for (holder, resources) in self.offered.iter().chain(&self.used) {
            if within(&paths[&holder.2]) && self.frameworks.contains_key(&holder.1) {
                charged += unreserved(resources);
            }
        }
        charged
    }
}

/// What of an offer counts against quota.
pub(crate) fn unreserved(resources: &Resources) -> Quantities {
    resources.filter(true, |it| it.reservations.is_empty() && !it.revocable).scalar_quantities()
}
