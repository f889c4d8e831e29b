//! Parameters that make no sense are refused, with the range that does.

use policy_api::Span;

/// A parameter outside its range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{name} is {value}: it must be {range}")]
pub struct InvalidParameter {
    /// As the field of the parameters is called.
    pub name: &'static str,
    pub value: String,
    pub range: &'static str,
}

pub(crate) fn check(
    name: &'static str,
    value: &(impl ToString + ?Sized),
    range: &'static str,
    is_valid: bool,
) -> Result<(), InvalidParameter> {
    if is_valid { Ok(()) } else { Err(InvalidParameter { name, value: value.to_string(), range }) }
}

/// Not below zero, and finite.
pub(crate) fn not_negative(name: &'static str, value: f64) -> Result<(), InvalidParameter> {
    check(name, &value, "a number of at least 0", value >= 0.0 && value.is_finite())
}

/// A share of something that cannot be nothing.
pub(crate) fn share(name: &'static str, value: f64) -> Result<(), InvalidParameter> {
    check(name, &value, "above 0 and at most 1", value > 0.0 && value <= 1.0)
}

pub(crate) fn some_time(name: &'static str, value: Span) -> Result<(), InvalidParameter> {
    check(name, &value, "longer than nothing", !value.is_zero())
}
