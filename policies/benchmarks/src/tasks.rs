//! `MultiFrameworkAllocations`: three kinds of frameworks launch tasks
//! (`spec/allocator-benchmarks.md` section 1.1).

use crate::catalogue::Size;
use crate::cluster::Cluster;
use crate::specs::{AgentSpec, parse};
use crate::trial::{Mismatch, Trial};
use policy_allocators::SorterKind;
use policy_api::{Decision, DenseId, Fact, FrameworkCapabilities, Resources, RoleId, Span};

/// What a kind of frameworks wants.
struct Profile {
    role: &'static str,
    /// Each in a role of its own, rather than all in one.
    own_roles: bool,
    frameworks: usize,
    tasks: u32,
    task: &'static str,
    tasks_per_offer: u32,
}

const PROFILES: [Profile; 3] = [
    Profile {
        role: "roleA",
        own_roles: true,
        frameworks: 4,
        tasks: 4_000,
        task: "cpus:0.07;mem:400",
        tasks_per_offer: 100,
    },
    Profile {
        role: "roleB",
        own_roles: false,
        frameworks: 500,
        tasks: 5,
        task: "cpus:0.1;mem:4000",
        tasks_per_offer: 1,
    },
    Profile {
        role: "roleC",
        own_roles: true,
        frameworks: 50,
        tasks: 20,
        task: "cpus:1;mem:1000",
        tasks_per_offer: 5,
    },
];

/// A framework with what it still has to launch.
struct Launcher {
    role: RoleId,
    task: Resources,
    tasks_per_offer: u32,
    tasks_left: u32,
}

fn launchers(cluster: &mut Cluster) -> Vec<Launcher> {
    let mut launchers = Vec::new();
    for profile in &PROFILES {
        let mut shared = None;
        for index in 0..profile.frameworks {
            let role = match shared {
                Some(role) => role,
                None if profile.own_roles => {
                    cluster.name_role(&format!("{}-{}", profile.role, index + 1))
                }
                None => *shared.insert(cluster.name_role(profile.role)),
            };
            launchers.push(Launcher {
                role,
                task: parse(profile.task),
                tasks_per_offer: profile.tasks_per_offer,
                tasks_left: profile.tasks,
            });
        }
    }
    launchers
}

impl Launcher {
    /// Takes tasks out of an offer. Returns what is left of it.
    fn launch(&mut self, offer: &Resources) -> Resources {
        let mut left = offer.clone();
        for _ in 0..self.tasks_per_offer.min(self.tasks_left) {
            if !left.contains(&self.task) {
                break;
            }
            left.subtract(&self.task);
            self.tasks_left -= 1;
        }
        left
    }
}

/// Until a round in which nobody launches, where Mesos's gives up after half a minute. Not all tasks
/// are launched by then: who has launched all of his takes offers on and gives them back without
/// refusing, and his share is small, so those with larger shares starve.
pub(crate) fn multi_framework(trial: &mut Trial<'_>, size: Size) -> Result<(), Mismatch> {
    let mut cluster = Cluster::new(SorterKind::Drf);
    let mut launchers = launchers(&mut cluster);
    let agents = AgentSpec::idle(size.agents, "cpus:64;mem:488000");
    trial.phase("add agents", &mut cluster, |cluster| cluster.add_agents(&agents));
    cluster.apply(Fact::Pause);
    trial.phase("add frameworks", &mut cluster, |cluster| {
        let role_of = |framework: usize| launchers[framework].role;
        cluster.add_frameworks(size.frameworks, role_of, FrameworkCapabilities::default());
    });
    cluster.apply(Fact::Resume);
    loop {
        let before = tasks_left(&launchers);
        trial.cycle("cycle", &mut cluster, size.agents)?;
        trial.time("launch and recover the rest", || answer(&mut cluster, &mut launchers));
        if tasks_left(&launchers) == before {
            return Ok(());
        }
    }
}

fn tasks_left(launchers: &[Launcher]) -> u32 {
    launchers.iter().map(|launcher| launcher.tasks_left).sum()
}

fn answer(cluster: &mut Cluster, launchers: &mut [Launcher]) {
    for offer in cluster.take_offers() {
        let Decision::Offer { framework, resources, .. } = &offer else { continue };
        let rest = launchers[framework.index()].launch(resources);
        cluster.give_back_part(&offer, Some(&rest), Span::ZERO);
    }
}
