//! Benchmarks of refusals and suppression: `DeclineOffers`, `ResourceLabels`, `SuppressOffers`,
//! `ExtremeSuppressOffers`, `PersistentVolumes` (`spec/allocator-benchmarks.md` section 2).

use crate::catalogue::Size;
use crate::cluster::Cluster;
use crate::specs::{AgentSpec, WITH_PORTS, label, parse, pieces, reserved};
use crate::trial::{Mismatch, Trial};
use policy_allocators::SorterKind;
use policy_api::resources::{DiskInfo, Persistence};
use policy_api::{
    DenseId, Fact, FrameworkCapabilities, FrameworkId, Resource, Resources, RoleId, Span,
};
use std::sync::Arc;

/// As long as Mesos's benchmark refuses; the allocator cuts it to a year.
const FOR_EVER: Span = Span::from_secs(2_147_483_647);

/// Adds the frameworks, then the agents, as most of Mesos's benchmarks do.
fn fill(
    trial: &mut Trial<'_>,
    cluster: &mut Cluster,
    size: Size,
    role: RoleId,
    capabilities: FrameworkCapabilities,
    agents: &[AgentSpec],
) -> Result<(), Mismatch> {
    trial.phase("add frameworks", cluster, |cluster| {
        cluster.add_frameworks(size.frameworks, |_| role, capabilities);
    });
    trial.offers("add agents", cluster, size.agents, |cluster| cluster.add_agents(agents))
}

/// Declines all that is offered for ever, again and again.
fn decline_and_cycle(
    trial: &mut Trial<'_>,
    cluster: &mut Cluster,
    size: Size,
) -> Result<(), Mismatch> {
    for refusals in 1..=trial.rounds {
        trial.phase("decline all", cluster, |cluster| cluster.give_back(FOR_EVER));
        if refusals < size.frameworks {
            trial.cycle("cycle", cluster, size.agents)?;
        } else {
            trial.cycle("cycle, all refused", cluster, 0)?;
        }
    }
    Ok(())
}

pub(crate) fn decline_offers(trial: &mut Trial<'_>, size: Size) -> Result<(), Mismatch> {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let role = cluster.name_role("*");
    let used = format!("cpus:16;mem:2014;disk:1024;{}", pieces(16));
    let agents = AgentSpec::many(
        size.agents,
        size.frameworks,
        |_| role,
        |_| parse(WITH_PORTS),
        |_| parse(&used),
    );
    fill(trial, &mut cluster, size, role, FrameworkCapabilities::default(), &agents)?;
    drop(agents);
    decline_and_cycle(trial, &mut cluster, size)
}

pub(crate) fn resource_labels(trial: &mut Trial<'_>, size: Size) -> Result<(), Mismatch> {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let role = cluster.name_role("role1");
    let agents = AgentSpec::many(
        size.agents,
        size.frameworks,
        |_| role,
        |_| parse(WITH_PORTS),
        labelled_use,
    );
    fill(trial, &mut cluster, size, role, FrameworkCapabilities::default(), &agents)?;
    drop(agents);
    decline_and_cycle(trial, &mut cluster, size)
}

/// Two reservations: one with 13 labels, the other with 11 of those.
fn labelled_use(agent: usize) -> Resources {
    let common: Vec<_> =
        (0..=10).map(|key| label(&format!("key{key}"), &format!("value{key}"))).collect();
    let value = format!("value_{agent}");
    let unique = [label("unique_key_1", &value), label("unique_key_2", &value)];
    let mut all = [common.clone(), unique.to_vec()].concat();
    // Reservations keep their labels sorted.
    let mut common = common;
    all.sort_unstable();
    common.sort_unstable();
    let mut used = parse(&format!("mem:2014;disk:1024;{}", pieces(16)));
    used.add(&reserved("cpus:8", "role1", "principal1", &all));
    used.add(&reserved("cpus:8", "role1", "principal1", &common));
    used
}

