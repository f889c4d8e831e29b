//! Resources from their JSON form.

use super::fields::{Fields, Parsed, Problem, fields, integer, kind, list, number, text};
use crate::quantities::amount_from_f64;
use crate::resources::{
    DiskInfo, DiskSource, DiskSourceKind, DynamicReservation, Items, Labels, Persistence, Ranges,
    Reservation, ReservationFields, ReservationKind, Resource, Resources, Value as Amounts, Volume,
};
use serde_json::Value;
use std::sync::Arc;

/// Reads resources as messages carry them: an object, a text, or an array of both (the sum is
/// meant).
///
/// # Errors
/// Says which field is wrong, and why.
pub fn read_resources(value: &Value) -> Parsed<Resources> {
    let mut sum = Resources::EMPTY;
    match value {
        Value::String(text) => sum = text.parse().map_err(Problem::new)?,
        Value::Object(_) => {
            let (resource, double) = read_written(value)?;
            sum.add_written(resource, double);
        }
        Value::Array(_) => {
            list(value, |item| {
                sum.add(&read_resources(item)?);
                Ok(())
            })?;
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let found = kind(value);
            return Err(Problem::new(format_args!("expected resources, found {found}")));
        }
    }
    Ok(sum)
}

/// Reads one resource object, its reservation in the older or the newer form.
///
/// # Errors
/// Says which field is wrong, and why.
pub fn read_resource(value: &Value) -> Parsed<Resource> {
    read_written(value).map(|(resource, _)| resource)
}

/// A resource and, for a scalar, the very double that the message has.
pub(in crate::resources) fn read_written(value: &Value) -> Parsed<(Resource, Option<f64>)> {
    let object = fields(value)?;
    let (amounts, double) = amounts(object)?;
    let mut resource = Resource::plain(object.need("name", text)?, amounts);
    let role = object.read("allocation_info", |value| fields(value)?.need("role", text))?;
    resource.allocation = role.map(Arc::from);
    let reservation = ReservationFields {
        role: object.read("role", text)?.map(Arc::from),
        reservation: object.read("reservation", dynamic_reservation)?,
        reservations: object
            .read("reservations", |value| list(value, reservation))?
            .unwrap_or_default(),
    };
    resource.reservations =
        reservation.into_stack().map_err(|error| Problem::new(&error).under(error.field()))?;
    resource.disk = object.read("disk", disk)?.map(Arc::new);
    resource.revocable = object.has("revocable");
    resource.shared = object.has("shared");
    resource.provider =
        object.read("provider_id", |value| fields(value)?.need("value", text))?.map(Arc::from);
    resource.validate().map_err(|error| Problem::new(&error).under(error.field()))?;
    Ok((resource, double))
}

fn amounts(object: Fields<'_>) -> Parsed<(Amounts, Option<f64>)> {
    match object.need("type", text)? {
        "SCALAR" => {
            let value = object.need("scalar", |value| fields(value)?.need("value", number))?;
            let amount = amount_from_f64(value).filter(|_| value >= 0.0);
            let amount = amount.filter(|&amount| amount > 0 || value == 0.0);
            let wrong = || Problem::new(format_args!("{value} is not an amount")).under("scalar");
            Ok((Amounts::Scalar(amount.ok_or_else(wrong)?), Some(value)))
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
            let ranges = Ranges::distinct(ranges)
                .ok_or_else(|| Problem::new("the ranges overlap").under("ranges"))?;
            Ok((Amounts::Ranges(ranges), None))
        }
        "SET" => {
            let items = object.need("set", |value| {
                Ok(fields(value)?.read("item", |value| list(value, text))?.unwrap_or_default())
            })?;
            let items = Items::distinct(items.into_iter().map(Arc::from))
                .ok_or_else(|| Problem::new("an item is given twice").under("set"))?;
            Ok((Amounts::Set(items), None))
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
    Ok(Reservation {
        kind,
        role: object.need("role", text)?.into(),
        principal: object.read("principal", text)?.map(Arc::from),
        labels: object.read("labels", labels)?.unwrap_or_default(),
    })
}

/// The older form: what a dynamic reservation has beside its role.
fn dynamic_reservation(value: &Value) -> Parsed<DynamicReservation> {
    let object = fields(value)?;
    Ok(DynamicReservation {
        principal: object.read("principal", text)?.map(Arc::from),
        labels: object.read("labels", labels)?.unwrap_or_default(),
    })
}

fn labels(value: &Value) -> Parsed<Labels> {
    let label = |value| {
        let label = fields(value)?;
        let (key, value) = (label.need("key", text)?, label.read("value", text)?);
        Ok((Arc::from(key), value.map(Arc::from)))
    };
    let labels = fields(value)?.read("labels", |value| list(value, label))?;
    Ok(Labels::new(labels.unwrap_or_default()))
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
        Ok(Volume {
            container_path: object.need("container_path", text)?.into(),
            host_path: object.read("host_path", text)?.map(Arc::from),
            mode: object.read("mode", text)?.map(Arc::from),
        })
    })?;
    let source = object.read("source", source)?;
    Ok(DiskInfo { source, persistence, volume })
}

fn source(value: &Value) -> Parsed<DiskSource> {
    let object = fields(value)?;
    let kind = object.need("type", |value| {
        let name = text(value)?;
        let known = DiskSourceKind::ALL.into_iter().find(|kind| kind.name() == name);
        let names = DiskSourceKind::ALL.map(DiskSourceKind::name).join(", ");
        known.ok_or_else(|| Problem::new(format_args!("'{name}' is none of {names}")))
    })?;
    // Storage without a file system must not have these; the resource's check says so.
    let places: &[&str] = match kind {
        DiskSourceKind::Path => &["path"],
        DiskSourceKind::Mount => &["mount"],
        DiskSourceKind::Block | DiskSourceKind::Raw => &["path", "mount"],
    };
    let mut root = None;
    for place in places {
        if let Some(found) = object.read(place, |value| fields(value)?.read("root", text))? {
            root = found.map(Arc::from);
        }
    }
    let optional = |name| Parsed::Ok(object.read(name, text)?.map(Arc::from));
    let (id, profile, vendor) = (optional("id")?, optional("profile")?, optional("vendor")?);
    let metadata = object.read("metadata", labels)?.unwrap_or_default();
    Ok(DiskSource { kind, root, id, profile, vendor, metadata })
}
