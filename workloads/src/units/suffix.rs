//! A decimal number followed by the name of a unit.

use super::UnitError;
use std::fmt::Display;

/// The units of one kind of value.
pub(super) struct Units {
    /// `a duration`
    pub(super) kind: &'static str,
    /// `10s`
    pub(super) example: &'static str,
    /// Names with their sizes in the smallest unit.
    pub(super) sizes: &'static [(&'static str, u64)],
    /// What people write instead of the names.
    pub(super) meant: &'static [(&'static str, &'static str)],
}

impl Units {
    pub(super) fn expected(&self) -> String {
        let names: Vec<_> = self.sizes.iter().map(|(name, _)| *name).collect();
        let (kind, names) = (self.kind, names.join(", "));
        format!("{kind} with a unit ({names}), as in \"{}\"", self.example)
    }

    pub(super) fn lacks_unit(&self, found: &dyn Display) -> UnitError {
        UnitError(format!("`{found}` has no unit: expected {}", self.expected()))
    }

    /// The value in `1 / denominator` of the smallest unit, to the nearest, halves up.
    pub(super) fn parse(
        &self,
        text: &str,
        numerator: u64,
        denominator: u64,
    ) -> Result<u128, UnitError> {
        let text = text.trim();
        let error =
            |problem: &str| UnitError(format!("`{text}` {problem}: expected {}", self.expected()));
        if text.starts_with('-') {
            return Err(error("is negative"));
        }
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim_start());
        let (digits, scale) =
            decimal(number).ok_or_else(|| error("does not start with a number"))?;
        if unit.is_empty() {
            return Err(self.lacks_unit(&text));
        }
        let size = self.size_of(unit).ok_or_else(|| {
            let meant = self.nearest(unit).map(|name| format!("; did you mean `{number}{name}`?"));
            error(&format!("has the unknown unit `{unit}`{}", meant.unwrap_or_default()))
        })?;
        let divisor = u128::from(denominator) * scale;
        digits
            .checked_mul(u128::from(size))
            .and_then(|product| product.checked_mul(u128::from(numerator)))
            .map(|product| (product + divisor / 2) / divisor)
            .ok_or_else(|| error("is too large"))
    }

    pub(super) fn too_large(&self, text: &str) -> UnitError {
        UnitError(format!("`{text}` is too large: expected {}", self.expected()))
    }

    fn size_of(&self, unit: &str) -> Option<u64> {
        self.sizes.iter().find(|(name, _)| *name == unit).map(|&(_, size)| size)
    }

    /// The unit that was meant: one in the wrong case, a known other spelling, or a near one.
    fn nearest(&self, unit: &str) -> Option<&'static str> {
        if !unit.chars().all(char::is_alphabetic) {
            return None; // a number in another notation, not a misspelt unit
        }
        let names = || self.sizes.iter().map(|&(name, _)| name);
        let lower = unit.to_lowercase();
        names()
            .find(|name| name.eq_ignore_ascii_case(unit))
            .or_else(|| {
                let other =
                    crate::error::nearest(&lower, self.meant.iter().map(|(other, _)| *other))?;
                self.meant.iter().find(|(name, _)| *name == other).map(|&(_, name)| name)
            })
            .or_else(|| crate::error::nearest(unit, names()))
    }
}

/// More are noise, and would not fit the arithmetic.
const MAX_DIGITS: usize = 30;

/// The digits without the point, and the power of ten to divide by.
fn decimal(number: &str) -> Option<(u128, u128)> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) || whole.len() + decimals.len() > MAX_DIGITS {
        return None;
    }
    let digits = format!("{whole}{decimals}").parse().ok()?;
    Some((digits, 10_u128.pow(u32::try_from(decimals.len()).ok()?)))
}
