//! Sharing of links: examples with known outcomes, and random changes against a filling from scratch.

mod examples;
mod model;
mod properties;
