//! Ends and starts of the process and of the host (`spec/agent.md` section 6).

use super::executors::{Container, Executor, ExecutorState};
use super::metrics::Counters;
use super::resources::AgentResources;
use super::task::{Task, Update};
use super::volumes::Volumes;
use super::{Agent, AgentOptions, Boot, Farewell, Output, ProcessState, Timer};
use crate::arena::Handle;
use crate::protocol::{Reason, TaskState};
use policy_api::Time;

impl Agent {
    /// What a process knows when it comes up, besides what it has written down.
    pub(super) fn begin_process(&mut self, now: Time) {
        self.epoch += 1;
        self.started = now;
        self.farewell = Farewell::UntilRestart;
        self.counters = Counters::default();
        self.completed.clear();
        self.retry_at = None;
        self.forget_estimates();
    }

    /// The process ends. Executors of checkpointing frameworks wait for the next one; the others end
    /// as soon as their agent is gone.
    pub(super) fn end_process(&mut self, now: Time, out: &mut Vec<Output>) {
        if !self.is_up() {
            return;
        }
        self.process = ProcessState::Down;
        self.epoch += 1;
        self.retry_at = None;
        // Also the cache: the next process wipes it when it comes up.
        self.stop_fetching(now, out);
        for framework in &mut self.frameworks {
            framework.terminating = false;
        }
        for executor in self.executors_where(|row| !self.outlives_the_agent(row)) {
            self.destroy_container(now, executor, out);
            while let Some(task) = self.task_of(executor, 0) {
                self.remove_task(now, task, out);
            }
            if let Some(row) = self.executors.get_mut(executor) {
                row.state = ExecutorState::Terminated;
            }
            self.remove_ended_executor(now, executor, out);
        }
        // Tasks that were dropped on their arrival were never written down.
        for task in self.tasks_where(|task| task.executor.is_none()) {
            self.remove_task(now, task, out);
        }
        if self.executors.iter().any(Executor::is_live) {
            let at = now + self.options.recovery_timeout;
            out.push(Output::Wake { at, timer: Timer::RecoveryTimeout { epoch: self.epoch } });
        }
    }

    fn outlives_the_agent(&self, executor: &Executor) -> bool {
        self.framework(executor.framework).is_some_and(|framework| framework.checkpoint)
    }

    /// The process ends by itself.
    pub(super) fn exit(&mut self, now: Time, out: &mut Vec<Output>) {
        if !self.is_up() {
            return;
        }
        self.end_process(now, out);
        out.push(Output::Exited);
        let comes_back = match self.farewell {
            Farewell::UntilRestart => true,
            Farewell::AsNewAgent => {
                self.forget(now, out);
                true
            }
            Farewell::Unregistered => {
                self.forget(now, out);
                false
            }
            Farewell::ForGood => false,
        };
        if let Some(delay) = self.options.restart_delay.filter(|_| comes_back) {
            let delay = delay.max(AgentOptions::SHORTEST_RESTART_DELAY);
            let timer = Timer::Restart { epoch: self.epoch };
            out.push(Output::Wake { at: now + delay, timer });
        }
    }

    /// Executors have waited too long for their agent.
    pub(super) fn executors_give_up(&mut self, now: Time, out: &mut Vec<Output>) {
        for executor in self.executors_where(Executor::is_live) {
            self.destroy_container(now, executor, out);
        }
    }

    pub(super) fn power_off(&mut self, now: Time, out: &mut Vec<Output>) {
        self.end_process(now, out);
        // A wait for executors, or for a supervisor, ends with the power.
        self.epoch += 1;
        self.boot = Boot::Off;
        for executor in self.executors_where(|row| row.container != Container::Gone) {
            self.destroy_container(now, executor, out);
        }
    }

    /// Whether the host has power.
    pub fn has_power(&self) -> bool {
        self.boot != Boot::Off
    }

    pub(super) fn power_on(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.boot == Boot::Off {
            self.boot = Boot::Fresh;
        }
        self.start_again(now, out);
    }

    /// A host with the same name and empty disks.
    pub(super) fn replace(&mut self, now: Time, out: &mut Vec<Output>) {
        self.power_off(now, out);
        self.forget(now, out);
        self.volumes.lose_all(now, out);
        self.volumes = Volumes::new(self.host, &self.registration.total);
        self.resources = AgentResources::new(self.registration.total.clone());
        self.disk_full = false;
        self.power_on(now, out);
    }

