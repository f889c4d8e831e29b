//! The lines of a script for a master.
//!
//! ```text
//! agent A0 cpus:4;mem:4096 [no-provider] [no-draining] [ip=10.0.0.1]
//! framework F0 a+b [not-partition-aware] [shared] [gpus] [unrefined] [revocable] [principal=ops]
//!     [single-role] [user=root] [failover=10s] [checkpoint] [suppressed=b] [connection=2] [force]
//!     [again]
//! update-framework F0 a+b    with the same words
//! subscriptions              from now on answers to SUBSCRIBE are printed
//! sources                    from now on updates say who made them
//! accept F0 O1 5s T0=cpus:1;mem:512
//! accept F0 O1,O2 0s reserve cpus(+a):1 T0=cpus(+a):1
//! decline F0 O1,O2 5s
//! suppress F0 [a+b]          revive F0 [a+b]
//! update F0 A0 T0 TASK_RUNNING [latest TASK_FINISHED] [by-agent] [reason=Reconciliation]
//! acknowledge F0 A0 T0
//! kill F0 T0 [A0]            reconcile F0 [T0@A0 T1]
//! teardown F0                deactivate F0
//! accept-inverse F0 I1 5s    decline-inverse F0 I1 5s
//! exit A0                    its connection breaks; so of frameworks: exit F0
//! unhealthy A0               it has missed its pings; healthy A0
//! unregister A0
//! reregister A0 cpus:4 [F0/T0=cpus:1/a/TASK_RUNNING[/TASK_STAGING]] [F0/E1=cpus:1/a]
//!     [completed=F1] [no-provider] [operations=OPERATION_PENDING]
//! executor-exited F0 A0 E1
//! estimate A0 cpus{REV}:1    so much it can oversubscribe, what is allocated of it included
//! silent A0                  it answers no operation from now on
//! drop A0                    it says that it never got its operations
//! report A0 OPERATION_FAILED  it says so of the operations that it has not answered
//! repeat                     the last report of an operation comes again
//! acknowledge-operation F0 7
//! reconcile-operations F0 [7@A0 8]
//! speak F0 2                 its calls come over that connection from now on
//! operator [principal=ops] reserve A0 cpus(+a):1
//! operator unreserve|create|destroy A0 ...
//! operator grow A0 disk(+a)[v1]:64 disk(+a):64    operator shrink A0 disk(+a)[v1]:64 32
//! operator quota [force] a cpus:1;mem:512 cpus:2    (guarantees, limits; `none`; more roles follow)
//! operator set-quota [force] a cpus:1;mem:512       operator remove-quota a
//! operator weights a=2 b=1.5
//! operator schedule A0,A1@60s+120s A2@1s+forever   operator schedule
//! operator down A0,A1        operator up A0
//! operator drain A0 [grace=10s] [mark-gone]
//! operator deactivate A0     operator reactivate A0     operator gone A0
//! operator teardown F0
//! failover                   another master takes over
//! metric master/tasks_lost master/tasks_gone    prints their values
//! agent-is A0                prints what the master thinks of it
//! account A0                 prints what the master has in its books; `operations` while some
//!                            are on their way or not acknowledged
//! framework-is F0            so of a framework
//! weights                    prints those that the registry has
//! tasks F0                   prints its tasks, those out of reach and those of the past
//! maintenance                prints the schedule, and what is drained or down
//! at 1.5s
//! ```

use super::infos::{agent_info, role};
use super::master_desk::{MasterDesk, SentOperation, registration, status_id, subscription};
use super::notation::{self, operations};
use super::words::{at, id, number, resources, span, state, task_id, task_name};
use policy_api::{
    AgentId, Allocator, Amount, DenseId, FrameworkId, InverseOfferStatus, NamedLimits,
    NamedQuantities, Operation, Resources, Span, Time, Unavailability,
};
use sim_core::master::{Input, Master, Request};
use sim_core::protocol::{
    AgentUpdate, Call, Connection, DrainConfig, ExecutorId, ExecutorInfo, ExecutorReport,
    FrameworkReport, FromAgent, HostId, MachineId, MaintenanceWindow, OperationId, OperationRecord,
    OperationState, OperatorCall, QuotaRequest, Reason, Reregistration, Source, StatusUpdate,
    TaskReport,
};
use std::sync::Arc;

