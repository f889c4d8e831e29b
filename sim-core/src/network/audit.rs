//! What can be asked of a network from outside, to check it (`spec/network.md` 6.7).

use super::Network;
use super::flows::Mover;
use crate::agent::Task;
use crate::agent::fetcher::Call;
use crate::arena::Handle;
use crate::protocol::HostId;
use policy_api::LinkId;

impl Network {
    /// The tasks whose bytes move now, each on its host.
    pub fn moving(&self) -> impl Iterator<Item = (HostId, Handle<Task>)> {
        self.phases.iter().filter_map(|phase| match phase.mover {
            Mover::Task(task) => Some((phase.record.host, task)),
            Mover::Fetch(_) => None,
        })
    }

    /// The downloads under way, each for a call of the fetcher of its host.
    pub fn downloading(&self) -> impl Iterator<Item = (HostId, Handle<Call>)> {
        self.phases.iter().filter_map(|phase| match phase.mover {
            Mover::Task(_) => None,
            Mover::Fetch(call) => Some((phase.record.host, call)),
        })
    }

    /// The bytes of phases under way that have not moved: what was ordered less what was counted, and
    /// what their flows and connections still have to move.
    pub fn unmoved(&self) -> (f64, f64) {
        let rest = self.phases.iter().map(super::flows::MovingPhase::unmoved).sum();
        let flows = self.flows.iter().filter(|flow| flow.phase.is_some()).map(|flow| flow.left);
        let openings = self.openings.iter().map(|row| row.rest.bytes);
        let waiting = self.waiting.iter().map(|rest| rest.bytes);
        (rest, flows.chain(openings).chain(waiting).sum())
    }

    /// The caps of containers that move something now: what they allow and what is used.
    pub fn caps(&self) -> impl Iterator<Item = (HostId, f64, f64)> {
        let sharing = &self.sharing.0;
        let of = |link: &LinkId| (sharing.capacity(*link), sharing.load(*link));
        self.containers.iter().flat_map(move |row| {
            let links = row.caps.iter().flatten().map(|(link, _)| link);
            links.map(move |link| (row.host, of(link))).map(|(host, (cap, used))| (host, cap, used))
        })
    }
}
