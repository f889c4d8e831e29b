//! One replica and its tasks: when it is up, when it has its data, when it is given up.

use super::volume::{Volume, bytes};
use super::{StatefulFramework, as_number};
use crate::arena::Handle;
use crate::framework::Output;
use crate::framework::backoff::Restart;
use crate::framework::life::{Life, News, Work, row_of, task_id};
use crate::observe::{JobIndex, Observation, ReplicaChange};
use crate::protocol::{StatusUpdate, TaskId, TaskState};
use policy_api::{AgentId, RoleId, Span, Time};

#[derive(Clone, Debug)]
pub(super) struct Replica {
    incarnations: u32,
    /// How many volumes it has had; the number of the next one.
    pub(super) volumes: u32,
    pub(super) volume: Option<Volume>,
    pub(super) task: Option<Handle<ReplicaTask>>,
    /// Since when it has had no task.
    missing_since: Time,
    restart: Restart,
    /// Since when its volume is waited for.
    waiting_since: Option<Time>,
    up: bool,
    /// Others have its data, and its volume has not.
    must_copy: bool,
    /// When it will have copied them.
    copied_at: Option<Time>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ReplicaTask {
    replica: usize,
    incarnation: u32,
    arrived: Time,
    pub(super) life: Life,
}

impl Replica {
    pub(super) const fn new(now: Time) -> Self {
        Self {
            incarnations: 0,
            volumes: 0,
            volume: None,
            task: None,
            missing_since: now,
            restart: Restart::new(),
            waiting_since: None,
            up: false,
            must_copy: false,
            copied_at: None,
        }
    }

    /// Whether it could be launched now.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.task.is_none() && self.restart.not_before <= now
    }
}

impl StatefulFramework {
    pub(super) fn begin_task(
        &mut self,
        now: Time,
        number: usize,
        role: RoleId,
        agent: AgentId,
    ) -> TaskId {
        let replica = &mut self.replicas[number];
        let handle = self.tasks.insert(ReplicaTask {
            replica: number,
            incarnation: replica.incarnations,
            arrived: replica.missing_since,
            life: Life::new(role, agent, now),
        });
        replica.incarnations += 1;
        replica.task = Some(handle);
        replica.waiting_since = None;
        task_id(handle)
    }

    pub(super) fn update(&mut self, now: Time, update: &StatusUpdate, out: &mut Vec<Output>) {
        self.session.acknowledge(update, out);
        let handle = row_of(update.task);
        let Some(task) = self.tasks.get_mut(handle) else {
            // It has come back too late: its replica was given up.
            return self.session.kill_if_alive(update, out);
        };
        let number = task.replica;
        let news = task.life.hear(now, update);
        if has_reached_agent(news)
            && let Some(volume) = &mut self.replicas[number].volume
        {
            volume.exists = true;
        }
        match news {
            News::Alive => {}
            News::Started => {
                let (role, waited) = (task.life.role, now.since(task.arrived));
                let framework = self.id;
                out.push(Output::Observe(Observation::TaskStarted { framework, role, waited }));
            }
            News::Unreachable(since) => {
                self.replicas[number].waiting_since.get_or_insert(since);
            }
            News::Ended(state) => self.end(now, handle, state, out),
        }
        self.settle(now, number, out);
    }

    fn end(
        &mut self,
        now: Time,
        handle: Handle<ReplicaTask>,
        state: TaskState,
        out: &mut Vec<Output>,
    ) {
        let Some(task) = self.tasks.remove(handle) else { return };
        let work = Work {
            job: JobIndex(as_number(task.replica)),
            number: task.incarnation,
            demand: self.options.demand,
            arrived: task.arrived,
            duration: Span::MAX,
        };
        let record = task.life.record(self.id, work, now, state);
        out.push(Output::Observe(Observation::TaskEnded(record)));
        let replica = &mut self.replicas[task.replica];
        if replica.task == Some(handle) {
            replica.task = None;
            replica.missing_since = now;
            replica.restart.ended(now, task.life.started());
            if replica.volume.as_ref().is_some_and(|volume| volume.exists) {
                replica.waiting_since.get_or_insert(now);
            } else {
                // It may never have been made. If it was, it is found and destroyed.
                replica.volume = None;
                replica.waiting_since = None;
            }
        }
        self.settle(now, task.replica, out);
        if state == TaskState::GoneByOperator && self.replicas[task.replica].volume.is_some() {
            // The agent will not be let in again, so there is nothing to wait for, or to collect.
            self.give_up(now, task.replica, out);
        }
    }

