//! What is wrong with a line of a script, and where.

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

/// A problem that does not know its line yet.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) field: String,
    pub(super) message: String,
}

pub(super) type Parsed<T> = Result<T, Problem>;

impl Problem {
    pub(super) fn new(message: impl fmt::Display) -> Self {
        Self { field: String::new(), message: message.to_string() }
    }

    /// Puts a field name or an index before the path.
    pub(super) fn under(mut self, outer: &str) -> Self {
        let separator = if self.field.is_empty() || self.field.starts_with('[') { "" } else { "." };
        self.field = format!("{outer}{separator}{}", self.field);
        self
    }

    pub(super) fn at(self, line: u64) -> ReplayError {
        ReplayError { line, field: self.field, message: self.message }
    }
}
