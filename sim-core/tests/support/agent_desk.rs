//! An agent that is driven by hand.

use super::fetch_desk::ended;
use super::notation::{self, operations};
use super::script::{Desk, play};
use super::timers::Timers;
use super::uris::command;
use super::words::{at, id, launch, number, resources, span, task_id, task_name};
use policy_api::resources::Ranges;
use policy_api::{
    AgentId, AgentInfo, Amount, DenseId, FrameworkId, Operation, Resources, Span, Time,
    amount_from_f64,
};
use policy_isolation::cache::Lru;
use policy_isolation::ports::{DEFAULT_HOST_RANGE, EphemeralPorts, PortPlan};
use sim_core::agent::fetcher::Entry;
use sim_core::agent::{Agent, AgentOptions, HostFault, Input, NetworkOrder, Output, Timer};
use sim_core::protocol::{
    DiskOperation, DrainConfig, ExecutorId, ExecutorInfo, FromAgent, HostId, LaunchDetails,
    MasterOperationId, OfferOperation, OfferOperationKind, OperationOwner, OperationState,
    RecordedUse, Registration, Reregistration, RunTask, StatusId, TaskId, TaskOutcome, Tasks,
    ToAgent,
};
use sim_core::{Heading, Observation, Remote, Streams, Transfer, Transfers};
use std::sync::Arc;

/// Mesos's defaults, and no wait before a registration: scripts are easier to follow.
pub(crate) const OPTIONS: AgentOptions =
    AgentOptions { registration_backoff_factor: Span::ZERO, ..AgentOptions::DEFAULT };

/// Plays a script at an agent of four cores. The lines are
///
/// ```text
/// start                  without it, the agent is up and registered from the beginning
/// run T0=cpus:1@10s [T1=cpus:1@10s] [group] [framework=F1] [not-partition-aware] [killing] [checkpoint]
///     [executor=E0] [executor-resources=cpus:1] [executor-grace=5s] [known-executor]
///     [reads=1000] [writes=1000] [agent=A1] [fails] [kill-grace=1s] [time-to-stop=2s] [max-completion=5s]
///     [write-rate=1048576] [used-cpus=0.5] [used-mem=64]
///     [uri=file:///a@30,cache] [user=U0]     of the executor if there is one; see `uris.rs`
/// acknowledge T0
/// end T0                 the timer of its end, whether due or not
/// kill T0 [grace=1s] [framework=F1] [not-partition-aware]
/// shutdown-executor F0 E0
/// shutdown-framework F0
/// apply reserve cpus(+a):1               operations that are acknowledged at once
/// operate 7 reserve cpus(+a):1
/// operate-disk 7 disk[RAW:]:1024 disk[MOUNT:/m]:1024      one that makes a disk; one word: destroys it
/// acknowledge-operation 7
/// reconcile-operations 7 8
/// checkpoint cpus(+a):1                  the whole list, as an old master sends it
/// drain [max-grace=1s] [mark-gone]
/// shutdown [gone]
/// ping connected
/// registered [A1]
/// reregistered [T3] [not-partition-aware]
/// master-is-silent       from now on it does not answer registrations by itself
/// master-lost
/// master-detected
/// crash, leave, restart, power-off, power-on, replace, disk-full, disk-freed
/// fail-executor 0
/// reconfigure cpus:8
/// total, checkpointed, in-use, tasks, id
/// blocks                 the ephemeral ports of containers, and how many blocks are taken
/// metric tasks_running
/// port-metric filters
/// fetcher-metric task_fetches_succeeded
/// cache                  the files in the fetcher's cache
/// sources                from now on updates say who made them
/// at 1.5s
/// ```
pub(crate) fn check(options: AgentOptions, script: &str) {
    check_on("cpus:4;mem:4096", options, script);
}

/// Plays a script at an agent with these resources.
pub(crate) fn check_on(total: &str, options: AgentOptions, script: &str) {
    check_desk(AgentDesk::new(resources(total), options), script);
}

