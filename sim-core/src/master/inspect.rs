//! The master's books, for checks from outside and for tests.

use super::books::{FrameworkState, PastTask};
use super::operations::PendingOperation;
use super::{AgentState, Master};
use crate::protocol::{DrainConfig, ExecutorId, OfferId, TaskId, TaskState};
use policy_api::{AgentId, Allocator, FrameworkId, IdVec, Limits, Quantities, Resources, RoleId};
use std::sync::Arc;

/// The books of one agent.
#[derive(Clone, Debug)]
pub struct AgentAccount<'a> {
    pub total: &'a Resources,
    pub offered: &'a Resources,
    pub used: &'a Resources,
    /// What the allocator believes to be offered or in use.
    pub offered_or_allocated: Resources,
}

/// Where an agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentView {
    pub state: AgentState,
    pub connected: bool,
    pub active: bool,
    pub deactivated: bool,
    /// How it is drained, and whether that is done.
    pub drain: Option<(DrainConfig, bool)>,
}

impl<A: Allocator> Master<A> {
    /// From now on remembers which agents' books change.
    pub fn watch_agents(&mut self) {
        self.touched.get_or_insert_default();
    }

    pub(super) fn touch(&mut self, agent: AgentId) {
        if let Some(touched) = &mut self.touched {
            touched.push(agent);
        }
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

    /// What the tasks, executors and disk operations of an agent hold. Walks them.
    pub fn sum_of_holders(&self, agent: AgentId) -> Resources {
        let mut sum = Resources::EMPTY;
        let book = &self.agents[agent];
        for (framework, id) in &book.tasks {
            let task = self.frameworks[*framework].tasks.get(*id);
            if let Some(task) = task.filter(|task| task.holds()) {
                sum.add(&task.resources);
            }
        }
        for executor in &book.executors {
            sum.add(&executor.info.resources);
        }
        for operation in &book.operations {
            if let super::operations::Effect::AtEnd { consumed, .. } = &operation.effect
                && !operation.state.is_terminal()
            {
                sum.add(consumed);
            }
        }
        sum
    }

    /// The agents that are registered.
    pub fn agents(&self) -> impl Iterator<Item = AgentId> + '_ {
        let registered =
            |(_, book): &(AgentId, &super::books::AgentBook)| book.state == AgentState::Registered;
        self.agents.enumerate().filter(registered).map(|(agent, _)| agent)
    }

    pub fn agent(&self, agent: AgentId) -> AgentView {
        let book = self.agents.get(agent);
        let standing = self.registry().standing(agent);
        AgentView {
            state: self.agent_state(agent),
            connected: book.is_some_and(|book| book.connected),
            active: book
                .is_some_and(|book| book.state == AgentState::Registered && book.is_active()),
            deactivated: standing.deactivated,
            drain: standing.drain.map(|drain| (drain.config, drain.drained)),
        }
    }

