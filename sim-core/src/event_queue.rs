//! Pending events in total order: by time, then by the order in which they were scheduled.
//!
//! Two structures make one order. What is due at the current instant, nearly all messages of a
//! cluster without latency, waits in a ring and costs a copy. What is due later waits in a radix
//! heap (Ahuja, Mehlhorn, Orlin, Tarjan 1990): time never goes back, so a pending event can be
//! filed by the highest bit in which its time differs from the last one delivered, and each event
//! moves to a lower bucket a few times, sequentially in memory, where a comparison heap would jump
//! about. The payloads stay in a slab; `benches/event_queue.rs` compares with
//! `std::collections::BinaryHeap` and `priority-queue`.
//!
//! No sequence number is needed. Events of one time are always in the same bucket, behind each
//! other, and those that were scheduled before their time had come precede those that are
//! scheduled within it.

use policy_api::Time;
use std::collections::VecDeque;

/// Events of type `E`, by time and then by the order of scheduling. An event that is scheduled for
/// a time that has passed is due at once.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    now: Time,
    /// Due now, scheduled now.
    immediate: VecDeque<E>,
    /// Due at `base`, scheduled before.
    due: VecDeque<Slot>,
    /// The time to which the buckets refer: that of the last event taken out of them.
    base: u64,
    /// Bucket b holds the events whose time differs from `base` in bit b, and in no higher one.
    buckets: Vec<Bucket>,
    /// Which buckets hold something.
    occupied: u64,
    payloads: Vec<Option<E>>,
    free: Vec<Slot>,
    /// Emptied entries of a bucket, kept for their memory.
    spare: Vec<(u64, Slot)>,
}

/// Where the payload is.
type Slot = u32;

#[derive(Clone, Debug)]
struct Bucket {
    entries: Vec<(u64, Slot)>,
    least: u64,
}

impl<E> EventQueue<E> {
    pub fn new() -> Self {
        let empty = Bucket { entries: Vec::new(), least: u64::MAX };
        Self {
            now: Time::ZERO,
            immediate: VecDeque::new(),
            due: VecDeque::new(),
            base: 0,
            buckets: vec![empty; u64::BITS as usize],
            occupied: 0,
            payloads: Vec::new(),
            free: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// The time of the last event popped.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.immediate.len() + self.payloads.len() - self.free.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Schedules an event. Events of one time are delivered in the order of these calls.
    pub fn push(&mut self, at: Time, event: E) {
        if at <= self.now {
            self.immediate.push_back(event);
            return;
        }
        let slot = if let Some(slot) = self.free.pop() {
            self.payloads[slot as usize] = Some(event);
            slot
        } else {
            self.payloads.push(Some(event));
            Slot::try_from(self.payloads.len() - 1).expect("fewer than 2^32 events pending")
        };
        self.file(at.as_nanos(), slot);
    }

    /// When the next event is due.
    pub fn peek_time(&self) -> Option<Time> {
        if !self.due.is_empty() || !self.immediate.is_empty() {
            return Some(self.now);
        }
        let bucket = self.first_bucket()?;
        Some(Time::from_nanos(self.buckets[bucket].least))
    }

    /// Takes the next event and moves the time to it.
    pub fn pop(&mut self) -> Option<(Time, E)> {
        if self.due.is_empty() {
            // The next bucket may have become due by `advance`; then it goes first.
            let next = self.first_bucket();
            let is_due = |bucket: usize| self.buckets[bucket].least <= self.now.as_nanos();
            match next {
                Some(bucket) if self.immediate.is_empty() || is_due(bucket) => self.open(bucket),
                _ => return self.immediate.pop_front().map(|event| (self.now, event)),
            }
        }
        let slot = self.due.pop_front()?;
        let event = self.payloads[slot as usize].take().expect("a slot owns its payload");
        self.free.push(slot);
        Some((self.now, event))
    }

    /// Moves the time forward without an event, for what arrives from outside the queue.
    ///
    /// # Panics
    /// When an event is due earlier than `to`.
    pub fn advance(&mut self, to: Time) {
        assert!(self.peek_time().is_none_or(|due| to <= due), "an event is due before {to}");
        self.now = self.now.max(to);
    }

    fn first_bucket(&self) -> Option<usize> {
        (self.occupied != 0).then(|| self.occupied.trailing_zeros() as usize)
    }

    /// Files an event of a time after `base`.
    fn file(&mut self, at: u64, slot: Slot) {
        let bit = (at ^ self.base).ilog2();
        let bucket = &mut self.buckets[bit as usize];
        bucket.entries.push((at, slot));
        bucket.least = bucket.least.min(at);
        self.occupied |= 1 << bit;
    }

    /// Moves the time to the least of a bucket, the lowest one, and files its events anew.
    fn open(&mut self, index: usize) {
        let spare = std::mem::take(&mut self.spare);
        let bucket = &mut self.buckets[index];
        let mut entries = std::mem::replace(&mut bucket.entries, spare);
        self.base = std::mem::replace(&mut bucket.least, u64::MAX);
        self.occupied &= !(1 << index);
        self.now = self.now.max(Time::from_nanos(self.base));
        for (at, slot) in entries.drain(..) {
            if at == self.base {
                self.due.push_back(slot);
            } else {
                self.file(at, slot);
            }
        }
        self.spare = entries;
    }
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        Self::new()
    }
}
