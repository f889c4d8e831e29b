//! A cluster that is told what happens and asked what was offered, as in the tables of
//! `spec/allocator-conformance.md`: after each call all that is pending runs; the clock stands
//! still but for `tick` and `advance`.

mod agents;
mod expectations;
mod frameworks;
mod newcomers;
mod offers;
pub(crate) mod resources;

pub(crate) use expectations::{Offer, total_of};
pub(crate) use newcomers::{DAY, agent, framework, framework_in, secs};
use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions};
use policy_api::{
    AgentId, AgentInfo, Allocator, Decision, DenseId, Fact, FrameworkId, FrameworkInfo, Resources,
    RoleId, Span, Time,
};
pub(crate) use resources::{
    KINDS, dynamic, minus, mount_disk, parse, plus, reserve, reserved_as, revocable, shared_volume,
    volume,
};
use std::collections::BTreeMap;

pub(crate) struct Cluster {
    pub(crate) now: Time,
    allocator: HierarchicalAllocator,
    interval: Span,
    roles: Vec<String>,
    frameworks: Vec<FrameworkInfo>,
    /// With the totals that they were given.
    agents: Vec<(AgentInfo, Resources)>,
    /// What was handed out and not given back.
    held: BTreeMap<(FrameworkId, RoleId, AgentId), Resources>,
    offers: Vec<Offer>,
    inverse_offers: Vec<(String, String)>,
    /// Whether calls wait for others before anything runs.
    in_batch: bool,
}

/// The order that recordings are made with.
pub(crate) fn by_id() -> HierarchicalOptions {
    HierarchicalOptions { agent_order: AgentOrder::ById, ..HierarchicalOptions::default() }
}

/// Agents are visited in random orders, as Mesos does.
pub(crate) fn at_random(seed: u128) -> HierarchicalOptions {
    let agent_order = AgentOrder::Random(rand_pcg::Pcg64Mcg::new(seed));
    HierarchicalOptions { agent_order, ..HierarchicalOptions::default() }
}

impl Cluster {
    pub(crate) fn new() -> Self {
        Self::with(by_id())
    }

    pub(crate) fn with(options: HierarchicalOptions) -> Self {
        Self {
            now: Time::ZERO,
            interval: options.allocation_interval,
            allocator: HierarchicalAllocator::new(options),
            roles: Vec::new(),
            frameworks: Vec::new(),
            agents: Vec::new(),
            held: BTreeMap::new(),
            offers: Vec::new(),
            inverse_offers: Vec::new(),
            in_batch: false,
        }
    }

    /// One cluster that visits agents by id, and some that visit them in random orders.
    pub(crate) fn in_all_orders() -> impl Iterator<Item = Self> {
        std::iter::once(by_id()).chain((0..8).map(at_random)).map(Self::with)
    }

    /// One allocation interval passes.
    pub(crate) fn tick(&mut self) {
        self.advance(self.interval);
    }

    pub(crate) fn advance(&mut self, span: Span) {
        let end = self.now + span;
        while let Some(next) = self.allocator.next_allocation().filter(|&next| next <= end) {
            self.now = self.now.max(next);
            self.allocate();
        }
        let ends_at_a_tick = end.as_nanos().is_multiple_of(self.interval.as_nanos());
        if self.now < end && ends_at_a_tick {
            // What is told from here on comes after the tick, though it had nothing to decide.
            self.now = end;
            let before = (self.offers.len(), self.inverse_offers.len());
            self.allocate();
            let after = (self.offers.len(), self.inverse_offers.len());
            assert_eq!(before, after, "a tick that was not asked for decided something");
        }
        self.now = end;
    }

    fn tell(&mut self, fact: Fact<'_>) {
        self.allocator.apply(self.now, fact);
        self.settle();
    }

