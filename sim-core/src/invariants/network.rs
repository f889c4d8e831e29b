//! Of networks and ports (`spec/network.md` 6.7).
//!
//! Always: no link and no cap carries more than it can; bytes are only moved by tasks that run and have
//! not moved all, and by fetchers; what was ordered has moved, is to move, was sent in vain, or was given
//! up; containers of an agent have different blocks of ports, and no other block is taken.
//!
//! At rest each block belongs to a container that is there, and the network moves the bytes of all tasks
//! that wait for theirs.

use super::{Violation, Witness};
use crate::agent::Agent;
use crate::framework::Framework;
use crate::network::Network;
use crate::protocol::HostId;
use crate::simulation::{Simulation, Submission};
use policy_api::{Allocator, PortBlock};

/// Rates and bytes are sums of rounded numbers.
const ROUNDING: f64 = 1e-9;

pub(super) fn check<A, F, W, E>(simulation: &Simulation<A, Witness<F>, W>) -> Result<(), Violation>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    let Some(network) = simulation.network() else { return Ok(()) };
    let named = network.loads().map(|(name, capacity, load)| (Ok(name), capacity, load));
    let caps = network.caps().map(|(host, capacity, load)| (Err(host), capacity, load));
    for (name, capacity, load) in named.chain(caps) {
        if load > capacity * (1.0 + ROUNDING) {
            let found = format!("{name:?}: {load} of {capacity}");
            return Err(Violation::new("links carry no more than they can", found));
        }
    }
    for (host, task) in network.moving() {
        if !simulation.agent(host).is_moving(task) {
            let found = format!("{host:?}, {task:?}");
            return Err(Violation::new("only tasks that run move bytes", found));
        }
    }
    for (host, call) in network.downloading() {
        if !simulation.agent(host).fetcher().calls().any(|(it, _)| it == call) {
            let found = format!("{host:?}, {call:?}");
            return Err(Violation::new("only fetchers that wait for files download", found));
        }
    }
    conserved(network)?;
    for agent in simulation.agents().filter(|agent| agent.port_blocks_taken() > 0) {
        let mut blocks: Vec<PortBlock> = agent.port_blocks().collect();
        blocks.sort_unstable();
        let overlap = blocks.windows(2).any(|pair| pair[0].end >= pair[1].begin);
        if overlap || blocks.len() != agent.port_blocks_taken() {
            let taken = agent.port_blocks_taken();
            let found = format!("{:?}: {taken} taken, {blocks:?}", agent.host());
            return Err(Violation::new("each block of ports is one container's", found));
        }
    }
    Ok(())
}

fn conserved(network: &Network) -> Result<(), Violation> {
    let totals = network.totals();
    let (rest, in_flows) = network.unmoved();
    let moved = totals.sent + totals.received + totals.dropped;
    let known = moved + totals.abandoned + rest;
    // A byte for what sums of many small parts lose.
    let allowed = totals.ordered * ROUNDING + 1.0;
    if (known - totals.ordered).abs() > allowed || (rest - in_flows).abs() > allowed {
        let found = format!("{totals:?}, {rest} to move, {in_flows} in flows");
        return Err(Violation::new("bytes are conserved", found));
    }
    Ok(())
}

pub(super) fn at_rest<A, F, W, E>(
    simulation: &Simulation<A, Witness<F>, W>,
) -> Result<(), Violation>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    let Some(network) = simulation.network() else { return Ok(()) };
    for agent in simulation.agents() {
        let (taken, containers) = (agent.port_blocks_taken(), agent.containers().count());
        if taken > containers {
            let found = format!("{:?}: {taken} of {containers}", agent.host());
            return Err(Violation::new("at rest blocks of ports belong to containers", found));
        }
    }
    let moving = simulation.agents().map(Agent::tasks_that_move).sum::<usize>();
    let known = network.moving().count();
    if moving != known {
        let hosts: Vec<HostId> = network.moving().map(|(host, _)| host).collect();
        let found = format!("{moving} wait, {known} move, on {hosts:?}");
        return Err(Violation::new("at rest the network moves what tasks wait for", found));
    }
    Ok(())
}
