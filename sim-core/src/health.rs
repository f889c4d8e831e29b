//! The master's health checks of its agents (`spec/master.md` 3.3), and the agent's wait for them
//! (`spec/agent.md` 2).
//!
//! Mesos pings each agent at its registration and every 15 s from then on. A ping that is answered in
//! time changes nothing, so it costs nothing here: only the pings of agents that are *watched* are
//! played. Whoever drives this watches an agent as soon as a ping of it could get lost, come late or say
//! something new: when its link gets a fault, when its process goes away, when the master takes it for
//! disconnected. The watch ends by itself at the first tick at which all is well again.

use policy_api::{AgentId, IdVec, Span, Time};

/// Names one registration of an agent. A tick or a pong that belongs to an earlier one is recognised
/// and ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HealthCheck {
    agent: AgentId,
    registration: u32,
}

impl HealthCheck {
    pub const fn agent(self) -> AgentId {
        self.agent
    }
}

/// What is to be scheduled when a watch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    pub check: HealthCheck,
    /// When to call [`HealthChecks::tick`].
    pub tick: Time,
    /// When a ping arrives that is on its way to the agent; the agent answers it, if it can.
    pub ping: Option<Time>,
    /// When to call [`HealthChecks::agent_waited`]; `None` where such a call is to come already.
    pub wait: Option<Time>,
}

/// What happens at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// The agent is gone, has registered anew, or is not watched. There is nothing to do.
    Stale,
    /// All is well: the watch is over, and with it the ticks.
    Sound,
    Ping {
        /// Whether the agent is to be marked unreachable. Said at each tick until a pong comes:
        /// the master starts nothing while an earlier transition waits (scenario PA-18).
        unhealthy: bool,
        /// What the ping says; it is to be sent now.
        connected: bool,
        /// When the next tick is.
        next: Time,
    },
}

/// What became of the wait of an agent for a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// There is nothing to wait for: pings arrive, or the agent is gone.
    Over,
    /// A ping has come in the meantime; this is when to ask again.
    Until(Time),
    /// No ping for too long. If the process is up and takes itself for registered under this id, it
    /// looks for the master again.
    AgentGivesUp,
}

/// The health checks of all agents.
#[derive(Clone, Debug)]
pub struct HealthChecks {
    ping_timeout: Span,
    max_timeouts: u32,
    delay: Span,
    registrations: u32,
    agents: IdVec<AgentId, Option<Agent>>,
}

#[derive(Clone, Copy, Debug)]
struct Agent {
    registration: u32,
    /// The first tick that is not accounted for. While the agent is not watched, it and all later ones
    /// take place and are answered.
    next: Time,
    phase: Phase,
    connected: bool,
    /// The last ping has no answer yet.
    unanswered: bool,
    misses: u32,
    /// When the agent heard from the master last, as far as it was played.
    heard: Time,
    /// A call of `agent_waited` is to come.
    waits: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Pings are answered and nobody looks.
    Sound,
    Watched,
    /// The master pings no more, and the agent has yet to find out.
    Stopped,
}

impl HealthChecks {
    /// `agent_ping_timeout`, at least a nanosecond, and `max_agent_ping_timeouts`, at least one. `delay`
    /// is what a ping takes where nothing is wrong, and its pong again: less than the time-out.
    pub fn new(ping_timeout: Span, max_timeouts: u32, delay: Span) -> Self {
        Self {
            ping_timeout: ping_timeout.max(Span::from_nanos(1)),
            max_timeouts: max_timeouts.max(1),
            delay,
            registrations: 0,
            agents: IdVec::new(),
        }
    }

    /// How long an agent waits for a ping: what the master tells it at its registration.
    pub fn total_timeout(&self) -> Span {
        self.ping_timeout * u64::from(self.max_timeouts)
    }

    /// The master has registered the agent, or has it back after it was unreachable or unknown: its
    /// first ping is now. An agent that was registered all along keeps its rhythm; see
    /// [`reconnect`](Self::reconnect).
    pub fn start(&mut self, agent: AgentId, now: Time) {
        self.registrations = self.registrations.wrapping_add(1);
        *self.agents.grow_to(agent, || None) = Some(Agent {
            registration: self.registrations,
            next: now,
            phase: Phase::Sound,
            connected: true,
            unanswered: false,
            misses: 0,
            heard: now + self.delay,
            waits: false,
        });
    }

    /// The master has removed the agent or marked it unreachable: no more pings. If it was watched,
    /// its process waits for them until it gives up. If not, it has heard why and ends.
    pub fn stop(&mut self, agent: AgentId) {
        let Some(slot) = self.agents.get_mut(agent) else { return };
        *slot = slot
            .filter(|row| row.phase != Phase::Sound)
            .map(|row| Agent { phase: Phase::Stopped, ..row });
    }

    /// The master is gone, and its health checks with it.
    pub fn clear(&mut self) {
        self.agents = IdVec::new();
    }

