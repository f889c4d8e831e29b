//! Serenity's choice of victims: the youngest first.
//!
//! Source: `mesosphere/serenity`, `src/observers/strategies/seniority.cpp`.

use policy_api::{Correction, ExecutorUsage, Usage};
use std::cmp::Reverse;

/// Kills a share of the best-effort executors, the youngest ones: `severity` of them rounded down,
/// but at least one where it is above zero. Of equal age, the first of the usage.
pub fn youngest(usage: &Usage, severity: f64) -> Vec<Correction> {
    let mut candidates: Vec<&ExecutorUsage> =
        usage.executors.iter().filter(|executor| executor.is_revocable()).collect();
    candidates.sort_by_key(|executor| Reverse(executor.started));
    let share = candidates.len() as f64 * severity.max(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and saturates"
    )]
    let count = if share > 0.0 { (share as usize).max(1) } else { 0 };
    candidates.into_iter().take(count).map(Correction::kill).collect()
}
