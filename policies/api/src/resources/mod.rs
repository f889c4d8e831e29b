//! Resources with Mesos's identity rules (`spec/allocator.md` section 1).
//!
//! Nearly all amounts in a cluster are plain: unreserved, not revocable, without disk information.
//! [`Resources`] keeps those as a [`Quantities`] beside the list of all others, so that adding,
//! taking away and comparing them costs a few integer operations and no allocation.
//!
//! This file has the arithmetic. What one object is, and what it may be added to, is in
//! `resource.rs`; parts of a collection and questions about it in `select.rs`; other collections
//! made of it in `transform.rs`, `shrink.rs` and `operation.rs`; the forms in `text.rs`,
//! `display.rs` and [`json`].

mod disk;
mod display;
pub mod json;
mod operation;
mod others;
mod raw;
mod reservation;
mod resource;
mod select;
mod shrink;
mod text;
mod transform;
mod validate;
mod value;

pub use disk::{DiskInfo, DiskSource, DiskSourceKind, Persistence, Volume};
pub use operation::{Conversion, ConversionError, Operation};
pub use reservation::{
    DynamicReservation, Labels, RefinedReservation, Reservation, ReservationFields, ReservationKind,
};
pub use resource::{Resource, Value, ValueKind};
pub use text::ParseResourcesError;
pub(crate) use text::parse_pairs;
pub use validate::InvalidResource;
pub use value::{Items, Ranges};

use crate::quantities::{Amount, Quantities, Scalar};
use others::{Others, Traits};
use raw::RawScalars;
use std::borrow::Cow;
use std::sync::Arc;

/// A collection of resources, combined where Mesos combines them (`spec/allocator.md` 1.6).
#[derive(Clone, Debug, Default)]
pub struct Resources {
    plain: Quantities,
    raw: RawScalars,
    others: Option<Arc<Others>>,
}

/// A resource and, where it is shared, how many copies of it there are (otherwise one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub resource: Resource,
    pub copies: u32,
}

impl Resources {
    pub const EMPTY: Self = Self { plain: Quantities::ZERO, raw: RawScalars::NONE, others: None };

    /// Amounts of unreserved scalars. They must not be negative.
    pub const fn plain(plain: Quantities) -> Self {
        Self { plain, raw: RawScalars::NONE, others: None }
    }

    /// The unreserved, non-revocable standard scalars without disk information.
    pub const fn plain_amounts(&self) -> &Quantities {
        &self.plain
    }

    /// Everything else.
    pub fn others(&self) -> &[Entry] {
        self.others.as_deref().map_or(&[], Others::entries)
    }

    fn traits(&self) -> &Traits {
        self.others.as_deref().map_or(&Traits::NONE, Others::traits)
    }

    /// Whether there is nothing but plain scalars: the case that the hot paths are made for.
    pub const fn is_plain(&self) -> bool {
        self.others.is_none()
    }

    pub fn is_empty(&self) -> bool {
        self.others.is_none() && self.plain.is_zero()
    }

    /// All resources as objects: plain ones by name, then the others. Borrowed where possible.
    pub fn iter(&self) -> impl Iterator<Item = (Cow<'_, Resource>, u32)> {
        let plain = self.plain.iter().map(|(scalar, amount)| {
            (Cow::Owned(Resource::plain(scalar.name(), Value::Scalar(amount))), 1)
        });
        plain
            .chain(self.others().iter().map(|entry| (Cow::Borrowed(&entry.resource), entry.copies)))
    }

    pub fn add(&mut self, other: &Self) {
        self.raw.add(&self.plain, &other.raw, &other.plain);
        self.plain += other.plain;
        if self.others.is_none() {
            self.others.clone_from(&other.others);
            return;
        }
        if !other.is_plain() {
            Others::edit(&mut self.others, |entries| {
                other.others().iter().for_each(|entry| others::add(entries, entry));
            });
        }
    }

    /// Adds one object; one that is empty or not valid changes nothing, as in Mesos.
    pub fn add_resource(&mut self, resource: Resource) {
        self.add_copies(resource, 1);
    }

    /// Adds an object whose scalar was written as this double.
    fn add_written(&mut self, resource: Resource, double: Option<f64>) {
        match (resource.as_plain_scalar(), double) {
            (Some((scalar, amount)), Some(value)) => self.add_plain_double(scalar, value, amount),
            (Some(_), None) | (None, _) => self.add_resource(resource),
        }
    }

    fn add_entry(&mut self, entry: &Entry) {
        Others::edit(&mut self.others, |entries| others::add(entries, entry));
    }

    /// Takes `other` away. What is not there is ignored, and taking too much leaves nothing:
    /// Mesos's clamp, which an agent whose total has shrunk below its use depends on.
    pub fn subtract(&mut self, other: &Self) {
        self.raw.retain(|scalar| other.plain[scalar] == 0);
        self.plain = self.plain.saturating_sub(&other.plain);
        if !(self.is_plain() || other.is_plain()) {
            Others::edit(&mut self.others, |entries| {
                other.others().iter().for_each(|entry| others::subtract(entries, entry));
            });
        }
    }

