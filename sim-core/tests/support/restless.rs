//! A framework that does with its offers whatever comes to its mind, mostly things that can be done.

use policy_api::resources::{DiskInfo, Persistence, Reservation, Value, Volume};
use policy_api::{Amount, FrameworkInfo, Operation, Quantities, Resource, Resources, Span, Time};
use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use sim_core::framework::{Agents, Framework, Input, Output};
use sim_core::protocol::{
    Call, Event, Launch, OfferId, OfferMessage, OfferOperation, Reason, Subscription, TaskId,
};
use std::sync::Arc;

/// How many ACCEPTs it makes; then it declines what it is offered, and wants no more.
const ACCEPTS: u32 = 40;

pub(crate) struct Restless {
    info: FrameworkInfo,
    /// The path of its one role.
    role: &'static str,
    principal: Option<Arc<str>>,
    random: Pcg64Mcg,
    accepts: u32,
    launched: u32,
    /// Offers that it keeps until another one of their agent comes.
    kept: Vec<OfferMessage>,
}

impl Restless {
    pub(crate) fn new(
        info: FrameworkInfo,
        role: &'static str,
        principal: Option<Arc<str>>,
        random: Pcg64Mcg,
    ) -> Self {
        Self { info, role, principal, random, accepts: 0, launched: 0, kept: Vec::new() }
    }

    fn answer(&mut self, offer: OfferMessage, out: &mut Vec<Output>) {
        if self.accepts == ACCEPTS {
            let (offers, refuse) = (vec![offer.id], Span::from_secs(1_000));
            out.push(Output::Call(Call::Decline { offers, refuse }));
            out.push(Output::Call(Call::Suppress { roles: Vec::new() }));
            return;
        }
        if self.chance(10) {
            self.kept.push(offer);
            return;
        }
        self.accepts += 1;
        let (offers, all) = self.with_kept(&offer);
        let operations = self.operations(all);
        let refuse = Span::from_millis(self.random.random_range(0..3_000));
        out.push(Output::Call(Call::Accept { offers, operations, refuse }));
    }

    /// The offer, and now and then all that are kept, be they of its agent or not.
    fn with_kept(&mut self, offer: &OfferMessage) -> (Vec<OfferId>, Resources) {
        let any = self.chance(5);
        let (mut ids, mut sum) = (vec![offer.id], offer.resources.clone());
        self.kept.retain(|kept| {
            let taken = any || kept.agent == offer.agent;
            if taken {
                ids.push(kept.id);
                sum.add(&kept.resources);
            }
            !taken
        });
        (ids, sum)
    }

    fn operations(&mut self, mut left: Resources) -> Vec<OfferOperation> {
        let mut operations = Vec::new();
        for _ in 0..self.random.random_range(0..6) {
            if self.chance(30) {
                let launch = self.launch(&left);
                left.subtract(&launch.resources);
                operations.push(OfferOperation::from(launch));
            } else if let Some(operation) = self.operation(&left) {
                left = left.apply(&operation).unwrap_or(left);
                operations.push(OfferOperation::from(operation));
            }
        }
        operations
    }

    /// A task on some of everything, often on a volume.
    fn launch(&mut self, left: &Resources) -> Launch {
        let mut resources = Resources::plain(self.part(left.plain_amounts()));
        for (resource, _) in left.iter().filter(|(resource, _)| resource.is_reserved()) {
            if self.chance(40) {
                resources.add_resource(resource.into_owned());
            }
        }
        let task = TaskId { slot: self.launched, generation: 0 };
        self.launched += 1;
        let duration = Span::from_millis(self.random.random_range(0..4_000));
        Launch::command(task, resources, duration)
    }

    fn operation(&mut self, left: &Resources) -> Option<Operation> {
        let dynamic = |it: &Resource| it.is_dynamically_reserved() && !it.is_persistent_volume();
        let disk = |it: &Resource| &*it.name == "disk" && it.is_reserved() && it.disk.is_none();
        Some(match self.random.random_range(0..6) {
            0 => {
                let resources = Resources::plain(self.part(left.plain_amounts()));
                let top = Reservation::dynamic(self.role, self.principal.as_deref());
                let resources = resources.push_reservation(&top).expect("a role");
                Operation::Reserve { resources, source: None }
            }
            1 => Operation::Unreserve(Resources::from_iter([self.pick(left, dynamic)?])),
            2 => Operation::Create(Resources::from_iter([self.volume(left, disk)?])),
            3 => Operation::Destroy(Resources::from_iter([self.pick_volume(left)?])),
            4 => Operation::GrowVolume {
                volume: self.pick_volume(left)?,
                addition: self.pick(left, disk)?,
            },
            _ => {
                let volume = self.pick_volume(left)?;
                Operation::ShrinkVolume { subtract: self.amount(volume.scalar()?), volume }
            }
        })
    }

