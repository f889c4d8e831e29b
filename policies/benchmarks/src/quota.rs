//! Benchmarks of quota: `LargeAndSmallQuota`, `NonQuotaVsQuota`
//! (`spec/allocator-benchmarks.md` section 1).

use crate::catalogue::Size;
use crate::cluster::Cluster;
use crate::specs::{AgentSpec, parse};
use crate::trial::{Mismatch, Trial, expect};
use policy_allocators::SorterKind;
use policy_api::{Fact, FrameworkCapabilities, Quantities, RoleId};

/// Half an agent, one agent, two agents.
const AGENT: &str = "cpus:2;mem:2048;disk:2048";
const SMALL: &str = "cpus:1;mem:1024;disk:1024";
const LARGE: &str = "cpus:4;mem:4096;disk:4096";

/// How many offers Mesos makes with the DRF sorter, by the number of roles.
const LARGE_AND_SMALL_OFFERS: [(usize, usize); 3] = [(30, 36), (300, 350), (3_000, 3_500)];

/// Roles with their quota, none for those without.
type Roles = Vec<(RoleId, Option<Quantities>)>;

/// Five roles with a small quota for each one with a large quota, in all `size` of them.
fn large_and_small_roles(cluster: &mut Cluster, size: usize) -> Roles {
    let large = size / 6;
    let small = size - large;
    let amounts = [parse(SMALL), parse(LARGE)].map(|quota| quota.scalar_quantities());
    let roles = (0..size).map(|index| {
        let (name, index, quota) = if index < small {
            ("smallQuotaRole", index, amounts[0])
        } else {
            ("largeQuotaRole", index - small, amounts[1])
        };
        (cluster.name_role(&format!("{name}{index}")), Some(quota))
    });
    roles.collect()
}

/// Adds agents, then frameworks and quotas in a pause.
fn fill(trial: &mut Trial<'_>, cluster: &mut Cluster, size: Size, roles: &Roles) {
    let agents = AgentSpec::idle(size.agents, AGENT);
    trial.phase("add agents", cluster, |cluster| cluster.add_agents(&agents));
    cluster.apply(Fact::Pause);
    let each_role = size.frameworks / roles.len();
    trial.phase("add frameworks", cluster, |cluster| {
        let role_of = |framework: usize| roles[framework / each_role].0;
        cluster.add_frameworks(size.frameworks, role_of, FrameworkCapabilities::default());
    });
    set_quotas(cluster, roles);
    cluster.apply(Fact::Resume);
}

fn set_quotas(cluster: &mut Cluster, roles: &Roles) {
    for (role, quota) in roles {
        if let Some(quota) = quota {
            cluster.set_quota(*role, quota);
        }
    }
}

/// `LargeAndSmallQuota` before its first cycle, with as many agents as roles.
pub fn large_and_small_cluster(size: usize) -> Cluster {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let roles = large_and_small_roles(&mut cluster, size);
    cluster.apply(Fact::Pause);
    cluster.add_agents(&AgentSpec::idle(size, AGENT));
    cluster.add_frameworks(size, |index| roles[index].0, FrameworkCapabilities::default());
    set_quotas(&mut cluster, &roles);
    cluster.apply(Fact::Resume);
    cluster
}

/// The first cycle meets all guarantees; the second has nothing to do.
pub(crate) fn large_and_small(
    trial: &mut Trial<'_>,
    size: Size,
    sorter: fn() -> SorterKind,
) -> Result<(), Mismatch> {
    for _ in 0..trial.rounds {
        let mut cluster = Cluster::new(sorter());
        let roles = large_and_small_roles(&mut cluster, size.frameworks);
        fill(trial, &mut cluster, size, &roles);
        let found = trial.any_cycle("first cycle", &mut cluster);
        let known = LARGE_AND_SMALL_OFFERS.iter().find(|known| known.0 == size.frameworks);
        if let (Some((_, offers)), SorterKind::Drf) = (known, sorter()) {
            expect("first cycle", &format!("{offers} offers"), &format!("{found} offers"))?;
        }
        let quotas = roles.iter().filter_map(|(role, quota)| quota.map(|quota| (*role, quota)));
        expect_met(&cluster, "first cycle", quotas)?;
        trial.cycle("second cycle", &mut cluster, 0)?;
    }
    Ok(())
}

/// Every role has what it is guaranteed, and no more.
pub(crate) fn expect_met(
    cluster: &Cluster,
    phase: &str,
    quotas: impl Iterator<Item = (RoleId, Quantities)>,
) -> Result<(), Mismatch> {
    for (role, quota) in quotas {
        let charged = cluster.allocator().charged(role).unwrap_or_default();
        expect(phase, &format!("{quota} for a role"), &format!("{charged} for a role"))?;
    }
    Ok(())
}

/// Two agents and two frameworks for each role. With quota, that is what a role is guaranteed.
pub(crate) fn non_quota_vs_quota(
    trial: &mut Trial<'_>,
    size: Size,
    sorter: fn() -> SorterKind,
    with_quota: bool,
) -> Result<(), Mismatch> {
    let quota = with_quota.then(|| parse(LARGE).scalar_quantities());
    for _ in 0..trial.rounds {
        let mut cluster = Cluster::new(sorter());
        let count = size.frameworks / 2;
        let roles: Roles =
            (0..count).map(|role| (cluster.name_role(&format!("role{role}")), quota)).collect();
        fill(trial, &mut cluster, size, &roles);
        trial.cycle("first cycle", &mut cluster, size.agents)?;
        trial.cycle("second cycle", &mut cluster, 0)?;
    }
    Ok(())
}
