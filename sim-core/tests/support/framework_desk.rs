//! A framework that is driven by hand.

use super::infos::{agent_info, subscription};
use super::notation::operation_name;
use super::pool::Pool;
use super::script::{Desk, play};
use super::timers::Timers;
use super::words::{at, id, job, number, resources, span, state, task_id, task_name};
use policy_api::{AgentId, DenseId, FrameworkId, Time, Unavailability};
use sim_core::framework::{Agents, BatchFramework, BatchOptions, Framework, Input, Output};
use sim_core::protocol::{
    Call, Event, InverseOfferId, OfferId, OfferMessage, Source, StatusId, StatusUpdate, TaskId,
};
use sim_core::{Handle, Observation};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Plays a script at any framework.
pub(crate) fn check_framework(framework: impl Framework, script: &str) {
    play(&mut FrameworkDesk::new(framework), script);
}

/// Plays a script at a batch framework of role `a` that has started. The lines are
///
/// ```text
/// subscribed
/// job 3xcpus:1@10s zone=a,b unique
/// offers A0=cpus:4 A1=cpus:2~90s    named O1, O2, ..; the second agent is to be drained from 90 s on
/// inverse A0=90s                    named I1, I2, ..
/// agents A0=cpus:4                  what agents have; what tasks leave is offered by
/// offer A0 A1
/// move A0 A5                        the host comes back as another agent
/// rescind O1
/// update T0 TASK_FINISHED
/// update T0 TASK_RUNNING reliable   expects an acknowledgement
/// pending                           how many tasks wait, and how many live
/// at 1.5s
/// disconnected, connected, crash, start, error
/// ```
pub(crate) fn check(options: BatchOptions, script: &str) {
    play(&mut batch_desk(options), script);
}

/// Which tasks go on which of some offers: `O1 cpus:1@10s cpus:2@10s`.
pub(crate) fn placed(options: BatchOptions, jobs: &[&str], offers: &str) -> Vec<String> {
    let mut desk = batch_desk(options);
    for job in jobs {
        desk.command(&["job", job]);
    }
    desk.command(&["subscribed"]);
    let words: Vec<&str> = std::iter::once("offers").chain(offers.split(' ')).collect();
    let lines = desk.command(&words);
    let accepted = lines.iter().filter_map(|line| line.strip_prefix("0s accept "));
    let short = accepted.map(|line| {
        let words = line.split(' ').map(|word| word.split_once('=').map_or(word, |(_, task)| task));
        words.enumerate().filter(|(index, _)| *index != 1).map(|(_, word)| word).collect()
    });
    short.map(|words: Vec<&str>| words.join(" ")).collect()
}

fn batch_desk(options: BatchOptions) -> FrameworkDesk<BatchFramework> {
    let id = FrameworkId::from_index(0);
    FrameworkDesk::new(BatchFramework::new(id, subscription(), options))
}

pub(crate) struct FrameworkDesk<F> {
    pub(crate) framework: F,
    agents: Agents,
    now: Time,
    wakes: Timers<()>,
    /// Whether there is a process to be woken.
    runs: bool,
    pool: Pool,
    inverse_offers: u32,
    /// Where tasks were sent.
    places: BTreeMap<TaskId, AgentId>,
}

impl<F: Framework> FrameworkDesk<F> {
    /// Agents with an even number have the attribute `zone:even`, the others `zone:odd`. Two neighbours
    /// share a fault domain's zone, and four its region.
    pub(crate) fn new(framework: F) -> Self {
        let agents = (0..8).map(|index| {
            let zone = if index % 2 == 0 { "even" } else { "odd" };
            let mut info = agent_info(AgentId::from_index(index));
            info.attributes = vec![("zone".into(), zone.into())];
            info.zone = Some(format!("z{}", index / 2).into());
            info.region = Some(format!("r{}", index / 4).into());
            Some(info)
        });
        let mut desk = Self {
            framework,
            agents: agents.collect(),
            now: Time::ZERO,
            wakes: Timers::new(),
            runs: true,
            pool: Pool::default(),
            inverse_offers: 0,
            places: BTreeMap::new(),
        };
        desk.hand_in(Input::Start);
        desk
    }

