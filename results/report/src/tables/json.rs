//! `run.json` and `summary.json`: what was run, and every metric of it.

use std::path::Path;

use serde_json::{Map, Value};

use crate::ReportError;

/// What is needed to repeat the run. Keys that are missing stay empty.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    pub name: String,
    pub version: String,
    pub seed: String,
    pub digest: String,
    /// What the scenario calls its horizon, as written there.
    pub horizon: Option<String>,
    pub scenario: Value,
    pub inputs: Vec<Input>,
}

/// A file that the run read.
#[derive(Clone, Debug, Default)]
pub struct Input {
    pub path: String,
    pub sha256: String,
}

/// Every metric in the order of the file: a number, a text, or null where there was no such event.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub metrics: Vec<(String, Value)>,
}

impl Manifest {
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let object = read_object(path)?;
        let text = |key: &str| object.get(key).map(plain_text).unwrap_or_default();
        let scenario = object.get("scenario").cloned().unwrap_or_default();
        let horizon = horizon(&object)
            .or_else(|| scenario.as_object().and_then(horizon))
            .or_else(|| scenario.get("run").and_then(Value::as_object).and_then(horizon));
        let inputs = object.get("inputs").and_then(Value::as_array).into_iter().flatten();
        Ok(Self {
            name: text("name"),
            version: text("version"),
            seed: text("seed"),
            digest: text("digest"),
            horizon,
            inputs: inputs
                .map(|input| Input {
                    path: input.get("path").map(plain_text).unwrap_or_default(),
                    sha256: input.get("sha256").map(plain_text).unwrap_or_default(),
                })
                .collect(),
            scenario,
        })
    }
}

impl Summary {
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        Ok(Self { metrics: read_object(path)?.into_iter().collect() })
    }

    pub fn number(&self, metric: &str) -> Option<f64> {
        self.metrics.iter().find(|(name, _)| name == metric)?.1.as_f64()
    }

    /// Metrics named `roles/<role>/<metric>`, as (role, metric, value). A role may itself contain
    /// slashes; a metric of a role does not.
    pub fn of_roles(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.metrics.iter().filter_map(|(name, value)| {
            let (role, metric) = name.strip_prefix("roles/")?.rsplit_once('/')?;
            Some((role, metric, value))
        })
    }
}

/// `horizon_s`, a number of seconds, or `horizon`, in the scenario's own words.
fn horizon(object: &Map<String, Value>) -> Option<String> {
    match (object.get("horizon_s"), object.get("horizon")) {
        (Some(seconds), _) if !seconds.is_null() => Some(format!("{} s", plain_text(seconds))),
        (_, Some(words)) if !words.is_null() => Some(plain_text(words)),
        _ => None,
    }
}

/// A text without its quotes, everything else as JSON.
pub(crate) fn plain_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn read_object(path: &Path) -> Result<Map<String, Value>, ReportError> {
    let text = std::fs::read_to_string(path).map_err(ReportError::reading(path))?;
    let found = match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => return Ok(object),
        Ok(Value::Null) => "null",
        Ok(Value::Bool(_)) => "a truth value",
        Ok(Value::Number(_)) => "a number",
        Ok(Value::String(_)) => "a text",
        Ok(Value::Array(_)) => "an array",
        Err(source) => return Err(ReportError::Json { path: path.to_owned(), source }),
    };
    Err(ReportError::NotAnObject { path: path.to_owned(), found })
}
