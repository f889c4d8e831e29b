//! Values with units, as people write them in scenario files: `"1.5h"`, `"16GiB"`, `2.5`.
//!
//! A number without its unit is refused, because nobody can tell later which one was meant.

mod count;
mod duration;
mod memory;
mod suffix;

pub use count::{Count, Cpus};
pub use duration::Duration;
pub use memory::Memory;

/// Why a text or number is no value of the kind that is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnitError(pub(crate) String);

/// `Deserialize`, `Serialize` and the text of a JSON Schema for a value written as a string.
macro_rules! string_with_unit {
    ($name:ident, $visitor:ident, $pattern:literal, $description:literal, $examples:expr) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($visitor)
            }
        }

        struct $visitor;

        impl serde::de::Visitor<'_> for $visitor {
            type Value = $name;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", UNITS.expected())
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<$name, E> {
                Err(E::custom(UNITS.lacks_unit(&number)))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<$name, E> {
                Err(E::custom(UNITS.lacks_unit(&number)))
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<$name, E> {
                Err(E::custom(UNITS.lacks_unit(&number)))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "description": $description,
                    "examples": $examples,
                })
            }
        }
    };
}
use string_with_unit;
