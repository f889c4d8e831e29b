//! Ports (`spec/network.md` 2, 6.5 and section 7).

use policy_api::resources::Ranges;
use policy_api::{PortAllocator, Span, Time};
use policy_isolation::ports::{
    EphemeralPorts, PortBlock, PortKind, PortPlan, PortPlanError, PortUse, TIME_WAIT, filters,
    sustained_connections,
};
use proptest::prelude::*;

fn ranges(intervals: &[(u64, u64)]) -> Ranges {
    Ranges::new(intervals.to_vec())
}

/// The set-up of `port_mapping_tests.cpp`.
fn plan() -> PortPlan {
    PortPlan {
        ephemeral: Some(ranges(&[(30_001, 30_999)])),
        others: ranges(&[(31_000, 32_000)]),
        host: (57_345, 61_000),
        per_container: 16,
    }
}

#[track_caller]
fn blocks(plan: &PortPlan) -> EphemeralPorts {
    plan.check().expect("a plan that fits")
}

/// The example of the documentation: 24 containers.
#[test]
fn the_documented_range_holds_24_containers() {
    let ephemeral = Some(ranges(&[(32_768, 57_343)]));
    let ports = blocks(&PortPlan { ephemeral, per_container: 1024, ..plan() });
    assert_eq!(ports.capacity(), 24);
}

/// 512 of 999 ports for each: the second container cannot be prepared.
#[test]
fn too_many_containers() {
    let mut ports = blocks(&PortPlan { per_container: 512, ..plan() });
    assert_eq!(ports.allocate(), Some(PortBlock { begin: 30_208, end: 30_719 }));
    assert_eq!(ports.allocate(), None);
}

/// `CleanupNotIsolated`, and the unit tests of the allocator.
#[test]
fn blocks_are_aligned_lowest_first_and_come_back() {
    let mut ports = blocks(&plan());
    let first = ports.allocate().expect("a block");
    let second = ports.allocate().expect("a block");
    assert_eq!((first.begin, first.end), (30_016, 30_031));
    assert_eq!(second.begin, 30_032);
    assert!(ports.free(first));
    assert!(!ports.free(first), "it was free");
    assert_eq!(ports.allocate(), Some(first));
    assert_eq!(ports.taken(), 2);
}

/// An agent that recovers takes the blocks of the containers that it finds.
#[test]
fn blocks_of_recovered_containers_are_skipped() {
    let mut ports = blocks(&plan());
    assert!(ports.reserve(PortBlock { begin: 30_016, end: 30_031 }));
    assert!(!ports.reserve(PortBlock { begin: 30_016, end: 30_031 }), "taken");
    assert!(!ports.reserve(PortBlock { begin: 30_033, end: 30_048 }), "not aligned");
    assert!(!ports.reserve(PortBlock { begin: 30_032, end: 30_032 }), "too short");
    assert!(!ports.reserve(PortBlock { begin: 16, end: 31 }), "not of this agent");
    assert_eq!(ports.allocate().map(|block| block.begin), Some(30_032));
}

#[test]
fn all_that_is_wrong_with_a_plan() {
    let bad = PortPlan {
        ephemeral: Some(ranges(&[(1000, 1010), (57_400, 57_410)])),
        others: ranges(&[(80, 80), (57_400, 57_400)]),
        host: (57_345, 61_000),
        per_container: 100,
    };
    assert_eq!(
        bad.check(),
        Err(vec![
            PortPlanError::Overlap,
            PortPlanError::WellKnown(PortKind::Ephemeral),
            PortPlanError::Host(PortKind::Ephemeral, 57_345, 61_000),
            PortPlanError::WellKnown(PortKind::Others),
            PortPlanError::Host(PortKind::Others, 57_345, 61_000),
            PortPlanError::NotAPowerOfTwo(100),
            PortPlanError::TooManyPerContainer(100, 22),
        ])
    );
    let none = PortPlan { ephemeral: None, per_container: 8, ..plan() };
    let errors = vec![PortPlanError::NoEphemeralPorts, PortPlanError::TooFewPerContainer(8)];
    assert_eq!(none.check(), Err(errors));
}

#[test]
fn ports_are_cut_into_filters() {
    let cut = [(31_001, 31_001), (31_002, 31_003), (31_004, 31_007)];
    assert_eq!(filters(&ranges(&[(31_001, 31_007)])), cut);
    assert_eq!(filters(&ranges(&[(0, 0), (8, 15)])), [(0, 0), (8, 15)]);
}

/// 1,024 ports, and a minute in which each cannot be used again: 17 connections a second.
#[test]
fn ports_run_out() {
    let rate = sustained_connections(1024, Span::ZERO);
    assert!((rate - 17.066).abs() < 0.001, "{rate}");
    let mut connections = PortUse::new(16, TIME_WAIT);
    for _ in 0..16 {
        assert!(connections.open(Time::ZERO));
    }
    assert!(!connections.open(Time::ZERO));
    connections.close(Time::from_secs(1));
    assert!(!connections.open(Time::from_secs(60)));
    assert_eq!(connections.in_time_wait(Time::from_secs(60)), 1);
    assert!(connections.open(Time::from_secs(61)));
    assert_eq!((connections.active(), connections.failed()), (16, 2));
}

proptest! {
    /// Filters cover the ports exactly, each a power of two and aligned; and there is no way with
    /// fewer that two neighbours could be joined.
    #[test]
    fn filters_cover_exactly(intervals in prop::collection::vec((0_u64..66_000, 0_u64..300), 0..6)) {
        let intervals = intervals.into_iter().map(|(begin, more)| (begin, begin + more)).collect();
        let ports = Ranges::new(intervals);
        let cut = filters(&ports);
        for (begin, end) in &cut {
            let size = end - begin + 1;
            prop_assert!(size.is_power_of_two() && begin.is_multiple_of(size));
        }
        for pair in cut.windows(2) {
            let (size, next) = (pair[0].1 - pair[0].0 + 1, pair[1].1 - pair[1].0 + 1);
            let joins = pair[0].1 + 1 == pair[1].0 && size == next;
            prop_assert!(!joins || !pair[0].0.is_multiple_of(2 * size));
        }
        prop_assert_eq!(Ranges::new(cut), ports);
    }

    /// 6.7, number 7.
    #[test]
    fn blocks_are_disjoint(order in prop::collection::vec((any::<bool>(), 0_usize..80), 1..200)) {
        let mut ports = blocks(&plan());
        let mut held: Vec<PortBlock> = Vec::new();
        for (takes, which) in order {
            if takes {
                let Some(block) = ports.allocate() else {
                    prop_assert_eq!(held.len(), ports.capacity());
                    continue;
                };
                let is_apart = |other: &PortBlock| other.end < block.begin || block.end < other.begin;
                prop_assert!(held.iter().all(is_apart));
                held.push(block);
            } else if !held.is_empty() {
                let block = held.swap_remove(which % held.len());
                prop_assert!(ports.free(block));
            }
            prop_assert_eq!(ports.taken(), held.len());
        }
    }
}