    /// The tasks on the list of an agent, each with the agent that its framework's table has it on.
    pub fn tasks_on(
        &self,
        agent: AgentId,
    ) -> impl Iterator<Item = (FrameworkId, TaskId, Option<AgentId>)> + '_ {
        let listed = self.agents.get(agent).into_iter().flat_map(|book| &book.tasks);
        listed.map(|&(framework, id)| {
            let task = self.frameworks[framework].tasks.get(id);
            (framework, id, task.map(|task| task.agent))
        })
    }

    /// The executors of an agent other than those of commands.
    pub fn executors_on(
        &self,
        agent: AgentId,
    ) -> impl Iterator<Item = (FrameworkId, ExecutorId)> + '_ {
        let book = self.agents.get(agent).into_iter();
        book.flat_map(|book| book.executors.iter().map(|it| (it.framework, it.info.id)))
    }

    /// An offer that stands: whose it is, and what it is of.
    pub fn offer(&self, id: OfferId) -> Option<(FrameworkId, AgentId, &Resources)> {
        self.offers.get(id).map(|offer| (offer.framework, offer.agent, &offer.resources))
    }

    /// The offers that stand: whose, and of which agent.
    pub fn offers(&self) -> impl Iterator<Item = (OfferId, FrameworkId, AgentId)> + '_ {
        self.offers.entries().map(|(id, offer)| (id, offer.framework, offer.agent))
    }

    /// What these offers give a role and those below it, beyond what is reserved.
    pub fn offered_to(&self, role: &str, which: impl Fn(&OfferId) -> bool) -> Quantities {
        let mut sum = Quantities::ZERO;
        for (id, offer) in self.offers.entries() {
            if self.roles.is_in_subtree(offer.role, role) && which(&id) {
                sum += offer.resources.unreserved().non_revocable().scalar_quantities();
            }
        }
        sum
    }

    /// The same for offers in the role itself.
    pub fn offered_in(&self, role: &str, which: impl Fn(&OfferId) -> bool) -> Quantities {
        let in_role = |id: &OfferId| {
            let offer = self.offers.get(*id);
            offer.is_some_and(|offer| &**self.roles.path(offer.role) == role) && which(id)
        };
        self.offered_to(role, in_role)
    }

    /// The roles with quota, and their limits.
    pub fn quota_limits(&self) -> impl Iterator<Item = (Arc<str>, Limits)> + '_ {
        let quotas = self.registry().quotas.iter();
        quotas.map(|(role, quota)| (Arc::clone(role), quota.limits))
    }

    /// The host that a registered agent runs on.
    pub fn host_of(&self, agent: AgentId) -> Option<crate::protocol::HostId> {
        self.agents.get(agent).and_then(|book| book.host)
    }

    /// Whether an operation is on its way to the agent, or not acknowledged.
    pub fn has_operations(&self, agent: AgentId) -> bool {
        self.agents.get(agent).is_some_and(|book| !book.operations.is_empty())
    }

    /// Whether such an operation has yet to end, or to be acknowledged by somebody who could: a framework
    /// that this master knows from agents only may never come back to it.
    pub fn has_operations_under_way(&self, agent: AgentId) -> bool {
        let may_be_away = |it: &PendingOperation| {
            let waits = it.framework.map(|framework| self.framework_state(framework));
            it.state.is_terminal() && waits == Some(FrameworkState::Recovered)
        };
        let book = self.agents.get(agent);
        book.is_some_and(|book| !book.operations.iter().all(may_be_away))
    }

    /// Whether the agent has ever come back without an operation that the books had done already, since
    /// it was let in. From then on tasks may hold what the total lacks: those that were sent to use what
    /// the operation made, and where the agent got it after all, those that were sent in between. It may
    /// be let in again with such tasks.
    pub fn is_disputed(&self, agent: AgentId) -> bool {
        self.agents.get(agent).is_some_and(|book| book.doubts.disputed)
    }

    /// Whether the agent may not think of this executor as the books do: it has ended while a registration
    /// that names it was on its way to the registry, or was launched while one without it was on its way
    /// to the master.
    pub fn is_doubtful_executor(
        &self,
        agent: AgentId,
        executor: &(FrameworkId, ExecutorId),
    ) -> bool {
        let book = self.agents.get(agent);
        book.is_some_and(|book| book.doubts.executors.contains(executor))
    }

    /// Whether the agent may run this task, which the books do not have any more: it was launched while the
    /// message with which the agent came back was on its way.
    pub fn is_doubtful_task(&self, agent: AgentId, task: &(FrameworkId, TaskId)) -> bool {
        let book = self.agents.get(agent);
        book.is_some_and(|book| book.doubts.tasks.contains(task))
    }

    /// Whether the agent was let in again with what it told then, which may be out of date: an operation
    /// of before, which the books have lost, may have reached it after its message left. It tells its total
    /// as soon as it hears that it is in, so before it answers the first operation that it is sent then. One
    /// that does not keep its reservations by operations tells nothing, and differs until it is sent a list
    /// of all.
    pub fn is_unconfirmed(&self, agent: AgentId) -> bool {
        self.agents.get(agent).is_some_and(|book| book.doubts.unconfirmed)
    }

    /// Whether the agent keeps its reservations by operations, and tells of them (1.5). An older one is
    /// sent the list of all, and answers nothing.
    pub fn answers_operations(&self, agent: AgentId) -> bool {
        let info = self.infos.get(agent).and_then(Option::as_ref);
        self.options.profile.agent_list_wins
            && info.is_some_and(|info| info.capabilities.resource_provider)
    }

    pub fn framework_state(&self, framework: FrameworkId) -> FrameworkState {
        self.frameworks.get(framework).map_or(FrameworkState::Unknown, |book| book.state)
    }

    pub fn framework_count(&self) -> usize {
        self.frameworks.len()
    }

    /// The tasks of a framework in the books: where they are, and the latest state of each.
    pub fn tasks_of(
        &self,
        framework: FrameworkId,
    ) -> impl Iterator<Item = (TaskId, AgentId, TaskState)> + '_ {
        let book = self.frameworks.get(framework);
        let tasks = book.into_iter().flat_map(|book| book.tasks.iter());
        tasks.map(|task| (task.id, task.agent, task.state))
    }

    /// Tasks of agents that do not answer.
    pub fn unreachable_tasks(&self, framework: FrameworkId) -> impl Iterator<Item = &PastTask> {
        self.frameworks.get(framework).into_iter().flat_map(|book| &book.unreachable)
    }

    pub fn completed_tasks(&self, framework: FrameworkId) -> impl Iterator<Item = &PastTask> {
        self.frameworks.get(framework).into_iter().flat_map(|book| &book.completed)
    }

    /// The roles of a framework.
    pub fn roles_of(&self, framework: FrameworkId) -> &[RoleId] {
        &self.frameworks[framework].subscription.info.roles
    }

    /// Sums over agents, for checks of everything at once.
    pub fn sums_of_holders(&self) -> IdVec<AgentId, Resources> {
        self.agents
            .enumerate()
            .map(|(agent, book)| match book.state {
                AgentState::Registered => self.sum_of_holders(agent),
                AgentState::Unknown
                | AgentState::Recovered
                | AgentState::Unreachable
                | AgentState::Removed
                | AgentState::Gone => Resources::EMPTY,
            })
            .collect()
    }
}
