//! Whole allocation cycles in the shapes of Mesos's own benchmarks, beside the floor: a loop that
//! only visits each agent, picks the lowest share from a heap and adds the agent to it.
//!
//! `cargo bench -p policy-allocators` prints the time of one cycle (or of what the name says).

mod cluster;

use cluster::{Cluster, Shape};
use divan::{Bencher, black_box};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

fn main() {
    divan::main();
}

const FULL_CYCLES: &[Shape] = &[
    Shape { agents: 10_000, frameworks: 1_000, own_roles: false, ports: true },
    Shape { agents: 10_000, frameworks: 1_000, own_roles: false, ports: false },
    Shape { agents: 10_000, frameworks: 2_000, own_roles: true, ports: false },
    Shape { agents: 50_000, frameworks: 200, own_roles: false, ports: false },
    Shape { agents: 50_000, frameworks: 1_000, own_roles: false, ports: false },
    Shape { agents: 50_000, frameworks: 6_000, own_roles: false, ports: false },
];

/// The floor: nothing but a heap of shares and an array of agents.
#[divan::bench(args = FULL_CYCLES, sample_count = 5, sample_size = 1)]
fn floor(bencher: Bencher<'_, '_>, shape: &Shape) {
    bencher
        .with_inputs(|| {
            let agents = vec![[24_000_i64, 4_096_000, 4_096_000, 0]; shape.agents];
            let heap: BinaryHeap<Reverse<(u64, u32)>> = (0..shape.frameworks)
                .map(|index| Reverse((0, u32::try_from(index).expect("few frameworks"))))
                .collect();
            (agents, heap, vec![[0_i64; 4]; shape.frameworks])
        })
        .bench_local_values(|(agents, mut heap, mut held)| {
            let total: [f64; 4] =
                [24e3, 4_096e3, 4_096e3, 1.0].map(|one| one * shape.agents as f64);
            for agent in &agents {
                let Some(mut top) = heap.peek_mut() else { break };
                let row = &mut held[top.0.1 as usize];
                let mut dominant = 0.0_f64;
                for ((held, amount), total) in row.iter_mut().zip(agent).zip(&total) {
                    *held += amount;
                    dominant = dominant.max(*held as f64 / total);
                }
                top.0.0 = dominant.to_bits();
            }
            black_box(held)
        });
}

/// Every agent is offered to somebody.
#[divan::bench(args = FULL_CYCLES, sample_count = 5, sample_size = 1)]
fn every_agent_offered(bencher: Bencher<'_, '_>, shape: &Shape) {
    let mut cluster = Cluster::new(shape);
    cluster.tick();
    let cluster = RefCell::new(cluster);
    // Between the cycles all is given back without refusals, so each is a warm one of full size.
    bencher.with_inputs(|| cluster.borrow_mut().decline_all(0)).bench_local_values(|()| {
        cluster.borrow_mut().tick();
    });
    assert_eq!(cluster.borrow().decisions.len(), shape.agents);
}

/// The cycle after everything was declined for a year, three times over.
#[divan::bench(args = FULL_CYCLES, sample_count = 3, sample_size = 1)]
fn after_three_declines(bencher: Bencher<'_, '_>, shape: &Shape) {
    let mut cluster = Cluster::new(shape);
    for _ in 0..3 {
        cluster.tick();
        cluster.decline_all(31_536_000);
    }
    bencher.with_inputs(|| cluster.clone()).bench_local_values(|mut cluster| {
        cluster.tick();
        assert_eq!(cluster.decisions.len(), shape.agents);
        cluster
    });
}

/// Declining one offer of each agent.
#[divan::bench(args = FULL_CYCLES, sample_count = 3, sample_size = 1)]
fn decline_all(bencher: Bencher<'_, '_>, shape: &Shape) {
    let mut cluster = Cluster::new(shape);
    cluster.tick();
    bencher.with_inputs(|| cluster.clone()).bench_local_values(|mut cluster| {
        cluster.decline_all(31_536_000);
        cluster
    });
}

/// All frameworks have refused all agents: the first cycle finds that out, the next ones know.
#[divan::bench(args = [(50_000, 20), (10_000, 100)], sample_count = 3, sample_size = 1)]
fn all_refused(bencher: Bencher<'_, '_>, (agents, frameworks): (usize, usize)) {
    let mut cluster = Cluster::new(&Shape { agents, frameworks, own_roles: false, ports: false });
    for _ in 0..frameworks {
        cluster.tick();
        cluster.decline_all(31_536_000);
    }
    bencher.with_inputs(|| cluster.clone()).bench_local_values(|mut cluster| {
        cluster.tick();
        assert!(cluster.decisions.is_empty());
        cluster
    });
}

#[divan::bench(args = [(50_000, 20), (10_000, 100)], sample_count = 5, sample_size = 1)]
fn all_refused_later(bencher: Bencher<'_, '_>, (agents, frameworks): (usize, usize)) {
    let mut cluster = Cluster::new(&Shape { agents, frameworks, own_roles: false, ports: false });
    for _ in 0..=frameworks {
        cluster.tick();
        cluster.decline_all(31_536_000);
    }
    bencher.with_inputs(|| cluster.clone()).bench_local_values(|mut cluster| {
        cluster.tick();
        assert!(cluster.decisions.is_empty());
        cluster
    });
}

/// `LargeAndSmallQuota/2`: the cycle that meets all guarantees, and the one after.
#[divan::bench(args = [1, 2], sample_count = 3, sample_size = 1)]
fn large_and_small_quota(bencher: Bencher<'_, '_>, cycle: usize) {
    let mut cluster = Cluster::with_quota(2_500, 500);
    if cycle == 2 {
        cluster.tick();
    }
    bencher.with_inputs(|| cluster.clone()).bench_local_values(|mut cluster| {
        cluster.tick();
        assert_eq!(cluster.decisions.len(), if cycle == 1 { 3_500 } else { 0 });
        cluster
    });
}

#[divan::bench(args = [(50_000, 1), (10, 1_000), (10_000, 1_000)], sample_count = 3, sample_size = 1)]
fn add_agents_and_frameworks(bencher: Bencher<'_, '_>, (agents, frameworks): (usize, usize)) {
    bencher.bench_local(|| {
        Cluster::new(&Shape { agents, frameworks, own_roles: false, ports: false })
    });
}

/// `UpdateAllocation` with 800 objects on one agent: 20 times one framework unreserves its four
/// and reserves them again.
#[divan::bench(args = [50, 200], sample_count = 3, sample_size = 1)]
fn update_allocation(bencher: Bencher<'_, '_>, roles: usize) {
    let cluster = Cluster::with_reservations(roles);
    bencher.with_inputs(|| cluster.clone()).bench_local_values(|mut cluster| {
        for _ in 0..20 {
            cluster.unreserve_and_reserve(roles / 2);
        }
        cluster
    });
}
