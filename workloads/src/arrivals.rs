//! The arrival times of a trace, as the run shall see them.

use crate::error::Violation;
use policy_api::Time;

/// The default of `speed_up`.
pub(crate) const fn one() -> f64 {
    1.0
}

/// Divides an arrival by a factor above zero, to the nearest nanosecond. Order is kept: rounding
/// is monotonous. A factor of 1 changes nothing, not even a bit.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
#[expect(clippy::float_cmp, reason = "exactly 1 means untouched")]
pub(crate) fn sped_up(arrival_ns: u64, factor: f64) -> Time {
    if factor == 1.0 {
        return Time::from_nanos(arrival_ns);
    }
    Time::from_nanos((arrival_ns as f64 / factor).round() as u64)
}

pub(crate) fn check_speed_up(factor: f64, violations: &mut Vec<Violation>) {
    if !(factor.is_finite() && factor > 0.0) {
        violations.push(Violation::new(
            "speed_up",
            format!("found {factor}, expected a number greater than 0"),
        ));
    }
}
