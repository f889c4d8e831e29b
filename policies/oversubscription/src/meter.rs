//! From what containers have used to how much they use.

use policy_api::{Amount, ContainerKey, ExecutorUsage, Quantities, Scalar, Span, Time, Usage};
use std::collections::BTreeMap;

const BYTES_PER_MB: u64 = 1 << 20;

/// Remembers the last sample of each container, and tells what it has used since.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    last: BTreeMap<ContainerKey, (Time, Span)>,
}

/// What each executor of a usage uses, in its order: `cpus` on average since the sample before, `mem`
/// now. `None` where there is no sample before.
pub(crate) type Rates = Vec<Option<Quantities>>;

impl Meter {
    /// Containers that are gone are forgotten.
    pub(crate) fn measure(&mut self, usage: &Usage) -> Rates {
        let mut samples = BTreeMap::new();
        let rates = usage.executors.iter().map(|executor| {
            let statistics = executor.statistics?;
            let sample = (statistics.timestamp, statistics.cpu_time);
            samples.insert(executor.container, sample);
            let (since, before) = *self.last.get(&executor.container)?;
            let cpus = cpus(sample.1 - before, sample.0.since(since))?;
            let mem = megabytes(statistics.mem_total_bytes);
            Some(Quantities::of(Scalar::Cpus, cpus).with(Scalar::Mem, mem))
        });
        let rates = rates.collect();
        self.last = samples;
        rates
    }
}

/// Processor time over a time, in thousandths of a core; `None` over no time.
fn cpus(used: Span, elapsed: Span) -> Option<Amount> {
    if elapsed.is_zero() {
        return None;
    }
    let thousandths = u128::from(used.as_nanos()) * 1000 / u128::from(elapsed.as_nanos());
    Amount::try_from(thousandths).ok()
}

/// In thousandths of a MB, as amounts of `mem` are.
fn megabytes(bytes: u64) -> Amount {
    Amount::try_from(u128::from(bytes) * 1000 / u128::from(BYTES_PER_MB)).unwrap_or(Amount::MAX)
}

/// What uses it, or what it may use where that is not known yet.
pub(crate) fn used_or_limit(executor: &ExecutorUsage, rate: Option<Quantities>) -> Quantities {
    rate.unwrap_or_else(|| of_interest(&executor.limits()))
}

/// Cores and memory: what can be used less than it is allocated.
pub(crate) fn of_interest(amounts: &Quantities) -> Quantities {
    Quantities::of(Scalar::Cpus, amounts[Scalar::Cpus]).with(Scalar::Mem, amounts[Scalar::Mem])
}

/// An amount times a factor of at least zero, rounded down.
pub(crate) fn times(amount: Amount, factor: f64) -> Amount {
    // Above 2^53 thousandths the double is not exact, and the cast saturates: no cluster has that.
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let product = (amount as f64 * factor).floor() as Amount;
    product
}
