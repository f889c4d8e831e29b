//! Bytes between hosts: what agents want moved becomes flows over cards, uplinks and caps of
//! containers (`spec/network.md` section 6).
//!
//! A flow's progress is worked out when its rate changes, not before. Each flow has a timer for its
//! end; one that comes too early, because the flow has become slower, is set again.

use super::connections::{Connections, Opening};
use super::outages::{End, Reach, Rest};
use super::ports::PortTable;
use super::statistics::Moved;
use super::topology::{Links, Topology};
use crate::agent::fetcher::Call;
use crate::agent::{Executor, NetworkOrder, Phase, Task, TransferOrder};
use crate::arena::{Arena, Handle};
use crate::job::Heading;
use crate::observe::{Observation, TransferPhase, TransferRecord};
use crate::protocol::HostId;
use policy_api::{BandwidthSharing, Connecting, FlowId, IdVec, LinkId, Span, Time, TokenBucket};
use rand_pcg::Pcg64Mcg;

/// All transfers of a cluster.
#[derive(Debug)]
pub struct Network {
    pub(super) sharing: Sharing,
    pub(super) links: Links,
    /// `None` where flows start at once.
    pub(super) connections: Option<Connections>,
    pub(super) openings: Arena<Opening>,
    pub(super) ports: PortTable,
    /// What waits for an end that cannot be reached.
    pub(super) waiting: Vec<Rest>,
    pub(super) hosts: IdVec<HostId, HostRows>,
    /// Hosts that cannot be reached.
    pub(super) unreached: usize,
    pub(super) flows: IdVec<FlowId, Flow>,
    pub(super) phases: Arena<MovingPhase>,
    pub(super) containers: Arena<Container>,
    /// Links of caps that no container uses.
    pub(super) spare: Vec<LinkId>,
    /// Draws the other ends of shuffles.
    pub(super) peers: Pcg64Mcg,
    pub(super) changed: Vec<FlowId>,
    pub(super) totals: NetworkTotals,
}

/// An object that shows nothing of itself.
pub(super) struct Sharing(pub(super) Box<dyn BandwidthSharing>);

impl std::fmt::Debug for Sharing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sharing")
    }
}

/// What has been moved so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetworkTotals {
    pub flows: u64,
    /// What was to be moved, and what of that was given up with its task, in bytes.
    pub ordered: f64,
    pub abandoned: f64,
    /// Flows that ended because a host was off or cut off.
    pub interrupted: u64,
    /// Connections that found no port.
    pub failed_connects: u64,
    /// What senders that do not adapt have sent in vain, in bytes.
    pub dropped: f64,
    /// Out of tasks, and into tasks and fetchers, in bytes.
    pub sent: f64,
    pub received: f64,
    /// The longest that all containers together were held back.
    pub throttled: Span,
}

/// By the slots of the agent's tables.
#[derive(Clone, Debug, Default)]
pub(super) struct HostRows {
    pub(super) reach: Reach,
    pub(super) phases: Vec<Option<Handle<MovingPhase>>>,
    /// By the slots of its executors.
    pub(super) moved: Vec<Option<Moved>>,
    pub(super) containers: Vec<Option<Handle<Container>>>,
    /// By the slots of its fetcher's calls.
    pub(super) downloads: Vec<Option<Handle<MovingPhase>>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    /// None for one that has ended.
    pub(super) phase: Option<Handle<MovingPhase>>,
    pub(super) container: Option<Handle<Container>>,
    pub(super) heading: Heading,
    pub(super) end: End,
    /// As in [`Rest`], and until when.
    pub(super) offered: Option<f64>,
    pub(super) until: Option<Time>,
    pub(super) left: f64,
    pub(super) rate: f64,
    /// Up to when `left` is worked out.
    pub(super) since: Time,
    /// When its timer fires; an earlier one is stale.
    pub(super) wakes: Time,
}

