//! What the tests of the agent alone need.

#![allow(dead_code, reason = "each test file uses its part of this module")]
#![expect(clippy::unwrap_used, reason = "a script that cannot be read is a failed test")]

pub(crate) mod agent_desk;
pub(crate) mod notation;
pub(crate) mod script;
pub(crate) mod timers;
pub(crate) mod words;
