//! The network: topology, caps of containers, blocks of ports.

use super::hosts::Hosts;
use crate::scenario::{
    NetworkConfig, PerCpuConfig, Problem, ProfileName, Scenario, SharingName, suggest,
};
use policy_api::{IdVec, Scalar, Shaping, UNLIMITED_RATE};
use policy_isolation::caps::{Cap, CapError, CapFlags, CapHost, DEFAULT_MINIMUM, PerCpu};
use policy_isolation::ports::{EphemeralPorts, PortPlan, PortPlanError};
use policy_isolation::rates::RateCollector;
use sim_core::network::{HostNetwork, Topology};
use sim_core::protocol::HostId;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;

/// A network that is ready to be built.
#[derive(Clone, Debug)]
pub(crate) struct NetworkPlan {
    pub(crate) topology: Topology,
    /// What the racks are called.
    pub(crate) racks: Vec<Arc<str>>,
    /// The blocks of those agents that have ephemeral ports.
    pub(crate) ports: IdVec<HostId, Option<EphemeralPorts>>,
}

/// The flags of one direction with their places.
struct Direction<'a> {
    name: &'static str,
    fixed: Option<&'a Spanned<u64>>,
    per_cpu: Option<&'a Spanned<PerCpuConfig>>,
    minimum: Option<&'a Spanned<u64>>,
    maximum: Option<&'a Spanned<u64>>,
    ceil: Option<&'a Spanned<u64>>,
    burst: Option<&'a Spanned<u64>>,
}

pub(super) fn network(
    scenario: &Scenario,
    hosts: &Hosts,
    problems: &mut Vec<Problem>,
) -> Option<NetworkPlan> {
    let config = scenario.network.as_ref()?;
    check_speeds(config, problems);
    check_sharing(config, problems);
    check_rates(scenario, config, problems);
    let (racks, rack_of) = racks(config, hosts, problems);
    let [egress, ingress] = directions(config);
    let is_old = scenario.profile == ProfileName::Mesos0_23;
    if is_old {
        check_profile(&egress, &ingress, problems);
    }
    let mut egress = Caps::new(config, egress, is_old, problems);
    let mut ingress = Caps::new(config, ingress, is_old, problems);
    let card = *config.network_link_speed.get_ref() as f64;
    let mut topology = Topology {
        racks: vec![
            config.uplink_speed.as_ref().map_or(UNLIMITED_RATE, |it| *it.get_ref() as f64);
            racks.len()
        ],
        core: config.core_speed.map(|speed| speed as f64),
        ..Topology::default()
    };
    for (host, registration) in hosts.registrations.enumerate() {
        let cpus = registration.total.amount(Scalar::Cpus) / 1000;
        let cpus = u64::try_from(cpus).unwrap_or(0);
        topology.hosts.push(HostNetwork {
            card,
            loopback: config.loopback_speed as f64,
            rack: rack_of[host],
            egress: egress.of(cpus, problems),
            ingress: ingress.of(cpus, problems),
        });
    }
    let ports = ports(scenario, config, hosts, problems);
    Some(NetworkPlan { topology, racks, ports })
}

fn check_speeds(config: &NetworkConfig, problems: &mut Vec<Problem>) {
    if *config.network_link_speed.get_ref() == 0 {
        let message = "network_link_speed is 0: expected more";
        problems.push(Problem::at(config.network_link_speed.span(), message));
    }
    if config.connect_retry.get_ref().0.is_zero() {
        // The clock would stand still.
        let message = "connect_retry is 0: expected more";
        problems.push(Problem::at(config.connect_retry.span(), message));
    }
    let (first, last) = *config.host_ports.get_ref();
    if first > last {
        let message =
            format!("host_ports is [{first}, {last}]: expected the first port before the last");
        problems.push(Problem::at(config.host_ports.span(), message));
    }
    if let Some(speed) = &config.uplink_speed {
        if *speed.get_ref() == 0 {
            problems.push(Problem::at(speed.span(), "uplink_speed is 0: expected more"));
        }
        if config.rack.is_none() {
            let help = "name the attribute of the agents that tells their racks: rack = \"rack\"";
            let problem = Problem::at(speed.span(), "there are no racks that could have uplinks");
            problems.push(problem.help(Some(help.into())));
        }
    }
}

fn check_rates(scenario: &Scenario, config: &NetworkConfig, problems: &mut Vec<Problem>) {
    let Some(rates) = &config.rate_statistics else { return };
    let (window, interval) = (rates.get_ref().window.0, rates.get_ref().interval.0);
    if RateCollector::new(window, interval).is_none() {
        let message = "expected an interval of 20ms at least, and a longer window";
        problems.push(Problem::at(rates.span(), message));
    }
    if scenario.output.statistics_interval.is_none() {
        let help = "add statistics_interval to the table output, or leave this out";
        let problem = Problem::at(rates.span(), "nothing writes the rates of containers");
        problems.push(problem.help(Some(help.into())));
    }
}