/// Plays a script at the agent of this desk.
pub(crate) fn check_desk(mut desk: AgentDesk, script: &str) {
    if !script.lines().any(|line| line.trim() == "start") {
        desk.hand_in(Input::Start);
    }
    play(&mut desk, script);
}

pub(crate) struct AgentDesk {
    pub(crate) agent: Agent,
    pub(crate) now: Time,
    timers: Timers<Timer>,
    /// What the agent calls the latest update of each task.
    known: Vec<(TaskId, StatusId)>,
    next_operation: u64,
    master_answers: bool,
    shows_sources: bool,
}

impl AgentDesk {
    pub(crate) fn new(total: Resources, options: AgentOptions) -> Self {
        let info = AgentInfo {
            name: "agent-000".into(),
            hostname: "host-000".into(),
            ..AgentInfo::default()
        };
        let registration =
            Registration { info, ip: "".into(), total, checkpointed: Resources::EMPTY };
        let backoff = Streams::new(1).stream("agent-backoff");
        let mut agent = Agent::new(HostId::from_index(0), registration, options, backoff);
        agent.set_cache_policy(Box::new(Lru::new()));
        if let Some(blocks) = blocks(agent.total()) {
            agent.set_port_blocks(Box::new(blocks));
        }
        Self {
            agent,
            now: Time::ZERO,
            timers: Timers::new(),
            known: Vec::new(),
            next_operation: 1_000,
            master_answers: true,
            shows_sources: false,
        }
    }

    pub(crate) fn hand_in(&mut self, input: Input) -> Vec<String> {
        let mut lines = self.handle(input);
        lines.extend(self.move_to(self.now));
        lines
    }

    fn handle(&mut self, input: Input) -> Vec<String> {
        let mut out = Vec::new();
        self.agent.handle(self.now, input, &mut out);
        out.into_iter().flat_map(|output| self.note(output)).collect()
    }

    fn note(&mut self, output: Output) -> Vec<String> {
        let now = self.now;
        match output {
            Output::Send(message) => self.note_message(message),
            Output::Wake { at, timer } => {
                assert!(at >= now, "nobody is woken in the past");
                self.timers.push(at, timer);
                Vec::new()
            }
            Output::Observe(Observation::Volume { change, bytes, .. }) => {
                vec![format!("{now} volume {} with {bytes} bytes", change.name())]
            }
            Output::Observe(Observation::EstimateNotRevocable { estimate, .. }) => {
                vec![format!("{now} the estimate '{estimate}' is not revocable")]
            }
            Output::Observe(Observation::ContainerKilled { reason, .. }) => {
                vec![format!("{now} a container is killed: {reason:?}")]
            }
            Output::Observe(Observation::Fetched { record, .. }) => {
                vec![format!("{now} fetch {}", ended(&record))]
            }
            Output::Observe(other) => panic!("agents do not see {other:?}"),
            Output::Network(order) => vec![match order {
                NetworkOrder::Start(order) => {
                    format!("{now} bytes move with {} thousandths of a CPU", order.cpus)
                }
                NetworkOrder::Update { cpus, .. } => {
                    format!("{now} caps follow {cpus} thousandths of a CPU")
                }
                NetworkOrder::Stop { .. } => format!("{now} bytes stop"),
                NetworkOrder::Download(order) => format!("{now} download {}", order.bytes),
                NetworkOrder::StopDownload { .. } => format!("{now} download stops"),
            }],
            Output::Exited => vec![format!("{now} exits")],
        }
    }

