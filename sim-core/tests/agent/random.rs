//! An agent under whatever may come: no input stops it, and what it tells makes sense.

use crate::support::agent_desk::{AgentDesk, master_message};
use crate::support::words::{resources, secs};
use policy_api::{Span, Time};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use sim_core::agent::{AgentOptions, HostFault, Input, Output};
use sim_core::protocol::{FromAgent, StatusId, StatusUpdate, TaskId, TaskState, ToAgent};
use sim_core::{Profile, Streams};
use std::collections::BTreeMap;

/// What the master and the frameworks of one agent remember.
struct World {
    desk: AgentDesk,
    random: Pcg64Mcg,
    now: Time,
    inputs: Vec<(Time, Input)>,
    /// The updates of each task that the agent holds, by number.
    told: BTreeMap<(u32, u32), StatusUpdate>,
    next_task: u32,
    statuses: Vec<StatusId>,
}

const FLAGS: [&str; 12] = [
    "checkpoint",
    "killing",
    "not-partition-aware",
    "framework=F1",
    "executor=E0",
    "executor=E1",
    "known-executor",
    "time-to-stop=2s",
    "kill-grace=1s",
    "write-rate=1000",
    "fails",
    "max-completion=3s",
];

const MESSAGES: [&str; 21] = [
    "registered",
    "registered",
    "registered A1",
    "reregistered T1 T2 not-partition-aware",
    "shutdown-executor F0 E0",
    "shutdown-executor F1 E1",
    "shutdown-framework F0",
    "operate 1 reserve cpus(+a):1",
    "operate 2 unreserve cpus(+a):1",
    "operate 3 create disk(a)[v]:64",
    "operate 4 destroy disk(a)[v]:64",
    "operate-disk 5 disk[RAW:]:64 disk[MOUNT:/m]:64",
    "operate-disk 6 disk[MOUNT:/m]:64",
    "acknowledge-operation 1",
    "acknowledge-operation 3",
    "reconcile-operations 1 2 3 9",
    "checkpoint cpus(+a):1;disk(a)[w]:32",
    "drain max-grace=1s",
    "shutdown",
    "shutdown gone",
    "ping disconnected",
];

impl World {
    fn new(seed: u64, options: AgentOptions) -> Self {
        let total = resources("cpus:64;disk(a):1024;disk[RAW:]:1024");
        Self {
            desk: AgentDesk::new(total, options),
            random: Streams::new(seed).stream("inputs"),
            now: Time::ZERO,
            inputs: Vec::new(),
            told: BTreeMap::new(),
            next_task: 0,
            statuses: Vec::new(),
        }
    }

    fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.random.random_range(0..words.len())]
    }

    fn any_acknowledgement(&mut self) -> Input {
        if self.statuses.is_empty() {
            return Input::MasterDetected;
        }
        let status = self.statuses[self.random.random_range(0..self.statuses.len())];
        Input::Message(ToAgent::Acknowledge(status))
    }

    fn any_input(&mut self) -> Input {
        match self.random.random_range(0..100) {
            0..35 => self.any_run(),
            35..55 => self.any_acknowledgement(),
            55..65 => {
                let task = self.random.random_range(0..=self.next_task);
                say(&format!("kill T{task} framework=F{}", task % 2))
            }
            65..80 => say(self.one_of(&MESSAGES)),
            80..88 => Input::MasterDetected,
            88..90 => Input::MasterLost,
            90..92 => Input::Fault(HostFault::AgentCrash),
            92..95 => Input::Fault(HostFault::AgentRestart),
            95..97 => Input::Fault(HostFault::ExecutorFailure { draw: self.random.random() }),
            97..99 => {
                let freed = self.random.random_range(0..3) > 0;
                Input::Fault(if freed { HostFault::DiskFreed } else { HostFault::DiskFull })
            }
            _ => Input::Fault(match self.random.random_range(0..6) {
                0..2 => HostFault::PowerOff,
                2..4 => HostFault::PowerOn,
                4 => HostFault::Replace,
                _ => HostFault::AgentLeave,
            }),
        }
    }

    fn any_run(&mut self) -> Input {
        let mut words = vec![String::from("run")];
        let is_group = self.random.random_range(0..4) == 0;
        for _ in 0..if is_group { 2 } else { 1 } {
            self.next_task += 1;
            let what = ["cpus:1@2s", "cpus:1@9s", "cpus(+a):1@5s", "cpus:1;disk(a)[v]:64@4s"];
            let what = self.one_of(&what);
            words.push(format!("T{}={what}", self.next_task));
        }
        if is_group {
            words.push("group".to_owned());
        }
        for _ in 0..self.random.random_range(0..4) {
            words.push(self.one_of(&FLAGS).to_owned());
        }
        say(&words.join(" "))
    }

    fn hand_in(&mut self, input: Input) {
        let mut out = Vec::new();
        let said = format!("{input:?}");
        self.desk.agent.handle(self.now, input, &mut out);
        for output in out {
            match output {
                Output::Send(FromAgent::StatusUpdate(update)) => self.hear(update, &said),
                Output::Wake { at, timer } => {
                    assert!(at >= self.now, "{said}");
                    self.inputs.push((at, Input::Wake(timer)));
                }
                Output::Send(message) => {
                    // What it tells of its executors' ends may be the last thing before its own.
                    let is_last = matches!(message, FromAgent::ExecutorExited { .. });
                    assert!(self.desk.agent.is_up() || is_last || said.contains("Leave"));
                    self.answer(&message);
                }
                Output::Exited => {
                    let restart = Input::Fault(HostFault::AgentRestart);
                    self.inputs.push((self.now + secs(1), restart));
                }
                Output::Observe(_) | Output::Network(_) => {}
            }
        }
        let is_up = self.desk.agent.is_up();
        assert!(is_up || !self.desk.agent.is_registered());
        if self.desk.agent.tasks().next().is_some() && is_up {
            assert!(self.desk.agent.metrics(self.now)["slave/frameworks_active"] > 0.0, "{said}");
        }
    }

    /// Most registrations are answered, after a while.
    fn answer(&mut self, message: &FromAgent) {
        let agent = match message {
            FromAgent::Register(_) => policy_api::DenseId::from_index(0),
            FromAgent::Reregister(message) => message.agent,
            FromAgent::Unregister(_)
            | FromAgent::StatusUpdate(_)
            | FromAgent::ExecutorExited { .. }
            | FromAgent::Update { .. }
            | FromAgent::OperationUpdate(_) => return,
        };
        if self.random.random_range(0..4) > 0 {
            let answer = Input::Message(ToAgent::Registered { agent });
            self.inputs.push((self.now + Span::from_millis(50), answer));
        }
    }

    /// An update comes again as it was, or is the next of its task; nothing follows an end.
    fn hear(&mut self, update: StatusUpdate, said: &str) {
        let status = update.status.expect("agents name updates");
        self.statuses.push(status);
        assert_eq!(update.agent, self.desk.agent.id(), "{said}");
        let name = (status.task.slot(), status.task.generation());
        let before = self.told.insert(name, update);
        let Some(before) = before else {
            assert_eq!(status.sequence, 0, "{said}: {update:?}");
            return;
        };
        let last = before.status.expect("agents name updates").sequence;
        assert_eq!(before.task, update.task);
        if status.sequence == last {
            assert_eq!((update.state, update.reason), (before.state, before.reason));
        } else {
            assert_eq!(status.sequence, last + 1, "{said}");
            assert!(!before.state.is_terminal(), "{said}: {before:?}, then {update:?}");
            assert!(progress(before.state) < progress(update.state), "{before:?}, {update:?}");
        }
        assert!(!before.latest_state.is_terminal() || before.latest_state == update.latest_state);
        assert!(progress(update.state) <= progress(update.latest_state));
    }

    fn pass_to(&mut self, until: Time) {
        while let Some(next) = (0..self.inputs.len()).min_by_key(|index| self.inputs[*index].0) {
            if self.inputs[next].0 > until {
                break;
            }
            let (at, input) = self.inputs.remove(next);
            self.now = at;
            // A timer may come twice, and late, without harm.
            self.hand_in(input.clone());
            if self.random.random_range(0..8) == 0 {
                self.hand_in(input);
            }
        }
        self.now = until;
    }
}

