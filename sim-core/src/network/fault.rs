//! What is wrong with a link.

use super::{Direction, Latency};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// A million: what probabilities of links are parts of.
const MILLION: u32 = 1_000_000;

/// A fault of one link. Several may overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkFault {
    /// Whether nothing passes, for each [`Direction`].
    pub blocked: [bool; 2],
    /// What each message takes on top of its usual delay.
    pub extra: Latency,
    /// How many messages of a million are lost; more than a million are all.
    pub loss: u32,
    /// How many messages of a million arrive twice; more than a million are all.
    pub duplication: u32,
}

impl LinkFault {
    /// Both at once: blocked if any of them blocks, delays add up, and each loses and doubles messages
    /// independently of the other. Parts of a millionth are rounded up.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            blocked: [0, 1].map(|way| self.blocked[way] || other.blocked[way]),
            extra: self.extra + other.extra,
            loss: either(self.loss, other.loss),
            duplication: either(self.duplication, other.duplication),
        }
    }

    /// Whether the next message in this direction does not arrive.
    pub(super) fn loses(&self, direction: Direction, random: &mut Pcg64Mcg) -> bool {
        self.blocked[direction as usize] || happens(self.loss, random)
    }

    /// Whether the next message arrives twice.
    pub(super) fn doubles(&self, random: &mut Pcg64Mcg) -> bool {
        happens(self.duplication, random)
    }
}

/// The probability that at least one of two independent things happens.
fn either(first: u32, second: u32) -> u32 {
    let neither = |happens: u32| u64::from(MILLION.saturating_sub(happens));
    let both_spared = neither(first) * neither(second) / u64::from(MILLION);
    MILLION - u32::try_from(both_spared).unwrap_or(MILLION)
}

/// Draws only where the outcome is open.
fn happens(per_million: u32, random: &mut Pcg64Mcg) -> bool {
    per_million > 0 && random.random_range(0..MILLION) < per_million
}
