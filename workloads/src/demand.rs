//! Small steps from what a trace says to what a task asks for.

use policy_api::Amount;
use sim_core::TaskRun;

/// Bytes to thousandths of a MB, to the nearest.
pub(crate) fn amount_from_bytes(bytes: u128) -> Amount {
    const MEBIBYTE: u128 = 1 << 20;
    let thousandths = (bytes.saturating_mul(1000) + MEBIBYTE / 2) / MEBIBYTE;
    Amount::try_from(thousandths).unwrap_or(Amount::MAX)
}

/// A fraction of the largest, to the nearest thousandth.
pub(crate) fn scaled(fraction: f64, largest: Amount) -> Amount {
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
    let amount = (fraction * largest as f64).round() as Amount;
    amount
}

/// Appends a task, to the run before it where the two are alike.
pub(crate) fn push_task(tasks: &mut Vec<TaskRun>, task: TaskRun) {
    if let Some(last) = tasks.last_mut()
        && last.shape == task.shape
        && last.duration == task.duration
        && let Some(count) = last.count.checked_add(task.count)
    {
        last.count = count;
        return;
    }
    tasks.push(task);
}
