//! A master that is driven by hand: inputs go in by its one door, its timers are kept here.

use super::notation::{self, operations};
use super::script::{Desk, play};
use super::timers::Timers;
use super::words::{at, id, launch, number, resources, span, state, task_id, task_name};
use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions};
use policy_api::{AgentId, AgentInfo, DenseId, FrameworkId, FrameworkInfo, RoleId, Span, Time};
use sim_core::agent::{self, Agent, AgentOptions};
use sim_core::invariants::check_all;
use sim_core::master::{Input, Master, MasterOptions, Output, Timer};
use sim_core::protocol::{
    Call, OfferId, OfferOperation, Registration, RunTask, StatusId, StatusUpdate,
};
use sim_core::{Observation, OfferEnd};

/// Mesos's allocator with its default settings, agents in the order of their names.
pub(crate) fn allocator() -> HierarchicalAllocator {
    allocator_with(AgentOrder::ById)
}

pub(crate) fn allocator_with(agent_order: AgentOrder) -> HierarchicalAllocator {
    HierarchicalAllocator::new(HierarchicalOptions {
        agent_order,
        ..HierarchicalOptions::default()
    })
}

/// Names sort like ids.
pub(crate) fn agent_info(agent: AgentId) -> AgentInfo {
    let name = format!("agent-{:03}", agent.index());
    AgentInfo { hostname: name.as_str().into(), name: name.into(), ..AgentInfo::default() }
}

pub(crate) fn framework_info(framework: FrameworkId, role: RoleId) -> FrameworkInfo {
    let name = format!("framework-{:03}", framework.index());
    FrameworkInfo { name: name.into(), roles: vec![role], ..FrameworkInfo::default() }
}

/// Roles that scripts name by their paths.
pub(crate) fn roles() -> Vec<(String, f64)> {
    ["a", "b", "c", "a/x"].map(|path| (path.to_owned(), 1.0)).to_vec()
}

pub(crate) fn role(letter: &str) -> RoleId {
    RoleId::from_index(roles().iter().position(|(path, _)| path == letter).unwrap())
}

/// A name of a status update: only an agent can make one.
pub(crate) fn status_id() -> StatusId {
    let registration =
        Registration { info: AgentInfo::default(), total: resources("cpus:1;mem:1024") };
    let mut agent = Agent::new(AgentId::from_index(0), registration, AgentOptions::default());
    let run = RunTask {
        framework: FrameworkId::from_index(0),
        partition_aware: true,
        launch: launch("T0=cpus:1"),
    };
    let mut out = Vec::new();
    agent.handle(Time::ZERO, agent::Input::RunTask(run), &mut out);
    let status = out.into_iter().find_map(|output| match output {
        agent::Output::StatusUpdate(update) => update.status,
        agent::Output::Register(_) | agent::Output::Wake { .. } => None,
    });
    status.expect("an agent reports RUNNING")
}

/// Plays a script at a master. The lines are
///
/// ```text
/// agent A0 cpus:4;mem:4096
/// framework F0 a+b [not-partition-aware] [shared] [gpus] [unrefined] [principal=ops]
/// accept F0 O1 5s T0=cpus:1;mem:512
/// accept F0 O1,O2 0s reserve cpus(+a):1 T0=cpus(+a):1
/// decline F0 O1,O2 5s
/// suppress F0
/// revive F0
/// update F0 A0 T0 TASK_RUNNING [latest TASK_FINISHED]
/// acknowledge F0 A0 T0
/// at 1.5s
/// ```
///
/// The books are checked after each.
pub(crate) fn check(options: MasterOptions, script: &str) {
    play(&mut MasterDesk::new(options), script);
}

pub(crate) struct MasterDesk {
    pub(crate) master: Master<HierarchicalAllocator>,
    now: Time,
    timers: Timers<Timer>,
    /// `O1` is the first.
    offers: Vec<OfferId>,
    status: StatusId,
}

impl MasterDesk {
    pub(crate) fn new(options: MasterOptions) -> Self {
        Self {
            master: Master::new(allocator(), options, &roles()),
            now: Time::ZERO,
            timers: Timers::new(),
            offers: Vec::new(),
            status: status_id(),
        }
    }

    /// Hands an input in and says what came out, of timers that were due then included.
    pub(crate) fn hand_in(&mut self, input: Input) -> Vec<String> {
        let mut lines = self.handle(input);
        lines.extend(self.move_to(self.now));
        lines
    }

    /// Accepts the last offer for operations that scripts have no words for.
    pub(crate) fn accept_last(
        &mut self,
        framework: &str,
        operations: Vec<OfferOperation>,
    ) -> Vec<String> {
        let offers = self.offers.last().copied().into_iter().collect();
        self.call(framework, Call::Accept { offers, operations, refuse: Span::ZERO })
    }

    fn handle(&mut self, input: Input) -> Vec<String> {
        let mut out = Vec::new();
        self.master.handle(self.now, input, &mut out);
        check_all(&self.master).unwrap_or_else(|violation| panic!("{violation}"));
        out.into_iter().flat_map(|output| self.note(output)).collect()
    }

