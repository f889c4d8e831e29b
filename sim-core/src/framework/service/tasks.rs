//! The incarnations of a service's instances.

use super::ServiceFramework;
use crate::arena::Handle;
use crate::framework::Output;
use crate::framework::life::{Life, News, Work, row_of, task_id};
use crate::observe::{JobIndex, Observation};
use crate::protocol::{Call, StatusUpdate, TaskState};
use policy_api::{AgentId, RoleId, Span, Time};

/// One incarnation of an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServiceTask {
    instance: u32,
    incarnation: u32,
    /// Since when the instance had been missing.
    arrived: Time,
    pub(super) life: Life,
    /// It was killed, and its end is not told yet.
    killed: bool,
}

impl ServiceFramework {
    /// A new incarnation; the current one leaves.
    pub(super) fn launch(
        &mut self,
        now: Time,
        number: u32,
        role: RoleId,
        agent: AgentId,
    ) -> Handle<ServiceTask> {
        let instance = &mut self.instances[number as usize];
        let moves = instance.current.is_some();
        let task = self.tasks.insert(ServiceTask {
            instance: number,
            incarnation: instance.incarnations,
            arrived: if moves { now } else { instance.missing_since },
            life: Life::new(role, agent, now),
            killed: false,
        });
        instance.incarnations += 1;
        instance.leaving = instance.current.replace(task);
        task
    }

    pub(super) fn kill(&mut self, handle: Handle<ServiceTask>, out: &mut Vec<Output>) {
        if let Some(task) = self.tasks.get_mut(handle) {
            task.killed = true;
            let (task, agent) = (task_id(handle), Some(task.life.agent));
            self.session.call(Call::Kill { task, agent, grace: None }, out);
        }
    }

    pub(super) fn update(&mut self, now: Time, update: &StatusUpdate, out: &mut Vec<Output>) {
        self.session.acknowledge(update, out);
        let handle = row_of(update.task);
        let Some(task) = self.tasks.get_mut(handle) else {
            // It has come back too late: it was replaced.
            return self.session.kill_if_alive(update, out);
        };
        let number = task.instance;
        let news = task.life.hear(now, update);
        if task.killed {
            // The KILL may have been lost with a connection, or have come before the task.
            self.session.kill_if_alive(update, out);
        }
        match news {
            News::Alive => {}
            News::Started => {
                let (role, waited) = (task.life.role, now.since(task.arrived));
                let framework = self.id;
                out.push(Output::Observe(Observation::TaskStarted { framework, role, waited }));
                let instance = &mut self.instances[number as usize];
                if instance.current == Some(handle)
                    && let Some(old) = instance.leaving.take()
                {
                    self.kill(old, out);
                }
            }
            News::Unreachable(since) => {
                let until = since + self.options.unreachable_timeout;
                self.session.note_unreachable(until, update.task);
                self.forget_unreachable(now, out);
            }
            News::Ended(state) => self.end(now, handle, state, out),
        }
        self.settle(now, number);
    }

    /// Replaces instances whose agents have not answered for too long.
    pub(super) fn forget_unreachable(&mut self, now: Time, out: &mut Vec<Output>) {
        let timeout = self.options.unreachable_timeout;
        while let Some(task) = self.session.pop_unreachable(now) {
            let handle = row_of(task);
            let task = self.tasks.get(handle);
            if task.is_some_and(|task| task.life.is_unreachable_for(now, timeout)) {
                self.end(now, handle, TaskState::Unreachable, out);
            }
        }
    }

    fn end(
        &mut self,
        now: Time,
        handle: Handle<ServiceTask>,
        state: TaskState,
        out: &mut Vec<Output>,
    ) {
        let Some(task) = self.tasks.remove(handle) else { return };
        let work = Work {
            job: JobIndex(task.instance),
            number: task.incarnation,
            demand: self.options.demand,
            arrived: task.arrived,
            duration: Span::MAX,
        };
        let record = task.life.record(self.id, work, now, state);
        out.push(Output::Observe(Observation::TaskEnded(record)));
        let instance = &mut self.instances[task.instance as usize];
        if instance.leaving == Some(handle) {
            instance.leaving = None;
        } else if instance.current == Some(handle) {
            // Where it has failed to move, the old one stays for now.
            instance.current = instance.leaving.take();
            instance.missing_since = now;
            // It has not ended by itself where its agent does not answer.
            if state != TaskState::Unreachable {
                instance.restart.ended(now, task.life.started());
            }
        }
        self.settle(now, task.instance);
    }

    /// The master has refused the scheduler for good: nobody follows its tasks any more.
    pub(super) fn stop(&mut self, now: Time, out: &mut Vec<Output>) {
        self.session.stop();
        let tasks: Vec<_> = self.tasks.entries().map(|(handle, _)| handle).collect();
        for handle in tasks {
            self.end(now, handle, TaskState::Lost, out);
        }
    }

    pub(super) fn subscribed(&mut self, now: Time, out: &mut Vec<Output>) {
        let live = self.tasks.entries().map(|(handle, task)| (task_id(handle), task.life.agent));
        self.session.subscribed(now, live, out);
    }
}
