//! What the links of a network carry, by name, and the ports of containers.

use super::tables::Names;
use crate::cluster::Cluster;
use policy_api::MetricsSnapshot;
use sim_core::network::{LinkName, Network};

/// Bytes a second on each card, uplink and the core. Loopback is nobody's bottleneck and left out.
pub(super) fn rates(network: &Network, names: &Names) -> MetricsSnapshot {
    let rack = |rack: usize| names.racks.get(rack).map_or("", |name| name);
    let row = |(link, _capacity, load): (LinkName, f64, f64)| {
        let name = match link {
            LinkName::HostUp(host) => format!("agent/{}/up", names.host(host)),
            LinkName::HostDown(host) => format!("agent/{}/down", names.host(host)),
            LinkName::Loopback(_) => return None,
            LinkName::RackUp(number) => format!("rack/{}/up", rack(number)),
            LinkName::RackDown(number) => format!("rack/{}/down", rack(number)),
            LinkName::CoreUp => "core/up".to_owned(),
            LinkName::CoreDown => "core/down".to_owned(),
        };
        // Whole bytes: what differs by rounding only is the same.
        Some((name, load.round()))
    };
    network.loads().filter_map(row).collect()
}

/// Blocks of ephemeral ports on all agents together, and launches that failed for want of one so far.
pub(super) fn blocks(cluster: &Cluster) -> MetricsSnapshot {
    let (mut limit, mut used, mut full, mut failed) = (0, 0, 0, 0);
    for agent in cluster.agents() {
        let Some(blocks) = agent.port_blocks_limit() else { continue };
        let taken = agent.port_blocks_taken();
        limit += blocks;
        used += taken;
        full += usize::from(taken == blocks);
        failed += agent.launches_without_ports();
    }
    [
        ("agents_without_free_block", full as f64),
        ("blocks", limit as f64),
        ("blocks_used", used as f64),
        ("launches_without_ports", failed as f64),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

/// What was moved, as metrics.
pub(crate) fn totals(network: &Network) -> MetricsSnapshot {
    let totals = network.totals();
    [
        ("network/flows", totals.flows as f64),
        ("network/interrupted_flows", totals.interrupted as f64),
        ("network/failed_connects", totals.failed_connects as f64),
        ("network/dropped_bytes", totals.dropped.round()),
        ("network/sent_bytes", totals.sent.round()),
        ("network/received_bytes", totals.received.round()),
        ("network/throttled_secs", totals.throttled.as_secs_f64()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}
