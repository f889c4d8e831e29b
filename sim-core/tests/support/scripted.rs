//! A framework that answers offers as it is told, and writes down what it hears.

use super::words::{launch, task_name};
use policy_api::{DenseId, FrameworkInfo, Span, Time};
use sim_core::framework::{Agents, Framework, Input, Output};
use sim_core::protocol::{Call, Launch, OfferMessage, OfferOperation, TaskId};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// What to do with the next offer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
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
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    fn note(&self, now: Time, what: &str) {
        self.0.borrow_mut().push(format!("{now} {what}"));
    }
}

/// Answers offers in turn; those for which no answer is left are held.
pub(crate) struct Scripted {
    info: FrameworkInfo,
    answers: VecDeque<Answer>,
    /// How long an update waits until it is acknowledged.
    acknowledge_after: Span,
    unacknowledged: VecDeque<(Time, Call)>,
    launched: u32,
    log: Log,
}

impl Scripted {
    pub(crate) fn new(info: FrameworkInfo, answers: Vec<Answer>, log: Log) -> Self {
        Self {
            info,
            answers: answers.into(),
            acknowledge_after: Span::ZERO,
            unacknowledged: VecDeque::new(),
            launched: 0,
            log,
        }
    }

    #[must_use]
    pub(crate) fn acknowledging_after(mut self, span: Span) -> Self {
        self.acknowledge_after = span;
        self
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
            Answer::Accept(tasks, refuse) => {
                let launches = tasks.into_iter().map(|task| self.launch(task)).collect();
                Some(accept(offer, launches, refuse))
            }
        }
    }

    fn launch(&mut self, task: &str) -> Launch {
        let id = TaskId { slot: self.launched, generation: 0 };
        self.launched += 1;
        Launch { task: id, ..launch(&format!("T0={task}")) }
    }
}

fn accept(offer: &OfferMessage, launches: Vec<Launch>, refuse: Span) -> Call {
    let operations = launches.into_iter().map(OfferOperation::Launch).collect();
    Call::Accept { offers: vec![offer.id], operations, refuse }
}

impl Framework for Scripted {
    fn handle(&mut self, now: Time, input: Input, _: &Agents, out: &mut Vec<Output>) {
        match input {
            Input::Start => {
                let info = Box::new(self.info.clone());
                out.push(Output::Call(Call::Subscribe { info, principal: None }));
            }
            Input::Subscribed => self.log.note(now, "subscribed"),
            Input::Submit(job) => self.log.note(now, &format!("job {}", job.name)),
            Input::Offers(offers) => {
                for offer in offers {
                    let (agent, what) = (offer.agent.index(), offer.resources.scalar_quantities());
                    self.log.note(now, &format!("offer A{agent} {what}"));
                    out.extend(self.answer(&offer).map(Output::Call));
                }
            }
            Input::Rescind(offers) => self.log.note(now, &format!("rescind {}", offers.len())),
            Input::Update(update) => {
                let (name, state) = (task_name(update.task), update.state.name());
                self.log.note(now, &format!("{name} {state}"));
                let (agent, task) = (update.agent, update.task);
                if let Some(status) = update.status {
                    let at = now + self.acknowledge_after;
                    let call = Call::Acknowledge { agent, task, status };
                    self.unacknowledged.push_back((at, call));
                    out.push(Output::Wake { at });
                }
            }
            Input::Wake => {
                while self.unacknowledged.front().is_some_and(|(at, _)| *at <= now) {
                    out.extend(self.unacknowledged.pop_front().map(|(_, call)| Output::Call(call)));
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
