//! Stories of whole clusters: what breaks and who calls at which time, and what comes of it.
//!
//! ```text
//! agents 2 cpus:2;mem:1024
//! framework F0 a launch=cpus:1@1000s&cpus:1@10s decline [acknowledge=10s] [write-rate=1048576]
//!     [and the words of a framework in `master_lines.rs`]
//! 10s partition A0 100s [to-master|from-master] [closes]    (or F0; `forever`)
//! 10s slow A0 0.1s 100s                 10s lossy A0 500000 100s    (of a million messages)
//! 10s crash A0 5s                       10s crash F0 5s             (`forever`)
//! 10s reboot A0 60s                     10s replace A0 60s
//! 10s executor-failure A0               10s master-crash 5s
//! 10s operator drain A0 grace=0s        (as in `master_lines.rs`)
//! 10s reconcile F0 T0@A0                10s kill F0 T0 [A0]
//! 10s suppress F0                       10s revive F0          10s teardown F0
//! 10s agent-is A0                       and `metric`, `tasks` as in `master_lines.rs`
//! 10s total A0                          prints what the agent itself says it has
//! 10s running A0                        prints the tasks that the agent itself knows
//! 99s end
//! ```
//!
//! The lines are in the order of time. Under each stands what happens from its time until that of the
//! next one. Times are shown to a tenth of a second, because agents wait for a random while before
//! they register. What breaks at a time does so first.

use super::cluster::{Cluster, Running};
use super::master_lines::{self, described, reconcile, value};
use super::script::{Desk, play};
use super::scripted::{Answer, Log, Scripted};
use super::words::{at, id, span, task_id, task_name, tenths};
use policy_api::{DenseId, FrameworkId, Span, Time};
use sim_core::faults::{Fault, Peer};
use sim_core::network::Latency;
use sim_core::protocol::{Call, HostId};
use sim_core::{End, Observation, Observer};
use std::collections::VecDeque;

/// Tells a story of Mesos as it is now.
pub(crate) fn check(script: &'static str) {
    check_with(script, |_| {});
}

