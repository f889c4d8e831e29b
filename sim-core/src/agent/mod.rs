//! The agent: registers, runs tasks, reports their states reliably (`spec/agent.md`).
//!
//! An [`Agent`] is the agent's process and the host that it runs on. Executors, containers and disks
//! live on when the process ends; what the process has checkpointed is there when it starts again.
//! Fields that only the process knows are forgotten then.
//!
//! STAGING -> (STARTING ->) RUNNING -> (KILLING ->) an end. One status update per task is on its way
//! at any time; the next one leaves when the framework has acknowledged it, but each carries the
//! latest state, so resources are freed even where an acknowledgement is still awaited.
//!
//! Where it departs from Mesos: authorisation takes no time, so no task is ever pending; a container
//! can always be resized; an executor gets its tasks as soon as it runs, so none is found
//! undelivered after a restart; and messages on one host are never lost, so executors answer the
//! first request to reconnect.

mod consumption;
mod drain;
mod executors;
mod fetch;
pub mod fetcher;
mod frameworks;
mod kill;
mod launch;
mod metrics;
mod operations;
mod options;
mod oversubscription;
mod process;
mod recovery;
mod registration;
mod resources;
mod statistics;
mod task;
mod transfers;
mod updates;
mod usage;
mod volumes;

pub use consumption::{
    ConsumptionModel, ConsumptionTotals, ContainerUse, Interference, LatencyModel, Level, QuotaUse,
    ServiceTotals, UsageProfile,
};
pub use executors::Executor;
pub use fetch::FetchTimer;
pub use options::AgentOptions;
pub use oversubscription::Oversubscription;
pub use statistics::{ContainerName, ContainerStatistics};
pub use task::{Phase, Task};
pub use transfers::{DownloadOrder, NetworkOrder, PerCpuLimits, TransferOrder};
pub use volumes::VolumeUse;

use crate::arena::{Arena, Handle};
use crate::observe::Observation;
use crate::protocol::{
    DrainConfig, ExecutorId, FromAgent, HostId, MasterOperationId, Registration, TaskId, TaskState,
    ToAgent,
};
use consumption::Consumption;
use fetch::Fetching;
use frameworks::Framework;
use metrics::Counters;
use operations::Operations;
use oversubscription::Loops;
use policy_api::{AgentId, FrameworkId, PortAllocator, Resources, Span, Time};
use rand_pcg::Pcg64Mcg;
use resources::AgentResources;
use std::collections::{BTreeSet, VecDeque};
use volumes::Volumes;

/// One agent of the cluster, and its host.
#[derive(Clone, Debug)]
pub struct Agent {
    host: HostId,
    /// As the process was, or will be, started: with the resources that it is configured with.
    registration: Registration,
    options: AgentOptions,
    backoff: Pcg64Mcg,
    process: ProcessState,
    /// Counts the starts and ends of the process and of its connections: a timer of an earlier one
    /// is stale.
    epoch: u32,
    master: Master,
    /// What becomes of the process once it has ended by itself.
    farewell: Farewell,
    started: Time,
    recovery_time: Span,

    boot: Boot,
    disk_full: bool,
    /// The blocks of ephemeral ports; `None` where containers have the host's.
    ports: Option<Box<dyn PortAllocator>>,
    per_cpu_limits: PerCpuLimits,
    launches_without_ports: u64,

    id: Option<AgentId>,
    /// The configured resources with which it has registered last.
    known: Option<Resources>,
    resources: AgentResources,
    /// Whether the total has changed since it began to ask for a registration: the master may be told
    /// an older one.
    total_changed: bool,
    volumes: Volumes,
    operations: Operations,
    drain: Option<DrainConfig>,

    frameworks: Vec<Framework>,
    /// The last ones that have nothing here any more.
    completed: VecDeque<FrameworkId>,
    /// Those that it was ever told to shut down, for checks only.
    shut_down: BTreeSet<FrameworkId>,
    executors: Arena<Executor>,
    tasks: Arena<Task>,
    fetching: Fetching,
    /// The number of the next task group.
    next_group: u32,
    /// When the pending timer for retries fires.
    retry_at: Option<Time>,
    counters: Counters,
    loops: Option<Box<Loops>>,
    consumption: Option<Box<Consumption>>,
}

/// The states of the agent's process (`spec/agent.md` section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProcessState {
    Down,
    Recovering,
    Disconnected,
    Running,
    Terminating,
}

