//! The ephemeral ports that connections of containers take (`spec/network.md` 6.5). A task begins its
//! connections and closes them, so that its container's ports wait. Towards one other end a container has
//! as many as its block; without a block there is no such limit, and nothing is kept.

use super::connections::Opening;
use super::flows::MovingPhase;
use super::outages::Rest;
use super::{Network, NetworkOutput, NetworkTimer};
use crate::agent::Executor;
use crate::arena::Handle;
use crate::protocol::HostId;
use policy_api::{PortUse, Span, Time};
use std::collections::BTreeMap;

/// What becomes of connections that are closed, and of those that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectOptions {
    /// How long a closed one keeps its port.
    pub time_wait: Span,
    /// When a task without a port tries again: later, or the clock stands still.
    pub connect_retry: Span,
}

impl Default for ConnectOptions {
    /// Linux's wait, and a second.
    fn default() -> Self {
        Self { time_wait: Span::from_secs(60), connect_retry: Span::from_secs(1) }
    }
}

/// The connections of a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpConnections {
    /// `net_tcp_active_connections`.
    pub active: usize,
    /// `net_tcp_time_wait_connections`.
    pub time_wait: usize,
}

/// The host, the slot and the generation of a container, and the other end.
type Destination = (HostId, u32, u32, Option<HostId>);

/// By destination; only those with ports in use, and some that were.
#[derive(Debug, Default)]
pub(super) struct PortTable {
    options: ConnectOptions,
    rows: BTreeMap<Destination, PortUse>,
    /// With so many rows it is time to look for idle ones.
    many: usize,
}

/// So few rows are not worth a look.
const FEW: usize = 64;

impl PortTable {
    pub(super) const fn set_options(&mut self, options: ConnectOptions) {
        self.options = options;
    }

    fn open(&mut self, now: Time, to: Destination, ports: usize) -> bool {
        if self.rows.len() >= self.many.max(FEW) {
            self.rows.retain(|_, row| !row.is_idle(now));
            self.many = 2 * self.rows.len();
        }
        let wait = self.options.time_wait;
        self.rows.entry(to).or_insert_with(|| PortUse::new(ports, wait)).open(now)
    }

    fn close(&mut self, now: Time, to: Destination) {
        if let Some(row) = self.rows.get_mut(&to) {
            row.close(now);
        }
    }
}

impl Network {
    /// What becomes of connections where containers have blocks of ports.
    pub fn set_connect_options(&mut self, options: ConnectOptions) {
        self.ports.set_options(options);
    }

    /// The connections of a container with a block of ports; none are known of others.
    pub fn tcp_connections(
        &self,
        now: Time,
        host: HostId,
        container: Handle<Executor>,
    ) -> TcpConnections {
        let of_container = (host, container.slot(), container.generation());
        let (host, slot, generation) = of_container;
        let rows = self.ports.rows.range((host, slot, generation, None)..);
        let rows = rows.take_while(|((host, slot, generation, _), _)| {
            (*host, *slot, *generation) == of_container
        });
        rows.fold(TcpConnections::default(), |sum, (_, row)| TcpConnections {
            active: sum.active + row.active(),
            time_wait: sum.time_wait + row.in_time_wait(now),
        })
    }

    fn destination(
        &self,
        phase: Handle<MovingPhase>,
        other: Option<HostId>,
    ) -> Option<(Destination, usize)> {
        let row = self.phases.get(phase)?;
        let (executor, ports) = (row.executor?, row.ports?);
        Some(((row.record.host, executor.slot(), executor.generation(), other), ports))
    }

    /// A port for a connection. Without one it fails at once, and is tried again.
    pub(super) fn take_port(
        &mut self,
        now: Time,
        rest: Rest,
        out: &mut Vec<NetworkOutput>,
    ) -> bool {
        let Some((to, ports)) = self.destination(rest.phase, rest.end.other) else { return true };
        if self.ports.open(now, to, ports) {
            return true;
        }
        self.totals.failed_connects += 1;
        if let Some(row) = self.phases.get_mut(rest.phase) {
            row.record.failed_connects += 1;
            row.openings += 1;
        }
        let timer = NetworkTimer::Opened(self.openings.insert(Opening { rest, demand: None }));
        out.push(NetworkOutput::Wake { at: now + self.ports.options.connect_retry, timer });
        false
    }

    /// A connection is closed.
    pub(super) fn close_port(
        &mut self,
        now: Time,
        phase: Handle<MovingPhase>,
        other: Option<HostId>,
    ) {
        if let Some((to, _)) = self.destination(phase, other) {
            self.ports.close(now, to);
        }
    }
}
