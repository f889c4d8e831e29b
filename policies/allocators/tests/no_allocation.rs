//! A warm cycle allocates no memory. Alone in its process, because the count is global.

#![expect(unsafe_code, reason = "a global allocator that counts can be written in no other way")]

use policy_allocators::{HierarchicalAllocator, HierarchicalOptions};
use policy_api::{
    AgentId, AgentInfo, Allocator, Decision, DenseId, Fact, FrameworkId, FrameworkInfo, Resources,
    RoleId, Span, Time,
};
use std::alloc::{GlobalAlloc, Layout, System};
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

const AGENTS: usize = 200;
const FRAMEWORKS: usize = 60;

fn cluster(total: &str) -> HierarchicalAllocator {
    let mut allocator = HierarchicalAllocator::new(HierarchicalOptions::default());
    let now = Time::ZERO;
    for (index, path) in ["a", "a/x", "b"].into_iter().enumerate() {
        allocator.apply(now, Fact::NameRole { role: RoleId::from_index(index), path });
    }
    let total: Resources = total.parse().expect("written by hand");
    for index in 0..AGENTS {
        let info = AgentInfo { name: format!("s{index}").into(), ..AgentInfo::default() };
        let agent = AgentId::from_index(index);
        allocator.apply(now, Fact::AddAgent { agent, info: &info, total: &total, used: &[] });
    }
    for index in 0..FRAMEWORKS {
        let info = FrameworkInfo {
            name: format!("f{index}").into(),
            roles: vec![RoleId::from_index(index % 3)],
            ..FrameworkInfo::default()
        };
        let framework = FrameworkId::from_index(index);
        allocator
            .apply(now, Fact::AddFramework { framework, info: &info, active: true, used: &[] });
    }
    allocator
}

/// Gives back everything; every third offer is refused for some seconds.
fn give_back(allocator: &mut HierarchicalAllocator, now: Time, decisions: &mut Vec<Decision>) {
    for (index, decision) in decisions.drain(..).enumerate() {
        let Decision::Offer { framework, role, agent, resources, .. } = decision else { continue };
        let refuse = (index % 3 == 0).then(|| Span::from_secs(3));
        allocator.apply(
            now,
            Fact::RecoverResources {
                framework,
                role,
                agent,
                resources: &resources,
                refuse,
                was_allocated: false,
            },
        );
    }
}

#[test]
fn warm_cycles_allocate_nothing() {
    for total in ["cpus:4;mem:4096;disk:1000", "cpus:4;mem:4096;ports:[31000-32000]"] {
        let mut allocator = cluster(total);
        let mut decisions = Vec::with_capacity(2 * AGENTS);
        let mut now = Time::ZERO;
        for round in 0..60 {
            now += Span::from_secs(1);
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            allocator.allocate(now, &mut decisions);
            let made = ALLOCATIONS.load(Ordering::Relaxed) - before;
            assert_eq!(decisions.len(), AGENTS);
            // Buffers get their sizes in the first rounds.
            assert!(round < 30 || made == 0, "{made} allocations in round {round} with {total}");
            give_back(&mut allocator, now, &mut decisions);
        }
    }
}