/// What the process knows of the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Master {
    Unknown,
    Detected,
    /// It was asked for a registration: its answer counts.
    Asked,
}

/// The state of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Boot {
    Off,
    /// It has come up, and no agent has recovered since.
    Fresh,
    Recovered,
}

/// What becomes of an agent that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Farewell {
    /// A supervisor starts it again, if there is one.
    UntilRestart,
    /// The same, and it will be a new agent.
    AsNewAgent,
    /// Nobody starts it again but an operator; it will be a new agent.
    Unregistered,
    /// Nobody starts it again but an operator.
    ForGood,
}

/// What can happen to an agent and to the host that it runs on.
#[derive(Clone, Debug)]
pub enum Input {
    /// The process comes up for the first time, and finds the master.
    Start,
    Message(ToAgent),
    /// The connection to the master is gone.
    MasterLost,
    /// A master is there (again): the agent registers after its back-off.
    MasterDetected,
    Fault(HostFault),
    /// All bytes of a task's phase have moved.
    Moved(Handle<Task>),
    /// A file that its fetcher has ordered has come.
    Downloaded(Handle<fetcher::Call>),
    Wake(Timer),
}

/// What can go wrong on a host, and how it gets right again.
#[derive(Clone, Debug)]
pub enum HostFault {
    /// The agent's process ends; executors of checkpointing frameworks go on.
    AgentCrash,
    /// The agent's process is asked to leave (SIGUSR1): it unregisters and ends all that runs.
    AgentLeave,
    /// The process starts again and recovers.
    AgentRestart,
    /// The host loses power: every process ends at once.
    PowerOff,
    /// The host comes up, with its disks, and starts the agent.
    PowerOn,
    /// The host is replaced by one with empty disks, which starts an agent.
    Replace,
    /// One executor ends by itself: the one at this place among those that run, modulo their number.
    ExecutorFailure {
        draw: u64,
    },
    /// Nothing can be written any more: containers cannot be launched, and the agent ends when it has
    /// to checkpoint.
    DiskFull,
    DiskFreed,
}

/// What an agent does.
#[derive(Clone, Debug)]
pub enum Output {
    Send(FromAgent),
    Wake {
        at: Time,
        timer: Timer,
    },
    Observe(Observation),
    Network(NetworkOrder),
    /// The agent's process has ended by itself: its connection closes.
    Exited,
}

/// What an agent waits for. Timers are not cancelled: one that is out of date is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A registration, or its repetition.
    Register {
        epoch: u32,
        attempt: u32,
    },
    /// The supervisor starts the process.
    Restart {
        epoch: u32,
    },
    /// The wait for executors is over.
    RecoveryEnds {
        epoch: u32,
    },
    /// Executors give up waiting for their agent.
    RecoveryTimeout {
        epoch: u32,
    },
    Fetch(FetchTimer),
    ExecutorStarted(Handle<Executor>),
    ExecutorRegistrationTimeout(Handle<Executor>),
    ExecutorShutdownTimeout(Handle<Executor>),
    TaskStarted(Handle<Task>),
    /// Its work is done, or it has taken too long.
    TaskEnded(Handle<Task>),
    /// It obeys SIGTERM, or gets SIGKILL.
    TaskStopped(Handle<Task>),
    /// It has moved bytes and computed for too long.
    TaskOverdue(Handle<Task>),
    /// Something may have to be sent again: one for the whole agent.
    Retry,
    DiskOperation(MasterOperationId),
    AskEstimator {
        process: u32,
    },
    AskQosController {
        process: u32,
    },
    /// The resource monitor looks at uses that vary.
    Sample,
}

impl Agent {
    /// A host whose agent has not been started. The agent waits as `backoff` draws.
    pub fn new(
        host: HostId,
        registration: Registration,
        options: AgentOptions,
        backoff: Pcg64Mcg,
    ) -> Self {
        Self {
            host,
            resources: AgentResources::new(registration.total.clone()),
            options,
            backoff,
            process: ProcessState::Down,
            epoch: 0,
            // As long as nothing else is said: the host may come up before its first start.
            master: Master::Detected,
            farewell: Farewell::UntilRestart,
            started: Time::ZERO,
            recovery_time: Span::ZERO,
            boot: Boot::Recovered,
            disk_full: false,
            ports: None,
            per_cpu_limits: PerCpuLimits::default(),
            launches_without_ports: 0,
            id: None,
            known: None,
            total_changed: false,
            volumes: Volumes::new(host, &registration.total),
            operations: Operations::default(),
            drain: None,
            frameworks: Vec::new(),
            completed: VecDeque::new(),
            shut_down: BTreeSet::new(),
            executors: Arena::new(),
            tasks: Arena::new(),
            fetching: Fetching::new(options.fetcher),
            next_group: 0,
            retry_at: None,
            counters: Counters::default(),
            loops: None,
            consumption: None,
            registration,
        }
    }

