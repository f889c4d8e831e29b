//! One resource object: what it is (identity) and how much of it there is (value).

use super::value::{Items, Ranges};
use crate::quantities::{Amount, DisplayAmount, Scalar};
use crate::role::is_strict_subrole;
use std::fmt;
use std::sync::Arc;

/// A resource as the protocol carries it (`spec/allocator.md` 1.4). All fields but `value` are its
/// identity: two resources add up only where the identities agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub name: Arc<str>,
    pub value: Value,
    /// The reservation stack, bottom first; empty for an unreserved resource.
    pub reservations: Vec<Reservation>,
    pub disk: Option<Arc<DiskInfo>>,
    pub revocable: bool,
    /// Only persistent volumes may be shared.
    pub shared: bool,
    pub provider: Option<Arc<str>>,
}

/// The amount of a resource; its variant is the resource's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Scalar(Amount),
    Ranges(Ranges),
    Set(Items),
}

/// One entry of a reservation stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    pub kind: ReservationKind,
    pub role: Arc<str>,
    pub principal: Option<Arc<str>>,
    /// Sorted, because Mesos compares labels without regard to their order.
    pub labels: Vec<(Arc<str>, Option<Arc<str>>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservationKind {
    Static,
    Dynamic,
}

/// What distinguishes a disk from plain disk space.
#[derive(Clone, Debug, Default)]
pub struct DiskInfo {
    pub source: Option<DiskSource>,
    pub persistence: Option<Persistence>,
    /// Where the volume appears in the container; not part of the identity.
    pub volume: Option<Volume>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskSource {
    pub kind: DiskSourceKind,
    /// The root of a PATH or MOUNT source.
    pub root: Option<Arc<str>>,
    pub id: Option<Arc<str>>,
    pub profile: Option<Arc<str>>,
    pub vendor: Option<Arc<str>>,
}

/// In the order of Mesos's type numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiskSourceKind {
    Path,
    Mount,
    Block,
    Raw,
}

/// A persistent volume. Its creator's principal is not part of the identity.
#[derive(Clone, Debug)]
pub struct Persistence {
    pub id: Arc<str>,
    pub principal: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    pub container_path: Arc<str>,
    pub mode: Option<Arc<str>>,
}

impl PartialEq for DiskInfo {
    fn eq(&self, other: &Self) -> bool {
        let ids = |info: &Self| info.persistence.as_ref().map(|volume| Arc::clone(&volume.id));
        self.source == other.source && ids(self) == ids(other)
    }
}

impl Eq for DiskInfo {}

impl Resource {
    /// An unreserved resource without any metadata.
    pub fn plain(name: impl Into<Arc<str>>, value: Value) -> Self {
        Self {
            name: name.into(),
            value,
            reservations: Vec::new(),
            disk: None,
            revocable: false,
            shared: false,
            provider: None,
        }
    }

    /// The standard scalar that this is when it carries no metadata at all.
    pub fn as_plain_scalar(&self) -> Option<(Scalar, Amount)> {
        let plain = self.reservations.is_empty()
            && self.disk.is_none()
            && !self.revocable
            && !self.shared
            && self.provider.is_none();
        match self.value {
            Value::Scalar(amount) if plain => Some((Scalar::from_name(&self.name)?, amount)),
            Value::Scalar(_) | Value::Ranges(_) | Value::Set(_) => None,
        }
    }

    /// The amount of a scalar; `None` for ranges and sets.
    pub fn scalar(&self) -> Option<Amount> {
        match self.value {
            Value::Scalar(amount) => Some(amount),
            Value::Ranges(_) | Value::Set(_) => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        match &self.value {
            Value::Scalar(amount) => *amount == 0,
            Value::Ranges(ranges) => ranges.is_empty(),
            Value::Set(items) => items.is_empty(),
        }
    }

    /// The role of the top entry of the stack.
    pub fn reservation_role(&self) -> Option<&str> {
        self.reservations.last().map(|entry| &*entry.role)
    }

    pub fn is_reserved_to(&self, role: &str) -> bool {
        self.reservation_role() == Some(role)
    }

    /// Unreserved, reserved to `role`, or reserved to an ancestor of it.
    pub fn is_allocatable_to(&self, role: &str) -> bool {
        self.reservation_role().is_none_or(|to| to == role || is_strict_subrole(role, to))
    }

    pub fn is_dynamically_reserved(&self) -> bool {
        self.reservations.last().is_some_and(|entry| entry.kind == ReservationKind::Dynamic)
    }

    /// Whether the reservation was refined: pushed on top of another one.
    pub fn has_refined_reservation(&self) -> bool {
        self.reservations.len() > 1
    }

    pub fn is_persistent_volume(&self) -> bool {
        self.disk.as_ref().is_some_and(|disk| disk.persistence.is_some())
    }

    /// Whether everything but the value agrees.
    pub fn same_identity(&self, other: &Self) -> bool {
        self.name == other.name
            && std::mem::discriminant(&self.value) == std::mem::discriminant(&other.value)
            && self.revocable == other.revocable
            && self.shared == other.shared
            && self.reservations == other.reservations
            && self.disk == other.disk
            && self.provider == other.provider
    }

    /// Whether a part may be split off: not from whole disks, volumes and shared resources
    /// (`spec/allocator.md` 1.5).
    pub fn is_divisible(&self) -> bool {
        if self.shared {
            return false;
        }
        let Some(disk) = &self.disk else { return true };
        if disk.persistence.is_some() {
            return false;
        }
        match &disk.source {
            None => true,
            Some(source) => match source.kind {
                DiskSourceKind::Path => true,
                DiskSourceKind::Mount | DiskSourceKind::Block => false,
                DiskSourceKind::Raw => source.id.is_none(),
            },
        }
    }

    /// Whether `self + other` is one object. Equal shared resources add up their copies.
    pub fn is_addable(&self, other: &Self) -> bool {
        self.same_identity(other) && (self.is_divisible() || (self.shared && self == other))
    }

    /// Whether `other` may be taken out of `self`, whatever the amounts.
    pub fn is_subtractable(&self, other: &Self) -> bool {
        self.same_identity(other) && (self.is_divisible() || self == other)
    }

    /// Whether `other` is a part of this object.
    pub fn contains(&self, other: &Self) -> bool {
        self.is_subtractable(other)
            && match (&self.value, &other.value) {
                (Value::Scalar(left), Value::Scalar(right)) => right <= left,
                (Value::Ranges(left), Value::Ranges(right)) => right.is_subset_of(left),
                (Value::Set(left), Value::Set(right)) => right.is_subset_of(left),
                _ => false,
            }
    }
}

impl Value {
    pub(super) fn add(&mut self, other: &Self) {
        match (self, other) {
            (Self::Scalar(left), Self::Scalar(right)) => *left = left.saturating_add(*right),
            (Self::Ranges(left), Self::Ranges(right)) => *left = left.union(right),
            (Self::Set(left), Self::Set(right)) => *left = left.union(right),
            (left, right) => unreachable!("{left:?} + {right:?}: identities differ"),
        }
    }

    pub(super) fn subtract(&mut self, other: &Self) {
        match (self, other) {
            (Self::Scalar(left), Self::Scalar(right)) => *left -= right,
            (Self::Ranges(left), Self::Ranges(right)) => *left = left.difference(right),
            (Self::Set(left), Self::Set(right)) => *left = left.difference(right),
            (left, right) => unreachable!("{left:?} - {right:?}: identities differ"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(amount) => DisplayAmount(*amount).fmt(f),
            Self::Ranges(ranges) => ranges.fmt(f),
            Self::Set(items) => items.fmt(f),
        }
    }
}

/// Mesos's log form, shortened: `cpus(eng,eng/web)[REVOCABLE]:4`.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.reservations.is_empty() {
            let roles: Vec<&str> = self.reservations.iter().map(|entry| &*entry.role).collect();
            write!(f, "({})", roles.join(","))?;
        }
        if let Some(volume) = self.disk.as_ref().and_then(|disk| disk.persistence.as_ref()) {
            write!(f, "[{}]", volume.id)?;
        }
        if self.revocable {
            f.write_str("[REVOCABLE]")?;
        }
        if self.shared {
            f.write_str("[SHARED]")?;
        }
        write!(f, ":{}", self.value)
    }
}
