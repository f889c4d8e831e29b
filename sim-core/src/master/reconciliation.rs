//! What the master answers when a framework asks for the states of its tasks (`spec/master.md` 7.2)
//! and operations.

use super::{AgentState, Master, Output};
use crate::protocol::{
    Event, OperationId, OperationState, OperationStatus, Reason, TaskId, TaskState,
};
use policy_api::{AgentId, Allocator, FrameworkId, Time};

impl<A: Allocator> Master<A> {
    pub(super) fn reconcile(
        &mut self,
        framework: FrameworkId,
        tasks: &[(TaskId, Option<AgentId>)],
        out: &mut Vec<Output>,
    ) {
        if tasks.is_empty() {
            let all = self.frameworks[framework].tasks.iter();
            let all: Vec<_> = all.map(|task| (task.id, Some(task.agent), task.forwarded)).collect();
            for (task, agent, state) in all {
                self.answer(framework, task, agent, (state, None), out);
            }
            return;
        }
        for &(task, agent) in tasks {
            let known = self.frameworks[framework].tasks.get(task);
            if let Some(known) = known {
                let (agent, state) = (known.agent, known.forwarded);
                self.answer(framework, task, Some(agent), (state, None), out);
            } else if let Some(answer) = self.state_of_unknown_task(framework, agent) {
                self.answer(framework, task, agent, answer, out);
            }
        }
    }

    /// The first that applies; `None` where only agents that are still to come may know.
    fn state_of_unknown_task(
        &self,
        framework: FrameworkId,
        agent: Option<AgentId>,
    ) -> Option<(TaskState, Option<Time>)> {
        let state = agent.map(|agent| self.agent_state(agent));
        let waiting = match state {
            None => self.waits_for_agents(),
            Some(state) => state == AgentState::Recovered,
        };
        if waiting {
            return None;
        }
        let since = agent.and_then(|agent| self.registry().unreachable_since(agent));
        let answer = match state {
            Some(AgentState::Registered) => TaskState::Gone,
            Some(AgentState::Unreachable) => TaskState::Unreachable,
            Some(AgentState::Gone) => TaskState::GoneByOperator,
            Some(AgentState::Unknown | AgentState::Removed | AgentState::Recovered) | None => {
                TaskState::Unknown
            }
        };
        if self.is_partition_aware(framework) {
            let gone = answer == TaskState::Gone && !self.options.profile.gone_in_reconciliation;
            return Some((if gone { TaskState::Unknown } else { answer }, since));
        }
        Some((TaskState::Lost, since))
    }

    fn answer(
        &mut self,
        framework: FrameworkId,
        task: TaskId,
        agent: Option<AgentId>,
        (state, since): (TaskState, Option<Time>),
        out: &mut Vec<Output>,
    ) {
        self.tell_of_task(framework, task, agent, (state, Reason::Reconciliation), since, out);
    }

    pub(super) fn reconcile_operations(
        &mut self,
        framework: FrameworkId,
        operations: &[(OperationId, Option<AgentId>)],
        out: &mut Vec<Output>,
    ) {
        let mut known = Vec::new();
        for (agent, book) in self.agents.enumerate() {
            for operation in book.operations.iter().filter(|it| it.framework == Some(framework)) {
                known.extend(operation.id.map(|id| (id, agent, operation.state)));
            }
        }
        let answers: Vec<(OperationId, Option<AgentId>, OperationState)> = if operations.is_empty()
        {
            known.into_iter().map(|(id, agent, state)| (id, Some(agent), state)).collect()
        } else {
            let answer = |&(id, agent): &(OperationId, Option<AgentId>)| match known
                .iter()
                .find(|(known, _, _)| *known == id)
            {
                Some(&(id, agent, state)) => (id, Some(agent), state),
                None => (id, agent, self.state_of_unknown_operation(agent)),
            };
            operations.iter().map(answer).collect()
        };
        for (id, agent, state) in answers {
            let status = OperationStatus { id, agent, state, message: None, acknowledge: None };
            self.tell(framework, Event::OperationUpdate(status), out);
        }
    }

    fn state_of_unknown_operation(&self, agent: Option<AgentId>) -> OperationState {
        match agent.map(|agent| self.agent_state(agent)) {
            Some(AgentState::Recovered) => OperationState::Recovering,
            Some(AgentState::Unreachable) => OperationState::Unreachable,
            Some(AgentState::Gone) => OperationState::GoneByOperator,
            None if self.waits_for_agents() => OperationState::Recovering,
            Some(AgentState::Registered | AgentState::Unknown | AgentState::Removed) | None => {
                OperationState::Unknown
            }
        }
    }
}
