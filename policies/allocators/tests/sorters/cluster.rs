//! An allocator whose roles stand for the clients of the specification: each has one framework of its
//! own, and what it holds is told as in use.

use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions, SorterKind};
use policy_api::resources::{
    DiskInfo, Labels, Persistence, Reservation, ReservationKind, Resource, Value, Volume,
};
use policy_api::{
    AgentId, AgentInfo, Allocator, Conversion, DenseId, Fact, FrameworkId, FrameworkInfo,
    HeldResources, Quantities, Resources, RoleId, Time,
};
use rand_pcg::Pcg64Mcg;
use std::sync::Arc;

pub(crate) struct Cluster {
    pub(crate) allocator: HierarchicalAllocator,
    roles: Vec<String>,
    agents: usize,
}

pub(crate) fn parse(text: &str) -> Resources {
    text.parse().expect("written by hand")
}

/// A volume of so many MB, of a reservation where a role is given.
pub(crate) fn volume(role: Option<&str>, amount: i64) -> Resource {
    let mut volume = Resource::plain("disk", Value::Scalar(amount * 1000));
    volume.reservations.extend(role.map(|role| Reservation {
        kind: ReservationKind::Static,
        role: role.into(),
        principal: None,
        labels: Labels::default(),
    }));
    volume.disk = Some(Arc::new(DiskInfo {
        source: None,
        persistence: Some(Persistence { id: "id1".into(), principal: None }),
        volume: Some(Volume { container_path: "path1".into(), mode: None, host_path: None }),
    }));
    volume
}

/// A volume of role1 that several may hold at once.
pub(crate) fn shared_volume(amount: i64) -> Resource {
    Resource { shared: true, ..volume(Some("role1"), amount) }
}

/// Cores that may be taken away again.
pub(crate) fn revocable_cpus(cpus: i64) -> Resource {
    Resource { revocable: true, ..Resource::plain("cpus", Value::Scalar(cpus * 1000)) }
}

/// Plain resources and so many copies of another one.
pub(crate) fn with_copies(text: &str, resource: &Resource, copies: u32) -> Resources {
    let mut resources = parse(text);
    resources.add_copies(resource.clone(), copies);
    resources
}

/// Plain resources and another one.
pub(crate) fn with(text: &str, resource: &Resource) -> Resources {
    with_copies(text, resource, 1)
}

/// What is consumed leaves the cluster.
pub(crate) fn into_nothing(consumed: &Resources) -> Vec<Conversion> {
    vec![Conversion {
        consumed: consumed.clone(),
        converted: Resources::EMPTY,
        must_vanish: Resources::EMPTY,
    }]
}

/// One of each kind of order, for what must hold in both.
pub(crate) fn both_kinds() -> [SorterKind; 2] {
    [SorterKind::Drf, SorterKind::Random(Pcg64Mcg::new(0))]
}

pub(crate) fn agent(index: usize) -> AgentId {
    AgentId::from_index(index)
}

impl Cluster {
    pub(crate) fn new(sorter: SorterKind) -> Self {
        let options =
            HierarchicalOptions { agent_order: AgentOrder::ById, sorter, ..Default::default() };
        Self { allocator: HierarchicalAllocator::new(options), roles: Vec::new(), agents: 0 }
    }

    /// A cluster of one agent in the order of DRF.
    pub(crate) fn of(total: &Resources) -> Self {
        let mut cluster = Self::new(SorterKind::Drf);
        cluster.add_agent(total);
        cluster
    }

    pub(crate) fn tell(&mut self, fact: Fact<'_>) {
        self.allocator.apply(Time::ZERO, fact);
    }

    pub(crate) fn role(&mut self, path: &str) -> RoleId {
        if let Some(index) = self.roles.iter().position(|known| known == path) {
            return RoleId::from_index(index);
        }
        let role = RoleId::from_index(self.roles.len());
        self.roles.push(path.to_owned());
        self.tell(Fact::NameRole { role, path });
        role
    }

    fn framework(&mut self, role: &str) -> FrameworkId {
        FrameworkId::from_index(self.role(role).index())
    }

    pub(crate) fn add_agent(&mut self, total: &Resources) -> AgentId {
        let agent = AgentId::from_index(self.agents);
        self.agents += 1;
        let info = agent_info(agent);
        self.tell(Fact::AddAgent { agent, info: &info, total, used: &[] });
        agent
    }

