//! Cutting resources down to amounts (`spec/allocator.md` 1.11).

use super::{Resource, Resources, Value};
use crate::quantities::{Amount, Quantities, Scalar, amount_to_f64};
use crate::quota::Limits;
use std::borrow::Cow;

impl Resources {
    /// Cuts scalars down to amounts. What the target does not name is dropped. `arrange` puts the
    /// objects in the order in which they are taken, which decides where several of one name
    /// compete.
    #[must_use]
    pub fn shrink_to_quantities(
        &self,
        target: &Quantities,
        arrange: impl FnOnce(&mut [(Cow<'_, Resource>, u32)]),
    ) -> Self {
        if target.is_zero() {
            return Self::EMPTY;
        }
        if self.is_plain() {
            return self.clone().with_plain(self.plain.min(target));
        }
        let mut left = *target;
        self.shrink(arrange, |resource| {
            let scalar = Scalar::from_name(&resource.name)?;
            let cut = shrunk(resource, left[scalar])?;
            left[scalar] -= cut;
            Some(Some(cut))
        })
    }

    /// Cuts scalars down to limits. What has no limit is kept whole. `arrange` as above.
    #[must_use]
    pub fn shrink_to_limits(
        &self,
        limits: &Limits,
        arrange: impl FnOnce(&mut [(Cow<'_, Resource>, u32)]),
    ) -> Self {
        if limits.is_empty() {
            return self.clone();
        }
        if self.is_plain() {
            return self.clone().with_plain(limits.cap(&self.plain));
        }
        let mut left = *limits;
        self.shrink(arrange, |resource| {
            let scalar = Scalar::from_name(&resource.name);
            let Some(limit) = scalar.and_then(|scalar| left.0[scalar as usize].as_mut()) else {
                return Some(None);
            };
            let cut = shrunk(resource, *limit)?;
            *limit -= cut;
            Some(Some(cut))
        })
    }

    /// `cut`: nothing for an object that is dropped, else the amount to cut it to, if any.
    fn shrink(
        &self,
        arrange: impl FnOnce(&mut [(Cow<'_, Resource>, u32)]),
        mut cut: impl FnMut(&Resource) -> Option<Option<Amount>>,
    ) -> Self {
        let mut objects: Vec<_> = self.iter().collect();
        arrange(&mut objects);
        let mut kept = Self::EMPTY;
        for (resource, copies) in objects {
            let Some(cut) = cut(&resource) else { continue };
            if let Some((scalar, whole)) = resource.as_plain_scalar() {
                // Not cut, it stays the double that it was.
                let amount = cut.unwrap_or(whole);
                let value =
                    if amount == whole { self.plain_double(scalar) } else { amount_to_f64(amount) };
                kept.add_plain_double(scalar, value, amount);
                continue;
            }
            let mut resource = resource.into_owned();
            if let Some(amount) = cut {
                resource.value = Value::Scalar(amount);
            }
            kept.add_copies(resource, copies);
        }
        kept
    }
}

/// The amount to which a scalar can be cut: whole disks, volumes and shared resources are all or
/// nothing.
fn shrunk(resource: &Resource, target: Amount) -> Option<Amount> {
    let amount = resource.scalar()?;
    if amount <= target {
        return Some(amount);
    }
    resource.is_divisible().then_some(target)
}
