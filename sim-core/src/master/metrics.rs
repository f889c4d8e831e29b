//! The master's metrics under Mesos's names (`spec/master.md` section 12).

use super::books::FrameworkState;
use super::{AgentState, Master};
use crate::protocol::{Call, OperationKind, OperationState, Reason, Source, TaskState};
use policy_api::{
    Allocator, FrameworkId, InverseOfferStatus, MetricsSnapshot, Quantities, Scalar, Time,
    amount_to_f64,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What only grows.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters {
    pub(super) dropped_messages: u64,
    pub(super) status_updates: u64,
    pub(super) valid_status_updates: u64,
    pub(super) invalid_status_updates: u64,
    pub(super) valid_acknowledgements: u64,
    pub(super) invalid_acknowledgements: u64,
    pub(super) operation_updates: u64,
    pub(super) register_agent: u64,
    pub(super) reregister_agent: u64,
    pub(super) unregister_agent: u64,
    pub(super) exited_executor: u64,
    pub(super) update_agent: u64,
    pub(super) agent_registrations: u64,
    pub(super) agent_reregistrations: u64,
    pub(super) agent_removals: u64,
    pub(super) removals_unhealthy: u64,
    pub(super) removals_unregistered: u64,
    pub(super) removals_registered: u64,
    pub(super) unreachable_scheduled: u64,
    pub(super) unreachable_completed: u64,
    pub(super) unreachable_canceled: u64,
    pub(super) recovery_agent_removals: u64,
    pub(super) calls: Calls,
    tasks: BTreeMap<(TaskState, Source, Option<Reason>), u64>,
    operations: BTreeMap<(OperationKind, OperationState), u64>,
}

/// Calls of frameworks by kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    subscribe: u64,
    update_framework: u64,
    accept: u64,
    decline: u64,
    accept_inverse: u64,
    decline_inverse: u64,
    suppress: u64,
    revive: u64,
    acknowledge: u64,
    acknowledge_operation: u64,
    kill: u64,
    shutdown: u64,
    reconcile: u64,
    reconcile_operations: u64,
    deactivate: u64,
    teardown: u64,
}

/// What is counted for one framework.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FrameworkCounters {
    pub(super) received: u64,
    pub(super) processed: u64,
    pub(super) offers_sent: u64,
    pub(super) offers_accepted: u64,
    pub(super) offers_declined: u64,
    pub(super) offers_rescinded: u64,
}

impl Counters {
    pub(super) const fn call(&mut self, call: &Call) {
        let calls = &mut self.calls;
        let counter = match call {
            Call::Subscribe(_) => &mut calls.subscribe,
            Call::UpdateFramework(_) => &mut calls.update_framework,
            // A quirk of Mesos's: accepting for nothing is counted as a decline.
            Call::Accept { operations, .. } if operations.is_empty() => &mut calls.decline,
            Call::Accept { .. } => &mut calls.accept,
            Call::Decline { .. } => &mut calls.decline,
            Call::AnswerInverseOffers { status: InverseOfferStatus::Accept, .. } => {
                &mut calls.accept_inverse
            }
            Call::AnswerInverseOffers { status: InverseOfferStatus::Decline, .. } => {
                &mut calls.decline_inverse
            }
            Call::Suppress { .. } => &mut calls.suppress,
            Call::Revive { .. } => &mut calls.revive,
            Call::Acknowledge { .. } => &mut calls.acknowledge,
            Call::AcknowledgeOperation { .. } => &mut calls.acknowledge_operation,
            Call::Kill { .. } => &mut calls.kill,
            Call::Shutdown { .. } => &mut calls.shutdown,
            Call::Reconcile { .. } => &mut calls.reconcile,
            Call::ReconcileOperations { .. } => &mut calls.reconcile_operations,
            Call::Deactivate => &mut calls.deactivate,
            Call::Teardown => &mut calls.teardown,
        };
        *counter += 1;
    }

    pub(super) fn task_ended(&mut self, ended: (TaskState, Source, Option<Reason>)) {
        *self.tasks.entry(ended).or_default() += 1;
    }

    pub(super) fn operation_ended(&mut self, kind: OperationKind, state: OperationState) {
        *self.operations.entry((kind, state)).or_default() += 1;
    }
}

impl<A: Allocator> Master<A> {
    pub(super) fn has_principal(&self, framework: FrameworkId) -> bool {
        self.frameworks[framework].subscription.principal.is_some()
    }

    pub(super) fn count_received(&mut self, framework: FrameworkId) {
        self.frameworks[framework].counters.received += 1;
    }

    pub(super) fn count_processed(&mut self, framework: FrameworkId) {
        self.frameworks[framework].counters.processed += 1;
    }

