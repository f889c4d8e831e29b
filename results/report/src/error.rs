//! What can be wrong with a run's directory, said with the file and the place in it.

use std::path::{Path, PathBuf};

/// Why a run could not be read or its report not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    #[error("{}: cannot be read", path.display())]
    Read { path: PathBuf, source: std::io::Error },

    #[error("{}: is not valid JSON", path.display())]
    Json { path: PathBuf, source: serde_json::Error },

    #[error("{}: expected a JSON object, found {found}", path.display())]
    NotAnObject { path: PathBuf, found: &'static str },

    #[error("{}: is not a valid table", path.display())]
    Table { path: PathBuf, source: csv::Error },

    #[error("{}: column `{column}` is missing; found {found}", path.display())]
    MissingColumn { path: PathBuf, column: String, found: String },

    #[error("{}:{line}: column `{column}`: expected {expected}, found `{found}`", path.display())]
    Value { path: PathBuf, line: u64, column: String, expected: &'static str, found: String },

    #[error("figure `{figure}` cannot be drawn: {reason}")]
    Drawing { figure: &'static str, reason: String },

    #[error("{}: cannot be written", path.display())]
    Write { path: PathBuf, source: std::io::Error },
}

impl ReportError {
    /// For `map_err`: the reading of `path` failed.
    pub(crate) fn reading(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        |source| Self::Read { path, source }
    }

    /// For `map_err`: the writing of `path` failed.
    pub(crate) fn writing(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        |source| Self::Write { path, source }
    }
}
