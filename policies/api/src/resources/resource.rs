//! One resource object: what it is (identity) and how much of it there is (value).

use super::{DiskInfo, DiskSource, Items, Ranges, Reservation, ReservationKind};
use crate::quantities::{Amount, Scalar};
use crate::role::is_strict_subrole;
use std::sync::Arc;

/// A resource as the protocol carries it (`spec/allocator.md` 1.4). All fields but `value` are its
/// identity: two resources add up only where the identities agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub name: Arc<str>,
    pub value: Value,
    /// The role that it is offered or allocated to; `None` in the totals of agents.
    pub allocation: Option<Arc<str>>,
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

/// The type of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    Scalar,
    Ranges,
    Set,
}

impl Resource {
    /// An unreserved resource without any metadata.
    pub fn plain(name: impl Into<Arc<str>>, value: Value) -> Self {
        Self {
            name: name.into(),
            value,
            allocation: None,
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
            && self.allocation.is_none()
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
        self.reservation_role().is_none_or(|to| is_within(role, to))
    }

    /// Reserved to `role` or to a role below it.
    pub fn is_reserved_to_subtree(&self, role: &str) -> bool {
        self.reservation_role().is_some_and(|to| is_within(to, role))
    }

    /// Allocated to `role` or to a role below it.
    pub fn is_allocated_to_subtree(&self, role: &str) -> bool {
        self.allocation.as_deref().is_some_and(|to| is_within(to, role))
    }

    pub fn is_reserved(&self) -> bool {
        !self.reservations.is_empty()
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
            && self.value.kind() == other.value.kind()
            && self.revocable == other.revocable
            && self.shared == other.shared
            && self.allocation == other.allocation
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
        disk.source.as_ref().is_none_or(DiskSource::is_divisible)
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

/// `role` itself or a role below it.
fn is_within(role: &str, ancestor: &str) -> bool {
    role == ancestor || is_strict_subrole(role, ancestor)
}

impl Value {
    pub const fn kind(&self) -> ValueKind {
        match self {
            Self::Scalar(_) => ValueKind::Scalar,
            Self::Ranges(_) => ValueKind::Ranges,
            Self::Set(_) => ValueKind::Set,
        }
    }

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