    pub const fn host(&self) -> HostId {
        self.host
    }

    /// None until a master has given it one, and when it will be a new agent.
    pub const fn id(&self) -> Option<AgentId> {
        self.id
    }

    /// What it has, with the reservations and volumes that operations have made.
    pub const fn total(&self) -> &Resources {
        self.resources.total()
    }

    /// The dynamic reservations and persistent volumes of its total.
    pub fn checkpointed(&self) -> Resources {
        self.resources.checkpointed()
    }

    /// What it is configured with.
    pub const fn registration(&self) -> &Registration {
        &self.registration
    }

    /// Gives it other resources, from the next start of the process on.
    pub fn reconfigure(&mut self, total: Resources) {
        self.registration.total = total;
    }

    /// What its tasks and executors hold, as far as the agent knows.
    pub fn in_use(&self) -> Resources {
        let mut sum = Resources::EMPTY;
        for task in self.tasks.iter().filter(|task| task.is_unfinished()) {
            sum.add(&task.resources);
        }
        for info in self.executors.iter().filter_map(Executor::holding) {
            sum.add(&info.resources);
        }
        sum
    }

    /// Whether the process runs.
    pub const fn is_up(&self) -> bool {
        !matches!(self.process, ProcessState::Down)
    }

    pub const fn is_registered(&self) -> bool {
        matches!(self.process, ProcessState::Running)
    }

    /// All tasks with their latest states, those included that run while the process is away.
    pub fn tasks(&self) -> impl Iterator<Item = (FrameworkId, TaskId, TaskState)> {
        self.tasks.iter().map(|task| (task.framework, task.id, task.latest()))
    }

    /// The executors that have not ended, other than those of commands.
    pub fn executors(&self) -> impl Iterator<Item = (FrameworkId, ExecutorId)> {
        let live = self.executors.iter().filter(|row| !row.is_terminated());
        live.filter_map(|row| Some((row.framework, row.named.as_ref()?.info.id)))
    }

    /// Whether it was ever told to shut this framework down.
    pub fn has_shut_down(&self, framework: FrameworkId) -> bool {
        self.shut_down.contains(&framework)
    }

