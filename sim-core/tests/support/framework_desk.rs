//! A batch framework that is driven by hand.

use super::master_desk::{MasterDesk, agent_info, framework_info, role};
use super::notation::operation_name;
use super::script::{Desk, play};
use super::timers::Timers;
use super::words::{at, id, job, number, resources, span, state, task_id};
use policy_api::{AgentId, DenseId, FrameworkId, RoleId, Time};
use sim_core::framework::{Agents, BatchFramework, BatchOptions, Framework, Input, Output};
use sim_core::master::{Input as ToMaster, MasterOptions, Output as FromMaster};
use sim_core::protocol::{Call, OfferId, OfferMessage, Registration, StatusUpdate};
use sim_core::{Observation, master};
use std::sync::Arc;

/// Plays a script at a batch framework of role `a`. The lines are
///
/// ```text
/// subscribed
/// job 3xcpus:1@10s zone=a,b unique
/// offers A0=cpus:4 A1=cpus:2        named O1, O2, .. in order
/// rescind O1
/// update T0 TASK_FINISHED
/// pending                           how many tasks wait, and how many live
/// at 1.5s
/// ```
///
/// Agents with an even number are in zone `even`, the others in zone `odd`.
pub(crate) fn check(options: BatchOptions, script: &str) {
    play(&mut FrameworkDesk::new(options), script);
}

/// Which tasks go on which of some offers: `O1 cpus:1@10s cpus:2@10s`.
pub(crate) fn placed(options: BatchOptions, jobs: &[&str], offers: &str) -> Vec<String> {
    let mut desk = FrameworkDesk::new(options);
    for job in jobs {
        desk.command(&["job", job]);
    }
    let words: Vec<&str> = std::iter::once("offers").chain(offers.split(' ')).collect();
    let lines = desk.command(&words);
    let accepted = lines.iter().filter_map(|line| line.strip_prefix("0s accept "));
    let short = accepted.map(|line| {
        let words = line.split(' ').map(|word| word.split_once('=').map_or(word, |(_, task)| task));
        words.enumerate().filter(|(index, _)| *index != 1).map(|(_, word)| word).collect()
    });
    short.map(|words: Vec<&str>| words.join(" ")).collect()
}

struct FrameworkDesk {
    framework: BatchFramework,
    agents: Agents,
    now: Time,
    wakes: Timers<()>,
    ids: std::vec::IntoIter<OfferId>,
    offers: Vec<OfferId>,
}

impl FrameworkDesk {
    fn new(options: BatchOptions) -> Self {
        let id = FrameworkId::from_index(0);
        let agents = (0..8).map(|index| {
            let zone = if index % 2 == 0 { "even" } else { "odd" };
            let mut info = agent_info(AgentId::from_index(index));
            info.attributes = vec![("zone".into(), zone.into())];
            Some(info)
        });
        Self {
            framework: BatchFramework::new(id, framework_info(id, role("a")), options),
            agents: agents.collect(),
            now: Time::ZERO,
            wakes: Timers::new(),
            ids: offer_ids(32).into_iter(),
            offers: Vec::new(),
        }
    }

    fn hand_in(&mut self, input: Input) -> Vec<String> {
        let mut out = Vec::new();
        self.framework.handle(self.now, input, &self.agents, &mut out);
        out.into_iter().filter_map(|output| self.note(output)).collect()
    }

    fn note(&mut self, output: Output) -> Option<String> {
        let now = self.now;
        match output {
            Output::Wake { at } => {
                self.wakes.push(at, ());
                None
            }
            Output::Observe(Observation::JobEnded { job, .. }) => {
                Some(format!("{now} job {} is over", job.0))
            }
            Output::Observe(_) => None,
            Output::Call(call) => Some(format!("{now} {}", self.call_name(call))),
        }
    }

    fn call_name(&self, call: Call) -> String {
        let name = |id: OfferId| {
            format!("O{}", self.offers.iter().position(|known| *known == id).unwrap() + 1)
        };
        match call {
            Call::Accept { offers, operations, refuse } => {
                let names: Vec<_> = offers.into_iter().map(name).collect();
                let operations: Vec<_> = operations.iter().map(operation_name).collect();
                format!("accept {} {refuse} {}", names.join(","), operations.join(" "))
            }
            Call::Decline { offers, refuse } => {
                let names: Vec<_> = offers.into_iter().map(name).collect();
                format!("decline {} {refuse}", names.join(","))
            }
            Call::Subscribe { .. } => "subscribe".to_owned(),
            Call::Suppress => "suppress".to_owned(),
            Call::Revive => "revive".to_owned(),
            Call::Acknowledge { .. } => "acknowledge".to_owned(),
        }
    }

    fn move_to(&mut self, to: Time) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some((at, ())) = self.wakes.pop_due(to) {
            self.now = at;
            lines.extend(self.hand_in(Input::Wake));
        }
        self.now = to;
        lines
    }

    fn offer(&mut self, word: &str) -> OfferMessage {
        let (agent, what) = word.split_once('=').unwrap();
        let id = self.ids.next().expect("enough ids were made");
        self.offers.push(id);
        let agent = AgentId::from_index(number(agent));
        OfferMessage { id, agent, role: role("a"), resources: resources(what) }
    }
}

impl Desk for FrameworkDesk {
    fn command(&mut self, words: &[&str]) -> Vec<String> {
        match *words {
            ["at", time] => self.move_to(at(span(time))),
            ["start"] => self.hand_in(Input::Start),
            ["subscribed"] => self.hand_in(Input::Subscribed),
            ["job", ref line @ ..] => {
                let job = job(self.now, &line.join(" "));
                self.hand_in(Input::Submit(Arc::new(job)))
            }
            ["offers", ref offers @ ..] => {
                let offers = offers.iter().map(|offer| self.offer(offer)).collect();
                self.hand_in(Input::Offers(offers))
            }
            ["rescind", offers] => {
                let offers = offers.split(',').map(|o| self.offers[number(o) - 1]).collect();
                self.hand_in(Input::Rescind(offers))
            }
            ["update", task, reported] => self.hand_in(Input::Update(StatusUpdate {
                framework: id("F0"),
                task: task_id(task),
                agent: id("A0"),
                state: state(reported),
                latest_state: state(reported),
                reason: None,
                status: None,
            })),
            ["pending"] => {
                let (pending, live) = (self.framework.pending_tasks(), self.framework.live_tasks());
                vec![format!("{pending} pending, {live} live")]
            }
            _ => panic!("unknown line: {}", words.join(" ")),
        }
    }
}

/// Names of offers: only a master can make them.
fn offer_ids(count: usize) -> Vec<OfferId> {
    let mut master = MasterDesk::new(MasterOptions::default()).master;
    let framework = FrameworkId::from_index(0);
    let info = framework_info(framework, RoleId::from_index(0));
    let call = Call::Subscribe { info: Box::new(info), principal: None };
    let mut out = Vec::new();
    master.handle(Time::ZERO, ToMaster::Call { framework, call }, &mut out);
    for index in 0..count {
        let agent = AgentId::from_index(index);
        let registration = Registration { info: agent_info(agent), total: resources("cpus:1") };
        let registration = Box::new(registration);
        master.handle(Time::ZERO, ToMaster::RegisterAgent { agent, registration }, &mut out);
    }
    master.handle(Time::ZERO, ToMaster::Wake(master::Timer::Allocate), &mut out);
    let offers = out.into_iter().filter_map(|output| {
        let FromMaster::Offers { offers, .. } = output else { return None };
        Some(offers)
    });
    offers.flatten().map(|offer| offer.id).collect()
}
