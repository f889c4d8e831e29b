//! The master: books of agents, frameworks, offers and tasks, around an allocator
//! (`spec/master.md`).
//!
//! This file has the door and the rhythm of allocations. `agents/` has the life of agents,
//! `frameworks.rs` that of frameworks; offers leave by `offers.rs`, what frameworks do with them runs
//! in `accept.rs` by the rules of `validation.rs`; tasks live in `tasks.rs`; what operators ask for is
//! in `operator/`, and what outlives the master in `registry.rs`.

mod accept;
mod acls;
mod agents;
mod books;
mod executors;
mod frameworks;
mod inspect;
mod inverse_offers;
mod launch;
mod metrics;
mod offers;
mod operations;
mod operator;
mod options;
mod rate_limits;
mod reconciliation;
mod recovery;
mod registrar;
mod registry;
mod roles;
mod task_validation;
mod tasks;
mod validation;

pub use acls::{Acl, Acls, Action, Entity};
pub use books::{AgentState, FrameworkState, PastTask};
pub use inspect::{AgentAccount, AgentView};
pub use inverse_offers::InverseOffer;
pub use offers::Offer;
pub(crate) use offers::shown;
pub use operator::MaintenanceAnswer;
pub use options::MasterOptions;
pub use rate_limits::{RateLimit, RateLimits};
pub use registry::Registry;
pub use validation::ValidationError;

use crate::arena::Arena;
use crate::observe::Observation;
use crate::protocol::{
    Call, Connection, Event, FromAgent, HostId, OperatorCall, Response, ToAgent,
};
use agents::HostBook;
use books::{AgentBook, FrameworkBook};
use metrics::Counters;
use offers::OfferTimeouts;
use policy_api::{
    AgentId, AgentInfo, Allocator, Decision, FrameworkCapabilities, FrameworkId, IdVec, Time,
};
use rate_limits::{RateLimiter, Throttle};
use registrar::Registrar;
use roles::Roles;
use std::sync::Arc;

/// A Mesos master with its allocator.
#[derive(Clone, Debug)]
pub struct Master<A> {
    allocator: A,
    options: MasterOptions,
    roles: Roles,
    hosts: IdVec<HostId, HostBook>,
    agents: IdVec<AgentId, AgentBook>,
    infos: IdVec<AgentId, Option<AgentInfo>>,
    frameworks: IdVec<FrameworkId, FrameworkBook>,
    /// Frameworks that were removed, oldest first.
    completed: Vec<FrameworkId>,
    throttle: Throttle,
    offers: Arena<Offer>,
    inverse_offers: Arena<InverseOffer>,
    timeouts: OfferTimeouts,
    registrar: Registrar,
    removals: RateLimiter,
    /// When this master took over.
    started: Time,
    /// Agents of the registry that it has not heard of.
    recovered_agents: usize,
    /// The wake-up for the registry's garbage, if there is one.
    garbage_collection: Option<Time>,
    /// Numbers what must be told apart later: operations, permits.
    next_number: u64,
    /// The wake-up that is to run the next allocation, if one was asked for.
    allocation: Option<Time>,
    decisions: Vec<Decision>,
    counters: Counters,
    /// Agents whose books changed since they were last asked for; kept for checks only.
    touched: Option<Vec<AgentId>>,
}

/// What can happen to the master.
#[derive(Clone, Debug)]
pub enum Input {
    /// The master was elected and has read the registry.
    Start,
    Agent {
        host: HostId,
        message: FromAgent,
    },
    /// The connection to an agent's process broke.
    AgentExited {
        host: HostId,
    },
    /// An agent has missed too many pings.
    AgentUnhealthy(AgentId),
    /// An agent that had missed pings answers again.
    AgentHealthy(AgentId),
    Call {
        framework: FrameworkId,
        connection: Connection,
        call: Call,
    },
    /// The connection to a scheduler broke.
    FrameworkExited {
        framework: FrameworkId,
        connection: Connection,
    },
    Operator {
        request: Request,
        call: Box<OperatorCall>,
    },
    Wake(Timer),
}

/// Who asks, as an operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Names the request in the response.
    pub number: u32,
    pub principal: Option<Arc<str>>,
}

/// Why the master asked to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The allocator's batch tick: the message that it sends itself is still to come.
    BatchTick,
    /// The allocation itself, after everything that was already on its way at this instant.
    Allocate,
    OfferTimeout,
    RegistryStored,
    RegistryGc,
    /// An agent has been disconnected since then.
    AgentReregisterTimeout {
        agent: AgentId,
        since: Time,
    },
    /// The permit to mark an agent unreachable.
    RemovalPermit {
        agent: AgentId,
        ticket: u64,
    },
    /// A framework that has not subscribed since then is removed.
    FailoverTimeout {
        framework: FrameworkId,
        since: Time,
    },
    /// The next message of a framework whose messages are limited.
    Throttled(FrameworkId),
    /// Agents that a new master has not heard of are given up.
    RecoveryTimeout,
}

/// What the master does.
#[derive(Clone, Debug)]
pub enum Output {
    ToAgent {
        host: HostId,
        message: ToAgent,
    },
    ToFramework {
        framework: FrameworkId,
        connection: Connection,
        event: Event,
    },
    /// For whoever sends the pings.
    Health(HealthCommand),
    Response {
        request: Request,
        call: &'static str,
        response: Response,
    },
    Wake {
        at: Time,
        timer: Timer,
    },
    Observe(Observation),
    /// The master ends, for this reason.
    Exit(&'static str),
}

/// What the master wants of the health checks of its agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthCommand {
    Start {
        agent: AgentId,
        host: HostId,
    },
    Stop(AgentId),
    /// Pings say from now on whether the agent is connected.
    Connected {
        agent: AgentId,
        connected: bool,
    },
}

