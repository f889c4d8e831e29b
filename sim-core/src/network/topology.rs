//! What bytes cross on their way: cards, uplinks of racks, the core, loopback.

use crate::job::Heading;
use crate::protocol::HostId;
use policy_api::{BandwidthSharing, Distance, FlowPath, IdVec, LinkId, Shaping};
use std::sync::Arc;

/// The network of a cluster. Speeds are bytes a second.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    pub hosts: IdVec<HostId, HostNetwork>,
    /// The speed of each rack's uplink, in each direction.
    pub racks: Vec<f64>,
    /// What all racks, and hosts without a rack, share with each other and the outside in each
    /// direction; `None` where that is no limit.
    pub core: Option<f64>,
}

/// How a host is connected.
#[derive(Clone, Debug)]
pub struct HostNetwork {
    /// The speed of its card, in each direction.
    pub card: f64,
    pub loopback: f64,
    /// The index of its rack.
    pub rack: Option<usize>,
    /// The caps of its containers.
    pub egress: Option<Arc<dyn Shaping>>,
    pub ingress: Option<Arc<dyn Shaping>>,
}

/// A link that is not a container's. Up is towards the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkName {
    HostUp(HostId),
    HostDown(HostId),
    Loopback(HostId),
    RackUp(usize),
    RackDown(usize),
    CoreUp,
    CoreDown,
}

/// The links of a topology.
#[derive(Clone, Debug)]
pub(super) struct Links {
    hosts: IdVec<HostId, HostLinks>,
    racks: Vec<Duplex>,
    core: Option<Duplex>,
}

#[derive(Clone, Copy, Debug)]
struct Duplex {
    up: LinkId,
    down: LinkId,
}

impl Duplex {
    fn new(capacity: f64, sharing: &mut dyn BandwidthSharing) -> Self {
        Self { up: sharing.add_link(capacity), down: sharing.add_link(capacity) }
    }
}

#[derive(Clone, Debug)]
struct HostLinks {
    card: Duplex,
    loopback: LinkId,
    rack: Option<usize>,
    egress: Option<Arc<dyn Shaping>>,
    ingress: Option<Arc<dyn Shaping>>,
}

impl Links {
    pub(super) fn new(topology: Topology, sharing: &mut dyn BandwidthSharing) -> Self {
        let racks: Vec<Duplex> =
            topology.racks.iter().map(|speed| Duplex::new(*speed, sharing)).collect();
        let core = topology.core.map(|speed| Duplex::new(speed, sharing));
        let host = |host: HostNetwork| HostLinks {
            card: Duplex::new(host.card, sharing),
            loopback: sharing.add_link(host.loopback),
            rack: host.rack.filter(|rack| *rack < racks.len()),
            egress: host.egress,
            ingress: host.ingress,
        };
        let hosts = topology.hosts.into_iter().map(host).collect();
        Self { hosts, racks, core }
    }

    pub(super) fn hosts(&self) -> impl Iterator<Item = HostId> + use<> {
        self.hosts.ids()
    }

    /// The caps of a host's containers, by [`Heading`].
    pub(super) fn shapings(&self, host: HostId) -> [Option<&dyn Shaping>; 2] {
        let host = &self.hosts[host];
        let mut caps = [None; 2];
        caps[Heading::Receive as usize] = host.ingress.as_deref();
        caps[Heading::Send as usize] = host.egress.as_deref();
        caps
    }

    pub(super) fn named(&self) -> impl Iterator<Item = (LinkName, LinkId)> {
        let core = self.core.into_iter();
        let core = core.flat_map(|it| [(LinkName::CoreUp, it.up), (LinkName::CoreDown, it.down)]);
        let racks = self.racks.iter().enumerate().flat_map(|(rack, it)| {
            [(LinkName::RackUp(rack), it.up), (LinkName::RackDown(rack), it.down)]
        });
        let hosts = self.hosts.enumerate().flat_map(|(host, it)| {
            [
                (LinkName::HostUp(host), it.card.up),
                (LinkName::HostDown(host), it.card.down),
                (LinkName::Loopback(host), it.loopback),
            ]
        });
        core.chain(racks).chain(hosts)
    }

    /// Those where packets wait in a switch rather than on a host.
    pub(super) fn of_switches(&self) -> impl Iterator<Item = LinkId> {
        let ways = self.racks.iter().chain(&self.core).flat_map(|it| [it.up, it.down]);
        ways.chain(self.hosts.iter().map(|host| host.card.down))
    }

    pub(super) fn distance(&self, host: HostId, other: Option<HostId>) -> Distance {
        let Some(other) = other else { return Distance::Across };
        let rack = |host: HostId| self.hosts.get(host).and_then(|host| host.rack);
        if host == other {
            Distance::SameAgent
        } else if rack(host).is_some() && rack(host) == rack(other) {
            Distance::SameRack
        } else {
            Distance::Across
        }
    }

    /// From a container to the other end, or the other way. No end means the outside. The cap of the
    /// container lies on its side of everything, of loopback too (`spec/network.md` 3.3).
    pub(super) fn path(
        &self,
        host: HostId,
        other: Option<HostId>,
        heading: Heading,
        cap: Option<LinkId>,
    ) -> FlowPath {
        let (from, to) = match heading {
            Heading::Send => (Some(host), other),
            Heading::Receive => (other, Some(host)),
        };
        let mut path = FlowPath::EMPTY;
        let mut cross = |link: Option<LinkId>| {
            // Six links at most.
            path = link.and_then(|link| path.with(link)).unwrap_or(path);
        };
        cross(cap);
        if from == to {
            cross(Some(self.hosts[host].loopback));
            return path;
        }
        let rack_of = |end: Option<HostId>| self.hosts.get(end?)?.rack;
        let card_of = |end: Option<HostId>| Some(self.hosts.get(end?)?.card);
        let stays = rack_of(from).is_some() && rack_of(from) == rack_of(to);
        cross(card_of(from).map(|card| card.up));
        if !stays {
            cross(rack_of(from).map(|rack| self.racks[rack].up));
            let core = self.core.map(|core| if to.is_none() { core.up } else { core.down });
            cross(core);
            cross(rack_of(to).map(|rack| self.racks[rack].down));
        }
        cross(card_of(to).map(|card| card.down));
        path
    }
}
