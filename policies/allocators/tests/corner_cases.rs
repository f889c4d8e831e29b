//! Small scripts of what the random ones found (`same_as_reference.rs`).

use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions};
use policy_api::resources::{
    DiskInfo, DiskSource, DiskSourceKind, Labels, Persistence, Reservation, ReservationKind, Value,
};
use policy_api::{
    AgentId, AgentInfo, Allocator, Conversion, DenseId, Fact, FrameworkCapabilities, FrameworkId,
    FrameworkInfo, HeldResources, Quantities, Quota, Resource, Resources, RoleId, Scalar, Time,
};
use std::sync::Arc;

const NOW: Time = Time::ZERO;

struct Cluster(HierarchicalAllocator);

fn agent(index: usize) -> AgentId {
    AgentId::from_index(index)
}

fn framework() -> FrameworkId {
    FrameworkId::from_index(0)
}

fn role() -> RoleId {
    RoleId::from_index(0)
}

fn parse(text: &str) -> Resources {
    text.parse().expect("written by hand")
}

fn disk(info: DiskInfo) -> Resource {
    let disk = Some(Arc::new(info));
    Resource { disk, ..Resource::plain("disk", Value::Scalar(100_000)) }
}

impl Cluster {
    /// One framework in the role `a` that takes anything.
    fn new() -> Self {
        let mut cluster = Self::empty();
        let info = FrameworkInfo {
            name: "f".into(),
            roles: vec![role()],
            capabilities: FrameworkCapabilities { shared_resources: true, ..Default::default() },
            ..Default::default()
        };
        let framework = framework();
        cluster.tell(Fact::AddFramework { framework, info: &info, active: true, used: &[] });
        cluster
    }

    fn empty() -> Self {
        let options = HierarchicalOptions {
            agent_order: AgentOrder::ById,
            min_allocatable_resources: Vec::new(),
            ..HierarchicalOptions::default()
        };
        let mut cluster = Self(HierarchicalAllocator::new(options));
        cluster.tell(Fact::NameRole { role: role(), path: "a" });
        cluster
    }

    fn tell(&mut self, fact: Fact<'_>) {
        self.0.apply(NOW, fact);
    }

    fn allocate(&mut self) {
        self.0.allocate(NOW, &mut Vec::new());
    }

    fn add_agent(&mut self, index: usize, total: &Resources, used: &[HeldResources]) {
        let info = AgentInfo { name: format!("s{index}").into(), ..AgentInfo::default() };
        self.tell(Fact::AddAgent { agent: agent(index), info: &info, total, used });
    }

    fn use_cpus(&mut self, amount: &str, on: usize) {
        let resources = &parse(amount);
        let (framework, role, agent) = (framework(), role(), agent(on));
        self.tell(Fact::TransitionOfferedToAllocated { framework, role, agent, resources });
    }

    fn consumed_cpus(&self) -> Option<f64> {
        let name = "allocator/mesos/quota/roles/a/resources/cpus/consumed";
        self.0.metrics(NOW).get(name).copied()
    }
}

/// `spec/allocator.md` 2.1: what is in use is accounted on the agent.
#[test]
fn tasks_of_a_removed_agent_are_not_consumed() {
    let mut cluster = Cluster::new();
    cluster.add_agent(0, &parse("cpus:4;mem:64"), &[]);
    cluster.allocate();
    cluster.use_cpus("cpus:3", 0);
    assert_eq!(cluster.consumed_cpus(), Some(3.0));
    cluster.tell(Fact::RemoveAgent { agent: agent(0) });
    assert_eq!(cluster.consumed_cpus(), None);
}

/// `spec/allocator.md` 6.8: a provider's use does not show in what is consumed.
#[test]
fn use_of_a_provider_is_not_consumed() {
    let mut cluster = Cluster::new();
    cluster.add_agent(0, &parse("cpus:4;mem:64"), &[]);
    let resources = parse("cpus:1");
    let used = [HeldResources { framework: framework(), role: role(), resources }];
    let (agent, total) = (agent(0), &parse("cpus:1"));
    cluster.tell(Fact::AddResourceProvider { agent, total, used: &used });
    assert_eq!(cluster.consumed_cpus(), None);
}

/// `spec/allocator.md` 6.2: the number of agents ends a pause only, and is kept until it does.
#[test]
fn recovery_forgets_the_threshold_when_it_ends_a_pause() {
    let mut cluster = Cluster::empty();
    let guarantees = Quantities::of(Scalar::Cpus, 1_000);
    let quotas = &[(role(), Quota { guarantees, ..Quota::default() })];
    cluster.tell(Fact::Recover { expected_agents: 2, quotas });
    cluster.tell(Fact::Resume);
    cluster.add_agent(0, &parse("cpus:1"), &[]);
    cluster.allocate();
    cluster.tell(Fact::Pause);
    cluster.add_agent(1, &parse("cpus:1"), &[]);
    assert!(cluster.0.is_run_pending(), "the second agent ended the pause");
}

/// `spec/allocator.md` 6.9: a disk that vanishes leaves nothing behind.
#[test]
fn a_holding_ends_with_the_disk_that_it_was() {
    let mut cluster = Cluster::new();
    let source = DiskSource { id: Some("raw".into()), ..DiskSource::new(DiskSourceKind::Raw) };
    let raw: Resources =
        [disk(DiskInfo { source: Some(source), ..DiskInfo::default() })].into_iter().collect();
    cluster.add_agent(0, &raw, &[]);
    cluster.allocate();
    let (consumed, converted) = (raw.clone(), Resources::EMPTY);
    let conversions = &[Conversion { consumed, converted, must_vanish: Resources::EMPTY }];
    let (framework, role, agent) = (framework(), role(), agent(0));
    cluster.tell(Fact::UpdateAllocation { framework, role, agent, offered: &raw, conversions });
    let state = cluster.0.agent_state(agent, NOW).expect("it is still there");
    assert!(state.holdings.is_empty() && state.total.is_empty());
}

/// Copies of a shared volume stay held, though the agent has announced a total without it.
#[test]
fn copies_of_a_volume_that_is_gone_stay_held() {
    let mut cluster = Cluster::new();
    let persistence = Some(Persistence { id: "v".into(), principal: None });
    let reservation = Reservation {
        kind: ReservationKind::Static,
        role: "a".into(),
        principal: None,
        labels: Labels::default(),
    };
    let volume = Resource {
        shared: true,
        reservations: vec![reservation],
        ..disk(DiskInfo { persistence, ..DiskInfo::default() })
    };
    let mut total = parse("cpus:1");
    total.add_resource(volume);
    cluster.add_agent(0, &total, &[]);
    cluster.allocate();
    let info = AgentInfo { name: "s0".into(), ..AgentInfo::default() };
    let without = parse("cpus:2");
    cluster.tell(Fact::UpdateAgent { agent: agent(0), info: &info, total: Some(&without) });
    cluster.allocate();
    total.add(&parse("cpus:1"));
    assert_eq!(cluster.0.offered_or_allocated(agent(0)), total);
}
