//! The random order inside the allocator.

use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions, SorterKind};
use policy_api::{
    AgentId, AgentInfo, Allocator, Decision, DenseId, Fact, FrameworkId, FrameworkInfo, Resources,
    RoleId, Span, Time,
};
use rand_pcg::Pcg64Mcg;

/// One agent, which a cycle offers as a whole to the first role in the order. Each framework declines
/// at once, without a filter. Returns how many of the cycles served each framework; `frameworks`
/// lists the role and its weight for each.
fn serve(seed: u128, cycles: usize, frameworks: &[(&str, f64)]) -> Vec<usize> {
    let options = HierarchicalOptions {
        agent_order: AgentOrder::ById,
        sorter: SorterKind::Random(Pcg64Mcg::new(seed)),
        ..HierarchicalOptions::default()
    };
    let mut allocator = HierarchicalAllocator::new(options);
    let mut now = Time::ZERO;
    for (index, &(path, weight)) in frameworks.iter().enumerate() {
        let known = frameworks.iter().position(|&(other, _)| other == path).unwrap_or(index);
        let role = RoleId::from_index(known);
        if known == index {
            allocator.apply(now, Fact::NameRole { role, path });
            allocator.apply(now, Fact::SetWeight { role, weight });
        }
        let name = format!("framework{index}").into();
        let info = FrameworkInfo { name, roles: vec![role], ..Default::default() };
        let framework = FrameworkId::from_index(index);
        allocator
            .apply(now, Fact::AddFramework { framework, info: &info, active: true, used: &[] });
    }
    let total: Resources = "cpus:4;mem:4096".parse().expect("written by hand");
    let (agent, info) = (AgentId::from_index(0), AgentInfo::default());
    allocator.apply(now, Fact::AddAgent { agent, info: &info, total: &total, used: &[] });

    let mut served = Vec::new();
    let mut decisions = Vec::new();
    for _ in 0..cycles {
        allocator.allocate(now, &mut decisions);
        let [Decision::Offer { framework, role, agent, resources, .. }] = &decisions[..] else {
            panic!("one offer of everything, not {decisions:?}");
        };
        allocator.apply(
            now,
            Fact::RecoverResources {
                framework: *framework,
                role: *role,
                agent: *agent,
                resources,
                refuse: None,
                was_allocated: false,
            },
        );
        served.push(framework.index());
        decisions.clear();
        now += Span::from_secs(1);
    }
    served
}

/// The part of the cycles that served each framework.
fn frequencies(served: &[usize], frameworks: usize) -> Vec<f64> {
    let count = |framework| served.iter().filter(|&&other| other == framework).count();
    (0..frameworks).map(|framework| count(framework) as f64 / served.len() as f64).collect()
}

#[test]
fn same_seed_same_decisions() {
    let roles = [("a", 1.0), ("b", 2.0), ("b", 2.0), ("c/d", 1.5)];
    let served = serve(1, 200, &roles);
    assert_eq!(served, serve(1, 200, &roles));
    assert_ne!(served, serve(2, 200, &roles));
}

#[test]
fn roles_are_served_in_proportion_to_weight_and_their_frameworks_evenly() {
    let roles = [("a", 1.0), ("b", 2.0), ("c", 3.0), ("c", 3.0)];
    let found = frequencies(&serve(3, 6000, &roles), roles.len());
    let expected = [1.0 / 6.0, 2.0 / 6.0, 1.5 / 6.0, 1.5 / 6.0];
    for (found, expected) in found.iter().zip(expected) {
        // The deviation of 6,000 draws is at most 0.0065.
        assert!((found - expected).abs() < 0.025, "{found} is not near {expected}");
    }
}

#[test]
fn weights_divide_a_role_among_its_children() {
    let roles = [("a", 1.0), ("b/x", 1.0), ("b/y", 3.0)];
    let found = frequencies(&serve(4, 6000, &roles), roles.len());
    for (found, expected) in found.iter().zip([1.0 / 2.0, 1.0 / 8.0, 3.0 / 8.0]) {
        assert!((found - expected).abs() < 0.025, "{found} is not near {expected}");
    }
}

/// However little a role weighs, and however many there are.
#[test]
fn no_role_starves() {
    let served = serve(5, 5000, &[("light", 1.0), ("heavy", 200.0)]);
    // 25 are expected; none in one of 10^10 seeds.
    assert!(served.contains(&0));

    let paths: Vec<String> = (0..1000).map(|role| format!("role{role}")).collect();
    let roles: Vec<(&str, f64)> = paths.iter().map(|path| (&**path, 1.0)).collect();
    let served = serve(6, 20_000, &roles);
    // 20 are expected for each; none for one of them in one of 500,000 seeds.
    let mut starved = frequencies(&served, roles.len());
    starved.retain(|&frequency| frequency == 0.0);
    assert_eq!(starved, [0.0; 0]);
}