    fn note_message(&mut self, message: FromAgent) -> Vec<String> {
        let now = self.now;
        match message {
            FromAgent::Register(registration) => {
                let mut lines = vec![format!("{now} registers{}", with(&registration))];
                lines.extend(self.answer(AgentId::from_index(0)));
                lines
            }
            FromAgent::Reregister(message) => {
                let mut lines = vec![format!("{now} reregisters {}", reregistration(&message))];
                lines.extend(self.answer(message.agent));
                lines
            }
            FromAgent::Unregister(agent) => vec![format!("{now} unregisters A{}", agent.index())],
            FromAgent::StatusUpdate(update) => {
                let status = update.status.expect("agents name updates");
                self.known.retain(|(task, _)| *task != update.task);
                self.known.push((update.task, status));
                let (task, state) = (task_name(update.task), update.state.name());
                let latest = update.latest_state.name();
                let reason = update.reason.map(|it| format!(" {it:?}")).unwrap_or_default();
                let source = Some(format!(" by {:?}", update.source));
                let source = source.filter(|_| self.shows_sources).unwrap_or_default();
                vec![format!("{now} {task} {state} latest {latest}{reason}{source}")]
            }
            FromAgent::ExecutorExited { framework, executor, .. } => {
                vec![format!("{now} E{} of F{} has exited", executor.0, framework.index())]
            }
            FromAgent::Update { update, .. } => {
                let operations =
                    update.operations.map(|it| format!("operations [{}]", states(&it)));
                let total = update.total.map(|it| format!("has {}", notation::write(&it)));
                let estimate =
                    update.oversubscribed.map(|it| format!("'{}'", notation::write(&it)));
                let parts: Vec<_> = operations.into_iter().chain(total).chain(estimate).collect();
                vec![format!("{now} tells of {}", parts.join(" and "))]
            }
            FromAgent::OperationUpdate(report) => {
                let (id, state) = (report.operation.0, report.state.name());
                let made = notation::write(&report.converted);
                let made = if made.is_empty() { made } else { format!(" makes {made}") };
                vec![format!("{now} operation {id} {state}{made}")]
            }
        }
    }

    fn answer(&mut self, agent: AgentId) -> Vec<String> {
        if !self.master_answers {
            return Vec::new();
        }
        self.handle(Input::Message(ToAgent::Registered { agent }))
    }

