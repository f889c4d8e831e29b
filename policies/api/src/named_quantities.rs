//! Amounts and limits of resources of any name (`spec/allocator.md` 1.9), for settings and
//! questions. The hot paths have [`Quantities`] and [`Limits`] of the four standard scalars.

use crate::quantities::{Amount, DisplayAmount, Quantities, Scalar};
use crate::quota::Limits;
use crate::resources::{ParseResourcesError, Resources, Value, parse_pairs};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;
use std::sync::Arc;

/// Amounts in thousandths, sorted by name; all above zero, and zero where absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedQuantities(Vec<(Arc<str>, Amount)>);

/// Limits in thousandths, sorted by name; unlimited where absent. A limit of zero is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedLimits(Vec<(Arc<str>, Amount)>);

/// A name that fixed tables have no place for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is none of cpus, disk, gpus, mem")]
pub struct UnknownScalar(pub Arc<str>);

impl NamedQuantities {
    pub const EMPTY: Self = Self(Vec::new());

    /// The scalars, whatever their metadata; a shared resource counts once.
    pub fn of_scalars(resources: &Resources) -> Self {
        Self::of(&resources.scalars())
    }

    /// All of them: ranges count by the integers in them, sets by their items, one unit each.
    pub fn of(resources: &Resources) -> Self {
        let mut sum = Self::from(*resources.plain_amounts());
        for entry in resources.others() {
            let count = |count: u64| Amount::try_from(count).unwrap_or(Amount::MAX);
            let amount = match &entry.resource.value {
                Value::Scalar(amount) => *amount,
                Value::Ranges(ranges) => count(ranges.count()).saturating_mul(1000),
                Value::Set(items) => count(items.as_slice().len() as u64).saturating_mul(1000),
            };
            sum.add_amount(&entry.resource.name, amount);
        }
        sum
    }

    /// Zero where there is nothing of the name.
    pub fn get(&self, name: &str) -> Amount {
        position(&self.0, name).map_or(0, |index| self.0[index].1)
    }

    /// Adds an amount; one that is not above zero changes nothing.
    pub fn add_amount(&mut self, name: &str, amount: Amount) {
        if amount > 0 {
            match position(&self.0, name) {
                Ok(index) => self.0[index].1 = self.0[index].1.saturating_add(amount),
                Err(index) => self.0.insert(index, (name.into(), amount)),
            }
        }
    }

    /// `self - other` for each name, nothing less than zero.
    #[must_use]
    pub fn saturating_sub(&self, other: &Self) -> Self {
        let mut left = self.clone();
        for (name, amount) in &mut left.0 {
            *amount -= other.get(name);
        }
        left.0.retain(|&(_, amount)| amount > 0);
        left
    }

    /// Whether every amount of `other` is covered.
    pub fn contains(&self, other: &Self) -> bool {
        other.iter().all(|(name, amount)| self.get(name) >= amount)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and amounts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Amount)> {
        self.0.iter().map(|(name, amount)| (&**name, *amount))
    }
}

impl NamedLimits {
    pub const NONE: Self = Self(Vec::new());

    pub fn get(&self, name: &str) -> Option<Amount> {
        position(&self.0, name).ok().map(|index| self.0[index].1)
    }

    /// Whether these limits allow all that `other` allows: a limit never contains its absence.
    pub fn contains(&self, other: &Self) -> bool {
        self.iter().all(|(name, limit)| other.get(name).is_some_and(|other| limit >= other))
    }

    /// Whether the amounts stay within the limits.
    pub fn contains_quantities(&self, quantities: &NamedQuantities) -> bool {
        self.iter().all(|(name, limit)| limit >= quantities.get(name))
    }

    /// What of the limits is left beside `used`; nothing less than zero, and unlimited stays so.
    #[must_use]
    pub fn saturating_sub(&self, used: &NamedQuantities) -> Self {
        let mut left = self.clone();
        for (name, limit) in &mut left.0 {
            *limit = (*limit - used.get(name)).max(0);
        }
        left
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and limits, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Amount)> {
        self.0.iter().map(|(name, limit)| (&**name, *limit))
    }
}

