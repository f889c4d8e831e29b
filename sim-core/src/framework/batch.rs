//! A batch framework: a queue of jobs whose tasks are placed inside the offers that come.

use super::job_queue::{JobOrder, JobQueue, Slot, Task};
use super::placement::{Hand, Placement};
use super::{Framework, Input, Output};
use crate::arena::{Arena, Handle};
use crate::job::Job;
use crate::observe::{Observation, TaskRecord};
use crate::protocol::{Call, OfferMessage, StatusUpdate, TaskId, TaskState};
use policy_api::{AgentId, AgentInfo, FrameworkId, FrameworkInfo, IdVec, RoleId, Span, Time};
use std::sync::Arc;

/// How a batch framework behaves.
#[derive(Clone, Copy, Debug)]
pub struct BatchOptions {
    pub order: JobOrder,
    pub placement: Placement,
    /// How long offers that are not used are refused.
    pub decline: Span,
    /// The most tasks that are placed on one offer; `None` for as many as fit.
    pub max_tasks_per_offer: Option<u32>,
    pub think_time: ThinkTime,
}

/// How long the scheduler thinks about the offers that it looks at: constant per offer, and per
/// task that it places. Offers that come meanwhile wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThinkTime {
    pub per_offer: Span,
    pub per_task: Span,
}

/// A scheduler that places queued tasks on offers, declines the rest, and is suppressed while it
/// has nothing to place.
#[derive(Clone, Debug)]
pub struct BatchFramework {
    id: FrameworkId,
    info: FrameworkInfo,
    options: BatchOptions,
    queue: JobQueue,
    tasks: Arena<LiveTask>,
    subscribed: bool,
    suppressed: bool,
    /// Offers that were not looked at yet.
    waiting: Vec<OfferMessage>,
    /// What was decided and is being thought about: the answers, and when they are sent.
    thinking: Option<(Time, Vec<Call>)>,
    hand: Hand,
}

/// A task from the decision to launch it until its end.
#[derive(Clone, Copy, Debug)]
struct LiveTask {
    job: Slot,
    task: Task,
    role: RoleId,
    agent: AgentId,
    launched: Time,
    started: Option<Time>,
}

impl BatchFramework {
    pub fn new(id: FrameworkId, info: FrameworkInfo, options: BatchOptions) -> Self {
        Self {
            id,
            info,
            queue: JobQueue::new(options.order),
            options,
            tasks: Arena::new(),
            subscribed: false,
            suppressed: false,
            waiting: Vec::new(),
            thinking: None,
            hand: Hand::default(),
        }
    }

    fn submit(&mut self, now: Time, job: Arc<Job>, out: &mut Vec<Output>) {
        let index = self.queue.push(Arc::clone(&job), now);
        out.push(Output::Observe(Observation::JobArrived { framework: self.id, job, index }));
        if self.subscribed && self.suppressed {
            self.suppressed = false;
            out.push(Output::Call(Call::Revive));
        }
    }

    /// Decides on all offers that wait, unless the scheduler is still thinking about others.
    fn consider(
        &mut self,
        now: Time,
        agents: &IdVec<AgentId, Option<AgentInfo>>,
        out: &mut Vec<Output>,
    ) {
        if self.thinking.is_some() || self.waiting.is_empty() {
            return;
        }
        let offers = std::mem::take(&mut self.waiting);
        let looked_at = offers.len() as u64;
        let mut placed = 0;
        self.hand.take_up(offers, self.options.max_tasks_per_offer);
        let mut from = 0;
        while let Some((slot, chosen)) =
            self.hand.next(self.options.placement, &self.queue, from, agents)
        {
            from = self.queue.get(slot).place();
            // Worst fit looks anew for each task; the other rules stay with an offer while the
            // same request fits in it.
            loop {
                self.launch(now, slot, chosen);
                placed += 1;
                if self.options.placement == Placement::WorstFit
                    || !self.hand.fits_again(chosen, self.queue.get(slot), agents)
                {
                    break;
                }
            }
        }
        let calls = self.hand.answers(self.options.decline);
        let ThinkTime { per_offer, per_task } = self.options.think_time;
        let think = per_offer * looked_at + per_task * placed;
        if think.is_zero() {
            self.answer(calls, out);
        } else {
            self.thinking = Some((now + think, calls));
            out.push(Output::Wake { at: now + think });
        }
    }

