//! Builds the simulated cluster of a scenario.

use crate::mapping::{Mapper, Submissions};
use crate::record::Names;
use crate::registry;
use crate::scenario::{AgentGroup, Capability, FrameworkConfig, LatencyConfig};
use crate::scenario::{Order, PlacementRule, Scenario};
use anyhow::Context;
use policy_allocators::HierarchicalAllocator;
use policy_api::{
    AgentId, AgentInfo, DenseId, FrameworkCapabilities, FrameworkId, FrameworkInfo, IdVec,
    Resources, RoleId, Span, Time,
};
use rand::RngExt;
use sim_core::agent::{Agent, AgentOptions};
use sim_core::framework::{BatchFramework, BatchOptions, Hold, JobOrder, Placement, ThinkTime};
use sim_core::master::{Master, MasterOptions};
use sim_core::network::{Latency, Links as PeerLinks};
use sim_core::protocol::Registration;
use sim_core::{Links, Simulation, Streams};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) type Cluster = Simulation<HierarchicalAllocator, BatchFramework, Submissions>;

/// A cluster that is ready to run, and what its parts are called.
pub(crate) struct Built {
    pub(crate) cluster: Cluster,
    pub(crate) names: Names,
    pub(crate) role_names: Vec<String>,
    pub(crate) framework_roles: IdVec<FrameworkId, RoleId>,
}

pub(crate) fn build(scenario: &Scenario) -> anyhow::Result<Built> {
    let streams = Streams::new(scenario.seed);
    let agents = agents(scenario, streams)?;
    let starts = starts(scenario, agents.len(), streams);
    let role_names = role_names(scenario);
    let role_of = |framework: &FrameworkConfig| {
        let role = framework.role.get_ref();
        role_names.iter().position(|name| name == role).map(RoleId::from_index)
    };
    let framework_roles: IdVec<FrameworkId, RoleId> =
        scenario.frameworks.iter().filter_map(role_of).collect();
    let frameworks = framework_roles
        .enumerate()
        .zip(&scenario.frameworks)
        .map(|((id, role), config)| framework(id, *role, config))
        .collect();
    let names = Names {
        agents: agents.iter().map(|agent| Arc::clone(&agent.registration().info.name)).collect(),
        frameworks: scenario.frameworks.iter().map(|f| f.name.get_ref().clone()).collect(),
        roles: scenario.frameworks.iter().map(|f| f.role.get_ref().clone()).collect(),
    };
    let master = Master::new(
        registry::allocator(&scenario.allocator, &scenario.master, streams),
        MasterOptions {
            offer_timeout: scenario.master.offer_timeout.as_ref().map(|t| t.get_ref().0),
        },
        &weights(scenario, &role_names),
    );
    let links = Links {
        agents: PeerLinks::new(latency(&scenario.links.agents), streams.stream("links/agents")),
        frameworks: PeerLinks::new(
            latency(&scenario.links.frameworks),
            streams.stream("links/frameworks"),
        ),
    };
    let submissions = submissions(scenario, streams)?;
    let cluster = Simulation::new(master, agents, &starts, frameworks, links, submissions);
    Ok(Built { cluster, names, role_names, framework_roles })
}

/// The workload of a scenario, from its beginning.
pub(crate) fn submissions(scenario: &Scenario, streams: Streams) -> anyhow::Result<Submissions> {
    let workload = scenario.workload.open(&streams).context("cannot read the workload")?;
    let mapper = Mapper::new(scenario.mapping, &scenario.frameworks);
    let horizon = scenario.until.map_or(Time::NEVER, |until| Time::ZERO + until.0);
    Ok(Submissions::new(workload, mapper, horizon))
}

fn agents(scenario: &Scenario, streams: Streams) -> anyhow::Result<IdVec<AgentId, Agent>> {
    let options = AgentOptions {
        launch_delay: scenario.agent.launch_delay.0,
        starting_delay: scenario.agent.starting_delay.map(|delay| delay.0),
    };
    let mut agents = IdVec::new();
    let mut add = |name: Arc<str>, total: Resources, attributes: Vec<(Arc<str>, Arc<str>)>| {
        let info =
            AgentInfo { hostname: Arc::clone(&name), name, attributes, ..AgentInfo::default() };
        let id = AgentId::from_index(agents.len());
        agents.push(Agent::new(id, Registration { info, total }, options));
    };
    for group in &scenario.agents {
        let AgentGroup { name, count, resources, attributes } = group;
        let total: Resources = resources.get_ref().parse()?;
        let attributes: Vec<(Arc<str>, Arc<str>)> = attributes
            .iter()
            .map(|(k, v)| (Arc::from(k.as_str()), Arc::from(v.as_str())))
            .collect();
        for index in 0..count.get() {
            let name = format!("{}-{index:04}", name.get_ref());
            add(name.into(), total.clone(), attributes.clone());
        }
    }
    if let Some(trace) = &scenario.machines {
        for machine in trace.read(&streams).context("cannot read the machines")? {
            add(machine.name, Resources::plain(machine.total), machine.attributes);
        }
    }
    Ok(agents)
}

/// When each agent registers: at a random time within the back-off.
fn starts(scenario: &Scenario, agents: usize, streams: Streams) -> IdVec<AgentId, Time> {
    let backoff = scenario.agent.registration_backoff_factor.0.as_nanos();
    let mut stream = streams.stream("agents/registration");
    (0..agents).map(|_| Time::ZERO + Span::from_nanos(stream.random_range(0..=backoff))).collect()
}

/// The roles of the frameworks in order of appearance, then those that only have a weight.
fn role_names(scenario: &Scenario) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let frameworks = scenario.frameworks.iter().map(|framework| &framework.role);
    frameworks
        .chain(scenario.roles.iter().map(|role| &role.name))
        .map(toml::Spanned::get_ref)
        .filter(|role| seen.insert(role.as_str()))
        .cloned()
        .collect()
}

fn weights(scenario: &Scenario, role_names: &[String]) -> Vec<(String, f64)> {
    let weight = |name: &String| {
        let role = scenario.roles.iter().find(|role| role.name.get_ref() == name);
        role.map_or(1.0, |role| *role.weight.get_ref())
    };
    role_names.iter().map(|name| (name.clone(), weight(name))).collect()
}

fn framework(id: FrameworkId, role: RoleId, config: &FrameworkConfig) -> BatchFramework {
    let info = FrameworkInfo {
        name: config.name.get_ref().as_str().into(),
        roles: vec![role],
        capabilities: FrameworkCapabilities {
            gpu_resources: config.capabilities.contains(&Capability::GpuResources),
            ..FrameworkCapabilities::default()
        },
        ..FrameworkInfo::default()
    };
    BatchFramework::new(
        id,
        info,
        BatchOptions {
            order: match config.order {
                Order::Fifo => JobOrder::Fifo,
                Order::Fair => JobOrder::Fair,
            },
            placement: match config.placement {
                PlacementRule::FirstFit => Placement::FirstFit,
                PlacementRule::BestFit => Placement::BestFit,
                PlacementRule::WorstFit => Placement::WorstFit,
            },
            decline: config.decline.0,
            max_tasks_per_offer: config.max_tasks_per_offer.map(std::num::NonZeroU32::get),
            hold: Hold { offers: config.hold.offers, time: config.hold.time.0 },
            think_time: ThinkTime {
                per_offer: config.think.per_offer.0,
                per_task: config.think.per_task.0,
            },
        },
    )
}

const fn latency(config: &LatencyConfig) -> Latency {
    Latency { constant: config.latency.0, jitter: config.jitter.0 }
}
