//! A stateful service: replicas with reserved resources and a persistent volume each, as a database
//! would run them.
//!
//! A replica that ends is launched again on its volume, when that is offered. One that waits for too
//! long is given up: it gets a new volume elsewhere and copies its data from the replicas that hold the
//! same ranges; the old volume is destroyed when it is offered after all. A replica that comes back with
//! its volume is in sync at once: what it has missed meanwhile is not modelled.

mod options;
mod replica;
mod ring;
mod volume;

pub use options::{StatefulOptions, VolumeDisk};

use super::maintenance::Maintenance;
use super::session::Session;
use super::spread::Tally;
use super::table::Table;
use super::{Agents, Framework, Input, Output, instance_job};
use crate::arena::Arena;
use crate::observe::{JobIndex, Observation, ReplicaChange};
use crate::protocol::{Event, InverseOfferId, Launch, LaunchDetails, OfferMessage, Subscription};
use policy_api::{
    AgentId, FrameworkId, InverseOfferStatus, Operation, Resources, RoleId, Scalar, Span, Time,
    Unavailability,
};
use replica::{Replica, ReplicaTask};
use ring::{Changes, Ring};
use std::collections::BTreeSet;
use std::sync::Arc;
use volume::{Owner, Stale, Volume, bytes, disk_for, take_back};

/// A scheduler that keeps replicas and their data. It takes no jobs.
#[derive(Clone, Debug)]
pub struct StatefulFramework {
    id: FrameworkId,
    session: Session,
    options: StatefulOptions,
    owner: Owner,
    /// What replicas have besides their resources, in the order of their files; one where there are none.
    details: Vec<Arc<LaunchDetails>>,
    replicas: Vec<Replica>,
    tasks: Arena<ReplicaTask>,
    ring: Ring,
    maintenance: Maintenance,
    /// Volumes that were given up and are still somewhere, as far as is known.
    garbage: BTreeSet<Arc<str>>,
}

impl StatefulFramework {
    pub fn new(id: FrameworkId, subscription: Subscription, options: StatefulOptions) -> Self {
        let owner = Owner {
            framework: Arc::clone(&subscription.info.name),
            role: Arc::clone(&options.role),
            principal: subscription.principal.clone(),
        };
        let details = |command| {
            let write_rate = options.write_rate;
            Arc::new(LaunchDetails { write_rate, command, ..LaunchDetails::default() })
        };
        let mut all: Vec<_> = options.files.iter().cloned().map(Some).map(details).collect();
        if all.is_empty() {
            all.push(details(None));
        }
        Self {
            id,
            session: Session::new(subscription),
            owner,
            details: all,
            replicas: Vec::new(),
            tasks: Arena::new(),
            ring: Ring::new(options.replicas, options.replication_factor),
            maintenance: Maintenance::new(options.maintenance_margin),
            garbage: BTreeSet::new(),
            options,
        }
    }

