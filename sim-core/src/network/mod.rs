//! Links between the master and everyone else: how long a message takes, and whether it arrives. The
//! bytes that tasks move are in `flows.rs`, over the links of `topology.rs`.
//!
//! A link is a connection, so messages in one direction never overtake each other, and a message that is
//! lost means that the connection is broken.

mod audit;
mod caps;
mod connections;
mod downloads;
mod fault;
mod flows;
mod outages;
mod ports;
mod starting;
mod statistics;
mod topology;

pub use connections::Opening;
pub use fault::LinkFault;
pub use flows::{Container, Network, NetworkOutput, NetworkTimer, NetworkTotals};
pub use outages::Reach;
pub use ports::{ConnectOptions, TcpConnections};
pub use statistics::ContainerTraffic;
pub use topology::{HostNetwork, LinkName, Topology};

use crate::protocol::HostId;
use policy_api::{DenseId, FrameworkId, IdVec, Span, Time};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use std::ops::Add;

/// One-way delay of a message: a constant, and a part drawn uniformly from zero to `jitter`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    pub constant: Span,
    pub jitter: Span,
}

impl Latency {
    /// Draws only where there is jitter.
    fn draw(self, random: &mut Pcg64Mcg) -> Span {
        if self.jitter.is_zero() {
            return self.constant;
        }
        self.constant + Span::from_nanos(random.random_range(0..=self.jitter.as_nanos()))
    }
}

/// One delay after the other. The jitter stays one draw.
impl Add for Latency {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { constant: self.constant + other.constant, jitter: self.jitter + other.jitter }
    }
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    ToMaster,
    FromMaster,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    At(Time),
    /// The second time not before the first.
    Twice(Time, Time),
    Lost,
}

/// All links of one kind: master and agents, or master and frameworks.
#[derive(Clone, Debug)]
pub struct Links<I> {
    latency: Latency,
    jitter: Pcg64Mcg,
    /// The latest delivery in each direction, which the next one must not overtake. Empty while
    /// there is neither jitter nor a fault, because a constant delay keeps the order by itself.
    latest: IdVec<I, [Time; 2]>,
    /// Until when some link may be other than usual: [`Time::NEVER`] while there is a fault, then
    /// until all that it delayed has arrived. Before the first fault, zero.
    disturbed_until: Time,
    disturbances: Disturbances<I>,
}

/// The links that have or had faults.
#[derive(Clone, Debug)]
struct Disturbances<I> {
    /// Draws losses, duplicates and extra delays, so that a fault shifts no other draw.
    random: Pcg64Mcg,
    links: IdVec<I, Disturbed>,
    /// Faults of all links.
    active: usize,
    /// The latest delivery on any of these links.
    settled: Time,
}

#[derive(Clone, Debug, Default)]
struct Disturbed {
    faults: Vec<LinkFault>,
    /// All of them at once.
    effective: LinkFault,
    broken: bool,
}

impl Disturbed {
    fn combine(&mut self) {
        self.effective = self.faults.iter().copied().fold(LinkFault::default(), LinkFault::and);
    }
}

pub type AgentLinks = Links<HostId>;
pub type FrameworkLinks = Links<FrameworkId>;

impl<I: DenseId> Links<I> {
    /// Links without faults. `faults` is drawn from only while there are some.
    pub const fn new(latency: Latency, jitter: Pcg64Mcg, faults: Pcg64Mcg) -> Self {
        let disturbances =
            Disturbances { random: faults, links: IdVec::new(), active: 0, settled: Time::ZERO };
        Self { latency, jitter, latest: IdVec::new(), disturbed_until: Time::ZERO, disturbances }
    }

    /// When a message that is sent now arrives, if it does. Calls must be in the order of time.
    pub fn deliver(&mut self, now: Time, peer: I, direction: Direction) -> Delivery {
        if now < self.disturbed_until {
            return self.deliver_disturbed(now, peer, direction);
        }
        Delivery::At(self.deliver_as_usual(now, peer, direction))
    }

    fn deliver_as_usual(&mut self, now: Time, peer: I, direction: Direction) -> Time {
        let at = now + self.latency.draw(&mut self.jitter);
        if self.latency.jitter.is_zero() {
            return at;
        }
        self.in_order(at, peer, direction)
    }

    #[cold]
    fn deliver_disturbed(&mut self, now: Time, peer: I, direction: Direction) -> Delivery {
        let Some(link) = self.disturbances.links.get_mut(peer) else {
            return Delivery::At(self.deliver_as_usual(now, peer, direction));
        };
        let (fault, random) = (link.effective, &mut self.disturbances.random);
        // A lost message draws its usual delay too, so that other links keep theirs.
        let usual = self.latency.draw(&mut self.jitter);
        if fault.loses(direction, random) {
            link.broken = true;
            return Delivery::Lost;
        }
        let first = now + usual + fault.extra.draw(random);
        let second = fault.doubles(random).then(|| now + (self.latency + fault.extra).draw(random));
        let first = self.in_order(first, peer, direction);
        let second = second.map(|second| self.in_order(second, peer, direction));
        self.disturbances.settled = self.disturbances.settled.max(second.unwrap_or(first));
        second.map_or(Delivery::At(first), |second| Delivery::Twice(first, second))
    }

    /// Not before the message before it.
    fn in_order(&mut self, at: Time, peer: I, direction: Direction) -> Time {
        let latest = &mut self.latest.grow_to(peer, || [Time::ZERO; 2])[direction as usize];
        *latest = (*latest).max(at);
        *latest
    }

    /// What a message takes at least.
    pub const fn delay(&self) -> Span {
        self.latency.constant
    }

    /// From now on the link has this fault too. Messages that are on their way arrive as planned.
    pub fn add_fault(&mut self, peer: I, fault: LinkFault) {
        let link = self.disturbances.links.grow_to(peer, Disturbed::default);
        link.faults.push(fault);
        link.combine();
        self.disturbances.active += 1;
        self.disturbed_until = Time::NEVER;
    }

    /// One fault of the link that is equal to this one is over. Nothing happens where there is none.
    pub fn remove_fault(&mut self, peer: I, fault: LinkFault) {
        let Some(link) = self.disturbances.links.get_mut(peer) else { return };
        let Some(index) = link.faults.iter().position(|other| *other == fault) else { return };
        link.faults.remove(index);
        link.combine();
        self.disturbances.active -= 1;
        if self.disturbances.active == 0 {
            self.disturbed_until = self.disturbances.settled;
        }
    }

    /// Whether the link has a fault now.
    pub fn is_faulty(&self, peer: I) -> bool {
        self.disturbances.links.get(peer).is_some_and(|link| !link.faults.is_empty())
    }

    /// Whether nothing passes in this direction now.
    pub fn is_blocked(&self, peer: I, direction: Direction) -> bool {
        let link = self.disturbances.links.get(peer);
        link.is_some_and(|link| link.effective.blocked[direction as usize])
    }

    /// Whether a message was lost on the link since this was last asked: its connection is broken, and
    /// who sent it will hear of that.
    pub fn take_broken(&mut self, peer: I) -> bool {
        let link = self.disturbances.links.get_mut(peer);
        link.is_some_and(|link| std::mem::take(&mut link.broken))
    }
}
