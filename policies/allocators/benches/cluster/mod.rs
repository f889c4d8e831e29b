//! Clusters for the benchmarks.

use policy_allocators::{HierarchicalAllocator, HierarchicalOptions};
use policy_api::resources::{Labels, Reservation, ReservationKind};
use policy_api::{
    AgentId, AgentInfo, Allocator, Decision, DenseId, Fact, FrameworkId, FrameworkInfo,
    HeldResources, Operation, Quantities, Resources, RoleId, Span, Time,
};
use std::fmt;

/// What Mesos's benchmarks vary.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) agents: usize,
    pub(crate) frameworks: usize,
    pub(crate) own_roles: bool,
    /// Each agent has ports and is partly in use, as in `DeclineOffers`.
    pub(crate) ports: bool,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.agents, self.frameworks)?;
        f.write_str(if self.own_roles { " own roles" } else { "" })?;
        f.write_str(if self.ports { " ports" } else { "" })
    }
}

#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) allocator: HierarchicalAllocator,
    pub(crate) now: Time,
    pub(crate) decisions: Vec<Decision>,
}

/// Ports [31000-32000] in sixteen pieces.
fn pieces() -> String {
    let singles: Vec<String> =
        (0..15).map(|piece| format!("{0}-{0}", 31_000 + 2 * piece)).collect();
    format!("[{},31030-32000]", singles.join(","))
}

fn parse(text: &str) -> Resources {
    text.parse().expect("written by hand")
}

/// Four objects, reserved to a role with a label.
fn reserved(index: usize) -> Resources {
    let reservation = Reservation {
        kind: ReservationKind::Dynamic,
        role: format!("role-{index}").into(),
        principal: Some("principal".into()),
        labels: Labels::new(vec![("Label".into(), Some(format!("label-{index}").into()))]),
    };
    let plain = parse("cpus:100;mem:100;disk:100;ports:[2-2]");
    let objects = plain.iter().map(|(resource, _)| {
        let mut resource = resource.into_owned();
        resource.reservations.push(reservation.clone());
        resource
    });
    objects.collect()
}

impl Cluster {
    fn empty() -> Self {
        let allocator = HierarchicalAllocator::new(HierarchicalOptions::default());
        let mut cluster = Self { allocator, now: Time::ZERO, decisions: Vec::new() };
        cluster.apply(Fact::Pause);
        cluster
    }

    pub(crate) fn new(shape: &Shape) -> Self {
        let mut cluster = Self::empty();
        for index in 0..if shape.own_roles { shape.frameworks } else { 1 } {
            cluster.name_role(index, &format!("role{index}"));
        }
        let (total, used) = if shape.ports {
            let used = format!("cpus:16;mem:2014;disk:1024;ports:{}", pieces());
            ("cpus:24;mem:4096;disk:4096;ports:[31000-32000]", used)
        } else {
            ("cpus:24;mem:4096;disk:4096", String::new())
        };
        let (total, used): (Resources, Resources) = (parse(total), parse(&used));
        for index in 0..shape.agents {
            let framework = index % shape.frameworks;
            let role = if shape.own_roles { framework } else { 0 };
            let held = [HeldResources {
                framework: FrameworkId::from_index(framework),
                role: RoleId::from_index(role),
                resources: used.clone(),
            }];
            cluster.add_agent(index, &total, if shape.ports { &held } else { &[] });
        }
        for index in 0..shape.frameworks {
            cluster.add_framework(index, if shape.own_roles { index } else { 0 });
        }
        cluster.apply(Fact::Resume);
        cluster
    }

