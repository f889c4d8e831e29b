//! What the master remembers of agents, frameworks and tasks.

use super::metrics::FrameworkCounters;
use super::operations::PendingOperation;
use super::registry::Standing;
use crate::protocol::{
    Connection, ExecutorId, ExecutorInfo, HostId, InverseOfferId, MachineId, OfferId, Reason,
    StatusId, Subscription, TaskId, TaskState,
};
use policy_api::{
    AgentId, FrameworkId, InverseOfferStatus, Resources, RoleId, Time, Unavailability,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What the master knows of an agent.
#[derive(Clone, Debug, Default)]
pub(super) struct AgentBook {
    pub(super) state: AgentState,
    /// Where it can be reached.
    pub(super) host: Option<HostId>,
    pub(super) machine: MachineId,
    pub(super) connected: bool,
    pub(super) standing: Standing,
    /// A change of its state is on its way to the registry.
    pub(super) in_transition: bool,
    /// The time at which its connection broke.
    pub(super) disconnected_at: Option<Time>,
    /// The time at which it registered last, or came back.
    pub(super) registered_at: Time,
    /// How often the connection from its host had broken when it asked to be let in.
    pub(super) exits: u32,
    /// The permit that it waits for to be marked unreachable, counted.
    pub(super) removal_ticket: Option<u64>,
    /// As operations have left it, whether or not the agent has heard of them.
    pub(super) total: Resources,
    pub(super) offered: Resources,
    /// Held by tasks that are not terminal, by executors, and by disk operations under way.
    pub(super) used: Resources,
    pub(super) offers: Vec<OfferId>,
    pub(super) inverse_offers: Vec<InverseOfferId>,
    pub(super) tasks: Vec<(FrameworkId, TaskId)>,
    pub(super) executors: Vec<ExecutorBook>,
    pub(super) operations: Vec<PendingOperation>,
    pub(super) doubts: Doubts,
    pub(super) unavailability: Option<Unavailability>,
    /// What frameworks have last said to its maintenance.
    pub(super) maintenance_answers: BTreeMap<FrameworkId, InverseOfferStatus>,
}

/// What master and agent may think differently of, as in Mesos: for checks only. No decision asks for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Doubts {
    /// It has come back without an operation that the books had done, or with tasks that hold what it
    /// lacks.
    pub(super) disputed: bool,
    /// It was let in again with the total that it told then, and has since answered no operation nor was
    /// sent the list of all reservations.
    pub(super) unconfirmed: bool,
    /// Executors that ended while a registration that names them was on its way to the registry, or that
    /// were launched while one without them was on its way here. The end of one, or a readmission, settles
    /// it.
    pub(super) executors: BTreeSet<(FrameworkId, ExecutorId)>,
    /// Tasks that it had when it was marked unreachable, and has not named when it came back: they were
    /// launched while that message was on its way, and may run for ever.
    pub(super) tasks: BTreeSet<(FrameworkId, TaskId)>,
}

/// Where an agent stands in the master's life cycle (`spec/master.md` section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AgentState {
    #[default]
    Unknown,
    /// In the registry, but not heard of since the master took over.
    Recovered,
    Registered,
    Unreachable,
    /// Out of the registry.
    Removed,
    Gone,
}

impl AgentBook {
    /// Whether it may be offered.
    pub(super) const fn is_active(&self) -> bool {
        self.connected && !self.standing.deactivated
    }

    pub(super) fn executor(&self, framework: FrameworkId, id: ExecutorId) -> Option<&ExecutorBook> {
        self.executors.iter().find(|it| it.framework == framework && it.info.id == id)
    }
}

/// An executor that the master has sent to an agent, other than those of commands.
#[derive(Clone, Debug)]
pub(super) struct ExecutorBook {
    pub(super) framework: FrameworkId,
    pub(super) role: RoleId,
    pub(super) info: Arc<ExecutorInfo>,
}

