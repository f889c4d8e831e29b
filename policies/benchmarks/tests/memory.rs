//! How much memory the allocator keeps for an agent and for a framework in a role. Alone in its
//! process, because the count is global.

#![expect(unsafe_code, reason = "a global allocator that counts can be written in no other way")]

use policy_api::Span;
use policy_benchmarks::Shape;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

/// Bytes that are allocated and not given back.
static LIVE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises about `layout` hold for the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: `memory` came from `alloc` above with this `layout`.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_add(size, Ordering::Relaxed);
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const AGENTS: usize = 50_000;
const FRAMEWORKS: usize = 6_000;
/// Enough that nearly all agents are offered to others than those who use them, as with many.
const FEW: usize = 100;

/// What a cluster of this shape keeps after warm cycles without refusals, the offers that are out
/// not counted.
fn live_bytes(shape: &Shape) -> usize {
    let before = LIVE.load(Ordering::Relaxed);
    let mut cluster = shape.build();
    for _ in 0..3 {
        cluster.tick();
        cluster.give_back(Span::ZERO);
    }
    cluster.tick();
    assert_eq!(cluster.offers_made(), 4 * shape.agents);
    cluster.forget_offers();
    LIVE.load(Ordering::Relaxed) - before
}

/// The count is of the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

const AGENT: usize = 2 << 10;
/// A framework in a role.
const FRAMEWORK: usize = 1 << 10;
/// A role with its sorter.
const ROLE: usize = 1 << 10;

#[track_caller]
fn assert_small_agents(ports: bool) {
    let _alone = ALONE.lock();
    let few = Shape { agents: AGENTS, frameworks: FEW, own_roles: false, ports };
    let bytes = live_bytes(&few) / AGENTS;
    assert!(bytes <= AGENT, "{bytes} bytes for an agent");
}

#[track_caller]
fn assert_small_frameworks(own_roles: bool, ports: bool) {
    let _alone = ALONE.lock();
    let few = Shape { agents: AGENTS, frameworks: FEW, own_roles, ports };
    let many = Shape { frameworks: FRAMEWORKS, ..few };
    let more = live_bytes(&many).saturating_sub(live_bytes(&few));
    let bytes = more / (FRAMEWORKS - FEW);
    let bound = if own_roles { FRAMEWORK + ROLE } else { FRAMEWORK };
    assert!(bytes <= bound, "{bytes} bytes for a framework");
}

#[test]
fn agents_are_small() {
    assert_small_agents(false);
}

#[test]
fn agents_with_ports_are_small() {
    assert_small_agents(true);
}

#[test]
fn frameworks_are_small() {
    assert_small_frameworks(false, false);
    assert_small_frameworks(false, true);
}

#[test]
fn frameworks_with_their_roles_are_small() {
    assert_small_frameworks(true, false);
    assert_small_frameworks(true, true);
}
