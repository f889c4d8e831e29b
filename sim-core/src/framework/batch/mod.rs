//! A batch framework: a queue of jobs whose tasks are placed inside the offers that come.

mod options;
mod tasks;

pub use options::{BatchOptions, Hold, ThinkTime};

use super::job_queue::{JobOrder, JobQueue, Slot};
use super::life::{Life, task_id};
use super::placement::{Hand, Placement};
use super::session::Session;
use super::{Agents, Framework, Input, Output};
use crate::arena::Arena;
use crate::job::Job;
use crate::observe::Observation;
use crate::protocol::{Call, Event, OfferId, OfferMessage, Subscription};
use policy_api::{Amount, FrameworkId, InverseOfferStatus, Quantities, Scalar, Time};
use std::collections::VecDeque;
use std::sync::Arc;
use tasks::LiveTask;

/// A scheduler that places queued tasks on offers, declines the rest, and is suppressed while it
/// has nothing to place.
#[derive(Clone, Debug)]
pub struct BatchFramework {
    id: FrameworkId,
    session: Session,
    options: BatchOptions,
    queue: JobQueue,
    tasks: Arena<LiveTask>,
    /// Offers that were not looked at yet.
    waiting: Vec<OfferMessage>,
    /// Offers that are kept.
    held: Vec<OfferMessage>,
    /// No job so far has asked for less, resource by resource.
    least_demand: Quantities,
    /// When offers that were held once are given up, in order of time. Some have been used since.
    deadlines: VecDeque<(Time, OfferId)>,
    thinking: Option<Thought>,
    /// Whether there is work that was not there at the last decision.
    fresh_work: bool,
    hand: Hand,
}

/// A decision that is still being thought about.
#[derive(Clone, Debug)]
struct Thought {
    until: Time,
    accepts: Vec<Call>,
    /// Those that were held before come first.
    unused: Vec<OfferMessage>,
    held_before: usize,
}

impl BatchFramework {
    pub fn new(id: FrameworkId, subscription: Subscription, options: BatchOptions) -> Self {
        Self {
            id,
            session: Session::new(subscription),
            queue: JobQueue::new(options.order),
            options,
            tasks: Arena::new(),
            waiting: Vec::new(),
            held: Vec::new(),
            least_demand: Quantities::from_amounts([Amount::MAX; Scalar::COUNT]),
            deadlines: VecDeque::new(),
            thinking: None,
            fresh_work: false,
            hand: Hand::default(),
        }
    }

    fn submit(&mut self, now: Time, job: Arc<Job>, agents: &Agents, out: &mut Vec<Output>) {
        for shape in &job.shapes {
            self.least_demand = self.least_demand.min(&shape.demand);
        }
        let index = self.queue.push(Arc::clone(&job), now);
        out.push(Output::Observe(Observation::JobArrived { framework: self.id, job, index }));
        self.fresh_work = true;
        self.consider(now, agents, out);
    }

    /// Decides on all offers at hand, unless the scheduler is still thinking about others.
    fn consider(&mut self, now: Time, agents: &Agents, out: &mut Vec<Output>) {
        while self.thinking.is_none() && self.has_something_to_decide() {
            let mut offers = std::mem::take(&mut self.held);
            let held = offers.len();
            if held == 0 {
                offers = std::mem::take(&mut self.waiting);
            } else {
                offers.append(&mut self.waiting);
            }
            self.fresh_work = false;
            let looked_at = offers.len() as u64;
            let placed = self.place(now, offers, agents);
            let ThinkTime { per_offer, per_task } = self.options.think_time;
            let think = per_offer * looked_at + per_task * placed;
            let (accepts, unused, used_of_held) = self.hand.answers(self.options.decline, held);
            let thought =
                Thought { until: now + think, accepts, unused, held_before: held - used_of_held };
            if think.is_zero() {
                self.answer(now, thought, out);
            } else {
                out.push(Output::Wake { at: thought.until });
                self.thinking = Some(thought);
            }
        }
    }