#[expect(clippy::too_many_lines, reason = "an arm for each kind of line")]
pub(crate) fn command(desk: &mut MasterDesk, words: &[&str]) -> Vec<String> {
    match *words {
        ["at", time] => desk.move_to(at(span(time))),
        ["agent", agent, total, ref flags @ ..] => {
            let agent: AgentId = id(agent);
            let mut registration = registration(agent, resources(total));
            announce(&mut registration, flags);
            let host = HostId::from_index(agent.index());
            let message = FromAgent::Register(Box::new(registration));
            desk.hand_in(Input::Agent { host, message })
        }
        ["framework", framework, paths, ref flags @ ..] => subscribe(desk, framework, paths, flags),
        ["update-framework", framework, paths, ref flags @ ..] => {
            let subscription = Box::new(described(framework, paths, flags));
            desk.call(framework, Call::UpdateFramework(subscription))
        }
        ["accept", framework, offers, refuse, ref words @ ..] => {
            let (offers, operations) = (desk.offer_ids(offers), operations(words));
            desk.call(framework, Call::Accept { offers, operations, refuse: span(refuse) })
        }
        ["decline", framework, offers, refuse] => {
            let offers = desk.offer_ids(offers);
            desk.call(framework, Call::Decline { offers, refuse: span(refuse) })
        }
        ["accept-inverse", framework, offers, refuse] => {
            let (offers, status) = (desk.inverse_offer_ids(offers), InverseOfferStatus::Accept);
            let refuse = span(refuse);
            desk.call(framework, Call::AnswerInverseOffers { offers, status, refuse })
        }
        ["decline-inverse", framework, offers, refuse] => {
            let (offers, status) = (desk.inverse_offer_ids(offers), InverseOfferStatus::Decline);
            let refuse = span(refuse);
            desk.call(framework, Call::AnswerInverseOffers { offers, status, refuse })
        }
        ["suppress", framework] => desk.call(framework, Call::Suppress { roles: Vec::new() }),
        ["revive", framework] => desk.call(framework, Call::Revive { roles: Vec::new() }),
        ["suppress", framework, paths] => {
            let roles = paths.split('+').map(role).collect();
            desk.call(framework, Call::Suppress { roles })
        }
        ["revive", framework, paths] => {
            let roles = paths.split('+').map(role).collect();
            desk.call(framework, Call::Revive { roles })
        }
        ["teardown", framework] => desk.call(framework, Call::Teardown),
        ["deactivate", framework] => desk.call(framework, Call::Deactivate),
        ["kill", framework, task, ref on @ ..] => {
            let (task, agent) = (task_id(task), on.first().map(|agent| id(agent)));
            desk.call(framework, Call::Kill { task, agent, grace: None })
        }
        ["reconcile", framework, ref tasks @ ..] => desk.call(framework, reconcile(tasks)),
        ["acknowledge", framework, agent, task] => {
            let (agent, task) = (id(agent), task_id(task));
            let status = desk.last_status(id(framework), task).unwrap_or(status_id(0));
            desk.call(framework, Call::Acknowledge { agent, task, status })
        }
        ["update", framework, agent, task, reported, ref flags @ ..] => {
            let latest = match *flags {
                ["latest", latest, ..] => latest,
                _ => reported,
            };
            let by_agent = flags.contains(&"by-agent");
            let update = StatusUpdate {
                framework: id(framework),
                task: task_id(task),
                agent: Some(id(agent)),
                state: state(reported),
                latest_state: state(latest),
                source: if by_agent { Source::Agent } else { Source::Executor },
                reason: value(flags, "reason=").map(reason),
                unreachable_since: None,
                status: Some(desk.next_status(id(framework), task_id(task))),
            };
            from_agent(desk, agent, FromAgent::StatusUpdate(update))
        }
        ["exit", who] if who.starts_with('F') => {
            let framework: FrameworkId = id(who);
            let connection = desk.connections[framework.index()];
            desk.hand_in(Input::FrameworkExited { framework, connection })
        }
        ["exit", who] => desk.hand_in(Input::AgentExited { host: host(desk, who) }),
        ["unhealthy", agent] => desk.hand_in(Input::AgentUnhealthy(id(agent))),
        ["healthy", agent] => desk.hand_in(Input::AgentHealthy(id(agent))),
        ["unregister", agent] => from_agent(desk, agent, FromAgent::Unregister(id(agent))),
        ["reregister", agent, total, ref words @ ..] => reregister(desk, agent, total, words),
        ["executor-exited", framework, agent, executor] => {
            let (framework, executor) = (id(framework), executor_id(executor));
            let message = FromAgent::ExecutorExited { agent: id(agent), framework, executor };
            from_agent(desk, agent, message)
        }
        ["estimate", agent, total] => {
            let update =
                AgentUpdate { oversubscribed: Some(resources(total)), ..AgentUpdate::default() };
            let (agent_id, update) = (id(agent), Box::new(update));
            from_agent(desk, agent, FromAgent::Update { agent: agent_id, update })
        }
        ["subscriptions"] => {
            desk.shows_subscriptions = true;
            Vec::new()
        }
        ["sources"] => {
            desk.shows_sources = true;
            Vec::new()
        }
        ["silent", agent] => {
            desk.silent.push(id(agent));
            Vec::new()
        }
        ["drop", agent] => command(desk, &["report", agent, "OPERATION_DROPPED"]),
        ["report", agent, state] => {
            let agent: AgentId = id(agent);
            let (told, kept): (Vec<_>, Vec<_>) =
                std::mem::take(&mut desk.operations).into_iter().partition(|it| it.agent == agent);
            desk.operations = kept;
            let state = operation_state(state);
            let told = told.into_iter();
            let mut lines: Vec<String> =
                told.flat_map(|operation| desk.report_operation(operation, state)).collect();
            lines.extend(desk.move_to(desk.now));
            lines
        }
        ["repeat"] => desk.repeat_report(),
        ["acknowledge-operation", framework, operation] => {
            let operation = desk.number_of(operation_id(operation));
            desk.call(framework, Call::AcknowledgeOperation { operation })
        }
        ["reconcile-operations", framework, ref operations @ ..] => {
            let operation = |word: &&str| match word.split_once('@') {
                Some((operation, agent)) => (operation_id(operation), Some(id(agent))),
                None => (operation_id(word), None),
            };
            let operations = operations.iter().map(operation).collect();
            desk.call(framework, Call::ReconcileOperations { operations })
        }
        ["speak", framework, connection] => {
            let connection = Connection(connection.parse().expect("a number"));
            desk.connections[number(framework)] = connection;
            Vec::new()
        }
        ["operator", ref words @ ..] => operator(desk, words),
        ["failover"] => desk.fail_over(),
        _ => look(&desk.master, desk.now, words)
            .unwrap_or_else(|| panic!("unknown line: {}", words.join(" "))),
    }
}

