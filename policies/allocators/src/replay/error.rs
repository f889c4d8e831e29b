//! What is wrong with a line of a script, and where.

use policy_api::resources::json::Problem;
use std::fmt;

/// A line that cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {message}", Field(.field))]
pub struct ReplayError {
    /// Counted from 1.
    pub line: u64,
    /// The path to the field, such as `resources[1].scalar.value`; empty for the whole line.
    pub field: String,
    pub message: String,
}

struct Field<'a>(&'a str);

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ", field {}", self.0) }
    }
}

impl ReplayError {
    pub(super) fn new(line: u64, problem: Problem) -> Self {
        Self { line, field: problem.field, message: problem.message }
    }
}
