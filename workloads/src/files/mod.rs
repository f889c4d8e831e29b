//! Files that tasks need before they run: of generated jobs, of those of traces, of services.

mod check;
mod config;
mod draw;
mod trace;

pub use check::{check, check_all};
pub use config::{PickConfig, UriConfig, UriSetConfig};
pub use draw::{FileNames, Files, Needs};
pub(crate) use trace::WithFiles;