    fn launch(&mut self, now: Time, slot: Slot, chosen: usize) {
        let task = self.queue.place(slot);
        let offer = self.hand.offer(chosen);
        let (role, agent) = (offer.role, offer.agent);
        let live = LiveTask { job: slot, task, role, agent, launched: now, started: None };
        let handle = self.tasks.insert(live);
        let job = self.queue.get_mut(slot);
        let shape = &job.job.shapes[task.shape as usize];
        let demand = shape.demand;
        if shape.wants_unique_agent() {
            job.note_agent(agent);
        }
        let id = TaskId { slot: handle.slot(), generation: handle.generation() };
        self.hand.launch(chosen, id, &demand, task.duration);
    }

    fn answer(&mut self, calls: Vec<Call>, out: &mut Vec<Output>) {
        out.extend(calls.into_iter().map(Output::Call));
        if self.queue.pending() == 0 && !self.suppressed {
            self.suppressed = true;
            out.push(Output::Call(Call::Suppress));
        }
    }

    fn wake(&mut self, now: Time, out: &mut Vec<Output>) {
        if let Some((_, calls)) = self.thinking.take_if(|(until, _)| *until <= now) {
            self.answer(calls, out);
        }
    }

    fn update(&mut self, now: Time, update: StatusUpdate, out: &mut Vec<Output>) {
        if let Some(status) = update.status {
            let (agent, task) = (update.agent, update.task);
            out.push(Output::Call(Call::Acknowledge { agent, task, status }));
        }
        let handle = Handle::from_parts(update.task.slot, update.task.generation);
        let Some(live) = self.tasks.get_mut(handle) else { return };
        match update.state {
            TaskState::Staging | TaskState::Starting => {}
            TaskState::Running => {
                live.started = Some(now);
                let (role, arrived) = (live.role, self.queue.get(live.job).arrived);
                out.push(Output::Observe(Observation::TaskStarted {
                    framework: self.id,
                    role,
                    waited: now.since(arrived),
                }));
            }
            TaskState::Finished
            | TaskState::Failed
            | TaskState::Lost
            | TaskState::Dropped
            | TaskState::Error => self.end(now, handle, update.state, out),
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
        let record = TaskRecord {
            framework: self.id,
            role: live.role,
            agent: live.agent,
            job: job.index,
            number: live.task.number,
            demand: shape.demand,
            arrived: job.arrived,
            launched: live.launched,
            started: live.started.unwrap_or(now),
            ended: now,
            duration: live.task.duration,
            state,
        };
        if shape.wants_unique_agent() {
            job.forget_agent(live.agent);
        }
        out.push(Output::Observe(Observation::TaskEnded(record)));
        // Lost and dropped tasks never did their work, so they are due again.
        if matches!(state, TaskState::Lost | TaskState::Dropped) {
            self.queue.put_back(live.job, live.task);
            if self.suppressed {
                self.suppressed = false;
                out.push(Output::Call(Call::Revive));
            }
        } else if let Some(over) = self.queue.finish(live.job) {
            out.push(Output::Observe(Observation::JobEnded {
                framework: self.id,
                job: over.index,
                arrived: over.arrived,
            }));
        }
    }
}

impl Framework for BatchFramework {
    fn handle(
        &mut self,
        now: Time,
        input: Input,
        agents: &IdVec<AgentId, Option<AgentInfo>>,
        out: &mut Vec<Output>,
    ) {
        match input {
            Input::Start => out.push(Output::Call(Call::Subscribe(Box::new(self.info.clone())))),
            Input::Subscribed => {
                self.subscribed = true;
                if self.queue.pending() == 0 {
                    self.suppressed = true;
                    out.push(Output::Call(Call::Suppress));
                }
            }
            Input::Submit(job) => self.submit(now, job, out),
            Input::Offers(offers) => {
                if self.waiting.is_empty() {
                    self.waiting = offers;
                } else {
                    self.waiting.extend(offers);
                }
                self.consider(now, agents, out);
            }
            // An offer that is being thought about is answered all the same; the master then
            // reports its tasks as lost.
            Input::Rescind(offers) => self.waiting.retain(|offer| !offers.contains(&offer.id)),
            Input::Update(update) => self.update(now, update, out),
            Input::Wake => {
                self.wake(now, out);
                self.consider(now, agents, out);
            }
        }
    }

    fn pending_tasks(&self) -> u64 {
        self.queue.pending()
    }

    fn live_tasks(&self) -> u64 {
        self.tasks.len() as u64
    }
}