    /// All metrics of the master, as they stand at `now`. Walks agents and tasks: not for hot loops.
    pub fn metrics(&self, now: Time) -> MetricsSnapshot {
        let mut metrics = self.gauges(now);
        self.counts(&mut metrics);
        self.ended(&mut metrics);
        self.of_principals(&mut metrics);
        for (_, framework) in self.frameworks.enumerate() {
            if !framework.is_known() {
                continue;
            }
            let prefix = format!("master/frameworks/{}", framework.subscription.info.name);
            let counters = &framework.counters;
            for (name, count) in [
                ("sent", counters.offers_sent),
                ("accepted", counters.offers_accepted),
                ("declined", counters.offers_declined),
                ("rescinded", counters.offers_rescinded),
            ] {
                set(&mut metrics, &format!("{prefix}/offers/{name}"), count);
            }
            let subscribed = u64::from(framework.is_connected());
            set(&mut metrics, &format!("{prefix}/subscribed"), subscribed);
        }
        metrics
    }

    /// What goes up and down.
    pub fn gauges(&self, now: Time) -> MetricsSnapshot {
        let mut metrics = MetricsSnapshot::new();
        let uptime = now.since(self.started).as_secs_f64();
        metrics.insert("master/uptime_secs".to_owned(), uptime);
        set(&mut metrics, "master/elected", 1);
        let agents = |condition: &dyn Fn(&super::books::AgentBook) -> bool| {
            let registered = self.agents.iter().filter(|it| it.state == AgentState::Registered);
            registered.filter(|it| condition(it)).count() as u64
        };
        set(&mut metrics, "master/slaves_connected", agents(&|it| it.connected));
        set(&mut metrics, "master/slaves_disconnected", agents(&|it| !it.connected));
        set(&mut metrics, "master/slaves_active", agents(&|it| it.is_active()));
        set(&mut metrics, "master/slaves_inactive", agents(&|it| !it.is_active()));
        let unreachable = self.registry().unreachable.len() as u64;
        set(&mut metrics, "master/slaves_unreachable", unreachable);
        let frameworks = |condition: &dyn Fn(&super::books::FrameworkBook) -> bool| {
            let known = self.frameworks.iter().filter(|it| it.is_known());
            known.filter(|it| condition(it)).count() as u64
        };
        let connected = |it: &super::books::FrameworkBook| it.state == FrameworkState::Connected;
        set(&mut metrics, "master/frameworks_connected", frameworks(&connected));
        set(&mut metrics, "master/frameworks_disconnected", frameworks(&|it| !connected(it)));
        set(&mut metrics, "master/frameworks_active", frameworks(&|it| it.active));
        set(&mut metrics, "master/frameworks_inactive", frameworks(&|it| !it.active));
        set(&mut metrics, "master/outstanding_offers", self.offers.len() as u64);
        self.task_gauges(&mut metrics);
        self.resource_gauges(&mut metrics);
        set(&mut metrics, "registrar/queued_operations", self.registrar.queued() as u64);
        metrics
    }

    fn task_gauges(&self, metrics: &mut MetricsSnapshot) {
        let (mut staging, mut starting, mut running, mut killing) = (0, 0, 0, 0);
        let mut unreachable = 0;
        for framework in &self.frameworks {
            for task in framework.tasks.iter() {
                match task.state {
                    TaskState::Staging => staging += 1,
                    TaskState::Starting => starting += 1,
                    TaskState::Running => running += 1,
                    TaskState::Killing => killing += 1,
                    TaskState::Finished
                    | TaskState::Failed
                    | TaskState::Killed
                    | TaskState::Lost
                    | TaskState::Dropped
                    | TaskState::Error
                    | TaskState::Gone
                    | TaskState::GoneByOperator
                    | TaskState::Unknown
                    | TaskState::Unreachable => {}
                }
            }
            let past = framework.unreachable.iter();
            unreachable += past.filter(|it| it.state == TaskState::Unreachable).count() as u64;
        }
        set(metrics, "master/tasks_staging", staging);
        set(metrics, "master/tasks_starting", starting);
        set(metrics, "master/tasks_running", running);
        set(metrics, "master/tasks_killing", killing);
        set(metrics, "master/tasks_unreachable", unreachable);
    }

    fn resource_gauges(&self, metrics: &mut MetricsSnapshot) {
        let mut sums = [[Quantities::ZERO; 2]; 2];
        for book in self.agents.iter().filter(|it| it.state == AgentState::Registered) {
            // A shared volume counts once, however many tasks use it: copies add no amounts.
            for (sum, resources) in sums.iter_mut().zip([&book.total, &book.used]) {
                sum[0] += resources.non_revocable().scalar_quantities();
                sum[1] += resources.revocable().scalar_quantities();
            }
        }
        let [total, used] = sums;
        for (index, suffix) in ["", "_revocable"].into_iter().enumerate() {
            for scalar in Scalar::ALL {
                let name = format!("master/{}{suffix}", scalar.name());
                let (total, used) = (total[index][scalar], used[index][scalar]);
                let (total, used) = (amount_to_f64(total), amount_to_f64(used));
                metrics.insert(format!("{name}_total"), total);
                metrics.insert(format!("{name}_used"), used);
                let percent = if total > 0.0 { used / total } else { 0.0 };
                metrics.insert(format!("{name}_percent"), percent);
            }
        }
    }

