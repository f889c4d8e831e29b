//! Mesos's own tests of resources and quantities (`spec/allocator-conformance.md` parts C and D),
//! one function for each entry, named after it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod allocated;
mod disks;
mod formats;
mod helpers;
mod limits;
mod parsing;
mod precision;
mod printing;
mod providers;
mod quantities;
mod queries;
mod ranges;
mod reservations;
mod revocable;
mod scalars;
mod sets;
mod shared;
mod shrink;
mod stripped;
mod volumes;