    /// Finds out whether the replica is up, after anything about its task has changed.
    fn settle(&mut self, now: Time, number: usize, out: &mut Vec<Output>) {
        let replica = &mut self.replicas[number];
        let task = replica.task.and_then(|task| self.tasks.get(task));
        let reachable = task.is_some_and(|task| !task.life.is_unreachable());
        if reachable {
            replica.waiting_since = None;
        }
        let up = task.is_some_and(|task| task.life.is_up());
        if up == replica.up {
            return;
        }
        replica.up = up;
        if !up {
            replica.copied_at = None;
            let changes = self.ring.down(number);
            self.observe_number(number, ReplicaChange::Down, out);
            self.observe_ranges(changes, out);
            return;
        }
        let size = replica.volume.as_ref().map_or(0, |volume| bytes(volume.size));
        // Where all copies are lost there is nothing to copy: it starts empty.
        if replica.must_copy && self.ring.has_source(number) {
            replica.copied_at = Some(now + time_to_copy(size, self.options.copy_rate));
            self.observe_number(number, ReplicaChange::Rebuilding, out);
        } else {
            self.in_sync(number, out);
        }
    }

    fn in_sync(&mut self, number: usize, out: &mut Vec<Output>) {
        let replica = &mut self.replicas[number];
        (replica.must_copy, replica.copied_at) = (false, None);
        let changes = self.ring.in_sync(number);
        self.observe_number(number, ReplicaChange::InSync, out);
        self.observe_ranges(changes, out);
    }

    /// The replica starts anew, without its volume.
    fn give_up(&mut self, now: Time, number: usize, out: &mut Vec<Output>) {
        self.observe_number(number, ReplicaChange::GivenUp, out);
        let replica = &mut self.replicas[number];
        replica.waiting_since = None;
        replica.volume = None;
        // A replica that was never in sync has lost nothing.
        replica.must_copy |= self.ring.has_data(number);
        if let Some(task) = replica.task {
            self.end(now, task, TaskState::Unreachable, out);
            // It has not ended by itself.
            self.replicas[number].restart.not_before = now;
        }
        let changes = self.ring.given_up(number);
        self.observe_ranges(changes, out);
    }

    /// Gives up replicas that have waited for too long, and notes which have copied their data. Without
    /// a master nothing could be offered, so nobody is given up then.
    pub(super) fn look_at_clock(&mut self, now: Time, out: &mut Vec<Output>) {
        for number in 0..self.replicas.len() {
            let replica = &self.replicas[number];
            if replica.copied_at.is_some_and(|at| at <= now) {
                self.in_sync(number, out);
            } else if self.session.is_subscribed()
                && self.gives_up_at(replica).is_some_and(|at| at <= now)
            {
                if let Some(volume) = replica.volume.as_ref().filter(|volume| volume.exists) {
                    self.garbage.insert(volume.id.clone());
                }
                self.give_up(now, number, out);
            }
        }
    }

    fn gives_up_at(&self, replica: &Replica) -> Option<Time> {
        replica.waiting_since.map(|since| since + self.options.replace_timeout)
    }

    /// When something happens by itself.
    pub(super) fn next(&self, now: Time) -> Option<Time> {
        let subscribed = self.session.is_subscribed();
        let times = self.replicas.iter().flat_map(|replica| {
            let gives_up = self.gives_up_at(replica).filter(|_| subscribed);
            let restart = replica.task.is_none().then_some(replica.restart.not_before);
            [gives_up, replica.copied_at, restart]
        });
        times.flatten().filter(|at| *at > now).min()
    }

    pub(super) fn subscribed(&mut self, now: Time, out: &mut Vec<Output>) {
        // While there was no master, no volume could be offered.
        for replica in &mut self.replicas {
            replica.waiting_since = replica.waiting_since.map(|_| now);
        }
        let live = self.tasks.entries().map(|(handle, task)| (task_id(handle), task.life.agent));
        self.session.subscribed(now, live, out);
    }

    /// The master has refused the scheduler for good: nobody follows its tasks any more.
    pub(super) fn stop(&mut self, now: Time, out: &mut Vec<Output>) {
        self.session.stop();
        let tasks: Vec<_> = self.tasks.entries().map(|(handle, _)| handle).collect();
        for handle in tasks {
            self.end(now, handle, TaskState::Lost, out);
        }
    }
}

/// Whether such news is only heard of tasks that came to their agent.
const fn has_reached_agent(news: News) -> bool {
    match news {
        News::Alive
        | News::Started
        | News::Ended(TaskState::Finished | TaskState::Failed | TaskState::Killed) => true,
        News::Unreachable(_) | News::Ended(_) => false,
    }
}

fn time_to_copy(bytes: u64, rate: u64) -> Span {
    let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(rate.max(1));
    Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
