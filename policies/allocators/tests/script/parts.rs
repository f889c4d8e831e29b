//! Parts of resources, and operations that they allow.

use super::catalogue::{reservation, volume};
use super::dice::Dice;
use policy_api::resources::{DiskInfo, DiskSource, DiskSourceKind, Ranges, ReservationKind, Value};
use policy_api::{Conversion, Operation, Resource, Resources, is_strict_subrole};
use std::sync::Arc;

/// A part of resources, or all.
pub(crate) fn part(resources: &Resources, dice: &mut Dice) -> Resources {
    let mut part = Resources::EMPTY;
    for (object, copies) in resources.iter() {
        if !dice.one_in(4) {
            let copies =
                u32::try_from(1 + dice.below(copies as usize)).expect("no more than copies");
            part.add_copies(piece(&object, dice), copies);
        }
    }
    part
}

/// The object, or half of it where it can be divided.
fn piece(object: &Resource, dice: &mut Dice) -> Resource {
    let mut piece = object.clone();
    if object.is_divisible() && dice.one_in(2) {
        match &object.value {
            Value::Scalar(amount) => piece.value = Value::Scalar((amount / 2).max(1)),
            Value::Ranges(ranges) => {
                let (begin, end) = ranges.intervals()[0];
                let half = Ranges::new(vec![(begin, begin + (end - begin) / 2)]);
                piece.value = Value::Ranges(half);
            }
            Value::Set(_) => {}
        }
    }
    piece
}

/// Something that a framework in a role, or an operator in its name, could do with the resources.
pub(crate) fn operation(
    resources: &Resources,
    role: &str,
    number: usize,
    dice: &mut Dice,
) -> Option<Vec<Conversion>> {
    let objects: Vec<Resource> = resources
        .iter()
        .map(|(object, _)| object.into_owned())
        .filter(|object| !object.revocable)
        .collect();
    let object = dice.pick(&objects)?;
    let piece = piece(&object, dice);
    let source = object.disk.as_ref().and_then(|disk| disk.source.clone());
    let kind = source.as_ref().map(|source| source.kind);
    let is_raw = matches!(kind, Some(DiskSourceKind::Raw | DiskSourceKind::Block));
    if object.is_persistent_volume() {
        return on_volume(object, dice).conversions().ok();
    }
    if &*object.name == "disk" && object.reservation_role().is_some() && !is_raw && !dice.one_in(3)
    {
        let made = volume(&piece, &format!("v{number}"), dice.one_in(2));
        return Operation::Create(only(made)).conversions().ok();
    }
    if let Some(source) = source.filter(|_| is_raw)
        && dice.one_in(2)
    {
        return Some(vec![finish_disk(&object, source, dice)]);
    }
    if object.is_dynamically_reserved() && dice.one_in(2) {
        return Operation::Unreserve(only(piece)).conversions().ok();
    }
    let below = object.reservation_role();
    let may_reserve = role != "*" && below.is_none_or(|top| is_strict_subrole(role, top));
    may_reserve.then(|| {
        let mut reserved = piece;
        let mut entry = reservation(role, ReservationKind::Dynamic);
        entry.principal = dice.of(&[None, Some("operator")]).map(Arc::from);
        reserved.reservations.push(entry);
        let (resources, source) = (only(reserved), None);
        Operation::Reserve { resources, source }.conversions().ok()
    })?
}

/// Some of these make no sense for some volumes, and are refused.
fn on_volume(volume: Resource, dice: &mut Dice) -> Operation {
    match dice.below(4) {
        0 => {
            // Some of the disk that the volume was made of, if any is left.
            let source = volume.disk.as_ref().and_then(|disk| disk.source.clone());
            let disk = source
                .map(|source| Arc::new(DiskInfo { source: Some(source), ..DiskInfo::default() }));
            let addition = piece(&Resource { disk, shared: false, ..volume.clone() }, dice);
            Operation::GrowVolume { volume, addition }
        }
        1 => {
            let subtract = volume.scalar().expect("volumes are scalars") / 2;
            Operation::ShrinkVolume { volume, subtract }
        }
        _ => Operation::Destroy(only(volume)),
    }
}

/// A raw disk was made one to mount, or went away.
fn finish_disk(object: &Resource, source: DiskSource, dice: &mut Dice) -> Conversion {
    let mut converted = Resources::EMPTY;
    if !dice.one_in(4) {
        let source = Some(DiskSource { kind: DiskSourceKind::Mount, ..source });
        let disk = Some(Arc::new(DiskInfo { source, ..DiskInfo::default() }));
        converted = only(Resource { disk, ..object.clone() });
    }
    let must_vanish = Resources::EMPTY;
    Conversion { consumed: only(object.clone()), converted, must_vanish }
}

/// One more copy of a shared volume for a task.
pub(crate) fn extra_copy(resources: &Resources, dice: &mut Dice) -> Option<Conversion> {
    let shared: Vec<Resource> = resources
        .others()
        .iter()
        .filter(|entry| entry.resource.shared)
        .map(|entry| entry.resource.clone())
        .collect();
    let converted = only(dice.pick(&shared)?);
    Some(Conversion { consumed: Resources::EMPTY, converted, must_vanish: Resources::EMPTY })
}

pub(crate) fn only(object: Resource) -> Resources {
    std::iter::once(object).collect()
}
