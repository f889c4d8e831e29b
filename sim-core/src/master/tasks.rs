//! Tasks: from their launch to the acknowledgement of their end (`spec/master.md` section 7).

use super::books::{PastTask, Task};
use super::{Master, Output};
use crate::observe::Observation;
use crate::protocol::{
    Event, Launch, Reason, Source, StatusId, StatusUpdate, TaskId, TaskState, ToAgent,
};
use policy_api::{AgentId, Allocator, Fact, FrameworkId, RoleId, Span, Time};

impl<A: Allocator> Master<A> {
    /// A valid task: from now on it holds its resources.
    pub(super) fn start_task(
        &mut self,
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        launch: &Launch,
        out: &mut Vec<Output>,
    ) {
        let resources = launch.resources.clone();
        out.push(Output::Observe(Observation::TaskLaunched {
            framework,
            role,
            agent,
            resources: resources.scalar_quantities(),
        }));
        let (state, forwarded) = (TaskState::Staging, TaskState::Staging);
        let id = launch.task;
        let status = None;
        let task = Task { id, role, agent, resources, state, forwarded, status, place: 0 };
        self.add_task(framework, task);
    }

    /// Takes a task into the books of its framework and its agent.
    pub(super) fn add_task(&mut self, framework: FrameworkId, mut task: Task) {
        let book = &mut self.agents[task.agent];
        if task.holds() {
            book.used.add(&task.resources);
        }
        task.place = u32::try_from(book.tasks.len()).expect("fewer than 2^32 tasks");
        book.tasks.push((framework, task.id));
        self.touch(task.agent);
        self.frameworks[framework].tasks.insert(task);
    }

    /// An update that the master makes itself.
    pub(super) fn tell_of_task(
        &mut self,
        framework: FrameworkId,
        task: TaskId,
        agent: Option<AgentId>,
        (state, reason): (TaskState, Reason),
        unreachable_since: Option<Time>,
        out: &mut Vec<Output>,
    ) {
        let update = StatusUpdate {
            framework,
            task,
            agent,
            state,
            latest_state: state,
            source: Source::Master,
            reason: Some(reason),
            unreachable_since,
            status: None,
        };
        self.tell(framework, Event::Update(update), out);
    }

    /// DROPPED for frameworks that know the state, LOST for others.
    pub(super) fn dropped(&self, framework: FrameworkId) -> TaskState {
        if self.is_partition_aware(framework) { TaskState::Dropped } else { TaskState::Lost }
    }

    pub(super) fn status_update(&mut self, now: Time, update: StatusUpdate, out: &mut Vec<Output>) {
        let StatusUpdate { framework, task: id, agent, .. } = update;
        self.counters.status_updates += 1;
        let known = agent.and_then(|agent| self.agents.get(agent));
        // An agent that was removed comes back first.
        if !known.is_some_and(|book| book.state == super::AgentState::Registered) {
            self.counters.invalid_status_updates += 1;
            return;
        }
        let Some(book) = self.frameworks.get_mut(framework).filter(|book| book.is_known()) else {
            self.counters.invalid_status_updates += 1;
            return;
        };
        self.counters.valid_status_updates += 1;
        let overwrites = !self.options.profile.first_terminal_state_stays;
        if let Some(task) = book.tasks.get_mut(id) {
            let held = task.holds();
            if held || overwrites {
                task.state = update.latest_state;
            }
            task.forwarded = update.state;
            task.status = update.status;
            if held && update.latest_state.is_terminal() {
                let ended = (update.latest_state, update.source, update.reason);
                self.counters.task_ended(ended);
                self.release(now, framework, id, out);
            }
        }
        // What a framework that is away does not get, its agent sends again.
        self.tell(framework, Event::Update(update), out);
    }

    /// A task's end in the master's eyes: what it held is free, whether or not the framework knows.
    pub(super) fn end_task(
        &mut self,
        now: Time,
        framework: FrameworkId,
        id: TaskId,
        (state, reason): (TaskState, Option<Reason>),
        out: &mut Vec<Output>,
    ) {
        let Some(task) = self.frameworks[framework].tasks.get_mut(id) else { return };
        if task.holds() {
            task.state = state;
            self.counters.task_ended((state, Source::Master, reason));
            self.release(now, framework, id, out);
        }
    }

