//! What the agent tells of the use of its host (`spec/agent.md` 8.1).

use super::Agent;
use super::executors::{Container, Executor};
use super::oversubscription::container_key;
use super::task::Task;
use crate::arena::Handle;
use policy_api::{ExecutorUsage, Statistics, TaskUsage, Time, Usage};

impl Agent {
    /// The use of the host now: Mesos's `usage()`. Statistics and load are there where it is known what
    /// tasks consume.
    pub fn usage(&mut self, now: Time) -> Usage {
        self.account(now);
        let live = self.executors.entries().filter(|(_, row)| !row.is_terminated());
        let executors = live.map(|(handle, row)| self.executor_usage(now, handle, row)).collect();
        let consumption = self.consumption.as_ref();
        Usage {
            total: self.total().clone(),
            executors,
            load: consumption.map(|it| it.load()),
            memory_used_bytes: consumption.map_or(0, |it| it.memory_used_bytes()),
        }
    }

    fn executor_usage(&self, now: Time, handle: Handle<Executor>, row: &Executor) -> ExecutorUsage {
        let tasks = row.tasks.as_slice().iter().filter_map(|task| self.tasks.get(*task));
        let tasks = tasks.filter(|task| task.is_unfinished()).map(usage_of).collect();
        let runs = matches!(row.container, Container::Running | Container::Leaving);
        let meter = row.meter.as_ref().filter(|_| runs && self.consumption.is_some());
        ExecutorUsage {
            framework: row.framework,
            executor: row.key(handle),
            container: container_key(handle),
            started: row.started,
            allocated: self.allocated(row),
            tasks,
            statistics: meter.map(|meter| Statistics {
                timestamp: now,
                cpu_time: meter.cpu_time,
                throttled_time: meter.throttled_time,
                mem_total_bytes: meter.mem_used_bytes,
                disk_used_bytes: None,
                net_rx_bytes: None,
                net_tx_bytes: None,
            }),
            latency: meter.and_then(|meter| meter.serving).map(|serving| serving.report),
        }
    }
}

fn usage_of(task: &Task) -> TaskUsage {
    let id = task.id;
    let task_key = u64::from(id.generation) << 32 | u64::from(id.slot);
    TaskUsage { task: task_key, resources: task.resources.clone() }
}
