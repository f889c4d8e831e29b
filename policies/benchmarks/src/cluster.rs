//! One allocator and the offers that are out: what a master does, and no more.

use crate::specs::AgentSpec;
use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions, SorterKind};
use policy_api::{
    AgentId, AgentInfo, Allocator, Decision, DenseId, Fact, FrameworkCapabilities, FrameworkId,
    FrameworkInfo, MetricsSnapshot, Quantities, Resources, RoleId, Span, Time,
};
use rand_pcg::Pcg64Mcg;

/// What a framework holds, as it is told when the framework joins after the agents.
pub type Held = (AgentId, RoleId, Resources);

/// Mesos's allocator with its default options, told facts as a master would tell them.
#[derive(Clone, Debug)]
pub struct Cluster {
    allocator: HierarchicalAllocator,
    now: Time,
    /// Made and not given back yet.
    outstanding: Vec<Decision>,
    offers_made: usize,
    roles: usize,
    agents: usize,
    frameworks: usize,
}

impl Cluster {
    /// An empty cluster with sorters of this kind.
    pub fn new(sorter: SorterKind) -> Self {
        let options = HierarchicalOptions {
            sorter,
            agent_order: AgentOrder::Random(Pcg64Mcg::new(7)),
            ..HierarchicalOptions::default()
        };
        Self {
            allocator: HierarchicalAllocator::new(options),
            now: Time::ZERO,
            outstanding: Vec::new(),
            offers_made: 0,
            roles: 0,
            agents: 0,
            frameworks: 0,
        }
    }

    pub const fn allocator(&self) -> &HierarchicalAllocator {
        &self.allocator
    }

    /// All offers so far.
    pub const fn offers_made(&self) -> usize {
        self.offers_made
    }

    /// All allocations so far.
    pub fn allocation_runs(&self) -> u64 {
        self.allocator.allocation_runs(self.now)
    }

    pub fn apply(&mut self, fact: Fact<'_>) {
        self.allocator.apply(self.now, fact);
    }

    pub fn name_role(&mut self, path: &str) -> RoleId {
        let role = RoleId::from_index(self.roles);
        self.roles += 1;
        self.apply(Fact::NameRole { role, path });
        role
    }

    /// Guarantees and limits alike; `None` for what is not limited.
    pub fn set_quota(&mut self, role: RoleId, quota: &Quantities) {
        let limits = quota.amounts().map(|amount| (amount > 0).then_some(amount));
        self.apply(Fact::SetQuota { role, guarantees: *quota, limits });
    }

    pub fn add_agent(&mut self, spec: &AgentSpec) -> AgentId {
        let agent = AgentId::from_index(self.agents);
        self.agents += 1;
        let info = info(agent);
        self.apply(Fact::AddAgent { agent, info: &info, total: &spec.total, used: &spec.used });
        agent
    }

    /// Adds agents one by one; allocates once all are there.
    pub fn add_agents(&mut self, specs: &[AgentSpec]) {
        for spec in specs {
            self.add_agent(spec);
        }
        self.settle();
    }

    /// The agent has other resources from now on.
    pub fn update_agent(&mut self, agent: AgentId, total: &Resources) {
        self.apply(Fact::UpdateAgent { agent, info: &info(agent), total: Some(total) });
    }

    /// An active framework in one role.
    pub fn add_framework(
        &mut self,
        role: RoleId,
        capabilities: FrameworkCapabilities,
        used: &[Held],
    ) -> FrameworkId {
        let framework = FrameworkId::from_index(self.frameworks);
        self.frameworks += 1;
        let info = FrameworkInfo {
            name: format!("framework-{}", framework.index()).into(),
            roles: vec![role],
            capabilities,
            ..FrameworkInfo::default()
        };
        self.apply(Fact::AddFramework { framework, info: &info, active: true, used });
        framework
    }

    /// Adds frameworks one by one, each in the role that `role_of` names; allocates once all are
    /// there.
    pub fn add_frameworks(
        &mut self,
        count: usize,
        role_of: impl Fn(usize) -> RoleId,
        capabilities: FrameworkCapabilities,
    ) {
        for framework in 0..count {
            self.add_framework(role_of(framework), capabilities, &[]);
        }
        self.settle();
    }

    /// Runs the allocation that the facts so far have asked for, if any: Mesos's "settle". All of
    /// its triggers fall together in one run, as they do when its mailbox is full.
    pub fn settle(&mut self) {
        if self.allocator.next_allocation().is_some_and(|due| due <= self.now) {
            self.allocate();
        }
    }

    /// One batch allocation, an allocation interval later.
    pub fn tick(&mut self) {
        self.now += Span::from_secs(1);
        self.allocate();
    }

    fn allocate(&mut self) {
        let before = self.outstanding.len();
        self.allocator.allocate(self.now, &mut self.outstanding);
        self.offers_made += self.outstanding.len() - before;
    }

    /// Everything that is offered comes back, refused for this long; zero for not at all.
    pub fn give_back(&mut self, refuse: Span) {
        let mut outstanding = std::mem::take(&mut self.outstanding);
        for decision in outstanding.drain(..) {
            self.give_back_part(&decision, None, refuse);
        }
        self.outstanding = outstanding;
    }

    /// The offers that are out, which the caller answers from now on with
    /// [`give_back_part`](Self::give_back_part).
    pub fn take_offers(&mut self) -> Vec<Decision> {
        std::mem::take(&mut self.outstanding)
    }

    /// A part of an offer comes back, all of it when `None`.
    pub fn give_back_part(&mut self, offer: &Decision, part: Option<&Resources>, refuse: Span) {
        let Decision::Offer { framework, role, agent, resources, .. } = offer else { return };
        self.apply(Fact::RecoverResources {
            framework: *framework,
            role: *role,
            agent: *agent,
            resources: part.unwrap_or(resources),
            refuse: Some(refuse),
            was_allocated: false,
        });
    }

    /// A snapshot of all metrics.
    pub fn metrics(&self) -> MetricsSnapshot {
        self.allocator.metrics(self.now)
    }

    /// Forgets the offers that are out, which stay with their frameworks for ever.
    pub fn forget_offers(&mut self) {
        self.outstanding = Vec::new();
    }
}

fn info(agent: AgentId) -> AgentInfo {
    let name = format!("agent-{}", agent.index());
    AgentInfo { name: name.as_str().into(), hostname: name.into(), ..AgentInfo::default() }
}