/// Lines that only print what a master knows.
pub(crate) fn look<A: Allocator>(
    master: &Master<A>,
    now: Time,
    words: &[&str],
) -> Option<Vec<String>> {
    match *words {
        ["metric", ref names @ ..] => {
            let mut metrics = master.metrics(now);
            metrics.extend(master.allocator().metrics(now));
            let value = |name: &&str| metrics.get(*name).map_or("none".to_owned(), f64::to_string);
            Some(vec![names.iter().map(value).collect::<Vec<_>>().join(" ")])
        }
        ["agent-is", agent] => {
            let view = master.agent(id(agent));
            let mut words = vec![format!("{:?}", view.state).to_lowercase()];
            let flags = [
                (view.connected, "connected"),
                (view.active, "active"),
                (view.deactivated, "deactivated"),
            ];
            words.extend(flags.iter().filter(|it| it.0).map(|it| it.1.to_owned()));
            if let Some((_, drained)) = view.drain {
                words.push(if drained { "drained" } else { "draining" }.to_owned());
            }
            Some(vec![words.join(" ")])
        }
        ["account", agent] => {
            let account = master.account(id(agent));
            let parts =
                [("total", account.total), ("offered", account.offered), ("used", account.used)];
            let known = parts.into_iter().filter(|(_, resources)| !resources.is_empty());
            let mut lines: Vec<String> =
                known.map(|(name, it)| format!("{name} {}", notation::write(it))).collect();
            if master.has_operations(id(agent)) {
                lines.push("operations".to_owned());
            }
            Some(lines)
        }
        ["framework-is", framework] => {
            Some(vec![format!("{:?}", master.framework_state(id(framework))).to_lowercase()])
        }
        ["weights"] => {
            let weight = |(role, weight): (&str, f64)| format!("{role}={weight}");
            Some(master.registry().weights().map(weight).collect())
        }
        ["tasks", framework] => Some(tasks(master, id(framework))),
        ["maintenance"] => Some(maintenance(master)),
        _ => None,
    }
}

/// `T0@A0 T1`; no words ask for everything.
pub(crate) fn reconcile(tasks: &[&str]) -> Call {
    let task = |word: &&str| match word.split_once('@') {
        Some((task, agent)) => (task_id(task), Some(id(agent))),
        None => (task_id(word), None),
    };
    Call::Reconcile { tasks: tasks.iter().map(task).collect() }
}