    pub(crate) fn move_to(&mut self, to: Time) -> Vec<String> {
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

    fn message(&mut self, message: ToAgent) -> Vec<String> {
        self.hand_in(Input::Message(message))
    }

    fn fault(&mut self, fault: HostFault) -> Vec<String> {
        self.hand_in(Input::Fault(fault))
    }

    /// Operations whose reports the master acknowledges as soon as they come.
    fn apply(&mut self, words: &[&str]) -> Vec<String> {
        let mut lines = Vec::new();
        for operation in conversions(words) {
            self.next_operation += 1;
            let id = MasterOperationId(self.next_operation);
            lines.extend(self.message(apply(operation, id)));
            lines.retain(|line| !line.contains(&format!("operation {}", id.0)));
            lines.extend(self.message(ToAgent::AcknowledgeOperation(id)));
        }
        lines
    }

    fn fault_of(word: &str) -> Option<HostFault> {
        Some(match word {
            "crash" => HostFault::AgentCrash,
            "leave" => HostFault::AgentLeave,
            "restart" => HostFault::AgentRestart,
            "power-off" => HostFault::PowerOff,
            "power-on" => HostFault::PowerOn,
            "replace" => HostFault::Replace,
            "disk-full" => HostFault::DiskFull,
            "disk-freed" => HostFault::DiskFreed,
            _ => return None,
        })
    }

    fn look(&self, words: &[&str]) -> Vec<String> {
        match *words {
            ["total"] => vec![notation::write(self.agent.total())],
            ["checkpointed"] => vec![notation::write(&self.agent.checkpointed())],
            ["in-use"] => vec![format!("'{}'", self.agent.in_use())],
            ["id"] => {
                vec![self.agent.id().map_or("none".into(), |id| format!("A{}", id.index()))]
            }
            ["tasks"] => {
                let tasks = self.agent.tasks();
                let line =
                    |(framework, task, state): (FrameworkId, _, sim_core::protocol::TaskState)| {
                        format!("F{} {} {}", framework.index(), task_name(task), state.name())
                    };
                tasks.map(line).collect()
            }
            ["port-metric", name] => {
                let metrics = self.agent.metrics(self.now);
                let value = metrics.get(&format!("port_mapping/{name}"));
                vec![value.map_or("none".into(), ToString::to_string)]
            }
            ["blocks"] => {
                let mut lines: Vec<String> =
                    self.agent.port_blocks().map(|it| format!("{}-{}", it.begin, it.end)).collect();
                lines.push(format!("{} taken", self.agent.port_blocks_taken()));
                lines
            }
            ["metric", name] => {
                let metrics = self.agent.metrics(self.now);
                let value = metrics.get(&format!("slave/{name}"));
                vec![value.map_or("none".into(), ToString::to_string)]
            }
            ["fetcher-metric", name] => {
                let metrics = self.agent.metrics(self.now);
                let value = metrics.get(&format!("containerizer/fetcher/{name}"));
                vec![value.map_or("none".into(), ToString::to_string)]
            }
            ["cache"] => {
                let entries = self.agent.fetcher().eviction_order();
                let line = |entry: &&Entry| format!("{} {}", entry.filename(), entry.size());
                entries.iter().map(line).collect()
            }
            _ => panic!("unknown line: {}", words.join(" ")),
        }
    }
}

impl Desk for AgentDesk {
    fn command(&mut self, words: &[&str]) -> Vec<String> {
        if let [word] = *words
            && let Some(fault) = Self::fault_of(word)
        {
            return self.fault(fault);
        }
        if let Some(message) = master_message(words) {
            return self.message(message);
        }
        match *words {
            ["at", time] => self.move_to(at(span(time))),
            ["start"] => self.hand_in(Input::Start),
            ["acknowledge", task] => self.message(ToAgent::Acknowledge(self.status(task))),
            ["end", task] => self.hand_in(Input::Wake(Timer::TaskEnded(self.status(task).task))),
            ["apply", ref words @ ..] => self.apply(words),
            ["master-lost"] => self.hand_in(Input::MasterLost),
            ["master-detected"] => self.hand_in(Input::MasterDetected),
            ["fail-executor", draw] => {
                self.fault(HostFault::ExecutorFailure { draw: draw.parse().unwrap() })
            }
            ["master-is-silent"] => {
                self.master_answers = false;
                Vec::new()
            }
            ["reconfigure", total] => {
                self.agent.reconfigure(resources(total));
                Vec::new()
            }
            ["sources"] => {
                self.shows_sources = true;
                Vec::new()
            }
            _ => self.look(words),
        }
    }
}

/// Blocks of 16, where the agent has ephemeral ports.
fn blocks(total: &Resources) -> Option<EphemeralPorts> {
    let plan = PortPlan {
        ephemeral: Some(total.ephemeral_ports()?),
        others: Ranges::default(),
        host: DEFAULT_HOST_RANGE,
        per_container: 16,
    };
    Some(plan.check().expect("ports that an agent may have"))
}

/// So many bytes from outside before it computes, and to there afterwards.
fn transfers(words: &[&str]) -> Option<Arc<Transfers>> {
    let moves = |key: &str, heading| {
        let bytes = value(words, key).map(|bytes| bytes.parse().unwrap());
        let transfer = |bytes| Transfer { heading, remote: Remote::Outside, bytes, rate: None };
        bytes.map(transfer).into_iter().collect::<Vec<_>>()
    };
    let (before, after) = (moves("reads", Heading::Receive), moves("writes", Heading::Send));
    (before.len() + after.len() > 0).then(|| Arc::new(Transfers { before, after }))
}

/// What the master says in this line, if it says anything.
pub(crate) fn master_message(words: &[&str]) -> Option<ToAgent> {
    let agent = AgentId::from_index(0);
    Some(match *words {
        ["registered"] => ToAgent::Registered { agent },
        ["registered", agent] => ToAgent::Registered { agent: id(agent) },
        ["reregistered", ref words @ ..] => {
            let tasks = words.iter().filter(|word| word.starts_with('T'));
            let aware = is_partition_aware(words);
            let reconcile = tasks.map(|task| (framework(words), task_id(task), aware)).collect();
            ToAgent::Reregistered { agent, reconcile }
        }
        ["run", ref words @ ..] => ToAgent::Run(run(words)),
        ["kill", task, ref words @ ..] => {
            let (framework, task) = (framework(words), task_id(task));
            let grace = value(words, "grace").map(span);
            ToAgent::Kill { framework, task, grace, partition_aware: is_partition_aware(words) }
        }
        ["shutdown-executor", framework, executor] => {
            let (framework, executor) = (id(framework), executor_id(executor));
            ToAgent::ShutdownExecutor { framework, executor }
        }
        ["shutdown-framework", framework] => ToAgent::ShutdownFramework(id(framework)),
        ["checkpoint", list] => ToAgent::CheckpointResources(resources(list)),
        ["drain", ref words @ ..] => {
            let max_grace = value(words, "max-grace").map(span);
            ToAgent::Drain(DrainConfig { max_grace, mark_gone: words.contains(&"mark-gone") })
        }
        ["shutdown", ref words @ ..] => {
            let gone = words.contains(&"gone");
            ToAgent::Shutdown { message: "as the script says", gone }
        }
        ["ping", word] => ToAgent::Ping { connected: word == "connected" },
        _ => return operation_message(words),
    })
}

fn operation_message(words: &[&str]) -> Option<ToAgent> {
    Some(match *words {
        ["operate", number, ref words @ ..] => {
            apply(conversions(words).remove(0), operation_id(number))
        }
        ["operate-disk", number, source, ref target @ ..] => {
            let source = notation::read_one(source);
            let operation = match *target {
                [] => DiskOperation::Destroy { source },
                [target, ..] => {
                    DiskOperation::Create { source, target: notation::read_one(target) }
                }
            };
            let (operation, id) = (Box::new(operation), operation_id(number));
            ToAgent::ApplyDisk { operation, id, owner: OperationOwner::default() }
        }
        ["acknowledge-operation", number] => ToAgent::AcknowledgeOperation(operation_id(number)),
        ["reconcile-operations", ref numbers @ ..] => {
            let ids = numbers.iter().map(|number| operation_id(number)).collect();
            ToAgent::ReconcileOperations(ids)
        }
        _ => return None,
    })
}

fn apply(operation: Operation, id: MasterOperationId) -> ToAgent {
    let (operation, owner) = (Box::new(operation), OperationOwner::default());
    ToAgent::Apply { operation, id, owner }
}

fn with(registration: &Registration) -> String {
    let checkpointed = notation::write(&registration.checkpointed);
    if checkpointed.is_empty() { checkpointed } else { format!(" with {checkpointed}") }
}

/// `A0 with cpus(+a):1; F0 E0 T0=TASK_RUNNING/TASK_STARTING T1@E0=TASK_STAGING; completed F1`.
fn reregistration(message: &Reregistration) -> String {
    let mut parts = vec![format!("A{}{}", message.agent.index(), with(&message.registration))];
    for report in &message.frameworks {
        let mut words = vec![format!("F{}", report.framework.index())];
        words.extend(report.executors.iter().map(|row| format!("E{}", row.info.id.0)));
        words.extend(report.tasks.iter().map(|row| {
            let executor = row.executor.map(|id| format!("@E{}", id.0)).unwrap_or_default();
            let (state, sent) = (row.state, row.update_state);
            let sent = if state == sent { String::new() } else { format!("/{}", sent.name()) };
            format!("{}{executor}={}{sent}", task_name(row.task), state.name())
        }));
        parts.push(words.join(" "));
    }
    for framework in &message.completed_frameworks {
        parts.push(format!("completed F{}", framework.index()));
    }
    if !message.operations.is_empty() {
        let operations = message.operations.iter().map(|it| (it.number, it.state));
        parts.push(format!("operations {}", states(&operations.collect::<Vec<_>>())));
    }
    parts.join("; ")
}

fn states(operations: &[(MasterOperationId, OperationState)]) -> String {
    let words = operations.iter().map(|(id, state)| format!("{}={}", id.0, state.name()));
    words.collect::<Vec<_>>().join(" ")
}

fn value<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

fn framework(words: &[&str]) -> FrameworkId {
    value(words, "framework").map_or(FrameworkId::from_index(0), id)
}

fn is_partition_aware(words: &[&str]) -> bool {
    !words.contains(&"not-partition-aware")
}

fn executor_id(word: &str) -> ExecutorId {
    ExecutorId(u32::try_from(number(word)).unwrap())
}

fn operation_id(word: &str) -> MasterOperationId {
    MasterOperationId(word.parse().unwrap())
}

fn conversions(words: &[&str]) -> Vec<Operation> {
    let convert = |operation: OfferOperation| {
        let OfferOperationKind::Convert(operation) = operation.kind else {
            panic!("{operation:?} is no operation on resources")
        };
        *operation
    };
    operations(words).into_iter().map(convert).collect()
}

pub(crate) fn run(words: &[&str]) -> RunTask {
    let mut launches: Vec<_> = words
        .iter()
        .filter(|word| word.starts_with('T'))
        .map(|word| match word.strip_suffix("@forever") {
            Some(word) => sim_core::protocol::Launch { duration: Span::MAX, ..launch(word) },
            None => launch(word),
        })
        .collect();
    let has_details = words.iter().any(|word| {
        let keys = [
            "uri=",
            "executor=",
            "kill-grace=",
            "time-to-stop=",
            "max-completion=",
            "write-rate=",
            "used-cpus=",
            "used-mem=",
            "reads=",
            "writes=",
            "fails",
        ];
        keys.iter().any(|key| word.starts_with(key))
    });
    if has_details {
        let details = Arc::new(details(words));
        for launch in &mut launches {
            launch.details = Some(Arc::clone(&details));
        }
    }
    RunTask {
        agent: value(words, "agent").map_or(AgentId::from_index(0), id),
        framework_name: "framework".into(),
        framework: framework(words),
        role: "a".into(),
        partition_aware: is_partition_aware(words),
        task_killing_state: words.contains(&"killing"),
        checkpoint: words.contains(&"checkpoint"),
        launch_executor: !words.contains(&"known-executor"),
        tasks: if words.contains(&"group") {
            Tasks::Group(launches)
        } else {
            Tasks::One(launches.remove(0))
        },
    }
}

fn thousandths(number: &str) -> Amount {
    amount_from_f64(number.parse().unwrap()).unwrap()
}

fn details(words: &[&str]) -> LaunchDetails {
    let executor = value(words, "executor").map(|executor| {
        Arc::new(ExecutorInfo {
            id: executor_id(executor),
            resources: value(words, "executor-resources").map_or(Resources::EMPTY, resources),
            shutdown_grace: value(words, "executor-grace").map(span),
            command: command(words),
        })
    });
    LaunchDetails {
        executor,
        outcome: if words.contains(&"fails") { TaskOutcome::Failed } else { TaskOutcome::Finished },
        kill_grace: value(words, "kill-grace").map(span),
        time_to_stop: value(words, "time-to-stop").map_or(Span::ZERO, span),
        max_completion_time: value(words, "max-completion").map(span),
        write_rate: value(words, "write-rate").map_or(0, |rate| rate.parse().unwrap()),
        command: command(words),
        transfers: transfers(words),
        recorded_use: RecordedUse {
            cpus: value(words, "used-cpus").map(thousandths),
            mem: value(words, "used-mem").map(thousandths),
        },
    }
}
