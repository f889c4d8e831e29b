//! The merge of the classes into one stream of jobs.

use super::config::{ClassConfig, SyntheticConfig, TransferConfig};
use super::sampler::Sampler;
use crate::demand::push_task;
use crate::error::WorkloadError;
use crate::files::{FileNames, Files};
use crate::units::{Count, Duration, Memory};
use crate::{Job, Tally, Workload};
use policy_api::{Amount, Quantities, Scalar, Time};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use sim_core::protocol::{LaunchDetails, UserId};
use sim_core::{Heading, Streams, TaskRun, TaskShape, Transfers};
use std::sync::Arc;

/// Yields generated jobs; see the [module](super).
pub struct Synthetic {
    classes: Vec<Class>,
    tally: Tally,
}

impl Synthetic {
    pub(super) fn new(config: &SyntheticConfig, streams: Streams, names: &mut FileNames) -> Self {
        let class = |class| Class::new(class, streams, names);
        Self {
            classes: config.classes.iter().map(class).collect(),
            tally: Tally::new("cpus", "MiB"),
        }
    }
}

impl Iterator for Synthetic {
    type Item = Result<Job, WorkloadError>;

    fn next(&mut self) -> Option<Self::Item> {
        // There are a handful of classes: looking at all is cheaper than a heap. The first of
        // equal minima wins, which is the order of the classes.
        let class = self
            .classes
            .iter_mut()
            .filter(|class| class.next_arrival.is_some())
            .min_by_key(|class| class.next_arrival)?;
        let job = class.take_job()?;
        self.tally.jobs += 1;
        let demand = job.shapes[0].demand;
        for run in &job.tasks {
            let seconds = f64::from(run.count) * run.duration.as_secs_f64();
            self.tally.tasks += u64::from(run.count);
            self.tally.cpu_seconds += demand[Scalar::Cpus] as f64 / 1000.0 * seconds;
            self.tally.mem_seconds += demand[Scalar::Mem] as f64 / 1000.0 * seconds;
            self.tally.gpu_seconds += demand[Scalar::Gpus] as f64 / 1000.0 * seconds;
        }
        Some(Ok(job))
    }
}

impl Workload for Synthetic {
    fn tally(&self) -> &Tally {
        &self.tally
    }
}

/// More tasks than this in one job are a mistake, or the tail of a distribution without an end.
const MAX_TASKS: f64 = 1_000_000.0;

struct Class {
    name: Arc<str>,
    users: Vec<Arc<str>>,
    user_stream: Pcg64Mcg,
    priority: u8,
    interarrival: Sampler<Duration>,
    tasks: Sampler<f64>,
    duration: Sampler<Duration>,
    cpus: Option<Sampler<Count>>,
    mem: Option<Sampler<Memory>>,
    disk: Option<Sampler<Memory>>,
    gpus: Option<Sampler<Count>>,
    files: Files,
    /// The number of each of its users, where files are fetched as those.
    fetch_as: Option<Vec<UserId>>,
    transfers: Option<Arc<Transfers>>,
    /// `None` when the class has ended.
    next_arrival: Option<Time>,
    made: u64,
    max_jobs: u64,
    until: Time,
}

/// What every task of a class moves.
fn transfers(config: &ClassConfig) -> Option<Arc<Transfers>> {
    let list = |list: &[TransferConfig], heading: Heading| {
        list.iter().map(|transfer| transfer.transfer(heading)).collect()
    };
    let transfers = Transfers {
        before: list(&config.reads, Heading::Receive),
        after: list(&config.writes, Heading::Send),
    };
    (transfers != Transfers::default()).then(|| Arc::new(transfers))
}

