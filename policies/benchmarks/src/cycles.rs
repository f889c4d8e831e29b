//! Our own benchmarks: whole cycles, in the order of work of `spec/allocator-timings.md`.

use crate::catalogue::Size;
use crate::cluster::{Cluster, Held};
use crate::specs::{AgentSpec, WITH_PORTS, parse, pieces};
use crate::trial::{Mismatch, Trial};
use policy_allocators::SorterKind;
use policy_api::{AgentId, DenseId, Fact, FrameworkCapabilities, Resources, RoleId, Span};
use std::fmt;

/// How long `spec/allocator-timings.md` refuses.
const REFUSAL: Span = Span::from_secs(1_000_000);

/// What the cycles differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub agents: usize,
    pub frameworks: usize,
    /// Each framework is in a role of its own, rather than all in one.
    pub own_roles: bool,
    /// Each agent has ports and is partly in use, as in `DeclineOffers`.
    pub ports: bool,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.agents, self.frameworks)?;
        f.write_str(if self.own_roles { " own roles" } else { "" })?;
        f.write_str(if self.ports { " ports" } else { "" })
    }
}

impl Shape {
    /// All agents and frameworks are there; nothing has been offered.
    pub fn build(&self) -> Cluster {
        let mut cluster = Cluster::new(SorterKind::Drf);
        let roles = self.name_roles(&mut cluster);
        let agents = self.agents(&roles);
        cluster.add_agents(&agents);
        add_frameworks(&mut cluster, &roles, &held(&agents, self.frameworks));
        cluster
    }

    fn name_roles(&self, cluster: &mut Cluster) -> Vec<RoleId> {
        if self.own_roles {
            return (0..self.frameworks).map(|i| cluster.name_role(&format!("role{i}"))).collect();
        }
        vec![cluster.name_role("*"); self.frameworks]
    }

    fn agents(&self, roles: &[RoleId]) -> Vec<AgentSpec> {
        if !self.ports {
            return AgentSpec::idle(self.agents, "cpus:24;mem:4096;disk:4096");
        }
        let used = format!("cpus:16;mem:2014;disk:1024;{}", pieces(16));
        AgentSpec::many(
            self.agents,
            self.frameworks,
            |framework| roles[framework],
            |_| parse(WITH_PORTS),
            |_| parse(&used),
        )
    }
}

/// Adds a framework for each of these roles while allocation is paused.
fn add_frameworks(cluster: &mut Cluster, roles: &[RoleId], held: &[Vec<Held>]) {
    cluster.apply(Fact::Pause);
    for (&role, held) in roles.iter().zip(held) {
        cluster.add_framework(role, FrameworkCapabilities::default(), held);
    }
    cluster.apply(Fact::Resume);
}

/// What each framework holds on these agents, for when it joins after them.
fn held(agents: &[AgentSpec], frameworks: usize) -> Vec<Vec<Held>> {
    let mut held = vec![Vec::new(); frameworks];
    for (index, agent) in agents.iter().enumerate() {
        for used in &agent.used {
            let row: (AgentId, RoleId, Resources) =
                (AgentId::from_index(index), used.role, used.resources.clone());
            held[used.framework.index()].push(row);
        }
    }
    held
}

/// Adds all agents, then all frameworks in a pause; a first cycle, some after everything came back,
/// some after everything was declined.
pub(crate) fn cycles(
    trial: &mut Trial<'_>,
    size: Size,
    own_roles: bool,
    ports: bool,
) -> Result<(), Mismatch> {
    let Size { agents, frameworks } = size;
    let shape = Shape { agents, frameworks, own_roles, ports };
    let mut cluster = Cluster::new(SorterKind::Drf);
    let roles = shape.name_roles(&mut cluster);
    let specs = shape.agents(&roles);
    let held = held(&specs, frameworks);
    trial.phase("add agents", &mut cluster, |cluster| cluster.add_agents(&specs));
    trial.phase("add frameworks", &mut cluster, |cluster| {
        add_frameworks(cluster, &roles, &held);
    });
    drop((specs, held));
    trial.cycle("first cycle", &mut cluster, agents)?;
    for _ in 0..trial.rounds {
        trial.phase("recover all", &mut cluster, |cluster| cluster.give_back(Span::ZERO));
        trial.cycle("cycle again", &mut cluster, agents)?;
    }
    for round in 1..=trial.rounds {
        trial.phase("decline all", &mut cluster, |cluster| cluster.give_back(REFUSAL));
        if round < frameworks {
            trial.cycle("cycle after declines", &mut cluster, agents)?;
        } else {
            trial.cycle("cycle, all refused", &mut cluster, 0)?;
        }
    }
    Ok(())
}

/// Every framework refuses every agent, one after the other.
pub fn refuse_everything(agents: usize, frameworks: usize) -> Cluster {
    let mut cluster = Shape { agents, frameworks, own_roles: false, ports: false }.build();
    for _ in 0..frameworks {
        cluster.tick();
        cluster.give_back(REFUSAL);
    }
    cluster
}

/// All is refused: the first cycle finds that out, the later ones know.
pub(crate) fn all_refused(trial: &mut Trial<'_>, size: Size) -> Result<(), Mismatch> {
    let mut cluster = refuse_everything(size.agents, size.frameworks);
    trial.cycle("first cycle, all refused", &mut cluster, 0)?;
    for _ in 0..trial.rounds {
        trial.cycle("later cycle, all refused", &mut cluster, 0)?;
    }
    Ok(())
}
