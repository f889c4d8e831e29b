//! What a warm run allocates. The counter is one for the whole process, so this file has one test.

#![expect(unsafe_code, reason = "a global allocator that counts can only be had this way")]

mod support;

use policy_api::Time;
use sim_core::framework::{BatchFramework, BatchOptions};
use sim_core::{Observation, Observer, Step};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use support::batch;
use support::cluster::{Cluster, Running};
use support::words::{millis, secs};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static GLOBAL: Counting = Counting;

#[derive(Default)]
struct TasksEnded(u64);

impl Observer for TasksEnded {
    fn observe(&mut self, _: Time, observation: &Observation) {
        if let Observation::TaskEnded(_) = observation {
            self.0 += 1;
        }
    }
}

/// Two frameworks on 50 agents, with more work than they get done.
fn cluster(options: BatchOptions) -> Running<BatchFramework> {
    let mut cluster = Cluster::new()
        .agents(50, "cpus:8;mem:32768")
        .batch("a", options)
        .batch("b", options)
        .job(0, secs(0), "100000xcpus:1;mem:1024@7.3s")
        .job(1, secs(0), "100000xcpus:2;mem:2048@13.7s");
    cluster.agent_latency.jitter = millis(2);
    cluster.framework_latency.jitter = millis(5);
    cluster.build()
}

/// Allocations in thousandths per task, over a long stretch of a run that has warmed up.
fn allocations_per_1000_tasks(options: BatchOptions) -> u64 {
    let mut simulation = cluster(options);
    let mut run_to = |tasks: u64| {
        let mut ended = TasksEnded::default();
        while ended.0 < tasks {
            let step = simulation.step(Time::NEVER, &mut ended).expect("a good workload");
            assert_eq!(step, Step::Continue, "there is more work than that");
        }
    };
    run_to(20_000);
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    run_to(50_000);
    (ALLOCATIONS.load(Ordering::Relaxed) - before) * 1_000 / 50_000
}

/// The engine itself, with its events, books, timers and updates, allocates nothing. What does are
/// messages that own a list: the offers of one allocation to one framework, the offers and the
/// operations of an ACCEPT, the answers that a scheduler gives together, and a table of messages per allocation. So
/// the cost goes with offers, and a task has more of it the fewer share an offer.
#[test]
fn a_warm_run_allocates_for_messages_with_lists_only() {
    let check = |options, bound| {
        let allocations = allocations_per_1000_tasks(options);
        assert!(allocations <= bound, "{allocations} allocations for 1000 tasks, not {bound}");
        // Far below the bound, the bound is out of date.
        assert!(allocations * 2 > bound, "{allocations} allocations for 1000 tasks, not {bound}");
    };
    check(batch::options(), 1_000);
    check(BatchOptions { max_tasks_per_offer: Some(1), ..batch::options() }, 3_000);
}
