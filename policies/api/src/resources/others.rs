//! The part of a collection that is not plain.

use super::{Entry, Resource};
use crate::quantities::{Quantities, Scalar};
use std::sync::Arc;

/// Everything that is not a plain standard scalar, in Mesos's order: at least one entry. Shared
/// between clones until one of them changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Others {
    entries: Vec<Entry>,
    traits: Traits,
}

/// What a look at all entries would tell. Most questions that an allocation cycle asks are answered
/// by it, and the entries, which lie elsewhere in memory, stay untouched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent questions")]
pub(super) struct Traits {
    /// The standard scalars; a shared one counts once.
    pub(super) scalars: Quantities,
    pub(super) reserved: bool,
    pub(super) refined: bool,
    pub(super) revocable: bool,
    pub(super) shared: bool,
}

impl Others {
    pub(super) fn of(entries: Vec<Entry>) -> Option<Arc<Self>> {
        (!entries.is_empty()).then(|| Arc::new(Self { traits: Traits::of(&entries), entries }))
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn traits(&self) -> &Traits {
        &self.traits
    }

    /// Changes the list, of which nothing may be left afterwards.
    pub(super) fn edit(others: &mut Option<Arc<Self>>, change: impl FnOnce(&mut Vec<Entry>)) {
        let own = Arc::make_mut(others.get_or_insert_default());
        change(&mut own.entries);
        if own.entries.is_empty() {
            *others = None;
        } else {
            own.traits = Traits::of(&own.entries);
        }
    }
}

impl Traits {
    pub(super) const NONE: Self = Self {
        scalars: Quantities::ZERO,
        reserved: false,
        refined: false,
        revocable: false,
        shared: false,
    };

    fn of(entries: &[Entry]) -> Self {
        let mut traits = Self::NONE;
        for Entry { resource, .. } in entries {
            let scalar = Scalar::from_name(&resource.name).zip(resource.scalar());
            if let Some((scalar, amount)) = scalar {
                traits.scalars += Quantities::of(scalar, amount);
            }
            traits.reserved |= resource.is_reserved();
            traits.refined |= resource.has_refined_reservation();
            traits.revocable |= resource.revocable;
            traits.shared |= resource.shared;
        }
        traits
    }
}

/// Adds to the first entry that it can become a part of, else as an entry of its own.
pub(super) fn add(entries: &mut Vec<Entry>, added: &Entry) {
    if added.resource.is_empty() {
        return;
    }
    match entries.iter_mut().find(|own| own.resource.is_addable(&added.resource)) {
        Some(own) if own.resource.shared => own.copies = own.copies.saturating_add(added.copies),
        Some(own) => own.resource.value.add(&added.resource.value),
        None => {
            if entries.is_empty() {
                // Most agents have one kind of such resources: their ports.
                entries.reserve_exact(1);
            }
            entries.push(added.clone());
        }
    }
}

/// Takes from the first entry that it can be a part of; nothing where there is none.
pub(super) fn subtract(entries: &mut Vec<Entry>, taken: &Entry) {
    let is_whole = |own: &Entry| own.resource.is_subtractable(&taken.resource);
    let Some(index) = entries.iter().position(is_whole) else { return };
    let own = &mut entries[index];
    let gone = if own.resource.shared {
        own.copies = own.copies.saturating_sub(taken.copies);
        own.copies == 0
    } else {
        own.resource.value.subtract(&taken.resource.value);
        is_used_up(&own.resource)
    };
    if gone {
        entries.swap_remove(index);
    }
}

fn is_used_up(resource: &Resource) -> bool {
    resource.is_empty() || resource.scalar().is_some_and(|amount| amount < 0)
}