    fn has_something_to_decide(&self) -> bool {
        !self.waiting.is_empty() || (self.fresh_work && !self.held.is_empty())
    }

    /// Places what fits. Returns how many tasks that was.
    fn place(&mut self, now: Time, offers: Vec<OfferMessage>, agents: &Agents) -> u64 {
        let mut placed = 0;
        self.hand.take_up(offers, self.options.max_tasks_per_offer, self.options.uses);
        let mut from = 0;
        while let Some((slot, chosen)) =
            self.hand.next(self.options.placement, &self.queue, from, agents)
        {
            from = self.queue.get(slot).place();
            loop {
                let shape = self.queue.get(slot).next_task().map(|task| task.shape);
                self.launch(now, slot, chosen);
                placed += 1;
                if !self.may_stay(slot, shape)
                    || !self.hand.fits_again(chosen, self.queue.get(slot), agents)
                {
                    break;
                }
            }
        }
        placed
    }

    /// Whether the next task is the same job's and looks at the same offer first: first and best fit
    /// choose alike for alike tasks; worst fit, and a fair order of jobs, look anew for each.
    fn may_stay(&self, slot: Slot, shape: Option<u32>) -> bool {
        self.options.placement != Placement::WorstFit
            && self.options.order == JobOrder::Fifo
            && self.queue.get(slot).next_task().map(|task| task.shape) == shape
    }

    fn launch(&mut self, now: Time, slot: Slot, chosen: usize) {
        let task = self.queue.place(slot);
        let offer = self.hand.offer(chosen);
        let (role, agent) = (offer.role, offer.agent);
        let life = Life::new(role, agent, now);
        let handle = self.tasks.insert(LiveTask { job: slot, task, life });
        let job = self.queue.get_mut(slot);
        let shape = &job.job.shapes[task.shape as usize];
        self.hand.launch(chosen, task_id(handle), shape, task.duration);
        if shape.wants_unique_agent() {
            job.note_agent(agent);
        }
    }

    /// Sends the answers. What was not used is looked at again if work has come meanwhile, else
    /// held as far as the options say, and declined beyond that.
    fn answer(&mut self, now: Time, thought: Thought, out: &mut Vec<Output>) {
        let Thought { accepts, mut unused, held_before, .. } = thought;
        out.extend(accepts.into_iter().map(Output::Call));
        let mut rest = unused.split_off(held_before);
        self.held = unused;
        self.give_up_held(now, out);
        if self.fresh_work && self.queue.pending() > 0 {
            rest.append(&mut self.waiting);
            self.waiting = rest;
            return;
        }
        if self.queue.pending() == 0 {
            self.hold(now, &mut rest, out);
        } else {
            // What is held has no place for what waits; given back, parts of an agent come together.
            rest.append(&mut self.held);
        }
        self.decline(rest, out);
    }

    /// Keeps offers that have room for the least that any job has asked for.
    fn hold(&mut self, now: Time, unused: &mut Vec<OfferMessage>, out: &mut Vec<Output>) {
        let Hold { offers: most, time } = self.options.hold;
        if self.held.len() >= most {
            return;
        }
        let (least, until, held) = (self.least_demand, now + time, &mut self.held);
        let known = self.deadlines.len();
        unused.retain(|offer| {
            let keep = held.len() < most && offer.resources.scalar_quantities().contains(&least);
            if keep {
                held.push(offer.clone());
                self.deadlines.push_back((until, offer.id));
            }
            !keep
        });
        if self.deadlines.len() > known {
            out.push(Output::Wake { at: until });
        }
    }

    /// Declines what has been held for its time.
    fn give_up_held(&mut self, now: Time, out: &mut Vec<Output>) {
        let due = self.deadlines.partition_point(|(until, _)| *until <= now);
        let due: Vec<OfferId> = self.deadlines.drain(..due).map(|(_, offer)| offer).collect();
        if !due.is_empty() {
            let held = std::mem::take(&mut self.held);
            let (given_up, held) = held.into_iter().partition(|offer| due.contains(&offer.id));
            self.held = held;
            self.decline(given_up, out);
        }
    }