    fn release(&mut self, now: Time, framework: FrameworkId, id: TaskId, out: &mut Vec<Output>) {
        let Some(task) = self.frameworks[framework].tasks.get(id) else { return };
        let (role, agent) = (task.role, task.agent);
        #[cfg(feature = "sabotage")]
        if self.options.sabotage == Some(crate::sabotage::Sabotage::CountOn) {
            return;
        }
        self.agents[agent].used.subtract(&task.resources);
        #[cfg(feature = "sabotage")]
        if self.options.sabotage == Some(crate::sabotage::Sabotage::LeakAtEnd) {
            return;
        }
        self.allocator.apply(
            now,
            Fact::RecoverResources {
                framework,
                role,
                agent,
                resources: &task.resources,
                refuse: None,
                was_allocated: true,
            },
        );
        out.push(Output::Observe(Observation::TaskReleased {
            framework,
            role,
            agent,
            resources: task.resources.scalar_quantities(),
        }));
        self.touch(agent);
    }

    /// Takes a task that holds nothing any more off the books; it is remembered for a while.
    pub(super) fn forget_task(&mut self, now: Time, framework: FrameworkId, id: TaskId) {
        if let Some(task) = self.take_task(framework, id) {
            let most = self.options.max_completed_tasks_per_framework;
            let past = PastTask {
                task: id,
                agent: task.agent,
                state: task.state,
                reason: None,
                since: now,
            };
            self.frameworks[framework].note_completed(past, most);
        }
    }

    /// Takes a task off the books of its framework and its agent.
    pub(super) fn take_task(&mut self, framework: FrameworkId, id: TaskId) -> Option<Task> {
        let task = self.frameworks[framework].tasks.remove(id)?;
        let list = &mut self.agents[task.agent].tasks;
        let place = task.place as usize;
        list.swap_remove(place);
        if let Some(&(other, moved)) = list.get(place)
            && let Some(moved) = self.frameworks[other].tasks.get_mut(moved)
        {
            moved.place = task.place;
        }
        self.frameworks[framework].kills.remove(&id);
        Some(task)
    }

    pub(super) fn acknowledge(
        &mut self,
        now: Time,
        framework: FrameworkId,
        agent: AgentId,
        id: TaskId,
        status: StatusId,
        out: &mut Vec<Output>,
    ) {
        let reachable = self.agents.get(agent).is_some_and(|book| book.connected);
        let task = self.frameworks[framework].tasks.get(id);
        // Updates for tasks that the master does not know are forwarded as well, and acknowledged.
        let was_forwarded = task.is_none_or(|task| task.status == Some(status));
        if !reachable || !was_forwarded {
            self.counters.invalid_acknowledgements += 1;
            return;
        }
        self.counters.valid_acknowledgements += 1;
        if task.is_some_and(|task| task.forwarded.is_terminal() && task.agent == agent) {
            self.forget_task(now, framework, id);
        }
        self.send(agent, ToAgent::Acknowledge(status), out);
        self.finish_drain(now, agent, out);
    }

    pub(super) fn kill(
        &mut self,
        framework: FrameworkId,
        task: TaskId,
        agent: Option<AgentId>,
        grace: Option<Span>,
        out: &mut Vec<Output>,
    ) {
        let Some(known) = self.frameworks[framework].tasks.get(task) else {
            self.reconcile(framework, &[(task, agent)], out);
            return;
        };
        let on = known.agent;
        if agent.is_some_and(|agent| agent != on) {
            return;
        }
        if self.agents[on].connected {
            let partition_aware = self.is_partition_aware(framework);
            self.send(on, ToAgent::Kill { framework, task, grace, partition_aware }, out);
        }
        // Said again when the agent comes back, in case it was not heard.
        self.frameworks[framework].kills.insert(task, on);
    }
}
