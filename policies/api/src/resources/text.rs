//! Mesos's text form of resources: `cpus:4;mem(role):512;ports:[1-5,9-9];nics:{a,b}`
//! (`spec/allocator.md` 1.8).

use super::json::{Problem, list, read_written};
use super::{Items, Ranges, Reservation, Resource, Resources, Value, ValueKind};
use crate::quantities::{Amount, amount_from_f64};
use crate::role::{InvalidRole, validate_role};
use std::str::FromStr;
use std::sync::Arc;

/// Why a text is not a list of resources.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ParseResourcesError {
    #[error("'{0}' has no value: expected name:amount, such as cpus:4")]
    NoValue(String),
    #[error("'{0}' has no name: expected name:amount, such as cpus:4")]
    NoName(String),
    #[error("'{0}' has an unclosed parenthesis: expected name(role):amount")]
    Parenthesis(String),
    #[error(transparent)]
    Role(#[from] InvalidRole),
    #[error("the amount of {name} is '{found}': expected a number")]
    Number { name: String, found: String },
    #[error("the amount of {name} is {found}: it must not be negative")]
    Negative { name: String, found: String },
    #[error("the amount of {name} is {found}: less than a thousandth cannot be held")]
    TooSmall { name: String, found: String },
    #[error("the value of {name} is '{found}': expected ranges such as [31000-32000]")]
    Ranges { name: String, found: String },
    #[error("the value of {name} is '{found}': expected distinct items such as {{a,b}}")]
    Items { name: String, found: String },
    #[error("{0} is given with values of two different types")]
    Types(String),
    #[error("{0} is given twice")]
    Twice(String),
    #[error("not JSON: {0}")]
    Json(String),
    #[error(transparent)]
    Object(#[from] Problem),
    #[error("{name} is {what}: that cannot be configured")]
    NotConfigurable { name: String, what: &'static str },
}

impl Resources {
    /// Reads what an agent is configured with: the text form or a JSON array of objects. What is
    /// reserved for nobody there is reserved for `default_role`, if that is not `*`. Zero amounts
    /// are accepted and vanish, as in Mesos.
    ///
    /// # Errors
    /// The text is in neither form, or has what only operations can make: volumes, dynamic
    /// reservations and revocable resources.
    pub fn parse(text: &str, default_role: &str) -> Result<Self, ParseResourcesError> {
        validate_role(default_role)?;
        let objects = if text.trim_start().starts_with(['[', '{']) {
            let json = serde_json::from_str(text)
                .map_err(|error| ParseResourcesError::Json(error.to_string()))?;
            list(&json, read_written)?
        } else {
            let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
            parts.map(parse_resource).collect::<Result<_, _>>()?
        };
        let mut types: Vec<(Arc<str>, ValueKind)> = Vec::new();
        let mut sum = Self::EMPTY;
        for (mut resource, double) in objects {
            check_configurable(&resource)?;
            let kind = resource.value.kind();
            match types.iter().find(|(name, _)| *name == resource.name) {
                Some((name, known)) if *known != kind => {
                    return Err(ParseResourcesError::Types(name.to_string()));
                }
                Some(_) => {}
                None => types.push((Arc::clone(&resource.name), kind)),
            }
            if !resource.is_reserved() && default_role != "*" {
                resource.reservations.push(Reservation::fixed(default_role));
            }
            sum.add_written(resource, double);
        }
        Ok(sum)
    }
}

impl FromStr for Resources {
    type Err = ParseResourcesError;

    /// [`Resources::parse`] without a default role.
    ///
    /// ```
    /// use policy_api::{Resources, Scalar};
    /// let total: Resources = "cpus:8;mem:4096;ports:[31000-32000]".parse().unwrap();
    /// assert_eq!(total.amount(Scalar::Cpus), 8_000);
    /// assert!("cpus:-1".parse::<Resources>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, ParseResourcesError> {
        Self::parse(text, "*")
    }
}

fn check_configurable(resource: &Resource) -> Result<(), ParseResourcesError> {
    let what = if resource.is_persistent_volume() {
        "a persistent volume"
    } else if resource.revocable {
        "revocable"
    } else if resource.is_dynamically_reserved() {
        "dynamically reserved"
    } else {
        return Ok(());
    };
    Err(ParseResourcesError::NotConfigurable { name: resource.name.to_string(), what })
}

/// Pairs of names and amounts such as `cpus:2;mem:512`.
pub(crate) fn parse_pairs(
    text: &str,
) -> impl Iterator<Item = Result<(&str, Amount), ParseResourcesError>> {
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| {
        let no_value = || ParseResourcesError::NoValue(part.to_owned());
        let (name, value) = part.split_once(':').ok_or_else(no_value)?;
        let name = name.trim();
        if name.is_empty() {
            return Err(ParseResourcesError::NoName(part.to_owned()));
        }
        Ok((name, parse_amount(name, value)?.0))
    })
}

