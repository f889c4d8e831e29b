//! Typed access to the fields of a JSON object. A null field is a missing one.

use serde_json::{Map, Value};
use std::fmt;

/// What is wrong with a value, and where in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", Place(.field))]
pub struct Problem {
    /// The path to the field, such as `[1].scalar.value`; empty for the whole value.
    pub field: String,
    pub message: String,
}

pub type Parsed<T> = Result<T, Problem>;

struct Place<'a>(&'a str);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "{}: ", self.0) }
    }
}

impl Problem {
    pub fn new(message: impl fmt::Display) -> Self {
        Self { field: String::new(), message: message.to_string() }
    }

    /// Puts a field name or an index before the path.
    #[must_use]
    pub fn under(mut self, outer: &str) -> Self {
        let separator = if self.field.is_empty() || self.field.starts_with('[') { "" } else { "." };
        self.field = format!("{outer}{separator}{}", self.field);
        self
    }
}

/// A JSON object.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a>(&'a Map<String, Value>);

/// The value as an object.
pub fn fields(value: &Value) -> Parsed<Fields<'_>> {
    match value {
        Value::Object(map) => Ok(Fields(map)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Problem::new(format_args!("expected an object, found {}", kind(value))))
        }
    }
}

/// What a value is, for messages.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

impl<'a> Fields<'a> {
    /// A field that is there and not null.
    pub fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Reads a field if it is there; problems name it.
    pub fn read<T>(
        self,
        name: &str,
        parse: impl FnOnce(&'a Value) -> Parsed<T>,
    ) -> Parsed<Option<T>> {
        self.get(name).map(parse).transpose().map_err(|problem| problem.under(name))
    }

    /// Reads a field that must be there.
    pub fn need<T>(self, name: &str, parse: impl FnOnce(&'a Value) -> Parsed<T>) -> Parsed<T> {
        self.read(name, parse)?.ok_or_else(|| Problem::new("missing").under(name))
    }
}

pub fn text(value: &Value) -> Parsed<&str> {
    value
        .as_str()
        .ok_or_else(|| Problem::new(format_args!("expected a string, found {}", kind(value))))
}

pub fn boolean(value: &Value) -> Parsed<bool> {
    value
        .as_bool()
        .ok_or_else(|| Problem::new(format_args!("expected a boolean, found {}", kind(value))))
}

pub fn number(value: &Value) -> Parsed<f64> {
    let found = value.as_f64().filter(|number| number.is_finite());
    found.ok_or_else(|| Problem::new(format_args!("expected a number, found {}", kind(value))))
}

pub fn integer(value: &Value) -> Parsed<u64> {
    value.as_u64().ok_or_else(|| {
        Problem::new(format_args!("expected an integer that is not negative, found {value}"))
    })
}

/// The items of an array, each parsed.
pub fn list<'a, T>(
    value: &'a Value,
    mut parse: impl FnMut(&'a Value) -> Parsed<T>,
) -> Parsed<Vec<T>> {
    let Value::Array(items) = value else {
        return Err(Problem::new(format_args!("expected an array, found {}", kind(value))));
    };
    let items = items.iter().enumerate();
    items
        .map(|(index, item)| parse(item).map_err(|problem| problem.under(&format!("[{index}]"))))
        .collect()
}