impl Class {
    fn new(config: &ClassConfig, streams: Streams, names: &mut FileNames) -> Self {
        let stream = |quantity: &str| {
            let name = format!("synthetic/{}/{quantity}", config.name);
            streams.stream(&name)
        };
        let user = config.user.as_ref().unwrap_or(&config.name);
        let users = match config.users {
            Some(count) => (0..count).map(|index| format!("{user}-{index}").into()).collect(),
            None => vec![user.as_str().into()],
        };
        let demand = &config.demand;
        let mut class = Self {
            name: config.name.as_str().into(),
            files: Files::new(
                &config.needs(),
                (streams, &format!("synthetic/{}", config.name)),
                names,
            ),
            fetch_as: config
                .fetch_as_user
                .then(|| users.iter().map(|name| names.user(name)).collect()),
            users,
            user_stream: stream("user"),
            priority: config.priority,
            interarrival: Sampler::new(&config.interarrival.0, stream("interarrival")),
            tasks: Sampler::new(&config.tasks.0, stream("tasks")),
            duration: Sampler::new(&config.duration.0, stream("duration")),
            cpus: demand.cpus.as_ref().map(|drawn| Sampler::new(&drawn.0, stream("cpus"))),
            mem: demand.mem.as_ref().map(|drawn| Sampler::new(&drawn.0, stream("mem"))),
            disk: demand.disk.as_ref().map(|drawn| Sampler::new(&drawn.0, stream("disk"))),
            gpus: demand.gpus.as_ref().map(|drawn| Sampler::new(&drawn.0, stream("gpus"))),
            transfers: transfers(config),
            next_arrival: None,
            made: 0,
            max_jobs: config.jobs.unwrap_or(u64::MAX),
            until: config.until.map_or(Time::NEVER, |until| Time::ZERO + until.span()),
        };
        class.schedule_after(Time::ZERO + config.start.span());
        class
    }

    /// Draws the next arrival, or ends the class.
    fn schedule_after(&mut self, previous: Time) {
        let arrival = previous + self.interarrival.draw().span();
        self.next_arrival = (self.made < self.max_jobs && arrival < self.until).then_some(arrival);
    }

    fn take_job(&mut self) -> Option<Job> {
        let arrival = self.next_arrival?;
        let name = format!("{}-{}", self.name, self.made).into();
        self.made += 1;
        self.schedule_after(arrival);
        let demand = self.demand();
        let user = self.user();
        let fetch_as = self.fetch_as.as_ref().and_then(|users| users.get(user)).copied();
        let (command, transfers) = (self.files.draw(fetch_as), self.transfers.clone());
        let details = (command.is_some() || transfers.is_some())
            .then(|| Arc::new(LaunchDetails { command, transfers, ..LaunchDetails::default() }));
        Some(Job {
            arrival,
            name,
            user: Arc::clone(&self.users[user]),
            queue: Arc::clone(&self.name),
            priority: self.priority,
            shapes: vec![TaskShape { demand, constraints: Vec::new(), details }],
            tasks: self.task_runs(),
        })
    }

    /// Its place among the users.
    fn user(&mut self) -> usize {
        let index = match self.users.len() {
            1 => 0,
            count => self.user_stream.random_range(0..count as u64),
        };
        usize::try_from(index).unwrap_or_default()
    }

    fn task_runs(&mut self) -> Vec<TaskRun> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        let count = self.tasks.draw().ceil().clamp(1.0, MAX_TASKS) as u32;
        if let Some(duration) = self.duration.constant() {
            return vec![TaskRun { shape: 0, count, duration: duration.span() }];
        }
        let mut runs = Vec::new();
        for _ in 0..count {
            let duration = self.duration.draw().span();
            push_task(&mut runs, TaskRun { shape: 0, count: 1, duration });
        }
        runs
    }

    fn demand(&mut self) -> Quantities {
        let cpus = self.cpus.as_mut().map_or(0, |cpus| cpus.draw().amount());
        let mem = self.mem.as_mut().map_or(0, |mem| mem.draw().amount());
        let disk = self.disk.as_mut().map_or(0, |disk| disk.draw().amount());
        let gpus = self.gpus.as_mut().map_or(0, |gpus| whole(gpus.draw().amount()));
        Quantities::ZERO
            .with(Scalar::Cpus, cpus)
            .with(Scalar::Mem, mem)
            .with(Scalar::Disk, disk)
            .with(Scalar::Gpus, gpus)
    }
}

/// Rounded up to whole units.
fn whole(amount: Amount) -> Amount {
    (amount + 999) / 1000 * 1000
}