    /// Whether every object of `other` is contained in a single one of ours. Persistent volumes
    /// are counted off one by one; amounts are not added up over different tags.
    pub fn contains(&self, other: &Self) -> bool {
        if !self.plain.contains(&other.plain) {
            return false;
        }
        let (Some(own), Some(theirs)) = (&self.others, &other.others) else {
            return other.is_plain();
        };
        if Arc::ptr_eq(own, theirs) {
            return true;
        }
        let mut left = Cow::Borrowed(own.entries());
        theirs.entries().iter().all(|entry| {
            let contained = left.iter().any(|own| {
                own.resource.contains(&entry.resource)
                    && (!own.resource.shared || own.copies >= entry.copies)
            });
            if contained && entry.resource.is_persistent_volume() {
                others::subtract(left.to_mut(), entry);
            }
            contained
        })
    }

    /// The objects that `keep` accepts, in order. Plain scalars are asked for as one: they differ
    /// in name and amount only.
    #[must_use]
    pub fn filter(&self, plain: bool, mut keep: impl FnMut(&Resource) -> bool) -> Self {
        let mut kept = Self::EMPTY;
        if plain {
            kept.plain = self.plain;
            kept.raw.clone_from(&self.raw);
        }
        if self.others().iter().all(|entry| keep(&entry.resource)) {
            kept.others.clone_from(&self.others);
        } else {
            let kept_ones = self.others().iter().filter(|entry| keep(&entry.resource));
            kept.others = Others::of(kept_ones.cloned().collect());
        }
        kept
    }

    /// Whether there are shared resources among these.
    pub fn has_shared(&self) -> bool {
        self.traits().shared
    }

    pub fn has_reserved(&self) -> bool {
        self.traits().reserved
    }

    /// Whether there are reservations that were refined among these.
    pub fn has_refined(&self) -> bool {
        self.traits().refined
    }

    pub fn has_revocable(&self) -> bool {
        self.traits().revocable
    }

    /// Whether these are known to be the same without looking at objects: equal plain amounts, and
    /// no others or the very same list of them. May be false for equal resources.
    pub fn is_same(&self, other: &Self) -> bool {
        self.plain == other.plain
            && match (&self.others, &other.others) {
                (None, None) => true,
                (Some(left), Some(right)) => Arc::ptr_eq(left, right),
                (None, Some(_)) | (Some(_), None) => false,
            }
    }

    /// Adds a plain scalar as a double that came from outside, which it stays until it takes part in
    /// an addition or subtraction.
    pub fn add_plain_double(&mut self, scalar: Scalar, value: f64, amount: Amount) {
        let mut single = Self::plain(Quantities::of(scalar, amount));
        single.raw.set(scalar, value, amount);
        self.add(&single);
    }

    /// The double that Mesos has for a plain scalar.
    pub fn plain_double(&self, scalar: Scalar) -> f64 {
        self.raw.value(scalar, self.plain[scalar])
    }

    /// What is left of `total`: a plain scalar of which nothing is missing is as it came.
    pub fn align_doubles(&mut self, total: &Self) {
        if !(self.raw.is_none() && total.raw.is_none()) {
            self.raw.clone_from(&total.raw);
            let plain = self.plain;
            self.raw.retain(|scalar| plain[scalar] == total.plain[scalar]);
        }
    }

    /// Adds `copies` copies of a shared resource; one that is not shared is added once.
    pub fn add_copies(&mut self, resource: Resource, copies: u32) {
        if let Some((scalar, amount)) = resource.as_plain_scalar() {
            if amount > 0 {
                self.raw.retain(|other| other != scalar);
                self.plain += Quantities::of(scalar, amount);
            }
        } else if copies > 0 && resource.validate().is_ok() {
            let copies = if resource.shared { copies } else { 1 };
            self.add_entry(&Entry { resource, copies });
        }
    }

    /// Each object by itself, with its copies.
    pub fn singles(&self) -> impl Iterator<Item = Self> + '_ {
        self.iter().map(|(resource, copies)| {
            let mut single = Self::EMPTY;
            single.add_copies(resource.into_owned(), copies);
            single
        })
    }

    /// The plain amounts replaced; everything else as it is.
    #[must_use]
    pub fn with_plain(mut self, plain: Quantities) -> Self {
        let before = std::mem::replace(&mut self.plain, plain);
        self.raw.retain(|scalar| before[scalar] == plain[scalar]);
        self
    }

    /// The sum of all standard scalars whatever their metadata; a shared resource counts once.
    pub fn scalar_quantities(&self) -> Quantities {
        self.plain + self.traits().scalars
    }

    /// The amount of one standard scalar, all tags together.
    pub fn amount(&self, scalar: Scalar) -> Amount {
        self.scalar_quantities()[scalar]
    }
}

/// Mutual containment, as Mesos compares collections.
impl PartialEq for Resources {
    fn eq(&self, other: &Self) -> bool {
        self.contains(other) && other.contains(self)
    }
}

impl From<Quantities> for Resources {
    fn from(plain: Quantities) -> Self {
        Self::plain(plain)
    }
}

impl FromIterator<Resource> for Resources {
    fn from_iter<I: IntoIterator<Item = Resource>>(resources: I) -> Self {
        let mut sum = Self::EMPTY;
        for resource in resources {
            sum.add_resource(resource);
        }
        sum
    }
}
