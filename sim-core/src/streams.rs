//! Named random streams: each consumer draws from its own, derived from the run's seed by name.
//!
//! Adding a consumer leaves all others alone, and two policies under one seed see the same
//! arrivals (common random numbers). The generator is named and portable: PCG-64-MCG, whose
//! algorithm no library version may change.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// The source of all randomness of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The stream of this name: the same for the same seed and name, on every machine.
    ///
    /// ```
    /// use rand::Rng;
    /// use sim_core::Streams;
    /// let streams = Streams::new(1);
    /// let mut arrivals = streams.stream("arrivals");
    /// assert_eq!(arrivals.next_u64(), streams.stream("arrivals").next_u64());
    /// assert_ne!(arrivals.next_u64(), streams.stream("durations").next_u64());
    /// ```
    pub fn stream(&self, name: &str) -> Pcg64Mcg {
        let mut key = fnv1a(&self.seed.to_le_bytes(), FNV_OFFSET);
        key = fnv1a(name.as_bytes(), key);
        let low = splitmix(key ^ self.seed);
        let high = splitmix(low ^ key);
        Pcg64Mcg::from_seed((u128::from(high) << 64 | u128::from(low)).to_le_bytes())
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// A hash of a label that is the same on every machine and in every version: for what must be spread
/// evenly, and always alike.
pub fn stable_hash(label: &str) -> u64 {
    fnv1a(label.as_bytes(), FNV_OFFSET)
}

/// FNV-1a over bytes, from a given state (Fowler, Noll, Vo; 64 bits).
fn fnv1a(bytes: &[u8], mut state: u64) -> u64 {
    for byte in bytes {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    state
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014): spreads a weak key over all bits.
fn splitmix(key: u64) -> u64 {
    let mut z = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
