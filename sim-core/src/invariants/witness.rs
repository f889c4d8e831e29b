//! A framework under observation: what it has said and heard.

use super::Violation;
use super::updates;
use crate::framework::{Agents, Framework, Input, Output};
use crate::protocol::{Call, Event, OfferId, OfferMessage, OfferOperationKind, TaskId, TaskState};
use policy_api::{AgentId, Time};
use std::collections::BTreeMap;

/// A framework, and notes of all that goes in and out of it.
#[derive(Clone, Debug)]
pub struct Witness<F> {
    framework: F,
    notes: Notes,
}

/// What a framework has said and heard.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Notes {
    /// Whether the process is there.
    pub(super) is_up: bool,
    /// Whether it was told that it is subscribed, on the connection that it has.
    pub(super) is_subscribed: bool,
    /// Counts its connections.
    pub(super) connection: u32,
    /// Whether what it has outlives its agent.
    pub(super) checkpoint: bool,
    /// Whether the master has refused it: it is to stop.
    pub(super) is_refused: bool,
    /// Offers that it has and may still answer.
    pub(super) offers: Vec<OfferMessage>,
    pub(super) tasks: BTreeMap<TaskId, TaskStory>,
    /// The first thing that it heard and should not have.
    pub(super) violation: Option<Violation>,
}

/// A task, as its framework has followed it.
#[derive(Clone, Debug, Default)]
pub struct TaskStory {
    /// The agent of the offers that it was launched on; none where the offers were void.
    pub agent: Option<AgentId>,
    /// The state that was heard last, and of which agent.
    pub heard: Option<(TaskState, Option<AgentId>)>,
    /// On which connection that was.
    pub(super) connection: u32,
    /// Whether it was ever told that the task is out of reach or over.
    pub(super) was_lost: bool,
    pub(super) streams: Vec<updates::Heard>,
}

impl<F> Witness<F> {
    pub fn new(framework: F) -> Self {
        Self { framework, notes: Notes::default() }
    }

    pub const fn framework(&self) -> &F {
        &self.framework
    }

    /// All tasks that it has launched or heard of.
    pub fn tasks(&self) -> impl Iterator<Item = (TaskId, &TaskStory)> {
        self.notes.tasks.iter().map(|(id, story)| (*id, story))
    }

    pub(super) const fn notes(&self) -> &Notes {
        &self.notes
    }
}

impl Notes {
    /// Whether it was told on an earlier connection that the task is out of reach or over, so that it
    /// need not ask for it any more.
    pub(super) fn may_have_given_up(&self, task: TaskId) -> bool {
        self.tasks.get(&task).is_some_and(|story| {
            let given_up = story.heard.is_some_and(|(state, _)| is_loss(state));
            given_up && story.connection < self.connection
        })
    }

    /// Whether it may have given the task up before it was told, on an earlier connection, that it lives
    /// after all.
    pub(super) fn may_have_replaced(&self, story: &TaskStory) -> bool {
        story.was_lost && story.connection < self.connection
    }

    fn hear(&mut self, input: &Input) {
        match input {
            Input::Start => {
                self.is_up = true;
                self.close();
            }
            Input::Connected | Input::Disconnected => self.close(),
            Input::Crash => {
                self.is_up = false;
                self.close();
            }
            Input::Event(event) => self.hear_event(event),
            Input::Submit(_) | Input::Wake => {}
        }
    }

    fn close(&mut self) {
        self.is_subscribed = false;
        self.connection += 1;
        self.offers.clear();
    }

    fn hear_event(&mut self, event: &Event) {
        match event {
            Event::Subscribed => self.is_subscribed = true,
            Event::Offers(offers) => {
                // A message may come twice.
                let known = |id: OfferId| self.offers.iter().any(|offer| offer.id == id);
                let new: Vec<_> = offers.iter().filter(|it| !known(it.id)).cloned().collect();
                self.offers.extend(new);
            }
            Event::Rescind(ids) => self.drop_offers(ids),
            Event::Update(update) => {
                let story = self.tasks.entry(update.task).or_default();
                story.heard = Some((update.state, update.agent));
                story.connection = self.connection;
                story.was_lost |= is_loss(update.state);
                let found = updates::note(&mut story.streams, update);
                self.violation = self.violation.take().or(found);
            }
            Event::Error(_) => {
                self.is_refused = true;
                self.close();
            }
            Event::InverseOffers(_)
            | Event::RescindInverse(_)
            | Event::OperationUpdate(_)
            | Event::AgentLost(_)
            | Event::ExecutorExited { .. } => {}
        }
    }

    fn say(&mut self, call: &Call) {
        match call {
            Call::Accept { offers, operations, .. } => {
                let held = self.offers.iter().find(|held| offers.contains(&held.id));
                let agent = held.map(|held| held.agent);
                for operation in operations {
                    let launches = match &operation.kind {
                        OfferOperationKind::Launch(launch) => std::slice::from_ref(launch),
                        OfferOperationKind::LaunchGroup(launches) => launches,
                        OfferOperationKind::Convert(_) | OfferOperationKind::Disk(_) => &[],
                    };
                    for launch in launches {
                        self.tasks.entry(launch.task).or_default().agent = agent;
                    }
                }
                self.drop_offers(offers);
            }
            Call::Decline { offers, .. } => self.drop_offers(offers),
            Call::Subscribe(subscription) => self.checkpoint = subscription.checkpoint,
            Call::UpdateFramework(_)
            | Call::AnswerInverseOffers { .. }
            | Call::Suppress { .. }
            | Call::Revive { .. }
            | Call::Acknowledge { .. }
            | Call::AcknowledgeOperation { .. }
            | Call::Kill { .. }
            | Call::Shutdown { .. }
            | Call::Reconcile { .. }
            | Call::ReconcileOperations { .. }
            | Call::Deactivate
            | Call::Teardown => {}
        }
    }

    fn drop_offers(&mut self, ids: &[OfferId]) {
        self.offers.retain(|offer| !ids.contains(&offer.id));
    }
}

/// Whether a framework that hears this of a task may give it up.
const fn is_loss(state: TaskState) -> bool {
    state.is_terminal() || matches!(state, TaskState::Unreachable | TaskState::Unknown)
}

impl<F: Framework> Framework for Witness<F> {
    fn handle(&mut self, now: Time, input: Input, agents: &Agents, out: &mut Vec<Output>) {
        self.notes.hear(&input);
        let before = out.len();
        self.framework.handle(now, input, agents, out);
        for output in &out[before..] {
            if let Output::Call(call) = output {
                self.notes.say(call);
            }
        }
    }

    /// One at least: what is watched goes on to the horizon, whether work is left or not.
    fn pending_tasks(&self) -> u64 {
        self.framework.pending_tasks().max(1)
    }

    fn live_tasks(&self) -> u64 {
        self.framework.live_tasks()
    }
}
