//! Lets faults strike and go, and operators call.

use super::{Event, Simulation, Submission};
use crate::agent::{self, HostFault};
use crate::faults::{Fault, Peer};
use crate::framework::{self, Framework};
use crate::master::{self, Master, Request};
use crate::network::{Delivery, LinkFault};
use crate::observe::{FaultKind, FaultPhase, Observation, Observer};
use crate::protocol::HostId;
use policy_api::{Allocator, FrameworkId, Span, Time};
use rand::Rng;

/// The end of a fault.
#[derive(Clone, Debug)]
pub(super) enum Repair {
    Host(FaultKind, HostId, HostFault),
    Link(FaultKind, Peer, LinkFault),
    Framework(FrameworkId),
    /// A scheduler tries to connect again.
    Reconnect(FrameworkId),
    /// The heartbeats of a connection have been missing for too long.
    Silence(FrameworkId, crate::protocol::Connection),
    /// A message over a connection was lost: it is broken.
    Broken(FrameworkId, crate::protocol::Connection),
    /// It can be trusted again; `None` is the master's.
    Certificate(Option<Peer>),
    /// Another master leads.
    Election,
}

/// After this time without a heartbeat both sides give a scheduler's connection up.
const HEARTBEAT: Span = Span::from_secs(15);
/// How long a scheduler waits before it connects again.
const RECONNECTION: Span = Span::from_secs(1);
/// How long a cluster is without a master that has ended by itself.
const ELECTION: Span = Span::from_secs(10);