fn check_sharing(config: &NetworkConfig, problems: &mut Vec<Problem>) {
    let is_unshared = *config.sharing.get_ref() == SharingName::Unshared;
    if config.tcp.is_some() && is_unshared {
        let help = "leave the table network.tcp out, or share the links: sharing = \"max_min\"";
        let message = "links that are not shared have no queues for network.tcp";
        problems.push(Problem::at(config.sharing.span(), message).help(Some(help.into())));
    }
    let tolerance = *config.sharing_tolerance.get_ref();
    if !(0.0..=0.5).contains(&tolerance) {
        let message = format!("sharing_tolerance is {tolerance}: expected 0 to 0.5");
        problems.push(Problem::at(config.sharing_tolerance.span(), message));
    }
    if tolerance > 0.0 && (is_unshared || config.egress_unique_flow_per_container) {
        let message = "sharing_tolerance is for links that connections share max-min fairly";
        let help = "leave it out with sharing = \"unshared\" and egress_unique_flow_per_container";
        let problem = Problem::at(config.sharing_tolerance.span(), message);
        problems.push(problem.help(Some(help.into())));
    }
}

/// The racks in the order in which agents name them, and the rack of each agent.
fn racks(
    config: &NetworkConfig,
    hosts: &Hosts,
    problems: &mut Vec<Problem>,
) -> (Vec<Arc<str>>, IdVec<HostId, Option<usize>>) {
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut numbers: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let attribute = config.rack.as_ref();
    let mut number = |host: HostId| {
        let name = hosts.attribute(host, attribute?.get_ref())?;
        Some(*numbers.entry(Arc::clone(name)).or_insert_with(|| {
            names.push(Arc::clone(name));
            names.len() - 1
        }))
    };
    let of_host = hosts.registrations.ids().map(&mut number).collect();
    if let Some(attribute) = attribute.filter(|_| names.is_empty()) {
        let message = format!("no agent has the attribute '{}'", attribute.get_ref());
        let known: Vec<&str> = hosts.attribute_names().into_iter().collect();
        let help = suggest(attribute.get_ref(), &known);
        problems.push(Problem::at(attribute.span(), message).help(help));
    }
    (names, of_host)
}

const fn directions(config: &NetworkConfig) -> [Direction<'_>; 2] {
    [
        Direction {
            name: "egress",
            fixed: config.egress_rate_limit_per_container.as_ref(),
            per_cpu: config.egress_rate_per_cpu.as_ref(),
            minimum: config.minimum_egress_rate_limit.as_ref(),
            maximum: config.maximum_egress_rate_limit.as_ref(),
            ceil: config.egress_ceil_limit.as_ref(),
            burst: config.egress_burst.as_ref(),
        },
        Direction {
            name: "ingress",
            fixed: config.ingress_rate_limit_per_container.as_ref(),
            per_cpu: config.ingress_rate_per_cpu.as_ref(),
            minimum: config.minimum_ingress_rate_limit.as_ref(),
            maximum: config.maximum_ingress_rate_limit.as_ref(),
            ceil: config.ingress_ceil_limit.as_ref(),
            burst: config.ingress_burst.as_ref(),
        },
    ]
}

/// Mesos 0.23 has a fixed limit on what is sent, and nothing else.
fn check_profile(egress: &Direction<'_>, ingress: &Direction<'_>, problems: &mut Vec<Problem>) {
    let later = |it: &Direction<'_>| {
        let rest = [it.minimum, it.maximum, it.ceil, it.burst];
        let rest = rest.into_iter().flatten().map(Spanned::span);
        rest.chain(it.per_cpu.map(Spanned::span)).collect::<Vec<_>>()
    };
    let spans = later(egress).into_iter().chain(later(ingress));
    for span in spans.chain(ingress.fixed.map(Spanned::span)) {
        let message = "the profile mesos-0.23 has no such flag";
        let help = "it has egress_rate_limit_per_container and egress_unique_flow_per_container";
        problems.push(Problem::at(span, message).help(Some(help.into())));
    }
}

/// The caps of one direction, by the CPUs of agents.
struct Caps<'a> {
    flags: CapFlags,
    places: Direction<'a>,
    link_speed: u64,
    default_minimum: u64,
    known: BTreeMap<u64, Option<Arc<dyn Shaping>>>,
    /// What is wrong is wrong for all agents, and told once.
    told: BTreeSet<String>,
}

