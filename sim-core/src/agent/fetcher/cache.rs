//! The cache's table (`spec/fetcher.md` section 3).

use super::calls::Call;
use crate::arena::{Arena, Handle};
use crate::protocol::{Origin, UriId, UserId};
use policy_api::{CacheFact, CachePolicy, CacheRequest, CacheSlot, DenseId, Lookup};
use std::sync::Arc;

/// One cached file serves all combinations of options.
pub(super) type Key = (Option<UserId>, UriId);

/// A file in the cache, or on its way into it. One that has failed is not in the table.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(super) key: Key,
    pub(super) origin: Arc<Origin>,
    pub(super) serial: u64,
    pub(super) state: EntryState,
    /// Bytes that it has claimed.
    pub(super) size: u64,
    /// Calls that use it, once for each of their URIs.
    pub(super) references: u32,
    /// Calls that wait for it, the one that made it included, once for each of their URIs.
    pub(super) waiting: Vec<Handle<Call>>,
    /// Whether the file is still there.
    pub(super) on_disk: bool,
}

/// The states of section 4; a reservation takes no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryState {
    Probing,
    Downloading,
    Resident,
}

#[derive(Clone, Debug)]
pub(super) struct Cache {
    pub(super) capacity: u64,
    tally: u64,
    serial: u64,
    entries: Arena<Entry>,
    by_key: Lookup<Key, Handle<Entry>>,
    /// Without one nothing is ever evicted.
    policy: Option<Box<dyn CachePolicy>>,
    victims: Vec<CacheSlot>,
}