    pub(crate) fn set_total(&mut self, agent: AgentId, total: &Resources) {
        let info = agent_info(agent);
        self.tell(Fact::UpdateAgent { agent, info: &info, total: Some(total) });
    }

    /// Adds a framework in the role, which makes the role a client.
    pub(crate) fn add(&mut self, role: &str) {
        self.add_framework(role, true);
    }

    /// Adds a framework in the role that is not to be offered anything.
    pub(crate) fn add_inactive(&mut self, role: &str) {
        self.add_framework(role, false);
    }

    fn add_framework(&mut self, role: &str, active: bool) {
        let (roles, framework) = (vec![self.role(role)], self.framework(role));
        let info = FrameworkInfo { name: role.into(), roles, ..Default::default() };
        self.tell(Fact::AddFramework { framework, info: &info, active, used: &[] });
    }

    pub(crate) fn remove(&mut self, role: &str) {
        let framework = self.framework(role);
        self.tell(Fact::RemoveFramework { framework });
    }

    /// Leaves the framework without a role.
    pub(crate) fn unsubscribe(&mut self, role: &str) {
        let framework = self.framework(role);
        let info = FrameworkInfo { name: role.into(), ..Default::default() };
        self.tell(Fact::UpdateFramework { framework, info: &info });
    }

    /// One allocation to the role's framework. A provider without resources of its own says that
    /// they are used, which Mesos counts as it counts an offer.
    pub(crate) fn allocated(&mut self, role: &str, agent: AgentId, resources: &Resources) {
        let (framework, role) = (self.framework(role), self.role(role));
        let used = [HeldResources { framework, role, resources: resources.clone() }];
        self.tell(Fact::AddResourceProvider { agent, total: &Resources::EMPTY, used: &used });
    }

    /// Adds a role with a framework that is allocated something on the first agent.
    pub(crate) fn add_holding(&mut self, role: &str, resources: &Resources) {
        self.add(role);
        self.allocated(role, agent(0), resources);
    }

    pub(crate) fn released(&mut self, role: &str, agent: AgentId, resources: &Resources) {
        let (framework, role) = (self.framework(role), self.role(role));
        self.tell(Fact::RecoverResources {
            framework,
            role,
            agent,
            resources,
            refuse: None,
            was_allocated: true,
        });
    }

    pub(crate) fn converted(
        &mut self,
        role: &str,
        agent: AgentId,
        offered: &Resources,
        conversions: &[Conversion],
    ) {
        let (framework, role) = (self.framework(role), self.role(role));
        self.tell(Fact::UpdateAllocation { framework, role, agent, offered, conversions });
    }

    /// The roles with frameworks, in the order in which they would be served.
    pub(crate) fn order(&self) -> Vec<String> {
        let clients = self.allocator.role_states().into_iter().filter(|role| role.client.is_some());
        clients.map(|role| role.path.to_string()).collect()
    }

    /// What the role holds, by agent.
    pub(crate) fn held(&self, role: &str) -> Vec<(AgentId, Resources)> {
        let mut held = Vec::new();
        for index in 0..self.agents {
            let state = self.allocator.agent_state(agent(index), Time::ZERO).expect("it was added");
            for (_, _, resources) in state.holdings.into_iter().filter(|it| &*it.1 == role) {
                held.push((agent(index), resources));
            }
        }
        held
    }

    /// What of it counts for the order.
    pub(crate) fn quantities(&self, role: &str) -> Quantities {
        let mut roles = self.allocator.role_states().into_iter();
        let state = roles.find(|state| &*state.path == role).and_then(|state| state.client);
        state.expect("a role with a framework").held
    }

    /// What counts for all roles together.
    pub(crate) fn all_quantities(&self) -> Quantities {
        let clients = self.allocator.role_states().into_iter().filter_map(|role| role.client);
        clients.fold(Quantities::ZERO, |sum, client| sum + client.held)
    }

    /// Whether the role's framework would be offered anything.
    pub(crate) fn wants_offers(&self, role: &str) -> bool {
        let mut roles = self.allocator.role_states().into_iter();
        let state = roles.find(|state| &*state.path == role).expect("a role with a framework");
        state.frameworks[0].wants_offers
    }
}

fn agent_info(agent: AgentId) -> AgentInfo {
    AgentInfo { name: format!("agent{}", agent.index()).into(), ..AgentInfo::default() }
}
