//! Oversubscription: the agent's two loops and what comes of them (`spec/agent.md` 8.2, 8.3).
//!
//! The estimator is asked from the end of the recovery on, and the master is told when all that can be
//! oversubscribed, what is allocated of it included, has changed. The QoS controller names executors
//! that must end; nobody asks whether they use anything revocable. An estimate of anything that is not
//! revocable ends the agent's process, as a failed check of Mesos's would.

use super::executors::{Container, Executor, ExecutorState};
use super::task::Update;
use super::{Agent, Output, ProcessState, Timer};
use crate::arena::Handle;
use crate::observe::Observation;
use crate::protocol::{AgentUpdate, ExecutorId, FromAgent, Reason, TaskState};
use policy_api::{
    ContainerKey, Correction, Estimator, ExecutorKey, QosController, Resources, Span, Time,
};

/// How an agent oversubscribes its host. Estimator and controller are given as they begin: each
/// process of the agent gets its own.
#[derive(Clone, Debug)]
pub struct Oversubscription {
    /// `None` stands for Mesos's noop estimator: nobody is asked.
    pub estimator: Option<Box<dyn Estimator>>,
    /// `None` stands for Mesos's noop controller.
    pub qos_controller: Option<Box<dyn QosController>>,
    /// From an answer of the estimator to the next question.
    pub oversubscribed_resources_interval: Span,
    /// From an answer of the controller to the next question. Mesos's is nothing at all and trusts in
    /// controllers that take their time; here they answer at once.
    pub qos_correction_interval_min: Span,
}

impl Oversubscription {
    /// Questions at one and the same instant would keep a virtual clock there for ever; intervals are
    /// at least this long.
    pub const SHORTEST_INTERVAL: Span = Span::from_millis(100);
    /// Mesos's `oversubscribed_resources_interval`, and what takes the place of its
    /// `qos_correction_interval_min` of zero.
    pub const DEFAULT_INTERVAL: Span = Span::from_secs(15);
}

/// The loops of one agent.
#[derive(Clone, Debug)]
pub(super) struct Loops {
    setup: Oversubscription,
    /// The process that asks; a timer of an earlier one is stale.
    process: u32,
    estimator: Option<Box<dyn Estimator>>,
    qos_controller: Option<Box<dyn QosController>>,
    /// What can be oversubscribed, as it was estimated last.
    last: Option<Resources>,
}

impl Agent {
    /// Has it oversubscribe its host, from the next start of the process on.
    pub fn oversubscribe(&mut self, setup: Oversubscription) {
        let (estimator, qos_controller, last) = (None, None, None);
        self.loops = Some(Box::new(Loops { setup, process: 0, estimator, qos_controller, last }));
    }

    /// A new process knows nothing of what the one before has estimated.
    pub(super) fn forget_estimates(&mut self) {
        if let Some(loops) = &mut self.loops {
            loops.process += 1;
            loops.estimator.clone_from(&loops.setup.estimator);
            loops.qos_controller.clone_from(&loops.setup.qos_controller);
            loops.last = None;
        }
    }

    /// The process has recovered: both are asked for the first time.
    pub(super) fn start_loops(&mut self, now: Time, out: &mut Vec<Output>) {
        if let Some(loops) = &self.loops {
            let process = loops.process;
            self.ask_estimator(now, process, out);
            self.ask_qos_controller(now, process, out);
        }
    }

    pub(super) fn ask_estimator(&mut self, now: Time, process: u32, out: &mut Vec<Output>) {
        let Some((mut loops, usage)) = self.question(now, process) else { return };
        let answer = loops.estimator.as_mut().and_then(|it| it.estimate(now, &usage));
        let is_running = self.process == ProcessState::Running;
        if let Some(answer) = answer.as_ref().filter(|answer| **answer != answer.revocable()) {
            let estimate = answer.non_revocable().scalar_quantities();
            self.loops = Some(loops);
            out.push(Output::Observe(Observation::EstimateNotRevocable {
                host: self.host,
                estimate,
            }));
            self.exit(now, out);
            return;
        }
        if let Some(answer) = answer {
            let mut total = usage.revocable();
            total.add(&answer);
            let has_changed = loops.last.as_ref() != Some(&total);
            if let (true, true, Some(agent)) = (has_changed, is_running, self.id) {
                let oversubscribed = Some(total.clone());
                let update = Box::new(AgentUpdate { oversubscribed, ..AgentUpdate::default() });
                out.push(Output::Send(FromAgent::Update { agent, update }));
            }
            loops.last = Some(total);
            let wait = loops.setup.oversubscribed_resources_interval;
            let at = now + wait.max(Oversubscription::SHORTEST_INTERVAL);
            out.push(Output::Wake { at, timer: Timer::AskEstimator { process } });
        }
        self.loops = Some(loops);
    }

