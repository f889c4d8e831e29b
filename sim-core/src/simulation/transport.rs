//! Connections, encryption and the master's queue, between the machines (`crate::transport`).

use super::{Event, Simulation, Submission};
use crate::faults::Peer;
use crate::framework::Framework;
use crate::master;
use crate::network::{Delivery, Direction};
use crate::protocol::HostId;
use crate::transport::{
    Certificate, ConnectionOptions, Endpoint, Handshake, Station, TlsTime, TransportCounters,
    TransportOptions,
};
use policy_api::{Allocator, FrameworkId, IdVec, Span, Time};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// What stands between the machines.
pub(super) struct Transport {
    options: TransportOptions,
    /// Draws which handshakes resume a session.
    draws: Pcg64Mcg,
    /// The master's thread.
    master: Station,
    /// The thread of the master's process that serves all connections; what it encrypts and decrypts
    /// passes through it in order.
    event_loop: Station,
    hosts: IdVec<HostId, [Line; 2]>,
    frameworks: IdVec<FrameworkId, [Line; 2]>,
    /// Whose certificates nobody trusts at the moment; `None` is the master.
    distrusted: Vec<Option<Peer>>,
    counters: TransportCounters,
}

/// One direction of a link.
#[derive(Default)]
struct Line {
    /// The connection of the link that the state is of.
    connection: u32,
    state: State,
    /// When its last message arrives.
    latest: Time,
    /// Whether there was a session to resume.
    has_session: bool,
}

#[derive(Default)]
enum State {
    #[default]
    Closed,
    Opening(Box<Opening>),
    Open {
        encrypted: bool,
    },
}

struct Opening {
    outcome: Handshake,
    /// What the master's process has to do for it.
    master_time: TlsTime,
    /// What the other end has to do.
    peer_time: TlsTime,
    /// Of the messages of the handshake.
    bytes: u64,
    /// From then on until the first message can be sent.
    rest: Span,
    waiting: Vec<Waiting>,
}

/// A message that waits for its connection.
struct Waiting {
    delay: Span,
    bytes: u64,
    event: Event,
}

/// A connection makes progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The master's process has to do its part.
    AtMaster,
    Opened,
    Refused,
}

/// What the transport has cost so far, and what the master has yet to do.
#[derive(Clone, Copy, Debug)]
pub struct TransportReport<'a> {
    /// The master's thread.
    pub master: &'a Station,
    /// The thread that serves its connections.
    pub event_loop: &'a Station,
    pub counters: TransportCounters,
}

impl Transport {
    pub(super) fn new(options: TransportOptions, draws: Pcg64Mcg) -> Self {
        Self {
            options,
            draws,
            master: Station::default(),
            event_loop: Station::default(),
            hosts: IdVec::new(),
            frameworks: IdVec::new(),
            distrusted: Vec::new(),
            counters: TransportCounters::default(),
        }
    }

    /// The master's process has ended, with all that waited in it.
    pub(super) fn reset(&mut self, now: Time) {
        self.master.reset(now);
        self.event_loop.reset(now);
    }

    pub(super) fn distrust(&mut self, of: Option<Peer>) {
        self.distrusted.push(of);
    }

    pub(super) fn trust_again(&mut self, of: Option<Peer>) {
        if let Some(index) = self.distrusted.iter().position(|other| *other == of) {
            self.distrusted.swap_remove(index);
        }
    }

    /// When the master has handled something that arrives now, of which so many bytes are encrypted.
    fn serve(&mut self, now: Time, encrypted_bytes: u32, input: &master::Input) -> Time {
        let mut at = now;
        if let Some(connections) = &self.options.connections {
            let time = match encrypted_bytes {
                0 => TlsTime::ZERO,
                bytes => connections.tls.message(u64::from(bytes)),
            };
            self.counters.master = self.counters.master + time;
            at = self.event_loop.serve(now, time.sum());
        }
        match &self.options.service {
            Some(times) => self.master.serve(at, times.of(input)),
            None => at,
        }
    }

    fn line(&mut self, peer: Peer, direction: Direction, connection: u32) -> &mut Line {
        let lines = match peer {
            Peer::Host(host) => self.hosts.grow_to(host, Default::default),
            Peer::Framework(framework) => self.frameworks.grow_to(framework, Default::default),
        };
        let line = &mut lines[direction as usize];
        if line.connection != connection {
            // Another connection of the link: what waited for the one before it is lost with it.
            line.connection = connection;
            line.state = State::Closed;
        }
        line
    }

    fn endpoint(&self, connections: &ConnectionOptions, of: Option<Peer>) -> Endpoint {
        let endpoint = match of {
            None => connections.master,
            Some(Peer::Host(_)) => connections.agents,
            Some(Peer::Framework(_)) => connections.frameworks,
        };
        if self.distrusted.contains(&of) {
            return Endpoint { certificate: Certificate::Untrusted, ..endpoint };
        }
        endpoint
    }