/// The phase of a task that is under way, or a download of a fetcher.
#[derive(Clone, Debug)]
pub(super) struct MovingPhase {
    pub(super) mover: Mover,
    /// None where the agent itself moves bytes: no cap holds for those.
    pub(super) container: Option<Handle<Container>>,
    /// The same container as its agent knows it.
    pub(super) executor: Option<Handle<Executor>>,
    /// How many ports its container has, where it has a block of them.
    pub(super) ports: Option<usize>,
    pub(super) flows: Vec<FlowId>,
    /// Flows that wait for their connections, or for an end that cannot be reached.
    pub(super) openings: usize,
    pub(super) throttled_before: Span,
    /// All that is to move.
    pub(super) bytes: f64,
    pub(super) record: TransferRecord,
}

impl MovingPhase {
    /// What is still to move.
    pub(super) fn unmoved(&self) -> f64 {
        let TransferRecord { sent, received, sent_dropped, received_dropped, .. } = self.record;
        self.bytes - sent - received - sent_dropped - received_dropped
    }

    const fn is_over(&self) -> bool {
        self.flows.is_empty() && self.openings == 0
    }
}

/// Who waits for the bytes of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mover {
    Task(Handle<Task>),
    Fetch(Handle<Call>),
}

/// A container that moves bytes now.
#[derive(Clone, Debug)]
pub struct Container {
    pub(super) host: HostId,
    pub(super) slot: usize,
    pub(super) phases: usize,
    /// By [`Heading`].
    pub(super) caps: [Option<(LinkId, TokenBucket)>; 2],
}

/// What the network waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkTimer {
    Opened(Handle<Opening>),
    FlowEnds(FlowId),
    Bucket(Handle<Container>, Heading),
}

/// What the network does.
#[derive(Clone, Debug)]
pub enum NetworkOutput {
    /// All bytes of a phase have moved.
    Moved(HostId, Handle<Task>),
    /// A file has come.
    Downloaded(HostId, Handle<Call>),
    Wake {
        at: Time,
        timer: NetworkTimer,
    },
    Observe(Observation),
}

impl Network {
    /// `sharing` has no link yet. `peers` draws the other ends of shuffles.
    pub fn new(
        topology: Topology,
        mut sharing: Box<dyn BandwidthSharing>,
        peers: Pcg64Mcg,
    ) -> Self {
        let links = Links::new(topology, &mut *sharing);
        Self {
            sharing: Sharing(sharing),
            hosts: links.hosts().map(|_| HostRows::default()).collect(),
            links,
            connections: None,
            openings: Arena::new(),
            ports: PortTable::default(),
            waiting: Vec::new(),
            unreached: 0,
            flows: IdVec::new(),
            phases: Arena::new(),
            containers: Arena::new(),
            spare: Vec::new(),
            peers,
            changed: Vec::new(),
            totals: NetworkTotals::default(),
        }
    }

    /// From now on connections take time to begin.
    pub fn set_connecting(&mut self, model: Box<dyn Connecting>) {
        self.connections = Some(Connections::new(model, &self.links));
    }

    pub const fn totals(&self) -> NetworkTotals {
        self.totals
    }

    /// Every card, uplink and the core: its name, its capacity and what it carries now.
    pub fn loads(&self) -> impl Iterator<Item = (super::LinkName, f64, f64)> {
        let loads = |(name, link)| (name, self.sharing.0.capacity(link), self.sharing.0.load(link));
        self.links.named().map(loads)
    }

    /// What an agent wants.
    pub fn order(
        &mut self,
        now: Time,
        host: HostId,
        order: &NetworkOrder,
        out: &mut Vec<NetworkOutput>,
    ) {
        match order {
            NetworkOrder::Start(order) => self.start(now, host, order, out),
            NetworkOrder::Update { container, cpus } => {
                self.update_caps(now, host, container.slot(), *cpus, out);
            }
            NetworkOrder::Stop { task } => {
                let row = self.hosts[host].phases.get(task.slot() as usize).copied().flatten();
                let is_this = |it: &Handle<MovingPhase>| {
                    self.phases.get(*it).is_some_and(|row| row.mover == Mover::Task(*task))
                };
                if let Some(phase) = row.filter(is_this) {
                    self.end_phase(now, phase, out);
                }
            }
            NetworkOrder::Download(order) => self.start_download(now, host, order, out),
            NetworkOrder::StopDownload { call } => self.stop_download(now, host, *call, out),
        }
    }

