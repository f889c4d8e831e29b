//! A framework in a cluster where anything may happen.

use super::infos::agent_info;
use super::pool::Pool;
use super::timers::Timers;
use super::words::secs;
use policy_api::{AgentId, DenseId, FrameworkId, Resources, Time, Unavailability};
use proptest::prelude::*;
use sim_core::framework::{Agents, Framework, Input, Output};
use sim_core::protocol::{
    Call, Event, OfferId, OfferOperation, OfferOperationKind, Source, StatusUpdate, TaskId,
    TaskState,
};
use sim_core::{Handle, Job, Observation};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// All that is free on some agents is offered.
    Offer {
        agents: Vec<usize>,
    },
    /// One of the outstanding offers is rescinded.
    Rescind {
        which: usize,
    },
    /// An agent is to be drained.
    Maintenance {
        agent: usize,
        in_secs: u64,
    },
    /// An update of one of the tasks so far, whatever became of it.
    Update {
        which: usize,
        state: TaskState,
    },
    /// Two in three tasks that are on agents run.
    Run,
    Wait {
        secs: u64,
    },
    Disconnect,
    Connect,
    Crash,
    Start,
    /// The subscription is answered.
    Subscribe,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let state = prop::sample::select(TaskState::ALL.to_vec());
    prop_oneof![
        6 => prop::collection::vec(0..5_usize, 1..5).prop_map(|agents| Step::Offer { agents }),
        2 => any::<usize>().prop_map(|which| Step::Rescind { which }),
        1 => (0..5_usize, 0..200_u64)
            .prop_map(|(agent, in_secs)| Step::Maintenance { agent, in_secs }),
        6 => (any::<usize>(), state).prop_map(|(which, state)| Step::Update { which, state }),
        4 => Just(Step::Run),
        4 => (1..40_u64).prop_map(|secs| Step::Wait { secs }),
        1 => Just(Step::Disconnect),
        2 => Just(Step::Connect),
        1 => Just(Step::Crash),
        2 => Just(Step::Start),
        4 => Just(Step::Subscribe),
    ]
}

pub(crate) struct Weather<F> {
    pub(crate) framework: F,
    pub(crate) pool: Pool,
    pub(crate) observed: Vec<Observation>,
    agents: Agents,
    now: Time,
    wakes: Timers<()>,
    link: Link,
    /// Offers that stand.
    offers: Vec<OfferId>,
    rescinded: Vec<OfferId>,
    launched: usize,
    ended: usize,
    /// Where tasks were sent, of all that ever were.
    places: BTreeMap<TaskId, AgentId>,
    /// Updates on their way.
    updates: VecDeque<(TaskId, TaskState)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Down,
    Disconnected,
    Subscribing,
    Subscribed,
}

impl<F: Framework> Weather<F> {
    pub(crate) fn new(framework: F, agents: usize, each: &Resources) -> Self {
        let ids = || (0..agents).map(AgentId::from_index);
        let mut pool = Pool::default();
        pool.free.extend(ids().map(|agent| (agent, each.clone())));
        let mut weather = Self {
            framework,
            pool,
            observed: Vec::new(),
            agents: ids().map(|agent| Some(agent_info(agent))).collect(),
            now: Time::ZERO,
            wakes: Timers::new(),
            link: Link::Down,
            offers: Vec::new(),
            rescinded: Vec::new(),
            launched: 0,
            ended: 0,
            places: BTreeMap::new(),
            updates: VecDeque::new(),
        };
        weather.step(&Step::Start);
        weather.step(&Step::Subscribe);
        weather
    }

    /// Tasks that the framework has launched, and has not said the end of.
    pub(crate) const fn believed(&self) -> usize {
        self.launched - self.ended
    }

    pub(crate) fn submit(&mut self, job: Arc<Job>) {
        self.hand_in(Input::Submit(job));
    }

