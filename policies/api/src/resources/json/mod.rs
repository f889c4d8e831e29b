//! Resources in Mesos's JSON, both ways, and typed access to JSON objects with errors that name the
//! field.

mod fields;
mod number;
mod read;
mod write;

pub use fields::{Fields, Parsed, Problem, boolean, fields, integer, kind, list, number, text};
pub use read::{read_resource, read_resources};
pub use write::{quoted, write_resources};

pub(super) use read::read_written;