fn say(line: &str) -> Input {
    let words: Vec<&str> = line.split_whitespace().collect();
    Input::Message(master_message(&words).expect("a line of the master"))
}

fn progress(state: TaskState) -> u32 {
    match state {
        TaskState::Staging => 0,
        TaskState::Starting => 1,
        TaskState::Running => 2,
        TaskState::Killing => 3,
        TaskState::Finished
        | TaskState::Failed
        | TaskState::Killed
        | TaskState::Lost
        | TaskState::Dropped
        | TaskState::Error
        | TaskState::Gone
        | TaskState::GoneByOperator
        | TaskState::Unreachable
        | TaskState::Unknown => 4,
    }
}

fn options(seed: u64) -> AgentOptions {
    let slow = !seed.is_multiple_of(2);
    AgentOptions {
        launch_delay: if slow { secs(1) } else { Span::ZERO },
        starting_delay: slow.then_some(secs(1)),
        restart_delay: seed.is_multiple_of(3).then_some(secs(1)),
        recover_cleanup: seed.is_multiple_of(5),
        disk_operation_time: if slow { secs(2) } else { Span::ZERO },
        profile: match seed % 3 {
            0 => Profile::MODERN,
            1 => Profile::MESOS_1_1,
            _ => Profile::MESOS_0_23,
        },
        ..AgentOptions::DEFAULT
    }
}

#[test]
fn whatever_comes_the_agent_tells_what_makes_sense() {
    let mut told = 0;
    for seed in 0..300 {
        let mut world = World::new(seed, options(seed));
        world.hand_in(Input::Start);
        world.hand_in(say("registered"));
        for _ in 0..300 {
            let input = world.any_input();
            world.hand_in(input);
            let pause = Span::from_millis(world.random.random_range(0..800));
            world.pass_to(world.now + pause);
        }
        told += world.statuses.len();
    }
    assert!(told > 10_000, "{told} updates are few");
}

#[test]
fn once_all_is_acknowledged_nothing_is_left() {
    for seed in 0..200 {
        let mut world = World::new(seed, options(seed));
        world.hand_in(Input::Start);
        world.hand_in(say("registered"));
        for _ in 0..60 {
            let input = world.any_input();
            world.hand_in(input);
            world.pass_to(world.now + Span::from_millis(200));
        }
        for fault in [HostFault::DiskFreed, HostFault::PowerOn, HostFault::AgentRestart] {
            world.hand_in(Input::Fault(fault));
        }
        // An agent that ends meanwhile is started again.
        for _ in 0..40 {
            world.pass_to(world.now + secs(3));
            world.hand_in(Input::Fault(HostFault::AgentRestart));
            world.hand_in(Input::MasterDetected);
            world.pass_to(world.now + secs(2));
            let id = world.desk.agent.id().unwrap_or(policy_api::DenseId::from_index(0));
            world.hand_in(Input::Message(ToAgent::Registered { agent: id }));
            for executor in ["F0 E0", "F0 E1", "F1 E0", "F1 E1"] {
                world.hand_in(say(&format!("shutdown-executor {executor}")));
            }
            for status in std::mem::take(&mut world.statuses) {
                world.hand_in(Input::Message(ToAgent::Acknowledge(status)));
            }
        }
        let left: Vec<(_, TaskId, _)> = world.desk.agent.tasks().collect();
        assert!(left.is_empty(), "seed {seed}: {left:?}");
        assert!(world.desk.agent.in_use().is_empty());
        let metrics = world.desk.agent.metrics(world.now);
        let active = metrics.get("slave/frameworks_active").copied().unwrap_or_default();
        assert!(active < 0.5, "seed {seed}: {active} frameworks");
    }
}
