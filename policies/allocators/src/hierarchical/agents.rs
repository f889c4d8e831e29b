//! What is known of each agent: its total, who holds what, and what is left.

use super::filters::AgentFilters;
use super::maintenance::Maintenance;
use policy_api::{
    AgentCapabilities, AgentId, AgentInfo, DenseId, Quantities, Resource, Resources, Scalar,
};
use std::sync::Arc;

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts that a visit tests")]
pub(super) struct Agent {
    pub(super) available: Resources,
    pub(super) filters: AgentFilters,
    pub(super) has_gpus: bool,
    /// In another region than the master.
    pub(super) is_remote: bool,
    pub(super) activated: bool,
    pub(super) whitelisted: bool,
    /// Copied from what the agent announced, which lies elsewhere in memory.
    pub(super) capabilities: AgentCapabilities,
    has_shared: bool,
    has_revocable: bool,
    /// More is held than there is: what is available must be computed anew at each change.
    over_allocated: bool,
    pub(super) total: Resources,
    pub(super) holdings: Vec<Holding>,
    /// Copies of shared resources in `holdings`: they count once per role, and once per framework.
    pub(super) shared: Vec<SharedHolding>,
    pub(super) revocable_available: Quantities,
    /// The part of what is held that is in use, by node of the role tree: for a metric only.
    pub(super) in_use: Vec<(u32, Resources)>,
    /// Reserved scalars of the total, by node of the role tree.
    pub(super) reservations: Vec<(u32, Quantities)>,
    pub(super) maintenance: Option<Box<Maintenance>>,
    pub(super) info: Box<AgentInfo>,
}

/// What one subscription holds on an agent, offered or in use.
#[derive(Clone, Debug)]
pub(super) struct Holding {
    pub(super) subscription: u32,
    pub(super) resources: Resources,
}

#[derive(Clone, Debug)]
pub(super) struct SharedHolding {
    pub(super) role: u32,
    pub(super) subscription: u32,
    pub(super) resource: Resource,
    pub(super) copies: u32,
}

impl Agent {
    pub(super) fn new(info: &AgentInfo, total: &Resources) -> Self {
        Self {
            available: Resources::EMPTY,
            filters: AgentFilters::new(),
            has_gpus: false,
            is_remote: false,
            activated: true,
            whitelisted: true,
            capabilities: info.capabilities,
            has_shared: false,
            has_revocable: false,
            over_allocated: false,
            total: total.clone(),
            holdings: Vec::new(),
            shared: Vec::new(),
            revocable_available: Quantities::ZERO,
            in_use: Vec::new(),
            reservations: Vec::new(),
            maintenance: None,
            info: Box::new(info.clone()),
        }
    }

    pub(super) fn is_eligible(&self) -> bool {
        self.activated && self.whitelisted
    }

    /// Reads from each line of memory that a visit needs, and says something that depends on all.
    pub(super) fn touch(&self) -> u64 {
        let amounts = [&self.available, &self.total].map(|it| it.amount(Scalar::Mem));
        let holding = self.holdings.first().map_or(0, |it| it.subscription);
        amounts[0].wrapping_add(amounts[1]).unsigned_abs()
            ^ u64::from(holding)
            ^ self.filters.touch()
            ^ self.shared.len() as u64
            ^ self.revocable_available[Scalar::Cpus].unsigned_abs()
    }

    pub(super) fn has_shared(&self) -> bool {
        self.has_shared
    }

    /// To be called when the total has changed, or what is held in a way that is not followed step
    /// by step.
    pub(super) fn recompute(&mut self) {
        self.has_shared = self.total.has_shared();
        self.has_revocable = self.total.has_revocable();
        self.has_gpus = self.total.amount(Scalar::Gpus) > 0;
        let mut held = self.held();
        if self.has_shared || held.has_shared() {
            let total = self.total.non_shared();
            held = held.non_shared();
            self.available = total.clone();
            self.available.subtract(&held);
            self.over_allocated = !total.contains(&held);
            self.available.add(&self.total.shared());
        } else {
            self.available = self.total.clone();
            self.available.subtract(&held);
            self.over_allocated = !self.total.contains(&held);
        }
        self.refresh_revocable();
    }

    /// What is offered or in use, without regard to roles. On most agents it is what the total has
    /// beside what is available, so it is not kept.
    pub(super) fn held(&self) -> Resources {
        let mut held = Resources::EMPTY;
        self.holdings.iter().for_each(|holding| held.add(&holding.resources));
        held
    }

    fn holds_shared(&self) -> bool {
        self.holdings.iter().any(|holding| holding.resources.has_shared())
    }

    fn refresh_revocable(&mut self) {
        if self.has_revocable || !self.revocable_available.is_zero() {
            self.revocable_available =
                self.available.filter(false, |resource| resource.revocable).scalar_quantities();
        }
    }