fn position(amounts: &[(Arc<str>, Amount)], name: &str) -> Result<usize, usize> {
    amounts.binary_search_by(|(other, _)| (**other).cmp(name))
}

impl FromStr for NamedQuantities {
    type Err = ParseResourcesError;

    /// Amounts of one name are added up, zeros vanish.
    ///
    /// ```
    /// use policy_api::NamedQuantities;
    /// let least: NamedQuantities = "ports:2;cpus:0.5".parse().unwrap();
    /// assert_eq!(least.to_string(), "cpus:0.5; ports:2");
    /// ```
    fn from_str(text: &str) -> Result<Self, ParseResourcesError> {
        let mut sum = Self::EMPTY;
        for pair in parse_pairs(text) {
            let (name, amount) = pair?;
            sum.add_amount(name, amount);
        }
        Ok(sum)
    }
}

impl FromStr for NamedLimits {
    type Err = ParseResourcesError;

    /// Each name once; zeros are kept.
    fn from_str(text: &str) -> Result<Self, ParseResourcesError> {
        let mut limits = Self::NONE;
        for pair in parse_pairs(text) {
            let (name, limit) = pair?;
            match position(&limits.0, name) {
                Ok(_) => return Err(ParseResourcesError::Twice(name.to_owned())),
                Err(index) => limits.0.insert(index, (name.into(), limit)),
            }
        }
        Ok(limits)
    }
}

impl AddAssign<&Self> for NamedQuantities {
    fn add_assign(&mut self, other: &Self) {
        for (name, amount) in other.iter() {
            self.add_amount(name, amount);
        }
    }
}

impl Add<&Self> for NamedQuantities {
    type Output = Self;

    fn add(mut self, other: &Self) -> Self {
        self += other;
        self
    }
}

impl<'a> Sum<&'a Self> for NamedQuantities {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        all.fold(Self::EMPTY, |sum, next| sum + next)
    }
}

impl From<Quantities> for NamedQuantities {
    fn from(amounts: Quantities) -> Self {
        let mut sum = Self::EMPTY;
        for (scalar, amount) in amounts.iter() {
            sum.add_amount(scalar.name(), amount);
        }
        sum
    }
}

impl TryFrom<&NamedQuantities> for Quantities {
    type Error = UnknownScalar;

    fn try_from(named: &NamedQuantities) -> Result<Self, UnknownScalar> {
        let mut amounts = Self::ZERO;
        for (name, amount) in &named.0 {
            amounts[scalar(name)?] = *amount;
        }
        Ok(amounts)
    }
}

impl TryFrom<&NamedLimits> for Limits {
    type Error = UnknownScalar;

    fn try_from(named: &NamedLimits) -> Result<Self, UnknownScalar> {
        let mut limits = Self::NONE;
        for (name, limit) in &named.0 {
            limits.0[scalar(name)? as usize] = Some(*limit);
        }
        Ok(limits)
    }
}

fn scalar(name: &Arc<str>) -> Result<Scalar, UnknownScalar> {
    Scalar::from_name(name).ok_or_else(|| UnknownScalar(Arc::clone(name)))
}

/// `cpus:1; mem:1024`, by name; `{}` for nothing.
impl fmt::Display for NamedQuantities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_pairs(&self.0, f)
    }
}

/// As [`NamedQuantities`].
impl fmt::Display for NamedLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_pairs(&self.0, f)
    }
}

fn write_pairs(pairs: &[(Arc<str>, Amount)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if pairs.is_empty() {
        return f.write_str("{}");
    }
    for (index, (name, amount)) in pairs.iter().enumerate() {
        let separator = if index == 0 { "" } else { "; " };
        write!(f, "{separator}{name}:{}", DisplayAmount(*amount))?;
    }
    Ok(())
}
