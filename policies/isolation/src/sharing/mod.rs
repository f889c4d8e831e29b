//! Ways to divide links between flows.
//!
//! [`MaxMin`] is fair: nobody can have more without somebody who has less losing some. [`Unshared`]
//! knows no contention; it is what to compare with.

mod changes;
mod filling;
mod groups;
mod levels;
mod max_min;
mod order;
mod table;
mod unshared;

pub use max_min::{Fairness, MaxMin};
pub use unshared::Unshared;