    /// The master takes the agent for disconnected, and the next ping says so: the watch begins.
    pub fn disconnect(&mut self, agent: AgentId, now: Time) -> Option<Watch> {
        self.agent_mut(agent)?.connected = false;
        self.watch(agent, now)
    }

    /// The agent has registered again while the master still had it.
    pub fn reconnect(&mut self, agent: AgentId) {
        if let Some(row) = self.agent_mut(agent) {
            row.connected = true;
        }
    }

    /// From now on pings of this agent are played: what happens at this instant comes after whatever
    /// made the caller watch. Those sent before have arrived, or are on their way, on a sound link. `None` where the agent is
    /// watched already or not pinged.
    pub fn watch(&mut self, agent: AgentId, now: Time) -> Option<Watch> {
        let (period, delay, patience) = (self.ping_timeout, self.delay, self.total_timeout());
        let row = self.agent_mut(agent).filter(|row| row.phase == Phase::Sound)?;
        row.phase = Phase::Watched;
        row.unanswered = false;
        let mut ping = None;
        let first = row.next;
        if first < now {
            let sent = now.since(first).as_nanos().div_ceil(period.as_nanos());
            let last = first + period * (sent - 1);
            row.next = last + period;
            if last + delay >= now {
                ping = Some(last + delay);
                row.unanswered = true;
            }
        }
        let arrival = first + delay;
        if arrival < now {
            let later = (now.since(arrival).as_nanos() - 1) / period.as_nanos();
            row.heard = row.heard.max(arrival + period * later);
        }
        let wait = (!row.waits).then_some(row.heard + patience);
        row.waits = true;
        let check = HealthCheck { agent, registration: row.registration };
        Some(Watch { check, tick: row.next, ping, wait })
    }

    pub fn is_watched(&self, agent: AgentId) -> bool {
        self.agents
            .get(agent)
            .and_then(Option::as_ref)
            .is_some_and(|row| row.phase == Phase::Watched)
    }

    /// Plays the tick that is due. `faulty` says whether a ping could still get lost or come late: the
    /// link has a fault or still carries messages that one has delayed, or the process is away.
    pub fn tick(&mut self, check: HealthCheck, now: Time, faulty: bool) -> Tick {
        let (period, max_timeouts) = (self.ping_timeout, self.max_timeouts);
        let row = self.row_of(check).filter(|row| row.phase == Phase::Watched);
        let Some(row) = row.filter(|row| row.next <= now) else { return Tick::Stale };
        if row.unanswered {
            row.misses = row.misses.saturating_add(1);
        } else if row.connected && !faulty {
            row.phase = Phase::Sound;
            return Tick::Sound;
        }
        row.unanswered = true;
        row.next += period;
        Tick::Ping {
            unhealthy: row.misses >= max_timeouts,
            connected: row.connected,
            next: row.next,
        }
    }

    /// A pong has reached the master. Returns whether it may cancel a transition to unreachable that
    /// still waits.
    pub fn pong_arrived(&mut self, check: HealthCheck) -> bool {
        let max_timeouts = self.max_timeouts;
        let Some(row) = self.row_of(check) else { return false };
        row.unanswered = false;
        std::mem::take(&mut row.misses) >= max_timeouts
    }

    /// A ping, or the answer to a registration, has reached the process of the agent, which waits anew.
    /// Returns when to call [`agent_waited`](Self::agent_waited), where no such call is to come.
    pub fn agent_heard(&mut self, agent: AgentId, now: Time) -> Option<Time> {
        let patience = self.total_timeout();
        let row = self.agent_mut(agent)?;
        row.heard = row.heard.max(now);
        if row.phase == Phase::Sound || std::mem::replace(&mut row.waits, true) {
            return None;
        }
        Some(row.heard + patience)
    }

    /// The agent has waited for a ping as long as it was told to.
    pub fn agent_waited(&mut self, check: HealthCheck, now: Time) -> Wait {
        let patience = self.total_timeout();
        let Some(row) = self.row_of(check) else { return Wait::Over };
        row.waits = false;
        if row.phase == Phase::Sound {
            return Wait::Over;
        }
        let until = row.heard + patience;
        if until > now {
            row.waits = true;
            return Wait::Until(until);
        }
        Wait::AgentGivesUp
    }

    /// Names the agent's registration; for messages that the caller sends on its behalf.
    pub fn check(&self, agent: AgentId) -> Option<HealthCheck> {
        let row = self.agents.get(agent)?.as_ref()?;
        Some(HealthCheck { agent, registration: row.registration })
    }

    fn agent_mut(&mut self, agent: AgentId) -> Option<&mut Agent> {
        self.agents.get_mut(agent)?.as_mut()
    }

    fn row_of(&mut self, check: HealthCheck) -> Option<&mut Agent> {
        self.agent_mut(check.agent).filter(|row| row.registration == check.registration)
    }
}
