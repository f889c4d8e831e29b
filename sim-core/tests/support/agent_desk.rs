//! An agent that is driven by hand.

use super::master_desk::agent_info;
use super::notation::{self, operations};
use super::script::{Desk, play};
use super::timers::Timers;
use super::words::{at, launch, resources, span, task_id, task_name};
use policy_api::{AgentId, DenseId, FrameworkId, Time};
use sim_core::agent::{Agent, AgentOptions, Input, Output, Timer};
use sim_core::protocol::{OfferOperation, Registration, RunTask, StatusId, TaskId};

/// Plays a script at an agent of four cores. The lines are
///
/// ```text
/// run T0=cpus:1@10s [not-partition-aware]
/// acknowledge T0
/// end T0               the timer of its end, whether due or not
/// apply reserve cpus(+a):1
/// total
/// checkpointed
/// in-use
/// at 1.5s
/// ```
pub(crate) fn check(options: AgentOptions, script: &str) {
    let id = AgentId::from_index(0);
    let registration = Registration { info: agent_info(id), total: resources("cpus:4;mem:4096") };
    let agent = Agent::new(id, registration, options);
    let mut desk = AgentDesk { agent, now: Time::ZERO, timers: Timers::new(), known: Vec::new() };
    play(&mut desk, script);
}

struct AgentDesk {
    agent: Agent,
    now: Time,
    timers: Timers<Timer>,
    /// What the agent calls each task.
    known: Vec<(TaskId, StatusId)>,
}

impl AgentDesk {
    fn hand_in(&mut self, input: Input) -> Vec<String> {
        let mut lines = self.handle(input);
        lines.extend(self.move_to(self.now));
        lines
    }

    fn handle(&mut self, input: Input) -> Vec<String> {
        let (now, mut out, mut lines) = (self.now, Vec::new(), Vec::new());
        self.agent.handle(now, input, &mut out);
        for output in out {
            match output {
                Output::Register(_) => lines.push(format!("{now} registers")),
                Output::Wake { at, timer } => self.timers.push(at, timer),
                Output::StatusUpdate(update) => {
                    self.known.push((update.task, update.status.expect("agents name updates")));
                    let (task, state) = (task_name(update.task), update.state.name());
                    let latest = update.latest_state.name();
                    let reason = update.reason.map(|it| format!(" {it:?}")).unwrap_or_default();
                    lines.push(format!("{now} {task} {state} latest {latest}{reason}"));
                }
            }
        }
        lines
    }

    fn move_to(&mut self, to: Time) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some((at, timer)) = self.timers.pop_due(to) {
            self.now = at;
            lines.extend(self.handle(Input::Wake(timer)));
        }
        self.now = to;
        lines
    }

    fn status(&self, task: &str) -> StatusId {
        let task = task_id(task);
        self.known.iter().find(|(known, _)| *known == task).expect("reported before").1
    }
}

impl Desk for AgentDesk {
    fn command(&mut self, words: &[&str]) -> Vec<String> {
        match *words {
            ["at", time] => self.move_to(at(span(time))),
            ["start"] => self.hand_in(Input::Start),
            ["registered"] => self.hand_in(Input::Registered),
            ["run", task, ref flags @ ..] => {
                let framework = FrameworkId::from_index(0);
                let partition_aware = !flags.contains(&"not-partition-aware");
                let launch = launch(task);
                self.hand_in(Input::RunTask(RunTask { framework, partition_aware, launch }))
            }
            ["acknowledge", task] => self.hand_in(Input::Acknowledge(self.status(task))),
            ["end", task] => self.hand_in(Input::Wake(Timer::TaskEnded(self.status(task)))),
            ["apply", ref words @ ..] => {
                let inputs =
                    operations(words).into_iter().filter_map(|operation| match operation {
                        OfferOperation::Convert(operation) => {
                            Some(Input::ApplyOperation(operation))
                        }
                        OfferOperation::Launch(_) => None,
                    });
                inputs.flat_map(|input| self.hand_in(input)).collect()
            }
            ["total"] => vec![notation::write(self.agent.total())],
            ["checkpointed"] => vec![notation::write(&self.agent.checkpointed())],
            ["in-use"] => vec![format!("'{}'", self.agent.in_use())],
            _ => panic!("unknown line: {}", words.join(" ")),
        }
    }
}
