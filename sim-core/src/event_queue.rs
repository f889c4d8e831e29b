//! Pending events in total order: by time, then by the order in which they were scheduled.
//!
//! Two structures make one order. What is due at the current instant, nearly all messages of a
//! cluster without latency, waits in a ring and costs a copy. What is due later sits in a four-ary
//! heap of 16-byte keys (time, sequence, slot: one integer comparison) with the payloads in a slab
//! beside it, because the size of an element decides what a heap costs: `benches/event_queue.rs`
//! has the comparison with `std::collections::BinaryHeap` and `priority-queue`.

use policy_api::Time;
use std::collections::VecDeque;

/// Events of type `E` by `(time, sequence)`. Time never goes back: an event that is scheduled
/// before the last one popped is delivered next.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    now: Time,
    sequence: u64,
    /// Due at `now`, in order of sequence.
    immediate: VecDeque<(u64, E)>,
    heap: Vec<Key>,
    payloads: Vec<Option<E>>,
    free: Vec<u32>,
}

/// `time << 64 | sequence << 24 | slot`. The sequence makes keys unique, so the slot never decides.
type Key = u128;

const SLOT_BITS: u32 = 24;
/// Pending later events at one time: 16.7 million.
const SLOTS: usize = 1 << SLOT_BITS;
/// Events over a whole run: 10^12.
const SEQUENCES: u64 = 1 << 40;
const ARITY: usize = 4;

impl<E> EventQueue<E> {
    pub const fn new() -> Self {
        Self {
            now: Time::ZERO,
            sequence: 0,
            immediate: VecDeque::new(),
            heap: Vec::new(),
            payloads: Vec::new(),
            free: Vec::new(),
        }
    }

    /// The time of the last event popped.
    pub const fn now(&self) -> Time {
        self.now
    }

    pub fn len(&self) -> usize {
        self.immediate.len() + self.heap.len()
    }

    pub fn is_empty(&self) -> bool {
        self.immediate.is_empty() && self.heap.is_empty()
    }

    /// How many events have been scheduled so far.
    pub const fn scheduled(&self) -> u64 {
        self.sequence
    }

    /// Schedules an event. Events of one time are delivered in the order of these calls.
    pub fn push(&mut self, at: Time, event: E) {
        let sequence = self.sequence;
        assert!(sequence < SEQUENCES, "more than 2^40 events in one run");
        self.sequence += 1;
        if at <= self.now {
            self.immediate.push_back((sequence, event));
            return;
        }
        let slot = if let Some(slot) = self.free.pop() {
            self.payloads[slot as usize] = Some(event);
            slot
        } else {
            assert!(self.payloads.len() < SLOTS, "more than 2^24 events pending");
            self.payloads.push(Some(event));
            u32::try_from(self.payloads.len() - 1).expect("below 2^24")
        };
        let key =
            u128::from(at.as_nanos()) << 64 | u128::from(sequence) << SLOT_BITS | u128::from(slot);
        self.heap.push(key);
        self.sift_up(self.heap.len() - 1);
    }

    /// When the next event is due.
    pub fn peek_time(&self) -> Option<Time> {
        if self.immediate.is_empty() {
            self.heap.first().map(|key| time_of(*key))
        } else {
            Some(self.now)
        }
    }

    /// Takes the next event and moves the time to it.
    pub fn pop(&mut self) -> Option<(Time, E)> {
        match (self.immediate.front(), self.heap.first()) {
            (Some((sequence, _)), top) => {
                // A later event that has become due may have been scheduled before.
                if top.is_some_and(|key| time_of(*key) <= self.now && sequence_of(*key) < *sequence)
                {
                    return Some(self.pop_heap());
                }
                let (_, event) = self.immediate.pop_front()?;
                Some((self.now, event))
            }
            (None, Some(_)) => Some(self.pop_heap()),
            (None, None) => None,
        }
    }

    /// Moves the time forward without an event, for what arrives from outside the queue.
    ///
    /// # Panics
    /// When an event is due earlier than `to`.
    pub fn advance(&mut self, to: Time) {
        assert!(self.peek_time().is_none_or(|due| to <= due), "an event is due before {to}");
        self.now = self.now.max(to);
    }

    fn pop_heap(&mut self) -> (Time, E) {
        let key = self.heap.swap_remove(0);
        if !self.heap.is_empty() {
            self.sift_down();
        }
        #[expect(clippy::cast_possible_truncation, reason = "the low 24 bits are the slot")]
        let slot = (key as u32) & (SLOTS as u32 - 1);
        let event = self.payloads[slot as usize].take().expect("a key owns its payload");
        self.free.push(slot);
        self.now = self.now.max(time_of(key));
        (self.now, event)
    }

    fn sift_up(&mut self, mut index: usize) {
        let key = self.heap[index];
        while index > 0 {
            let parent = (index - 1) / ARITY;
            if self.heap[parent] <= key {
                break;
            }
            self.heap[index] = self.heap[parent];
            index = parent;
        }
        self.heap[index] = key;
    }

    fn sift_down(&mut self) {
        let key = self.heap[0];
        let mut index = 0;
        loop {
            let first = index * ARITY + 1;
            let children = first..(first + ARITY).min(self.heap.len());
            let Some(least) = children.min_by_key(|&child| self.heap[child]) else { break };
            if self.heap[least] >= key {
                break;
            }
            self.heap[index] = self.heap[least];
            index = least;
        }
        self.heap[index] = key;
    }
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        Self::new()
    }
}

fn time_of(key: Key) -> Time {
    #[expect(clippy::cast_possible_truncation, reason = "the high 64 bits are the time")]
    let nanos = (key >> 64) as u64;
    Time::from_nanos(nanos)
}

fn sequence_of(key: Key) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "the low 64 bits, less the slot")]
    let low = key as u64;
    low >> SLOT_BITS
}