    pub fn wake(&mut self, now: Time, timer: NetworkTimer, out: &mut Vec<NetworkOutput>) {
        match timer {
            NetworkTimer::Opened(opening) => self.opened(now, opening, out),
            NetworkTimer::FlowEnds(flow) => self.flow_timer(now, flow, out),
            NetworkTimer::Bucket(container, heading) => {
                let Some(row) = self.containers.get_mut(container) else { return };
                let Some((link, bucket)) = &mut row.caps[heading as usize] else { return };
                if bucket.wake(now).is_some() {
                    let (link, limit) = (*link, bucket.limit());
                    self.sharing.0.set_capacity(link, limit, &mut self.changed);
                    self.rates_changed(now, out);
                }
            }
        }
    }

    fn start(
        &mut self,
        now: Time,
        host: HostId,
        order: &TransferOrder,
        out: &mut Vec<NetworkOutput>,
    ) {
        let container = self.container(now, host, order);
        let bytes = order.list().iter().map(|transfer| transfer.bytes as f64).sum();
        self.totals.ordered += bytes;
        let kind = match order.phase {
            Phase::Reads | Phase::Computes => TransferPhase::Read,
            Phase::Writes => TransferPhase::Write,
        };
        let phase = self.phases.insert(MovingPhase {
            mover: Mover::Task(order.task),
            container: Some(container),
            executor: Some(order.container),
            ports: order.ports,
            flows: Vec::new(),
            openings: 0,
            throttled_before: self.throttled(container),
            bytes,
            record: TransferRecord::begun(now, host, order.framework, kind),
        });
        *slot_of(&mut self.hosts[host].phases, order.task.slot()) = Some(phase);
        for transfer in order.list() {
            self.start_transfer(now, host, phase, transfer, out);
        }
        self.rates_changed(now, out);
        if self.phases.get(phase).is_some_and(MovingPhase::is_over) {
            self.end_phase(now, phase, out);
        }
    }

    /// Works out what the flows with new rates have moved, and when they will end.
    pub(super) fn rates_changed(&mut self, now: Time, out: &mut Vec<NetworkOutput>) {
        while !self.changed.is_empty() {
            let changed = std::mem::take(&mut self.changed);
            for id in &changed {
                self.progress(now, *id);
                let rate = self.sharing.0.rate(*id);
                let flow = &mut self.flows[*id];
                flow.rate = rate;
                let ends = flow.until.unwrap_or_else(|| end_of(now, flow.left, rate));
                // A timer that comes too early is set again when it fires.
                if ends < flow.wakes {
                    flow.wakes = ends;
                    out.push(NetworkOutput::Wake { at: ends, timer: NetworkTimer::FlowEnds(*id) });
                }
            }
            for id in &changed {
                let Flow { container, heading, .. } = self.flows[*id];
                if let Some(container) = container {
                    self.use_cap(now, container, heading, out);
                }
            }
            let more = std::mem::replace(&mut self.changed, changed);
            self.changed.clear();
            self.changed.extend(more);
        }
    }

    pub(super) fn progress(&mut self, now: Time, id: FlowId) {
        let flow = &mut self.flows[id];
        let moved = (flow.rate * now.since(flow.since).as_secs_f64()).min(flow.left);
        flow.since = now;
        self.count(id, moved);
    }

    fn count(&mut self, id: FlowId, moved: f64) {
        let flow = &mut self.flows[id];
        flow.left -= moved;
        let Some(phase) = flow.phase.and_then(|phase| self.phases.get_mut(phase)) else { return };
        let (record, totals) = match flow.heading {
            Heading::Send => (&mut phase.record.sent, &mut self.totals.sent),
            Heading::Receive => (&mut phase.record.received, &mut self.totals.received),
        };
        *record += moved;
        *totals += moved;
    }

    /// What a sender that did not adapt has sent in vain.
    fn drop_rest(&mut self, id: FlowId, bytes: f64) {
        let flow = &mut self.flows[id];
        flow.left = 0.0;
        let Some(phase) = flow.phase.and_then(|phase| self.phases.get_mut(phase)) else { return };
        match flow.heading {
            Heading::Send => phase.record.sent_dropped += bytes,
            Heading::Receive => phase.record.received_dropped += bytes,
        }
        self.totals.dropped += bytes;
    }