/// One resource and, for a scalar, the very double that is written.
fn parse_resource(part: &str) -> Result<(Resource, Option<f64>), ParseResourcesError> {
    let Some((head, value)) = part.split_once(':') else {
        return Err(ParseResourcesError::NoValue(part.to_owned()));
    };
    let (name, role) = match head.trim().split_once('(') {
        None => (head.trim(), "*"),
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(role) => (name.trim(), role.trim()),
            None => return Err(ParseResourcesError::Parenthesis(part.to_owned())),
        },
    };
    if name.is_empty() {
        return Err(ParseResourcesError::NoName(part.to_owned()));
    }
    let (value, double) = parse_value(name, value)?;
    let mut resource = Resource::plain(name, value);
    validate_role(role)?;
    if role != "*" {
        resource.reservations.push(Reservation::fixed(role));
    }
    Ok((resource, double))
}

/// White space is ignored wherever it is.
fn compact(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

fn parse_value(name: &str, text: &str) -> Result<(Value, Option<f64>), ParseResourcesError> {
    let compact = compact(text);
    let (name, found) = (|| name.to_owned(), || text.trim().to_owned());
    match compact.as_bytes().first() {
        Some(b'[') => {
            let ranges = parse_ranges(&compact);
            let wrong = || ParseResourcesError::Ranges { name: name(), found: found() };
            Ok((Value::Ranges(ranges.ok_or_else(wrong)?), None))
        }
        Some(b'{') => {
            let items = parse_items(&compact);
            let wrong = || ParseResourcesError::Items { name: name(), found: found() };
            Ok((Value::Set(items.ok_or_else(wrong)?), None))
        }
        _ => {
            let (amount, value) = parse_amount(&name(), text)?;
            Ok((Value::Scalar(amount), Some(value)))
        }
    }
}

/// Reads a scalar amount: finite, not negative, and not lost in rounding to thousandths.
fn parse_amount(name: &str, text: &str) -> Result<(Amount, f64), ParseResourcesError> {
    let (name, found) = (|| name.to_owned(), || text.trim().to_owned());
    let number = || ParseResourcesError::Number { name: name(), found: found() };
    let value: f64 = compact(text).parse().map_err(|_| number())?;
    if !value.is_finite() {
        return Err(number());
    }
    if value < 0.0 {
        return Err(ParseResourcesError::Negative { name: name(), found: found() });
    }
    let amount = amount_from_f64(value).ok_or_else(number)?;
    if amount == 0 && value > 0.0 {
        return Err(ParseResourcesError::TooSmall { name: name(), found: found() });
    }
    Ok((amount, value))
}

fn parse_items(text: &str) -> Option<Items> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let items: Vec<Arc<str>> =
        inner.split(',').filter(|item| !item.is_empty()).map(Arc::from).collect();
    Items::distinct(items.into_iter())
}

fn parse_ranges(text: &str) -> Option<Ranges> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let mut intervals = Vec::new();
    for part in inner.split(',').filter(|part| !part.is_empty()) {
        let (begin, end) = part.split_once('-')?;
        let interval: (u64, u64) = (begin.parse().ok()?, end.parse().ok()?);
        if interval.0 > interval.1 {
            return None;
        }
        intervals.push(interval);
    }
    Some(Ranges::new(intervals))
}