    pub(crate) fn step(&mut self, step: &Step) {
        match step {
            Step::Offer { agents } if self.link == Link::Subscribed => {
                let agents = agents.iter().map(|agent| AgentId::from_index(*agent));
                let offers = agents.filter_map(|agent| self.pool.offer_rest(agent));
                let offers: Vec<_> = offers.collect();
                self.offers.extend(offers.iter().map(|offer| offer.id));
                self.hand_in(Input::Event(Event::Offers(offers)));
            }
            Step::Rescind { which } if self.link == Link::Subscribed && !self.offers.is_empty() => {
                let offer = self.offers.remove(which % self.offers.len());
                self.pool.withdraw(&[offer]);
                self.rescinded.push(offer);
                self.hand_in(Input::Event(Event::Rescind(vec![offer])));
            }
            Step::Maintenance { agent, in_secs } if self.link == Link::Subscribed => {
                let plan = Unavailability { start: self.now + secs(*in_secs), duration: None };
                let offer = (Handle::from_parts(0, 0), AgentId::from_index(*agent), plan);
                self.hand_in(Input::Event(Event::InverseOffers(vec![offer])));
            }
            Step::Update { which, state } => {
                let task = self.places.keys().nth(which % self.places.len().max(1)).copied();
                self.updates.extend(task.map(|task| (task, *state)));
            }
            Step::Run => {
                let tasks = self.pool.tasks.keys().filter(|task| task.slot % 3 != 2);
                self.updates.extend(tasks.map(|task| (*task, TaskState::Running)));
            }
            Step::Wait { secs: time } => self.wait_until(self.now + secs(*time)),
            Step::Disconnect if self.link != Link::Down => {
                self.lose_connection(Link::Disconnected);
                self.hand_in(Input::Disconnected);
            }
            Step::Connect if self.link == Link::Disconnected => self.hand_in(Input::Connected),
            Step::Crash => {
                self.lose_connection(Link::Down);
                self.hand_in(Input::Crash);
            }
            Step::Start if self.link == Link::Down => self.hand_in(Input::Start),
            Step::Subscribe if self.link == Link::Subscribing => {
                self.link = Link::Subscribed;
                self.hand_in(Input::Event(Event::Subscribed));
            }
            Step::Offer { .. }
            | Step::Rescind { .. }
            | Step::Maintenance { .. }
            | Step::Disconnect
            | Step::Connect
            | Step::Start
            | Step::Subscribe => {}
        }
        self.deliver();
    }

    /// All is well for long enough.
    pub(crate) fn clear_up(&mut self) {
        for step in [Step::Start, Step::Connect, Step::Subscribe] {
            self.step(&step);
        }
        for _ in 0..400 {
            let offers = Step::Offer { agents: (0..self.agents.len()).collect() };
            self.step(&offers);
            let tasks: Vec<TaskId> = self.pool.tasks.keys().copied().collect();
            self.updates.extend(tasks.into_iter().map(|task| (task, TaskState::Running)));
            self.deliver();
            self.wait_until(self.now + secs(5));
        }
    }

    /// All tasks finish, and those that are launched meanwhile.
    pub(crate) fn finish_tasks(&mut self) {
        for _ in 0..100 {
            let tasks: Vec<TaskId> = self.pool.tasks.keys().copied().collect();
            self.updates.extend(tasks.into_iter().map(|task| (task, TaskState::Finished)));
            self.deliver();
            self.step(&Step::Offer { agents: (0..self.agents.len()).collect() });
            self.wait_until(self.now + secs(5));
        }
    }

    fn wait_until(&mut self, to: Time) {
        while let Some((at, ())) = self.wakes.pop_due(to) {
            self.now = self.now.max(at);
            // Nobody wakes a process that is not there.
            if self.link != Link::Down {
                self.hand_in(Input::Wake);
                self.deliver();
            }
        }
        self.now = to;
    }

    fn lose_connection(&mut self, link: Link) {
        self.link = link;
        self.pool.withdraw(&std::mem::take(&mut self.offers));
        self.rescinded.clear();
        self.updates.clear();
    }