    fn decline(&self, offers: Vec<OfferMessage>, out: &mut Vec<Output>) {
        let offers: Vec<OfferId> = offers.into_iter().map(|offer| offer.id).collect();
        if !offers.is_empty() {
            out.push(Output::Call(Call::Decline { offers, refuse: self.options.decline }));
        }
    }

    /// Asks for offers while something waits that the offers at hand have no place for, and for
    /// none while nothing does.
    fn suppress_or_revive(&mut self, out: &mut Vec<Output>) {
        if self.thinking.is_none() {
            self.session.want_offers(self.queue.pending() > 0, out);
        }
    }

    fn wake(&mut self, now: Time, out: &mut Vec<Output>) {
        if let Some(thought) = self.thinking.take_if(|thought| thought.until <= now) {
            self.answer(now, thought, out);
        } else if self.thinking.is_none() {
            self.give_up_held(now, out);
        }
    }

    fn rescind(&mut self, offers: &[OfferId]) {
        let stands = |offer: &OfferMessage| !offers.contains(&offer.id);
        self.waiting.retain(stands);
        self.held.retain(stands);
        // Tasks that were already put on a rescinded offer are sent all the same; the master then
        // reports them as lost.
        if let Some(thought) = &mut self.thinking {
            let held = &thought.unused[..thought.held_before];
            thought.held_before = held.iter().filter(|offer| stands(offer)).count();
            thought.unused.retain(stands);
        }
    }

    fn event(&mut self, now: Time, event: Event, agents: &Agents, out: &mut Vec<Output>) {
        match event {
            Event::Subscribed => self.subscribed(now, out),
            Event::Offers(offers) => {
                if self.waiting.is_empty() {
                    self.waiting = offers;
                } else {
                    self.waiting.extend(offers);
                }
                self.consider(now, agents, out);
            }
            Event::Rescind(offers) => self.rescind(&offers),
            Event::Update(update) => {
                self.update(now, &update, out);
                self.consider(now, agents, out);
            }
            Event::OperationUpdate(status) => self.session.acknowledge_operation(&status, out),
            // Its tasks are short: they will be gone by then, or start anew elsewhere.
            Event::InverseOffers(offers) => {
                let offers = offers.into_iter().map(|(offer, ..)| offer).collect();
                let (status, refuse) = (InverseOfferStatus::Accept, self.options.decline);
                self.session.answer_inverse(offers, status, refuse, out);
            }
            Event::Error(_) => self.stop(now, out),
            Event::RescindInverse(_) | Event::AgentLost(_) | Event::ExecutorExited { .. } => {}
        }
    }
}

impl Framework for BatchFramework {
    fn handle(&mut self, now: Time, input: Input, agents: &Agents, out: &mut Vec<Output>) {
        match input {
            Input::Start => {
                self.lose_offers();
                self.session.start(out);
            }
            Input::Disconnected => {
                self.lose_offers();
                self.session.disconnect();
            }
            Input::Connected => {
                self.lose_offers();
                self.session.connect(out);
            }
            Input::Crash => {
                self.lose_offers();
                self.session.crash();
            }
            Input::Submit(job) => self.submit(now, job, agents, out),
            Input::Event(event) => {
                if self.session.hears(&event) {
                    self.event(now, event, agents, out);
                }
            }
            Input::Wake => {
                self.session.wake(now, out);
                self.forget_unreachable(now, out);
                self.wake(now, out);
                self.consider(now, agents, out);
            }
        }
        self.suppress_or_revive(out);
        self.session.set_alarm(now, None, out);
    }

    fn pending_tasks(&self) -> u64 {
        self.queue.pending()
    }

    fn live_tasks(&self) -> u64 {
        self.tasks.len() as u64
    }
}
