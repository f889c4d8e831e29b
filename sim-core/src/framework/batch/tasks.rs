//! What becomes of the tasks of a batch framework.

use super::BatchFramework;
use crate::arena::Handle;
use crate::framework::Output;
use crate::framework::job_queue::{Slot, Task};
use crate::framework::life::{Life, News, Work, row_of, task_id};
use crate::observe::Observation;
use crate::protocol::{Call, OfferOperationKind, StatusUpdate, TaskState};
use policy_api::Time;

/// A task from the decision to launch it until its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct LiveTask {
    pub(super) job: Slot,
    pub(super) task: Task,
    pub(super) life: Life,
}

impl BatchFramework {
    pub(super) fn update(&mut self, now: Time, update: &StatusUpdate, out: &mut Vec<Output>) {
        self.session.acknowledge(update, out);
        let handle = row_of(update.task);
        let Some(live) = self.tasks.get_mut(handle) else {
            // It has come back too late: its work was queued again.
            return self.session.kill_if_alive(update, out);
        };
        match live.life.hear(now, update) {
            News::Alive => {}
            News::Started => {
                let (role, arrived) = (live.life.role, self.queue.get(live.job).arrived);
                out.push(Output::Observe(Observation::TaskStarted {
                    framework: self.id,
                    role,
                    waited: now.since(arrived),
                }));
            }
            News::Unreachable(since) => {
                let until = since + self.options.unreachable_timeout;
                self.session.note_unreachable(until, update.task);
                self.forget_unreachable(now, out);
            }
            News::Ended(state) => self.end(now, handle, state, out),
        }
    }

    /// Gives up tasks whose agents have not answered for too long.
    pub(super) fn forget_unreachable(&mut self, now: Time, out: &mut Vec<Output>) {
        let timeout = self.options.unreachable_timeout;
        while let Some(task) = self.session.pop_unreachable(now) {
            let handle = row_of(task);
            let live = self.tasks.get(handle);
            if live.is_some_and(|live| live.life.is_unreachable_for(now, timeout)) {
                self.end(now, handle, TaskState::Unreachable, out);
            }
        }
    }

    fn end(
        &mut self,
        now: Time,
        handle: Handle<LiveTask>,
        state: TaskState,
        out: &mut Vec<Output>,
    ) {
        let Some(live) = self.tasks.remove(handle) else { return };
        let job = self.queue.get_mut(live.job);
        let shape = &job.job.shapes[live.task.shape as usize];
        let work = Work {
            job: job.index,
            number: live.task.number,
            demand: shape.demand,
            arrived: job.arrived,
            duration: live.task.duration,
        };
        if shape.wants_unique_agent() {
            job.forget_agent(live.life.agent);
        }
        let record = live.life.record(self.id, work, now, state);
        out.push(Output::Observe(Observation::TaskEnded(record)));
        if Self::runs_again(state) {
            self.queue.put_back(live.job, live.task);
            self.fresh_work = true;
        } else if let Some(over) = self.queue.finish(live.job) {
            out.push(Output::Observe(Observation::JobEnded {
                framework: self.id,
                job: over.index,
                arrived: over.arrived,
            }));
        }
    }

    /// The offers are void, and with them the decisions that were not sent yet: their tasks wait again.
    pub(super) fn lose_offers(&mut self) {
        self.waiting.clear();
        self.held.clear();
        self.deadlines.clear();
        let accepts = self.thinking.take().map(|thought| thought.accepts);
        // The last one first, so that they wait in the order in which they did.
        for call in accepts.into_iter().flatten().rev() {
            let Call::Accept { operations, .. } = call else { continue };
            for operation in operations.into_iter().rev() {
                let OfferOperationKind::Launch(launch) = operation.kind else { continue };
                let Some(live) = self.tasks.remove(row_of(launch.task)) else { continue };
                let job = self.queue.get_mut(live.job);
                if job.job.shapes[live.task.shape as usize].wants_unique_agent() {
                    job.forget_agent(live.life.agent);
                }
                self.queue.put_back(live.job, live.task);
            }
        }
    }

    /// The master has refused the scheduler for good: nobody follows its tasks any more.
    pub(super) fn stop(&mut self, now: Time, out: &mut Vec<Output>) {
        self.lose_offers();
        self.session.stop();
        let tasks: Vec<_> = self.tasks.entries().map(|(handle, _)| handle).collect();
        for handle in tasks {
            self.end(now, handle, TaskState::Lost, out);
        }
    }

    pub(super) fn subscribed(&mut self, now: Time, out: &mut Vec<Output>) {
        let live = self.tasks.entries().map(|(handle, live)| (task_id(handle), live.life.agent));
        self.session.subscribed(now, live, out);
    }

    /// Whether a task of this end has not done its work through no fault of its own, so that it is queued
    /// again.
    pub const fn runs_again(state: TaskState) -> bool {
        match state {
            TaskState::Lost
            | TaskState::Dropped
            | TaskState::Killed
            | TaskState::Unreachable
            | TaskState::Gone
            | TaskState::GoneByOperator
            | TaskState::Unknown => true,
            TaskState::Staging
            | TaskState::Starting
            | TaskState::Running
            | TaskState::Killing
            | TaskState::Finished
            | TaskState::Failed
            | TaskState::Error => false,
        }
    }
}