    /// Updates arrive; what a framework does about one may cause another.
    fn deliver(&mut self) {
        for _ in 0..1_000 {
            let Some((task, state)) = self.updates.pop_front() else { return };
            if self.link != Link::Subscribed {
                self.updates.clear();
                return;
            }
            // A task that has ended cannot run again.
            let lives = self.pool.tasks.contains_key(&task);
            let state = if lives || state.is_terminal() { state } else { TaskState::Unknown };
            if state.is_terminal() {
                self.pool.release(task);
            }
            self.hand_in(Input::Event(Event::Update(StatusUpdate {
                framework: FrameworkId::from_index(0),
                task,
                agent: self.places.get(&task).copied(),
                state,
                latest_state: state,
                source: Source::Agent,
                reason: None,
                unreachable_since: None,
                status: None,
            })));
        }
        panic!("calls and updates follow each other for ever");
    }

    fn hand_in(&mut self, input: Input) {
        let mut out = Vec::new();
        self.framework.handle(self.now, input, &self.agents, &mut out);
        for output in out {
            match output {
                Output::Wake { at } => {
                    assert!(at >= self.now, "a wake-up in the past");
                    self.wakes.push(at, ());
                }
                Output::Observe(observation) => {
                    self.ended += usize::from(matches!(observation, Observation::TaskEnded(_)));
                    self.observed.push(observation);
                }
                Output::Call(Call::Subscribe(_)) => {
                    assert!(self.link != Link::Subscribed, "subscribed twice");
                    self.link = Link::Subscribing;
                }
                Output::Call(call) => {
                    assert!(self.link == Link::Subscribed, "{} to nobody", call.name());
                    self.answer(call);
                }
            }
        }
    }

    fn answer(&mut self, call: Call) {
        match call {
            Call::Accept { offers, operations, .. } => {
                self.check_held(&offers);
                self.launched += launches(&operations).count();
                if let Some(launched) = self.pool.accept(&offers, &operations) {
                    for task in launched {
                        self.places.insert(task, self.pool.tasks[&task].0);
                    }
                } else {
                    // The master refuses them: the offer was rescinded in the meantime.
                    let lost = launches(&operations).map(|task| (task, TaskState::Lost));
                    self.updates.extend(lost);
                }
            }
            Call::Decline { offers, .. } => {
                self.check_held(&offers);
                self.pool.withdraw(&offers);
            }
            Call::Kill { task, .. } => {
                let state = if self.pool.tasks.contains_key(&task) {
                    TaskState::Killed
                } else {
                    TaskState::Unknown
                };
                self.updates.push_back((task, state));
            }
            Call::Reconcile { tasks } => {
                // Every other one is answered, the rest when it asks again.
                let tasks = tasks.iter().map(|(task, _)| *task);
                let asked: Vec<TaskId> = tasks.step_by(2).collect();
                self.updates.extend(asked.into_iter().map(|task| (task, TaskState::Running)));
            }
            Call::Subscribe(_)
            | Call::UpdateFramework(_)
            | Call::AnswerInverseOffers { .. }
            | Call::Suppress { .. }
            | Call::Revive { .. }
            | Call::Acknowledge { .. }
            | Call::AcknowledgeOperation { .. }
            | Call::Shutdown { .. }
            | Call::ReconcileOperations { .. }
            | Call::Deactivate
            | Call::Teardown => {}
        }
    }

    fn check_held(&mut self, offers: &[OfferId]) {
        for offer in offers {
            let place = self.offers.iter().position(|held| held == offer);
            if let Some(place) = place {
                self.offers.remove(place);
            } else {
                assert!(self.rescinded.contains(offer), "{offer:?} is not held");
            }
        }
    }
}

fn launches(operations: &[OfferOperation]) -> impl Iterator<Item = TaskId> {
    operations.iter().filter_map(|operation| match &operation.kind {
        OfferOperationKind::Launch(launch) => Some(launch.task),
        OfferOperationKind::LaunchGroup(_)
        | OfferOperationKind::Convert(_)
        | OfferOperationKind::Disk(_) => None,
    })
}