impl<A: Allocator> Master<A> {
    /// A master that knows these roles, named by their position, and finds this registry. Weights that
    /// the roles come with, as by the flag `--weights`, count only where the registry has none; then
    /// they are stored there.
    pub fn new(
        allocator: A,
        options: MasterOptions,
        roles: &[(String, f64)],
        mut registry: Registry,
    ) -> Self {
        registry.store_first_weights(roles);
        let registrar = Registrar::new(registry, options.registry_store_latency);
        let mut master = Self {
            allocator,
            roles: Roles::default(),
            hosts: IdVec::new(),
            agents: IdVec::new(),
            infos: IdVec::new(),
            frameworks: IdVec::new(),
            completed: Vec::new(),
            throttle: Throttle::default(),
            offers: Arena::new(),
            inverse_offers: Arena::new(),
            timeouts: OfferTimeouts::default(),
            registrar,
            removals: RateLimiter::default(),
            started: Time::ZERO,
            recovered_agents: 0,
            garbage_collection: None,
            next_number: 0,
            allocation: None,
            decisions: Vec::new(),
            counters: Counters::default(),
            touched: None,
            options,
        };
        for (path, _) in roles {
            master.role_id(Time::ZERO, path);
        }
        master
    }

    /// What offers say of their agents.
    pub const fn agent_infos(&self) -> &IdVec<AgentId, Option<AgentInfo>> {
        &self.infos
    }

    pub const fn allocator(&self) -> &A {
        &self.allocator
    }

    /// What the next master will find.
    pub const fn registry(&self) -> &Registry {
        &self.registrar.registry
    }

    /// The one door.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Start => self.start(now, out),
            Input::Agent { host, message } => self.agent_message(now, host, message, out),
            Input::AgentExited { host } => self.agent_exited(now, host, out),
            Input::AgentUnhealthy(agent) => self.agent_unhealthy(now, agent, out),
            Input::AgentHealthy(agent) => self.agent_healthy(agent),
            Input::Call { framework, connection, call } => {
                self.receive_call(now, framework, connection, call, out);
            }
            Input::FrameworkExited { framework, connection } => {
                self.framework_exited(now, framework, connection, out);
            }
            Input::Operator { request, call } => self.operator_call(now, request, *call, out),
            Input::Wake(Timer::BatchTick) => {
                // Posted again, so that what is on its way at this instant comes first, as in the
                // allocator's mailbox.
                if self.allocation == Some(now) {
                    out.push(Output::Wake { at: now, timer: Timer::Allocate });
                }
                return;
            }
            Input::Wake(timer) => self.wake(now, timer, out),
        }
        self.schedule_allocation(now, out);
    }

    fn wake(&mut self, now: Time, timer: Timer, out: &mut Vec<Output>) {
        match timer {
            Timer::BatchTick => {}
            Timer::Allocate => self.allocate(now, out),
            Timer::OfferTimeout => self.time_out_offers(now, out),
            Timer::RegistryStored => {
                for operation in self.registrar.stored(now, out) {
                    self.committed(now, operation, out);
                }
            }
            Timer::RegistryGc => self.collect_garbage(now, out),
            Timer::AgentReregisterTimeout { agent, since } => {
                self.agent_reregister_timeout(now, agent, since, out);
            }
            Timer::RemovalPermit { agent, ticket } => self.removal_permit(now, agent, ticket, out),
            Timer::FailoverTimeout { framework, since } => {
                self.failover_timeout(now, framework, since, out);
            }
            Timer::Throttled(framework) => self.next_throttled(now, framework, out),
            Timer::RecoveryTimeout => self.recovery_timeout(now, out),
        }
    }

    fn capabilities(&self, framework: FrameworkId) -> FrameworkCapabilities {
        self.frameworks[framework].subscription.info.capabilities
    }

    /// Whether a framework is told of states that came with partition awareness.
    fn is_partition_aware(&self, framework: FrameworkId) -> bool {
        self.options.profile.partition_aware_states && self.capabilities(framework).partition_aware
    }

    /// A message for a framework; one that is not connected does not get it.
    fn tell(&mut self, framework: FrameworkId, event: Event, out: &mut Vec<Output>) {
        let book = &self.frameworks[framework];
        if book.is_connected() {
            out.push(Output::ToFramework { framework, connection: book.connection, event });
        }
    }

    /// A message for an agent; one whose connection is broken does not get it.
    fn send(&self, agent: AgentId, message: ToAgent, out: &mut Vec<Output>) {
        if let Some(book) = self.agents.get(agent).filter(|book| book.connected)
            && let Some(host) = book.host
        {
            out.push(Output::ToAgent { host, message });
        }
    }

    fn next_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// Asks to be woken for the next allocation. An earlier request that has become too late is
    /// recognised when it comes, because only the latest one is remembered.
    fn schedule_allocation(&mut self, now: Time, out: &mut Vec<Output>) {
        let Some(next) = self.allocator.next_allocation() else { return };
        let at = next.max(now);
        if self.allocation.is_some_and(|scheduled| scheduled <= at) {
            return;
        }
        self.allocation = Some(at);
        let timer = if at > now { Timer::BatchTick } else { Timer::Allocate };
        out.push(Output::Wake { at, timer });
    }

    fn allocate(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.allocation.is_none_or(|scheduled| scheduled > now) {
            return;
        }
        self.allocation = None;
        if self.allocator.next_allocation().is_some_and(|next| next <= now) {
            let mut decisions = std::mem::take(&mut self.decisions);
            self.allocator.allocate(now, &mut decisions);
            self.send_offers(now, &mut decisions, out);
            self.decisions = decisions;
        }
    }
}
