//! Tasks: from their launch to the acknowledgement of their end (`spec/master.md` section 7).

use super::{Master, Output};
use crate::observe::Observation;
use crate::protocol::{Launch, Reason, RunTask, StatusId, StatusUpdate, TaskId, TaskState};
use policy_api::{AgentId, Allocator, DenseId, Fact, FrameworkId, Resources, RoleId, Time};

/// A task in the master's memory.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) generation: u32,
    pub(super) role: RoleId,
    pub(super) agent: AgentId,
    pub(super) resources: Resources,
    /// The latest state that the agent has told.
    pub(super) state: TaskState,
    /// The state of the last update that went to the framework.
    forwarded: TaskState,
}

impl<A: Allocator> Master<A> {
    /// Whether the framework uses this name. A slot holds one task: another generation in it has
    /// the same name as far as we know.
    pub(super) fn knows_task(&self, framework: FrameworkId, id: TaskId) -> bool {
        self.frameworks[framework].tasks.get(id.slot as usize).is_some_and(Option::is_some)
    }

    /// A valid task: from now on it holds its resources.
    pub(super) fn start_task(
        &mut self,
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        launch: Launch,
        out: &mut Vec<Output>,
    ) {
        let resources = launch.resources.clone();
        self.agents[agent].used.add(&resources);
        out.push(Output::Observe(Observation::TaskLaunched {
            framework,
            role,
            agent,
            resources: resources.scalar_quantities(),
        }));
        let generation = launch.task.generation;
        let (state, forwarded) = (TaskState::Staging, TaskState::Staging);
        let task = Task { generation, role, agent, resources, state, forwarded };
        self.remember(framework, launch.task, task);
        let partition_aware = self.capabilities(framework).partition_aware;
        let task = RunTask { framework, partition_aware, launch };
        out.push(Output::RunTask { agent, task });
    }

    /// A task that is not launched: the framework hears why, from the master itself.
    pub(super) fn refuse_launch(
        &self,
        framework: FrameworkId,
        task: TaskId,
        agent: Option<AgentId>,
        reason: Reason,
        out: &mut Vec<Output>,
    ) {
        let state = match reason {
            Reason::TaskInvalid => TaskState::Error,
            Reason::InvalidOffers | Reason::AgentRemoved | Reason::ResourcesUnknown => {
                if self.capabilities(framework).partition_aware {
                    TaskState::Dropped
                } else {
                    TaskState::Lost
                }
            }
        };
        out.push(Output::Update(StatusUpdate {
            framework,
            task,
            agent: agent.unwrap_or(AgentId::from_index(0)),
            state,
            latest_state: state,
            reason: Some(reason),
            status: None,
        }));
    }

    pub(super) fn status_update(&mut self, now: Time, update: StatusUpdate, out: &mut Vec<Output>) {
        let StatusUpdate { framework, task: id, .. } = update;
        if let Some(task) = self.task_mut(framework, id) {
            let was_terminal = task.state.is_terminal();
            if !was_terminal {
                task.state = update.latest_state;
            }
            task.forwarded = update.state;
            if !was_terminal && update.latest_state.is_terminal() {
                self.release(now, framework, id, out);
            }
        }
        out.push(Output::Update(update));
    }

    /// A task's end: what it held is free, whether or not the framework knows of it already.
    fn release(&mut self, now: Time, framework: FrameworkId, id: TaskId, out: &mut Vec<Output>) {
        let task = self.frameworks[framework].tasks[id.slot as usize].as_ref();
        let task = task.expect("the caller has found it");
        let (role, agent) = (task.role, task.agent);
        self.agents[agent].used.subtract(&task.resources);
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

    pub(super) fn acknowledge(
        &mut self,
        framework: FrameworkId,
        agent: AgentId,
        id: TaskId,
        status: StatusId,
        out: &mut Vec<Output>,
    ) {
        if self.task_mut(framework, id).is_some_and(|task| task.forwarded.is_terminal()) {
            self.frameworks[framework].tasks[id.slot as usize] = None;
        }
        out.push(Output::AcknowledgeUpdate { agent, status });
    }

    fn remember(&mut self, framework: FrameworkId, id: TaskId, task: Task) {
        let tasks = &mut self.frameworks[framework].tasks;
        let slot = id.slot as usize;
        if slot >= tasks.len() {
            tasks.resize_with(slot + 1, || None);
        }
        tasks[slot] = Some(task);
    }

    fn task_mut(&mut self, framework: FrameworkId, id: TaskId) -> Option<&mut Task> {
        let slot = self.frameworks[framework].tasks.get_mut(id.slot as usize)?;
        slot.as_mut().filter(|task| task.generation == id.generation)
    }
}
