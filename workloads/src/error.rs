//! What can go wrong with a workload, each with its place.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a workload or a list of machines cannot be read or generated.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },

    #[error("{}: the gzip data are truncated: they end in the middle of a member", path.display())]
    Truncated { path: PathBuf },

    /// A row has too few or too many columns.
    #[error("{}:{line}: found {found} columns, expected {expected}", path.display())]
    Columns { path: PathBuf, line: u64, found: usize, expected: String },

    /// The header of a table lacks a column.
    #[error(
        "{}:1: no column `{column}` in the header; found {found}{}",
        path.display(),
        suggestion(.nearest.as_deref())
    )]
    MissingColumn { path: PathBuf, column: &'static str, found: String, nearest: Option<String> },

    /// One field of a row. Lines and columns count from 1.
    #[error("{}:{line}: column {column}: found `{found}`, expected {expected}", path.display())]
    Field { path: PathBuf, line: u64, column: String, found: String, expected: String },

    /// A workload must be in time order, and so must the trace.
    #[error(
        "{}:{line}: column {column}: time goes backwards: found {found} after {previous}{hint}",
        path.display()
    )]
    Backwards {
        path: PathBuf,
        line: u64,
        column: &'static str,
        found: String,
        previous: String,
        hint: &'static str,
    },

    /// A table with a header and nothing else.
    #[error("{}: there is no row below the header", path.display())]
    NoRows { path: PathBuf },

    /// The configuration of the source breaks rules; all of them are listed.
    #[error("{}", Violations(.0))]
    Config(Vec<Violation>),

    #[error("the workload is empty: no job at all ({tally})")]
    Empty { tally: String },
}

/// One broken rule of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where, relative to the table of the source: `classes[0].duration.pareto.shape`.
    pub key: String,
    /// What was found and what is expected.
    pub problem: String,
}

impl Violation {
    pub(crate) fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.problem)
    }
}

impl WorkloadError {
    /// An error of reading; the end of a file inside gzip data gets a message of its own.
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::UnexpectedEof {
            return Self::Truncated { path };
        }
        Self::Read { path, source }
    }

    /// `Ok` where nothing is broken.
    pub(crate) fn unless_valid(violations: Vec<Violation>) -> Result<(), Self> {
        if violations.is_empty() { Ok(()) } else { Err(Self::Config(violations)) }
    }
}

struct Violations<'a>(&'a [Violation]);

impl fmt::Display for Violations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{violation}")?;
        }
        Ok(())
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// The known name that a misspelt one is most likely to be.
///
/// ```
/// assert_eq!(workloads::nearest("cpsu", ["cpus", "mem"]), Some("cpus"));
/// assert_eq!(workloads::nearest("network", ["cpus", "mem"]), None);
/// ```
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody misspells a longer name; the distance takes the product of both lengths.
    let short = |name: &str| name.len() <= 100;
    known
        .into_iter()
        .filter(|name| short(name) && short(found))
        .map(|name| (strsim::damerau_levenshtein(found, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len().max(found.len()) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
