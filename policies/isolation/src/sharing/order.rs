//! The links from the lowest level to the highest, and which of them are to be looked at.

use super::levels::Water;
use policy_api::{IdVec, LinkId};

/// Links in the order of their levels. Those that are not full, whose level is infinite, come last in
/// any order.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    links: Vec<LinkId>,
    places: IdVec<LinkId, u32>,
    /// How many have a finite level.
    full: usize,
    /// A bit for each place.
    marks: Vec<u64>,
    /// No word before this one has a mark.
    first: usize,
}

impl Order {
    /// A link that is not full.
    pub(super) fn add(&mut self, link: LinkId) {
        self.places.push(place(self.links.len()));
        self.links.push(link);
        self.marks.resize(self.links.len().div_ceil(64), 0);
    }

    pub(super) fn mark(&mut self, link: LinkId) {
        let place = self.places[link] as usize;
        self.marks[place / 64] |= 1 << (place % 64);
        self.first = self.first.min(place / 64);
    }

    pub(super) fn unmark(&mut self, link: LinkId) {
        let place = self.places[link] as usize;
        self.marks[place / 64] &= !(1 << (place % 64));
    }

    /// The lowest link with a mark.
    pub(super) fn lowest(&mut self) -> Option<LinkId> {
        while *self.marks.get(self.first)? == 0 {
            self.first += 1;
        }
        let bit = self.marks[self.first].trailing_zeros() as usize;
        Some(self.links[self.first * 64 + bit])
    }

    /// Brings a link to its place after its level was changed.
    pub(super) fn put(&mut self, link: LinkId, water: &IdVec<LinkId, Water>) {
        let level = water[link].level;
        let mut at = self.places[link] as usize;
        if level < f64::INFINITY && at >= self.full {
            self.swap(at, self.full);
            at = self.full;
            self.full += 1;
        }
        while at + 1 < self.full && water[self.links[at + 1]].level < level {
            self.swap(at, at + 1);
            at += 1;
        }
        while let Some(next) = at.checked_sub(1)
            && water[self.links[next]].level > level
        {
            self.swap(at, next);
            at = next;
        }
        if level == f64::INFINITY && at < self.full {
            self.full -= 1;
        }
    }

    fn swap(&mut self, one: usize, two: usize) {
        self.links.swap(one, two);
        for place_of in [one, two] {
            self.places[self.links[place_of]] = place(place_of);
        }
        let bit = |place: usize| self.marks[place / 64] >> (place % 64) & 1;
        if bit(one) != bit(two) {
            self.marks[one / 64] ^= 1 << (one % 64);
            self.marks[two / 64] ^= 1 << (two % 64);
            self.first = self.first.min(one / 64).min(two / 64);
        }
    }
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
