//! What tasks use over time, where a bare number stands for a constant.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use workloads::units::Duration;

/// A share over time: `0.5` for a constant, or `{ diurnal = { mean = 0.5, amplitude = 0.3 } }`.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct LevelConfig(pub(crate) ShapeConfig);

impl LevelConfig {
    pub(crate) const ALL: Self = Self(ShapeConfig::Constant(1.0));

    /// Of the file that it is in, if it is in one.
    pub(crate) const fn path(&self) -> Option<&PathBuf> {
        match &self.0 {
            ShapeConfig::SeriesFile(path) => Some(path),
            ShapeConfig::Constant(_)
            | ShapeConfig::Diurnal { .. }
            | ShapeConfig::Bursty { .. }
            | ShapeConfig::Series(_) => None,
        }
    }

    pub(crate) const fn path_mut(&mut self) -> Option<&mut PathBuf> {
        match &mut self.0 {
            ShapeConfig::SeriesFile(path) => Some(path),
            ShapeConfig::Constant(_)
            | ShapeConfig::Diurnal { .. }
            | ShapeConfig::Bursty { .. }
            | ShapeConfig::Series(_) => None,
        }
    }
}

/// How a share behaves over time.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ShapeConfig {
    /// Always the same.
    Constant(f64),
    /// A sine: `mean` plus and minus `amplitude`, which is at most the mean.
    Diurnal {
        mean: f64,
        amplitude: f64,
        /// Default 1d.
        #[serde(default = "one_day")]
        period: Duration,
        /// When it is highest, counted from the start of the run. Default 0s.
        #[serde(default)]
        peak: Duration,
    },
    /// Two states, `low` and `high`. How long each lasts is drawn; `low_lasts` and `high_lasts` are the
    /// means.
    Bursty { low: f64, high: f64, low_lasts: Duration, high_lasts: Duration },
    /// Pairs of a time since the start of the task and the share from then on.
    Series(Vec<(Duration, f64)>),
    /// The same in a file: a table with the columns `time_s` and `share`, plain or gzip.
    SeriesFile(PathBuf),
}

const fn one_day() -> Duration {
    Duration(policy_api::Span::from_secs(86_400))
}

impl<'de> Deserialize<'de> for LevelConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LevelVisitor)
    }
}

struct LevelVisitor;

impl<'de> Visitor<'de> for LevelVisitor {
    type Value = LevelConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a share such as 0.5 or a table with one shape, as in { diurnal = { .. } }")
    }

    fn visit_f64<E: Error>(self, share: f64) -> Result<LevelConfig, E> {
        Ok(LevelConfig(ShapeConfig::Constant(share)))
    }

    fn visit_i64<E: Error>(self, share: i64) -> Result<LevelConfig, E> {
        self.visit_f64(share as f64)
    }

    fn visit_u64<E: Error>(self, share: u64) -> Result<LevelConfig, E> {
        self.visit_f64(share as f64)
    }

    /// Not an untagged enum, which would lose the place of an error inside the table.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LevelConfig, A::Error> {
        let shape = ShapeConfig::deserialize(MapAccessDeserializer::new(&mut map))?;
        match map.next_key::<String>()? {
            None => Ok(LevelConfig(shape)),
            Some(other) => Err(A::Error::custom(format!(
                "found `{other}` beside another shape, expected only one"
            ))),
        }
    }
}

impl JsonSchema for LevelConfig {
    fn schema_name() -> Cow<'static, str> {
        "LevelConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A bare number is a constant.",
            "anyOf": [
                generator.subschema_for::<f64>(),
                generator.subschema_for::<ShapeConfig>(),
            ],
        })
    }
}
