//! Warm sharing allocates no memory. Alone in its process, because the count is global.

#![expect(unsafe_code, reason = "a global allocator that counts can be written in no other way")]

use policy_api::{BandwidthSharing, DenseId, FlowDemand, FlowId, FlowPath, GroupId, LinkId};
use policy_isolation::sharing::{Fairness, MaxMin, Unshared};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises about `layout` hold for the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: `memory` came from `alloc` above with this `layout`.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The same changes twice over: the first time makes the tables as large as they get.
fn allocations_when_warm(mut sharing: impl BandwidthSharing) -> u64 {
    let cards: Vec<LinkId> = (0..40).map(|_| sharing.add_link(1e9)).collect();
    let mut flows: VecDeque<FlowId> = VecDeque::with_capacity(500);
    let mut changed = Vec::with_capacity(1000);
    let mut count = 0;
    for _ in 0..2 {
        let mut random = Pcg64Mcg::seed_from_u64(3);
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        for step in 0..2000 {
            if flows.len() == 400 {
                let oldest = flows.pop_front().expect("flows");
                sharing.end(oldest, &mut changed);
            }
            let mut end = |from: usize| cards[from + random.random_range(0..20)];
            let path = FlowPath::new(&[end(0), end(20)]).expect("a short path");
            let cap = random.random_bool(0.3).then_some(1e7);
            let group = Some(GroupId::from_index(random.random_range(0..10)));
            let demand = FlowDemand { cap, group, ..FlowDemand::over(path) };
            flows.push_back(sharing.start(&demand, &mut changed));
            if step % 50 == 0 {
                let capacity = if step % 100 == 0 { 5e8 } else { 1e9 };
                sharing.set_capacity(cards[step / 50], capacity, &mut changed);
            }
            changed.clear();
        }
        for flow in flows.drain(..) {
            sharing.end(flow, &mut changed);
            changed.clear();
        }
        count = ALLOCATIONS.load(Ordering::Relaxed) - before;
    }
    count
}

#[test]
fn warm_sharing_allocates_nothing() {
    assert_eq!(allocations_when_warm(MaxMin::new(Fairness::PerFlow)), 0);
    assert_eq!(allocations_when_warm(MaxMin::new(Fairness::PerGroup)), 0);
    assert_eq!(allocations_when_warm(Unshared::new()), 0);
}
