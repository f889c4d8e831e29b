//! Made-up runs through `write`: what comes out, what is refused, and that it is always the same.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod made_up;
mod page;
mod pictures;
mod refusals;
