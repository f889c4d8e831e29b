//! Resources in their JSON form, and the other parts of an output line.

use super::number::write_double;
use policy_api::resources::{
    DiskInfo, DiskSourceKind, Reservation, ReservationKind, Value as Amounts,
};
use policy_api::{Resource, Resources, Time, amount_to_f64};
use serde_json::Value;
use std::fmt::{self, Write};

/// Writes resources as an array of objects, sorted by their text.
pub fn write_resources(resources: &Resources, out: &mut String) {
    let mut objects = Vec::new();
    for (resource, copies) in resources.iter() {
        let mut object = String::new();
        let plain = resource.as_plain_scalar().map(|(scalar, _)| resources.plain_double(scalar));
        write_resource(&resource, plain, &mut object);
        objects.extend(std::iter::repeat_n(object, copies as usize));
    }
    objects.sort_unstable();
    out.push('[');
    out.push_str(&objects.join(","));
    out.push(']');
}

/// Keys in byte order, as the recordings have them. `plain`: the double of a plain scalar.
fn write_resource(resource: &Resource, plain: Option<f64>, out: &mut String) {
    out.push('{');
    if let Some(disk) = &resource.disk {
        out.push_str("\"disk\":");
        write_disk(disk, out);
        out.push(',');
    }
    write_text_field("name", Some(&resource.name), out);
    if let Some(provider) = &resource.provider {
        out.push_str(",\"provider_id\":{");
        write_text_field("value", Some(provider), out);
        out.push('}');
    }
    if let Amounts::Ranges(ranges) = &resource.value {
        let ranges: Vec<String> = ranges
            .intervals()
            .iter()
            .map(|(begin, end)| format!("{{\"begin\":{begin},\"end\":{end}}}"))
            .collect();
        let _ = write!(out, ",\"ranges\":{{\"range\":[{}]}}", ranges.join(","));
    }
    if !resource.reservations.is_empty() {
        out.push_str(",\"reservations\":[");
        for (index, reservation) in resource.reservations.iter().enumerate() {
            out.push_str(if index == 0 { "" } else { "," });
            write_reservation(reservation, out);
        }
        out.push(']');
    }
    if resource.revocable {
        out.push_str(",\"revocable\":{}");
    }
    match &resource.value {
        Amounts::Scalar(amount) => {
            out.push_str(",\"scalar\":{\"value\":");
            write_double(plain.unwrap_or_else(|| amount_to_f64(*amount)), out);
            out.push('}');
        }
        Amounts::Set(items) => {
            let items: Vec<String> = items.as_slice().iter().map(|item| quoted(item)).collect();
            let _ = write!(out, ",\"set\":{{\"item\":[{}]}}", items.join(","));
        }
        Amounts::Ranges(_) => {}
    }
    if resource.shared {
        out.push_str(",\"shared\":{}");
    }
    out.push_str(match resource.value {
        Amounts::Scalar(_) => ",\"type\":\"SCALAR\"}",
        Amounts::Ranges(_) => ",\"type\":\"RANGES\"}",
        Amounts::Set(_) => ",\"type\":\"SET\"}",
    });
}

fn write_reservation(reservation: &Reservation, out: &mut String) {
    out.push('{');
    if !reservation.labels.is_empty() {
        let labels: Vec<String> = reservation
            .labels
            .iter()
            .map(|(key, value)| match value {
                Some(value) => format!("{{\"key\":{},\"value\":{}}}", quoted(key), quoted(value)),
                None => format!("{{\"key\":{}}}", quoted(key)),
            })
            .collect();
        let _ = write!(out, "\"labels\":{{\"labels\":[{}]}},", labels.join(","));
    }
    if let Some(principal) = &reservation.principal {
        write_text_field("principal", Some(principal), out);
        out.push(',');
    }
    write_text_field("role", Some(&reservation.role), out);
    out.push_str(match reservation.kind {
        ReservationKind::Static => ",\"type\":\"STATIC\"}",
        ReservationKind::Dynamic => ",\"type\":\"DYNAMIC\"}",
    });
}

fn write_disk(disk: &DiskInfo, out: &mut String) {
    let mut parts = Vec::new();
    if let Some(persistence) = &disk.persistence {
        let mut part = "\"persistence\":{".to_owned();
        write_text_field("id", Some(&persistence.id), &mut part);
        write_text_field("principal", persistence.principal.as_deref(), &mut part);
        parts.push(part + "}");
    }
    if let Some(source) = &disk.source {
        let (kind, place) = match source.kind {
            DiskSourceKind::Path => ("PATH", "path"),
            DiskSourceKind::Mount => ("MOUNT", "mount"),
            DiskSourceKind::Block => ("BLOCK", ""),
            DiskSourceKind::Raw => ("RAW", ""),
        };
        let mut part = "\"source\":{".to_owned();
        write_text_field("id", source.id.as_deref(), &mut part);
        // In byte order: mount, path, profile, type, vendor.
        if let Some(root) = &source.root {
            let separator = if part.ends_with('{') { "" } else { "," };
            let _ = write!(part, "{separator}\"{place}\":{{\"root\":{}}}", quoted(root));
        }
        write_text_field("profile", source.profile.as_deref(), &mut part);
        write_text_field("type", Some(kind), &mut part);
        write_text_field("vendor", source.vendor.as_deref(), &mut part);
        parts.push(part + "}");
    }
    if let Some(volume) = &disk.volume {
        let mut part = "\"volume\":{".to_owned();
        write_text_field("container_path", Some(&volume.container_path), &mut part);
        write_text_field("mode", volume.mode.as_deref(), &mut part);
        parts.push(part + "}");
    }
    out.push('{');
    out.push_str(&parts.join(","));
    out.push('}');
}

fn write_text_field(name: &str, value: Option<&str>, out: &mut String) {
    if let Some(value) = value {
        let separator = if out.ends_with('{') || out.ends_with(',') { "" } else { "," };
        let _ = write!(out, "{separator}\"{name}\":{}", quoted(value));
    }
}

pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A time in seconds with as many decimals as are needed.
pub(super) struct Seconds(pub(super) Time);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_string().trim_end_matches('s'))
    }
}