    /// It will be a new agent. Reservations and volumes stay: they are not written down under the id.
    /// Whatever still runs ends.
    fn forget(&mut self, now: Time, out: &mut Vec<Output>) {
        for executor in self.executors_where(|row| row.container != Container::Gone) {
            self.destroy_container(now, executor, out);
        }
        self.id = None;
        self.known = None;
        self.drain = None;
        self.operations.clear();
        self.frameworks.clear();
        // Row by row: what is still on its way to one must not find another in its place.
        for executor in self.executors_where(|_| true) {
            self.executors.remove(executor);
        }
        for task in self.tasks_where(|_| true) {
            self.tasks.remove(task);
        }
    }

    /// The process starts and recovers what the last one has left.
    pub(super) fn start_again(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.is_up() || self.boot == Boot::Off {
            return;
        }
        let rebooted = self.boot == Boot::Fresh;
        let is_same = self.known.as_ref().is_none_or(|known| {
            let configured = &self.registration.total;
            let additive = self.options.profile.agent_reconfiguration;
            known == configured || additive && configured.contains(known)
        });
        let may_start = is_same || rebooted;
        if !may_start || !self.resources.configure(&self.registration.total) {
            // It would fail again in the same way, so that no supervisor starts it again.
            out.push(Output::Exited);
            return;
        }
        if rebooted && !(is_same && self.options.profile.reboot_keeps_id) {
            self.forget(now, out);
        }
        self.begin_process(now);
        self.recover_ports();
        self.boot = Boot::Recovered;
        self.process = ProcessState::Recovering;
        #[cfg(feature = "sabotage")]
        if self.options.sabotage == Some(crate::sabotage::Sabotage::ForgetReservations) {
            self.resources = AgentResources::new(self.registration.total.clone());
        }
        let recovered = self.executors_where(|executor| self.is_to_be_recovered(executor));
        let waits = !recovered.is_empty();
        for executor in recovered {
            self.recover_executor(now, executor, rebooted, out);
            if self.process != ProcessState::Recovering {
                return;
            }
        }
        if waits {
            let at = now + self.options.executor_reregistration_timeout;
            out.push(Output::Wake { at, timer: Timer::RecoveryEnds { epoch: self.epoch } });
        } else {
            self.recovery_ends(now, out);
        }
    }

    /// Not only if it has not ended: the agent may have failed to write down what became of its tasks.
    fn is_to_be_recovered(&self, executor: &Executor) -> bool {
        let mut tasks = executor.tasks.as_slice().iter().filter_map(|task| self.tasks.get(*task));
        !executor.is_terminated() || tasks.any(Task::is_unfinished)
    }

    /// Executors that live answer at once and tell what they have kept. Those that have gone, without
    /// a trace on this boot of the host, are waited for.
    fn recover_executor(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        rebooted: bool,
        out: &mut Vec<Output>,
    ) {
        let Some(executor) = self.executors.get_mut(handle) else { return };
        executor.state = ExecutorState::Registering;
        match executor.container {
            Container::Running | Container::Leaving => {
                executor.state = ExecutorState::Running;
                self.take_what_was_held(now, handle, out);
            }
            // The agent before has not got to launching it, and did not finish.
            Container::Fetching | Container::Launching => self.destroy_container(now, handle, out),
            Container::Gone if rebooted => self.executor_terminated(now, handle, out),
            Container::Gone | Container::Unregistered => {}
        }
    }

    fn take_what_was_held(&mut self, now: Time, executor: Handle<Executor>, out: &mut Vec<Output>) {
        let mut index = 0;
        while let Some(task) = self.task_of(executor, index) {
            while let Some(update) = self.tasks.get(task).and_then(|task| task.held.first()) {
                if !self.take_update(now, task, update, out) {
                    return;
                }
                if let Some(task) = self.tasks.get_mut(task) {
                    task.held.pop();
                }
            }
            index += 1;
        }
        self.end_idle_executor(now, executor, out);
    }

    /// Executors that have not come back are given up.
    pub(super) fn recovery_ends(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.process != ProcessState::Recovering {
            return;
        }
        for handle in self.executors_where(|row| row.state == ExecutorState::Registering) {
            let Some(executor) = self.executors.get(handle) else { continue };
            let aware = self.is_partition_aware(executor.framework);
            let state = if aware { TaskState::Gone } else { TaskState::Lost };
            let end = Update::of_agent(state, Reason::ExecutorReregistrationTimeout);
            if let Some(executor) = self.executors.get_mut(handle) {
                executor.termination = Some(end);
            }
            self.destroy_container(now, handle, out);
        }
        self.recovery_time = now.since(self.started);
        self.kill_all_for_draining(now, out);
        if self.process != ProcessState::Recovering {
            return;
        }
        self.resume_disk_operations(now, out);
        if self.options.recover_cleanup && self.id.is_some() {
            self.farewell = Farewell::Unregistered;
            self.terminate(now, out);
        } else {
            self.detect_master(now, out);
            self.start_loops(now, out);
        }
    }
}
