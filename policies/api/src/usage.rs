//! What an agent tells of the use of its host (`spec/agent.md` 8.1): Mesos's `ResourceUsage`.

use crate::quantities::{Amount, Quantities, Scalar};
use crate::resources::{Resource, Resources, Value};
use crate::{FrameworkId, Span, Time};

/// The use of one host, as its agent sees it at one instant.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// What the agent has, reservations and volumes included; nothing revocable.
    pub total: Resources,
    /// Those that have not ended, in the order in which the agent knows them.
    pub executors: Vec<ExecutorUsage>,
    /// `None` where it cannot be read.
    pub load: Option<LoadAverages>,
    /// What the host's processes use of its memory, without buffers and caches.
    pub memory_used_bytes: u64,
}

/// An executor as the agent that tells of it names it, uniquely among those of one framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutorKey(pub u64);

/// A container as the agent that tells of it names it. Never used for another one there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerKey(pub u64);

/// An executor with its container.
#[derive(Clone, Debug)]
pub struct ExecutorUsage {
    pub framework: FrameworkId,
    pub executor: ExecutorKey,
    pub container: ContainerKey,
    pub started: Time,
    /// Of the executor and of all its tasks, those that wait included; without the roles that they
    /// are allocated to.
    pub allocated: Resources,
    pub tasks: Vec<TaskUsage>,
    /// Mesos has none while a container comes up, or when its cgroup cannot be read.
    pub statistics: Option<Statistics>,
    /// Only of a service that measures itself.
    pub latency: Option<LatencyReport>,
}

/// A task of an executor.
#[derive(Clone, Debug)]
pub struct TaskUsage {
    /// As the agent names it, uniquely among those of one framework.
    pub task: u64,
    pub resources: Resources,
}

/// What the resource monitor has measured of a container: Mesos's `ResourceStatistics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    pub timestamp: Time,
    /// `cpus_user_time_secs` and `cpus_system_time_secs` together, since the container's start.
    pub cpu_time: Span,
    /// `cpus_throttled_time_secs`; zero without CFS quota.
    pub throttled_time: Span,
    pub mem_total_bytes: u64,
    /// `None` where no isolator counts it.
    pub disk_used_bytes: Option<u64>,
    pub net_rx_bytes: Option<u64>,
    pub net_tx_bytes: Option<u64>,
}

/// How a latency-sensitive service does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyReport {
    pub latency: Span,
    /// The latency that it promises, above zero.
    pub target: Span,
    /// Its load as a share of the highest that it is made for.
    pub load: f64,
}

impl LatencyReport {
    /// How far it is from its target, as a share of that. Negative where it breaks its promise.
    pub fn slack(&self) -> f64 {
        1.0 - self.latency.as_secs_f64() / self.target.as_secs_f64()
    }
}

impl Usage {
    /// All that executors hold of what may be taken away again.
    pub fn revocable(&self) -> Resources {
        let mut sum = Resources::EMPTY;
        for executor in self.executors.iter().filter(|executor| executor.is_revocable()) {
            sum.add(&executor.allocated.revocable());
        }
        sum
    }

    /// The limits of all executors together, revocable ones included.
    pub fn limits(&self) -> Quantities {
        self.executors.iter().fold(Quantities::ZERO, |sum, row| sum + row.limits())
    }
}

impl ExecutorUsage {
    /// Whether it holds anything that may be taken away again. The others are production.
    pub fn is_revocable(&self) -> bool {
        self.allocated.has_revocable()
    }

    /// What it may use.
    pub fn limits(&self) -> Quantities {
        self.allocated.scalar_quantities()
    }
}

impl Resources {
    /// These amounts as what may be taken away again. Amounts below zero are nothing.
    pub fn revocable_of(amounts: &Quantities) -> Self {
        let positive = amounts.iter().filter(|&(_, amount)| amount > 0);
        positive.map(|(scalar, amount)| revocable(scalar, amount)).collect()
    }

    /// All of it as what may be taken away again.
    #[must_use]
    pub fn to_revocable(&self) -> Self {
        self.iter().map(|(it, _)| Resource { revocable: true, ..it.into_owned() }).collect()
    }
}

fn revocable(scalar: Scalar, amount: Amount) -> Resource {
    Resource { revocable: true, ..Resource::plain(scalar.name(), Value::Scalar(amount)) }
}

/// The load of a host as Unix averages it (`spec/agent.md` 8.5): every five seconds, over one, five
/// and fifteen minutes, the number of threads that run or would.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LoadAverages {
    pub one: f64,
    pub five: f64,
    pub fifteen: f64,
}

impl LoadAverages {
    /// From one look at the threads to the next.
    pub const STEP: Span = Span::from_secs(5);

    /// e^(-5/60), e^(-5/300) and e^(-5/900). Written out, so that no machine rounds them otherwise.
    const DECAYS: [f64; 3] =
        [0.920_044_414_629_323_3, 0.983_471_453_821_617_5, 0.994_459_848_004_896_7];

    /// As many steps in which this number of threads ran or would have.
    pub fn advance(&mut self, steps: u64, threads: f64) {
        let averages = [&mut self.one, &mut self.five, &mut self.fifteen];
        for (average, decay) in averages.into_iter().zip(Self::DECAYS) {
            *average = threads + (*average - threads) * power(decay, steps);
        }
    }
}

/// By squaring: the same on all machines.
fn power(mut base: f64, mut exponent: u64) -> f64 {
    let mut product = 1.0;
    while exponent > 0 {
        if exponent % 2 == 1 {
            product *= base;
        }
        base *= base;
        exponent /= 2;
    }
    product
}
