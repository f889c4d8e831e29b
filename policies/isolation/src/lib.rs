//! What containers of one agent share, and who gets it.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod cache;
