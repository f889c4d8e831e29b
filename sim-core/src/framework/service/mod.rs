//! A service: keeps instances of a task up, as Marathon does.
//!
//! An instance is a number; each launch of it is an incarnation. While it moves away from an agent that
//! goes into maintenance it has two, and the older one is killed once the newer one runs.

mod options;
mod tasks;

pub use options::ServiceOptions;

use super::backoff::Restart;
use super::life::task_id;
use super::maintenance::Maintenance;
use super::session::Session;
use super::spread::Tally;
use super::table::Table;
use super::{Agents, Framework, Input, Output, instance_job};
use crate::arena::{Arena, Handle};
use crate::observe::{JobIndex, Observation};
use crate::protocol::{CommandInfo, Event, LaunchDetails, OfferMessage, Subscription};
use policy_api::{FrameworkId, InverseOfferStatus, Time};
use std::collections::BTreeSet;
use std::sync::Arc;
use tasks::ServiceTask;

/// A scheduler that keeps so many instances up. It takes no jobs.
#[derive(Clone, Debug)]
pub struct ServiceFramework {
    id: FrameworkId,
    session: Session,
    options: ServiceOptions,
    /// What is out of the ordinary about instances, in the order of their files.
    details: Vec<Arc<LaunchDetails>>,
    /// Changes of scale before this one have been made.
    next_scale: usize,
    wanted: u32,
    /// By number, also those that are no longer wanted.
    instances: Vec<Instance>,
    /// All incarnations that may live.
    tasks: Arena<ServiceTask>,
    maintenance: Maintenance,
    /// Instances that are to be launched, by the time from which they may be.
    missing: BTreeSet<(Time, u32)>,
    running: u32,
    /// What was observed last.
    level: (u32, u32),
}

#[derive(Clone, Debug)]
struct Instance {
    incarnations: u32,
    /// Since when it is wanted and has had no task.
    missing_since: Time,
    restart: Restart,
    current: Option<Handle<ServiceTask>>,
    /// On an agent that closes, until the current one runs.
    leaving: Option<Handle<ServiceTask>>,
    /// Its entry in the list of those that are missing.
    queued: Option<Time>,
    up: bool,
}

impl ServiceFramework {
    pub fn new(id: FrameworkId, subscription: Subscription, mut options: ServiceOptions) -> Self {
        options.scale.sort_by_key(|(from, _)| *from);
        Self {
            id,
            session: Session::new(subscription),
            maintenance: Maintenance::new(options.maintenance_margin),
            details: options.files.iter().map(details).collect(),
            options,
            next_scale: 0,
            wanted: 0,
            instances: Vec::new(),
            tasks: Arena::new(),
            missing: BTreeSet::new(),
            running: 0,
            level: (0, 0),
        }
    }

    /// Makes the changes of scale that are due.
    fn scale(&mut self, now: Time, out: &mut Vec<Output>) {
        while let Some((_, wanted)) =
            self.options.scale.get(self.next_scale).filter(|(from, _)| *from <= now)
        {
            let (before, wanted) = (self.wanted, *wanted);
            self.next_scale += 1;
            self.wanted = wanted;
            for number in before..wanted {
                self.begin(now, number, out);
            }
            for number in wanted..before {
                let instance = &mut self.instances[number as usize];
                let tasks = [instance.current.take(), instance.leaving.take()];
                for task in tasks.into_iter().flatten() {
                    self.kill(task, out);
                }
                self.settle(now, number);
            }
        }
    }

    /// An instance is wanted that was not.
    fn begin(&mut self, now: Time, number: u32, out: &mut Vec<Output>) {
        if self.instances.len() <= number as usize {
            self.instances.push(Instance::new());
            let name = &self.session.subscription().info.name;
            let job = instance_job(now, name, number, &self.options.demand);
            let index = JobIndex(number);
            out.push(Output::Observe(Observation::JobArrived { framework: self.id, job, index }));
        }
        self.instances[number as usize].missing_since = now;
        self.settle(now, number);
    }

    /// Launches what is missing.
    fn consider(
        &mut self,
        now: Time,
        offers: Vec<OfferMessage>,
        agents: &Agents,
        out: &mut Vec<Output>,
    ) {
        for offer in &offers {
            self.maintenance.note(offer.agent, offer.unavailability);
        }
        self.look_at_agents(now);
        let due: Vec<u32> =
            self.missing.range(..=(now, u32::MAX)).map(|(_, number)| *number).collect();
        let mut table = Table::new(offers);
        let spread = self.options.spread.clone();
        let current = self.instances.iter().filter_map(|instance| instance.current);
        let current = current.filter_map(|task| Some(self.tasks.get(task)?.life.agent));
        let mut tally = Tally::new(&spread, agents, current);
        for number in due {
            let old = self.instances[number as usize].current;
            let old = old.and_then(|task| Some(self.tasks.get(task)?.life.agent));
            // What it leaves behind does not count.
            if let Some(agent) = old {
                tally.remove(agent);
            }
            let chosen = table.best(|offer| {
                let fits = offer.has_room_for(&self.options.demand);
                let closes = || self.maintenance.is_closing(offer.agent, now);
                (fits && !closes()).then(|| tally.count(offer.agent)).flatten()
            });
            let Some(offer) = chosen else {
                if let Some(agent) = old {
                    tally.add(agent);
                }
                continue;
            };
            tally.add(offer.agent);
            let task = self.launch(now, number, offer.role, offer.agent);
            let place = number as usize % self.details.len().max(1);
            let details = self.details.get(place).cloned();
            offer.launch(task_id(task), &self.options.demand, details);
            self.settle(now, number);
        }
        table.answer(&self.session, self.options.decline, out);
    }