    /// The agents that tasks were sent to, in the order of the tasks.
    pub(crate) fn places(&self) -> impl Iterator<Item = AgentId> {
        self.places.values().copied()
    }

    fn hand_in(&mut self, input: Input) -> Vec<String> {
        let mut out = Vec::new();
        self.framework.handle(self.now, input, &self.agents, &mut out);
        out.into_iter().filter_map(|output| self.note(output)).collect()
    }

    fn hear(&mut self, event: Event) -> Vec<String> {
        self.hand_in(Input::Event(event))
    }

    fn note(&mut self, output: Output) -> Option<String> {
        let now = self.now;
        match output {
            Output::Wake { at } => {
                self.wakes.push(at, ());
                None
            }
            Output::Observe(observation) => {
                observed(&observation).map(|what| format!("{now} {what}"))
            }
            Output::Call(call) => Some(format!("{now} {}", self.call_name(call))),
        }
    }

    fn call_name(&mut self, call: Call) -> String {
        let names = |offers: Vec<OfferId>| {
            let names = offers.into_iter().map(|offer| format!("O{}", offer.slot()));
            names.collect::<Vec<_>>().join(",")
        };
        let name = call.name().to_lowercase();
        match call {
            Call::Accept { offers, operations, refuse } => {
                let launched = self.pool.accept(&offers, &operations);
                for task in launched.into_iter().flatten() {
                    self.places.insert(task, self.pool.tasks[&task].0);
                }
                let operations: Vec<_> = operations.iter().map(operation_name).collect();
                format!("accept {} {refuse} {}", names(offers), operations.join(" "))
            }
            Call::Decline { offers, refuse } => {
                self.pool.withdraw(&offers);
                format!("decline {} {refuse}", names(offers))
            }
            Call::AnswerInverseOffers { offers, .. } => {
                let names = offers.into_iter().map(|offer| format!("I{}", offer.slot()));
                format!("{name} {}", names.collect::<Vec<_>>().join(","))
            }
            Call::Acknowledge { task, .. } | Call::Kill { task, .. } => {
                format!("{name} {}", task_name(task))
            }
            Call::Reconcile { tasks } => {
                let names = tasks.into_iter().map(|(task, agent)| {
                    format!("{}@A{}", task_name(task), agent.unwrap().index())
                });
                format!("{name} {}", names.collect::<Vec<_>>().join(","))
            }
            Call::Subscribe(_)
            | Call::UpdateFramework(_)
            | Call::Suppress { .. }
            | Call::Revive { .. }
            | Call::AcknowledgeOperation { .. }
            | Call::Shutdown { .. }
            | Call::ReconcileOperations { .. }
            | Call::Deactivate
            | Call::Teardown => name,
        }
    }

    fn move_to(&mut self, to: Time) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some((at, ())) = self.wakes.pop_due(to) {
            self.now = at;
            if self.runs {
                lines.extend(self.hand_in(Input::Wake));
            }
        }
        self.now = to;
        lines
    }

    fn offer(&mut self, word: &str) -> OfferMessage {
        let (agent, what) = word.split_once('=').unwrap();
        let (what, start) = what.split_once('~').map_or((what, None), |(a, b)| (a, Some(b)));
        self.pool.offer(id(agent), resources(what), start.map(unavailable_from))
    }

    fn inverse_offer(&mut self, word: &str) -> (InverseOfferId, AgentId, Unavailability) {
        let (agent, start) = word.split_once('=').unwrap();
        self.inverse_offers += 1;
        (Handle::from_parts(self.inverse_offers, 0), id(agent), unavailable_from(start))
    }

    fn update(&mut self, task: &str, reported: &str, reliable: bool) -> StatusUpdate {
        let (task, state) = (task_id(task), state(reported));
        if state.is_terminal() {
            self.pool.release(task);
        }
        let status = StatusId { task: Handle::from_parts(0, 0), sequence: 0 };
        StatusUpdate {
            framework: FrameworkId::from_index(0),
            task,
            agent: Some(self.places.get(&task).copied().unwrap_or_else(|| id("A0"))),
            state,
            latest_state: state,
            source: if reliable { Source::Agent } else { Source::Master },
            reason: None,
            unreachable_since: None,
            status: reliable.then_some(status),
        }
    }
}