    fn flow_timer(&mut self, now: Time, id: FlowId, out: &mut Vec<NetworkOutput>) {
        let Some(flow) = self.flows.get(id) else { return };
        let Some(phase) = flow.phase.filter(|_| flow.wakes == now) else { return };
        self.progress(now, id);
        let flow = &mut self.flows[id];
        let ends = flow.until.unwrap_or_else(|| end_of(now, flow.left, flow.rate));
        // Less than a byte is rounding.
        if flow.left >= 1.0 && ends > now {
            flow.wakes = ends;
            if ends < Time::NEVER {
                out.push(NetworkOutput::Wake { at: ends, timer: NetworkTimer::FlowEnds(id) });
            }
            return;
        }
        let rest = flow.left;
        if flow.until.is_some() {
            self.drop_rest(id, rest);
        } else {
            self.count(id, rest);
        }
        self.end_flow(now, id, out);
        let Some(row) = self.phases.get_mut(phase) else { return };
        row.flows.retain(|other| *other != id);
        let is_over = row.is_over();
        self.rates_changed(now, out);
        if is_over {
            self.end_phase(now, phase, out);
        }
    }

    pub(super) fn end_flow(&mut self, now: Time, id: FlowId, out: &mut Vec<NetworkOutput>) {
        self.sharing.0.end(id, &mut self.changed);
        let flow = &mut self.flows[id];
        let Flow { phase, end, offered, .. } = *flow;
        flow.phase = None;
        flow.wakes = Time::NEVER;
        let (container, heading) = (flow.container, flow.heading);
        if let Some(phase) = phase.filter(|_| offered.is_none()) {
            self.close_port(now, phase, end.other);
        }
        // The rest of its container may use less than its cap now.
        if let Some(container) = container {
            self.use_cap(now, container, heading, out);
        }
    }

    /// All has moved, or nobody wants it any more.
    pub(super) fn end_phase(
        &mut self,
        now: Time,
        handle: Handle<MovingPhase>,
        out: &mut Vec<NetworkOutput>,
    ) {
        let Some(row) = self.phases.get_mut(handle) else { return };
        let is_complete = row.is_over();
        for flow in std::mem::take(&mut row.flows) {
            self.progress(now, flow);
            self.end_flow(now, flow, out);
        }
        self.rates_changed(now, out);
        if self.phases.get(handle).is_some_and(|row| row.openings > 0) {
            self.forget(now, handle);
        }
        let Some(phase) = self.phases.remove(handle) else { return };
        let throttled = phase.container.map_or(Span::ZERO, |it| self.throttled(it));
        let throttled = throttled - phase.throttled_before;
        self.totals.throttled = self.totals.throttled + throttled;
        if !is_complete {
            self.totals.abandoned += phase.unmoved();
        }
        let host = phase.record.host;
        let rows = &mut self.hosts[host];
        let (rows, slot) = match phase.mover {
            Mover::Task(task) => (&mut rows.phases, task.slot()),
            Mover::Fetch(call) => (&mut rows.downloads, call.slot()),
        };
        *slot_of(rows, slot) = None;
        if let Some(container) = phase.container {
            self.leave_container(container);
        }
        if let Some(executor) = phase.executor {
            self.hosts[host].keep(executor, &phase.record);
        }
        let record = TransferRecord { throttled, is_complete, ..phase.record };
        out.push(NetworkOutput::Observe(Observation::TransferEnded(record)));
        if is_complete {
            out.push(match phase.mover {
                Mover::Task(task) => NetworkOutput::Moved(host, task),
                Mover::Fetch(call) => NetworkOutput::Downloaded(host, call),
            });
        }
    }
}

/// The place of a slot in a table that grows.
pub(super) fn slot_of<T>(rows: &mut Vec<Option<T>>, slot: u32) -> &mut Option<T> {
    let slot = slot as usize;
    if slot >= rows.len() {
        rows.resize_with(slot + 1, || None);
    }
    &mut rows[slot]
}

/// When so many bytes have moved; never where nothing moves.
pub(super) fn end_of(now: Time, left: f64, rate: f64) -> Time {
    if left <= 0.0 {
        return now;
    }
    let nanos = (left / rate * 1e9).ceil();
    Span::from_secs_f64(nanos / 1e9).map_or(Time::NEVER, |span| now + span)
}
