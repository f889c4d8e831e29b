//! Mesos's text form of resources: `cpus:4;mem(role):512;ports:[1-5,9-9];nics:{a,b}`
//! (`spec/allocator.md` 1.8).

use super::{Items, Ranges, Reservation, ReservationKind, Resource, Resources, Value};
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
    #[error("the value of {name} is '{found}': expected items such as {{a,b}}")]
    Items { name: String, found: String },
    #[error("{0} is given with values of two different types")]
    Types(String),
}

impl FromStr for Resources {
    type Err = ParseResourcesError;

    /// Zero amounts are accepted and vanish, as in Mesos.
    ///
    /// ```
    /// use policy_api::{Resources, Scalar};
    /// let total: Resources = "cpus:8;mem:4096;ports:[31000-32000]".parse().unwrap();
    /// assert_eq!(total.amount(Scalar::Cpus), 8_000);
    /// assert!("cpus:-1".parse::<Resources>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, ParseResourcesError> {
        let mut types: Vec<(Arc<str>, std::mem::Discriminant<Value>)> = Vec::new();
        let mut sum = Self::EMPTY;
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let resource = parse_resource(part)?;
            let kind = std::mem::discriminant(&resource.value);
            match types.iter().find(|(name, _)| *name == resource.name) {
                Some((name, known)) if *known != kind => {
                    return Err(ParseResourcesError::Types(name.to_string()));
                }
                Some(_) => {}
                None => types.push((Arc::clone(&resource.name), kind)),
            }
            match resource.as_plain_scalar() {
                // Kept as it is written until something is added to it.
                Some((scalar, amount)) => {
                    let value = part.rsplit(':').next().and_then(|text| text.trim().parse().ok());
                    sum.add_plain_double(scalar, value.unwrap_or(0.0), amount);
                }
                None => sum.add_resource(resource),
            }
        }
        Ok(sum)
    }
}

fn parse_resource(part: &str) -> Result<Resource, ParseResourcesError> {
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
    let mut resource = Resource::plain(name, parse_value(name, value.trim())?);
    validate_role(role)?;
    if role != "*" {
        resource.reservations.push(Reservation {
            kind: ReservationKind::Static,
            role: role.into(),
            principal: None,
            labels: Vec::new(),
        });
    }
    Ok(resource)
}

fn parse_value(name: &str, text: &str) -> Result<Value, ParseResourcesError> {
    let (owned_name, found) = (|| name.to_owned(), || text.to_owned());
    match text.as_bytes().first() {
        Some(b'[') => parse_ranges(text)
            .map(Value::Ranges)
            .ok_or_else(|| ParseResourcesError::Ranges { name: owned_name(), found: found() }),
        Some(b'{') => text
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .map(|inner| inner.split(',').map(str::trim).filter(|item| !item.is_empty()))
            .map(|items| Value::Set(Items::new(items.map(Arc::from))))
            .ok_or_else(|| ParseResourcesError::Items { name: owned_name(), found: found() }),
        _ => parse_amount(name, text).map(Value::Scalar),
    }
}

/// Reads a scalar amount: finite, not negative, and not lost in rounding to thousandths.
pub fn parse_amount(name: &str, text: &str) -> Result<Amount, ParseResourcesError> {
    let (name, found) = (|| name.to_owned(), || text.to_owned());
    let number = || ParseResourcesError::Number { name: name(), found: found() };
    let value: f64 = text.parse().map_err(|_| number())?;
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
    Ok(amount)
}

fn parse_ranges(text: &str) -> Option<Ranges> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let mut intervals = Vec::new();
    for part in inner.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (begin, end) = part.split_once('-')?;
        let interval: (u64, u64) = (begin.trim().parse().ok()?, end.trim().parse().ok()?);
        if interval.0 > interval.1 {
            return None;
        }
        intervals.push(interval);
    }
    Some(Ranges::new(intervals))
}
