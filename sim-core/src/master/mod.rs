//! The master: books of agents, frameworks, offers and tasks, around an allocator
//! (`spec/master.md`).
//!
//! Offers leave by `offers.rs`, what frameworks do with them runs in `accept.rs` by the rules of
//! `validation.rs`, tasks live in `tasks.rs`; this file has the door, registration and the rhythm of
//! allocations.

mod accept;
mod offers;
mod tasks;
mod validation;

pub use offers::Offer;
pub use validation::ValidationError;

use crate::arena::Arena;
use crate::observe::Observation;
use crate::protocol::{Call, OfferId, OfferMessage, Registration, RunTask, StatusId, StatusUpdate};
use offers::OfferTimeouts;
use policy_api::{
    AgentId, AgentInfo, Allocator, Decision, Fact, FrameworkCapabilities, FrameworkId,
    FrameworkInfo, IdVec, Lookup, Operation, Resources, RoleId, Span, Time,
};
use std::sync::Arc;
use tasks::Task;

/// A Mesos master with its allocator.
#[derive(Clone, Debug)]
pub struct Master<A> {
    allocator: A,
    options: MasterOptions,
    /// The paths of the roles.
    roles: IdVec<RoleId, Arc<str>>,
    agents: IdVec<AgentId, AgentBook>,
    infos: IdVec<AgentId, Option<AgentInfo>>,
    frameworks: IdVec<FrameworkId, FrameworkBook>,
    offers: Arena<Offer>,
    timeouts: OfferTimeouts,
    /// The wake-up that is to run the next allocation, if one was asked for.
    allocation: Option<Time>,
    decisions: Vec<Decision>,
    /// Agents whose books changed since they were last asked for; kept for checks only.
    touched: Option<Vec<AgentId>>,
}

/// Flags of the master.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MasterOptions {
    /// How long an offer stands; for ever when not given.
    pub offer_timeout: Option<Span>,
}

/// What the master knows of an agent.
#[derive(Clone, Debug, Default)]
struct AgentBook {
    registered: bool,
    /// As operations have left it, whether or not the agent has heard of them.
    total: Resources,
    offered: Resources,
    /// Held by tasks that are not terminal.
    used: Resources,
    offers: Vec<OfferId>,
}

/// What the master knows of a framework.
#[derive(Clone, Debug, Default)]
struct FrameworkBook {
    subscribed: bool,
    info: Option<FrameworkInfo>,
    principal: Option<Arc<str>>,
    /// By the slot in which the framework keeps the task.
    tasks: Vec<Option<Task>>,
}

/// What can happen to the master.
#[derive(Clone, Debug)]
pub enum Input {
    RegisterAgent { agent: AgentId, registration: Box<Registration> },
    StatusUpdate(StatusUpdate),
    Call { framework: FrameworkId, call: Call },
    Wake(Timer),
}

/// Why the master asked to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The allocator's batch tick: the message that it sends itself is still to come.
    BatchTick,
    /// The allocation itself, after everything that was already on its way at this instant.
    Allocate,
    OfferTimeout,
}

/// What the master does.
#[derive(Clone, Debug)]
pub enum Output {
    AgentRegistered(AgentId),
    RunTask { agent: AgentId, task: RunTask },
    ApplyOperation { agent: AgentId, operation: Box<Operation> },
    AcknowledgeUpdate { agent: AgentId, status: StatusId },
    FrameworkSubscribed(FrameworkId),
    Offers { framework: FrameworkId, offers: Vec<OfferMessage> },
    Rescind { framework: FrameworkId, offers: Vec<OfferId> },
    Update(StatusUpdate),
    Wake { at: Time, timer: Timer },
    Observe(Observation),
}

impl<A: Allocator> Master<A> {
    /// A master that knows these roles, named by their position, with their weights.
    pub fn new(mut allocator: A, options: MasterOptions, roles: &[(String, f64)]) -> Self {
        for (index, (path, weight)) in roles.iter().enumerate() {
            let role = <RoleId as policy_api::DenseId>::from_index(index);
            allocator.apply(Time::ZERO, Fact::NameRole { role, path });
            // Told or not, a weight of one is the same: the allocator starts with it.
            allocator.apply(Time::ZERO, Fact::SetWeight { role, weight: *weight });
        }
        Self {
            allocator,
            options,
            roles: roles.iter().map(|(path, _)| path.as_str().into()).collect(),
            agents: IdVec::new(),
            infos: IdVec::new(),
            frameworks: IdVec::new(),
            offers: Arena::new(),
            timeouts: OfferTimeouts::default(),
            allocation: None,
            decisions: Vec::new(),
            touched: None,
        }
    }

    /// What offers say of their agents.
    pub const fn agent_infos(&self) -> &IdVec<AgentId, Option<AgentInfo>> {
        &self.infos
    }

    pub const fn allocator(&self) -> &A {
        &self.allocator
    }

