//! A host whose use is written down sample by sample.

use policy_api::{
    ContainerKey, Correction, DenseId, ExecutorKey, ExecutorUsage, FrameworkId, LatencyReport,
    LoadAverages, Quantities, Resources, Scalar, Span, Statistics, Time, Usage,
};

pub(crate) const MB: u64 = 1 << 20;

pub(crate) fn cpus(thousandths: i64) -> Quantities {
    Quantities::of(Scalar::Cpus, thousandths)
}

pub(crate) fn of(cpus: i64, mem: i64) -> Quantities {
    Quantities::of(Scalar::Cpus, cpus).with(Scalar::Mem, mem)
}

pub(crate) fn revocable(amounts: Quantities) -> Resources {
    Resources::revocable_of(&amounts)
}

pub(crate) fn resources(text: &str) -> Resources {
    text.parse().unwrap()
}

/// A host with 10 cores and 1000 MB.
pub(crate) fn host() -> Usage {
    let total = resources("cpus:10;mem:1000");
    Usage { total, load: Some(LoadAverages::default()), ..Usage::default() }
}

/// An executor of this number, from the beginning.
pub(crate) fn executor(number: u64, allocated: Resources) -> ExecutorUsage {
    ExecutorUsage {
        framework: FrameworkId::from_index(0),
        executor: ExecutorKey(number),
        container: ContainerKey(number),
        started: Time::ZERO,
        allocated,
        tasks: Vec::new(),
        statistics: None,
        latency: None,
    }
}

pub(crate) fn production(number: u64, amounts: Quantities) -> ExecutorUsage {
    executor(number, Resources::plain(amounts))
}

pub(crate) fn best_effort(number: u64, amounts: Quantities) -> ExecutorUsage {
    executor(number, revocable(amounts))
}

/// An executor that uses this: so many thousandths of a core all the time, so many MB now.
pub(crate) fn using(executor: ExecutorUsage, now: u64, thousandths: u64, mb: u64) -> ExecutorUsage {
    let statistics = Statistics {
        timestamp: Time::from_secs(now),
        cpu_time: Span::from_millis(thousandths * now),
        throttled_time: Span::ZERO,
        mem_total_bytes: mb * MB,
        disk_used_bytes: None,
        net_rx_bytes: None,
        net_tx_bytes: None,
    };
    ExecutorUsage { statistics: Some(statistics), ..executor }
}

/// An executor whose container has used so many milliseconds of processor time by now.
pub(crate) fn has_used(
    executor: ExecutorUsage,
    now: u64,
    milliseconds: u64,
    mb: u64,
) -> ExecutorUsage {
    let mut executor = using(executor, now, 0, mb);
    if let Some(statistics) = &mut executor.statistics {
        statistics.cpu_time = Span::from_millis(milliseconds);
    }
    executor
}

pub(crate) fn serving(executor: ExecutorUsage, milliseconds: u64, load: f64) -> ExecutorUsage {
    let (latency, target) = (Span::from_millis(milliseconds), Span::from_millis(100));
    ExecutorUsage { latency: Some(LatencyReport { latency, target, load }), ..executor }
}

pub(crate) fn with(executors: impl IntoIterator<Item = ExecutorUsage>) -> Usage {
    Usage { executors: executors.into_iter().collect(), ..host() }
}

pub(crate) fn at(seconds: u64) -> Time {
    Time::from_secs(seconds)
}

/// The numbers of the executors that are to be killed.
pub(crate) fn killed(corrections: Option<Vec<Correction>>) -> Vec<u64> {
    let number = |Correction::Kill { executor, container, .. }| {
        assert_eq!(container, Some(ContainerKey(executor.0)));
        executor.0
    };
    corrections.expect("an answer").into_iter().map(number).collect()
}

/// Who is killed where all is well.
pub(crate) const NOBODY: [u64; 0] = [];
