//! One cycle: Appendix C, line by line, with the inverse offers of 7.3.

use super::chop::{shrink_to_limits, shrink_to_quantities};
use super::{Draws, Reference};
use policy_api::resources::Value;
use policy_api::{
    AgentId, AllocationStage, Decision, FrameworkId, Limits, Quantities, Quota, Resource,
    Resources, RoleId, Time, is_strict_subrole,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is kept from one hand-out to the next.
#[derive(Default)]
struct Cycle {
    /// By role with a quota.
    consumed: BTreeMap<RoleId, Quantities>,
    required: Quantities,
    available: Quantities,
    decisions: Vec<Decision>,
}

pub(super) struct Offer {
    pub(super) resources: Resources,
    granted: Quantities,
    extra: Quantities,
}

/// Who could be offered something, and where.
#[derive(Clone, Copy)]
struct Place {
    framework: FrameworkId,
    role: RoleId,
    agent: AgentId,
}

impl Reference {
    pub(super) fn run(&mut self, now: Time, draws: &Draws<'_>) -> Vec<Decision> {
        let candidates = std::mem::take(&mut self.candidates);
        let mut agents: Vec<AgentId> = candidates
            .iter()
            .copied()
            .filter(|agent| self.agents[agent].activated)
            .filter(|agent| self.is_whitelisted(&self.agents[agent]))
            .collect();
        agents.sort_by_key(|agent| self.agents[agent].info.name.clone());
        let mut cycle = self.prepare();
        draws.agents(AllocationStage::Guarantees, &mut agents);
        for &agent in &agents {
            self.serve_guarantees(agent, draws, &mut cycle);
        }
        agents.sort_by_key(|agent| self.agents[agent].info.name.clone());
        draws.agents(AllocationStage::FairShare, &mut agents);
        for &agent in &agents {
            self.serve_fairly(agent, draws, &mut cycle);
        }
        self.make_inverse_offers(now, &candidates, &mut cycle.decisions);
        cycle.decisions
    }

    // 2.4 ----------------------------------------------------------------------------------------

    fn prepare(&self) -> Cycle {
        let mut cycle = Cycle::default();
        for (&role, quota) in &self.quotas {
            if !quota.is_default() {
                let consumed = self.charged(self.path(role));
                cycle.required += quota.guarantees.saturating_sub(&consumed);
                cycle.consumed.insert(role, consumed);
            }
        }
        let (mut reservations, mut held_reserved) = (Quantities::ZERO, Quantities::ZERO);
        for agent in self.agents.values() {
            reservations += reserved_within(&agent.total, |_| true);
        }
        for role in self.role_paths.keys() {
            held_reserved += self.held_in(*role, |resource| !resource.reservations.is_empty());
        }
        cycle.available = self
            .cluster_total()
            .saturating_sub(&self.held_by(|_, _| true))
            .saturating_sub(&reservations.saturating_sub(&held_reserved));
        for agent in self.agents.values() {
            let revocable = agent.available().filter(false, |resource| resource.revocable);
            cycle.available = cycle.available.saturating_sub(&revocable.scalar_quantities());
        }
        cycle
    }

    /// Reservations to the role or below, held or not, and what is held there of anything that is
    /// neither reserved nor revocable (4.2).
    pub(crate) fn charged(&self, top: &str) -> Quantities {
        let within = |path: &str| path == top || is_strict_subrole(path, top);
        let mut charged = Quantities::ZERO;
        for agent in self.agents.values() {
            charged += reserved_within(&agent.total, within);
        }
        for role in self.role_paths.keys().filter(|role| within(self.path(**role))) {
            charged += self.held_in(*role, is_under_quota);
        }
        charged
    }

    /// What known frameworks hold in a role of a kind; shared volumes once on each agent.
    fn held_in(&self, role: RoleId, kind: impl Fn(&Resource) -> bool) -> Quantities {
        let mut sum = Quantities::ZERO;
        for agent in self.agents.values() {
            let mut held = Resources::EMPTY;
            for (&(framework, of), resources) in &agent.held {
                if of == role && self.frameworks.contains_key(&framework) {
                    held.add(resources);
                }
            }
            let plain = kind(&Resource::plain("cpus", Value::Scalar(1)));
            sum += held.filter(plain, &kind).scalar_quantities();
        }
        sum
    }

    // 2.5 ----------------------------------------------------------------------------------------

    fn serve_guarantees(&mut self, agent: AgentId, draws: &Draws<'_>, cycle: &mut Cycle) {
        let stage = AllocationStage::Guarantees;
        let mut roles = self.sorted_roles();
        draws.roles(stage, agent, &mut roles);
        for role in roles {
            let guarantees = self.quota(role).guarantees;
            if guarantees.is_zero() {
                continue;
            }
            let mut frameworks = self.sorted_frameworks(role);
            draws.frameworks(stage, agent, role, &mut frameworks);
            for framework in frameworks {
                let missing = guarantees.saturating_sub(&cycle.consumed[&role]);
                if missing.is_zero() {
                    break;
                }
                let place = Place { framework, role, agent };
                let possible = self.guaranteed_offers(place, &missing, draws, cycle);
                let Some(offer) = draws.choose((stage, agent, role, framework), possible) else {
                    continue;
                };
                let charged = offer.granted + offer.extra;
                *cycle.consumed.entry(role).or_default() += charged;
                cycle.required = cycle.required.saturating_sub(&offer.granted);
                cycle.available = cycle.available.saturating_sub(&charged);
                self.hand_out(place, offer.resources, stage, cycle);
            }
        }
    }

    /// The offers that stage 1 could make here, by order of cutting. `None`: it could make none.
    fn guaranteed_offers(
        &self,
        place: Place,
        missing: &Quantities,
        draws: &Draws<'_>,
        cycle: &Cycle,
    ) -> Vec<Option<Offer>> {
        let Some(usable) = self.usable(place) else { return vec![None] };
        let path = self.path(place.role);
        let under_quota = usable.filter(true, is_under_quota);
        let others = usable.filter(false, |resource| {
            resource.is_reserved_to(path) || resource.scalar().is_none() || resource.revocable
        });
        let mut offers = Vec::new();
        for granted in shrink_to_quantities(&under_quota, missing, draws.cut_order) {
            if granted.is_empty() {
                offers.push(None);
                continue;
            }
            let mut extra = under_quota.clone();
            extra.subtract(&granted);
            let consumed = cycle.consumed[&place.role] + granted.scalar_quantities();
            let left = self.quota(place.role).limits.saturating_sub(&consumed);
            for extra in spare(&extra, &left, draws, cycle) {
                offers.push(self.offer_if_allowed(place, &granted, &others, &extra));
            }
        }
        offers
    }

    // 2.7 ----------------------------------------------------------------------------------------

    fn serve_fairly(&mut self, agent: AgentId, draws: &Draws<'_>, cycle: &mut Cycle) {
        let stage = AllocationStage::FairShare;
        let mut roles = self.sorted_roles();
        draws.roles(stage, agent, &mut roles);
        for role in roles {
            let mut frameworks = self.sorted_frameworks(role);
            draws.frameworks(stage, agent, role, &mut frameworks);
            for framework in frameworks {
                let place = Place { framework, role, agent };
                let possible = self.fair_offers(place, draws, cycle);
                let Some(offer) = draws.choose((stage, agent, role, framework), possible) else {
                    continue;
                };
                if let Some(consumed) = cycle.consumed.get_mut(&role) {
                    *consumed += offer.extra;
                }
                cycle.available = cycle.available.saturating_sub(&offer.extra);
                self.hand_out(place, offer.resources, stage, cycle);
            }
        }
    }

    fn fair_offers(&self, place: Place, draws: &Draws<'_>, cycle: &Cycle) -> Vec<Option<Offer>> {
        let Some(usable) = self.usable(place) else { return vec![None] };
        let under_quota = usable.filter(true, is_under_quota);
        let others = usable.filter(false, |resource| !is_under_quota(resource));
        let consumed = cycle.consumed.get(&place.role).copied().unwrap_or_default();
        let left = self.quota(place.role).limits.saturating_sub(&consumed);
        spare(&under_quota, &left, draws, cycle)
            .into_iter()
            .map(|extra| self.offer_if_allowed(place, &Resources::EMPTY, &others, &extra))
            .collect()
    }

    // Both stages --------------------------------------------------------------------------------

    fn quota(&self, role: RoleId) -> Quota {
        self.quotas.get(&role).copied().unwrap_or_default()
    }

    /// What the framework could take of the agent, before quota and filters.
    fn usable(&self, Place { framework, role, agent }: Place) -> Option<Resources> {
        if self.constraints_exclude(framework, role, agent) {
            return None;
        }
        let path = self.path(role);
        let available =
            self.agents[&agent].available().filter(true, |it| it.is_allocatable_to(path));
        if !self.is_allocatable(&available, role, framework) || !self.is_capable(framework, agent) {
            return None;
        }
        Some(self.strip(&available, framework))
    }

    fn offer_if_allowed(
        &self,
        Place { framework, role, agent }: Place,
        granted: &Resources,
        others: &Resources,
        extra: &Resources,
    ) -> Option<Offer> {
        let mut resources = granted.clone();
        resources.add(others);
        resources.add(extra);
        let allowed = self.is_allocatable(&resources, role, framework)
            && !self.is_filtered(framework, role, agent, &resources);
        let (granted, extra) = (granted.scalar_quantities(), extra.scalar_quantities());
        allowed.then_some(Offer { resources, granted, extra })
    }

    fn hand_out(
        &mut self,
        Place { framework, role, agent }: Place,
        resources: Resources,
        stage: AllocationStage,
        cycle: &mut Cycle,
    ) {
        self.hold((framework, role, agent), &resources);
        self.count_allocation(framework, role);
        cycle.decisions.push(Decision::Offer { framework, role, agent, resources, stage });
    }

    // 7.3 ----------------------------------------------------------------------------------------

    fn make_inverse_offers(
        &mut self,
        now: Time,
        candidates: &BTreeSet<AgentId>,
        decisions: &mut Vec<Decision>,
    ) {
        for &agent in candidates {
            let row = self.agents.get_mut(&agent).expect("candidates are known");
            let Some(maintenance) = &mut row.maintenance else { continue };
            let holders: BTreeSet<FrameworkId> = row.held.keys().map(|key| key.0).collect();
            for framework in holders {
                let active = self.frameworks.get(&framework).is_some_and(|row| row.active);
                let refused = self.inverse_filters.iter().any(|filter| {
                    (filter.framework, filter.agent) == (framework, agent) && filter.end > now
                });
                if active && !refused && maintenance.unanswered.insert(framework) {
                    decisions.push(Decision::InverseOffer { framework, agent });
                }
            }
        }
    }
}

/// What limits and headroom leave of what no guarantee covers.
fn spare(extra: &Resources, limits: &Limits, draws: &Draws<'_>, cycle: &Cycle) -> Vec<Resources> {
    let within_limits = shrink_to_limits(extra, limits, draws.cut_order);
    if cycle.required.is_zero() {
        return within_limits;
    }
    let surplus = cycle.available.saturating_sub(&cycle.required);
    let headroom = |extra| shrink_to_quantities(&extra, &surplus, draws.cut_order);
    within_limits.into_iter().flat_map(headroom).collect()
}

/// Scalars that are neither reserved nor revocable.
fn is_under_quota(resource: &Resource) -> bool {
    resource.scalar().is_some() && resource.reservations.is_empty() && !resource.revocable
}

fn reserved_within(total: &Resources, within: impl Fn(&str) -> bool) -> Quantities {
    total.filter(false, |it| it.reservation_role().is_some_and(&within)).scalar_quantities()
}
