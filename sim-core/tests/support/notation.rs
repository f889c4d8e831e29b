//! Resources and operations in the words of scripts.
//!
//! What an agent can be configured with is as in Mesos's text form: `cpus:4;disk(a):512`. Beyond
//! that, `disk(a,+a/x@ops):512` is reserved for `a` and then, dynamically and by the principal
//! `ops`, for `a/x`, and `cpus(+a@ops#key=value):1` with a label; `disk(+a)[v1@ops]:64` is a volume,
//! `disk(+a)<v1>:64` a shared one, `disk(a)[MOUNT:/m,v1]:64` one of a disk of its own, and
//! `disk(a)[v1,path=other]:64` one at another place in the container. `disk[RAW:,provider=p,id=d]:64`
//! is a disk of a resource provider, with an id; `cpus{REV}:1` is revocable.

use super::words::{launch, launch_name};
use policy_api::resources::{
    DiskInfo, DiskSource, DiskSourceKind, Labels, Persistence, Reservation, ReservationKind, Value,
    Volume,
};
use policy_api::{Amount, Operation, Resource, Resources, amount_from_f64};
use sim_core::protocol::{
    DiskOperation, OfferOperation, OfferOperationKind, OperationId, OperationKind,
};
use std::fmt::Write as _;
use std::sync::Arc;

/// Reads resources.
pub(crate) fn read(word: &str) -> Resources {
    if !word.contains(['+', '<', '{']) && !word.contains(")[") && !word.contains("disk[") {
        return word.parse().unwrap_or_else(|error| panic!("'{word}': {error}"));
    }
    word.split(';').map(read_one).collect()
}

/// Reads one object.
pub(crate) fn read_one(word: &str) -> Resource {
    let mut depth = 0;
    let end_of_head = word.find(|c| {
        match c {
            '(' | '[' | '<' => depth += 1,
            ')' | ']' | '>' => depth -= 1,
            _ => {}
        }
        c == ':' && depth == 0
    });
    let (head, value) = word.split_at(end_of_head.unwrap_or_else(|| panic!("'{word}'?")));
    let name = head.split(['(', '[', '<', '{']).next().unwrap();
    let bare: Resources = format!("{name}{value}").parse().unwrap();
    // Nothing of something is no resource, but may be asked for.
    let nothing = || Resource::plain(name, Value::Scalar(0));
    let mut resource = bare.iter().next().map_or_else(nothing, |(one, _)| one.into_owned());
    resource.reservations =
        between(head, '(', ')').into_iter().flat_map(|stack| stack.split(',')).map(entry).collect();
    resource.revocable = head.ends_with("{REV}");
    let shared = between(head, '<', '>');
    resource.shared = shared.is_some();
    let info = shared.or(between(head, '[', ']'));
    resource.disk = info.map(|info| Arc::new(disk(info)));
    resource.provider = info.and_then(|info| setting(info, "provider=")).map(Into::into);
    resource
}

fn setting<'a>(words: &'a str, name: &str) -> Option<&'a str> {
    words.split(',').find_map(|word| word.strip_prefix(name))
}

fn between(text: &str, open: char, close: char) -> Option<&str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inner, _)| inner)
}

fn entry(word: &str) -> Reservation {
    match word.strip_prefix('+') {
        None => Reservation::fixed(word),
        Some(word) => {
            let (word, label) = word.split_once('#').map_or((word, None), |(it, l)| (it, Some(l)));
            let (role, principal) = signed(word);
            let mut reservation = Reservation::dynamic(role, principal);
            let label = label.and_then(|label| label.split_once('='));
            let label = label.map(|(key, value)| (key.into(), Some(value.into())));
            reservation.labels = Labels::new(label.into_iter().collect());
            reservation
        }
    }
}

fn signed(word: &str) -> (&str, Option<&str>) {
    word.split_once('@').map_or((word, None), |(word, principal)| (word, Some(principal)))
}

fn disk(words: &str) -> DiskInfo {
    let mut info = DiskInfo::default();
    for word in words.split(',') {
        let source = word.split_once(':').map(|(kind, root)| {
            let is_kind = |known: &DiskSourceKind| known.name() == kind;
            let kind = DiskSourceKind::ALL.into_iter().find(is_kind).expect("a kind of disk");
            let root = (!root.is_empty()).then(|| root.into());
            DiskSource { root, ..DiskSource::new(kind) }
        });
        if source.is_some() {
            info.source = source;
        } else if !word.contains('=') {
            let (id, principal) = signed(word);
            info.persistence =
                Some(Persistence { id: id.into(), principal: principal.map(Arc::from) });
            let container_path = setting(words, "path=").unwrap_or("data").into();
            info.volume = Some(Volume { container_path, host_path: None, mode: Some("RW".into()) });
        }
    }
    if let Some(source) = &mut info.source {
        source.id = setting(words, "id=").map(Into::into);
    }
    info
}

/// Writes resources, those that are not plain in alphabetical order.
pub(crate) fn write(resources: &Resources) -> String {
    let plain = resources.plain_amounts().to_string();
    let mut others: Vec<String> = resources
        .others()
        .iter()
        .map(|entry| {
            let copies =
                if entry.copies > 1 { format!("x{}", entry.copies) } else { String::new() };
            write_one(&entry.resource) + &copies
        })
        .collect();
    others.sort();
    let parts = Some(plain).filter(|plain| !plain.is_empty()).into_iter().chain(others);
    parts.collect::<Vec<_>>().join(";")
}