    /// Asks for a connection over a link with this delay: what comes next, and when.
    fn open(
        &mut self,
        now: Time,
        connections: &ConnectionOptions,
        (peer, direction): (Peer, Direction),
        delay: Span,
        has_session: bool,
    ) -> (Opening, Progress, Time) {
        let (master, other) =
            (self.endpoint(connections, None), self.endpoint(connections, Some(peer)));
        let (client, server) = match direction {
            Direction::ToMaster => (other, master),
            Direction::FromMaster => (master, other),
        };
        let round_trip = delay * 2;
        let outcome = Handshake::between(client, server);
        let mut opening = Opening {
            outcome,
            master_time: TlsTime::ZERO,
            peer_time: TlsTime::ZERO,
            bytes: 0,
            rest: Span::ZERO,
            waiting: Vec::new(),
        };
        let Handshake::Tls { checks_server, checks_client } = outcome else {
            let (round_trips, progress) = match outcome {
                Handshake::Plain => (1, Progress::Opened),
                Handshake::Downgraded => (3, Progress::Opened),
                Handshake::Tls { .. } | Handshake::Refused(_) => (2, Progress::Refused),
            };
            return (opening, progress, now + round_trip * round_trips);
        };
        let tls = connections.tls;
        let resumes = has_session
            && tls.resumption > 0
            && self.draws.random_range(0..1_000_000) < tls.resumption;
        let handshake = if resumes {
            tls.resumed_handshake()
        } else {
            tls.full_handshake(checks_server, checks_client)
        };
        self.counters.resumed += u64::from(resumes);
        opening.bytes = handshake.bytes;
        let round_trips = round_trip * u64::from(handshake.round_trips);
        let until_master = match direction {
            // The last word of the client comes to the master, which answers.
            Direction::ToMaster => {
                opening.master_time = handshake.server;
                opening.peer_time = handshake.client;
                opening.rest = delay;
                round_trips + delay + handshake.client.sum()
            }
            // The first word of the server comes to the master, which sends its part and waits.
            Direction::FromMaster => {
                opening.master_time = handshake.client;
                opening.peer_time = handshake.server;
                opening.rest = round_trip + handshake.server.sum();
                round_trips
            }
        };
        (opening, Progress::AtMaster, now + until_master)
    }
}

impl TransportCounters {
    fn count_peer(&mut self, peer: Peer, time: TlsTime) {
        let of_peer = match peer {
            Peer::Host(_) => &mut self.agents,
            Peer::Framework(_) => &mut self.frameworks,
        };
        *of_peer = *of_peer + time;
    }
}

