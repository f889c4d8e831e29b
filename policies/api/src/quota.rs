//! Guarantees and limits of a role (`spec/allocator.md` 1.9, 4.1).

use crate::{Amount, Quantities, Scalar};

/// The most of each standard scalar; `None` where there is no limit. A limit of zero is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits(pub [Option<Amount>; Scalar::COUNT]);

impl Limits {
    pub const NONE: Self = Self([None; Scalar::COUNT]);

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    pub fn limit(&self, scalar: Scalar) -> Option<Amount> {
        self.0[scalar as usize]
    }

    /// What of the limits is left beside `used`; nothing less than zero, and unlimited stays so.
    #[must_use]
    pub fn saturating_sub(&self, used: &Quantities) -> Self {
        let mut left = *self;
        for (limit, used) in left.0.iter_mut().zip(used.amounts()) {
            *limit = limit.map(|limit| (limit - used).max(0));
        }
        left
    }

    /// Amounts cut down to the limits.
    #[must_use]
    pub fn cap(&self, amounts: &Quantities) -> Quantities {
        let mut capped = *amounts.amounts();
        for (amount, limit) in capped.iter_mut().zip(&self.0) {
            if let Some(limit) = limit {
                *amount = (*amount).min(*limit);
            }
        }
        Quantities::from_amounts(capped)
    }
}

/// What a top-level role is promised and what it may not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    pub guarantees: Quantities,
    pub limits: Limits,
}

impl Quota {
    /// Mesos's default: no guarantee, no limit.
    pub fn is_default(&self) -> bool {
        self.guarantees.is_zero() && self.limits.is_empty()
    }
}