fn operation_id(word: &str) -> OperationId {
    OperationId(word.parse().expect("the id of an operation"))
}

/// `OPERATION_FAILED`.
fn operation_state(word: &str) -> OperationState {
    let mut states = [
        OperationState::Finished,
        OperationState::Failed,
        OperationState::Error,
        OperationState::Dropped,
    ]
    .into_iter();
    states.find(|state| state.name() == word).expect("the end of an operation")
}

fn reason(word: &str) -> Reason {
    let known = [Reason::Reconciliation, Reason::AgentRestarted, Reason::ExecutorTerminated];
    known.into_iter().find(|it| format!("{it:?}") == word).expect("a reason")
}

fn host(desk: &MasterDesk, agent: &str) -> HostId {
    let agent: AgentId = id(agent);
    desk.master.host_of(agent).unwrap_or(HostId::from_index(agent.index()))
}

fn from_agent(desk: &mut MasterDesk, agent: &str, message: FromAgent) -> Vec<String> {
    let host = host(desk, agent);
    desk.hand_in(Input::Agent { host, message })
}

fn announce(registration: &mut sim_core::protocol::Registration, flags: &[&str]) {
    let capabilities = &mut registration.info.capabilities;
    capabilities.resource_provider = !flags.contains(&"no-provider");
    capabilities.agent_draining = !flags.contains(&"no-draining");
    if let Some(ip) = value(flags, "ip=") {
        registration.ip = ip.into();
    }
}

pub(crate) fn value<'a>(flags: &[&'a str], name: &str) -> Option<&'a str> {
    flags.iter().find_map(|flag| flag.strip_prefix(name))
}

pub(crate) fn described(
    framework: &str,
    paths: &str,
    flags: &[&str],
) -> sim_core::protocol::Subscription {
    let mut subscription = subscription(id(framework));
    let info = &mut subscription.info;
    info.roles = paths.split('+').map(role).collect();
    info.suppressed_roles =
        value(flags, "suppressed=").into_iter().flat_map(|it| it.split('+')).map(role).collect();
    info.capabilities.multi_role = !flags.contains(&"single-role");
    info.capabilities.gpu_resources = flags.contains(&"gpus");
    info.capabilities.partition_aware = !flags.contains(&"not-partition-aware");
    info.capabilities.shared_resources = flags.contains(&"shared");
    info.capabilities.revocable_resources = flags.contains(&"revocable");
    info.capabilities.reservation_refinement = !flags.contains(&"unrefined");
    subscription.user = value(flags, "user=").unwrap_or_default().into();
    subscription.principal = value(flags, "principal=").map(Into::into);
    subscription.failover_timeout = value(flags, "failover=").map_or(Span::ZERO, span);
    subscription.checkpoint = flags.contains(&"checkpoint");
    subscription.has_id = flags.contains(&"again");
    subscription.force = flags.contains(&"force");
    subscription
}

fn subscribe(desk: &mut MasterDesk, framework: &str, paths: &str, flags: &[&str]) -> Vec<String> {
    let subscription = Box::new(described(framework, paths, flags));
    if let Some(connection) = value(flags, "connection=") {
        let place = number(framework);
        if desk.connections.len() <= place {
            desk.connections.resize(place + 1, Connection(1));
        }
        desk.connections[place] = Connection(connection.parse().expect("a number"));
    }
    desk.call(framework, Call::Subscribe(subscription))
}

fn executor_id(word: &str) -> ExecutorId {
    ExecutorId(u32::try_from(number(word)).unwrap())
}

