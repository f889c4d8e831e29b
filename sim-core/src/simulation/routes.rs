//! Carries what one machine says to the others.

use super::{Event, Simulation, Submission};
use crate::agent;
use crate::faults::Peer;
use crate::framework::{self, Framework};
use crate::master::{self, Output};
use crate::network::{Delivery, Direction};
use crate::observe::{Observation, Observer};
use crate::protocol::{Connection, Event as ForFramework, FromAgent, HostId, ToAgent};
use crate::transport::Entries;
use policy_api::{Allocator, FrameworkId, Time};

impl<A, F, W, E> Simulation<A, F, W>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    pub(super) fn tell_master(
        &mut self,
        now: Time,
        input: master::Input,
        observer: &mut impl Observer,
    ) {
        if self.is_led {
            self.master.handle(now, input, &mut self.scratch.master);
            self.route_master(now, observer);
        }
    }

    pub(super) fn tell_agent(
        &mut self,
        now: Time,
        host: HostId,
        input: agent::Input,
        observer: &mut impl Observer,
    ) {
        self.hosts[host].agent.handle(now, input, &mut self.scratch.agent);
        self.route_agent(now, host, observer);
    }

    pub(super) fn tell_framework(
        &mut self,
        now: Time,
        framework: FrameworkId,
        input: framework::Input,
        observer: &mut impl Observer,
    ) {
        let scheduler = &mut self.schedulers[framework];
        if matches!(input, framework::Input::Start | framework::Input::Connected) {
            scheduler.connection.0 += 1;
            scheduler.is_connected = true;
            scheduler.has_started = true;
        }
        let infos = self.master.agent_infos();
        scheduler.framework.handle(now, input, infos, &mut self.scratch.framework);
        self.route_framework(now, framework, observer);
    }

    pub(super) fn route_master(&mut self, now: Time, observer: &mut impl Observer) {
        let mut outputs = std::mem::take(&mut self.scratch.master);
        for output in outputs.drain(..) {
            match output {
                Output::ToAgent { host, message } => self.send_to_agent(now, host, message),
                Output::ToFramework { framework, connection, event } => {
                    self.send_to_framework(now, framework, connection, event);
                }
                Output::Health(command) => self.health_command(now, command),
                Output::Response { call, response, .. } => {
                    observer.observe(now, &Observation::OperatorCall { call, response });
                }
                Output::Wake { at, timer } => {
                    self.push(at, Event::Master(self.term, master::Input::Wake(timer)));
                }
                Output::Observe(observation) => {
                    if matches!(observation, Observation::TaskLaunched { .. }) {
                        self.progress = now;
                    }
                    observer.observe(now, &observation);
                }
                Output::Exit(_) => self.schedule_master_exit(now),
            }
        }
        self.scratch.master = outputs;
    }

    fn route_agent(&mut self, now: Time, host: HostId, observer: &mut impl Observer) {
        let mut outputs = std::mem::take(&mut self.scratch.agent);
        for output in outputs.drain(..) {
            match output {
                agent::Output::Send(message) => {
                    if matches!(message, FromAgent::StatusUpdate(_)) {
                        self.progress = now;
                    }
                    let way = (Peer::Host(host), Direction::ToMaster);
                    let delivery = self.links.agents.deliver(now, host, way.1);
                    let entries = message.entries();
                    let event = self.for_master(0, master::Input::Agent { host, message });
                    self.transmit(now, way, delivery, entries, event);
                    self.notice_broken_link(now, host, delivery);
                }
                agent::Output::Wake { at, timer } => {
                    self.push(at, Event::Agent(host, agent::Input::Wake(timer)));
                }
                agent::Output::Observe(observation) => observer.observe(now, &observation),
                agent::Output::Network(order) => self.network_order(now, host, &order, observer),
                agent::Output::Exited => self.agent_process_ended(now, host, true),
            }
        }
        self.scratch.agent = outputs;
    }

    fn route_framework(&mut self, now: Time, framework: FrameworkId, observer: &mut impl Observer) {
        let mut outputs = std::mem::take(&mut self.scratch.framework);
        for output in outputs.drain(..) {
            match output {
                framework::Output::Call(call) => {
                    let connection = self.schedulers[framework].connection;
                    let way = (Peer::Framework(framework), Direction::ToMaster);
                    let delivery = self.links.frameworks.deliver(now, framework, way.1);
                    let entries = call.entries();
                    let input = master::Input::Call { framework, connection, call };
                    let event = self.for_master(0, input);
                    self.transmit(now, way, delivery, entries, event);
                    self.notice_broken_connection(now, framework, delivery);
                }
                framework::Output::Wake { at } => {
                    let wake = framework::Input::Wake;
                    self.push(at, Event::Framework(framework, wake));
                }
                framework::Output::Observe(observation) => observer.observe(now, &observation),
            }
        }
        self.scratch.framework = outputs;
    }

    fn send_to_agent(&mut self, now: Time, host: HostId, message: ToAgent) {
        let way = (Peer::Host(host), Direction::FromMaster);
        let delivery = self.links.agents.deliver(now, host, way.1);
        let connection = self.hosts[host].linked;
        let entries = message.entries();
        let event = Event::ToAgent(host, connection, message);
        self.transmit(now, way, delivery, entries, event);
        self.notice_broken_link(now, host, delivery);
    }

    fn send_to_framework(
        &mut self,
        now: Time,
        framework: FrameworkId,
        connection: Connection,
        event: ForFramework,
    ) {
        let way = (Peer::Framework(framework), Direction::FromMaster);
        let delivery = self.links.frameworks.deliver(now, framework, way.1);
        let entries = event.entries();
        let event = Event::ToFramework(framework, connection, event);
        self.transmit(now, way, delivery, entries, event);
        self.notice_broken_connection(now, framework, delivery);
    }

    pub(super) fn carry(&mut self, delivery: Delivery, event: Event) {
        match delivery {
            Delivery::Twice(first, second) if event.is_repeated() => {
                self.push(first, event.clone());
                self.push(second, event);
            }
            Delivery::At(at) | Delivery::Twice(at, _) => self.push(at, event),
            Delivery::Lost => {}
        }
    }
}
