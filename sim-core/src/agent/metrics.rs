//! What an agent publishes, under Mesos's names (`spec/agent.md` section 10).

use super::executors::{Executor, ExecutorState};
use super::{Agent, ProcessState};
use crate::protocol::TaskState;
use policy_api::{MetricsSnapshot, Resources, Scalar, Time, amount_to_f64};

/// What is counted since the process came up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    tasks_finished: u64,
    tasks_failed: u64,
    tasks_killed: u64,
    tasks_lost: u64,
    tasks_gone: u64,
    valid_status_updates: u64,
    pub(super) invalid_status_updates: u64,
    pub(super) executors_terminated: u64,
    pub(super) container_launch_errors: u64,
    pub(super) executors_preempted: u64,
}

impl Counters {
    /// A status update that was valid. Tasks that are dropped, in error, or gone with their agent are
    /// not counted by Mesos either.
    pub(super) const fn count(&mut self, state: TaskState) {
        self.valid_status_updates += 1;
        match state {
            TaskState::Finished => self.tasks_finished += 1,
            TaskState::Failed => self.tasks_failed += 1,
            TaskState::Killed => self.tasks_killed += 1,
            TaskState::Lost => self.tasks_lost += 1,
            TaskState::Gone => self.tasks_gone += 1,
            TaskState::Staging
            | TaskState::Starting
            | TaskState::Running
            | TaskState::Killing
            | TaskState::Dropped
            | TaskState::Error
            | TaskState::Unreachable
            | TaskState::GoneByOperator
            | TaskState::Unknown => {}
        }
    }
}

impl Agent {
    /// The metrics of the process; none while it is away. Nothing here can be recovered wrongly, and
    /// there are no messages between frameworks and executors and no sandboxes, so that their metrics
    /// are left out.
    pub fn metrics(&self, now: Time) -> MetricsSnapshot {
        let mut metrics = MetricsSnapshot::new();
        if !self.is_up() {
            return metrics;
        }
        let mut put = |name: &str, value: f64| {
            metrics.insert(format!("slave/{name}"), value);
        };
        let registered = self.process == ProcessState::Running;
        put("registered", f64::from(u8::from(registered)));
        put("uptime_secs", now.since(self.started).as_secs_f64());
        put("recovery_time_secs", self.recovery_time.as_secs_f64());
        put("frameworks_active", self.frameworks.len() as f64);
        for (name, state) in [
            ("tasks_staging", TaskState::Staging),
            ("tasks_starting", TaskState::Starting),
            ("tasks_running", TaskState::Running),
            ("tasks_killing", TaskState::Killing),
        ] {
            put(name, self.tasks.iter().filter(|task| task.state == state).count() as f64);
        }
        for (name, state) in [
            ("executors_registering", ExecutorState::Registering),
            ("executors_running", ExecutorState::Running),
            ("executors_terminating", ExecutorState::Terminating),
        ] {
            let in_state = |executor: &&Executor| executor.state == state;
            put(name, self.executors.iter().filter(in_state).count() as f64);
        }
        let counters = &self.counters;
        for (name, count) in [
            ("tasks_finished", counters.tasks_finished),
            ("tasks_failed", counters.tasks_failed),
            ("tasks_killed", counters.tasks_killed),
            ("tasks_lost", counters.tasks_lost),
            ("tasks_gone", counters.tasks_gone),
            ("valid_status_updates", counters.valid_status_updates),
            ("invalid_status_updates", counters.invalid_status_updates),
            ("executors_terminated", counters.executors_terminated),
            ("executors_preempted", counters.executors_preempted),
            ("container_launch_errors", counters.container_launch_errors),
        ] {
            put(name, count as f64);
        }
        let estimated = self.estimated().map(Resources::scalar_quantities).unwrap_or_default();
        for (kind, total, used) in [
            ("", self.registration.total.scalar_quantities(), self.used_once()),
            ("_revocable", estimated, self.in_use().revocable()),
        ] {
            for scalar in Scalar::ALL {
                let (name, total) = (scalar.name(), amount_to_f64(total[scalar]));
                let used = amount_to_f64(used.amount(scalar));
                put(&format!("{name}{kind}_total"), total);
                put(&format!("{name}{kind}_used"), used);
                put(&format!("{name}{kind}_percent"), if total > 0.0 { used / total } else { 0.0 });
            }
        }
        metrics.extend(self.port_mapping_metrics());
        for (name, value) in self.fetcher().metrics() {
            metrics.insert(format!("containerizer/fetcher/{name}"), value as f64);
        }
        metrics
    }

    /// The first two are Mesos's; the others tell how much of the isolator's is taken.
    fn port_mapping_metrics(&self) -> impl Iterator<Item = (String, f64)> {
        let limits = self.per_cpu_limits;
        let filters = self.port_filters().map(|filters| filters as f64);
        let without_ports = self.launches_without_ports as f64;
        let gauges = [
            ("per_cpu_egress_rate_limit", limits.egress.map(|rate| rate as f64)),
            ("per_cpu_ingress_rate_limit", limits.ingress.map(|rate| rate as f64)),
            ("filters", filters),
            ("ephemeral_port_blocks", self.port_blocks_limit().map(|blocks| blocks as f64)),
            ("ephemeral_port_blocks_used", filters.map(|_| self.port_blocks_taken() as f64)),
            ("launches_without_ports", filters.map(|_| without_ports)),
        ];
        let there = gauges.into_iter().filter_map(|(name, value)| Some((name, value?)));
        there.map(|(name, value)| (format!("port_mapping/{name}"), value))
    }

    /// What is in use and not revocable, each shared volume once.
    fn used_once(&self) -> Resources {
        let used = self.in_use().non_revocable();
        let mut once = used.non_shared();
        for entry in used.shared().others() {
            once.add_resource(entry.resource.clone());
        }
        once
    }
}