    /// The one door.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Start => self.start(now, out),
            Input::Message(message) => self.message(now, message, out),
            Input::MasterLost => self.master_lost(),
            Input::MasterDetected => self.master_detected(now, out),
            Input::Fault(fault) => self.fault(now, &fault, out),
            Input::Moved(task) => self.moved(now, task, out),
            Input::Downloaded(call) => self.downloaded(now, call, out),
            Input::Wake(timer) => self.wake(now, timer, out),
        }
    }

    /// What each state does not accept is dropped silently (the table of section 2).
    fn message(&mut self, now: Time, message: ToAgent, out: &mut Vec<Output>) {
        use ProcessState::{Disconnected, Down, Running, Terminating};
        let state = self.process;
        let accepts_work = matches!(state, Disconnected | Running);
        let is_connected = state == Running;
        match message {
            ToAgent::Registered { agent } => self.registered(now, agent, None, out),
            ToAgent::Reregistered { agent, reconcile } => {
                self.registered(now, agent, Some(&reconcile), out);
            }
            ToAgent::Run(run) if accepts_work => self.run(now, run, out),
            ToAgent::Kill { framework, task, grace, partition_aware } if accepts_work => {
                self.kill(now, (framework, task), grace, partition_aware, out);
            }
            ToAgent::ShutdownExecutor { framework, executor }
                if matches!(state, Running | Terminating) =>
            {
                if let Some(executor) = self.find_executor(framework, executor) {
                    self.shut_down_executor(now, executor, out);
                }
            }
            ToAgent::ShutdownFramework(framework) if matches!(state, Running | Terminating) => {
                self.shut_down_framework(now, framework, out);
            }
            ToAgent::Acknowledge(status) if is_connected => self.acknowledge(now, status, out),
            ToAgent::Apply { operation, id, owner } if accepts_work => {
                self.apply_operation(now, &operation, (id, owner), out);
            }
            ToAgent::ApplyDisk { operation, id, owner } if accepts_work => {
                self.apply_disk_operation(now, *operation, (id, owner), out);
            }
            ToAgent::AcknowledgeOperation(id) if is_connected => {
                self.acknowledge_operation(now, id, out);
            }
            ToAgent::ReconcileOperations(ids) if is_connected => {
                self.reconcile_operations(&ids, out);
            }
            ToAgent::CheckpointResources(list) if accepts_work => {
                self.checkpoint_resources(now, &list, out);
            }
            ToAgent::Drain(config) if accepts_work => self.start_draining(now, config, out),
            ToAgent::Shutdown { message: _, gone } if !matches!(state, Down | Terminating) => {
                self.told_to_shut_down(now, gone, out);
            }
            ToAgent::Ping { connected: false } if is_connected => self.detect_master(now, out),
            ToAgent::Run(_)
            | ToAgent::Kill { .. }
            | ToAgent::ShutdownExecutor { .. }
            | ToAgent::ShutdownFramework(_)
            | ToAgent::Acknowledge(_)
            | ToAgent::Apply { .. }
            | ToAgent::ApplyDisk { .. }
            | ToAgent::AcknowledgeOperation(_)
            | ToAgent::ReconcileOperations(_)
            | ToAgent::CheckpointResources(_)
            | ToAgent::Drain(_)
            | ToAgent::Shutdown { .. }
            | ToAgent::Ping { .. } => {}
        }
    }

    fn fault(&mut self, now: Time, fault: &HostFault, out: &mut Vec<Output>) {
        match fault {
            HostFault::AgentCrash => self.end_process(now, out),
            HostFault::AgentLeave => self.leave(now, out),
            HostFault::AgentRestart => self.start_again(now, out),
            HostFault::PowerOff => self.power_off(now, out),
            HostFault::PowerOn => self.power_on(now, out),
            HostFault::Replace => self.replace(now, out),
            HostFault::ExecutorFailure { draw } => self.fail_executor(now, *draw, out),
            HostFault::DiskFull => self.disk_full = true,
            HostFault::DiskFreed => self.disk_full = false,
        }
    }

    fn wake(&mut self, now: Time, timer: Timer, out: &mut Vec<Output>) {
        match timer {
            Timer::Register { epoch, attempt } => {
                if epoch == self.epoch {
                    self.register(now, attempt, out);
                }
            }
            Timer::Restart { epoch } => {
                if epoch == self.epoch {
                    self.start_again(now, out);
                }
            }
            Timer::RecoveryEnds { epoch } => {
                if epoch == self.epoch {
                    self.recovery_ends(now, out);
                }
            }
            Timer::RecoveryTimeout { epoch } => {
                if epoch == self.epoch {
                    self.executors_give_up(now, out);
                }
            }
            Timer::Fetch(timer) => self.fetch_timer(now, timer, out),
            Timer::ExecutorStarted(executor) => self.executor_started(now, executor, out),
            Timer::ExecutorRegistrationTimeout(executor) => {
                self.executor_registration_timeout(now, executor, out);
            }
            Timer::ExecutorShutdownTimeout(executor) => {
                self.executor_shutdown_timeout(now, executor, out);
            }
            Timer::TaskStarted(task) => self.task_started(now, task, out),
            Timer::TaskEnded(task) => self.task_ended(now, task, out),
            Timer::TaskStopped(task) => self.task_stopped(now, task, out),
            Timer::TaskOverdue(task) => self.task_overdue(now, task, out),
            Timer::Retry => self.retry(now, out),
            Timer::DiskOperation(id) => self.disk_operation_done(now, id, out),
            Timer::AskEstimator { process } => self.ask_estimator(now, process, out),
            Timer::AskQosController { process } => self.ask_qos_controller(now, process, out),
            Timer::Sample => self.sample(now, out),
        }
    }

    /// Whether the agent can write what it must remember. If not, it ends.
    fn can_checkpoint(&mut self, now: Time, out: &mut Vec<Output>) -> bool {
        if self.disk_full {
            self.exit(now, out);
        }
        !self.disk_full
    }

    /// The same for what it must remember of a framework, if that is anything.
    fn can_checkpoint_for(
        &mut self,
        now: Time,
        framework: FrameworkId,
        out: &mut Vec<Output>,
    ) -> bool {
        let is_written =
            self.disk_full && self.framework(framework).is_some_and(|known| known.checkpoint);
        !is_written || self.can_checkpoint(now, out)
    }
}
