//! The allocator decides what a plain one decides, on random scripts, though it skips ticks and
//! agents that cannot matter.

mod reference;

use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions};
use policy_api::{
    AgentId, AgentInfo, Allocator, Decision, DenseId, Fact, FrameworkCapabilities, FrameworkId,
    FrameworkInfo, Limits, Quantities, Quota, Resources, RoleId, Span, Time,
};
use proptest::prelude::*;
use reference::{Framework, Reference};

const ROLES: [&str; 9] = ["a", "a/x", "a/x/deep", "a/y", "b", "b/x", "c", "*", "ab"];
const TOTALS: [&str; 7] = [
    "cpus:4;mem:4096",
    "cpus:2;mem:1024;disk:1000",
    "cpus:0.5;mem:64",
    "cpus:1;mem:512;cpus(a):1;mem(a):256",
    "mem:2048;cpus(b/x):2;ports:[31000-31009]",
    "cpus:8;mem:8192;cpus(a/x):0.125",
    "cpus:3;mem:1500;gpus:1",
];

/// Numbers choose among what there is when the step comes.
#[derive(Clone, Debug)]
enum Step {
    AddAgent { total: usize, revocable: bool },
    RemoveAgent(usize),
    UpdateAgent(usize, usize),
    ToggleAgent(usize),
    AddFramework { roles: Vec<usize>, revocable: bool },
    RemoveFramework(usize),
    UpdateFramework(usize, Vec<usize>),
    ToggleFramework(usize),
    Suppress(usize),
    Revive(usize, bool),
    Weight(usize, u8),
    Quota { role: usize, guarantee: u8, limit: Option<u8> },
    Recover { which: usize, half: bool, refuse: u8 },
    DeclineAll { refuse: u8 },
    Advance { quarters: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let some_roles = || prop::collection::vec(0..ROLES.len(), 1..3);
    prop_oneof![
        3 => (0..TOTALS.len(), any::<bool>())
            .prop_map(|(total, revocable)| Step::AddAgent { total, revocable }),
        1 => any::<usize>().prop_map(Step::RemoveAgent),
        1 => (any::<usize>(), 0..TOTALS.len()).prop_map(|(a, b)| Step::UpdateAgent(a, b)),
        1 => any::<usize>().prop_map(Step::ToggleAgent),
        3 => (some_roles(), any::<bool>())
            .prop_map(|(roles, revocable)| Step::AddFramework { roles, revocable }),
        1 => any::<usize>().prop_map(Step::RemoveFramework),
        1 => (any::<usize>(), some_roles()).prop_map(|(a, b)| Step::UpdateFramework(a, b)),
        1 => any::<usize>().prop_map(Step::ToggleFramework),
        1 => any::<usize>().prop_map(Step::Suppress),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(a, b)| Step::Revive(a, b)),
        1 => (0..ROLES.len(), 1..6_u8).prop_map(|(a, b)| Step::Weight(a, b)),
        1 => (0..ROLES.len(), 0..8_u8, prop::option::of(0..12_u8))
            .prop_map(|(role, guarantee, limit)| Step::Quota { role, guarantee, limit }),
        8 => (any::<usize>(), any::<bool>(), 0..5_u8)
            .prop_map(|(which, half, refuse)| Step::Recover { which, half, refuse }),
        1 => (0..5_u8).prop_map(|refuse| Step::DeclineAll { refuse }),
        6 => (1..14_u8).prop_map(|quarters| Step::Advance { quarters }),
    ]
}

struct Pair {
    subject: HierarchicalAllocator,
    reference: Reference,
    now: Time,
    agents: usize,
    frameworks: usize,
}

fn nth<K: Copy, V>(map: &std::collections::BTreeMap<K, V>, number: usize) -> Option<K> {
    let count = map.len();
    (count > 0).then(|| *map.keys().nth(number % count).expect("below the count"))
}

