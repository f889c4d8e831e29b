//! Numbers of cpus, GPUs and other things that are counted in thousandths.

use super::UnitError;
use policy_api::{Amount, DisplayAmount, amount_from_f64};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A number of cpus or GPUs: zero or above, with up to three decimals, as Mesos counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count(Amount);

/// A number of cpus.
pub type Cpus = Count;

/// Far below what a double holds exactly, far above any cluster.
const MAX: f64 = 1e9;

impl Count {
    pub const ZERO: Self = Self(0);

    /// From thousandths; below zero becomes zero.
    pub const fn from_amount(amount: Amount) -> Self {
        Self(if amount < 0 { 0 } else { amount })
    }

    pub const fn whole(count: u32) -> Self {
        Self(count as Amount * 1000)
    }

    /// In thousandths.
    pub const fn amount(self) -> Amount {
        self.0
    }
}

impl TryFrom<f64> for Count {
    type Error = UnitError;

    fn try_from(number: f64) -> Result<Self, UnitError> {
        let amount = (0.0..=MAX).contains(&number).then(|| amount_from_f64(number)).flatten();
        let exact = amount.filter(|&amount| {
            // A fourth decimal is off by at least a tenth of a thousandth, the rounding of a
            // double by less than 2e-4 over the whole range.
            (number * 1000.0 - amount as f64).abs() < 1e-3
        });
        exact.map(Self).ok_or_else(|| {
            UnitError(format!(
                "found `{number}`, expected a number from 0 to 1000000000 with at most three \
                 decimals"
            ))
        })
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        DisplayAmount(self.0).fmt(f)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(CountVisitor)
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of at least 0 with at most three decimals, without a unit")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Count, E> {
        Count::try_from(number).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Count, E> {
        self.visit_f64(number as f64)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Count, E> {
        self.visit_f64(number as f64)
    }
}

/// A whole number stays one: `4`, not `4.0`.
impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            serializer.serialize_i64(self.0 / 1000)
        } else {
            serializer.serialize_f64(self.0 as f64 / 1000.0)
        }
    }
}

impl JsonSchema for Count {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "number",
            "minimum": 0,
            "maximum": 1_000_000_000,
            "description": "A number with at most three decimals, as Mesos counts cpus and GPUs.",
        })
    }
}
