//! First things: fair shares, filters, ticks, idleness.

use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions};
use policy_api::{
    AgentId, AgentInfo, Allocator, Decision, DenseId, Fact, FrameworkId, FrameworkInfo, Quantities,
    Resources, RoleId, Scalar, Span, Time,
};

struct Cluster {
    allocator: HierarchicalAllocator,
    now: Time,
    roles: Vec<String>,
}

fn parse(text: &str) -> Resources {
    text.parse().expect("written by hand")
}

impl Cluster {
    fn new() -> Self {
        let options =
            HierarchicalOptions { agent_order: AgentOrder::ById, ..HierarchicalOptions::default() };
        Self { allocator: HierarchicalAllocator::new(options), now: Time::ZERO, roles: Vec::new() }
    }

    fn role(&mut self, path: &str) -> RoleId {
        if let Some(index) = self.roles.iter().position(|known| known == path) {
            return RoleId::from_index(index);
        }
        let role = RoleId::from_index(self.roles.len());
        self.roles.push(path.to_owned());
        self.allocator.apply(self.now, Fact::NameRole { role, path });
        role
    }

    fn agent(&mut self, index: usize, total: &str) {
        let info = AgentInfo { name: format!("s{index:03}").into(), ..AgentInfo::default() };
        let (agent, total) = (AgentId::from_index(index), parse(total));
        self.allocator
            .apply(self.now, Fact::AddAgent { agent, info: &info, total: &total, used: &[] });
    }

    fn framework(&mut self, index: usize, role: &str) {
        let roles = vec![self.role(role)];
        let info = FrameworkInfo { name: format!("f{index}").into(), roles, ..Default::default() };
        let framework = FrameworkId::from_index(index);
        self.allocator.apply(
            self.now,
            Fact::AddFramework { framework, info: &info, active: true, used: &[] },
        );
    }

    fn recover(&mut self, framework: usize, role: &str, agent: usize, what: &str, refuse: u64) {
        let (role, resources) = (self.role(role), parse(what));
        self.allocator.apply(
            self.now,
            Fact::RecoverResources {
                framework: FrameworkId::from_index(framework),
                role,
                agent: AgentId::from_index(agent),
                resources: &resources,
                refuse: Some(Span::from_secs(refuse)),
                was_allocated: false,
            },
        );
    }

    /// Runs what is pending; who got something on which agent.
    fn allocate(&mut self) -> Vec<(usize, usize)> {
        let mut decisions = Vec::new();
        self.allocator.allocate(self.now, &mut decisions);
        let offers = decisions.into_iter().map(|decision| match decision {
            Decision::Offer { framework, agent, .. } => (framework.index(), agent.index()),
            Decision::InverseOffer { .. } => unreachable!("no maintenance here"),
        });
        offers.collect()
    }

    fn tick(&mut self) -> Vec<(usize, usize)> {
        self.now += Span::from_secs(1);
        self.allocate()
    }
}

/// Ghodsi et al. 2011, section 4.1: 9 CPUs and 18 GB; A's tasks need 1 CPU and 4 GB, B's 3 CPUs
/// and 1 GB. A ends with 3 tasks, B with 2.
#[test]
fn example_of_the_drf_paper() {
    let mut cluster = Cluster::new();
    cluster.framework(0, "a");
    cluster.framework(1, "b");
    cluster.agent(0, "cpus:9;mem:18432");
    let tasks = [
        Quantities::from_amounts([1000, 0, 0, 4_096_000]),
        Quantities::from_amounts([3000, 0, 0, 1_024_000]),
    ];
    let (mut free, mut launched) = (Quantities::from_amounts([9000, 0, 0, 18_432_000]), [0, 0]);
    let mut offers = cluster.allocate();
    while let Some(&(framework, _)) = offers.first() {
        let task = &tasks[framework];
        let rest = if free.contains(task) {
            launched[framework] += 1;
            free.difference(task)
        } else {
            free
        };
        let refuse = if rest == free { 1000 } else { 0 };
        free = rest;
        let role = ["a", "b"][framework];
        cluster.recover(framework, role, 0, &free.to_string(), refuse);
        offers = cluster.tick();
    }
    assert_eq!(launched, [3, 2]);
}

#[test]
fn filters_end_at_their_deadline_but_not_before_the_next_tick() {
    let mut cluster = Cluster::new();
    cluster.framework(0, "a");
    cluster.agent(0, "cpus:4;mem:4096");
    assert_eq!(cluster.allocate(), [(0, 0)]);
    cluster.tick();
    cluster.recover(0, "a", 0, "cpus:4;mem:4096", 1);
    // One interval, made right after a tick: outlives the next tick.
    assert_eq!(cluster.tick(), []);
    assert_eq!(cluster.tick(), [(0, 0)]);
    cluster.recover(0, "a", 0, "cpus:4;mem:4096", 2);
    assert_eq!(cluster.tick(), []);
    assert_eq!(cluster.tick(), [(0, 0)]);
    cluster.recover(0, "a", 0, "cpus:4;mem:4096", 0);
    assert_eq!(cluster.tick(), [(0, 0)]);
}

#[test]
fn idle_ticks_are_skipped_and_counted() {
    let mut cluster = Cluster::new();
    cluster.framework(0, "a");
    cluster.agent(0, "cpus:4;mem:4096");
    cluster.allocate();
    assert_eq!(cluster.allocator.next_allocation(), None);
    cluster.now = Time::from_nanos(3_500_000_000);
    assert_eq!(cluster.allocator.allocation_runs(cluster.now), 4);
    cluster.recover(0, "a", 0, "cpus:4;mem:4096", 10);
    assert_eq!(cluster.allocator.next_allocation(), Some(Time::from_secs(4)));
    cluster.now = Time::from_secs(4);
    assert_eq!(cluster.allocate(), []);
    assert_eq!(cluster.allocator.next_allocation(), Some(Time::from_secs(14)));
    cluster.now = Time::from_secs(14);
    assert_eq!(cluster.allocate(), [(0, 0)]);
    assert_eq!(cluster.allocator.allocation_runs(cluster.now), 15);
}

#[test]
fn equal_shares_alternate_by_the_number_of_allocations() {
    let mut cluster = Cluster::new();
    cluster.framework(0, "*");
    cluster.framework(1, "*");
    cluster.agent(0, "cpus:2;mem:1024");
    let mut offers = cluster.allocate();
    for round in 0..10 {
        assert_eq!(offers, [(round % 2, 0)]);
        cluster.recover(round % 2, "*", 0, "cpus:2;mem:1024", 0);
        offers = cluster.tick();
    }
    let held = cluster.allocator.offered_or_allocated(AgentId::from_index(0));
    assert_eq!(held.amount(Scalar::Cpus), 2000);
}
