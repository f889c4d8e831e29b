//! What an agent answers at `/monitor/statistics` (`spec/network.md` 4.2).
//!
//! Reading changes nothing, so that a run is the same whether anybody looks or not. Use is there where
//! it is known what tasks consume; limits always. A command executor adds its 0.1 cpus and 32 MB to the
//! limits of its container, which nobody was offered, and uses none of them.

use super::consumption::ContainerUse;
use super::executors::{Container, Executor, ExecutorTasks};
use super::volumes::VolumeUse;
use super::{Agent, consumption};
use crate::arena::Handle;
use crate::protocol::{ExecutorId, TaskId};
use policy_api::{Amount, FrameworkId, PortBlock, Scalar, Time};

/// One container, as the resource monitor sees it: Mesos's `ResourceStatistics` with its names.
#[derive(Clone, Debug)]
pub struct ContainerStatistics {
    pub container: Handle<Executor>,
    pub framework: FrameworkId,
    pub executor: ContainerName,
    pub timestamp: Time,
    /// In thousandths of a core, like the limit.
    pub cpus: Amount,
    /// With those of a command's executor.
    pub cpus_limit: Amount,
    pub mem_soft_limit_bytes: u64,
    /// The highest that it was: it is never lowered.
    pub mem_limit_bytes: u64,
    /// Of the disk that is not in volumes; nothing counts what is used of it.
    pub disk_limit_bytes: u64,
    pub volumes: Vec<VolumeUse>,
    /// `None` where nobody looks at what tasks consume.
    pub used: Option<ContainerUse>,
    pub net_ephemeral_ports: Option<PortBlock>,
}

/// Whose container it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerName {
    /// That of the executor of a command, which is called like the task.
    Command(TaskId),
    Executor(ExecutorId),
}

/// What Mesos's command executor adds to its container (`spec/agent.md` section 1).
const COMMAND_EXECUTOR_CPUS: Amount = 100;
const COMMAND_EXECUTOR_MEM: Amount = 32_000;
/// The least soft limit (`spec/agent.md` 8.6), in thousandths of a MB.
const LEAST_SOFT_LIMIT: Amount = 32_000;

impl Agent {
    /// Of all containers that are up; none while the agent's process is not.
    pub fn container_statistics(&self, now: Time) -> impl Iterator<Item = ContainerStatistics> {
        let rows = self.executors.entries().filter(|_| self.is_up());
        rows.filter_map(move |(handle, row)| self.statistics_of(now, handle, row))
    }

    fn statistics_of(
        &self,
        now: Time,
        handle: Handle<Executor>,
        row: &Executor,
    ) -> Option<ContainerStatistics> {
        if !matches!(row.container, Container::Running | Container::Leaving) {
            return None;
        }
        let (executor, extra) = match (&row.named, &row.tasks) {
            (Some(named), _) => (ContainerName::Executor(named.info.id), [0; 2]),
            (None, ExecutorTasks::Command(task)) => {
                let task = self.tasks.get((*task)?)?;
                (ContainerName::Command(task.id), [COMMAND_EXECUTOR_CPUS, COMMAND_EXECUTOR_MEM])
            }
            (None, ExecutorTasks::Named(_)) => return None,
        };
        let allocated = self.allocated(row);
        let mem = allocated.amount(Scalar::Mem) + extra[1];
        let used = self.used(now, handle);
        let highest = row.meter.as_ref().map_or(0, |meter| meter.mem_limit_bytes);
        let highest = highest.saturating_add(consumption::bytes(extra[1] as f64));
        let in_volumes = allocated.filter(true, |it| !it.is_persistent_volume());
        Some(ContainerStatistics {
            container: handle,
            framework: row.framework,
            executor,
            timestamp: now,
            cpus: allocated.amount(Scalar::Cpus),
            cpus_limit: allocated.amount(Scalar::Cpus) + extra[0],
            mem_soft_limit_bytes: consumption::bytes(mem.max(LEAST_SOFT_LIMIT) as f64),
            mem_limit_bytes: consumption::bytes(mem as f64).max(highest),
            disk_limit_bytes: consumption::bytes(in_volumes.amount(Scalar::Disk) as f64),
            volumes: self.volumes.used(now, &allocated),
            used,
            net_ephemeral_ports: row.ports,
        })
    }
}