/// Some frameworks are suppressed before the rounds, some more in each.
fn suppress(
    trial: &mut Trial<'_>,
    size: Size,
    at_once: usize,
    each_round: usize,
) -> Result<(), Mismatch> {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let role = cluster.name_role("*");
    let used = format!("cpus:16;mem:1024;disk:1024;{}", pieces(16));
    let agents = AgentSpec::many(
        size.agents,
        size.frameworks,
        |_| role,
        |_| parse(WITH_PORTS),
        |_| parse(&used),
    );
    fill(trial, &mut cluster, size, role, FrameworkCapabilities::default(), &agents)?;
    drop(agents);
    let mut suppressed = 0;
    let mut suppress = |cluster: &mut Cluster, count| {
        for framework in suppressed..suppressed + count {
            let framework = FrameworkId::from_index(framework);
            cluster.apply(Fact::Suppress { framework, roles: &[] });
        }
        suppressed += count;
        suppressed
    };
    suppress(&mut cluster, at_once);
    for _ in 0..trial.rounds {
        cluster.give_back(Span::ZERO);
        if suppress(&mut cluster, each_round) < size.frameworks {
            trial.cycle("cycle", &mut cluster, size.agents)?;
        } else {
            trial.cycle("cycle, all suppressed", &mut cluster, 0)?;
        }
    }
    Ok(())
}

/// In each round a fifth more is suppressed; with another number of rounds, that part.
pub(crate) fn suppress_offers(trial: &mut Trial<'_>, size: Size) -> Result<(), Mismatch> {
    let each_round = size.frameworks / trial.rounds;
    suppress(trial, size, 0, each_round)
}

pub(crate) fn extreme_suppress_offers(trial: &mut Trial<'_>, size: Size) -> Result<(), Mismatch> {
    suppress(trial, size, size.frameworks * 99 / 100, 0)
}

/// Which agents' volumes are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharedness {
    Regular,
    Shared,
    Mixed,
}

pub(crate) fn persistent_volumes(
    trial: &mut Trial<'_>,
    size: Size,
    sharedness: Sharedness,
) -> Result<(), Mismatch> {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let role = cluster.name_role("test");
    // As in Mesos's benchmark, which says so although the resources are reserved to `test`.
    let other = cluster.name_role("*");
    let shared = |agent: usize| match sharedness {
        Sharedness::Regular => false,
        Sharedness::Shared => true,
        Sharedness::Mixed => agent.is_multiple_of(2),
    };
    let total = |agent| {
        let text = "cpus(test):24;mem(test):4096;disk(test):3072;ports(test):[31000-32000]";
        let mut total = parse(text);
        total.add_resource(volume(agent, shared(agent)));
        total
    };
    let used = format!("cpus(test):16;mem(test):1024;disk(test):1024;{}", pieces(16))
        .replace("ports", "ports(test)");
    let agents = AgentSpec::many(size.agents, size.frameworks, |_| other, total, |_| parse(&used));
    let capabilities = FrameworkCapabilities {
        shared_resources: sharedness != Sharedness::Regular,
        ..FrameworkCapabilities::default()
    };
    fill(trial, &mut cluster, size, role, capabilities, &agents)?;
    drop(agents);
    for _ in 0..trial.rounds {
        cluster.give_back(Span::ZERO);
        trial.cycle("cycle", &mut cluster, size.agents)?;
    }
    Ok(())
}

/// A persistent volume of 1024 MB, reserved to `test`.
fn volume(agent: usize, shared: bool) -> Resource {
    let disk = parse("disk(test):1024");
    let entry = disk.others().first().expect("one object");
    let persistence = Persistence { id: format!("id{agent}").into(), principal: None };
    let info = DiskInfo { persistence: Some(persistence), ..DiskInfo::default() };
    Resource { disk: Some(Arc::new(info)), shared, ..entry.resource.clone() }
}
