//! Lets the bytes of tasks move.

use super::{Event, Simulation, Submission};
use crate::agent::{self, NetworkOrder};
use crate::framework::Framework;
use crate::network::{Network, NetworkOutput, NetworkTimer, Reach};
use crate::observe::Observer;
use crate::protocol::HostId;
use policy_api::{Allocator, Time};

impl<A, F, W, E> Simulation<A, F, W>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    /// Gives the cluster a network, before its first step. Without one, the bytes of tasks take no time,
    /// and each agent has a link of its own for its downloads.
    pub fn connect(&mut self, network: Network) {
        for host in &mut self.hosts {
            host.agent.download_over_network();
        }
        self.network = Some(network);
    }

    pub const fn network(&self) -> Option<&Network> {
        self.network.as_ref()
    }

    pub(super) fn network_order(
        &mut self,
        now: Time,
        host: HostId,
        order: &NetworkOrder,
        observer: &mut impl Observer,
    ) {
        if let Some(network) = &mut self.network {
            network.order(now, host, order, &mut self.scratch.network);
            self.route_network(now, observer);
            return;
        }
        let done = match order {
            NetworkOrder::Start(order) => agent::Input::Moved(order.task),
            NetworkOrder::Download(order) => agent::Input::Downloaded(order.call),
            NetworkOrder::Update { .. }
            | NetworkOrder::Stop { .. }
            | NetworkOrder::StopDownload { .. } => return,
        };
        self.push(now, Event::Agent(host, done));
    }

    pub(super) fn wake_network(
        &mut self,
        now: Time,
        timer: NetworkTimer,
        observer: &mut impl Observer,
    ) {
        if let Some(network) = &mut self.network {
            network.wake(now, timer, &mut self.scratch.network);
            self.route_network(now, observer);
        }
    }

    /// The network learns whether a host is there, after something that may have changed it.
    pub(super) fn notice_reach(&mut self, now: Time, host: HostId, observer: &mut impl Observer) {
        let reach = if !self.hosts[host].agent.has_power() {
            Reach::Off
        } else if self.is_host_cut_off(host) {
            Reach::Cut
        } else {
            Reach::Up
        };
        if let Some(network) = &mut self.network {
            network.set_reach(now, host, reach, &mut self.scratch.network);
            self.route_network(now, observer);
        }
    }

    fn route_network(&mut self, now: Time, observer: &mut impl Observer) {
        let mut outputs = std::mem::take(&mut self.scratch.network);
        for output in outputs.drain(..) {
            match output {
                NetworkOutput::Moved(host, task) => {
                    self.push(now, Event::Agent(host, agent::Input::Moved(task)));
                }
                NetworkOutput::Downloaded(host, call) => {
                    self.push(now, Event::Agent(host, agent::Input::Downloaded(call)));
                }
                NetworkOutput::Wake { at, timer } => self.push(at, Event::Network(timer)),
                NetworkOutput::Observe(observation) => observer.observe(now, &observation),
            }
        }
        self.scratch.network = outputs;
    }
}