    /// The one door.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::RegisterAgent { agent, registration } => {
                self.register_agent(now, agent, *registration, out);
            }
            Input::StatusUpdate(update) => {
                if self.knows(update.framework) {
                    self.status_update(now, update, out);
                }
            }
            // Whoever has not subscribed is not heard.
            Input::Call { framework, call } => {
                if matches!(call, Call::Subscribe { .. }) || self.knows(framework) {
                    self.call(now, framework, call, out);
                }
            }
            Input::Wake(Timer::BatchTick) => {
                // Posted again, so that what is on its way at this instant comes first, as in the
                // allocator's mailbox.
                if self.allocation == Some(now) {
                    out.push(Output::Wake { at: now, timer: Timer::Allocate });
                }
                return;
            }
            Input::Wake(Timer::Allocate) => self.allocate(now, out),
            Input::Wake(Timer::OfferTimeout) => self.time_out_offers(now, out),
        }
        self.schedule_allocation(now, out);
    }

    fn knows(&self, framework: FrameworkId) -> bool {
        self.frameworks.get(framework).is_some_and(|book| book.subscribed)
    }

    fn capabilities(&self, framework: FrameworkId) -> FrameworkCapabilities {
        let info = self.frameworks[framework].info.as_ref();
        info.map(|info| info.capabilities).unwrap_or_default()
    }

    fn register_agent(
        &mut self,
        now: Time,
        agent: AgentId,
        registration: Registration,
        out: &mut Vec<Output>,
    ) {
        let book = self.agents.grow_to(agent, AgentBook::default);
        if !book.registered {
            book.registered = true;
            book.total = registration.total;
            self.allocator.apply(
                now,
                Fact::AddAgent { agent, info: &registration.info, total: &book.total, used: &[] },
            );
            out.push(Output::Observe(Observation::AgentRegistered {
                agent,
                total: book.total.scalar_quantities(),
            }));
            *self.infos.grow_to(agent, || None) = Some(registration.info);
            self.touch(agent);
        }
        out.push(Output::AgentRegistered(agent));
    }

    fn call(&mut self, now: Time, framework: FrameworkId, call: Call, out: &mut Vec<Output>) {
        match call {
            Call::Subscribe { info, principal } => {
                self.subscribe(now, framework, *info, principal, out);
            }
            Call::Accept { offers, operations, refuse } => {
                self.accept(now, framework, &offers, operations, refuse, out);
            }
            Call::Decline { offers, refuse } => self.decline(now, framework, &offers, refuse, out),
            Call::Suppress => {
                self.allocator.apply(now, Fact::Suppress { framework, roles: &[] });
            }
            Call::Revive => self.allocator.apply(now, Fact::Revive { framework, roles: &[] }),
            Call::Acknowledge { agent, task, status } => {
                self.acknowledge(framework, agent, task, status, out);
            }
        }
    }

    fn subscribe(
        &mut self,
        now: Time,
        framework: FrameworkId,
        info: FrameworkInfo,
        principal: Option<Arc<str>>,
        out: &mut Vec<Output>,
    ) {
        let book = self.frameworks.grow_to(framework, FrameworkBook::default);
        if !book.subscribed {
            book.subscribed = true;
            let fact = Fact::AddFramework { framework, info: &info, active: true, used: &[] };
            self.allocator.apply(now, fact);
            book.info = Some(info);
            book.principal = principal;
            out.push(Output::Observe(Observation::FrameworkSubscribed { framework }));
        }
        out.push(Output::FrameworkSubscribed(framework));
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

    fn touch(&mut self, agent: AgentId) {
        if let Some(touched) = &mut self.touched {
            touched.push(agent);
        }
    }
}

/// The books of one agent, for checks from outside.
#[derive(Clone, Debug)]
pub struct AgentAccount<'a> {
    pub total: &'a Resources,
    pub offered: &'a Resources,
    pub used: &'a Resources,
    /// What the allocator believes to be offered or in use.
    pub offered_or_allocated: Resources,
}

impl<A: Allocator> Master<A> {
    /// From now on remembers which agents' books change.
    pub fn watch_agents(&mut self) {
        self.touched.get_or_insert_default();
    }

    /// The agents whose books changed since the last call, repetitions included.
    pub fn take_touched(&mut self) -> Vec<AgentId> {
        self.touched.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// What the books say of one agent.
    pub fn account(&self, agent: AgentId) -> AgentAccount<'_> {
        let book = &self.agents[agent];
        AgentAccount {
            total: &book.total,
            offered: &book.offered,
            used: &book.used,
            offered_or_allocated: self.allocator.offered_or_allocated(agent),
        }
    }

    /// The sum of the offers that stand for an agent.
    pub fn sum_of_offers(&self, agent: AgentId) -> Resources {
        let mut sum = Resources::EMPTY;
        for offer in self.agents[agent].offers.iter().filter_map(|id| self.offers.get(*id)) {
            sum.add(&offer.resources);
        }
        sum
    }

    /// The sums of the tasks that hold resources, by agent. Walks all tasks.
    pub fn sums_of_tasks(&self) -> IdVec<AgentId, Resources> {
        let mut sums: IdVec<AgentId, Resources> =
            self.agents.iter().map(|_| Resources::EMPTY).collect();
        for task in self.frameworks.iter().flat_map(|framework| framework.tasks.iter().flatten()) {
            if !task.state.is_terminal() {
                sums[task.agent].add(&task.resources);
            }
        }
        sums
    }

    /// The agents that have registered.
    pub fn agents(&self) -> impl Iterator<Item = AgentId> + '_ {
        self.agents.enumerate().filter(|(_, book)| book.registered).map(|(agent, _)| agent)
    }
}

/// One (framework, role, agent) of an allocation; both stages may have decided on it.
type OfferKey = (FrameworkId, RoleId, AgentId);
type OfferIndex = Lookup<OfferKey, usize>;
