//! Amounts of scalar resources, exact to the thousandth (`spec/allocator.md` 1.1, 1.9).

use std::fmt;
use std::ops::{Add, AddAssign, Index, IndexMut};

/// A scalar amount in thousandths of its unit: cores for `cpus`, MB for `mem` and `disk`.
pub type Amount = i64;

/// The scalar resource names that Mesos itself knows. Resources of any other name are carried in
/// full ([`Resource`](crate::Resource)) and never pass through the hot paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Scalar {
    Cpus,
    Disk,
    Gpus,
    Mem,
}

impl Scalar {
    pub const COUNT: usize = 4;
    /// In byte order of the names, which is the order in which Mesos keeps quantities.
    pub const ALL: [Self; Self::COUNT] = [Self::Cpus, Self::Disk, Self::Gpus, Self::Mem];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpus => "cpus",
            Self::Disk => "disk",
            Self::Gpus => "gpus",
            Self::Mem => "mem",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scalar| scalar.name() == name)
    }
}

/// An amount of each standard scalar; zero where absent. A plain value: copying it costs a
/// cache line half, adding it four additions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Quantities([Amount; Scalar::COUNT]);

impl Quantities {
    pub const ZERO: Self = Self([0; Scalar::COUNT]);

    pub const fn of(scalar: Scalar, amount: Amount) -> Self {
        let mut amounts = [0; Scalar::COUNT];
        amounts[scalar as usize] = amount;
        Self(amounts)
    }

    /// Amounts in thousandths, in the order of [`Scalar::ALL`].
    pub const fn from_amounts(amounts: [Amount; Scalar::COUNT]) -> Self {
        Self(amounts)
    }

    /// Sets one amount; for building values in place.
    #[must_use]
    pub const fn with(mut self, scalar: Scalar, amount: Amount) -> Self {
        self.0[scalar as usize] = amount;
        self
    }

    pub const fn amounts(&self) -> &[Amount; Scalar::COUNT] {
        &self.0
    }

    pub fn is_zero(&self) -> bool {
        self.0 == [0; Scalar::COUNT]
    }

    /// Whether every amount of `other` is covered.
    pub fn contains(&self, other: &Self) -> bool {
        // No early exit: four compares without branches beat four branches.
        let mut covered = true;
        for scalar in 0..Scalar::COUNT {
            covered &= self.0[scalar] >= other.0[scalar];
        }
        covered
    }

    /// `self - other`, each amount at least zero: Mesos's subtraction of quantities.
    #[must_use]
    pub fn saturating_sub(&self, other: &Self) -> Self {
        self.zip(other, |left, right| (left - right).max(0))
    }

    /// `self - other` without the floor; for books that must balance.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.zip(other, |left, right| left - right)
    }

    #[must_use]
    pub fn min(&self, other: &Self) -> Self {
        self.zip(other, Amount::min)
    }

    #[must_use]
    pub fn max(&self, other: &Self) -> Self {
        self.zip(other, Amount::max)
    }

    /// The amounts that are not zero, by name.
    pub fn iter(&self) -> impl Iterator<Item = (Scalar, Amount)> + '_ {
        Scalar::ALL
            .into_iter()
            .map(|scalar| (scalar, self[scalar]))
            .filter(|&(_, amount)| amount != 0)
    }

    fn zip(&self, other: &Self, op: impl Fn(Amount, Amount) -> Amount) -> Self {
        let mut amounts = [0; Scalar::COUNT];
        for (index, amount) in amounts.iter_mut().enumerate() {
            *amount = op(self.0[index], other.0[index]);
        }
        Self(amounts)
    }
}

/// The double that Mesos keeps for an amount: whole part plus thousandths, two roundings
/// (`spec/allocator.md` 1.1). Shares are divisions of these, compared exactly.
pub fn amount_to_f64(amount: Amount) -> f64 {
    (amount / 1000) as f64 + (amount % 1000) as f64 / 1000.0
}

/// The nearest amount to a double, halves away from zero; `None` when it does not fit.
pub fn amount_from_f64(value: f64) -> Option<Amount> {
    let thousandths = (value * 1000.0).round();
    // Exact up to 2^53 thousandths; Mesos's own limit is near 9.2e15.
    #[expect(clippy::cast_possible_truncation, reason = "checked")]
    (thousandths.abs() <= 9_007_199_254_740_992.0).then_some(thousandths as Amount)
}

impl Index<Scalar> for Quantities {
    type Output = Amount;

    fn index(&self, scalar: Scalar) -> &Amount {
        &self.0[scalar as usize]
    }
}

impl IndexMut<Scalar> for Quantities {
    fn index_mut(&mut self, scalar: Scalar) -> &mut Amount {
        &mut self.0[scalar as usize]
    }
}

impl Add for Quantities {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        // Far above any cluster, but a made-up script must not end in a panic.
        self.zip(&other, Amount::saturating_add)
    }
}

impl AddAssign for Quantities {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// `cpus:1.5;mem:512`, by name; empty for nothing.
impl fmt::Display for Quantities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (scalar, amount)) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { ";" };
            write!(f, "{separator}{}:{}", scalar.name(), DisplayAmount(amount))?;
        }
        Ok(())
    }
}

/// An amount as a decimal number without trailing zeros: `1.5`, `512`, `0.001`.
pub struct DisplayAmount(pub Amount);

impl fmt::Display for DisplayAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, thousandths) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        let (decimals, digits) = match thousandths {
            0 => return write!(f, "{sign}{whole}"),
            all if all % 100 == 0 => (all / 100, 1),
            all if all % 10 == 0 => (all / 10, 2),
            all => (all, 3),
        };
        write!(f, "{sign}{whole}.{decimals:0digits$}")
    }
}