    /// Calls that are all there before the allocator gets to run.
    pub(crate) fn in_one_batch(&mut self, calls: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.in_batch, true);
        calls(self);
        self.in_batch = outer;
        self.settle();
    }

    fn settle(&mut self) {
        if self.in_batch {
            return;
        }
        while self.allocator.next_allocation().is_some_and(|next| next <= self.now) {
            self.allocate();
        }
        self.check_books();
    }

    pub(crate) fn pause(&mut self) {
        self.tell(Fact::Pause);
    }

    pub(crate) fn resume(&mut self) {
        self.tell(Fact::Resume);
    }

    /// When the allocator wants to run next.
    pub(crate) fn next_allocation(&self) -> Option<Time> {
        self.allocator.next_allocation()
    }

    fn allocate(&mut self) {
        let mut decisions = Vec::new();
        self.allocator.allocate(self.now, &mut decisions);
        self.allocator.allocation_took(self.now, Span::from_micros(50));
        let mut offers: BTreeMap<(FrameworkId, RoleId, AgentId), Resources> = BTreeMap::new();
        for decision in decisions {
            match decision {
                Decision::Offer { framework, role, agent, resources, stage: _ } => {
                    self.held.entry((framework, role, agent)).or_default().add(&resources);
                    offers.entry((framework, role, agent)).or_default().add(&resources);
                }
                Decision::InverseOffer { framework, agent } => {
                    let framework = self.frameworks[framework.index()].name.to_string();
                    let agent = self.agents[agent.index()].0.name.to_string();
                    self.inverse_offers.push((framework, agent));
                }
            }
        }
        for ((framework, role, agent), resources) in offers {
            let framework = &self.frameworks[framework.index()].name;
            self.offers.push(Offer {
                to: format!("{framework}/{}", self.roles[role.index()]),
                agent: self.agents[agent.index()].0.name.to_string(),
                resources,
            });
        }
    }

    /// What the allocator thinks is out is what it handed out and did not get back.
    fn check_books(&self) {
        for (index, (AgentInfo { name, .. }, _)) in self.agents.iter().enumerate() {
            let agent = AgentId::from_index(index);
            let mut held = Resources::EMPTY;
            for (_, resources) in self.held.iter().filter(|(key, _)| key.2 == agent) {
                held.add(resources);
            }
            let booked = self.allocator.offered_or_allocated(agent);
            assert_eq!(booked, held, "{name}: {booked} is booked, {held} is held");
        }
    }
}

impl Cluster {
    fn role(&mut self, path: &str) -> RoleId {
        if let Some(index) = self.roles.iter().position(|known| known == path) {
            return RoleId::from_index(index);
        }
        let role = RoleId::from_index(self.roles.len());
        self.roles.push(path.to_owned());
        self.allocator.apply(self.now, Fact::NameRole { role, path });
        role
    }

    fn role_ids(&mut self, roles: &[&str]) -> Vec<RoleId> {
        roles.iter().map(|role| self.role(role)).collect()
    }

    fn agent(&mut self, name: &str) -> AgentId {
        let known = self.agents.iter().position(|(known, _)| *known.name == *name);
        let index = known.unwrap_or_else(|| {
            let info =
                AgentInfo { name: name.into(), hostname: name.into(), ..AgentInfo::default() };
            self.agents.push((info, Resources::EMPTY));
            self.agents.len() - 1
        });
        AgentId::from_index(index)
    }

    fn framework(&mut self, name: &str) -> FrameworkId {
        let known = self.frameworks.iter().position(|known| *known.name == *name);
        let index = known.unwrap_or_else(|| {
            let info = FrameworkInfo { name: name.into(), ..FrameworkInfo::default() };
            self.frameworks.push(info);
            self.frameworks.len() - 1
        });
        FrameworkId::from_index(index)
    }

    /// `F1/role1`, or just `F1` where it has one role.
    fn holder(&mut self, text: &str) -> (FrameworkId, RoleId) {
        if let Some((framework, role)) = text.split_once('/') {
            return (self.framework(framework), self.role(role));
        }
        let framework = self.framework(text);
        match *self.frameworks[framework.index()].roles {
            [role] => (framework, role),
            _ => panic!("{text} has not just one role: write {text}/role"),
        }
    }
}
