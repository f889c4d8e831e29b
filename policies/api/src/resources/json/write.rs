//! Resources in their JSON form.

use super::number::write_double;
use crate::quantities::amount_to_f64;
use crate::resources::{
    DiskInfo, DiskSource, DiskSourceKind, Labels, Reservation, Resource, Resources,
    Value as Amounts,
};
use serde_json::Value;
use std::fmt::Write;

/// Writes resources as an array of objects, sorted by their text; a shared one as often as there
/// are copies of it.
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
    if let Some(role) = &resource.allocation {
        out.push_str("\"allocation_info\":{");
        write_text_field("role", Some(role), out);
        out.push_str("},");
    }
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
        out.push_str("\"labels\":");
        write_labels(&reservation.labels, out);
        out.push(',');
    }
    if let Some(principal) = &reservation.principal {
        write_text_field("principal", Some(principal), out);
        out.push(',');
    }
    write_text_field("role", Some(&reservation.role), out);
    write_text_field("type", Some(reservation.kind.name()), out);
    out.push('}');
}

fn write_labels(labels: &Labels, out: &mut String) {
    let labels: Vec<String> = labels
        .as_slice()
        .iter()
        .map(|(key, value)| match value {
            Some(value) => format!("{{\"key\":{},\"value\":{}}}", quoted(key), quoted(value)),
            None => format!("{{\"key\":{}}}", quoted(key)),
        })
        .collect();
    let _ = write!(out, "{{\"labels\":[{}]}}", labels.join(","));
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
        parts.push(format!("\"source\":{}", source_object(source)));
    }
    if let Some(volume) = &disk.volume {
        let mut part = "\"volume\":{".to_owned();
        write_text_field("container_path", Some(&volume.container_path), &mut part);
        write_text_field("host_path", volume.host_path.as_deref(), &mut part);
        write_text_field("mode", volume.mode.as_deref(), &mut part);
        parts.push(part + "}");
    }
    out.push('{');
    out.push_str(&parts.join(","));
    out.push('}');
}

fn source_object(source: &DiskSource) -> String {
    let mut object = "{".to_owned();
    write_text_field("id", source.id.as_deref(), &mut object);
    if !source.metadata.is_empty() {
        object.push_str(if object.ends_with('{') { "\"metadata\":" } else { ",\"metadata\":" });
        write_labels(&source.metadata, &mut object);
    }
    let place = if source.kind == DiskSourceKind::Mount { "mount" } else { "path" };
    if let Some(root) = &source.root {
        let separator = if object.ends_with('{') { "" } else { "," };
        let _ = write!(object, "{separator}\"{place}\":{{\"root\":{}}}", quoted(root));
    }
    write_text_field("profile", source.profile.as_deref(), &mut object);
    write_text_field("type", Some(source.kind.name()), &mut object);
    write_text_field("vendor", source.vendor.as_deref(), &mut object);
    object + "}"
}

fn write_text_field(name: &str, value: Option<&str>, out: &mut String) {
    if let Some(value) = value {
        let separator = if out.ends_with('{') || out.ends_with(',') { "" } else { "," };
        let _ = write!(out, "{separator}\"{name}\":{}", quoted(value));
    }
}

/// A text as JSON writes it.
pub fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
