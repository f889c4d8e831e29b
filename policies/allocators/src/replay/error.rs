//! Why a replay stops: what is wrong with a line of a script, and where.

use policy_api::resources::json::Problem;
use std::fmt;

/// Why a replay stops.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// A line that cannot be replayed.
    #[error("line {line}{}: {message}", Field(.field))]
    Script {
        /// Counted from 1.
        line: u64,
        /// The path to the field, such as `resources[1].scalar.value`; empty for the whole line.
        field: String,
        message: String,
    },
    /// Whoever gets the lines of output takes no more of them, for reasons that it knows itself.
    #[error("line {line}: its offers are not taken")]
    Output {
        /// Counted from 1.
        line: u64,
    },
}

struct Field<'a>(&'a str);

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ", field {}", self.0) }
    }
}

impl ReplayError {
    pub(super) fn script(line: u64, problem: Problem) -> Self {
        Self::Script { line, field: problem.field, message: problem.message }
    }
}