impl<A, F, W, E> Simulation<A, F, W>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    pub(super) fn schedule_fault(&mut self) {
        if let Some((at, fault)) = self.disturbances.faults.next() {
            self.push(at, Event::Fault(Box::new(fault)));
        }
    }

    pub(super) fn schedule_call(&mut self, number: u32) {
        if let Some((at, _, _)) = self.disturbances.calls.get(number as usize) {
            self.push(*at, Event::Operator(number));
        }
    }

    pub(super) fn operator_call(&mut self, now: Time, number: u32) {
        if let Some((_, call, principal)) = self.disturbances.calls.get(number as usize) {
            let request = Request { number, principal: principal.clone() };
            let call = Box::new(call.clone());
            self.inform_master(now, master::Input::Operator { request, call });
        }
        self.schedule_call(number + 1);
    }

    pub(super) fn fault(&mut self, now: Time, fault: Fault, observer: &mut impl Observer) {
        self.schedule_fault();
        let kind = fault.kind();
        observe(now, kind, FaultPhase::Begins, fault.target(), observer);
        match fault {
            Fault::AgentCrash { host, restart_after } => {
                self.strike(now, host, HostFault::AgentCrash, observer);
                self.agent_process_ended(now, host, true);
                if let Some(after) = restart_after {
                    let repair = Repair::Host(kind, host, HostFault::AgentRestart);
                    self.push(now + after, Event::Repair(Box::new(repair)));
                }
            }
            Fault::HostReboot { host, down_for } => {
                self.power_off(now, host, observer);
                let repair = Repair::Host(kind, host, HostFault::PowerOn);
                self.push(now + down_for, Event::Repair(Box::new(repair)));
            }
            Fault::HostReplacement { host, down_for } => {
                self.power_off(now, host, observer);
                let repair = Repair::Host(kind, host, HostFault::Replace);
                self.push(now + down_for, Event::Repair(Box::new(repair)));
            }
            Fault::Partition { peer, duration, closes, .. } => {
                self.disturb_link(now, &fault, duration);
                if let Peer::Host(host) = peer {
                    self.notice_reach(now, host, observer);
                }
                if closes {
                    self.break_link(now, peer, observer);
                }
            }
            Fault::SlowLink { duration, .. } | Fault::LossyLink { duration, .. } => {
                self.disturb_link(now, &fault, duration);
            }
            Fault::FrameworkCrash { framework, restart_after } => {
                self.schedulers[framework].is_up = false;
                self.schedulers[framework].has_started = false;
                self.tell_framework(now, framework, framework::Input::Crash, observer);
                self.close_connection(now, framework);
                if let Some(after) = restart_after {
                    let repair = Repair::Framework(framework);
                    self.push(now + after, Event::Repair(Box::new(repair)));
                }
            }
            Fault::ExecutorFailure { host } => {
                let draw = self.disturbances.draws.next_u64();
                self.strike(now, host, HostFault::ExecutorFailure { draw }, observer);
            }
            Fault::DiskFull { host, duration } => {
                self.strike(now, host, HostFault::DiskFull, observer);
                let repair = Repair::Host(kind, host, HostFault::DiskFreed);
                self.push(now + duration, Event::Repair(Box::new(repair)));
            }
            Fault::MasterCrash { election } => self.lose_master(now, election, observer),
            Fault::BadCertificate { of, duration } => {
                if let Some(transport) = &mut self.transport {
                    transport.distrust(of);
                }
                if duration < Span::MAX {
                    self.push(now + duration, Event::Repair(Box::new(Repair::Certificate(of))));
                }
            }
        }
    }

    pub(super) fn repair(&mut self, now: Time, repair: Repair, observer: &mut impl Observer) {
        let ends = FaultPhase::Ends;
        match repair {
            Repair::Host(kind, host, fault) => {
                observe(now, kind, ends, Some(Peer::Host(host)), observer);
                if matches!(fault, HostFault::PowerOn | HostFault::Replace) {
                    // The host that has come up resets the connection of before.
                    self.agent_process_ended(now, host, true);
                }
                self.strike(now, host, fault, observer);
                self.notice_reach(now, host, observer);
            }
            Repair::Link(kind, peer, fault) => {
                observe(now, kind, ends, Some(peer), observer);
                self.restore_link(now, peer, fault, observer);
            }
            Repair::Framework(framework) => {
                let target = Some(Peer::Framework(framework));
                observe(now, FaultKind::FrameworkCrash, ends, target, observer);
                self.schedulers[framework].is_up = true;
                self.reconnect(now, framework, observer);
            }
            Repair::Reconnect(framework) => self.reconnect(now, framework, observer),
            Repair::Silence(framework, connection) => {
                let scheduler = &self.schedulers[framework];
                let same = scheduler.is_connected && scheduler.connection == connection;
                if same && self.is_cut_off(framework) {
                    self.break_link(now, Peer::Framework(framework), observer);
                }
            }
            Repair::Broken(framework, connection) => {
                if self.schedulers[framework].connection == connection {
                    self.break_link(now, Peer::Framework(framework), observer);
                }
            }
            Repair::Certificate(of) => {
                observe(now, FaultKind::BadCertificate, ends, of, observer);
                if let Some(transport) = &mut self.transport {
                    transport.trust_again(of);
                }
            }
            Repair::Election => self.elect_master(now, observer),
        }
    }

    fn strike(&mut self, now: Time, host: HostId, fault: HostFault, observer: &mut impl Observer) {
        // Pings to come may find nobody, or somebody else.
        self.watch_host(now, host);
        self.tell_agent(now, host, agent::Input::Fault(fault), observer);
        self.watch_host(now, host);
    }

    fn power_off(&mut self, now: Time, host: HostId, observer: &mut impl Observer) {
        self.strike(now, host, HostFault::PowerOff, observer);
        self.notice_reach(now, host, observer);
        // Nobody is left to close the connection.
        self.agent_process_ended(now, host, false);
    }

    /// The process of an agent has ended; the master learns of it where the connection was closed.
    pub(super) fn agent_process_ended(&mut self, now: Time, host: HostId, closes: bool) {
        self.hosts[host].connection += 1;
        self.watch_host(now, host);
        if closes {
            let delivery =
                self.links.agents.deliver(now, host, crate::network::Direction::ToMaster);
            let exited = master::Input::AgentExited { host };
            let event = self.for_master(0, exited);
            self.carry(delivery, event);
            self.notice_broken_link(now, host, delivery);
        }
    }

    fn disturb_link(&mut self, now: Time, fault: &Fault, duration: Span) {
        let Some((peer, link_fault)) = fault.link_fault() else { return };
        match peer {
            Peer::Host(host) => {
                self.watch_host(now, host);
                self.links.agents.add_fault(host, link_fault);
            }
            Peer::Framework(framework) => {
                self.links.frameworks.add_fault(framework, link_fault);
                if self.is_cut_off(framework) {
                    let connection = self.schedulers[framework].connection;
                    let silence = Repair::Silence(framework, connection);
                    self.push(now + HEARTBEAT, Event::Repair(Box::new(silence)));
                }
            }
        }
        if duration < Span::MAX {
            let repair = Repair::Link(fault.kind(), peer, link_fault);
            self.push(now + duration, Event::Repair(Box::new(repair)));
        }
    }

    fn restore_link(
        &mut self,
        now: Time,
        peer: Peer,
        fault: LinkFault,
        observer: &mut impl Observer,
    ) {
        match peer {
            Peer::Host(host) => {
                self.links.agents.remove_fault(host, fault);
                self.notice_reach(now, host, observer);
                if self.links.agents.take_broken(host) {
                    self.break_link(now, peer, observer);
                }
            }
            Peer::Framework(framework) => {
                self.links.frameworks.remove_fault(framework, fault);
                if self.links.frameworks.take_broken(framework) {
                    self.break_link(now, peer, observer);
                }
                self.reconnect(now, framework, observer);
            }
        }
    }

    /// A connection is broken, and both sides know.
    fn break_link(&mut self, now: Time, peer: Peer, observer: &mut impl Observer) {
        match peer {
            Peer::Host(host) => {
                self.hosts[host].connection += 1;
                let exited = master::Input::AgentExited { host };
                self.inform_master(now, exited);
            }
            Peer::Framework(framework) => {
                if self.schedulers[framework].is_connected {
                    self.close_connection(now, framework);
                    self.tell_framework(now, framework, framework::Input::Disconnected, observer);
                    let repair = Repair::Reconnect(framework);
                    self.push(now + RECONNECTION, Event::Repair(Box::new(repair)));
                }
            }
        }
    }

    fn close_connection(&mut self, now: Time, framework: FrameworkId) {
        let scheduler = &mut self.schedulers[framework];
        if std::mem::replace(&mut scheduler.is_connected, false) {
            let connection = scheduler.connection;
            let exited = master::Input::FrameworkExited { framework, connection };
            self.inform_master(now + self.links.frameworks.delay(), exited);
        }
    }

    /// A message was lost: that is how a broken connection shows. In a partition nobody knows yet.
    pub(super) fn notice_broken_link(&mut self, now: Time, host: HostId, delivery: Delivery) {
        if delivery == Delivery::Lost && !self.is_host_cut_off(host) {
            self.links.agents.take_broken(host);
            self.hosts[host].connection += 1;
            let exited = master::Input::AgentExited { host };
            self.inform_master(now, exited);
        }
    }

    pub(super) fn notice_broken_connection(
        &mut self,
        now: Time,
        framework: FrameworkId,
        delivery: Delivery,
    ) {
        if delivery == Delivery::Lost && !self.is_cut_off(framework) {
            self.links.frameworks.take_broken(framework);
            self.connection_broke(now, framework);
        }
    }

    /// Both sides of a scheduler's connection will know at once that it is broken.
    pub(super) fn connection_broke(&mut self, now: Time, framework: FrameworkId) {
        let connection = self.schedulers[framework].connection;
        let broken = Repair::Broken(framework, connection);
        self.push(now, Event::Repair(Box::new(broken)));
    }

    pub(super) fn is_host_cut_off(&self, host: HostId) -> bool {
        use crate::network::Direction::{FromMaster, ToMaster};
        let links = &self.links.agents;
        links.is_blocked(host, ToMaster) || links.is_blocked(host, FromMaster)
    }

    fn is_cut_off(&self, framework: FrameworkId) -> bool {
        use crate::network::Direction::{FromMaster, ToMaster};
        let links = &self.links.frameworks;
        links.is_blocked(framework, ToMaster) || links.is_blocked(framework, FromMaster)
    }

    /// A scheduler that has no connection gets one, if it can.
    fn reconnect(&mut self, now: Time, framework: FrameworkId, observer: &mut impl Observer) {
        let scheduler = &self.schedulers[framework];
        let waits = scheduler.is_up && !scheduler.is_connected;
        if waits && self.is_led && !self.is_cut_off(framework) {
            let started = scheduler.has_started;
            let input = if started { framework::Input::Connected } else { framework::Input::Start };
            self.tell_framework(now, framework, input, observer);
        }
    }

    /// A master that ends by itself is replaced as one that crashes.
    pub(super) fn schedule_master_exit(&mut self, now: Time) {
        let fault = Fault::MasterCrash { election: ELECTION };
        self.push(now, Event::Fault(Box::new(fault)));
    }

    fn lose_master(&mut self, now: Time, election: Span, observer: &mut impl Observer) {
        if !self.is_led {
            return;
        }
        self.is_led = false;
        self.term += 1;
        if let Some(transport) = &mut self.transport {
            transport.reset(now);
        }
        self.health.clear();
        observer.observe(now, &Observation::MasterFailed);
        for host in self.hosts.ids() {
            self.hosts[host].connection += 1;
            self.tell_agent(now, host, agent::Input::MasterLost, observer);
        }
        for framework in self.schedulers.ids() {
            let scheduler = &mut self.schedulers[framework];
            if std::mem::replace(&mut scheduler.is_connected, false) {
                self.tell_framework(now, framework, framework::Input::Disconnected, observer);
            }
        }
        self.push(now + election, Event::Repair(Box::new(Repair::Election)));
    }

    fn elect_master(&mut self, now: Time, observer: &mut impl Observer) {
        let registry = self.master.registry().clone();
        let setup = self.setup.clone();
        self.master = Master::new(setup.allocator, setup.options, &setup.roles, registry);
        if self.checks {
            self.master.watch_agents();
        }
        self.is_led = true;
        observe(now, FaultKind::MasterCrash, FaultPhase::Ends, None, observer);
        self.tell_master(now, master::Input::Start, observer);
        for host in self.hosts.ids() {
            self.hosts[host].linked = self.hosts[host].connection;
            self.tell_agent(now, host, agent::Input::MasterDetected, observer);
        }
        for framework in self.schedulers.ids() {
            self.reconnect(now, framework, observer);
        }
    }
}

fn observe(
    now: Time,
    fault: FaultKind,
    phase: FaultPhase,
    target: Option<Peer>,
    observer: &mut impl Observer,
) {
    observer.observe(now, &Observation::Fault { fault, phase, target });
}
