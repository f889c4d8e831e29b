//! A framework that does with its offers whatever comes to its mind, mostly things that can be done, and
//! makes other calls in between. Towards the end it calms down: it kills nothing more, takes nothing
//! more, and only asks what became of its tasks until it knows. `operations.rs` has what it does with
//! resources.

use super::operations::Hand;
use policy_api::{AgentId, InverseOfferStatus, Resources, Span, Time};
use sim_core::Handle;
use sim_core::framework::{Agents, Framework, Input, Output};
use sim_core::protocol::{
    Call, Event, ExecutorId, Launch, OfferMessage, OfferOperation, OfferOperationKind, OperationId,
    StatusUpdate, Subscription, TaskId, TaskState,
};
use std::collections::BTreeMap;

pub(crate) struct Restless {
    subscription: Subscription,
    hand: Hand,
    /// How many ACCEPTs it still makes, and until when.
    accepts: u32,
    until: Time,
    is_subscribed: bool,
    /// The master has told it to stop.
    is_stopped: bool,
    /// Offers that it keeps until another one of their agent comes.
    kept: Vec<OfferMessage>,
    /// Tasks that may live, and what was heard of them.
    tasks: BTreeMap<TaskId, (Option<AgentId>, Option<TaskState>)>,
    operations: u32,
    /// It never gives back the offers that it keeps.
    hoards: bool,
    alarm: Option<Time>,
}

/// How often it looks up from its offers.
const PERIOD: Span = Span::from_secs(7);

impl Restless {
    pub(crate) fn new(
        subscription: Subscription,
        mut hand: Hand,
        (accepts, until): (u32, Time),
    ) -> Self {
        Self {
            hoards: hand.chance(30),
            hand,
            subscription,
            accepts,
            until,
            is_subscribed: false,
            is_stopped: false,
            kept: Vec::new(),
            tasks: BTreeMap::new(),
            operations: 0,
            alarm: None,
        }
    }

    fn subscribe(&mut self, has_id: bool, out: &mut Vec<Output>) {
        self.close();
        if self.is_stopped {
            return;
        }
        let subscription = Subscription { has_id, force: has_id, ..self.subscription.clone() };
        out.push(Output::Call(Call::Subscribe(Box::new(subscription))));
    }

    fn close(&mut self) {
        self.is_subscribed = false;
        self.kept.clear();
    }

    fn hear(&mut self, now: Time, event: Event, out: &mut Vec<Output>) {
        match event {
            Event::Subscribed => {
                self.is_subscribed = true;
                self.subscription.has_id = true;
                self.ask(out);
            }
            Event::Offers(offers) => {
                for offer in offers {
                    self.answer(now, offer, out);
                }
            }
            Event::Rescind(ids) => self.kept.retain(|offer| !ids.contains(&offer.id)),
            Event::Update(update) => self.update(now, &update, out),
            Event::OperationUpdate(status) => {
                let acknowledge = |operation| Call::AcknowledgeOperation { operation };
                out.extend(status.acknowledge.map(acknowledge).map(Output::Call));
            }
            Event::InverseOffers(offers) => {
                let offers = offers.into_iter().map(|(id, _, _)| id).collect();
                let accept = self.hand.chance(50);
                let status =
                    if accept { InverseOfferStatus::Accept } else { InverseOfferStatus::Decline };
                let refuse = Span::from_secs(10);
                out.push(Output::Call(Call::AnswerInverseOffers { offers, status, refuse }));
            }
            Event::Error(_) => {
                self.is_stopped = true;
                self.close();
            }
            Event::RescindInverse(_) | Event::AgentLost(_) | Event::ExecutorExited { .. } => {}
        }
    }

    fn update(&mut self, now: Time, update: &StatusUpdate, out: &mut Vec<Output>) {
        let StatusUpdate { task, agent, state, .. } = *update;
        if state.is_terminal() || state == TaskState::Unknown {
            self.tasks.remove(&task);
        } else {
            let known = self.tasks.entry(task).or_insert((agent, None));
            *known = (agent.or(known.0), Some(state));
        }
        let acknowledge = |(status, agent)| Call::Acknowledge { agent, task, status };
        out.extend(update.status.zip(agent).map(acknowledge).map(Output::Call));
        if now < self.until && state == TaskState::Running && self.hand.chance(15) {
            out.push(Output::Call(Call::Kill { task, agent, grace: None }));
        }
    }

    fn is_calm(&self, now: Time) -> bool {
        self.accepts == 0 || now >= self.until
    }

    fn answer(&mut self, now: Time, offer: OfferMessage, out: &mut Vec<Output>) {
        if self.is_calm(now) {
            let refuse = Span::from_secs(1_000);
            out.push(Output::Call(Call::Decline { offers: vec![offer.id], refuse }));
            out.push(Output::Call(Call::Suppress { roles: Vec::new() }));
            return;
        }
        if self.hand.chance(10) {
            self.kept.push(offer);
            return;
        }
        if self.hand.chance(10) {
            let refuse = self.hand.refusal();
            out.push(Output::Call(Call::Decline { offers: vec![offer.id], refuse }));
            return;
        }
        self.accept(offer, out);
    }