    fn counts(&self, metrics: &mut MetricsSnapshot) {
        let (counters, calls) = (&self.counters, &self.counters.calls);
        for (name, count) in [
            ("dropped_messages", counters.dropped_messages),
            ("messages_register_framework", calls.subscribe),
            ("messages_update_framework", calls.update_framework),
            ("messages_accept_offers", calls.accept),
            ("messages_decline_offers", calls.decline),
            ("messages_accept_inverse_offers", calls.accept_inverse),
            ("messages_decline_inverse_offers", calls.decline_inverse),
            ("messages_suppress_offers", calls.suppress),
            ("messages_revive_offers", calls.revive),
            ("messages_status_update_acknowledgement", calls.acknowledge),
            ("messages_operation_status_update_acknowledgement", calls.acknowledge_operation),
            ("messages_kill_task", calls.kill),
            ("messages_shutdown_executor", calls.shutdown),
            ("messages_reconcile_tasks", calls.reconcile),
            ("messages_reconcile_operations", calls.reconcile_operations),
            ("messages_deactivate_framework", calls.deactivate),
            ("messages_unregister_framework", calls.teardown),
            ("messages_status_update", counters.status_updates),
            ("messages_operation_status_update", counters.operation_updates),
            ("messages_register_slave", counters.register_agent),
            ("messages_reregister_slave", counters.reregister_agent),
            ("messages_unregister_slave", counters.unregister_agent),
            ("messages_exited_executor", counters.exited_executor),
            ("messages_update_slave", counters.update_agent),
            ("valid_status_updates", counters.valid_status_updates),
            ("invalid_status_updates", counters.invalid_status_updates),
            ("valid_status_update_acknowledgements", counters.valid_acknowledgements),
            ("invalid_status_update_acknowledgements", counters.invalid_acknowledgements),
            ("slave_registrations", counters.agent_registrations),
            ("slave_reregistrations", counters.agent_reregistrations),
            ("slave_removals", counters.agent_removals),
            ("slave_removals/reason_unhealthy", counters.removals_unhealthy),
            ("slave_removals/reason_unregistered", counters.removals_unregistered),
            ("slave_removals/reason_registered", counters.removals_registered),
            ("slave_unreachable_scheduled", counters.unreachable_scheduled),
            ("slave_unreachable_completed", counters.unreachable_completed),
            ("slave_unreachable_canceled", counters.unreachable_canceled),
            ("recovery_slave_removals", counters.recovery_agent_removals),
        ] {
            set(metrics, &format!("master/{name}"), count);
        }
    }

    fn ended(&self, metrics: &mut MetricsSnapshot) {
        for state in TaskState::ALL.into_iter().filter(|state| state.is_terminal()) {
            let of_state = self.counters.tasks.iter().filter(|((it, _, _), _)| *it == state);
            let count = of_state.map(|(_, count)| count).sum();
            set(metrics, &format!("master/tasks_{}", short(state)), count);
        }
        for ((state, source, reason), count) in &self.counters.tasks {
            let Some(reason) = reason else { continue };
            let state = short(*state);
            let name = format!("master/task_{state}/{}/{}", source.name(), reason.metric_name());
            set(metrics, &name, *count);
        }
        for ((kind, state), count) in &self.counters.operations {
            let state = state.name().trim_start_matches("OPERATION_").to_lowercase();
            let kind = kind.name().to_lowercase();
            set(metrics, &format!("master/operations/{kind}/{state}"), *count);
            *metrics.entry(format!("master/operations/{state}")).or_default() += *count as f64;
        }
    }

    /// Counters of a principal are there as long as one of its frameworks is.
    fn of_principals(&self, metrics: &mut MetricsSnapshot) {
        let mut sums: BTreeMap<&Arc<str>, (u64, u64, bool)> = BTreeMap::new();
        for framework in &self.frameworks {
            if let Some(principal) = &framework.subscription.principal {
                let sum = sums.entry(principal).or_default();
                sum.0 += framework.counters.received;
                sum.1 += framework.counters.processed;
                sum.2 |= framework.is_known();
            }
        }
        for (principal, (received, processed, _)) in sums.into_iter().filter(|(_, it)| it.2) {
            set(metrics, &format!("frameworks/{principal}/messages_received"), received);
            set(metrics, &format!("frameworks/{principal}/messages_processed"), processed);
        }
    }
}

/// `finished` for `TASK_FINISHED`.
fn short(state: TaskState) -> String {
    state.name().trim_start_matches("TASK_").to_lowercase()
}

fn set(metrics: &mut MetricsSnapshot, name: &str, count: u64) {
    metrics.insert(name.to_owned(), count as f64);
}
