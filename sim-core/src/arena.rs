//! Rows that come and go, named by slot and generation.
//!
//! A message or a timer may outlive the row that it speaks of; the generation tells, so nothing
//! has to be cancelled.

use std::fmt;
use std::marker::PhantomData;

/// Names a row of an [`Arena`] of `T`, for ever: a slot that is used again gets a new generation.
pub struct Handle<T> {
    slot: u32,
    generation: u32,
    row: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    /// The handle with these numbers, which another table or a recording has kept.
    pub const fn from_parts(slot: u32, generation: u32) -> Self {
        Self { slot, generation, row: PhantomData }
    }

    pub const fn slot(self) -> u32 {
        self.slot
    }

    pub const fn generation(self) -> u32 {
        self.generation
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.slot, self.generation) == (other.slot, other.generation)
    }
}

impl<T> Eq for Handle<T> {}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}v{}", self.slot, self.generation)
    }
}

/// A slab whose handles are checked.
#[derive(Clone, Debug)]
pub struct Arena<T> {
    rows: Vec<(u32, Option<T>)>,
    free: Vec<u32>,
}

impl<T> Arena<T> {
    pub const fn new() -> Self {
        Self { rows: Vec::new(), free: Vec::new() }
    }

    pub fn insert(&mut self, row: T) -> Handle<T> {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.rows.push((0, None));
            u32::try_from(self.rows.len() - 1).expect("fewer than 2^32 rows")
        });
        let (generation, place) = &mut self.rows[slot as usize];
        *place = Some(row);
        Handle { slot, generation: *generation, row: PhantomData }
    }

    /// The row that a slot has at the moment.
    pub fn at(&self, slot: usize) -> Option<&T> {
        self.rows.get(slot)?.1.as_ref()
    }

    /// The handle of the row that a slot has at the moment.
    pub fn handle_at(&self, slot: usize) -> Option<Handle<T>> {
        let (generation, row) = self.rows.get(slot)?;
        row.as_ref()?;
        Some(Handle::from_parts(u32::try_from(slot).ok()?, *generation))
    }

    /// `None` when the row has gone.
    pub fn get(&self, handle: Handle<T>) -> Option<&T> {
        match self.rows.get(handle.slot as usize) {
            Some((generation, row)) if *generation == handle.generation => row.as_ref(),
            _ => None,
        }
    }

    pub fn get_mut(&mut self, handle: Handle<T>) -> Option<&mut T> {
        match self.rows.get_mut(handle.slot as usize) {
            Some((generation, row)) if *generation == handle.generation => row.as_mut(),
            _ => None,
        }
    }

    pub fn remove(&mut self, handle: Handle<T>) -> Option<T> {
        let (generation, row) = self.rows.get_mut(handle.slot as usize)?;
        if *generation != handle.generation {
            return None;
        }
        let row = row.take()?;
        *generation = generation.wrapping_add(1);
        self.free.push(handle.slot);
        Some(row)
    }

    pub fn len(&self) -> usize {
        self.rows.len() - self.free.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows that are there, by slot.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries().map(|(_, row)| row)
    }

    /// The rows that are there, by slot, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries_mut().map(|(_, row)| row)
    }

    /// The rows that are there with their handles, by slot.
    pub fn entries(&self) -> impl Iterator<Item = (Handle<T>, &T)> {
        self.rows.iter().zip(0..).filter_map(|((generation, row), slot)| {
            Some((Handle::from_parts(slot, *generation), row.as_ref()?))
        })
    }

    /// The rows that are there with their handles, by slot, to be changed.
    pub fn entries_mut(&mut self) -> impl Iterator<Item = (Handle<T>, &mut T)> {
        self.rows.iter_mut().zip(0..).filter_map(|((generation, row), slot)| {
            Some((Handle::from_parts(slot, *generation), row.as_mut()?))
        })
    }
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self::new()
    }
}