    /// Wakes the master whenever it asked for it, up to a time.
    fn move_to(&mut self, to: Time) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some((at, timer)) = self.timers.pop_due(to) {
            self.now = at;
            lines.extend(self.handle(Input::Wake(timer)));
        }
        self.now = to;
        lines
    }

    fn note(&mut self, output: Output) -> Vec<String> {
        let now = self.now;
        match output {
            Output::Wake { at, timer } => {
                self.timers.push(at, timer);
                Vec::new()
            }
            // The setting up of each script; `registration` in offers.rs looks at them.
            Output::AgentRegistered(_) | Output::FrameworkSubscribed(_) => Vec::new(),
            Output::Observe(observation) => observed(now, &observation).into_iter().collect(),
            Output::ApplyOperation { agent, operation } => {
                let operation = notation::conversion_name(&operation);
                vec![format!("{now} A{} applies {operation}", agent.index())]
            }
            Output::RunTask { agent, task } => {
                let task = task_name(task.launch.task);
                vec![format!("{now} A{} runs {task}", agent.index())]
            }
            Output::AcknowledgeUpdate { agent, .. } => {
                vec![format!("{now} A{} is acknowledged", agent.index())]
            }
            Output::Offers { framework, offers } => {
                let mut lines = Vec::new();
                for offer in offers {
                    self.offers.push(offer.id);
                    let (number, agent) = (self.offers.len(), offer.agent.index());
                    let (to, what) = (framework.index(), notation::write(&offer.resources));
                    lines.push(format!("{now} offer O{number} to F{to}: A{agent} {what}"));
                }
                lines
            }
            Output::Rescind { framework, offers } => {
                let name = |id| self.offers.iter().position(|known| *known == id).unwrap() + 1;
                let names: Vec<_> = offers.into_iter().map(|id| format!("O{}", name(id))).collect();
                vec![format!("{now} rescind {} from F{}", names.join(","), framework.index())]
            }
            Output::Update(update) => {
                let StatusUpdate { framework, task, state, reason, .. } = update;
                let reason = reason.map(|reason| format!(" {reason:?}")).unwrap_or_default();
                let (task, state) = (task_name(task), state.name());
                vec![format!("{now} F{} hears {task} {state}{reason}", framework.index())]
            }
        }
    }

    fn offer_ids(&self, word: &str) -> Vec<OfferId> {
        let words = word.split(',').filter(|word| *word != "none");
        words.map(|offer| self.offers[number(offer) - 1]).collect()
    }

    fn call(&mut self, framework: &str, call: Call) -> Vec<String> {
        self.hand_in(Input::Call { framework: id(framework), call })
    }
}

/// What only observations tell.
fn observed(now: Time, observation: &Observation) -> Option<String> {
    if let Observation::OperationDropped { operation, error, .. } = observation {
        return Some(format!("{now} {} is dropped: {error}", operation.name()));
    }
    let Observation::OffersEnded { framework, end: OfferEnd::Discarded, offers, .. } = observation
    else {
        return None;
    };
    Some(format!("{now} {offers} offers of F{} are discarded", framework.index()))
}

impl Desk for MasterDesk {
    fn command(&mut self, words: &[&str]) -> Vec<String> {
        match *words {
            ["at", time] => self.move_to(at(span(time))),
            ["agent", agent, total] => {
                let (agent, total) = (id(agent), resources(total));
                let registration = Box::new(Registration { info: agent_info(agent), total });
                self.hand_in(Input::RegisterAgent { agent, registration })
            }
            ["framework", framework, paths, ref flags @ ..] => {
                let mut info = framework_info(id(framework), role("a"));
                info.roles = paths.split('+').map(role).collect();
                info.capabilities.gpu_resources = flags.contains(&"gpus");
                info.capabilities.partition_aware = !flags.contains(&"not-partition-aware");
                info.capabilities.shared_resources = flags.contains(&"shared");
                info.capabilities.reservation_refinement = !flags.contains(&"unrefined");
                let principal = flags.iter().find_map(|flag| flag.strip_prefix("principal="));
                let principal = principal.map(Into::into);
                self.call(framework, Call::Subscribe { info: Box::new(info), principal })
            }
            ["accept", framework, offers, refuse, ref words @ ..] => {
                let (offers, operations) = (self.offer_ids(offers), operations(words));
                self.call(framework, Call::Accept { offers, operations, refuse: span(refuse) })
            }
            ["decline", framework, offers, refuse] => {
                let offers = self.offer_ids(offers);
                self.call(framework, Call::Decline { offers, refuse: span(refuse) })
            }
            ["suppress", framework] => self.call(framework, Call::Suppress),
            ["revive", framework] => self.call(framework, Call::Revive),
            ["update", framework, agent, task, reported, ref latest @ ..] => {
                let latest = latest.last().unwrap_or(&reported);
                self.hand_in(Input::StatusUpdate(StatusUpdate {
                    framework: id(framework),
                    task: task_id(task),
                    agent: id(agent),
                    state: state(reported),
                    latest_state: state(latest),
                    reason: None,
                    status: Some(self.status),
                }))
            }
            ["acknowledge", framework, agent, task] => {
                let (agent, task, status) = (id(agent), task_id(task), self.status);
                self.call(framework, Call::Acknowledge { agent, task, status })
            }
            _ => panic!("unknown line: {}", words.join(" ")),
        }
    }
}