fn reregister(desk: &mut MasterDesk, agent: &str, total: &str, words: &[&str]) -> Vec<String> {
    let agent: AgentId = id(agent);
    let mut registration = registration(agent, resources(total));
    announce(&mut registration, words);
    let mut frameworks: Vec<FrameworkReport> = Vec::new();
    for word in words.iter().filter(|word| word.starts_with('F')) {
        let (framework, what) = word.split_once('/').expect("F0/T0=...");
        let framework: FrameworkId = id(framework);
        let place = frameworks.iter().position(|it| it.framework == framework);
        let place = place.unwrap_or_else(|| {
            frameworks.push(FrameworkReport {
                framework,
                name: super::infos::framework_info(framework, role("a")).name,
                partition_aware: !words.contains(&"not-partition-aware"),
                checkpoint: true,
                executors: Vec::new(),
                tasks: Vec::new(),
            });
            frameworks.len() - 1
        });
        let report = &mut frameworks[place];
        let (name, what) = what.split_once('=').expect("T0=cpus:1/a/TASK_RUNNING");
        let mut parts = what.split('/');
        let resources = resources(parts.next().expect("resources"));
        let role: Arc<str> = parts.next().expect("a role").into();
        if name.starts_with('E') {
            let (id, shutdown_grace) = (executor_id(name), None);
            let info = Arc::new(ExecutorInfo { id, resources, shutdown_grace, command: None });
            report.executors.push(ExecutorReport { info, role });
            continue;
        }
        let latest = state(parts.next().expect("a state"));
        report.tasks.push(TaskReport {
            task: task_id(name),
            role,
            resources,
            executor: None,
            state: latest,
            update_state: parts.next().map_or(latest, state),
            status: desk.last_status(framework, task_id(name)),
        });
    }
    let completed = value(words, "completed=").map(id).into_iter().collect();
    let host = HostId::from_index(agent.index());
    let operations = operations_of(desk, agent, words);
    let message = FromAgent::Reregister(Box::new(Reregistration {
        agent,
        registration,
        frameworks,
        completed_frameworks: completed,
        operations,
    }));
    desk.hand_in(Input::Agent { host, message })
}

/// Those that the agent was sent: pending, or at their end.
fn operations_of(desk: &MasterDesk, agent: AgentId, words: &[&str]) -> Vec<OperationRecord> {
    let Some(state) = value(words, "operations=") else { return Vec::new() };
    let ended = (state != "OPERATION_PENDING").then(|| operation_state(state));
    let record = |sent: &SentOperation| match ended {
        None => sent.record.clone(),
        Some(state) => OperationRecord { state, pending: Resources::EMPTY, ..sent.record.clone() },
    };
    desk.operations.iter().filter(|it| it.agent == agent).map(record).collect()
}

fn tasks<A: Allocator>(master: &Master<A>, framework: FrameworkId) -> Vec<String> {
    let live = master.tasks_of(framework).map(|(task, agent, state)| {
        format!("{} on A{} {}", task_name(task), agent.index(), state.name())
    });
    let past = |what: &'static str| {
        move |past: &sim_core::master::PastTask| {
            let (task, agent) = (task_name(past.task), past.agent.index());
            format!("{what} {task} on A{agent} {}", past.state.name())
        }
    };
    live.chain(master.unreachable_tasks(framework).map(past("unreachable")))
        .chain(master.completed_tasks(framework).map(past("completed")))
        .collect()
}

fn operator(desk: &mut MasterDesk, words: &[&str]) -> Vec<String> {
    let principal = value(words, "principal=").map(Into::into);
    let request = Request { number: 0, principal };
    desk.hand_in(Input::Operator { request, call: Box::new(operator_call(words)) })
}

fn maintenance<A: Allocator>(master: &Master<A>) -> Vec<String> {
    let name = |machine: &MachineId| format!("{}/{}", machine.hostname, machine.ip);
    let windows = master.maintenance_schedule().iter().map(|window| {
        let machines: Vec<String> = window.machines.iter().map(name).collect();
        let Unavailability { start, duration } = window.unavailability;
        let duration = duration.map_or("ever".to_owned(), |duration| duration.to_string());
        format!("{} from {start} for {duration}", machines.join(","))
    });
    let draining = master.machines_draining().into_iter().map(|(machine, answers)| {
        let answer = |(agent, framework, status): (AgentId, FrameworkId, _)| {
            let status = match status {
                Some(InverseOfferStatus::Accept) => "ACCEPT",
                Some(InverseOfferStatus::Decline) => "DECLINE",
                None => "UNKNOWN",
            };
            format!(" F{} on A{} {status}", framework.index(), agent.index())
        };
        format!("{} draining{}", name(machine), answers.into_iter().map(answer).collect::<String>())
    });
    let down = master.machines_down().map(|machine| format!("{} down", name(machine)));
    windows.chain(draining).chain(down).collect()
}

