//! A distribution in a scenario file, where a bare value stands for a constant.

use super::distribution::{Distribution, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A value that is drawn: `"5m"` for a constant, or `{ exponential = { mean = "5m" } }`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Drawn<T>(pub Distribution<T>);

impl<T> Drawn<T> {
    pub const fn constant(value: T) -> Self {
        Self(Distribution::Constant(value))
    }
}

impl<'de, T: Value + Deserialize<'de>> Deserialize<'de> for Drawn<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DrawnVisitor(PhantomData))
    }
}

struct DrawnVisitor<T>(PhantomData<T>);

impl<'de, T: Value + Deserialize<'de>> Visitor<'de> for DrawnVisitor<T> {
    type Value = Drawn<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a constant or a table with one distribution, as in { exponential = { mean = .. } }",
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Drawn<T>, E> {
        T::deserialize(text.into_deserializer()).map(Drawn::constant)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Drawn<T>, E> {
        T::deserialize(number.into_deserializer()).map(Drawn::constant)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Drawn<T>, E> {
        T::deserialize(number.into_deserializer()).map(Drawn::constant)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Drawn<T>, E> {
        T::deserialize(number.into_deserializer()).map(Drawn::constant)
    }

    /// Not an untagged enum, which would lose the place of an error inside the table.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Drawn<T>, A::Error> {
        let distribution = Distribution::deserialize(MapAccessDeserializer::new(&mut map))?;
        match map.next_key::<String>()? {
            None => Ok(Drawn(distribution)),
            Some(other) => Err(A::Error::custom(format!(
                "found `{other}` beside another distribution, expected only one"
            ))),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Drawn<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Drawn_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A bare value is a constant.",
            "anyOf": [
                generator.subschema_for::<T>(),
                generator.subschema_for::<Distribution<T>>(),
            ],
        })
    }
}