    /// Roles of half an agent and of two agents, with limits like the guarantees.
    pub(crate) fn with_quota(small: usize, large: usize) -> Self {
        let mut cluster = Self::empty();
        let total = parse("cpus:2;mem:2048;disk:2048");
        for index in 0..small / 5 + large * 5 {
            cluster.add_agent(index, &total, &[]);
        }
        for index in 0..small + large {
            let (size, amounts) = if index < small {
                ("small", [1_000, 1_024_000, 0, 1_024_000])
            } else {
                ("large", [4_000, 4_096_000, 0, 4_096_000])
            };
            cluster.name_role(index, &format!("{size}QuotaRole{index}"));
            cluster.apply(Fact::SetQuota {
                role: RoleId::from_index(index),
                guarantees: Quantities::from_amounts(amounts),
                limits: [Some(amounts[0]), Some(amounts[1]), None, Some(amounts[3])],
            });
            cluster.add_framework(index, index);
        }
        cluster.apply(Fact::Resume);
        cluster
    }

    /// One agent; each role has four objects on it with a label of their own, all in use.
    pub(crate) fn with_reservations(roles: usize) -> Self {
        let mut cluster = Self::empty();
        let (mut total, mut used) = (Resources::EMPTY, Vec::new());
        for index in 0..roles {
            cluster.name_role(index, &format!("role-{index}"));
            let resources = reserved(index);
            total.add(&resources);
            let (framework, role) = (FrameworkId::from_index(index), RoleId::from_index(index));
            used.push(HeldResources { framework, role, resources });
        }
        for index in 0..roles {
            cluster.add_framework(index, index);
        }
        cluster.add_agent(0, &total, &used);
        cluster.apply(Fact::Resume);
        cluster
    }

    pub(crate) fn unreserve_and_reserve(&mut self, index: usize) {
        let reserved = reserved(index);
        let unreserve = Operation::Unreserve(reserved.clone()).conversions();
        let reserve =
            Operation::Reserve { resources: reserved.clone(), source: None }.conversions();
        let (unreserve, reserve) = (unreserve.expect("reserved"), reserve.expect("reserved"));
        let unreserved = reserved.convert(&unreserve).expect("all of it is there");
        for (offered, conversions) in [(&reserved, &unreserve), (&unreserved, &reserve)] {
            self.apply(Fact::UpdateAllocation {
                framework: FrameworkId::from_index(index),
                role: RoleId::from_index(index),
                agent: AgentId::from_index(0),
                offered,
                conversions,
            });
        }
    }

    fn apply(&mut self, fact: Fact<'_>) {
        self.allocator.apply(self.now, fact);
    }

    fn name_role(&mut self, index: usize, path: &str) {
        self.apply(Fact::NameRole { role: RoleId::from_index(index), path });
    }

    fn add_agent(&mut self, index: usize, total: &Resources, used: &[HeldResources]) {
        let name = format!("agent-{index}");
        let info =
            AgentInfo { name: name.as_str().into(), hostname: name.into(), ..AgentInfo::default() };
        self.apply(Fact::AddAgent { agent: AgentId::from_index(index), info: &info, total, used });
    }

    fn add_framework(&mut self, index: usize, role: usize) {
        let info = FrameworkInfo {
            name: format!("framework-{index}").into(),
            roles: vec![RoleId::from_index(role)],
            ..FrameworkInfo::default()
        };
        let framework = FrameworkId::from_index(index);
        self.apply(Fact::AddFramework { framework, info: &info, active: true, used: &[] });
    }

    pub(crate) fn tick(&mut self) {
        self.now += Span::from_secs(1);
        self.decisions.clear();
        self.allocator.allocate(self.now, &mut self.decisions);
    }

    /// Gives back all that the last cycle offered.
    pub(crate) fn decline_all(&mut self, seconds: u64) {
        let mut decisions = std::mem::take(&mut self.decisions);
        for decision in decisions.drain(..) {
            let Decision::Offer { framework, role, agent, resources, .. } = decision else {
                continue;
            };
            self.apply(Fact::RecoverResources {
                framework,
                role,
                agent,
                resources: &resources,
                refuse: Some(Span::from_secs(seconds)),
                was_allocated: false,
            });
        }
        self.decisions = decisions;
    }
}