fn write_one(resource: &Resource) -> String {
    let mut text = resource.name.to_string();
    let entries: Vec<String> = resource
        .reservations
        .iter()
        .map(|entry| match entry.kind {
            ReservationKind::Static => entry.role.to_string(),
            ReservationKind::Dynamic => {
                // The notation has room for one; those of stateful services say what the id says.
                let label = match entry.labels.as_slice() {
                    [(key, value)] => format!("#{key}={}", value.as_deref().unwrap_or_default()),
                    _ => String::new(),
                };
                format!("+{}{}{label}", entry.role, by(entry.principal.as_ref()))
            }
        })
        .collect();
    if !entries.is_empty() {
        write!(text, "({})", entries.join(",")).unwrap();
    }
    if let Some(info) = &resource.disk {
        let source = info.source.as_ref().map(|source| {
            format!("{}:{}", source.kind.name(), source.root.as_deref().unwrap_or_default())
        });
        let volume =
            info.persistence.as_ref().map(|it| format!("{}{}", it.id, by(it.principal.as_ref())));
        let (open, close) = if resource.shared { ('<', '>') } else { ('[', ']') };
        let provider = resource.provider.as_ref().map(|provider| format!("provider={provider}"));
        let id = info.source.as_ref().and_then(|source| source.id.as_ref());
        let id = id.map(|id| format!("id={id}"));
        let words = source.into_iter().chain(provider).chain(id).chain(volume);
        write!(text, "{open}{}{close}", words.collect::<Vec<_>>().join(",")).unwrap();
    }
    if resource.revocable {
        text.push_str("{REV}");
    }
    write!(text, ":{}", resource.value.to_string().replace(' ', "")).unwrap();
    text
}

fn by(principal: Option<&Arc<str>>) -> String {
    principal.map(|principal| format!("@{principal}")).unwrap_or_default()
}

/// Reads the operations of an ACCEPT: `reserve R`, `unreserve R`, `create V`, `destroy V`,
/// `grow V R`, `shrink V 32`, `create-disk R R`, `destroy-disk R`, and tasks. `id=7` before an operation
/// is its id. A group of tasks is like `group:T0=cpus:1/E0=cpus:1&T1=...`.
pub(crate) fn operations(words: &[&str]) -> Vec<OfferOperation> {
    let mut words = words.iter();
    let mut operations: Vec<OfferOperation> = Vec::new();
    let mut id = None;
    while let Some(word) = words.next() {
        let mut next = || *words.next().expect("more words");
        if let Some(number) = word.strip_prefix("id=") {
            id = Some(OperationId(number.parse().unwrap()));
            continue;
        }
        let operation = match *word {
            "reserve" => Operation::Reserve { resources: read(next()), source: None },
            "unreserve" => Operation::Unreserve(read(next())),
            "create" => Operation::Create(read(next())),
            "destroy" => Operation::Destroy(read(next())),
            "grow" => {
                Operation::GrowVolume { volume: read_one(next()), addition: read_one(next()) }
            }
            "shrink" => {
                Operation::ShrinkVolume { volume: read_one(next()), subtract: amount(next()) }
            }
            "create-disk" => {
                let (source, target) = (read_one(next()), read_one(next()));
                let operation = Box::new(DiskOperation::Create { source, target });
                let kind = OfferOperationKind::Disk(operation);
                operations.push(OfferOperation { id: id.take(), kind });
                continue;
            }
            "destroy-disk" => {
                let operation = Box::new(DiskOperation::Destroy { source: read_one(next()) });
                let kind = OfferOperationKind::Disk(operation);
                operations.push(OfferOperation { id: id.take(), kind });
                continue;
            }
            task => {
                operations.push(match task.strip_prefix("group:") {
                    None => launch(task).into(),
                    Some(tasks) => {
                        let tasks = tasks.split('&').filter(|it| !it.is_empty()).map(launch);
                        let kind = OfferOperationKind::LaunchGroup(tasks.collect());
                        OfferOperation { id: None, kind }
                    }
                });
                continue;
            }
        };
        operations.push(OfferOperation { id: id.take(), ..operation.into() });
    }
    operations
}

fn amount(word: &str) -> Amount {
    word.parse().ok().and_then(amount_from_f64).unwrap()
}

/// The operation as [`operations`] reads it.
pub(crate) fn operation_name(operation: &OfferOperation) -> String {
    match &operation.kind {
        OfferOperationKind::Launch(launch) => launch_name(launch),
        OfferOperationKind::LaunchGroup(group) => {
            let tasks: Vec<String> = group.iter().map(launch_name).collect();
            format!("group {}", tasks.join(","))
        }
        OfferOperationKind::Convert(operation) => conversion_name(operation),
        OfferOperationKind::Disk(operation) => disk_operation_name(operation),
    }
}

pub(crate) fn disk_operation_name(operation: &DiskOperation) -> String {
    match operation {
        DiskOperation::Create { source, target } => {
            format!("create-disk {} {}", write_one(source), write_one(target))
        }
        DiskOperation::Destroy { source } => format!("destroy-disk {}", write_one(source)),
    }
}

pub(crate) fn conversion_name(operation: &Operation) -> String {
    let name = OperationKind::of(operation).name().to_lowercase();
    let name = name.trim_end_matches("_volume");
    let what = match operation {
        Operation::Reserve { resources, .. }
        | Operation::Unreserve(resources)
        | Operation::Create(resources)
        | Operation::Destroy(resources) => write(resources),
        Operation::GrowVolume { volume, addition } => {
            format!("{} {}", write_one(volume), write_one(addition))
        }
        Operation::ShrinkVolume { volume, subtract } => {
            format!("{} {}", write_one(volume), policy_api::DisplayAmount(*subtract))
        }
    };
    format!("{name} {what}")
}
