//! Plays the health checks that can go wrong (`spec/master.md` 3.3).

use super::{Event, Simulation, Submission};
use crate::agent;
use crate::framework::Framework;
use crate::health::{HealthCheck, Tick, Wait, Watch};
use crate::master::{self, HealthCommand};
use crate::network::{Delivery, Direction};
use crate::observe::Observer;
use crate::protocol::{HostId, ToAgent};
use policy_api::{Allocator, Time};

impl<A, F, W, E> Simulation<A, F, W>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    pub(super) fn health_command(&mut self, now: Time, command: HealthCommand) {
        match command {
            HealthCommand::Start { agent, host } => {
                *self.pinged.grow_to(agent, || None) = Some(host);
                self.health.start(agent, now);
                if self.is_disturbed(host) {
                    let watch = self.health.watch(agent, now);
                    self.schedule_watch(watch, host);
                }
            }
            HealthCommand::Stop(agent) => {
                // It may not have heard why, even where all was well: then it waits for pings.
                let watch = self.health.watch(agent, now);
                if let Some(host) = self.pinged.get(agent).copied().flatten() {
                    self.schedule_watch(watch, host);
                }
                self.health.stop(agent);
            }
            HealthCommand::Connected { agent, connected: true } => self.health.reconnect(agent),
            HealthCommand::Connected { agent, connected: false } => {
                let watch = self.health.disconnect(agent, now);
                if let Some(host) = self.pinged.get(agent).copied().flatten() {
                    self.schedule_watch(watch, host);
                }
            }
        }
    }

    /// From now on pings of the agent on this host may go wrong.
    pub(super) fn watch_host(&mut self, now: Time, host: HostId) {
        if let Some(agent) = self.hosts[host].agent.id() {
            let watch = self.health.watch(agent, now);
            self.schedule_watch(watch, host);
        }
    }

    fn is_disturbed(&self, host: HostId) -> bool {
        self.links.agents.is_faulty(host) || !self.hosts[host].agent.is_up()
    }

    fn schedule_watch(&mut self, watch: Option<Watch>, host: HostId) {
        let Some(Watch { check, tick, ping, wait }) = watch else { return };
        self.push(tick, Event::HealthTick(check));
        if let Some(at) = ping {
            self.push(at, Event::Ping(check, host, true));
        }
        if let Some(at) = wait {
            self.push(at, Event::HealthWait(check));
        }
    }

    pub(super) fn health_tick(&mut self, now: Time, check: HealthCheck) {
        let Some(host) = self.pinged.get(check.agent()).copied().flatten() else { return };
        let disturbed = self.is_disturbed(host);
        match self.health.tick(check, now, disturbed) {
            Tick::Stale | Tick::Sound => {}
            Tick::Ping { unhealthy, connected, next } => {
                if unhealthy {
                    let input = master::Input::AgentUnhealthy(check.agent());
                    self.push(now, Event::Master(self.term, input));
                }
                let delivery = self.links.agents.deliver(now, host, Direction::FromMaster);
                // Pings carry no news that a duplicate would change.
                if let Delivery::At(at) | Delivery::Twice(at, _) = delivery {
                    self.push(at, Event::Ping(check, host, connected));
                }
                self.push(next, Event::HealthTick(check));
            }
        }
    }

    /// A ping arrives at a host: the process answers it in every state.
    pub(super) fn ping(
        &mut self,
        now: Time,
        check: HealthCheck,
        host: HostId,
        connected: bool,
        observer: &mut impl Observer,
    ) {
        if !self.hosts[host].agent.is_up() {
            return;
        }
        let agent = check.agent();
        if self.hosts[host].agent.id() == Some(agent)
            && let Some(at) = self.health.agent_heard(agent, now)
        {
            self.push(at, Event::HealthWait(check));
        }
        let delivery = self.links.agents.deliver(now, host, Direction::ToMaster);
        if let Delivery::At(at) | Delivery::Twice(at, _) = delivery {
            self.push(at, Event::Pong(check));
        }
        if !connected {
            let ping = ToAgent::Ping { connected };
            self.tell_agent(now, host, agent::Input::Message(ping), observer);
        }
    }

    /// From an answer to its registration on an agent waits for pings, which may not come.
    pub(super) fn registration_answered(&mut self, now: Time, host: HostId) {
        let Some(agent) = self.hosts[host].agent.id() else { return };
        let Some(check) = self.health.check(agent) else { return };
        if let Some(at) = self.health.agent_heard(agent, now) {
            self.push(at, Event::HealthWait(check));
        }
    }

    pub(super) fn pong(&mut self, now: Time, check: HealthCheck, observer: &mut impl Observer) {
        if self.health.pong_arrived(check) {
            let input = master::Input::AgentHealthy(check.agent());
            self.tell_master(now, input, observer);
        }
    }

    /// An agent has waited for pings long enough: it looks for the master again.
    pub(super) fn health_wait(
        &mut self,
        now: Time,
        check: HealthCheck,
        observer: &mut impl Observer,
    ) {
        match self.health.agent_waited(check, now) {
            Wait::Over => {}
            Wait::Until(at) => self.push(at, Event::HealthWait(check)),
            Wait::AgentGivesUp => {
                let Some(host) = self.pinged.get(check.agent()).copied().flatten() else { return };
                let agent = &self.hosts[host].agent;
                if agent.is_registered() && agent.id() == Some(check.agent()) {
                    self.tell_agent(now, host, agent::Input::MasterLost, observer);
                    if self.is_led {
                        self.tell_agent(now, host, agent::Input::MasterDetected, observer);
                    }
                }
            }
        }
    }
}