    /// Finds out what an instance needs, after anything about it has changed.
    fn settle(&mut self, now: Time, number: u32) {
        let instance = &self.instances[number as usize];
        let task = |task: Option<Handle<ServiceTask>>| task.and_then(|task| self.tasks.get(task));
        let wanted = number < self.wanted;
        let needs_one = task(instance.current).is_none_or(|task| {
            instance.leaving.is_none() && self.maintenance.is_closing(task.life.agent, now)
        });
        let queued = (wanted && needs_one).then_some(instance.restart.not_before);
        let up = [instance.current, instance.leaving]
            .into_iter()
            .any(|known| task(known).is_some_and(|task| task.life.is_up()));
        let up = wanted && up;
        let instance = &mut self.instances[number as usize];
        if instance.queued != queued {
            if let Some(before) = instance.queued {
                self.missing.remove(&(before, number));
            }
            if let Some(after) = queued {
                self.missing.insert((after, number));
            }
            instance.queued = queued;
        }
        self.running = self.running + u32::from(up) - u32::from(instance.up);
        instance.up = up;
    }

    /// Time has passed, or more is known: other agents may be closing.
    fn look_at_agents(&mut self, now: Time) {
        if !self.maintenance.is_empty() {
            for number in 0..self.wanted {
                self.settle(now, number);
            }
        }
    }

    fn event(&mut self, now: Time, event: Event, agents: &Agents, out: &mut Vec<Output>) {
        match event {
            Event::Subscribed => self.subscribed(now, out),
            Event::Offers(offers) => self.consider(now, offers, agents, out),
            Event::InverseOffers(offers) => {
                for (_, agent, plan) in &offers {
                    self.maintenance.note(*agent, Some(*plan));
                }
                self.look_at_agents(now);
                let offers = offers.into_iter().map(|(offer, ..)| offer).collect();
                let (status, refuse) = (InverseOfferStatus::Accept, self.options.decline);
                self.session.answer_inverse(offers, status, refuse, out);
            }
            Event::Update(update) => self.update(now, &update, out),
            Event::OperationUpdate(status) => self.session.acknowledge_operation(&status, out),
            Event::Error(_) => self.stop(now, out),
            // Offers are answered as they come; what is rescinded then is lost, which the master tells.
            Event::Rescind(_)
            | Event::RescindInverse(_)
            | Event::AgentLost(_)
            | Event::ExecutorExited { .. } => {}
        }
    }

    fn observe_level(&mut self, out: &mut Vec<Output>) {
        let (wanted, running) = (self.wanted, self.running);
        if self.level != (wanted, running) {
            self.level = (wanted, running);
            let framework = self.id;
            out.push(Output::Observe(Observation::ServiceLevel { framework, wanted, running }));
        }
    }

    /// When it has something to do by itself.
    fn next(&self, now: Time) -> Option<Time> {
        let scale = self.options.scale.get(self.next_scale).map(|(from, _)| *from);
        let due = self.missing.range((now, u32::MAX)..).map(|(due, _)| *due);
        let due = due.filter(|due| *due > now).chain(scale);
        due.chain(self.maintenance.next(now)).min()
    }
}

fn details(files: &Arc<CommandInfo>) -> Arc<LaunchDetails> {
    let command = Some(Arc::clone(files));
    Arc::new(LaunchDetails { command, ..LaunchDetails::default() })
}

impl Instance {
    const fn new() -> Self {
        Self {
            incarnations: 0,
            missing_since: Time::ZERO,
            restart: Restart::new(),
            current: None,
            leaving: None,
            queued: None,
            up: false,
        }
    }
}

impl Framework for ServiceFramework {
    fn handle(&mut self, now: Time, input: Input, agents: &Agents, out: &mut Vec<Output>) {
        match input {
            Input::Start => self.session.start(out),
            Input::Connected => self.session.connect(out),
            Input::Disconnected => self.session.disconnect(),
            Input::Crash => self.session.crash(),
            // Its work is what its options say.
            Input::Submit(_) => {}
            Input::Event(event) => {
                if self.session.hears(&event) {
                    self.event(now, event, agents, out);
                }
            }
            Input::Wake => {
                self.session.wake(now, out);
                self.forget_unreachable(now, out);
                self.look_at_agents(now);
            }
        }
        if self.session.is_alive() {
            self.scale(now, out);
        }
        let wants_one = self.missing.first().is_some_and(|(due, _)| *due <= now);
        self.session.want_offers(wants_one, out);
        self.observe_level(out);
        self.session.set_alarm(now, self.next(now), out);
    }

    fn pending_tasks(&self) -> u64 {
        let wanted = self.instances.iter().take(self.wanted as usize);
        wanted.filter(|instance| instance.current.is_none()).count() as u64
    }

    fn live_tasks(&self) -> u64 {
        self.tasks.len() as u64
    }
}