/// Tells a story of a cluster with other settings.
pub(crate) fn check_with(script: &'static str, set: impl FnOnce(&mut Cluster<Scripted>)) {
    let log = Log::default();
    let mut cluster = Cluster::new();
    cluster.agent.registration_backoff_factor = Span::from_millis(10);
    set(&mut cluster);
    let lines: Vec<Vec<&'static str>> =
        script.lines().map(|line| line.split_whitespace().collect()).collect();
    let margin = script.lines().filter(|line| !line.trim().is_empty());
    let margin = margin.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let is_command = |line: &&str| line.len() > margin && !line[margin..].starts_with([' ', '#']);
    let commands = script.lines().zip(&lines).filter(|(line, _)| is_command(line));
    let commands: Vec<&[&'static str]> = commands.map(|(_, words)| words.as_slice()).collect();
    let mut times = VecDeque::new();
    let end = commands.last().map_or(Time::ZERO, |words| at(span(words[0])));
    for words in &commands {
        match **words {
            ["agents", count, total] => {
                cluster = cluster.agents(count.parse().expect("a number"), total);
            }
            ["framework", framework, ref said @ ..] => {
                let calls = calls_of(&commands, framework);
                let scripted = framework_of(framework, said, &log, calls, end);
                cluster = cluster.framework(|_| scripted);
            }
            [time, ref words @ ..] => {
                let time = span(time);
                times.push_back(at(time));
                if let Some(fault) = fault(words) {
                    cluster = cluster.fault(time, fault);
                } else if let ["operator", ref words @ ..] = *words {
                    cluster = cluster.operator(time, master_lines::operator_call(words));
                }
            }
            [] => {}
        }
    }
    let mut simulation = cluster.build();
    simulation.check_invariants();
    let setup = commands.len() - times.len();
    play(&mut Story { simulation, log, setup, times }, script);
}

struct Story {
    simulation: Running<Scripted>,
    log: Log,
    /// Lines to come that only say what there is.
    setup: usize,
    /// Of the lines that are still to come.
    times: VecDeque<Time>,
}

impl Desk for Story {
    fn command(&mut self, words: &[&str]) -> Vec<String> {
        let mut lines = Vec::new();
        if self.setup > 0 {
            self.setup -= 1;
            // What happens before the first time stands under the last of these.
            return if self.setup == 0 { self.run() } else { lines };
        }
        let now = self.times.pop_front().expect("a time for each line");
        let master = self.simulation.master();
        if let ["total", host] = words[1..] {
            let total = self.simulation.agent(id(host)).total();
            lines.push(super::notation::write(total));
        } else if let ["running", host] = words[1..] {
            let tasks = self.simulation.agent(id(host)).tasks();
            lines.extend(tasks.map(|(framework, task, state)| {
                format!("{} of F{} {}", task_name(task), framework.index(), state.name())
            }));
        } else if let Some(looked) = master_lines::look(master, now, &words[1..]) {
            lines.extend(looked);
        }
        if words[1] != "end" {
            lines.extend(self.run());
        }
        lines
    }
}

impl Story {
    /// Runs to the time of the next line.
    fn run(&mut self) -> Vec<String> {
        let Some(next) = self.times.front() else { panic!("the story has no end") };
        let before = Time::from_nanos(next.as_nanos().saturating_sub(1));
        let end = self.simulation.run(before, &mut self.log).expect("no violation");
        assert_eq!(end, End::Horizon, "nothing is left to happen before {next}");
        let noted = self.log.take().into_iter();
        noted.map(|(now, what)| format!("{} {what}", tenths(now))).collect()
    }
}

/// What is of interest besides what frameworks hear.
impl Observer for Log {
    fn observe(&mut self, now: Time, observation: &Observation) {
        let what = match observation {
            Observation::AgentRegistered { agent, .. } => format!("A{} is there", agent.index()),
            Observation::AgentChanged { agent, change } => {
                format!("A{} {}", agent.index(), change.name())
            }
            Observation::FrameworkChanged { framework, change } => {
                format!("F{} {}", framework.index(), change.name())
            }
            Observation::Oversubscribed { agent, total } => {
                format!("A{} oversubscribes '{total}'", agent.index())
            }
            Observation::EstimateNotRevocable { host, estimate } => {
                format!("A{} would give out '{estimate}', which is not revocable", host.index())
            }
            Observation::ContainerKilled { host, reason, .. } => {
                format!("a container on A{} is killed: {reason:?}", host.index())
            }
            Observation::Volume { host, change, bytes } => {
                format!("volume {} on A{}: {bytes} bytes", change.name(), host.index())
            }
            Observation::OperatorCall { call, response } => {
                let message = response.message.as_ref().map(|it| format!(": {it}"));
                format!("{call} {}{}", response.status, message.unwrap_or_default())
            }
            Observation::MasterFailed => "the master fails".to_owned(),
            Observation::MasterRecovered { agents } => {
                format!("a master waits for {agents} agents")
            }
            Observation::FrameworkSubscribed { .. }
            | Observation::OffersSent { .. }
            | Observation::OffersEnded { .. }
            | Observation::TaskLaunched { .. }
            | Observation::TaskReleased { .. }
            | Observation::TaskRecovered { .. }
            | Observation::TaskStarted { .. }
            | Observation::TaskEnded(_)
            | Observation::JobArrived { .. }
            | Observation::JobEnded { .. }
            | Observation::OperationApplied { .. }
            | Observation::OperationDropped { .. }
            | Observation::Fetched { .. }
            | Observation::Fault { .. }
            | Observation::ServiceLevel { .. }
            | Observation::ReplicaChanged { .. }
            | Observation::RangeChanged { .. }
            | Observation::TransferEnded(_)
            | Observation::TasksUnplaceable { .. } => return,
        };
        self.note(now, what);
    }
}

fn framework_of(
    name: &str,
    said: &[&'static str],
    log: &Log,
    calls: Vec<(Time, Call)>,
    end: Time,
) -> Scripted {
    let [paths, flags @ ..] = said else { panic!("framework F0 a") };
    let mut answers = Vec::new();
    for word in flags {
        if *word == "hold" {
            answers.push(Answer::Hold);
        } else if *word == "decline" {
            answers.push(Answer::Decline(Span::from_secs(3600)));
        } else if let Some(tasks) = word.strip_prefix("launch=") {
            let tasks = tasks.split('&').collect();
            answers.push(Answer::Accept(tasks, Span::from_secs(3600)));
        }
    }
    let acknowledge = value(flags, "acknowledge=").map_or(Span::ZERO, span);
    let write_rate = value(flags, "write-rate=").map_or(0, |rate| rate.parse().expect("a number"));
    let subscription = described(name, paths, flags);
    Scripted::new(subscription.info.clone(), answers, log.clone())
        .saying(name, subscription, calls, end)
        .acknowledging_after(acknowledge)
        .writing(write_rate)
}

fn calls_of(commands: &[&[&str]], framework: &str) -> Vec<(Time, Call)> {
    let call = |words: &&[&str]| {
        let [time, name, of, ref words @ ..] = **words else { return None };
        let call = match name {
            _ if of != framework => return None,
            "reconcile" => reconcile(words),
            "kill" => {
                let [task, ref agent @ ..] = *words else { panic!("kill F0 T0 [A0]") };
                let agent = agent.first().map(|agent| id(agent));
                Call::Kill { task: task_id(task), agent, grace: None }
            }
            "suppress" => Call::Suppress { roles: Vec::new() },
            "revive" => Call::Revive { roles: Vec::new() },
            "teardown" => Call::Teardown,
            _ => return None,
        };
        Some((at(span(time)), call))
    };
    commands.iter().filter_map(call).collect()
}

fn fault(words: &[&str]) -> Option<Fault> {
    let lasting = |word: &str| (word != "forever").then(|| span(word));
    let duration = |word: &str| lasting(word).unwrap_or(Span::MAX);
    let host = |word: &str| id::<HostId>(word);
    let peer = |word: &str| {
        if word.starts_with('F') {
            Peer::Framework(FrameworkId::from_index(super::words::number(word)))
        } else {
            Peer::Host(id(word))
        }
    };
    Some(match *words {
        ["partition", who, lasts, ref flags @ ..] => Fault::Partition {
            peer: peer(who),
            to_master: !flags.contains(&"from-master"),
            from_master: !flags.contains(&"to-master"),
            duration: duration(lasts),
            closes: flags.contains(&"closes"),
        },
        ["slow", who, by, lasts] => {
            let extra = Latency { constant: span(by), jitter: Span::ZERO };
            Fault::SlowLink { peer: peer(who), extra, duration: duration(lasts) }
        }
        ["lossy", who, loss, lasts] => Fault::LossyLink {
            peer: peer(who),
            loss: loss.parse().expect("a number of a million"),
            duplication: 0,
            duration: duration(lasts),
        },
        ["crash", who, lasts] if who.starts_with('F') => {
            Fault::FrameworkCrash { framework: id(who), restart_after: lasting(lasts) }
        }
        ["crash", who, lasts] => {
            Fault::AgentCrash { host: host(who), restart_after: lasting(lasts) }
        }
        ["reboot", who, lasts] => Fault::HostReboot { host: host(who), down_for: duration(lasts) },
        ["replace", who, lasts] => {
            Fault::HostReplacement { host: host(who), down_for: duration(lasts) }
        }
        ["executor-failure", who] => Fault::ExecutorFailure { host: host(who) },
        ["master-crash", lasts] => Fault::MasterCrash { election: duration(lasts) },
        _ => return None,
    })
}