    fn accept(&mut self, offer: OfferMessage, out: &mut Vec<Output>) {
        self.accepts -= 1;
        let any = self.hand.chance(3);
        let agent = offer.agent;
        let (mut offers, mut left) = (vec![offer.id], offer.resources);
        self.kept.retain(|kept| {
            let taken = any || kept.agent == agent;
            if taken {
                offers.push(kept.id);
                left.add(&kept.resources);
            }
            !taken
        });
        if self.hand.chance(2) {
            offers.push(Handle::from_parts(1_000_000, 0));
        }
        let operations = self.operations(left, agent);
        let refuse = self.hand.refusal();
        out.push(Output::Call(Call::Accept { offers, operations, refuse }));
    }

    fn operations(&mut self, mut left: Resources, agent: AgentId) -> Vec<OfferOperation> {
        let mut operations = Vec::new();
        for _ in 0..self.hand.up_to(5) {
            if self.hand.chance(35) {
                let launch = self.hand.launch(&mut left);
                self.note(&launch, agent);
                operations.push(OfferOperation::from(launch));
            } else if self.hand.chance(10) {
                let group = self.hand.group(&mut left);
                for launch in &group {
                    self.note(launch, agent);
                }
                operations.push(OfferOperation {
                    id: None,
                    kind: OfferOperationKind::LaunchGroup(group),
                });
            } else if let Some(kind) = self.hand.operation(&mut left) {
                let id = self.hand.chance(30).then_some(OperationId(self.operations));
                self.operations += 1;
                operations.push(OfferOperation { id, kind });
            }
        }
        operations
    }

    fn note(&mut self, launch: &Launch, agent: AgentId) {
        self.tasks.insert(launch.task, (Some(agent), None));
    }

    /// Asks what became of all tasks that may live.
    fn ask(&self, out: &mut Vec<Output>) {
        if !self.tasks.is_empty() {
            let tasks = self.tasks.iter().map(|(id, (agent, _))| (*id, *agent)).collect();
            out.push(Output::Call(Call::Reconcile { tasks }));
        }
    }

    /// Does something that has nothing to do with an offer.
    fn look_up(&mut self, now: Time, out: &mut Vec<Output>) {
        if !self.is_subscribed {
            return;
        }
        if self.is_calm(now) && !self.hoards && !self.kept.is_empty() {
            let offers = self.kept.drain(..).map(|kept| kept.id).collect();
            out.push(Output::Call(Call::Decline { offers, refuse: Span::from_secs(1_000) }));
        }
        if now >= self.until {
            self.ask(out);
            return;
        }
        let some_task = |hand: &mut Hand| {
            let place = hand.up_to(self.tasks.len().saturating_sub(1));
            self.tasks.iter().nth(place).map(|(id, (agent, _))| (*id, *agent))
        };
        let call = match self.hand.up_to(19) {
            0 => Some(Call::Suppress { roles: Vec::new() }),
            1..=3 => Some(Call::Revive { roles: Vec::new() }),
            4 => Some(Call::Reconcile { tasks: Vec::new() }),
            5 => Some(Call::ReconcileOperations { operations: Vec::new() }),
            6..=8 => some_task(&mut self.hand).map(|(task, agent)| Call::Kill {
                task,
                agent,
                grace: Some(Span::from_secs(1)),
            }),
            9 => some_task(&mut self.hand).and_then(|(_, agent)| {
                Some(Call::Shutdown { agent: agent?, executor: ExecutorId(1) })
            }),
            10 => {
                let task = TaskId { slot: 1_000_000, generation: 0 };
                Some(Call::Kill { task, agent: None, grace: None })
            }
            11 => Some(Call::Decline {
                offers: vec![Handle::from_parts(1_000_000, 0)],
                refuse: Span::ZERO,
            }),
            12 => Some(Call::UpdateFramework(Box::new(self.subscription.clone()))),
            _ => None,
        };
        out.extend(call.map(Output::Call));
        if self.hand.chance(20) {
            self.ask(out);
        }
    }
}

impl Framework for Restless {
    fn handle(&mut self, now: Time, input: Input, _: &Agents, out: &mut Vec<Output>) {
        match input {
            Input::Start => {
                self.alarm = Some(now + PERIOD);
                out.push(Output::Wake { at: now + PERIOD });
                self.subscribe(self.subscription.has_id, out);
            }
            Input::Connected => self.subscribe(self.subscription.has_id, out),
            Input::Disconnected => self.close(),
            Input::Crash => {
                self.close();
                self.alarm = None;
            }
            Input::Event(event) if !self.is_stopped => {
                if self.is_subscribed || matches!(event, Event::Subscribed | Event::Error(_)) {
                    self.hear(now, event, out);
                }
            }
            Input::Wake if self.alarm.is_some_and(|alarm| alarm <= now) => {
                self.alarm = Some(now + PERIOD);
                out.push(Output::Wake { at: now + PERIOD });
                self.look_up(now, out);
            }
            Input::Event(_) | Input::Wake | Input::Submit(_) => {}
        }
    }

    fn pending_tasks(&self) -> u64 {
        0
    }

    fn live_tasks(&self) -> u64 {
        self.tasks.len() as u64
    }
}
