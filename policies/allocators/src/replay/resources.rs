//! Resources from their JSON form.

use super::error::{Parsed, Problem};
use super::fields::{Fields, fields, integer, kind, list, number, text};
use policy_api::resources::{
    DiskInfo, DiskSource, DiskSourceKind, Items, Persistence, Ranges, Reservation, ReservationKind,
    Value as Amounts, Volume,
};
use policy_api::{
    Amount, Limits, Quantities, Resource, Resources, Scalar, amount_from_f64, validate_role,
};
use serde_json::Value;
use std::sync::Arc;

/// The largest amount accepted: Mesos's own limit on quota, and far from any overflow of sums.
const MAX_AMOUNT: Amount = 1_099_511_627_776_000;

/// Reads resources: a text, an object, or an array of both.
///
/// # Errors
/// Says which field is wrong, and why.
pub fn parse_resources(value: &Value) -> Result<Resources, String> {
    resources(value).map_err(|problem| match problem.field.as_str() {
        "" => problem.message,
        field => format!("{field}: {}", problem.message),
    })
}

pub(super) fn resources(value: &Value) -> Parsed<Resources> {
    let sum = match value {
        Value::String(text) => text.parse().map_err(Problem::new)?,
        Value::Object(_) => {
            let resource = resource(value)?;
            match (resource.as_plain_scalar(), value["scalar"]["value"].as_f64()) {
                (Some((scalar, amount)), Some(value)) => {
                    let mut single = Resources::EMPTY;
                    single.add_plain_double(scalar, value, amount);
                    single
                }
                _ => std::iter::once(resource).collect(),
            }
        }
        Value::Array(_) => {
            let mut sum = Resources::EMPTY;
            list(value, |item| {
                sum.add(&resources(item)?);
                Ok(())
            })?;
            sum
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let found = kind(value);
            return Err(Problem::new(format_args!("expected resources, found {found}")));
        }
    };
    for (resource, _) in sum.iter() {
        if resource.scalar().is_some_and(|amount| amount > MAX_AMOUNT) {
            let name = &resource.name;
            return Err(Problem::new(format_args!("the amount of {name} is too large")));
        }
    }
    Ok(sum)
}

fn resource(value: &Value) -> Parsed<Resource> {
    let object = fields(value)?;
    let name = object.need("name", text)?;
    let amounts = amounts(object)?;
    let mut resource = Resource::plain(name, amounts);
    resource.reservations =
        object.read("reservations", |value| list(value, reservation))?.unwrap_or_default();
    check_stack(&resource.reservations).map_err(|problem| problem.under("reservations"))?;
    resource.disk = object.read("disk", disk)?.map(Arc::new);
    if resource.disk.is_some() && &*resource.name != "disk" {
        return Err(Problem::new("only disk may have disk information").under("disk"));
    }
    resource.revocable = object.has("revocable");
    resource.shared = object.has("shared");
    if resource.shared && !resource.is_persistent_volume() {
        return Err(Problem::new("only persistent volumes may be shared").under("shared"));
    }
    resource.provider =
        object.read("provider_id", |value| fields(value)?.need("value", text))?.map(Arc::from);
    Ok(resource)
}

fn amounts(object: Fields<'_>) -> Parsed<Amounts> {
    match object.need("type", text)? {
        "SCALAR" => {
            let value = object.need("scalar", |value| fields(value)?.need("value", number))?;
            let amount = amount_from_f64(value).filter(|_| value >= 0.0);
            let amount = amount.filter(|&amount| amount > 0 || value == 0.0);
            let amount = amount.filter(|&amount| amount <= MAX_AMOUNT);
            let wrong = || Problem::new(format_args!("{value} is not an amount")).under("scalar");
            amount.map(Amounts::Scalar).ok_or_else(wrong)
        }
        "RANGES" => {
            let range = |value| {
                let range = fields(value)?;
                let (begin, end) = (range.need("begin", integer)?, range.need("end", integer)?);
                if begin > end {
                    return Err(Problem::new("the begin lies after the end"));
                }
                Ok((begin, end))
            };
            let ranges = object.need("ranges", |value| {
                Ok(fields(value)?.read("range", |value| list(value, range))?.unwrap_or_default())
            })?;
            Ok(Amounts::Ranges(Ranges::new(ranges)))
        }
        "SET" => {
            let items = object.need("set", |value| {
                Ok(fields(value)?.read("item", |value| list(value, text))?.unwrap_or_default())
            })?;
            Ok(Amounts::Set(Items::new(items.into_iter().map(Arc::from))))
        }
        other => {
            Err(Problem::new(format_args!("'{other}' is none of SCALAR, RANGES, SET"))
                .under("type"))
        }
    }
}

