//! Whole allocation cycles beside their floor. `cargo bench -p policy-benchmarks` prints the time of
//! one cycle, or of what the name says; `offersim allocator bench` has all benchmarks, and Mesos's
//! times.

use divan::{Bencher, black_box};
use policy_api::Span;
use policy_benchmarks::{
    Cluster, Shape, floor, large_and_small_cluster, refuse_everything, reserved_cluster,
    unreserve_and_reserve,
};
use std::cell::RefCell;

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

const YEAR: Span = Span::from_secs(31_536_000);

#[divan::bench(args = FULL_CYCLES, sample_count = 5, sample_size = 1)]
fn floor_offering(bencher: Bencher<'_, '_>, shape: &Shape) {
    let mut floor = floor::Offering::new(shape.agents, shape.frameworks);
    bencher.bench_local(|| black_box(floor.run()));
}

/// Every agent is offered to somebody.
#[divan::bench(args = FULL_CYCLES, sample_count = 5, sample_size = 1)]
fn every_agent_offered(bencher: Bencher<'_, '_>, shape: &Shape) {
    let mut cluster = shape.build();
    cluster.tick();
    let cluster = RefCell::new(cluster);
    // Between the cycles all is given back without refusals, so each is a warm one of full size.
    bencher
        .with_inputs(|| cluster.borrow_mut().give_back(Span::ZERO))
        .bench_local_values(|()| cluster.borrow_mut().tick());
    assert!(cluster.borrow().offers_made().is_multiple_of(shape.agents));
}

/// The cycle after everything was declined for a year, three times over.
#[divan::bench(args = FULL_CYCLES, sample_count = 3, sample_size = 1)]
fn after_three_declines(bencher: Bencher<'_, '_>, shape: &Shape) {
    let mut cluster = shape.build();
    for _ in 0..3 {
        cluster.tick();
        cluster.give_back(YEAR);
    }
    bench_tick(bencher, &cluster, shape.agents);
}

/// Declining one offer of each agent.
#[divan::bench(args = FULL_CYCLES, sample_count = 3, sample_size = 1)]
fn decline_all(bencher: Bencher<'_, '_>, shape: &Shape) {
    let mut cluster = shape.build();
    cluster.tick();
    bencher.with_inputs(|| cluster.clone()).bench_local_values(|mut cluster| {
        cluster.give_back(YEAR);
        cluster
    });
}

const REFUSED: &[(usize, usize)] = &[(50_000, 20), (10_000, 100)];

/// All frameworks have refused all agents: the first cycle finds that out, the next ones know.
#[divan::bench(args = REFUSED, sample_count = 3, sample_size = 1)]
fn all_refused(bencher: Bencher<'_, '_>, (agents, frameworks): (usize, usize)) {
    bench_tick(bencher, &refuse_everything(agents, frameworks), 0);
}

#[divan::bench(args = REFUSED, sample_count = 5, sample_size = 1)]
fn all_refused_later(bencher: Bencher<'_, '_>, (agents, frameworks): (usize, usize)) {
    let mut cluster = refuse_everything(agents, frameworks);
    cluster.tick();
    bench_tick(bencher, &cluster, 0);
}

#[divan::bench(args = REFUSED, sample_count = 5, sample_size = 1)]
fn floor_refusing(bencher: Bencher<'_, '_>, (agents, frameworks): (usize, usize)) {
    let floor = floor::Refusing::new(agents, frameworks);
    bencher.bench_local(|| black_box(floor.run()));
}

/// `LargeAndSmallQuota/2`: the cycle that meets all guarantees, and the one after.
#[divan::bench(args = [1, 2], sample_count = 3, sample_size = 1)]
fn large_and_small_quota(bencher: Bencher<'_, '_>, cycle: usize) {
    let mut cluster = large_and_small_cluster(3_000);
    if cycle == 2 {
        cluster.tick();
    }
    bench_tick(bencher, &cluster, if cycle == 1 { 3_500 } else { 0 });
}

#[divan::bench(args = [(50_000, 1), (10, 1_000), (10_000, 1_000)], sample_count = 3, sample_size = 1)]
fn add_agents_and_frameworks(bencher: Bencher<'_, '_>, (agents, frameworks): (usize, usize)) {
    bencher.bench_local(|| Shape { agents, frameworks, own_roles: false, ports: false }.build());
}

/// `UpdateAllocation`: 20 times one framework unreserves its four objects and reserves them again.
#[divan::bench(args = [50, 200], sample_count = 3, sample_size = 1)]
fn update_allocation(bencher: Bencher<'_, '_>, roles: usize) {
    let cluster = reserved_cluster(roles);
    bencher.with_inputs(|| cluster.clone()).bench_local_values(|mut cluster| {
        unreserve_and_reserve(&mut cluster, roles / 2);
        cluster
    });
}

/// One batch allocation of a copy, which must make this many offers.
fn bench_tick(bencher: Bencher<'_, '_>, cluster: &Cluster, offers: usize) {
    bencher.with_inputs(|| cluster.clone()).bench_local_values(|mut copy| {
        copy.tick();
        assert_eq!(copy.offers_made() - cluster.offers_made(), offers);
        copy
    });
}
