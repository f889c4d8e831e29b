//! Resources as scenarios write them: in Mesos's text form, and builders for what has none.

use policy_api::resources::{
    DiskInfo, DiskSource, DiskSourceKind, Labels, Persistence, Reservation, ReservationKind, Value,
};
use policy_api::{Limits, NamedLimits, Operation, Quantities, Resource, Resources, Scalar};
use std::sync::Arc;

/// The reservations that parameterised scenarios are run with.
pub(crate) const KINDS: [ReservationKind; 2] = [ReservationKind::Static, ReservationKind::Dynamic];

/// What can stand for resources: a text, or resources themselves.
pub(crate) trait Amounts {
    /// The text `all` stands for `all`.
    fn resources(self, all: &Resources) -> Resources;
}

impl Amounts for &str {
    fn resources(self, all: &Resources) -> Resources {
        if self == "all" { all.clone() } else { parse(self) }
    }
}

impl Amounts for &Resources {
    fn resources(self, _: &Resources) -> Resources {
        self.clone()
    }
}

impl Amounts for Resources {
    fn resources(self, _: &Resources) -> Resources {
        self
    }
}

pub(crate) fn parse(text: &str) -> Resources {
    text.parse().expect("written by hand")
}

pub(crate) fn quantities(text: &str) -> Quantities {
    parse(text).scalar_quantities()
}

/// Limits keep zeros. `-`: none.
pub(crate) fn limits(text: &str) -> [Option<i64>; Scalar::COUNT] {
    if text == "-" {
        return Limits::NONE.0;
    }
    let limits: NamedLimits = text.parse().expect("written by hand");
    Limits::try_from(&limits).expect("standard scalars").0
}

/// Adds the reservations on top of these resources.
pub(crate) fn reserve(resources: Resources) -> Operation {
    Operation::Reserve { resources, source: None }
}

pub(crate) fn plus(left: impl Amounts, right: impl Amounts) -> Resources {
    let mut sum = left.resources(&Resources::EMPTY);
    sum.add(&right.resources(&Resources::EMPTY));
    sum
}

pub(crate) fn minus(left: impl Amounts, right: impl Amounts) -> Resources {
    let mut rest = left.resources(&Resources::EMPTY);
    rest.subtract(&right.resources(&Resources::EMPTY));
    rest
}

/// Dynamically reserved, on top of any reservation there is.
pub(crate) fn dynamic(amounts: impl Amounts, role: &str, principal: &str) -> Resources {
    reserved(amounts, role, ReservationKind::Dynamic, Some(principal))
}

/// Reserved in the way that a parameterised scenario asks for.
pub(crate) fn reserved_as(kind: ReservationKind, amounts: impl Amounts, role: &str) -> Resources {
    reserved(amounts, role, kind, None)
}

fn reserved(
    amounts: impl Amounts,
    role: &str,
    kind: ReservationKind,
    principal: Option<&str>,
) -> Resources {
    change(amounts, |resource| {
        resource.reservations.push(Reservation {
            kind,
            role: role.into(),
            principal: principal.map(Arc::from),
            labels: Labels::default(),
        });
    })
}

pub(crate) fn revocable(amounts: impl Amounts) -> Resources {
    change(amounts, |resource| resource.revocable = true)
}

/// A persistent volume made of the disk.
pub(crate) fn volume(disk: impl Amounts, id: &str) -> Resources {
    change(disk, |resource| {
        let persistence = Persistence { id: id.into(), principal: None };
        let info = DiskInfo { persistence: Some(persistence), ..DiskInfo::default() };
        resource.disk = Some(Arc::new(info));
    })
}

/// The same, shared.
pub(crate) fn shared_volume(disk: impl Amounts, id: &str) -> Resources {
    change(volume(disk, id), |resource| resource.shared = true)
}

/// A whole disk of so many MB.
pub(crate) fn mount_disk(megabytes: i64) -> Resources {
    disk_of(
        DiskSource { root: Some("/mnt".into()), ..DiskSource::new(DiskSourceKind::Mount) },
        megabytes,
    )
}

/// Disk space of a source.
pub(crate) fn disk_of(source: DiskSource, megabytes: i64) -> Resources {
    let info = DiskInfo { source: Some(source), ..DiskInfo::default() };
    let mut disk = Resource::plain("disk", Value::Scalar(megabytes * 1000));
    disk.disk = Some(Arc::new(info));
    [disk].into_iter().collect()
}

fn change(amounts: impl Amounts, mut change: impl FnMut(&mut Resource)) -> Resources {
    let mut changed = Resources::EMPTY;
    for (resource, copies) in amounts.resources(&Resources::EMPTY).iter() {
        let mut resource = resource.into_owned();
        change(&mut resource);
        changed.add_copies(resource, copies);
    }
    changed
}
