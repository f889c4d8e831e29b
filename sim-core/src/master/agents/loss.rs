//! Agents that are lost: unreachable, gone, or removed (`spec/master.md` 3.5, 3.6).

use super::super::books::PastTask;
use super::super::registry::{RegistryOperation, Removal};
use super::super::{AgentState, HealthCommand, Master, Output, Timer};
use crate::observe::{AgentChange, Observation};
use crate::protocol::{Event, OperationState, Reason, TaskState};
use policy_api::{AgentId, Allocator, DenseId, Fact, FrameworkId, Span, Time};
use std::collections::VecDeque;

/// How an agent was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::master) enum Loss {
    /// Since then; it may come back.
    Unreachable(Time),
    Gone,
    Removed(Removal),
}

impl<A: Allocator> Master<A> {
    /// Takes an agent and all that was there off the books, after the registry.
    pub(in crate::master) fn lose_agent(
        &mut self,
        now: Time,
        agent: AgentId,
        loss: Loss,
        out: &mut Vec<Output>,
    ) {
        let was_registered = self.agents[agent].state == AgentState::Registered;
        let change = self.note_loss(agent, loss, was_registered);
        let book = &mut self.agents[agent];
        book.connected = false;
        book.removal_ticket = None;
        out.push(Output::Observe(Observation::AgentChanged { agent, change }));
        if loss == Loss::Gone {
            self.unreachable_tasks_gone(now, agent, out);
        }
        if was_registered {
            out.push(Output::Health(HealthCommand::Stop(agent)));
            // First, so that nothing that comes back below is offered again.
            self.allocator.apply(now, Fact::RemoveAgent { agent });
            self.lose_tasks(now, agent, loss, out);
            self.agents[agent].executors.clear();
            self.rescind_all_of_agent(now, agent, out);
            let state = match loss {
                Loss::Gone => OperationState::GoneByOperator,
                Loss::Unreachable(_) | Loss::Removed(_) => OperationState::Unreachable,
            };
            self.lose_operations(agent, state, out);
            let book = &mut self.agents[agent];
            book.used = policy_api::Resources::EMPTY;
            book.operations.clear();
        }
        for framework in (0..self.frameworks.len()).map(FrameworkId::from_index) {
            self.tell(framework, Event::AgentLost(agent), out);
        }
        self.arm_garbage_collection(now, out);
    }

    fn note_loss(&mut self, agent: AgentId, loss: Loss, was_registered: bool) -> AgentChange {
        let counters = &mut self.counters;
        if was_registered {
            counters.agent_removals += 1;
        }
        let (state, change) = match loss {
            Loss::Unreachable(_) => {
                if was_registered {
                    counters.removals_unhealthy += 1;
                }
                (AgentState::Unreachable, AgentChange::Unreachable)
            }
            Loss::Gone => (AgentState::Gone, AgentChange::Gone),
            Loss::Removed(cause) => {
                match cause {
                    Removal::Unregistered => counters.removals_unregistered += 1,
                    Removal::Replaced => counters.removals_registered += 1,
                    Removal::Unhealthy => counters.removals_unhealthy += 1,
                    Removal::MachineDown => {}
                }
                (AgentState::Removed, AgentChange::Removed)
            }
        };
        let book = &mut self.agents[agent];
        if book.state == AgentState::Recovered {
            self.forget_recovered();
        }
        self.agents[agent].state = state;
        change
    }

    fn lose_tasks(&mut self, now: Time, agent: AgentId, loss: Loss, out: &mut Vec<Output>) {
        while let Some(&(framework, id)) = self.agents[agent].tasks.last() {
            let aware = self.is_partition_aware(framework);
            let (state, reason) = match (loss, aware) {
                (Loss::Unreachable(_), true) => (TaskState::Unreachable, Reason::AgentRemoved),
                (Loss::Gone, true) => (TaskState::GoneByOperator, Reason::AgentRemovedByOperator),
                (Loss::Unreachable(_) | Loss::Gone | Loss::Removed(_), _) => {
                    (TaskState::Lost, Reason::AgentRemoved)
                }
            };
            let since = match loss {
                Loss::Unreachable(since) => Some(since),
                Loss::Gone | Loss::Removed(_) => None,
            };
            self.end_task(now, framework, id, (state, Some(reason)), out);
            if let Some(task) = self.take_task(framework, id) {
                let reason = Some(reason);
                let past = PastTask { task: id, agent, state: task.state, reason, since: now };
                let book = &mut self.frameworks[framework];
                if since.is_some() {
                    let most = self.options.max_unreachable_tasks_per_framework;
                    book.note_unreachable(past, most);
                } else {
                    book.note_completed(past, self.options.max_completed_tasks_per_framework);
                }
            }
            self.tell_of_task(framework, id, Some(agent), (state, reason), since, out);
        }
    }

    /// Tasks that an agent had when it became unreachable are gone with it.
    fn unreachable_tasks_gone(&mut self, now: Time, agent: AgentId, out: &mut Vec<Output>) {
        for framework in (0..self.frameworks.len()).map(FrameworkId::from_index) {
            let list = std::mem::take(&mut self.frameworks[framework].unreachable);
            let (gone, kept): (VecDeque<PastTask>, VecDeque<PastTask>) =
                list.into_iter().partition(|past| past.agent == agent);
            self.frameworks[framework].unreachable = kept;
            let ended = if self.is_partition_aware(framework) {
                (TaskState::GoneByOperator, Reason::AgentRemovedByOperator)
            } else {
                (TaskState::Lost, Reason::AgentRemoved)
            };
            for past in gone {
                let most = self.options.max_completed_tasks_per_framework;
                let (state, reason) = (ended.0, Some(ended.1));
                let task = PastTask { state, reason, since: now, ..past };
                self.frameworks[framework].note_completed(task, most);
                self.tell_of_task(framework, past.task, Some(agent), ended, None, out);
            }
        }
    }

    /// Lists of the registry are not for ever (`spec/master.md` section 1). They are looked at at fixed
    /// intervals; of those looks only the first that could find something is waited for.
    pub(in crate::master) fn arm_garbage_collection(&mut self, now: Time, out: &mut Vec<Output>) {
        let options = &self.options;
        let (age, count) = (options.registry_max_agent_age, options.registry_max_agent_count);
        let Some(outdated) = self.registrar.registry.first_outdated(now, age, count) else {
            return;
        };
        let interval = options.registry_gc_interval.as_nanos().max(1);
        let ticks = outdated.since(self.started).as_nanos().div_ceil(interval).max(1);
        let mut at = self.started + Span::from_nanos(ticks.saturating_mul(interval));
        if at <= now {
            at += options.registry_gc_interval;
        }
        if self.garbage_collection.is_none_or(|armed| armed > at || armed <= now) {
            self.garbage_collection = Some(at);
            out.push(Output::Wake { at, timer: Timer::RegistryGc });
        }
    }

    pub(in crate::master) fn collect_garbage(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.garbage_collection != Some(now) {
            return;
        }
        self.garbage_collection = None;
        let (age, count) =
            (self.options.registry_max_agent_age, self.options.registry_max_agent_count);
        let outdated = self.registrar.registry.outdated(now, age, count);
        if !outdated.is_empty() {
            self.change_registry(now, RegistryOperation::Prune(outdated), out);
        }
        self.arm_garbage_collection(now, out);
    }

    pub(in crate::master) fn forget_unreachable_tasks(&mut self, agents: &[AgentId]) {
        for framework in &mut self.frameworks {
            framework.unreachable.retain(|past| !agents.contains(&past.agent));
        }
    }
}