    fn volume(&mut self, left: &Resources, disk: impl Fn(&Resource) -> bool) -> Option<Resource> {
        let disk = self.pick(left, disk)?;
        let id = format!("v{}", self.random.random_range(0..6)).into();
        let persistence = Some(Persistence { id, principal: self.principal.clone() });
        let (container_path, mode) = ("data".into(), Some("RW".into()));
        let volume = Some(Volume { container_path, host_path: None, mode });
        let info = DiskInfo { source: None, persistence, volume };
        Some(Resource { disk: Some(Arc::new(info)), shared: self.chance(40), ..disk })
    }

    fn pick_volume(&mut self, left: &Resources) -> Option<Resource> {
        let volumes: Vec<Resource> = left
            .others()
            .iter()
            .map(|entry| entry.resource.clone())
            .filter(Resource::is_persistent_volume)
            .collect();
        self.one_of(volumes)
    }

    /// A part of one of the scalars of this kind; now and then more than there is.
    fn pick(&mut self, left: &Resources, kind: impl Fn(&Resource) -> bool) -> Option<Resource> {
        let candidates: Vec<Resource> =
            left.others().iter().map(|it| it.resource.clone()).filter(|it| kind(it)).collect();
        let resource = self.one_of(candidates)?;
        let all = resource.scalar()?;
        let amount = if self.chance(5) { all + 1_000 } else { self.amount(all) };
        Some(Resource { value: Value::Scalar(amount), ..resource })
    }

    fn one_of(&mut self, mut candidates: Vec<Resource>) -> Option<Resource> {
        if candidates.is_empty() {
            return None;
        }
        Some(candidates.swap_remove(self.random.random_range(0..candidates.len())))
    }

    fn part(&mut self, all: &Quantities) -> Quantities {
        Quantities::from_amounts(all.amounts().map(|amount| self.amount(amount)))
    }

    /// All of it, or a part.
    fn amount(&mut self, all: Amount) -> Amount {
        if self.chance(30) { all } else { self.random.random_range(0..=all) }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }
}

impl Framework for Restless {
    fn handle(&mut self, _: Time, input: Input, _: &Agents, out: &mut Vec<Output>) {
        match input {
            Input::Start => {
                let (info, principal) = (self.info.clone(), self.principal.clone());
                let subscription = Subscription { info, principal, ..Subscription::default() };
                out.push(Output::Call(Call::Subscribe(Box::new(subscription))));
            }
            Input::Event(Event::Offers(offers)) => {
                for offer in offers {
                    self.answer(offer, out);
                }
            }
            Input::Event(Event::Rescind(offers)) => {
                self.kept.retain(|kept| !offers.contains(&kept.id));
            }
            Input::Event(Event::Update(update)) => {
                // What an agent is to have is sent before the tasks that use it.
                assert_ne!(update.reason, Some(Reason::ResourcesUnknown), "{update:?}");
                let (agent, task) = (update.agent, update.task);
                let acknowledge = |(status, agent)| Call::Acknowledge { agent, task, status };
                out.extend(update.status.zip(agent).map(acknowledge).map(Output::Call));
            }
            Input::Event(
                Event::Subscribed
                | Event::InverseOffers(_)
                | Event::RescindInverse(_)
                | Event::OperationUpdate(_)
                | Event::AgentLost(_)
                | Event::ExecutorExited { .. }
                | Event::Error(_),
            )
            | Input::Disconnected
            | Input::Connected
            | Input::Crash
            | Input::Submit(_)
            | Input::Wake => {}
        }
    }

    fn pending_tasks(&self) -> u64 {
        0
    }

    fn live_tasks(&self) -> u64 {
        0
    }
}
