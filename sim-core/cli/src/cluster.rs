//! Builds the simulated cluster of a scenario.

use crate::mapping::{Mapper, Submissions};
use crate::plan::{Hosts, Plan};
use crate::record::Names;
use crate::registry::{self, AnyFramework, FrameworkKind};
use crate::scenario::{FrameworkConfig, LatencyConfig, NetworkConfig, Recover, Scenario};
use anyhow::Context;
use policy_allocators::HierarchicalAllocator;
use policy_api::{DenseId, FrameworkId, IdVec, RoleId, Shaping, Span, Time};
use policy_isolation::ports::EphemeralPorts;
use rand::RngExt;
use sim_core::agent::fetcher::FetcherOptions;
use sim_core::agent::{Agent, AgentOptions, ConsumptionModel, PerCpuLimits};
use sim_core::network::{ConnectOptions, Latency, Links as PeerLinks, Network, Topology};
use sim_core::protocol::{CommandInfo, HostId, Registration};
use sim_core::{Disturbances, Links, MasterSetup, Simulation, Streams};
use std::collections::BTreeSet;
use std::sync::Arc;
use workloads::files::{FileNames, Files};

pub(crate) type Cluster = Simulation<HierarchicalAllocator, AnyFramework, Submissions>;

/// A cluster that is ready to run, and what its parts are called.
pub(crate) struct Built {
    pub(crate) cluster: Cluster,
    pub(crate) names: Names,
    pub(crate) role_names: Vec<String>,
    pub(crate) frameworks: IdVec<FrameworkId, FrameworkEntry>,
}

/// What the recorder must know of a framework.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameworkEntry {
    /// The first of its roles, if it has several.
    pub(crate) role: RoleId,
    pub(crate) kind: FrameworkKind,
}

pub(crate) fn build(scenario: &Scenario, plan: Plan) -> anyhow::Result<Built> {
    let streams = Streams::new(scenario.seed);
    let starts = starts(scenario, plan.hosts.len(), streams);
    let role_names = role_names(scenario);
    let mut entries = IdVec::new();
    let mut frameworks = IdVec::new();
    let mut roles_of = Vec::new();
    let mut file_names = FileNames::default();
    let submissions = submissions(scenario, streams, &mut file_names)?;
    for config in &scenario.frameworks {
        let id = FrameworkId::from_index(frameworks.len());
        let names: Vec<&str> = config.all_roles().map(|role| role.get_ref().as_str()).collect();
        let position = |role: &&str| role_names.iter().position(|name| name == role);
        let roles: Vec<RoleId> =
            names.iter().filter_map(position).map(RoleId::from_index).collect();
        let role = *roles.first().context("a framework without a role")?;
        roles_of.push(names.join(","));
        let files = instance_files(config, streams, &mut file_names);
        let framework = registry::framework(id, roles, config, files);
        entries.push(FrameworkEntry { role, kind: framework.kind() });
        frameworks.push(framework);
    }
    let (network, ports, racks) = match plan.network {
        Some(plan) => (Some(plan.topology), plan.ports, plan.racks),
        None => (None, IdVec::new(), Vec::new()),
    };
    let registrations = plan.hosts.registrations.iter();
    let names = Names {
        hosts: registrations.map(|it| Arc::clone(&it.info.name)).collect(),
        agents: IdVec::new(),
        racks,
        frameworks: scenario.frameworks.iter().map(|f| f.name.get_ref().clone()).collect(),
        roles: roles_of,
    };
    let setup = MasterSetup {
        allocator: registry::allocator(&scenario.allocator, &scenario.master, streams),
        options: plan.master,
        roles: weights(scenario, &role_names),
    };
    let mut agents = agents(scenario, plan.hosts, ports, streams);
    for (index, agent) in agents.iter_mut().enumerate() {
        if let Some(network) = &network {
            agent.set_per_cpu_limits(per_cpu_limits(network, HostId::from_index(index)));
        }
        if let Some(tls) = plan.fetch_tls {
            agent.set_fetch_tls(tls);
        }
        if let Some(setup) = &plan.oversubscription {
            agent.oversubscribe(setup.clone());
        }
        if let Some(model) = &plan.consumption {
            let draws = streams.stream(&format!("agents/{index}/consumption"));
            agent.consume(ConsumptionModel { draws, ..model.clone() });
        }
    }
    let links = links(scenario, streams);
    let disturbances = Disturbances {
        faults: plan.faults,
        calls: plan.calls,
        draws: streams.stream("faults/draws"),
    };
    let mut cluster =
        Simulation::new(setup, agents, &starts, frameworks, links, submissions, disturbances);
    if let Some(options) = plan.transport {
        cluster.use_transport(options, streams.stream("transport"));
    }
    if let (Some(config), Some(topology)) = (&scenario.network, network) {
        cluster.connect(connected(config, topology, streams));
    }
    Ok(Built { cluster, names, role_names, frameworks: entries })
}

fn per_cpu_limits(network: &Topology, host: HostId) -> PerCpuLimits {
    let per_cpu = |cap: &Option<Arc<dyn Shaping>>| cap.as_ref()?.per_cpu();
    let Some(host) = network.hosts.get(host) else { return PerCpuLimits::default() };
    PerCpuLimits { egress: per_cpu(&host.egress), ingress: per_cpu(&host.ingress) }
}