/// What left for a new entry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evicted {
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl Cache {
    pub(super) fn new(capacity: u64, policy: Option<Box<dyn CachePolicy>>) -> Self {
        Self {
            capacity,
            tally: 0,
            serial: 0,
            entries: Arena::new(),
            by_key: Lookup::new(),
            policy,
            victims: Vec::new(),
        }
    }

    pub(super) const fn used(&self) -> u64 {
        self.tally
    }

    pub(super) fn eviction_order(&self) -> Vec<&Entry> {
        match &self.policy {
            None => self.entries.iter().collect(),
            Some(policy) => {
                let slots = policy.order().into_iter();
                slots.filter_map(|slot| self.entries.at(slot.index())).collect()
            }
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (Handle<Entry>, &Entry)> {
        self.entries.entries()
    }

    pub(super) fn get(&self, entry: Handle<Entry>) -> Option<&Entry> {
        self.entries.get(entry)
    }

    pub(super) fn get_mut(&mut self, entry: Handle<Entry>) -> Option<&mut Entry> {
        self.entries.get_mut(entry)
    }

    pub(super) fn find(&self, key: Key) -> Option<Handle<Entry>> {
        self.by_key.get(&key).copied()
    }

    fn tell(&mut self, fact: CacheFact) {
        if let Some(policy) = &mut self.policy {
            policy.apply(fact);
        }
    }

    /// A new entry without any bytes.
    pub(super) fn add(&mut self, key: Key, origin: &Arc<Origin>) -> Handle<Entry> {
        self.serial += 1;
        let entry = self.entries.insert(Entry {
            key,
            origin: Arc::clone(origin),
            serial: self.serial,
            state: EntryState::Probing,
            size: 0,
            references: 0,
            waiting: Vec::new(),
            on_disk: false,
        });
        self.by_key.insert(key, entry);
        self.tell(CacheFact::Added { slot: slot(entry) });
        entry
    }

    /// An entry that is there was asked for.
    pub(super) fn touch(&mut self, entry: Handle<Entry>) {
        self.tell(CacheFact::Used { slot: slot(entry) });
    }

    /// Claims the bytes of an entry, and evicts others for it; `None` where there is no room, and then
    /// nothing is evicted.
    pub(super) fn reserve(&mut self, entry: Handle<Entry>, bytes: u64) -> Option<Evicted> {
        let available = self.capacity.saturating_sub(self.tally);
        let mut victims = std::mem::take(&mut self.victims);
        victims.clear();
        let fits = match &mut self.policy {
            None => bytes <= available,
            Some(policy) => {
                let entries = &self.entries;
                let is_pinned = |slot: CacheSlot| {
                    let row = entries.at(slot.index());
                    row.is_none_or(|row| row.references > 0)
                };
                let request = CacheRequest { slot: slot(entry), bytes, available };
                policy.make_room(request, &is_pinned, &mut victims)
            }
        };
        let mut evicted = Evicted::default();
        for victim in victims.iter().filter(|_| fits) {
            if let Some(victim) = self.entries.handle_at(victim.index()) {
                let gone = self.remove(victim);
                evicted.files += 1;
                evicted.bytes += gone.map_or(0, |entry| entry.size);
            }
        }
        self.victims = victims;
        if fits {
            self.resize(entry, bytes);
        }
        fits.then_some(evicted)
    }

    /// An entry takes so many bytes.
    pub(super) fn resize(&mut self, entry: Handle<Entry>, bytes: u64) {
        let Some(row) = self.entries.get_mut(entry) else { return };
        self.tally = self.tally - row.size + bytes;
        row.size = bytes;
        self.tell(CacheFact::Sized { slot: slot(entry), bytes });
    }

    /// An entry leaves the table, and its file the disk.
    pub(super) fn remove(&mut self, entry: Handle<Entry>) -> Option<Entry> {
        let row = self.entries.remove(entry)?;
        self.by_key.remove(&row.key);
        self.tally -= row.size;
        self.tell(CacheFact::Removed { slot: slot(entry) });
        Some(row)
    }

    /// Handles of what was there stay stale for ever.
    pub(super) fn wipe(&mut self) {
        let all: Vec<_> = self.entries.entries().map(|(entry, _)| entry).collect();
        for entry in all {
            self.remove(entry);
        }
        self.serial = 0;
        self.tell(CacheFact::Wiped);
    }

    /// The invariants of section 3, for tests.
    ///
    /// # Errors
    ///
    /// Which one does not hold.
    pub(super) fn check(&self) -> Result<(), String> {
        let sum: u64 = self.entries.iter().map(|entry| entry.size).sum();
        if sum != self.tally {
            return Err(format!("entries have {sum} bytes, the tally says {}", self.tally));
        }
        if self.tally > self.capacity {
            return Err(format!("{} bytes in a cache of {}", self.tally, self.capacity));
        }
        for (handle, entry) in self.entries.entries() {
            if self.find(entry.key) != Some(handle) {
                return Err(format!("{:?} is not found by its key", entry.key));
            }
            match entry.state {
                EntryState::Probing if entry.size > 0 => {
                    return Err(format!("{:?} has bytes before its probe's end", entry.key));
                }
                EntryState::Probing | EntryState::Downloading if entry.references == 0 => {
                    return Err(format!("{:?} is pending and nobody uses it", entry.key));
                }
                EntryState::Probing | EntryState::Downloading | EntryState::Resident => {}
            }
        }
        if self.by_key.len() != self.entries.len() {
            return Err("a key leads to an entry that has gone".to_owned());
        }
        let Some(policy) = &self.policy else { return Ok(()) };
        let mut known = policy.order();
        known.sort_unstable();
        let rows: Vec<CacheSlot> = self.entries.entries().map(|(entry, _)| slot(entry)).collect();
        if known != rows {
            return Err(format!("the policy knows {known:?}, the table has {rows:?}"));
        }
        Ok(())
    }
}

impl Entry {
    /// Its name in the cache's folder: long names are shortened in the middle, so that the suffix
    /// stays.
    pub fn filename(&self) -> String {
        let name = self.origin.basename();
        let length = name.chars().count();
        if length <= 20 {
            return format!("c{}-{name}", self.serial);
        }
        let start: String = name.chars().take(10).collect();
        let end: String = name.chars().skip(length - 10).collect();
        format!("c{}-{start}_{end}", self.serial)
    }

    pub const fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    pub const fn size(&self) -> u64 {
        self.size
    }

    pub const fn references(&self) -> u32 {
        self.references
    }

    /// Whether its file can be used.
    pub const fn is_resident(&self) -> bool {
        matches!(self.state, EntryState::Resident)
    }

    pub const fn user(&self) -> Option<UserId> {
        self.key.0
    }
}

fn slot(entry: Handle<Entry>) -> CacheSlot {
    CacheSlot::from_index(entry.slot() as usize)
}