impl<'a> Caps<'a> {
    fn new(
        config: &NetworkConfig,
        places: Direction<'a>,
        is_old: bool,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let value = |flag: Option<&Spanned<u64>>| flag.map(|flag| *flag.get_ref());
        let per_cpu = places.per_cpu.and_then(|flag| match flag.get_ref() {
            PerCpuConfig::Rate(rate) => Some(PerCpu::Rate(*rate)),
            PerCpuConfig::Word(word) if word == "auto" => Some(PerCpu::Auto),
            PerCpuConfig::Word(word) => {
                let message = format!("'{word}' is no rate: expected bytes a second or \"auto\"");
                problems.push(Problem::at(flag.span(), message));
                None
            }
        });
        let flags = CapFlags {
            fixed: value(places.fixed),
            per_cpu,
            minimum: value(places.minimum),
            maximum: value(places.maximum),
            ceil: value(places.ceil),
            burst: value(places.burst),
        };
        Self {
            flags,
            places,
            link_speed: *config.network_link_speed.get_ref(),
            default_minimum: if is_old { 0 } else { DEFAULT_MINIMUM },
            known: BTreeMap::new(),
            told: BTreeSet::new(),
        }
    }

    fn of(&mut self, cpus: u64, problems: &mut Vec<Problem>) -> Option<Arc<dyn Shaping>> {
        if let Some(known) = self.known.get(&cpus) {
            return known.clone();
        }
        let (link_speed, default_minimum) = (self.link_speed, self.default_minimum);
        let cap = match Cap::new(&self.flags, &CapHost { link_speed, cpus, default_minimum }) {
            Ok(cap) => cap.map(|cap| Arc::new(cap) as Arc<dyn Shaping>),
            Err(errors) => {
                for error in errors {
                    let message = format!("{}: {error}", self.places.name);
                    if self.told.insert(message.clone()) {
                        let (span, help) = self.place(error);
                        let problem = Problem::at(span.unwrap_or_default(), message);
                        problems.push(problem.help(Some(help.into())));
                    }
                }
                None
            }
        };
        self.known.insert(cpus, cap.clone());
        cap
    }

    fn place(&self, error: CapError) -> (Option<Range<usize>>, &'static str) {
        let (fixed, per_cpu) = (self.places.fixed, self.places.per_cpu);
        match error {
            CapError::FixedAndPerCpu => (per_cpu.map(Spanned::span), "give one of the two"),
            CapError::MinimumAboveMaximum { .. } => {
                (self.places.minimum.map(Spanned::span), "the minimum is the lower one")
            }
            CapError::FixedAboveLink(..) => {
                (fixed.map(Spanned::span), "lower it, or raise network_link_speed")
            }
            CapError::MinimumAboveLink(..) => {
                (self.places.minimum.map(Spanned::span), "lower it, or raise network_link_speed")
            }
            CapError::NoCpus => {
                (per_cpu.map(Spanned::span), "give the agents a CPU, or a rate instead of \"auto\"")
            }
        }
    }
}

/// Agents with `ephemeral_ports` give each container a block of them.
fn ports(
    scenario: &Scenario,
    config: &NetworkConfig,
    hosts: &Hosts,
    problems: &mut Vec<Problem>,
) -> IdVec<HostId, Option<EphemeralPorts>> {
    let mut blocks: IdVec<HostId, Option<EphemeralPorts>> = IdVec::new();
    for group in &scenario.agents {
        let first = blocks.len();
        let count = group.count.get() as usize;
        let of_group = hosts.registrations.iter().nth(first).and_then(|registration| {
            let ephemeral = Some(registration.total.ephemeral_ports()?);
            let plan = PortPlan {
                ephemeral,
                others: registration.total.ports().unwrap_or_default(),
                host: *config.host_ports.get_ref(),
                per_container: *config.ephemeral_ports_per_container.get_ref(),
            };
            match plan.check() {
                Ok(blocks) => Some(blocks),
                Err(errors) => {
                    for error in errors {
                        let (span, help) = port_place(error, config, group.resources.span());
                        let problem = Problem::at(span, error.to_string());
                        problems.push(problem.help(Some(help.into())));
                    }
                    None
                }
            }
        });
        for _ in 0..count {
            blocks.push(of_group.clone());
        }
    }
    while blocks.len() < hosts.len() {
        blocks.push(None);
    }
    blocks
}

/// Where the mistake is: in the size of blocks, where it is given, or in the ports of the agents.
fn port_place(
    error: PortPlanError,
    config: &NetworkConfig,
    resources: Range<usize>,
) -> (Range<usize>, &'static str) {
    let size = config.ephemeral_ports_per_container.span();
    match error {
        PortPlanError::NotAPowerOfTwo(_)
        | PortPlanError::TooFewPerContainer(_)
        | PortPlanError::TooManyPerContainer(..)
            if !size.is_empty() =>
        {
            (size, "expected a power of two, at least 16, that the ephemeral ports have room for")
        }
        PortPlanError::NotAPowerOfTwo(_)
        | PortPlanError::TooFewPerContainer(_)
        | PortPlanError::TooManyPerContainer(..)
        | PortPlanError::NoEphemeralPorts
        | PortPlanError::Overlap
        | PortPlanError::WellKnown(_)
        | PortPlanError::Host(..) => {
            (resources, "an example that fits: ports:[31000-32000];ephemeral_ports:[32768-57343]")
        }
    }
}