fn unavailable_from(start: &str) -> Unavailability {
    Unavailability { start: at(span(start)), duration: None }
}

/// What a script says of an observation; it is silent about the others.
fn observed(observation: &Observation) -> Option<String> {
    if let Observation::JobEnded { job, .. } = observation {
        return Some(format!("job {} is over", job.0));
    }
    if let Observation::ServiceLevel { wanted, running, .. } = observation {
        return Some(format!("{running} of {wanted} run"));
    }
    if let Observation::ReplicaChanged { replica, change, bytes, .. } = observation {
        return Some(format!("replica {replica} {} {bytes}", change.name()));
    }
    if let Observation::RangeChanged { range, change, .. } = observation {
        return Some(format!("range {range} {}", change.name()));
    }
    None
}

impl<F: Framework> Desk for FrameworkDesk<F> {
    fn command(&mut self, words: &[&str]) -> Vec<String> {
        match *words {
            ["at", time] => self.move_to(at(span(time))),
            ["start"] => {
                self.runs = true;
                self.hand_in(Input::Start)
            }
            ["crash"] => {
                self.runs = false;
                self.hand_in(Input::Crash)
            }
            ["disconnected"] => self.hand_in(Input::Disconnected),
            ["connected"] => self.hand_in(Input::Connected),
            ["subscribed"] => self.hear(Event::Subscribed),
            ["error"] => self.hear(Event::Error("refused".into())),
            ["job", ref line @ ..] => {
                let job = job(self.now, &line.join(" "));
                self.hand_in(Input::Submit(Arc::new(job)))
            }
            ["offers", ref offers @ ..] => {
                let offers = offers.iter().map(|offer| self.offer(offer)).collect();
                self.hear(Event::Offers(offers))
            }
            ["agents", ref agents @ ..] => {
                for (agent, what) in agents.iter().filter_map(|word| word.split_once('=')) {
                    self.pool.free.insert(id(agent), resources(what));
                }
                Vec::new()
            }
            ["move", from, to] => {
                let all = self.pool.free.remove(&id(from)).unwrap_or_default();
                self.pool.free.insert(id(to), all);
                Vec::new()
            }
            ["offer", ref agents @ ..] => {
                let offers = agents.iter().filter_map(|agent| self.pool.offer_rest(id(agent)));
                let offers = offers.collect();
                self.hear(Event::Offers(offers))
            }
            ["inverse", ref offers @ ..] => {
                let offers = offers.iter().map(|offer| self.inverse_offer(offer)).collect();
                self.hear(Event::InverseOffers(offers))
            }
            ["rescind", offers] => {
                let offer = |word| Handle::from_parts(u32::try_from(number(word)).unwrap(), 0);
                self.hear(Event::Rescind(offers.split(',').map(offer).collect()))
            }
            ["update", task, reported] => {
                let update = self.update(task, reported, false);
                self.hear(Event::Update(update))
            }
            ["update", task, reported, "reliable"] => {
                let update = self.update(task, reported, true);
                self.hear(Event::Update(update))
            }
            ["pending"] => {
                let (pending, live) = (self.framework.pending_tasks(), self.framework.live_tasks());
                vec![format!("{pending} pending, {live} live")]
            }
            _ => panic!("unknown line: {}", words.join(" ")),
        }
    }
}
