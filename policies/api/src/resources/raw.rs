//! Doubles that are not the ones of their amounts.
//!
//! Mesos keeps a scalar as it came until it takes part in an addition or subtraction
//! (`spec/allocator.md` 1.1): an agent with 100.83333333333333 MB is offered with just that, though
//! it counts as 100.833. Nearly all amounts are exact, so this is mostly nothing at all.

use crate::quantities::{Amount, Quantities, Scalar, amount_to_f64};
use std::sync::Arc;

/// For some plain scalars a double that differs from [`amount_to_f64`]; NaN for the others.
#[derive(Clone, Debug, Default)]
pub(super) struct RawScalars(Option<Arc<[f64; Scalar::COUNT]>>);

impl RawScalars {
    pub(super) const NONE: Self = Self(None);

    pub(super) fn value(&self, scalar: Scalar, amount: Amount) -> f64 {
        let raw = self.0.as_ref().map(|raw| raw[scalar as usize]).filter(|raw| !raw.is_nan());
        raw.unwrap_or_else(|| amount_to_f64(amount))
    }

    pub(super) const fn is_none(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn set(&mut self, scalar: Scalar, value: f64, amount: Amount) {
        if value.to_bits() != amount_to_f64(amount).to_bits() {
            let raw = self.0.get_or_insert_with(|| Arc::new([f64::NAN; Scalar::COUNT]));
            Arc::make_mut(raw)[scalar as usize] = value;
        }
    }

    /// `before + added`: only what was added to nothing stays as it came.
    pub(super) fn add(&mut self, before: &Quantities, other: &Self, added: &Quantities) {
        if self.is_none() && other.is_none() {
            return;
        }
        *self = Self::built(|scalar| match (before[scalar], added[scalar]) {
            (_, 0) => self.raw(scalar),
            (0, _) => other.raw(scalar),
            (_, _) => f64::NAN,
        });
    }

    /// Keeps what `keep` says; the others become the doubles of their amounts.
    pub(super) fn retain(&mut self, keep: impl Fn(Scalar) -> bool) {
        if !self.is_none() {
            *self = Self::built(|scalar| if keep(scalar) { self.raw(scalar) } else { f64::NAN });
        }
    }

    fn raw(&self, scalar: Scalar) -> f64 {
        self.0.as_ref().map_or(f64::NAN, |raw| raw[scalar as usize])
    }

    fn built(raw: impl Fn(Scalar) -> f64) -> Self {
        let raw = Scalar::ALL.map(raw);
        if raw.iter().all(|value| value.is_nan()) { Self::NONE } else { Self(Some(Arc::new(raw))) }
    }
}
