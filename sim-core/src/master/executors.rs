//! Executors other than those of commands: their resources are held as long as they live
//! (`spec/master.md` sections 6 and 7).

use super::books::ExecutorBook;
use super::{Master, Output};
use crate::protocol::{Event, ExecutorId, ExecutorInfo};
use policy_api::{AgentId, Allocator, Fact, FrameworkId, RoleId, Time};
use std::sync::Arc;

impl<A: Allocator> Master<A> {
    pub(super) fn add_executor(
        &mut self,
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        info: Arc<ExecutorInfo>,
    ) {
        let book = &mut self.agents[agent];
        book.used.add(&info.resources);
        book.executors.push(ExecutorBook { framework, role, info });
        self.touch(agent);
    }

    /// An agent says that an executor has ended, or was never there.
    pub(super) fn executor_exited(
        &mut self,
        now: Time,
        agent: AgentId,
        framework: FrameworkId,
        executor: ExecutorId,
        out: &mut Vec<Output>,
    ) {
        let told = (framework, executor);
        let Some(book) = self.agents.get_mut(agent) else { return };
        if book.state != super::AgentState::Registered {
            // Mesos does not listen to an agent that it is about to take back, and nobody repeats it.
            book.doubts.executors.insert(told);
            return;
        }
        book.doubts.executors.remove(&told);
        let known = self.agents[agent]
            .executors
            .iter()
            .position(|it| it.framework == framework && it.info.id == executor);
        let Some(place) = known else { return };
        #[cfg(feature = "sabotage")]
        if self.options.sabotage == Some(crate::sabotage::Sabotage::KeepExecutors) {
            return;
        }
        let book = self.agents[agent].executors.swap_remove(place);
        self.free_executor(now, agent, &book);
        if self.options.profile.executor_exits {
            self.tell(framework, Event::ExecutorExited { agent, executor }, out);
        }
    }

    /// Removes the executors of an agent for which something holds.
    pub(super) fn remove_executors_where(
        &mut self,
        now: Time,
        agent: AgentId,
        condition: impl Fn(&ExecutorBook) -> bool,
    ) {
        let executors = &mut self.agents[agent].executors;
        let (removed, kept) = std::mem::take(executors).into_iter().partition(condition);
        *executors = kept;
        let removed: Vec<ExecutorBook> = removed;
        for executor in &removed {
            self.free_executor(now, agent, executor);
        }
    }

    /// Removes all executors of a framework; the agents that had one.
    pub(super) fn remove_executors_of(
        &mut self,
        now: Time,
        framework: FrameworkId,
    ) -> Vec<AgentId> {
        let has_one = |(_, book): &(AgentId, &super::books::AgentBook)| {
            book.executors.iter().any(|it| it.framework == framework)
        };
        let agents: Vec<AgentId> =
            self.agents.enumerate().filter(has_one).map(|(agent, _)| agent).collect();
        for agent in &agents {
            self.remove_executors_where(now, *agent, |it| it.framework == framework);
        }
        agents
    }

    fn free_executor(&mut self, now: Time, agent: AgentId, executor: &ExecutorBook) {
        let ExecutorBook { framework, role, info } = executor;
        self.agents[agent].used.subtract(&info.resources);
        self.touch(agent);
        let (framework, role, resources) = (*framework, *role, &info.resources);
        let (refuse, was_allocated) = (None, true);
        self.allocator.apply(
            now,
            Fact::RecoverResources { framework, role, agent, resources, refuse, was_allocated },
        );
    }
}