    pub(super) fn ask_qos_controller(&mut self, now: Time, process: u32, out: &mut Vec<Output>) {
        let Some((mut loops, usage)) = self.question(now, process) else { return };
        let answer = loops.qos_controller.as_mut().and_then(|it| it.correct(now, &usage));
        let wait = loops.setup.qos_correction_interval_min;
        self.loops = Some(loops);
        let Some(corrections) = answer else { return };
        let at = now + wait.max(Oversubscription::SHORTEST_INTERVAL);
        out.push(Output::Wake { at, timer: Timer::AskQosController { process } });
        for correction in corrections {
            if matches!(self.process, ProcessState::Disconnected | ProcessState::Running) {
                self.correct(now, correction, out);
            }
        }
    }

    /// What a question needs, if the process that wants to ask is still there.
    fn question(&mut self, now: Time, process: u32) -> Option<(Box<Loops>, policy_api::Usage)> {
        if !self.is_up() || self.loops.as_ref()?.process != process {
            return None;
        }
        let usage = self.usage(now);
        Some((self.loops.take()?, usage))
    }

    /// What can be oversubscribed, as it was estimated last; nothing is known before the first estimate.
    pub fn estimated(&self) -> Option<&Resources> {
        self.loops.as_ref()?.last.as_ref()
    }

    fn correct(&mut self, now: Time, correction: Correction, out: &mut Vec<Output>) {
        let Correction::Kill { framework, executor, container } = correction;
        if self.is_terminating(framework) {
            return;
        }
        let is_meant = |handle: Handle<Executor>, row: &Executor| {
            row.framework == framework
                && row.key(handle) == executor
                && container.is_none_or(|wanted| wanted == container_key(handle))
                && matches!(row.state, ExecutorState::Registering | ExecutorState::Running)
        };
        let meant = self.executors.entries().find(|(handle, row)| is_meant(*handle, row));
        let Some((handle, _)) = meant else { return };
        let aware = self.is_partition_aware(framework);
        let state = if aware { TaskState::Gone } else { TaskState::Lost };
        self.counters.executors_preempted += 1;
        self.kill_container(now, handle, Update::of_agent(state, Reason::ContainerPreempted), out);
    }

    /// A container is destroyed without any grace; what runs in it ends so.
    pub(super) fn kill_container(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        end: Update,
        out: &mut Vec<Output>,
    ) {
        let host = self.host;
        let Some(row) = self.executors.get_mut(handle) else { return };
        if row.container == Container::Gone {
            return;
        }
        row.state = ExecutorState::Terminating;
        row.termination = Some(end);
        if let Some(reason) = end.reason {
            let framework = row.framework;
            let executor = row.named.as_ref().map(|named| named.info.id);
            let killed = Observation::ContainerKilled { host, framework, executor, reason };
            out.push(Output::Observe(killed));
        }
        self.destroy_container(now, handle, out);
    }
}

impl Executor {
    /// The name of a named one; that of a command is its container's.
    pub(super) fn key(&self, handle: Handle<Self>) -> ExecutorKey {
        match &self.named {
            Some(named) => named_key(named.info.id),
            None => ExecutorKey(container_key(handle).0 | 1 << 63),
        }
    }
}

fn named_key(id: ExecutorId) -> ExecutorKey {
    ExecutorKey(u64::from(id.0))
}

pub(super) fn container_key(handle: Handle<Executor>) -> ContainerKey {
    ContainerKey(u64::from(handle.generation()) << 32 | u64::from(handle.slot()))
}
