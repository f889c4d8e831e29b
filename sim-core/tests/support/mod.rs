//! What the tests of the engine share: clusters in a few lines, machines that are driven by a
//! script, and a framework that does as it is told.

#![allow(dead_code, reason = "each test file uses its part of this module")]
#![expect(clippy::unwrap_used, reason = "a script that cannot be read is a failed test")]

pub(crate) mod agent_desk;
pub(crate) mod batch;
pub(crate) mod cluster;
pub(crate) mod estimates;
pub(crate) mod fetch_desk;
pub(crate) mod framework_desk;
pub(crate) mod infos;
pub(crate) mod master_desk;
pub(crate) mod master_lines;
pub(crate) mod notation;
pub(crate) mod pool;
pub(crate) mod restless;
pub(crate) mod script;
pub(crate) mod scripted;
pub(crate) mod stateful;
pub(crate) mod story;
pub(crate) mod timers;
pub(crate) mod uris;
pub(crate) mod weather;
pub(crate) mod words;
