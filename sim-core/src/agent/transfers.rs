//! Bytes that tasks move, and the ports of their containers. The network itself is not the agent's: it
//! says what is to move, and hears when it has.

use super::executors::{Container, Executor};
use super::fetcher::Call;
use super::task::{Phase, Run, Task, Update};
use super::{Agent, Output, Timer};
use crate::arena::Handle;
use crate::job::{Transfer, Transfers};
use crate::protocol::{Reason, TaskState};
use policy_api::resources::Ranges;
use policy_api::{Amount, FrameworkId, PortAllocator, PortBlock, Resources, Scalar, Time};
use std::sync::Arc;

/// What an agent wants of the network.
#[derive(Clone, Debug)]
pub enum NetworkOrder {
    /// The bytes of a phase are to move; [`Input::Moved`](super::Input::Moved) is to follow.
    Start(TransferOrder),
    /// A container with tasks whose bytes move has other CPUs now, revocable ones included.
    Update { container: Handle<Executor>, cpus: Amount },
    /// The process of a task is gone: what it moved stops.
    Stop { task: Handle<Task> },
    /// A file is to come from outside; [`Input::Downloaded`](super::Input::Downloaded) is to follow.
    Download(DownloadOrder),
    /// It is not wanted any more, if it was on its way.
    StopDownload { call: Handle<Call> },
}

/// The bytes of one file that a fetcher downloads. They are the agent's own traffic: no cap of a
/// container holds for them.
#[derive(Clone, Copy, Debug)]
pub struct DownloadOrder {
    pub call: Handle<Call>,
    pub framework: FrameworkId,
    pub bytes: u64,
}

/// The bytes of one phase of a task.
#[derive(Clone, Debug)]
pub struct TransferOrder {
    pub task: Handle<Task>,
    pub framework: FrameworkId,
    pub container: Handle<Executor>,
    /// The CPUs of the container, revocable ones included.
    pub cpus: Amount,
    /// The ephemeral ports of the container, where it has some of its own.
    pub ports: Option<usize>,
    pub transfers: Arc<Transfers>,
    pub phase: Phase,
}

impl TransferOrder {
    pub fn list(&self) -> &[Transfer] {
        of_phase(&self.transfers, self.phase)
    }
}

fn of_phase(transfers: &Transfers, phase: Phase) -> &[Transfer] {
    match phase {
        Phase::Reads => &transfers.before,
        Phase::Computes => &[],
        Phase::Writes => &transfers.after,
    }
}

fn count(block: PortBlock) -> usize {
    usize::try_from(block.count()).unwrap_or(usize::MAX)
}

/// `port_mapping/per_cpu_egress_rate_limit`, `port_mapping/per_cpu_ingress_rate_limit`, in bytes a second;
/// `None` where there is no limit for each CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerCpuLimits {
    pub egress: Option<u64>,
    pub ingress: Option<u64>,
}

impl Agent {
    /// What it tells of the caps of its containers.
    pub const fn set_per_cpu_limits(&mut self, limits: PerCpuLimits) {
        self.per_cpu_limits = limits;
    }

    /// Gives its containers blocks of ephemeral ports, from the next launch on.
    pub fn set_port_blocks(&mut self, blocks: Box<dyn PortAllocator>) {
        self.ports = Some(blocks);
    }

    /// Blocks of ephemeral ports that containers have.
    pub fn port_blocks_taken(&self) -> usize {
        self.ports.as_ref().map_or(0, |ports| ports.taken())
    }

    /// `net_ephemeral_ports` of the containers that have not ended.
    pub fn port_blocks(&self) -> impl Iterator<Item = PortBlock> {
        self.executors.iter().filter_map(|executor| executor.ports)
    }

    /// Blocks of ephemeral ports that there are; `None` where containers have the host's.
    pub fn port_blocks_limit(&self) -> Option<usize> {
        self.ports.as_ref().map(|ports| ports.capacity())
    }

    /// What a process that comes up knows of ports: the containers that live on have theirs.
    pub(super) fn recover_ports(&mut self) {
        let Some(ports) = &mut self.ports else { return };
        ports.clear();
        for block in self.executors.iter().filter_map(|row| row.ports) {
            ports.reserve(block);
        }
    }

    /// The kernel's filters for all containers (`spec/network.md` 2.3); `None` without blocks of ports.
    pub(super) fn port_filters(&self) -> Option<usize> {
        let ports = self.ports.as_ref()?;
        let owners = self.executors.iter().filter(|row| row.ports.is_some());
        Some(owners.map(|row| ports.filters(&self.ports_of(row))).sum())
    }

    /// The other ports of a container: those of its tasks and of its executor.
    fn ports_of(&self, executor: &Executor) -> Ranges {
        let tasks = executor.tasks.as_slice().iter().filter_map(|task| self.tasks.get(*task));
        let held = tasks.filter(|task| !task.state.is_terminal()).map(|task| &task.resources);
        let held = held.chain(executor.holding().map(|info| &info.resources));
        let held = held.filter_map(Resources::ports);
        Ranges::new(held.flat_map(|ports| ports.intervals().to_vec()).collect())
    }

    /// How many containers could not be launched for want of a block, by all processes of the host.
    pub const fn launches_without_ports(&self) -> u64 {
        self.launches_without_ports
    }