impl<A, F, W, E> Simulation<A, F, W>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    /// From now on messages and the master cost what these options say.
    pub fn use_transport(&mut self, options: TransportOptions, draws: Pcg64Mcg) {
        self.transport = Some(Box::new(Transport::new(options, draws)));
    }

    /// What the transport has cost so far, if it costs anything.
    pub fn transport(&self) -> Option<TransportReport<'_>> {
        self.transport.as_ref().map(|transport| TransportReport {
            master: &transport.master,
            event_loop: &transport.event_loop,
            counters: transport.counters,
        })
    }

    /// Something that the master hears by itself at this time, such as the end of a connection.
    pub(super) fn inform_master(&mut self, at: Time, input: master::Input) {
        let event = self.for_master(0, input);
        self.push(at, event);
    }

    /// What arrives at the master waits its turn, where the master takes time.
    pub(super) fn for_master(&self, encrypted_bytes: u32, input: master::Input) -> Event {
        match self.transport {
            Some(_) => Event::ToMaster(self.term, encrypted_bytes, input),
            None => Event::Master(self.term, input),
        }
    }

    pub(super) fn arrive_at_master(
        &mut self,
        now: Time,
        encrypted_bytes: u32,
        input: master::Input,
    ) {
        let at = match &mut self.transport {
            Some(transport) => transport.serve(now, encrypted_bytes, &input),
            None => now,
        };
        self.push(at, Event::Master(self.term, input));
    }

    /// The connection that who sends this way believes to have.
    fn connection_of(&self, (peer, direction): (Peer, Direction)) -> u32 {
        match (peer, direction) {
            (Peer::Host(host), Direction::ToMaster) => self.hosts[host].connection,
            (Peer::Host(host), Direction::FromMaster) => self.hosts[host].linked,
            (Peer::Framework(framework), _) => self.schedulers[framework].connection.0,
        }
    }

    /// Sends a message over a link; `entries` is how much it lists.
    pub(super) fn transmit(
        &mut self,
        now: Time,
        (peer, direction): (Peer, Direction),
        delivery: Delivery,
        entries: usize,
        event: Event,
    ) {
        let options = self.transport.as_ref().and_then(|transport| transport.options.connections);
        let (Some(connections), Delivery::At(at) | Delivery::Twice(at, _)) = (options, delivery)
        else {
            return self.carry(delivery, event);
        };
        let waiting =
            Waiting { delay: at.since(now), bytes: connections.sizes.bytes(entries), event };
        let connection = self.connection_of((peer, direction));
        let Some(transport) = &mut self.transport else { return };
        let line = transport.line(peer, direction, connection);
        match &mut line.state {
            State::Open { encrypted } => {
                let encrypted = *encrypted;
                self.launch(now, (peer, direction), encrypted, waiting);
            }
            State::Opening(opening) => opening.waiting.push(waiting),
            State::Closed => {
                let has_session = line.has_session;
                let (mut opening, progress, at) = transport.open(
                    now,
                    &connections,
                    (peer, direction),
                    waiting.delay,
                    has_session,
                );
                opening.waiting.push(waiting);
                transport.line(peer, direction, connection).state =
                    State::Opening(Box::new(opening));
                self.push(at, Event::Connection(peer, direction, connection, progress));
            }
        }
    }

    /// A message leaves over an open connection.
    fn launch(
        &mut self,
        now: Time,
        (peer, direction): (Peer, Direction),
        encrypted: bool,
        message: Waiting,
    ) {
        let connection = self.connection_of((peer, direction));
        let Some(transport) = &mut self.transport else { return };
        let Waiting { delay, bytes, mut event } = message;
        let mut cost = TlsTime::ZERO;
        if let (true, Some(connections)) = (encrypted, &transport.options.connections) {
            let tls = connections.tls;
            cost = tls.message(bytes);
            transport.counters.bytes += bytes;
            transport.counters.overhead_bytes += tls.overhead(bytes);
            transport.counters.count_peer(peer, cost);
        }
        let time = cost.sum();
        let at = match direction {
            Direction::ToMaster => {
                if let Event::ToMaster(_, encrypted_bytes, _) = &mut event
                    && encrypted
                {
                    *encrypted_bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
                }
                now + time + delay
            }
            Direction::FromMaster => {
                transport.counters.master = transport.counters.master + cost;
                transport.event_loop.serve(now, time) + delay + time
            }
        };
        let line = transport.line(peer, direction, connection);
        // A short message does not overtake a long one.
        line.latest = line.latest.max(at);
        let at = line.latest;
        self.push(at, event);
    }

    /// A connection that is being opened has come further.
    pub(super) fn connection_progress(
        &mut self,
        now: Time,
        (peer, direction): (Peer, Direction),
        connection: u32,
        progress: Progress,
    ) {
        if connection != self.connection_of((peer, direction)) {
            return;
        }
        let Some(transport) = &mut self.transport else { return };
        let line = transport.line(peer, direction, connection);
        let State::Opening(opening) = &mut line.state else { return };
        match progress {
            Progress::AtMaster => {
                let (time, rest) = (opening.master_time, opening.rest);
                let done = transport.event_loop.serve(now, time.sum());
                transport.counters.master = transport.counters.master + time;
                let opened = Event::Connection(peer, direction, connection, Progress::Opened);
                self.push(done + rest, opened);
            }
            Progress::Opened => {
                let waiting = std::mem::take(&mut opening.waiting);
                let (outcome, bytes, time) = (opening.outcome, opening.bytes, opening.peer_time);
                let encrypted = matches!(outcome, Handshake::Tls { .. });
                line.state = State::Open { encrypted };
                line.has_session |= encrypted;
                transport.counters.connections += 1;
                transport.counters.handshakes += u64::from(encrypted);
                transport.counters.handshake_bytes += bytes;
                transport.counters.count_peer(peer, time);
                transport.counters.downgraded += u64::from(outcome == Handshake::Downgraded);
                for message in waiting {
                    self.launch(now, (peer, direction), encrypted, message);
                }
            }
            Progress::Refused => {
                line.state = State::Closed;
                transport.counters.refused += 1;
                self.connection_refused(now, peer, direction);
            }
        }
    }

    /// Nobody answers who asks in vain: what was to be sent is lost, and whoever watches the link hears of
    /// that.
    fn connection_refused(&mut self, now: Time, peer: Peer, direction: Direction) {
        match (peer, direction) {
            // The agent says it again.
            (Peer::Host(_), Direction::ToMaster) => {}
            (Peer::Host(host), Direction::FromMaster) => {
                self.inform_master(now, master::Input::AgentExited { host });
            }
            (Peer::Framework(framework), _) => self.connection_broke(now, framework),
        }
    }
}
