//! What the network knows of a container (`spec/network.md` 4.1).

use super::Network;
use super::flows::{HostRows, MovingPhase, slot_of};
use super::ports::TcpConnections;
use crate::agent::Executor;
use crate::arena::Handle;
use crate::job::Heading;
use crate::observe::TransferRecord;
use crate::protocol::HostId;
use policy_api::{Amount, Shape, Time};

/// Bytes of a container, and what holds them back.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ContainerTraffic {
    /// `net_rx_bytes`, `net_tx_bytes`.
    pub received: f64,
    pub sent: f64,
    /// Bytes of senders that do not adapt, counted when a phase of a task is over.
    pub received_dropped: f64,
    pub sent_dropped: f64,
    /// `net_rx_rate_limit`, `net_tx_rate_limit` and what belongs to them.
    pub ingress: Option<Shape>,
    pub egress: Option<Shape>,
    /// Those of a container with a block of ports.
    pub connections: TcpConnections,
}

/// What the phases of a container's tasks have moved that are over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    executor: Handle<Executor>,
    traffic: ContainerTraffic,
}

impl ContainerTraffic {
    fn add(&mut self, record: &TransferRecord) {
        self.received += record.received;
        self.sent += record.sent;
        self.received_dropped += record.received_dropped;
        self.sent_dropped += record.sent_dropped;
    }
}

impl HostRows {
    /// A phase of a container's task is over.
    pub(super) fn keep(&mut self, executor: Handle<Executor>, record: &TransferRecord) {
        let row = slot_of(&mut self.moved, executor.slot());
        let new = Moved { executor, traffic: ContainerTraffic::default() };
        // A slot is used again by later containers.
        let row = row.get_or_insert(new);
        if row.executor != executor {
            *row = new;
        }
        row.traffic.add(record);
    }
}

impl Network {
    /// What a container with so many CPUs has moved until now. Looking changes nothing.
    pub fn container_traffic(
        &self,
        now: Time,
        host: HostId,
        executor: Handle<Executor>,
        cpus: Amount,
    ) -> ContainerTraffic {
        let Some(rows) = self.hosts.get(host) else { return ContainerTraffic::default() };
        let over = rows.moved.get(executor.slot() as usize).copied().flatten();
        let over = over.filter(|row| row.executor == executor).map(|row| row.traffic);
        let mut traffic = over.unwrap_or_default();
        let phases = rows.phases.iter().flatten().filter_map(|phase| self.phases.get(*phase));
        for phase in phases.filter(|phase| phase.executor == Some(executor)) {
            traffic.add(&phase.record);
            self.add_under_way(now, phase, &mut traffic);
        }
        let [ingress, egress] = self.shapes(host, cpus);
        let connections = self.tcp_connections(now, host, executor);
        ContainerTraffic { ingress, egress, connections, ..traffic }
    }

    /// What flows have moved since it was worked out last.
    fn add_under_way(&self, now: Time, phase: &MovingPhase, traffic: &mut ContainerTraffic) {
        for flow in phase.flows.iter().map(|id| &self.flows[*id]) {
            let moved = (flow.rate * now.since(flow.since).as_secs_f64()).min(flow.left);
            match flow.heading {
                Heading::Receive => traffic.received += moved,
                Heading::Send => traffic.sent += moved,
            }
        }
    }
}