fn roles(numbers: &[usize]) -> Vec<RoleId> {
    let mut roles: Vec<RoleId> = numbers.iter().map(|&role| RoleId::from_index(role)).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn agent_info(agent: AgentId) -> AgentInfo {
    AgentInfo { name: format!("s{:06}", agent.index()).into(), ..AgentInfo::default() }
}

fn framework_info(framework: FrameworkId, roles: Vec<RoleId>, revocable: bool) -> FrameworkInfo {
    FrameworkInfo {
        name: format!("f{:06}", framework.index()).into(),
        roles,
        capabilities: FrameworkCapabilities {
            revocable_resources: revocable,
            gpu_resources: true,
            ..FrameworkCapabilities::default()
        },
        ..FrameworkInfo::default()
    }
}

fn total(number: usize, revocable: bool) -> Resources {
    let mut total: Resources = TOTALS[number].parse().expect("written by hand");
    if revocable {
        let mut more: Vec<policy_api::Resource> = "cpus:1"
            .parse::<Resources>()
            .expect("written by hand")
            .iter()
            .map(|it| it.0.into_owned())
            .collect();
        more[0].revocable = true;
        total.add_resource(more.remove(0));
    }
    total
}

impl Pair {
    fn new() -> Self {
        let options =
            HierarchicalOptions { agent_order: AgentOrder::ById, ..HierarchicalOptions::default() };
        let mut pair = Self {
            subject: HierarchicalAllocator::new(options),
            reference: Reference::default(),
            now: Time::ZERO,
            agents: 0,
            frameworks: 0,
        };
        for (index, path) in ROLES.iter().enumerate() {
            pair.reference.role_paths.push((*path).to_owned());
            pair.tell(Fact::NameRole { role: RoleId::from_index(index), path });
        }
        pair
    }

    fn tell(&mut self, fact: Fact<'_>) {
        self.subject.apply(self.now, fact);
    }

    fn allocate(&mut self) -> Vec<Decision> {
        let mut decisions = Vec::new();
        self.subject.allocate(self.now, &mut decisions);
        decisions
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::AddAgent { .. }
            | Step::RemoveAgent(_)
            | Step::UpdateAgent(..)
            | Step::ToggleAgent(_) => self.agent_step(step),
            Step::Weight(role, weight) => {
                let (role, weight) = (RoleId::from_index(*role), f64::from(*weight) / 2.0);
                self.reference.set_weight(role, weight);
                self.tell(Fact::SetWeight { role, weight });
            }
            Step::Quota { role, guarantee, limit } => self.set_quota(*role, *guarantee, *limit),
            Step::Recover { which, half, refuse } => self.recover(*which, *half, *refuse),
            Step::DeclineAll { refuse } => {
                let count: usize = self.reference.agents.values().map(|row| row.held.len()).sum();
                for _ in 0..count {
                    self.recover(0, false, *refuse);
                }
            }
            Step::Advance { quarters } => self.advance(*quarters),
            Step::AddFramework { .. }
            | Step::RemoveFramework(_)
            | Step::UpdateFramework(..)
            | Step::ToggleFramework(_)
            | Step::Suppress(_)
            | Step::Revive(..) => self.framework_step(step),
        }
        let expected = self.reference.run_if_asked(self.now);
        assert_eq!(self.subject.is_run_pending(), expected.is_some());
        if let Some(expected) = expected {
            let decided = self.allocate();
            assert_eq!(decided, expected, "asked for by {step:?}");
        }
        self.check_conservation();
    }

    fn agent_step(&mut self, step: &Step) {
        if let Step::AddAgent { total: number, revocable } = step {
            let (agent, total) = (AgentId::from_index(self.agents), total(*number, *revocable));
            self.agents += 1;
            self.reference.add_agent(agent, total.clone());
            let info = &agent_info(agent);
            self.tell(Fact::AddAgent { agent, info, total: &total, used: &[] });
        }
        if let Step::RemoveAgent(number) = step
            && let Some(agent) = nth(&self.reference.agents, *number)
        {
            self.reference.remove_agent(agent);
            self.tell(Fact::RemoveAgent { agent });
        }
        if let Step::UpdateAgent(number, new) = step
            && let Some(agent) = nth(&self.reference.agents, *number)
        {
            let total = total(*new, false);
            self.reference.update_agent(agent, total.clone());
            let info = &agent_info(agent);
            self.tell(Fact::UpdateAgent { agent, info, total: Some(&total) });
        }
        if let Step::ToggleAgent(number) = step
            && let Some(agent) = nth(&self.reference.agents, *number)
        {
            let active = &mut self.reference.agents.get_mut(&agent).expect("chosen").active;
            *active = !*active;
            let fact = if *active {
                Fact::ActivateAgent { agent }
            } else {
                Fact::DeactivateAgent { agent }
            };
            self.tell(fact);
        }
    }

    fn framework_step(&mut self, step: &Step) {
        if let Step::AddFramework { roles: numbers, revocable } = step {
            let (framework, roles) = (FrameworkId::from_index(self.frameworks), roles(numbers));
            self.frameworks += 1;
            let info = &framework_info(framework, roles.clone(), *revocable);
            self.tell(Fact::AddFramework { framework, info, active: true, used: &[] });
            let suppressed = std::collections::BTreeSet::new();
            let row = Framework { roles, suppressed, active: true, revocable: *revocable };
            self.reference.add_framework(framework, row);
            return;
        }
        let (Step::RemoveFramework(number)
        | Step::UpdateFramework(number, _)
        | Step::ToggleFramework(number)
        | Step::Suppress(number)
        | Step::Revive(number, _)) = step
        else {
            return;
        };
        let Some(framework) = nth(&self.reference.frameworks, *number) else { return };
        if let Step::RemoveFramework(_) = step {
            self.reference.remove_framework(framework);
            self.tell(Fact::RemoveFramework { framework });
        }
        if let Step::UpdateFramework(_, numbers) = step {
            let roles = roles(numbers);
            let revocable = self.reference.frameworks[&framework].revocable;
            self.reference.update_framework(framework, roles.clone());
            let info = &framework_info(framework, roles, revocable);
            self.tell(Fact::UpdateFramework { framework, info });
        }
        if let Step::ToggleFramework(_) = step {
            let active = !self.reference.frameworks[&framework].active;
            self.reference.set_framework_active(framework, active);
            let fact = if active {
                Fact::ActivateFramework { framework }
            } else {
                Fact::DeactivateFramework { framework }
            };
            self.tell(fact);
        }
        if let Step::Suppress(_) = step {
            self.reference.suppress(framework);
            self.tell(Fact::Suppress { framework, roles: &[] });
        }
        if let Step::Revive(_, all) = step {
            let first = self.reference.frameworks[&framework].roles[0];
            let roles: &[RoleId] = if *all { &[] } else { &[first] };
            self.reference.revive(framework, roles);
            self.tell(Fact::Revive { framework, roles });
        }
    }

    fn set_quota(&mut self, role: usize, guarantee: u8, limit: Option<u8>) {
        if ROLES[role].contains('/') {
            return;
        }
        let role = RoleId::from_index(role);
        let guarantee = i64::from(guarantee) * 500;
        let guarantees = Quantities::from_amounts([guarantee, 0, 0, guarantee * 512]);
        let limits = [limit.map(|limit| guarantee + i64::from(limit) * 250), None, None, None];
        self.reference.set_quota(role, Quota { guarantees, limits: Limits(limits) });
        self.tell(Fact::SetQuota { role, guarantees, limits });
    }

    fn recover(&mut self, which: usize, half: bool, refuse: u8) {
        let held: Vec<_> = self
            .reference
            .agents
            .iter()
            .flat_map(|(&agent, row)| {
                row.held.iter().map(move |(&key, held)| ((key.0, key.1, agent), held.clone()))
            })
            .collect();
        if held.is_empty() {
            return;
        }
        let (key, mut resources) = held[which % held.len()].clone();
        if half {
            let amounts = resources.plain_amounts().amounts().map(|amount| amount / 2);
            resources = Resources::plain(Quantities::from_amounts(amounts));
            if resources.is_empty() {
                return;
            }
        }
        let refuse = Span::from_millis([0, 500, 1_000, 2_000, 5_250][usize::from(refuse)]);
        self.reference.recover(self.now, key, &resources, refuse);
        self.tell(Fact::RecoverResources {
            framework: key.0,
            role: key.1,
            agent: key.2,
            resources: &resources,
            refuse: Some(refuse),
            was_allocated: false,
        });
    }

    /// The reference runs at every tick; the subject only when it wants to, and at the last one.
    fn advance(&mut self, quarters: u8) {
        let target = self.now + Span::from_millis(250) * u64::from(quarters);
        let second = 1_000_000_000;
        let mut tick = Time::from_nanos((self.now.as_nanos() / second + 1) * second);
        while tick <= target {
            self.now = tick;
            let expected = self.reference.tick(tick);
            let wanted = self.subject.next_allocation().is_some_and(|next| next <= tick);
            let decided = if wanted || tick == target { self.allocate() } else { Vec::new() };
            assert_eq!(decided, expected, "at the tick of {tick}");
            tick += Span::from_secs(1);
        }
        self.now = target;
        assert_eq!(self.subject.allocation_runs(self.now), self.reference.runs);
    }

    fn check_conservation(&self) {
        for (&agent, row) in &self.reference.agents {
            let mut sum = Resources::EMPTY;
            row.held.values().for_each(|held| sum.add(held));
            assert_eq!(*self.subject.offered_or_allocated(agent), sum);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn decides_what_the_plain_allocator_decides(steps in prop::collection::vec(step(), 1..300)) {
        let mut pair = Pair::new();
        for step in &steps {
            pair.step(step);
        }
    }
}
