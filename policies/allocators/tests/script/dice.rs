//! Choices of one step, all from the step's own number, so that a step means the same whatever
//! steps were left out before it.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

pub(crate) struct Dice(Pcg64Mcg);

impl Dice {
    pub(crate) fn new(number: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(number))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.below(from.len())].clone())
    }

    /// One of a list that was written by hand.
    pub(crate) fn of<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// Each with the same chance.
    pub(crate) fn some<T: Clone>(&mut self, from: &[T], one_in: usize) -> Vec<T> {
        from.iter().filter(|_| self.one_in(one_in)).cloned().collect()
    }
}