    /// Containers that are there, or come up.
    pub fn containers(&self) -> impl Iterator<Item = Handle<Executor>> {
        let entries = self.executors.entries();
        let is_there = entries.filter(|(_, row)| row.container != Container::Gone);
        is_there.map(|(handle, _)| handle)
    }

    /// Whether a task waits for its bytes to move.
    pub fn is_moving(&self, task: Handle<Task>) -> bool {
        self.tasks.get(task).is_some_and(Task::is_moving)
    }

    pub fn tasks_that_move(&self) -> usize {
        self.tasks.iter().filter(|task| task.is_moving()).count()
    }

    /// A block for a new container. False where there are blocks, but none is free.
    pub(super) fn take_ports(&mut self, executor: Handle<Executor>) -> bool {
        let Some(ports) = &mut self.ports else { return true };
        let block = ports.allocate();
        self.launches_without_ports += u64::from(block.is_none());
        if let Some(executor) = self.executors.get_mut(executor) {
            executor.ports = block;
        }
        block.is_some()
    }

    pub(super) fn give_back_ports(&mut self, block: Option<PortBlock>) {
        #[cfg(feature = "sabotage")]
        if self.options.sabotage == Some(crate::sabotage::Sabotage::KeepPorts) {
            return;
        }
        if let (Some(ports), Some(block)) = (&mut self.ports, block) {
            ports.free(block);
        }
    }

    /// A task that has just come to run reads first, if it has to. Its time is limited all the same.
    pub(super) fn start_reading(
        &mut self,
        now: Time,
        handle: Handle<Task>,
        out: &mut Vec<Output>,
    ) -> bool {
        let details = self.tasks.get(handle).and_then(|task| task.details.as_deref());
        let Some(details) = details.filter(|details| details.transfers.is_some()) else {
            return false;
        };
        if let Some(longest) = details.max_completion_time {
            let timer = Timer::TaskOverdue(handle);
            out.push(Output::Wake { at: now + longest, timer });
        }
        self.start_moving(handle, Phase::Reads, out)
    }

    /// Lets the bytes of a phase move. False where there are none, or they have moved already.
    pub(super) fn start_moving(
        &mut self,
        handle: Handle<Task>,
        phase: Phase,
        out: &mut Vec<Output>,
    ) -> bool {
        let Some(task) = self.tasks.get(handle) else { return false };
        let transfers = task.details.as_deref().and_then(|details| details.transfers.as_ref());
        let (Some(transfers), Some(container)) = (transfers, task.executor) else { return false };
        if of_phase(transfers, phase).is_empty() {
            return false;
        }
        let order = TransferOrder {
            task: handle,
            framework: task.framework,
            container,
            cpus: self.cpus_of(container),
            ports: self.executors.get(container).and_then(|row| row.ports).map(count),
            transfers: Arc::clone(transfers),
            phase,
        };
        out.push(Output::Network(NetworkOrder::Start(order)));
        if let Some(task) = self.tasks.get_mut(handle) {
            task.phase = phase;
        }
        true
    }

    /// A task has come to a container, or has left it: its caps follow (`spec/network.md` 2.4).
    pub(super) fn container_changed(&self, task: Handle<Task>, out: &mut Vec<Output>) {
        let Some(container) = self.tasks.get(task).and_then(|task| task.executor) else { return };
        // A command has its container for itself.
        let Some(row) = self.executors.get(container).filter(|row| row.named.is_some()) else {
            return;
        };
        let mut tasks = row.tasks.as_slice().iter().filter_map(|task| self.tasks.get(*task));
        if tasks.any(Task::is_moving) {
            let cpus = self.cpus_of(container);
            out.push(Output::Network(NetworkOrder::Update { container, cpus }));
        }
    }

    fn cpus_of(&self, container: Handle<Executor>) -> Amount {
        let Some(executor) = self.executors.get(container) else { return 0 };
        let tasks = executor.tasks.as_slice().iter().filter_map(|task| self.tasks.get(*task));
        let tasks = tasks.filter(|task| !task.state.is_terminal());
        let tasks = tasks.map(|task| task.resources.scalar_quantities()[Scalar::Cpus]);
        let own = executor.holding().map_or(0, |info| info.resources.amount(Scalar::Cpus));
        tasks.sum::<Amount>() + own
    }

    /// All bytes of a phase have moved: on with the work, or the end.
    pub(super) fn moved(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        let Some(task) = self.tasks.get_mut(handle) else { return };
        let phase = std::mem::replace(&mut task.phase, Phase::Computes);
        let lasts = task.duration;
        match phase {
            Phase::Reads if task.run == Run::Running => {
                self.start_computing(now, handle, lasts, out);
            }
            Phase::Writes => self.finish_task(now, handle, out),
            Phase::Reads | Phase::Computes => {}
        }
    }

    /// A task has taken longer than it may.
    pub(super) fn task_overdue(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        if self.tasks.get(handle).is_some_and(|task| task.run == Run::Running) {
            let reason = Some(Reason::MaxCompletionTimeReached);
            self.end_task(now, handle, Update::of_executor(TaskState::Failed, reason), out);
        }
    }
}
