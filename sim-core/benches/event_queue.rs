//! The hold model: N events pending, take the earliest, schedule another one. Each kernel does the
//! same holds, so the rows of one run are to be compared with each other.
//!
//! `cargo bench -p sim-core --bench event_queue`

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use policy_api::{Span, Time};
use priority_queue::PriorityQueue;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use sim_core::EventQueue;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const PENDING: [usize; 3] = [1_000, 100_000, 1_000_000];
const HOLDS: usize = 100_000;
/// As large as the engine's own events.
type Payload = [u64; 10];

fn main() {
    divan::main();
}

/// Exponential delays with a mean of a second, prepared so that drawing costs nothing.
struct Delays {
    delays: Vec<u64>,
    next: usize,
}

impl Delays {
    fn new() -> Self {
        let mut random = Pcg64Mcg::seed_from_u64(1);
        let mut draw = |_| {
            let seconds = -(1.0 - random.random::<f64>()).ln();
            Span::from_secs_f64(seconds).expect("a draw is finite").as_nanos()
        };
        Self { delays: (0..1 << 15).map(&mut draw).collect(), next: 0 }
    }

    fn next(&mut self) -> u64 {
        self.next = (self.next + 1) % self.delays.len();
        self.delays[self.next]
    }
}

#[divan::bench(args = PENDING, sample_count = 20)]
fn event_queue(bencher: Bencher, pending: usize) {
    let mut delays = Delays::new();
    let mut queue: EventQueue<Payload> = EventQueue::new();
    for _ in 0..pending {
        queue.push(Time::from_nanos(delays.next()), [0; 10]);
    }
    bencher.counter(ItemsCount::new(HOLDS)).bench_local(|| {
        for _ in 0..HOLDS {
            let (now, payload) = queue.pop().expect("never empty");
            queue.push(Time::from_nanos(now.as_nanos() + delays.next()), black_box(payload));
        }
    });
}

#[divan::bench(args = PENDING, sample_count = 20)]
fn immediate_lane(bencher: Bencher, pending: usize) {
    let mut delays = Delays::new();
    let mut queue: EventQueue<Payload> = EventQueue::new();
    for _ in 0..pending {
        queue.push(Time::from_nanos(1 + delays.next()), [0; 10]);
    }
    queue.push(Time::ZERO, [0; 10]);
    bencher.counter(ItemsCount::new(HOLDS)).bench_local(|| {
        for _ in 0..HOLDS {
            let (now, payload) = queue.pop().expect("never empty");
            queue.push(now, black_box(payload));
        }
    });
}

#[divan::bench(args = PENDING, sample_count = 20)]
fn binary_heap(bencher: Bencher, pending: usize) {
    let mut delays = Delays::new();
    let mut sequence = 0_u64;
    let mut heap = BinaryHeap::new();
    for _ in 0..pending {
        sequence += 1;
        heap.push(Reverse((delays.next(), sequence, [0_u64; 10])));
    }
    bencher.counter(ItemsCount::new(HOLDS)).bench_local(|| {
        for _ in 0..HOLDS {
            let Reverse((now, _, payload)) = heap.pop().expect("never empty");
            sequence += 1;
            heap.push(Reverse((now + delays.next(), sequence, black_box(payload))));
        }
    });
}

#[divan::bench(args = PENDING, sample_count = 20)]
fn priority_queue(bencher: Bencher, pending: usize) {
    let mut delays = Delays::new();
    let mut sequence = 0_u64;
    let mut queue: PriorityQueue<_, _, rustc_hash::FxBuildHasher> =
        PriorityQueue::with_default_hasher();
    let mut payloads = vec![[0_u64; 10]; pending];
    for slot in 0..pending {
        sequence += 1;
        queue.push(slot, Reverse((delays.next(), sequence)));
    }
    bencher.counter(ItemsCount::new(HOLDS)).bench_local(|| {
        for _ in 0..HOLDS {
            let (slot, Reverse((now, _))) = queue.pop().expect("never empty");
            payloads[slot] = black_box(payloads[slot]);
            sequence += 1;
            queue.push(slot, Reverse((now + delays.next(), sequence)));
        }
    });
}
