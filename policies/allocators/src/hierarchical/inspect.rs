//! The state that decisions follow from, for people: why was this offered, and that not?

use super::HierarchicalAllocator;
use super::filters::Expiry;
use super::roles::{ROOT_ROLE, RoleNode};
use policy_api::{AgentId, FrameworkId, Quantities, Quota, Resources, RoleId, Sorter, Time};
use std::sync::Arc;

/// A role with frameworks, or with a quota.
#[derive(Clone, Debug)]
pub struct RoleState {
    pub path: Arc<str>,
    pub weight: f64,
    pub quota: Quota,
    /// What counts against the quota: reservations, and unreserved resources offered or in use.
    pub charged: Quantities,
    /// Its place among the clients of the role sorter, while it has frameworks.
    pub client: Option<ClientState>,
    /// In the order in which they would be served; those that want nothing last.
    pub frameworks: Vec<FrameworkState>,
}

/// A framework in a role.
#[derive(Clone, Debug)]
pub struct FrameworkState {
    pub framework: FrameworkId,
    /// Whether it is offered anything in this role: active, subscribed and not suppressed.
    pub wants_offers: bool,
    pub client: ClientState,
}

/// What a sorter orders a client by.
#[derive(Clone, Debug)]
pub struct ClientState {
    /// The client's own dominant share over its weight; there is none in a random order.
    pub share: Option<f64>,
    /// How often it was allocated something, which breaks ties.
    pub allocations: u64,
    /// Offered or in use.
    pub held: Quantities,
}

/// What is kept back for guarantees that are not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headroom {
    /// What the guarantees still need.
    pub required: Quantities,
    /// What is free for them; the difference may go to others.
    pub available: Quantities,
}

/// An agent.
#[derive(Clone, Debug)]
pub struct AgentState {
    pub total: Resources,
    pub available: Resources,
    /// Activated, and on the whitelist.
    pub is_eligible: bool,
    /// Offered or in use, by framework and role.
    pub holdings: Vec<(FrameworkId, Arc<str>, Resources)>,
    pub filters: Vec<FilterState>,
}

/// A live offer filter.
#[derive(Clone, Debug)]
pub struct FilterState {
    pub framework: FrameworkId,
    pub role: Arc<str>,
    pub refused: Resources,
    pub until: Time,
}

impl HierarchicalAllocator {
    /// Roles in the order in which they would be served, then those without frameworks.
    pub fn role_states(&self) -> Vec<RoleState> {
        let mut allocator = self.clone();
        allocator.role_sorter.refresh(&allocator.pool);
        let mut states = Vec::new();
        let order = allocator.role_sorter.order();
        for &role in &order {
            states.push(allocator.role_state(role));
        }
        let idle = |role: &u32| !order.contains(role);
        for role in self.roles.with_quota().iter().copied().filter(idle) {
            states.push(allocator.role_state(role));
        }
        states
    }

    fn role_state(&mut self, role: u32) -> RoleState {
        let Self { roles, pool, frameworks, role_sorter, .. } = self;
        let node = roles.get_mut(role);
        node.sorter.refresh(pool);
        let mut order = node.sorter.order();
        let wanting = order.len();
        let tracked = frameworks.iter_indexed().filter(|(_, row)| row.role == role);
        let idle = tracked.filter(|(index, row)| row.slot.is_some() && !order.contains(index));
        let idle: Vec<u32> = idle.map(|(index, _)| index).collect();
        order.extend(idle);
        let RoleNode { path, weight, quota, sorter, slot, .. } = &*node;
        let client = |sorter: &crate::sorter::AnySorter<u32>, slot| ClientState {
            share: sorter.share(slot, pool),
            allocations: sorter.allocations(slot),
            held: *sorter.held_by(slot),
        };
        let rows = order.iter().enumerate().filter_map(|(position, &subscription)| {
            let row = frameworks.subscription(subscription);
            Some(FrameworkState {
                framework: row.framework,
                wants_offers: position < wanting,
                client: client(sorter, row.slot?),
            })
        });
        RoleState {
            path: Arc::clone(path),
            weight: *weight,
            quota: *quota,
            charged: node.charged(),
            client: slot.map(|slot| client(role_sorter, slot)),
            frameworks: rows.collect(),
        }
    }

    /// What a role's quota is charged with, as in [`RoleState`], without looking at anything else.
    pub fn charged(&self, role: RoleId) -> Option<Quantities> {
        Some(self.roles.get(self.roles.by_id(role)?).charged())
    }

    /// What the next cycle would start from (`spec/allocator.md` 2.4).
    pub fn headroom(&self) -> Headroom {
        Headroom { required: self.required_headroom(), available: self.available_headroom() }
    }

    /// An agent as it stands at `now`; `None` when there is none.
    pub fn agent_state(&self, agent: AgentId, now: Time) -> Option<AgentState> {
        let row = self.agents.get(agent)?;
        let named = |subscription| {
            let row = self.frameworks.subscription(subscription);
            (row.framework, Arc::clone(&self.roles.get(row.role).path))
        };
        let holdings = row.holdings.iter().map(|holding| {
            let (framework, role) = named(holding.subscription);
            (framework, role, holding.resources.clone())
        });
        let live = row.filters.iter().filter(|&(_, _, expiry)| Expiry::new(now, false) < expiry);
        let filters = live.map(|(subscription, refused, expiry)| {
            let (framework, role) = named(subscription);
            FilterState { framework, role, refused: refused.clone(), until: expiry.time() }
        });
        Some(AgentState {
            total: row.total.clone(),
            available: row.available.clone(),
            is_eligible: row.is_eligible(),
            holdings: holdings.collect(),
            filters: filters.collect(),
        })
    }

    /// The sum of what guarantees still need.
    pub(super) fn required_headroom(&self) -> Quantities {
        let nodes = self.roles.with_quota().iter().map(|&role| self.roles.get(role));
        nodes.filter(|node| !node.is_nested).fold(Quantities::ZERO, |sum, node| {
            sum + node.quota.guarantees.saturating_sub(&node.charged())
        })
    }

    /// What of the cluster is free, neither reserved nor revocable.
    pub(super) fn available_headroom(&self) -> Quantities {
        let root = self.roles.get(ROOT_ROLE);
        let free = self.pool.total().saturating_sub(self.role_sorter.held());
        let reserved_and_free = root.reservations.saturating_sub(&root.held_reserved);
        let agents = self.agents.iter();
        agents.fold(free.saturating_sub(&reserved_and_free), |headroom, (_, agent)| {
            headroom.saturating_sub(&agent.revocable_available)
        })
    }
}
