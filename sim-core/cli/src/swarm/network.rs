//! Draws networks: topologies, caps of containers, blocks of ports, and what tasks move over them.

use super::generate::Dice;
use super::plan::Plan;
use policy_api::resources::{Ranges, Value};
use policy_api::{DenseId, Resource, Resources, Shaping};
use policy_isolation::caps::{Cap, CapFlags, CapHost, DEFAULT_MINIMUM, PerCpu};
use policy_isolation::latency::{Connections, Distances, Queueing, Queues, TcpDetail};
use policy_isolation::ports::{DEFAULT_HOST_RANGE, EphemeralPorts, PortPlan};
use policy_isolation::sharing::{Fairness, MaxMin};
use rand_pcg::Pcg64Mcg;
use sim_core::network::{HostNetwork, Network, Topology};
use sim_core::protocol::HostId;
use sim_core::{Heading, Remote, Streams, Transfer, Transfers};
use std::sync::Arc;

/// What carries the bytes of a run. Speeds are bytes a second.
#[derive(Clone, Debug)]
pub(crate) struct NetworkPlan {
    card: u64,
    loopback: u64,
    /// Agents belong to racks in turn; none where there is no uplink.
    uplinks: Vec<u64>,
    core: Option<u64>,
    egress: CapFlags,
    ingress: CapFlags,
    fairness: Fairness,
    /// Flows start at once where connections take no time.
    queueing: Option<Queueing>,
}

/// Ports of one container.
const PORTS_PER_CONTAINER: u64 = 16;
/// Above all other ports of agents.
const FIRST_PORT: u64 = 62_000;
const MB: u64 = 1_000_000;

/// In one of five runs tasks move bytes, and containers have caps and ports of their own.
pub(crate) fn add_network(plan: &mut Plan, dice: &mut Dice) {
    if dice.percent(80) {
        return;
    }
    let racks = if dice.percent(50) { 0 } else { dice.between(1, 4) };
    let network = NetworkPlan {
        card: dice.between(1, 125) * MB,
        loopback: dice.one(&[2 * MB, 20_000 * MB]),
        uplinks: (0..racks).map(|_| dice.between(1, 200) * MB).collect(),
        core: dice.percent(30).then(|| dice.between(1, 500) * MB),
        egress: caps(dice),
        ingress: caps(dice),
        fairness: dice.one(&[Fairness::PerFlow, Fairness::PerGroup]),
        queueing: match dice.between(0, 3) {
            0 | 1 => None,
            2 => Some(Queueing::FqCodel),
            _ => Some(Queueing::Fifo { buffer: 1e6 }),
        },
    };
    plan.network = Some(network);
    if dice.percent(60) {
        add_ports(plan, dice);
    }
    for index in 0..plan.jobs.len() {
        plan.jobs[index].transfers = transfers(dice, plan.agents.len());
    }
}

/// Sometimes so few that containers cannot be launched.
fn add_ports(plan: &mut Plan, dice: &mut Dice) {
    for agent in &mut plan.agents {
        let blocks = if dice.percent(50) { dice.between(1, 4) } else { dice.between(5, 100) };
        let last = FIRST_PORT + blocks * PORTS_PER_CONTAINER - 1;
        let ports = Value::Ranges(Ranges::new(vec![(FIRST_PORT, last)]));
        agent.total.add_resource(Resource::plain("ephemeral_ports", ports));
    }
    if dice.percent(30) {
        plan.master.max_executors_per_agent = Some(dice.index(4) + 1);
    }
}

fn caps(dice: &mut Dice) -> CapFlags {
    let mut flags = CapFlags::default();
    match dice.between(0, 3) {
        0 => flags.fixed = Some(dice.between(200, 1_000) * 1_000),
        1 => flags.per_cpu = Some(PerCpu::Rate(dice.between(100, 1_000) * 1_000)),
        _ => return flags,
    }
    flags.minimum = dice.percent(30).then(|| dice.between(1, 500) * 1_000);
    flags.maximum = dice.percent(30).then(|| dice.between(500, 2_000) * 1_000);
    if dice.percent(50) {
        flags.ceil = Some(dice.between(1, 5) * MB);
        flags.burst = dice.percent(80).then(|| dice.between(0, 5) * MB);
    }
    flags
}

/// What one task moves; nothing as often as not.
fn transfers(dice: &mut Dice, hosts: usize) -> Option<Arc<Transfers>> {
    if dice.percent(50) {
        return None;
    }
    let mut list = |most: u64| -> Vec<Transfer> {
        (0..dice.between(0, most)).map(|_| transfer(dice, hosts)).collect()
    };
    let (before, after) = (list(2), list(2));
    Some(Arc::new(Transfers { before, after }))
}

fn transfer(dice: &mut Dice, hosts: usize) -> Transfer {
    let remote = match dice.between(0, 3) {
        0 => Remote::Outside,
        1 => Remote::Host(HostId::from_index(dice.index(hosts))),
        _ => Remote::Hosts(u32::try_from(dice.between(1, 4)).unwrap_or(1)),
    };
    let bytes = if dice.percent(5) { dice.between(0, 2) } else { dice.between(0, 20 * MB) };
    let heading = dice.one(&[Heading::Receive, Heading::Send]);
    let rate = dice.percent(20).then(|| dice.between(100, 10_000) * 1_000);
    Transfer { heading, remote, bytes, rate }
}

/// What the tasks of one restless framework move.
pub(crate) struct Movements {
    dice: Dice,
    hosts: usize,
}

impl Movements {
    pub(crate) fn new(random: Pcg64Mcg, plan: &Plan) -> Self {
        Self { dice: Dice::new(random), hosts: plan.agents.len() }
    }

    pub(crate) fn draw(&mut self) -> Option<Arc<Transfers>> {
        transfers(&mut self.dice, self.hosts)
    }
}

impl NetworkPlan {
    /// The blocks of an agent with these resources, if it has any.
    pub(crate) fn blocks(total: &Resources) -> Option<EphemeralPorts> {
        let plan = PortPlan {
            ephemeral: Some(total.ephemeral_ports()?),
            others: total.ports().unwrap_or_default(),
            host: DEFAULT_HOST_RANGE,
            per_container: PORTS_PER_CONTAINER,
        };
        plan.check().ok()
    }

    pub(crate) fn build(&self, hosts: usize, streams: Streams) -> Network {
        let host = |index: usize| HostNetwork {
            card: self.card as f64,
            loopback: self.loopback as f64,
            rack: index.checked_rem(self.uplinks.len()),
            egress: self.shaping(&self.egress),
            ingress: self.shaping(&self.ingress),
        };
        let topology = Topology {
            hosts: (0..hosts).map(host).collect(),
            racks: self.uplinks.iter().map(|speed| *speed as f64).collect(),
            core: self.core.map(|speed| speed as f64),
        };
        let sharing = Box::new(MaxMin::new(self.fairness));
        let mut network = Network::new(topology, sharing, streams.stream("network/peers"));
        if let Some(queueing) = self.queueing {
            let queues = Queues { hosts: queueing, switches: queueing };
            let (detail, distances) = (TcpDetail::SlowStart, Distances::default());
            network.set_connecting(Box::new(Connections { detail, distances, queues }));
        }
        network
    }

    fn shaping(&self, flags: &CapFlags) -> Option<Arc<dyn Shaping>> {
        let host = CapHost { link_speed: self.card, cpus: 4, default_minimum: DEFAULT_MINIMUM };
        // Flags that contradict each other are none.
        let cap = Cap::new(flags, &host).ok().flatten()?;
        Some(Arc::new(cap))
    }
}
