//! `UpdateAllocation`: operations on one agent with many reservations
//! (`spec/allocator-benchmarks.md` section 2.10).

use crate::catalogue::Size;
use crate::cluster::Cluster;
use crate::specs::{AgentSpec, label, reserved};
use crate::trial::{Mismatch, Trial, expect};
use policy_allocators::SorterKind;
use policy_api::{
    AgentId, Allocator, DenseId, Fact, FrameworkCapabilities, FrameworkId, HeldResources,
    Operation, Resources, RoleId,
};

/// As often as Mesos's benchmark does it.
const REPETITIONS: usize = 20;

/// What a role has on the agent: four objects with a label of their own. Mesos's benchmark has
/// thirty-six random letters where this has a number.
fn objects(role: usize) -> Resources {
    let text = "cpus:100;mem:100;disk:100;ports:[2-2]";
    let labels = [label("Label", &format!("{role:036}"))];
    reserved(text, &role_name(role), "principal", &labels)
}

fn role_name(role: usize) -> String {
    format!("role-{role:036}")
}

/// One agent; each role has four objects on it, all in use by the role's only framework.
pub fn reserved_cluster(roles: usize) -> Cluster {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let names: Vec<RoleId> = (0..roles).map(|role| cluster.name_role(&role_name(role))).collect();
    cluster.add_frameworks(roles, |role| names[role], FrameworkCapabilities::default());
    let mut agent = AgentSpec { total: Resources::EMPTY, used: Vec::new() };
    for (index, &role) in names.iter().enumerate() {
        let resources = objects(index);
        agent.total.add(&resources);
        agent.used.push(HeldResources {
            framework: FrameworkId::from_index(index),
            role,
            resources,
        });
    }
    cluster.add_agents(&[agent]);
    cluster
}

/// Twenty times, a framework unreserves its four objects and reserves them again.
pub fn unreserve_and_reserve(cluster: &mut Cluster, framework: usize) {
    let reserved = objects(framework);
    let unreserve = Operation::Unreserve(reserved.clone()).conversions().expect("all reserved");
    let reserve = Operation::Reserve { resources: reserved.clone(), source: None }
        .conversions()
        .expect("all reserved");
    let unreserved = reserved.convert(&unreserve).expect("all of it is there");
    for _ in 0..REPETITIONS {
        for (offered, conversions) in [(&reserved, &unreserve), (&unreserved, &reserve)] {
            cluster.apply(Fact::UpdateAllocation {
                framework: FrameworkId::from_index(framework),
                role: RoleId::from_index(framework),
                agent: AgentId::from_index(0),
                offered,
                conversions,
            });
        }
    }
}

pub(crate) fn update_allocation(trial: &mut Trial<'_>, size: Size) -> Result<(), Mismatch> {
    let mut cluster = reserved_cluster(size.frameworks);
    let agent = AgentId::from_index(0);
    let before = cluster.allocator().offered_or_allocated(agent);
    for _ in 0..trial.rounds {
        let phase = "20 times unreserve and reserve";
        trial.time(phase, || unreserve_and_reserve(&mut cluster, size.frameworks / 2));
        let after = cluster.allocator().offered_or_allocated(agent);
        let same = after == before;
        expect(
            phase,
            "what was in use before",
            if same { "what was in use before" } else { "else" },
        )?;
    }
    Ok(())
}