fn reservation(value: &Value) -> Parsed<Reservation> {
    let object = fields(value)?;
    let kind = match object.need("type", text)? {
        "STATIC" => ReservationKind::Static,
        "DYNAMIC" => ReservationKind::Dynamic,
        other => {
            let problem = Problem::new(format_args!("'{other}' is none of STATIC, DYNAMIC"));
            return Err(problem.under("type"));
        }
    };
    let role = object.need("role", |value| {
        let role = text(value)?;
        validate_role(role).map_err(Problem::new)?;
        if role == "*" { Err(Problem::new("nothing can be reserved for *")) } else { Ok(role) }
    })?;
    let label = |value| {
        let label = fields(value)?;
        let (key, value) = (label.need("key", text)?, label.read("value", text)?);
        Ok((Arc::from(key), value.map(Arc::from)))
    };
    let mut labels = object
        .read("labels", |value| {
            Ok(fields(value)?.read("labels", |value| list(value, label))?.unwrap_or_default())
        })?
        .unwrap_or_default();
    labels.sort();
    let principal = object.read("principal", text)?.map(Arc::from);
    Ok(Reservation { kind, role: role.into(), principal, labels })
}

/// Only the bottom of a stack may be static, and each entry must refine the one below.
fn check_stack(stack: &[Reservation]) -> Parsed<()> {
    for pair in stack.windows(2) {
        if pair[1].kind == ReservationKind::Static {
            return Err(Problem::new("only the first reservation may be static"));
        }
        if !policy_api::is_strict_subrole(&pair[1].role, &pair[0].role) {
            let (above, below) = (&pair[1].role, &pair[0].role);
            return Err(Problem::new(format_args!("'{above}' does not lie below '{below}'")));
        }
    }
    Ok(())
}

fn disk(value: &Value) -> Parsed<DiskInfo> {
    let object = fields(value)?;
    let persistence = object.read("persistence", |value| {
        let object = fields(value)?;
        let principal = object.read("principal", text)?.map(Arc::from);
        Ok(Persistence { id: object.need("id", text)?.into(), principal })
    })?;
    let volume = object.read("volume", |value| {
        let object = fields(value)?;
        let mode = object.read("mode", text)?.map(Arc::from);
        Ok(Volume { container_path: object.need("container_path", text)?.into(), mode })
    })?;
    let source = object.read("source", source)?;
    Ok(DiskInfo { source, persistence, volume })
}

fn source(value: &Value) -> Parsed<DiskSource> {
    let object = fields(value)?;
    let (kind, place) = match object.need("type", text)? {
        "PATH" => (DiskSourceKind::Path, "path"),
        "MOUNT" => (DiskSourceKind::Mount, "mount"),
        "BLOCK" => (DiskSourceKind::Block, ""),
        "RAW" => (DiskSourceKind::Raw, ""),
        other => {
            let known = "PATH, MOUNT, BLOCK, RAW";
            let problem = Problem::new(format_args!("'{other}' is none of {known}"));
            return Err(problem.under("type"));
        }
    };
    let root =
        object.read(place, |value| fields(value)?.read("root", text))?.flatten().map(Arc::from);
    let optional = |name| Parsed::Ok(object.read(name, text)?.map(Arc::from));
    let (id, profile, vendor) = (optional("id")?, optional("profile")?, optional("vendor")?);
    Ok(DiskSource { kind, root, id, profile, vendor })
}

/// Limits of scalars such as `cpus:2;mem:512`; zeros are kept.
pub(super) fn limits(value: &Value) -> Parsed<Limits> {
    let mut limits = Limits::NONE;
    for part in text(value)?.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, amount)) = part.split_once(':') else {
            return Err(Problem::new(format_args!("'{part}' has no value: expected name:amount")));
        };
        let (name, amount) = (name.trim(), amount.trim());
        let Some(scalar) = Scalar::from_name(name) else {
            let known = "cpus, disk, gpus, mem";
            return Err(Problem::new(format_args!("'{name}' is none of {known}")));
        };
        let amount = policy_api::resources::parse_amount(name, amount).map_err(Problem::new)?;
        if amount > MAX_AMOUNT {
            return Err(Problem::new(format_args!("the amount of {name} is too large")));
        }
        if limits.0[scalar as usize].replace(amount).is_some() {
            return Err(Problem::new(format_args!("{name} is given twice")));
        }
    }
    Ok(limits)
}

/// Quantities of scalars such as `cpus:2;mem:512`.
pub(super) fn quantities(value: &Value) -> Parsed<Quantities> {
    let limits = limits(value)?;
    let mut amounts = Quantities::ZERO;
    for scalar in Scalar::ALL {
        amounts[scalar] = limits.limit(scalar).unwrap_or(0);
    }
    Ok(amounts)
}
