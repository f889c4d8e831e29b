//! What must hold after every event, whatever an allocator decides.

use super::Chance;
use super::books::unreserved;
use super::pair::Pair;
use policy_api::{
    AgentId, AllocationStage, Allocator, Decision, FrameworkId, MetricsSnapshot, Quantities,
    Resources, RoleId, Scalar,
};
use std::collections::BTreeMap;

impl Pair {
    /// Nothing appears, nothing vanishes: the allocator's account of every agent is that of the
    /// books, and what is free is what nobody holds.
    pub(super) fn check_books(&self) {
        for (&agent, book) in &self.books.agents {
            let state = self.subject.agent_state(agent, self.now).expect("a known agent");
            assert_same(&state.total, &book.total, "total", agent);
            let holdings = self.books.holdings(agent);
            assert_eq!(state.holdings.len(), holdings.len(), "holdings of {agent:?}");
            for (framework, path, resources) in &state.holdings {
                let role = self.reference.role_paths.iter().find(|role| **role.1 == **path);
                let role = *role.expect("a named role").0;
                assert_same(resources, &holdings[&(*framework, role)], "holding", agent);
            }
            let held = self.books.held(agent);
            assert_same(&self.subject.offered_or_allocated(agent), &held, "held", agent);

            let answers: BTreeMap<_, _> =
                self.subject.inverse_offer_statuses(agent).iter().copied().collect();
            let maintenance = self.reference.agents[&agent].maintenance.as_ref();
            let expected = maintenance.map(|it| it.answers.clone()).unwrap_or_default();
            assert_eq!(answers, expected, "answers about {agent:?}");

            let unshared = |resources: &Resources| resources.filter(true, |it| !it.shared);
            let shared = |resources: &Resources| resources.filter(false, |it| it.shared);
            assert_same(&shared(&state.available), &shared(&book.total), "shared", agent);
            let (total, held) = (unshared(&book.total), unshared(&held));
            let mut sum = unshared(&state.available);
            if total.contains(&held) {
                sum.add(&held);
                assert_same(&sum, &total, "free and held", agent);
            } else {
                let mut free = total;
                free.subtract(&held);
                assert_same(&sum, &free, "free where over-allocated", agent);
            }
        }
    }

    pub(super) fn charges(&self) -> BTreeMap<RoleId, Quantities> {
        let paths = &self.reference.role_paths;
        let roles = self.reference.quotas.keys();
        roles.map(|&role| (role, self.books.charged(&paths[&role], paths))).collect()
    }

    /// Nothing is offered twice, and nobody is offered what it must not have. `charged` is from
    /// before the decisions.
    pub(super) fn check_offers(
        &self,
        decisions: &[Decision],
        charged: &BTreeMap<RoleId, Quantities>,
    ) {
        let mut free: BTreeMap<AgentId, Resources> = BTreeMap::new();
        let mut stage_before = AllocationStage::Guarantees;
        for decision in decisions {
            let Decision::Offer { framework, role, agent, resources, stage } = decision else {
                continue;
            };
            assert!(
                stage_before == AllocationStage::Guarantees || *stage == stage_before,
                "guarantees come first"
            );
            stage_before = *stage;
            let free = free.entry(*agent).or_insert_with(|| self.free(*agent));
            assert!(free.contains(resources), "{resources} of {free} on {agent:?}");
            free.subtract(&resources.filter(true, |resource| !resource.shared));
            self.check_offer(*framework, *role, *agent, resources);
        }
        for (role, charged) in charged {
            self.check_limits(*role, *charged, decisions);
        }
    }

    fn free(&self, agent: AgentId) -> Resources {
        let mut free = self.books.agents[&agent].total.clone();
        free.subtract(&self.books.held(agent).filter(true, |resource| !resource.shared));
        free
    }

    fn check_offer(
        &self,
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        resources: &Resources,
    ) {
        let rules = &self.reference;
        let (to, from) = (&self.books.frameworks[&framework], &self.books.agents[&agent]);
        assert!(from.activated, "{agent:?} is not active");
        assert!(rules.is_whitelisted(&rules.agents[&agent]), "{agent:?} is not on the whitelist");
        assert!(to.active && to.info.roles.contains(&role), "{framework:?} is not in {role:?}");
        assert!(!rules.frameworks[&framework].suppressed.contains(&role), "{role:?} is suppressed");
        assert!(rules.is_capable(framework, agent), "{agent:?} is withheld from {framework:?}");
        assert!(!rules.constraints_exclude(framework, role, agent), "{agent:?} is not wanted");
        assert!(!rules.is_filtered(framework, role, agent, resources), "{resources} was refused");
        assert!(rules.is_allocatable(resources, role, framework), "{resources} is too little");
        assert_eq!(rules.strip(resources, framework), *resources, "{framework:?} cannot use it");
        let path = rules.path(role);
        let theirs = resources.filter(true, |resource| resource.is_allocatable_to(path));
        assert_eq!(theirs, *resources, "reserved to others than {path}");
    }

    /// Limits bind a role's own offers, not those of the roles below it (4.5).
    fn check_limits(&self, role: RoleId, charged: Quantities, decisions: &[Decision]) {
        let mut offered = Quantities::ZERO;
        for decision in decisions {
            if let Decision::Offer { role: to, resources, .. } = decision
                && *to == role
            {
                offered += unreserved(resources);
            }
        }
        let limits = self.reference.quotas[&role].limits;
        for scalar in Scalar::ALL.into_iter().filter(|&scalar| offered[scalar] > 0) {
            let after = charged[scalar] + offered[scalar];
            let limit = limits.limit(scalar);
            assert!(limit.is_none_or(|limit| after <= limit), "{role:?} is over its limits");
        }
    }

    /// The metrics say what the plain allocator counts.
    pub(super) fn check_metrics(&self) {
        let by_machine = ["_ms", "_ms/", "event_queue_dispatches"];
        let mut metrics: MetricsSnapshot = self.subject.metrics(self.now);
        metrics.retain(|name, _| by_machine.iter().all(|part| !name.contains(part)));
        let mut counted = self.reference.metrics(self.now);
        if matches!(self.setting.chance, Chance::OrderOfClients | Chance::Both) {
            // There are no shares then.
            counted.retain(|name, _| !name.ends_with("shares/dominant"));
        }
        for name in metrics.keys().chain(counted.keys()) {
            assert_eq!(metrics.get(name), counted.get(name), "{name} at {}", self.now);
        }
    }
}

/// Equality of every object and copy; Mesos's own equality overlooks equal disks.
fn assert_same(left: &Resources, right: &Resources, what: &str, agent: AgentId) {
    let amounts = left.scalar_quantities() == right.scalar_quantities();
    assert!(amounts && left == right, "{what} of {agent:?}: {left}, in the books {right}");
}