fn links(scenario: &Scenario, streams: Streams) -> Links {
    Links {
        agents: PeerLinks::new(
            latency(&scenario.links.agents),
            streams.stream("links/agents"),
            streams.stream("links/agents/faults"),
        ),
        frameworks: PeerLinks::new(
            latency(&scenario.links.frameworks),
            streams.stream("links/frameworks"),
            streams.stream("links/frameworks/faults"),
        ),
    }
}

fn connected(config: &NetworkConfig, topology: Topology, streams: Streams) -> Network {
    let peers = streams.stream("network/peers");
    let mut network = Network::new(topology, registry::sharing(config), peers);
    let (time_wait, connect_retry) = (config.time_wait.span(), config.connect_retry.get_ref().0);
    network.set_connect_options(ConnectOptions { time_wait, connect_retry });
    if let Some(tcp) = &config.tcp {
        network.set_connecting(registry::connecting(tcp));
    }
    network
}

/// The workload of a scenario, from its beginning.
pub(crate) fn submissions(
    scenario: &Scenario,
    streams: Streams,
    names: &mut FileNames,
) -> anyhow::Result<Submissions> {
    let workload = scenario.workload.as_ref();
    let workload = workload.map(|workload| workload.open_with(&streams, names));
    let workload = workload.transpose().context("cannot read the workload")?;
    let mapper = Mapper::new(scenario.mapping, &scenario.frameworks);
    let horizon = scenario.until.map_or(Time::NEVER, |until| Time::ZERO + until.0);
    Ok(Submissions::new(workload, mapper, horizon))
}

/// The files of each instance of a service, or of each replica, by its number.
fn instance_files(
    config: &FrameworkConfig,
    streams: Streams,
    names: &mut FileNames,
) -> Vec<Arc<CommandInfo>> {
    let Some((needs, _)) = config.needs() else { return Vec::new() };
    let stream = format!("frameworks/{}", config.name.get_ref());
    let mut files = Files::new(&needs, (streams, &stream), names);
    // Those that all need the same share one list.
    let lists = if needs.uri_set.is_some() { config.most_instances() } else { 1 };
    (0..lists).map_while(|_| files.draw(None)).collect()
}

fn agents(
    scenario: &Scenario,
    hosts: Hosts,
    ports: IdVec<HostId, Option<EphemeralPorts>>,
    streams: Streams,
) -> IdVec<HostId, Agent> {
    let mut ports = ports.into_iter();
    let flags = &scenario.agent;
    let options = AgentOptions {
        launch_delay: flags.launch_delay.0,
        starting_delay: flags.starting_delay.map(|delay| delay.0),
        registration_backoff_factor: flags.registration_backoff_factor.0,
        executor_registration_timeout: flags.executor_registration_timeout.0,
        executor_reregistration_timeout: flags.executor_reregistration_timeout.0,
        executor_shutdown_grace_period: flags.executor_shutdown_grace_period.0,
        kill_grace: flags.kill_grace_period.0,
        recovery_timeout: flags.recovery_timeout.0,
        recover_cleanup: flags.recover == Recover::Cleanup,
        restart_delay: flags.restart_delay.map(|delay| delay.0),
        disk_operation_time: flags.disk_operation_time.0,
        fetcher: fetcher_options(scenario),
        profile: scenario.profile.profile(),
    };
    let agent = |(index, registration): (usize, Registration)| {
        let backoff = streams.stream(&format!("agents/{index}/backoff"));
        let host = HostId::from_index(index);
        let mut agent = Agent::new(host, registration, options, backoff);
        agent.set_cache_policy(registry::cache_policy(&scenario.fetcher.cache));
        if let Some(blocks) = ports.next().flatten() {
            agent.set_port_blocks(Box::new(blocks));
        }
        agent
    };
    hosts.registrations.into_iter().enumerate().map(agent).collect()
}

fn fetcher_options(scenario: &Scenario) -> FetcherOptions {
    let (flags, fetcher) = (&scenario.agent, &scenario.fetcher);
    FetcherOptions {
        cache_size: flags.fetcher_cache_size.bytes(),
        has_frameworks_home: flags.frameworks_home.is_some(),
        probe_time: fetcher.probe_time.0,
        download_rate: fetcher.download_rate.bytes(),
        disk_rate: fetcher.disk_rate.bytes(),
        extract_rate: fetcher.extract_rate.bytes(),
        worker_start: fetcher.worker_start.0,
    }
}

/// When each agent registers: at a random time within the back-off.
fn starts(scenario: &Scenario, agents: usize, streams: Streams) -> IdVec<HostId, Time> {
    let backoff = scenario.agent.registration_backoff_factor.0.as_nanos();
    let mut stream = streams.stream("agents/registration");
    (0..agents).map(|_| Time::ZERO + Span::from_nanos(stream.random_range(0..=backoff))).collect()
}

/// The roles of the frameworks in order of appearance, then those that only have a weight.
fn role_names(scenario: &Scenario) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let frameworks = scenario.frameworks.iter().flat_map(FrameworkConfig::all_roles);
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

const fn latency(config: &LatencyConfig) -> Latency {
    Latency { constant: config.latency.0, jitter: config.jitter.0 }
}