/// What the master knows of a framework.
#[derive(Clone, Debug, Default)]
pub(super) struct FrameworkBook {
    pub(super) state: FrameworkState,
    /// Whether it is to get offers.
    pub(super) active: bool,
    pub(super) connection: Connection,
    pub(super) subscription: Subscription,
    /// When it subscribed last: a failover timeout of before is void.
    pub(super) subscribed_at: Time,
    pub(super) tasks: TaskTable,
    /// Tasks of agents that do not answer, oldest first.
    pub(super) unreachable: VecDeque<PastTask>,
    pub(super) completed: VecDeque<PastTask>,
    /// Tasks to be killed on agents that are not connected.
    pub(super) kills: BTreeMap<TaskId, AgentId>,
    pub(super) counters: FrameworkCounters,
}

/// Where a framework stands in the master's life cycle (`spec/master.md` section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FrameworkState {
    #[default]
    Unknown,
    /// Known only from agents, after a failover of the master.
    Recovered,
    Connected,
    Disconnected,
    /// Removed; it may not come back.
    Completed,
}

impl FrameworkBook {
    /// Whether the allocator knows it.
    pub(super) const fn is_known(&self) -> bool {
        match self.state {
            FrameworkState::Recovered
            | FrameworkState::Connected
            | FrameworkState::Disconnected => true,
            FrameworkState::Unknown | FrameworkState::Completed => false,
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.state == FrameworkState::Connected
    }

    pub(super) fn note_completed(&mut self, task: PastTask, most: usize) {
        note(&mut self.completed, task, most);
    }

    pub(super) fn note_unreachable(&mut self, task: PastTask, most: usize) {
        note(&mut self.unreachable, task, most);
    }
}

fn note(list: &mut VecDeque<PastTask>, task: PastTask, most: usize) {
    if list.len() >= most {
        list.pop_front();
    }
    if most > 0 {
        list.push_back(task);
    }
}

/// A task in the master's memory.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) id: TaskId,
    pub(super) role: RoleId,
    pub(super) agent: AgentId,
    pub(super) resources: Resources,
    /// The latest state that the agent has told.
    pub(super) state: TaskState,
    /// The state of the last update that went to the framework.
    pub(super) forwarded: TaskState,
    /// The name of that update, by which it may be acknowledged.
    pub(super) status: Option<StatusId>,
    /// Its place in the agent's list.
    pub(super) place: u32,
}

impl Task {
    /// Whether it holds its resources.
    pub(super) const fn holds(&self) -> bool {
        !self.state.is_terminal()
    }
}

/// A task that is not in the books any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastTask {
    pub task: TaskId,
    pub agent: AgentId,
    pub state: TaskState,
    pub reason: Option<Reason>,
    /// When it became unreachable or was completed.
    pub since: Time,
}

/// A framework's tasks, by the slots in which it keeps them itself. Two tasks of one slot meet only
/// where one has come back that the framework had given up; the second waits aside.
#[derive(Clone, Debug, Default)]
pub(super) struct TaskTable {
    slots: Vec<Option<Task>>,
    aside: BTreeMap<TaskId, Task>,
}

impl TaskTable {
    pub(super) fn get(&self, id: TaskId) -> Option<&Task> {
        match self.slots.get(id.slot as usize) {
            Some(Some(task)) if task.id == id => Some(task),
            _ => self.aside.get(&id),
        }
    }

    pub(super) fn get_mut(&mut self, id: TaskId) -> Option<&mut Task> {
        match self.slots.get_mut(id.slot as usize) {
            Some(Some(task)) if task.id == id => Some(task),
            _ => self.aside.get_mut(&id),
        }
    }

    pub(super) fn insert(&mut self, task: Task) {
        let slot = task.id.slot as usize;
        if slot >= self.slots.len() {
            self.slots.resize_with(slot + 1, || None);
        }
        if self.slots[slot].as_ref().is_some_and(|other| other.id != task.id) {
            self.aside.insert(task.id, task);
        } else {
            self.slots[slot] = Some(task);
        }
    }

    pub(super) fn remove(&mut self, id: TaskId) -> Option<Task> {
        match self.slots.get_mut(id.slot as usize) {
            Some(slot @ Some(_)) if slot.as_ref().is_some_and(|task| task.id == id) => slot.take(),
            _ => self.aside.remove(&id),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Task> {
        self.slots.iter().flatten().chain(self.aside.values())
    }
}
