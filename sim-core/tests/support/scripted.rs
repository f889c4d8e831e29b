//! A framework that answers offers as it is told, and writes down what it hears.

use super::notation;
use super::words::{launch, task_id, task_name, tenths};
use policy_api::{DenseId, FrameworkInfo, Span, Time};
use sim_core::framework::{Agents, Framework, Input, Output};
use sim_core::protocol::{
    Call, Event, Launch, LaunchDetails, OfferMessage, OfferOperation, StatusUpdate, Subscription,
    TaskId,
};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// What to do with the next offer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Carries out operations, as scripts write them, and refuses the rest for this long.
    Operate(&'static str, Span),
    /// Launches these tasks and refuses the rest for this long: `cpus:1@10s`.
    Accept(Vec<&'static str>, Span),
    Decline(Span),
    /// Says nothing.
    Hold,
    /// From now on launches one such task on each offer that has room for it, and asks for the
    /// rest again; offers without room are refused for an hour.
    OneOnEach(&'static str),
}

/// What a scripted framework heard and said, readable while and after the run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<(Time, String)>>>);

impl Log {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.borrow().iter().map(|(now, what)| format!("{now} {what}")).collect()
    }

    /// What was noted since this was last called.
    pub(crate) fn take(&self) -> Vec<(Time, String)> {
        self.0.take()
    }

    pub(crate) fn note(&self, now: Time, what: String) {
        self.0.borrow_mut().push((now, what));
    }
}

/// Answers offers in turn; those for which no answer is left are held.
pub(crate) struct Scripted {
    /// Before all that it writes down.
    name: String,
    subscription: Subscription,
    /// A run does not end before this time.
    until: Time,
    answers: VecDeque<Answer>,
    /// How long an update waits until it is acknowledged.
    acknowledge_after: Span,
    /// Bytes that its tasks write in a second.
    write_rate: u64,
    unacknowledged: VecDeque<(Time, Call)>,
    /// What it says by itself, in the order of time.
    calls: VecDeque<(Time, Call)>,
    is_up: bool,
    /// The run goes on until then at least.
    stays_until: Time,
    /// Whether what is offered is written down with its reservations and volumes.
    notes_reservations: bool,
    launched: u32,
    log: Log,
}

impl Scripted {
    pub(crate) fn new(info: FrameworkInfo, answers: Vec<Answer>, log: Log) -> Self {
        Self::subscribing(Subscription { info, ..Subscription::default() }, answers, log)
    }

    pub(crate) fn subscribing(subscription: Subscription, answers: Vec<Answer>, log: Log) -> Self {
        Self {
            name: String::new(),
            subscription,
            until: Time::ZERO,
            answers: answers.into(),
            acknowledge_after: Span::ZERO,
            write_rate: 0,
            unacknowledged: VecDeque::new(),
            calls: VecDeque::new(),
            is_up: false,
            stays_until: Time::ZERO,
            notes_reservations: false,
            launched: 0,
            log,
        }
    }

    /// Its executors and tasks outlive a restart of their agent.
    #[must_use]
    pub(crate) fn checkpointing(mut self) -> Self {
        self.subscription.checkpoint = true;
        self
    }

    #[must_use]
    pub(crate) fn not_partition_aware(mut self) -> Self {
        self.subscription.info.capabilities.partition_aware = false;
        self
    }

    /// It may be away for this long.
    #[must_use]
    pub(crate) fn failing_over(mut self, timeout: Span) -> Self {
        self.subscription.failover_timeout = timeout;
        self
    }

    /// Makes this call at that time, if it is up then. Calls must be added in the order of time.
    #[must_use]
    pub(crate) fn calling(mut self, at: Span, call: Call) -> Self {
        self.calls.push_back((Time::ZERO + at, call));
        self
    }

    /// Keeps the run going for so long, though nothing may be left to do.
    #[must_use]
    pub(crate) fn staying(mut self, for_so_long: Span) -> Self {
        self.stays_until = Time::ZERO + for_so_long;
        self
    }

    #[must_use]
    pub(crate) fn killing(self, at: Span, task: &str) -> Self {
        let task = task_id(task);
        self.calling(at, Call::Kill { task, agent: None, grace: None })
    }

    /// Writes down what it is offered with its reservations and volumes, not only the quantities.
    #[must_use]
    pub(crate) fn noting_reservations(mut self) -> Self {
        self.notes_reservations = true;
        self
    }

    #[must_use]
    pub(crate) fn acknowledging_after(mut self, span: Span) -> Self {
        self.acknowledge_after = span;
        self
    }

    /// Says so of itself, and these calls at these times, and keeps the run going for so long.
    #[must_use]
    pub(crate) fn saying(
        mut self,
        name: &str,
        subscription: Subscription,
        calls: Vec<(Time, Call)>,
        until: Time,
    ) -> Self {
        self.name = format!("{name} ");
        self.subscription = subscription;
        self.calls = calls.into();
        self.until = until;
        self
    }

    #[must_use]
    pub(crate) fn writing(mut self, rate: u64) -> Self {
        self.write_rate = rate;
        self
    }

    fn note(&self, now: Time, what: &str) {
        self.log.note(now, format!("{}{what}", self.name));
    }

    fn subscribe(&mut self, out: &mut Vec<Output>) {
        out.push(Output::Call(Call::Subscribe(Box::new(self.subscription.clone()))));
        // From now on it has an id, and insists on it.
        self.subscription.has_id = true;
        self.subscription.force = true;
    }

    fn answer(&mut self, offer: &OfferMessage) -> Option<Call> {
        match self.answers.pop_front().unwrap_or(Answer::Hold) {
            Answer::Hold => None,
            Answer::OneOnEach(task) => {
                self.answers.push_front(Answer::OneOnEach(task));
                let launch = self.launch(task);
                Some(if offer.resources.contains(&launch.resources) {
                    accept(offer, vec![launch], Span::ZERO)
                } else {
                    Call::Decline { offers: vec![offer.id], refuse: Span::from_secs(3600) }
                })
            }
            Answer::Decline(refuse) => Some(Call::Decline { offers: vec![offer.id], refuse }),
            Answer::Operate(words, refuse) => {
                let words: Vec<&str> = words.split_whitespace().collect();
                let operations = notation::operations(&words);
                Some(Call::Accept { offers: vec![offer.id], operations, refuse })
            }
            Answer::Accept(tasks, refuse) => {
                let launches = tasks.into_iter().map(|task| self.launch(task)).collect();
                Some(accept(offer, launches, refuse))
            }
        }
    }

    fn launch(&mut self, task: &str) -> Launch {
        let id = TaskId { slot: self.launched, generation: 0 };
        self.launched += 1;
        let details = LaunchDetails { write_rate: self.write_rate, ..LaunchDetails::default() };
        let details = (self.write_rate > 0).then(|| Arc::new(details));
        Launch { task: id, details, ..launch(&format!("T0={task}")) }
    }
}

fn accept(offer: &OfferMessage, launches: Vec<Launch>, refuse: Span) -> Call {
    let operations = launches.into_iter().map(OfferOperation::from).collect();
    Call::Accept { offers: vec![offer.id], operations, refuse }
}

impl Framework for Scripted {
    fn handle(&mut self, now: Time, input: Input, _: &Agents, out: &mut Vec<Output>) {
        match input {
            Input::Start => {
                self.is_up = true;
                self.calls.retain(|(at, _)| *at >= now);
                out.extend(self.calls.iter().map(|(at, _)| Output::Wake { at: *at }));
                if self.stays_until > now {
                    out.push(Output::Wake { at: self.stays_until });
                }
                self.subscribe(out);
                if self.until > now {
                    out.push(Output::Wake { at: self.until });
                }
            }
            Input::Connected if self.is_up => self.subscribe(out),
            Input::Connected => {}
            Input::Event(event) => self.hear(now, event, out),
            Input::Submit(job) => self.note(now, &format!("job {}", job.name)),
            Input::Disconnected => self.note(now, "is disconnected"),
            Input::Crash => {
                self.is_up = false;
                self.unacknowledged.clear();
            }
            Input::Wake => {
                for calls in [&mut self.unacknowledged, &mut self.calls] {
                    while self.is_up && calls.front().is_some_and(|(at, _)| *at <= now) {
                        out.extend(calls.pop_front().map(|(_, call)| Output::Call(call)));
                    }
                }
            }
        }
    }

    fn pending_tasks(&self) -> u64 {
        0
    }

    fn live_tasks(&self) -> u64 {
        0
    }
}

impl Scripted {
    fn hear(&mut self, now: Time, event: Event, out: &mut Vec<Output>) {
        match event {
            Event::Subscribed => self.note(now, "subscribed"),
            Event::Offers(offers) => {
                for offer in offers {
                    let what = if self.notes_reservations {
                        notation::write(&offer.resources)
                    } else {
                        offer.resources.scalar_quantities().to_string()
                    };
                    self.note(now, &format!("offer A{} {what}", offer.agent.index()));
                    out.extend(self.answer(&offer).map(Output::Call));
                }
            }
            Event::Rescind(offers) => self.note(now, &format!("rescind {}", offers.len())),
            Event::Update(update) => {
                let StatusUpdate { task, agent, state, reason, unreachable_since, .. } = update;
                let reason = reason.map(|reason| format!(" {reason:?}")).unwrap_or_default();
                let since = unreachable_since.map(|it| format!(" since {}", tenths(it)));
                let since = since.unwrap_or_default();
                self.note(now, &format!("{} {}{reason}{since}", task_name(task), state.name()));
                if let Some((status, agent)) = update.status.zip(agent) {
                    self.acknowledge(now, Call::Acknowledge { agent, task, status }, out);
                }
            }
            Event::OperationUpdate(status) => {
                self.note(now, &format!("operation {} {}", status.id.0, status.state.name()));
                if let Some(operation) = status.acknowledge {
                    self.acknowledge(now, Call::AcknowledgeOperation { operation }, out);
                }
            }
            Event::AgentLost(agent) => self.note(now, &format!("loses A{}", agent.index())),
            Event::Error(message) => self.note(now, &format!("is refused: {message}")),
            Event::InverseOffers(_) | Event::RescindInverse(_) | Event::ExecutorExited { .. } => {}
        }
    }

    fn acknowledge(&mut self, now: Time, call: Call, out: &mut Vec<Output>) {
        let at = now + self.acknowledge_after;
        self.unacknowledged.push_back((at, call));
        out.push(Output::Wake { at });
    }
}
