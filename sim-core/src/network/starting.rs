//! How flows begin: other ends are drawn, connections are made, and what cannot begin yet waits.

use super::connections::Opening;
use super::flows::{Flow, MovingPhase, end_of};
use super::outages::{End, Rest};
use super::{Network, NetworkOutput, NetworkTimer};
use crate::arena::Handle;
use crate::job::{Heading, Remote, Transfer};
use crate::protocol::HostId;
use policy_api::{DenseId, FlowDemand, GroupId, Span, Time};
use rand::RngExt;

impl Network {
    pub(super) fn start_transfer(
        &mut self,
        now: Time,
        host: HostId,
        phase: Handle<MovingPhase>,
        transfer: &Transfer,
        out: &mut Vec<NetworkOutput>,
    ) {
        let (heading, bytes) = (transfer.heading, transfer.bytes as f64);
        let offered = transfer.rate.map(|rate| rate as f64);
        let mut connect = |network: &mut Self, end: End, parts: usize| {
            let (bytes, offered) = (bytes / parts as f64, offered.map(|it| it / parts as f64));
            network.connect(now, Rest { phase, heading, end, bytes, offered }, out);
        };
        match transfer.remote {
            Remote::Outside => connect(self, End { other: None, is_drawn: false }, 1),
            Remote::Host(other) => connect(self, End { other: Some(other), is_drawn: false }, 1),
            Remote::Hosts(count) => {
                let others = self.draw_others(host, count as usize);
                for other in &others {
                    connect(self, End { other: Some(*other), is_drawn: true }, others.len());
                }
            }
        }
    }

    /// As many different hosts as there are; the host itself where it is alone.
    fn draw_others(&mut self, host: HostId, count: usize) -> Vec<HostId> {
        let all = self.hosts.len();
        if count + 1 >= all {
            let others: Vec<HostId> = self.hosts.ids().filter(|other| *other != host).collect();
            return if others.is_empty() { vec![host] } else { others };
        }
        let mut chosen = Vec::with_capacity(count.max(1));
        while chosen.len() < count.max(1) {
            let other = HostId::from_index(self.peers.random_range(0..all));
            if other != host && !chosen.contains(&other) {
                chosen.push(other);
            }
        }
        chosen
    }

    /// Starts a flow, or the connection that it is to have first, once its other end can be reached.
    pub(super) fn connect(&mut self, now: Time, rest: Rest, out: &mut Vec<NetworkOutput>) {
        let Rest { phase, heading, bytes, .. } = rest;
        let Some(row) = self.phases.get(phase) else { return };
        let (host, container) = (row.record.host, row.container);
        let Some(end) = self.reached(host, rest.end) else {
            self.waiting.push(rest);
            self.opens(phase);
            return;
        };
        let other = end.other;
        let cap = container.and_then(|container| self.containers.get(container));
        let cap = cap.and_then(|it| it.caps[heading as usize]);
        let path = self.links.path(host, other, heading, cap.map(|(link, _)| link));
        // What leaves a card is its container's, or the host's own.
        let group = match heading {
            Heading::Send => {
                container.map_or(usize::MAX, |it| self.hosts.len() + it.slot() as usize)
            }
            Heading::Receive => other.map_or(usize::MAX, DenseId::index),
        };
        let is_on_card = other.is_some_and(|other| other != host) || heading == Heading::Send;
        let group = (is_on_card && group != usize::MAX).then(|| GroupId::from_index(group));
        let demand = FlowDemand { group, ..FlowDemand::over(path) };
        let rest = Rest { end, ..rest };
        if let Some(rate) = rest.offered {
            // It is sent without a connection.
            self.start_flow(now, rest, &FlowDemand { cap: Some(rate), ..demand });
            return;
        }
        if !self.take_port(now, rest, out) {
            return;
        }
        let Some(connections) = &mut self.connections else {
            self.start_flow(now, rest, &demand);
            return;
        };
        let distance = self.links.distance(host, other);
        let delay = connections.delay(distance, &demand, bytes, &*self.sharing.0);
        let opening = Opening { rest, demand: Some(demand) };
        let timer = NetworkTimer::Opened(self.openings.insert(opening));
        // What nothing carries never begins.
        if delay < Span::MAX {
            out.push(NetworkOutput::Wake { at: now + delay, timer });
        }
        self.opens(phase);
    }

    fn opens(&mut self, phase: Handle<MovingPhase>) {
        if let Some(row) = self.phases.get_mut(phase) {
            row.openings += 1;
        }
    }

    pub(super) fn start_flow(&mut self, now: Time, rest: Rest, demand: &FlowDemand) {
        let Rest { phase, heading, end, bytes, offered } = rest;
        let Some(row) = self.phases.get_mut(phase) else { return };
        let container = row.container;
        let id = self.sharing.0.start(demand, &mut self.changed);
        row.flows.push(id);
        let flow = Flow {
            phase: Some(phase),
            container,
            heading,
            end,
            offered,
            until: offered.map(|rate| end_of(now, bytes, rate)),
            left: bytes,
            rate: 0.0,
            since: now,
            wakes: Time::NEVER,
        };
        *self.flows.grow_to(id, || flow) = flow;
        self.totals.flows += 1;
    }
}
