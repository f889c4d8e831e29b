//! A cluster's flows: `cargo bench --profile profiling -p policy-isolation --bench flows`.
//!
//! 1,000 agents in 25 racks; each step ends the oldest flow and starts another one. What a step costs
//! follows from how many rates it changes, which is printed for each kind of traffic.

use divan::Bencher;
use divan::counter::ItemsCount;
use policy_api::{BandwidthSharing, DenseId, FlowDemand, FlowId, FlowPath, GroupId, LinkId};
use policy_isolation::sharing::{Fairness, MaxMin, Unshared};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::collections::VecDeque;

fn main() {
    divan::main();
}

const AGENTS: usize = 1_000;
const RACKS: usize = 25;
/// Ten gigabits a second.
const CARD: f64 = 1.25e9;

/// Where the bytes go.
#[derive(Clone, Copy, Debug)]
enum Traffic {
    /// Each flow has the cap of a container that lets a card carry all of its flows: a step moves one
    /// or two rates.
    Capped,
    /// Four in five stay in their rack; half of the containers are capped, the others take what they
    /// get. Uplinks carry a quarter of their rack.
    Mixed,
    /// A shuffle: anybody with anybody, no caps, nothing but full cards.
    AllToAll,
    /// The same where uplinks carry a quarter of their rack: they limit all.
    NarrowUplinks,
}

struct Cluster<S> {
    sharing: S,
    up: Vec<LinkId>,
    down: Vec<LinkId>,
    rack_up: Vec<LinkId>,
    rack_down: Vec<LinkId>,
    flows: VecDeque<FlowId>,
    random: Pcg64Mcg,
    traffic: Traffic,
    changed: Vec<FlowId>,
    /// Rates that have changed.
    changes: u64,
}

impl<S: BandwidthSharing> Cluster<S> {
    fn new(mut sharing: S, traffic: Traffic, count: usize) -> Self {
        let per_rack = (AGENTS / RACKS) as f64;
        let uplink = match traffic {
            Traffic::Capped | Traffic::AllToAll => per_rack * CARD,
            Traffic::Mixed | Traffic::NarrowUplinks => per_rack * CARD / 4.0,
        };
        let mut add = |count: usize, capacity: f64| -> Vec<LinkId> {
            (0..count).map(|_| sharing.add_link(capacity)).collect()
        };
        let (up, down) = (add(AGENTS, CARD), add(AGENTS, CARD));
        let (rack_up, rack_down) = (add(RACKS, uplink), add(RACKS, uplink));
        let random = Pcg64Mcg::seed_from_u64(7);
        let flows = VecDeque::with_capacity(count + 1);
        let changed = Vec::new();
        let mut cluster = Self {
            sharing,
            up,
            down,
            rack_up,
            rack_down,
            flows,
            random,
            traffic,
            changed,
            changes: 0,
        };
        for _ in 0..count {
            cluster.start();
        }
        cluster.changes = 0;
        cluster
    }

    fn start(&mut self) {
        let from = self.random.random_range(0..AGENTS);
        let near = from / (AGENTS / RACKS) * (AGENTS / RACKS);
        let in_rack = matches!(self.traffic, Traffic::Mixed) && self.random.random_bool(0.8);
        let to = if in_rack {
            near + self.random.random_range(0..AGENTS / RACKS)
        } else {
            self.random.random_range(0..AGENTS)
        };
        let (rack_from, rack_to) = (from * RACKS / AGENTS, to * RACKS / AGENTS);
        let mut links = vec![self.up[from]];
        if rack_from != rack_to {
            links.extend([self.rack_up[rack_from], self.rack_down[rack_to]]);
        }
        links.push(self.down[to]);
        let path = FlowPath::new(&links).expect("at most four links");
        let is_capped = match self.traffic {
            Traffic::Capped => true,
            Traffic::Mixed => self.random.random_bool(0.5),
            Traffic::AllToAll | Traffic::NarrowUplinks => false,
        };
        let cap = is_capped.then(|| self.random.random_range(0.2..1.0) * CARD / 20.0);
        let group = GroupId::from_index(from * 4 + self.random.random_range(0..4));
        let demand = FlowDemand { cap, group: Some(group), ..FlowDemand::over(path) };
        self.flows.push_back(self.sharing.start(&demand, &mut self.changed));
        self.changes += self.changed.len() as u64;
        self.changed.clear();
    }

    fn step(&mut self) {
        if let Some(oldest) = self.flows.pop_front() {
            self.sharing.end(oldest, &mut self.changed);
            self.changes += self.changed.len() as u64;
            self.changed.clear();
        }
        self.start();
    }
}

const FLOWS: usize = 20_000;

/// A million steps where they take a minute at most.
#[divan::bench(args = [Traffic::Capped, Traffic::Mixed], sample_count = 1, sample_size = 1)]
fn million_per_flow(bencher: Bencher<'_, '_>, traffic: Traffic) {
    run(bencher, MaxMin::new(Fairness::PerFlow), (traffic, FLOWS), 1_000_000);
}

#[divan::bench(args = [Traffic::AllToAll, Traffic::NarrowUplinks], sample_count = 1, sample_size = 1)]
fn ten_thousand_per_flow(bencher: Bencher<'_, '_>, traffic: Traffic) {
    run(bencher, MaxMin::new(Fairness::PerFlow), (traffic, FLOWS), 10_000);
}

/// A million steps of any traffic, fair up to a thousandth and to a hundredth.
#[divan::bench(
    args = [Traffic::Mixed, Traffic::AllToAll, Traffic::NarrowUplinks],
    consts = [1, 10],
    sample_count = 1,
    sample_size = 1,
)]
fn million_within_thousandths<const N: u32>(bencher: Bencher<'_, '_>, traffic: Traffic) {
    run(bencher, MaxMin::within(f64::from(N) / 1000.0), (traffic, FLOWS), 1_000_000);
}

#[divan::bench(sample_count = 1, sample_size = 1)]
fn ten_thousand_per_group_capped(bencher: Bencher<'_, '_>) {
    run(bencher, MaxMin::new(Fairness::PerGroup), (Traffic::Capped, FLOWS), 10_000);
}

/// A tenth of the flows.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn ten_thousand_per_group_mixed_small(bencher: Bencher<'_, '_>) {
    run(bencher, MaxMin::new(Fairness::PerGroup), (Traffic::Mixed, FLOWS / 10), 10_000);
}

#[divan::bench(sample_count = 1, sample_size = 1)]
fn million_unshared_mixed(bencher: Bencher<'_, '_>) {
    run(bencher, Unshared::new(), (Traffic::Mixed, FLOWS), 1_000_000);
}

#[expect(clippy::print_stdout, reason = "a step's cost means little without it")]
fn run<S: BandwidthSharing>(
    bencher: Bencher<'_, '_>,
    sharing: S,
    (traffic, flows): (Traffic, usize),
    steps: u32,
) {
    let mut cluster = Cluster::new(sharing, traffic, flows);
    bencher.counter(ItemsCount::new(steps)).bench_local(|| {
        for _ in 0..steps {
            cluster.step();
        }
    });
    println!("{traffic:?}: {:.1} rates a step", cluster.changes as f64 / f64::from(steps));
}
