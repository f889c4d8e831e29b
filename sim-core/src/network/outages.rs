//! Hosts that are off or cut off. Over their cards nothing moves: flows end there, and what they have not
//! moved yet waits for both ends. What may come from any host, or go to any, is had from another one
//! where the first is off; where it is only cut off nobody knows that it will not be back at once.

use super::connections::Opening;
use super::flows::{Flow, MovingPhase};
use super::{Network, NetworkOutput};
use crate::arena::Handle;
use crate::job::Heading;
use crate::protocol::HostId;
use policy_api::{FlowId, Time};
use rand::RngExt;

/// Whether the network reaches a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    Up,
    /// By a partition.
    Cut,
    /// Without power.
    Off,
}

/// The other end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// `None` for the outside.
    pub(super) other: Option<HostId>,
    /// It was drawn: any other host would do as well.
    pub(super) is_drawn: bool,
}

/// What is to move between two ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    pub(super) phase: Handle<MovingPhase>,
    pub(super) heading: Heading,
    pub(super) end: End,
    pub(super) bytes: f64,
    /// Bytes a second that are sent whatever becomes of them; `None` where the sender adapts.
    pub(super) offered: Option<f64>,
}

impl Network {
    /// From now on a host can be reached so.
    pub fn set_reach(
        &mut self,
        now: Time,
        host: HostId,
        reach: Reach,
        out: &mut Vec<NetworkOutput>,
    ) {
        let Some(row) = self.hosts.get_mut(host) else { return };
        let before = std::mem::replace(&mut row.reach, reach);
        if before == reach {
            return;
        }
        if before == Reach::Up {
            self.unreached += 1;
            self.interrupt(now, host, out);
        } else if reach == Reach::Up {
            self.unreached -= 1;
        }
        // Some that waited may have their other end again, or find another one.
        for rest in std::mem::take(&mut self.waiting) {
            if let Some(row) = self.phases.get_mut(rest.phase) {
                row.openings -= 1;
                self.connect(now, rest, out);
            }
        }
        self.rates_changed(now, out);
    }

    /// Ends the flows over the card of a host.
    fn interrupt(&mut self, now: Time, host: HostId, out: &mut Vec<NetworkOutput>) {
        let crosses = |id: &FlowId| {
            let flow = &self.flows[*id];
            let from = flow.phase.and_then(|it| self.phases.get(it)).map(|row| row.record.host);
            from.is_some_and(|from| {
                let other = flow.end.other;
                other != Some(from) && (from == host || other == Some(host))
            })
        };
        let crossing: Vec<FlowId> = self.flows.ids().filter(crosses).collect();
        for id in crossing {
            self.progress(now, id);
            let (phase, rest) = (self.flows[id].phase, self.flows[id].left);
            // With less than a byte left it is over: its timer is about to fire.
            let Some(phase) = phase.filter(|_| rest >= 1.0) else { continue };
            let Flow { heading, end, offered, .. } = self.flows[id];
            self.end_flow(now, id, out);
            if let Some(row) = self.phases.get_mut(phase) {
                row.flows.retain(|other| *other != id);
            }
            self.totals.interrupted += 1;
            self.connect(now, Rest { phase, heading, end, bytes: rest, offered }, out);
        }
    }

    /// The other end as it can be reached now; `None` where one has to wait.
    pub(super) fn reached(&mut self, host: HostId, end: End) -> Option<End> {
        if self.unreached == 0 || end.other == Some(host) {
            return Some(end);
        }
        if self.reach(host) != Reach::Up {
            return None;
        }
        match end.other.map_or(Reach::Up, |other| self.reach(other)) {
            Reach::Up => Some(end),
            Reach::Off if end.is_drawn => self.draw_another(host),
            Reach::Cut | Reach::Off => None,
        }
    }

    fn reach(&self, host: HostId) -> Reach {
        self.hosts.get(host).map_or(Reach::Up, |row| row.reach)
    }

    fn draw_another(&mut self, host: HostId) -> Option<End> {
        let is_up = |it: &HostId| *it != host && self.reach(*it) == Reach::Up;
        let up: Vec<HostId> = self.hosts.ids().filter(is_up).collect();
        if up.is_empty() {
            return None;
        }
        let other = up[self.peers.random_range(0..up.len())];
        Some(End { other: Some(other), is_drawn: true })
    }

    /// A connection is made; meanwhile one of its ends may have gone.
    pub(super) fn opened(
        &mut self,
        now: Time,
        opening: Handle<Opening>,
        out: &mut Vec<NetworkOutput>,
    ) {
        let Some(opening) = self.openings.remove(opening) else { return };
        let Some(row) = self.phases.get_mut(opening.rest.phase) else { return };
        row.openings -= 1;
        let host = row.record.host;
        match opening.demand {
            Some(demand) if self.reached(host, opening.rest.end) == Some(opening.rest.end) => {
                self.start_flow(now, opening.rest, &demand);
            }
            Some(_) => {
                self.close_port(now, opening.rest.phase, opening.rest.end.other);
                self.connect(now, opening.rest, out);
            }
            None => self.connect(now, opening.rest, out),
        }
        self.rates_changed(now, out);
    }

    /// What was still to begin of a phase that is over.
    pub(super) fn forget(&mut self, now: Time, phase: Handle<MovingPhase>) {
        self.waiting.retain(|rest| rest.phase != phase);
        let of_phase = |(handle, row): (Handle<Opening>, &Opening)| {
            (row.rest.phase == phase).then_some(handle)
        };
        let openings: Vec<Handle<Opening>> = self.openings.entries().filter_map(of_phase).collect();
        for opening in openings {
            let opening = self.openings.remove(opening);
            if let Some(opening) = opening.filter(|opening| opening.demand.is_some()) {
                self.close_port(now, phase, opening.rest.end.other);
            }
        }
    }
}