/// The words behind `operator`.
pub(crate) fn operator_call(words: &[&str]) -> OperatorCall {
    let force = words.contains(&"force");
    let grace = value(words, "grace=").map(span);
    let mark_gone = words.contains(&"mark-gone");
    let is_flag = |word: &&&str| {
        word.starts_with("principal=")
            || word.starts_with("grace=")
            || matches!(**word, "force" | "mark-gone")
    };
    let words: Vec<&str> = words.iter().filter(|word| !is_flag(word)).copied().collect();
    match *words.as_slice() {
        ["reserve", agent, what] => {
            operate(agent, Operation::Reserve { resources: resources(what), source: None })
        }
        ["reserve", agent, what, "from", source] => {
            let (resources, source) = (resources(what), Some(resources(source)));
            operate(agent, Operation::Reserve { resources, source })
        }
        ["unreserve", agent, what] => operate(agent, Operation::Unreserve(resources(what))),
        ["create", agent, what] => operate(agent, Operation::Create(resources(what))),
        ["destroy", agent, what] => operate(agent, Operation::Destroy(resources(what))),
        ["grow", agent, volume, addition] => {
            let (volume, addition) = (notation::read_one(volume), notation::read_one(addition));
            operate(agent, Operation::GrowVolume { volume, addition })
        }
        ["shrink", agent, volume, subtract] => {
            let subtract = subtract.parse::<Amount>().expect("a number of MB") * 1000;
            operate(agent, Operation::ShrinkVolume { volume: notation::read_one(volume), subtract })
        }
        ["quota", ref roles @ ..] => {
            let quota = |words: &[&str]| match *words {
                [role, guarantees, limits] => {
                    let (guarantees, limits) = (quantities(guarantees), limits_of(limits));
                    QuotaRequest { role: role.into(), guarantees, limits }
                }
                _ => panic!("a role, its guarantees and its limits"),
            };
            OperatorCall::UpdateQuota { force, quotas: roles.chunks(3).map(quota).collect() }
        }
        ["set-quota", role, guarantee] => {
            OperatorCall::SetQuota { force, role: role.into(), guarantee: resources(guarantee) }
        }
        ["remove-quota", role] => OperatorCall::RemoveQuota { role: role.into() },
        ["weights", ref weights @ ..] => {
            let weight = |word: &&str| {
                let (role, weight) = word.split_once('=').expect("a=2");
                (role.into(), weight.parse().unwrap_or(f64::NAN))
            };
            OperatorCall::UpdateWeights(weights.iter().map(weight).collect())
        }
        ["schedule", ref windows @ ..] => {
            OperatorCall::UpdateMaintenanceSchedule(windows.iter().map(|it| window(it)).collect())
        }
        ["down", machines] => OperatorCall::StartMaintenance(self::machines(machines)),
        ["up", machines] => OperatorCall::StopMaintenance(self::machines(machines)),
        ["drain", agent] => {
            let config = DrainConfig { max_grace: grace, mark_gone };
            OperatorCall::DrainAgent { agent: id(agent), config }
        }
        ["deactivate", agent] => OperatorCall::DeactivateAgent { agent: id(agent) },
        ["reactivate", agent] => OperatorCall::ReactivateAgent { agent: id(agent) },
        ["gone", agent] => OperatorCall::MarkAgentGone { agent: id(agent) },
        ["teardown", framework] => OperatorCall::Teardown { framework: id(framework) },
        _ => panic!("unknown call of an operator: {}", words.join(" ")),
    }
}

fn operate(agent: &str, operation: Operation) -> OperatorCall {
    OperatorCall::Operate { agent: id(agent), operation: Box::new(operation) }
}

fn quantities(word: &str) -> NamedQuantities {
    if word == "none" { NamedQuantities::EMPTY } else { word.parse().expect("amounts") }
}

fn limits_of(word: &str) -> NamedLimits {
    if word == "none" { NamedLimits::NONE } else { word.parse().expect("limits") }
}

/// `A0` is the machine of that agent, `10.0.0.1` one by its address, `A0/10.0.0.1` by both.
fn machines(word: &str) -> Vec<MachineId> {
    let machine = |word: &str| {
        let (name, ip) = word.split_once('/').unwrap_or(if word.starts_with('A') {
            (word, "")
        } else {
            ("", word)
        });
        let hostname = if name.is_empty() { "".into() } else { agent_info(id(name)).hostname };
        MachineId { hostname, ip: ip.into() }
    };
    word.split(',').filter(|word| *word != "none").map(machine).collect()
}

fn window(word: &str) -> MaintenanceWindow {
    let (machines, when) = word.split_once('@').expect("A0@60s+120s");
    let (start, duration) = when.split_once('+').expect("60s+120s");
    let start = Time::ZERO + span(start);
    let duration = (duration != "forever").then(|| span(duration));
    let unavailability = Unavailability { start, duration };
    MaintenanceWindow { machines: self::machines(machines), unavailability }
}