    /// The replicas are wanted from the first start on.
    fn begin(&mut self, now: Time, out: &mut Vec<Output>) {
        if !self.replicas.is_empty() {
            return;
        }
        for number in 0..self.options.replicas {
            self.replicas.push(Replica::new(now));
            let name = &self.session.subscription().info.name;
            let job = instance_job(now, name, number, &self.options.demand);
            let index = JobIndex(number);
            out.push(Output::Observe(Observation::JobArrived { framework: self.id, job, index }));
        }
    }

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
        let mut table = Table::new(offers);
        self.collect_garbage(&mut table, out);
        self.relaunch(now, &mut table, out);
        self.create(now, &mut table, agents, out);
        table.answer(&self.session, self.options.decline, out);
    }

    /// Takes back volumes and reservations that belong to no replica.
    fn collect_garbage(&mut self, table: &mut Table, out: &mut Vec<Output>) {
        let volumes = self.replicas.iter().filter_map(|replica| replica.volume.as_ref());
        let current: BTreeSet<Arc<str>> = volumes.map(|volume| Arc::clone(&volume.id)).collect();
        for offer in &mut table.offers {
            for Stale { replica, id, reserved } in self.owner.stale(offer.left(), &current) {
                offer.take(&reserved);
                for operation in take_back(&reserved) {
                    offer.operate(operation);
                }
                self.garbage.remove(&id);
                let bytes = bytes(reserved.amount(Scalar::Disk));
                self.observe_replica(replica, ReplicaChange::Collected, bytes, out);
            }
        }
    }

    /// Launches replicas whose volumes are offered.
    fn relaunch(&mut self, now: Time, table: &mut Table, out: &mut Vec<Output>) {
        for number in 0..self.replicas.len() {
            let replica = &self.replicas[number];
            let Some(volume) = replica.volume.as_ref().filter(|_| replica.is_due(now)) else {
                continue;
            };
            let id = Arc::clone(&volume.id);
            let found = table.offers.iter_mut().find_map(|offer| {
                let used = self.owner.find(offer.left(), &self.options.demand, &id)?;
                Some((offer, used))
            });
            let Some((offer, used)) = found else { continue };
            offer.take(&used);
            let (role, agent) = (offer.role, offer.agent);
            let launch = self.launch(now, number, role, agent, used);
            offer.operate(launch);
            if let Some(volume) = &mut self.replicas[number].volume {
                // Its host may have got another id.
                volume.agent = agent;
            }
            self.observe_number(number, ReplicaChange::Relaunched, out);
        }
    }

    /// Makes volumes for replicas that have none, and launches them there.
    fn create(&mut self, now: Time, table: &mut Table, agents: &Agents, out: &mut Vec<Output>) {
        let spread = self.options.spread.clone();
        let places = self.replicas.iter().filter_map(|replica| replica.volume.as_ref());
        let mut tally = Tally::new(&spread, agents, places.map(|volume| volume.agent));
        for number in 0..self.replicas.len() {
            let replica = &self.replicas[number];
            if replica.volume.is_some() || !replica.is_due(now) {
                continue;
            }
            let StatefulOptions { demand, disk, .. } = &self.options;
            let chosen = table.best(|offer| {
                let fits = !self.maintenance.is_closing(offer.agent, now)
                    && disk_for(offer.left(), demand, *disk).is_some();
                fits.then(|| tally.count(offer.agent)).flatten()
            });
            let Some(offer) = chosen else { continue };
            let id = self.owner.volume_id(as_number(number), replica.volumes);
            let claim = self.owner.claim(offer.left(), demand, *disk, as_number(number), &id);
            let Some(claim) = claim else { continue };
            offer.take(&claim.taken);
            offer.operate(Operation::Reserve { resources: claim.reserved, source: None });
            let volume = Resources::from_iter([claim.volume]);
            offer.operate(Operation::Create(volume));
            let (role, agent) = (offer.role, offer.agent);
            tally.add(agent);
            let launch = self.launch(now, number, role, agent, claim.used);
            offer.operate(launch);
            let replica = &mut self.replicas[number];
            replica.volumes += 1;
            replica.volume = Some(Volume { id, agent, size: claim.size, exists: false });
            self.observe_number(number, ReplicaChange::Created, out);
        }
    }

    fn launch(
        &mut self,
        now: Time,
        number: usize,
        role: RoleId,
        agent: AgentId,
        resources: Resources,
    ) -> Launch {
        let task = self.begin_task(now, number, role, agent);
        let details = self.details.get(number % self.details.len().max(1)).cloned();
        Launch { details, ..Launch::command(task, resources, Span::MAX) }
    }

    /// Lets agents go that can be spared: those whose replicas have no neighbour that is down already.
    fn answer_inverse(
        &mut self,
        offers: Vec<(InverseOfferId, AgentId, Unavailability)>,
        out: &mut Vec<Output>,
    ) {
        let (mut accepted, mut declined) = (Vec::new(), Vec::new());
        for (offer, agent, plan) in offers {
            self.maintenance.note(agent, Some(plan));
            let answers = if self.can_spare(agent) { &mut accepted } else { &mut declined };
            answers.push(offer);
        }
        let refuse = self.options.decline;
        self.session.answer_inverse(accepted, InverseOfferStatus::Accept, refuse, out);
        self.session.answer_inverse(declined, InverseOfferStatus::Decline, refuse, out);
    }

    fn can_spare(&self, agent: AgentId) -> bool {
        let is_there = |number: usize| {
            self.replicas[number].volume.as_ref().is_some_and(|volume| volume.agent == agent)
        };
        let mut there = (0..self.replicas.len()).filter(|number| is_there(*number));
        there.all(|number| {
            let mut others = self.ring.neighbours(number).filter(|other| !is_there(*other));
            others.all(|other| self.ring.serves(other))
        })
    }

    fn observe_number(&self, number: usize, change: ReplicaChange, out: &mut Vec<Output>) {
        let volume = self.replicas[number].volume.as_ref();
        let bytes = volume.map_or(0, |volume| bytes(volume.size));
        self.observe_replica(as_number(number), change, bytes, out);
    }

    fn observe_replica(
        &self,
        replica: u32,
        change: ReplicaChange,
        bytes: u64,
        out: &mut Vec<Output>,
    ) {
        let framework = self.id;
        out.push(Output::Observe(Observation::ReplicaChanged {
            framework,
            replica,
            change,
            bytes,
        }));
    }

    fn observe_ranges(&self, changes: Changes, out: &mut Vec<Output>) {
        let bytes = bytes(self.options.demand[Scalar::Disk]) / self.ring.factor() as u64;
        let framework = self.id;
        out.extend(changes.into_iter().map(|(range, change)| {
            Output::Observe(Observation::RangeChanged { framework, range, change, bytes })
        }));
    }

    fn event(&mut self, now: Time, event: Event, agents: &Agents, out: &mut Vec<Output>) {
        match event {
            Event::Subscribed => self.subscribed(now, out),
            Event::Offers(offers) => self.consider(now, offers, agents, out),
            Event::InverseOffers(offers) => self.answer_inverse(offers, out),
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

    fn wants_offers(&self, now: Time) -> bool {
        !self.garbage.is_empty() || self.replicas.iter().any(|replica| replica.is_due(now))
    }
}

fn as_number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Framework for StatefulFramework {
    fn handle(&mut self, now: Time, input: Input, agents: &Agents, out: &mut Vec<Output>) {
        match input {
            Input::Start => {
                self.begin(now, out);
                self.session.start(out);
            }
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
            Input::Wake => self.session.wake(now, out),
        }
        if self.session.is_alive() {
            self.look_at_clock(now, out);
        }
        self.session.want_offers(self.wants_offers(now), out);
        self.session.set_alarm(now, self.next(now), out);
    }

    fn pending_tasks(&self) -> u64 {
        self.replicas.iter().filter(|replica| replica.task.is_none()).count() as u64
    }

    fn live_tasks(&self) -> u64 {
        self.tasks.len() as u64
    }
}
