//! Benchmarks of agents and frameworks that come and change: `AddAndUpdateSlave`,
//! `AllocatorBacklog`, `Metrics` (`spec/allocator-benchmarks.md` section 2).

use crate::catalogue::Size;
use crate::cluster::Cluster;
use crate::quota::expect_met;
use crate::specs::{AgentSpec, WITH_PORTS, parse};
use crate::trial::{Mismatch, Trial};
use policy_allocators::SorterKind;
use policy_api::resources::Value;
use policy_api::{AgentId, DenseId, Fact, FrameworkCapabilities, FrameworkId, Resource, RoleId};

pub(crate) fn add_and_update_agents(trial: &mut Trial<'_>, size: Size) -> Result<(), Mismatch> {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let role = cluster.name_role("*");
    let used = "cpus:1;mem:128;disk:1024;ports:[31126-31510,31512-31623,31810-31852,31854-31964]";
    let total = "cpus:2;mem:1024;disk:4096;ports:[31000-32000]";
    let agents =
        AgentSpec::many(size.agents, size.frameworks, |_| role, |_| parse(total), |_| parse(used));
    let capabilities =
        FrameworkCapabilities { revocable_resources: true, ..FrameworkCapabilities::default() };
    trial.phase("add frameworks", &mut cluster, |cluster| {
        cluster.add_frameworks(size.frameworks, |_| role, capabilities);
    });
    trial.offers("add agents", &mut cluster, size.agents, |cluster| cluster.add_agents(&agents))?;
    let revocable = Resource { revocable: true, ..Resource::plain("cpus", Value::Scalar(10_000)) };
    let totals: Vec<_> = agents
        .into_iter()
        .map(|mut agent| {
            agent.total.add_resource(revocable.clone());
            agent.total
        })
        .collect();
    trial.offers("update agents", &mut cluster, size.agents, |cluster| {
        for (index, total) in totals.iter().enumerate() {
            cluster.update_agent(AgentId::from_index(index), total);
        }
        cluster.settle();
    })
}

/// Far fewer allocations must run than are asked for: with us, one for each phase.
pub(crate) fn backlog(trial: &mut Trial<'_>, size: Size) -> Result<(), Mismatch> {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let role = cluster.name_role("*");
    let agents = AgentSpec::idle(size.agents, WITH_PORTS);
    trial.phase("add frameworks", &mut cluster, |cluster| {
        cluster.add_frameworks(size.frameworks, |_| role, FrameworkCapabilities::default());
    });
    trial.offers("add agents", &mut cluster, size.agents, |cluster| cluster.add_agents(&agents))?;
    trial.offers("revive all", &mut cluster, 0, |cluster| {
        for framework in 0..size.frameworks {
            let framework = FrameworkId::from_index(framework);
            cluster.apply(Fact::Revive { framework, roles: &[] });
        }
        cluster.settle();
    })
}

pub(crate) fn metrics(trial: &mut Trial<'_>, size: Size) -> Result<(), Mismatch> {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let roles: Vec<RoleId> =
        (0..size.frameworks).map(|role| cluster.name_role(&role.to_string())).collect();
    let quota = parse("cpus:1;mem:512;disk:256").scalar_quantities();
    trial.phase("set quota", &mut cluster, |cluster| {
        for &role in &roles {
            cluster.set_quota(role, &quota);
        }
    });
    trial.phase("add frameworks", &mut cluster, |cluster| {
        let role_of = |framework: usize| roles[framework];
        cluster.add_frameworks(size.frameworks, role_of, FrameworkCapabilities::default());
    });
    let agents = AgentSpec::idle(size.agents, "cpus:16;mem:2048;disk:1024");
    trial.phase("add agents", &mut cluster, |cluster| cluster.add_agents(&agents));
    // Four guarantees fit on an agent.
    if size.frameworks <= 4 * size.agents {
        expect_met(&cluster, "add agents", roles.iter().map(|&role| (role, quota)))?;
    }
    for _ in 0..trial.rounds {
        trial.time("read metrics", || cluster.metrics());
    }
    Ok(())
}