    /// Books a holding.
    pub(super) fn hold(&mut self, subscription: u32, resources: &Resources) -> bool {
        let known = self.holdings.iter_mut().find(|holding| holding.subscription == subscription);
        if let Some(holding) = known {
            holding.resources.add(resources);
            return false;
        }
        push_tight(&mut self.holdings, Holding { subscription, resources: resources.clone() });
        true
    }

    pub(super) fn holding(&self, subscription: u32) -> Option<&Resources> {
        let mut holdings = self.holdings.iter();
        holdings.find(|holding| holding.subscription == subscription).map(|it| &it.resources)
    }

    /// Takes from a holding; returns whether nothing is left of it.
    pub(super) fn unhold(&mut self, subscription: u32, resources: &Resources) -> bool {
        let position =
            self.holdings.iter().position(|holding| holding.subscription == subscription);
        let Some(position) = position else { return false };
        let holding = &mut self.holdings[position].resources;
        holding.subtract(resources);
        let gone = holding.is_empty();
        if gone {
            self.holdings.swap_remove(position);
        }
        gone
    }

    /// Takes an offer, which is held already, out of what is available.
    pub(super) fn take(&mut self, offer: &Resources) {
        // Copies of a shared volume may be held that the total does not have any more.
        if self.has_shared || self.over_allocated || self.holds_shared() {
            self.recompute();
            return;
        }
        if self.available.is_same(offer) {
            self.available = Resources::EMPTY;
        } else {
            self.available.subtract(offer);
        }
        self.refresh_revocable();
    }

    /// Makes resources available that are not held any more.
    pub(super) fn give_back(&mut self, resources: &Resources) {
        if self.has_shared || self.over_allocated || resources.has_shared() {
            self.recompute();
        } else {
            self.available.add(resources);
            self.available.align_doubles(&self.total);
            self.refresh_revocable();
        }
    }

    /// The total follows what is held, which was converted; what is available stays.
    pub(super) fn convert(&mut self, converted: &Resources, total: Resources) {
        let recompute =
            self.has_shared || self.over_allocated || total.has_shared() || converted.has_shared();
        self.total = total;
        if recompute {
            self.recompute();
        }
    }
}

/// Pushes without room to spare while a list is short: with fifty thousand agents, that counts.
pub(super) fn push_tight<T>(list: &mut Vec<T>, item: T) {
    if list.len() < 4 {
        list.reserve_exact(1);
    }
    list.push(item);
}

/// All agents, by id and by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Agents {
    rows: Vec<Option<Agent>>,
    /// Ascending by name.
    by_name: Vec<AgentId>,
}

impl Agents {
    pub(super) fn get(&self, agent: AgentId) -> Option<&Agent> {
        self.rows.get(agent.index())?.as_ref()
    }

    pub(super) fn get_mut(&mut self, agent: AgentId) -> Option<&mut Agent> {
        self.rows.get_mut(agent.index())?.as_mut()
    }

    /// An agent that is known to exist.
    pub(super) fn row(&self, agent: AgentId) -> &Agent {
        self.get(agent).expect("visited agents exist")
    }

    pub(super) fn row_mut(&mut self, agent: AgentId) -> &mut Agent {
        self.get_mut(agent).expect("visited agents exist")
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn by_name(&self) -> &[AgentId] {
        &self.by_name
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (AgentId, &mut Agent)> {
        let rows = self.rows.iter_mut().enumerate();
        rows.filter_map(|(index, row)| Some((AgentId::from_index(index), row.as_mut()?)))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (AgentId, &Agent)> {
        let rows = self.rows.iter().enumerate();
        rows.filter_map(|(index, row)| Some((AgentId::from_index(index), row.as_ref()?)))
    }

    fn name_of(&self, agent: AgentId) -> Arc<str> {
        self.get(agent).map_or_else(|| Arc::from(""), |row| Arc::clone(&row.info.name))
    }

    fn position(&self, name: &str, agent: AgentId) -> usize {
        self.by_name.partition_point(|&other| (&*self.name_of(other), other) < (name, agent))
    }

    pub(super) fn insert(&mut self, agent: AgentId, row: Agent) {
        // Most clusters name their agents in ascending order.
        let last = self.by_name.last().map(|&last| self.name_of(last));
        let position = if last.is_none_or(|last| *last < *row.info.name) {
            self.by_name.len()
        } else {
            self.position(&row.info.name, agent)
        };
        self.by_name.insert(position, agent);
        if agent.index() >= self.rows.len() {
            self.rows.resize_with(agent.index() + 1, || None);
        }
        self.rows[agent.index()] = Some(row);
    }

    pub(super) fn remove(&mut self, agent: AgentId) -> Option<Agent> {
        self.get(agent)?;
        let position = self.position(&self.name_of(agent), agent);
        if self.by_name.get(position) == Some(&agent) {
            self.by_name.remove(position);
        }
        self.rows[agent.index()].take()
    }
}
