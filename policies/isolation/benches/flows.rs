//! A cluster's flows: `cargo bench -p policy-isolation`.
//!
//! 1,000 agents in 25 racks; each step ends the oldest flow and starts another one. What a step costs
//! follows from how many rates it moves.

use divan::Bencher;
use policy_api::{BandwidthSharing, DenseId, FlowDemand, FlowId, FlowPath, GroupId, LinkId};
use policy_isolation::sharing::{Fairness, MaxMin};
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

/// As many flows at any time.
const FLOWS: usize = 20_000;

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
    moved: u64,
}

impl<S: BandwidthSharing> Cluster<S> {
    fn new(mut sharing: S, traffic: Traffic) -> Self {
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
        let flows = VecDeque::with_capacity(FLOWS + 1);
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
            moved: 0,
        };
        for _ in 0..FLOWS {
            cluster.start();
        }
        cluster.moved = 0;
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
        self.moved += self.changed.len() as u64;
        self.changed.clear();
    }

    fn step(&mut self) {
        if let Some(oldest) = self.flows.pop_front() {
            self.sharing.end(oldest, &mut self.changed);
            self.moved += self.changed.len() as u64;
            self.changed.clear();
        }
        self.start();
    }
}

const TRAFFIC: [Traffic; 4] =
    [Traffic::Capped, Traffic::Mixed, Traffic::AllToAll, Traffic::NarrowUplinks];

fn steps<S: BandwidthSharing>(bencher: Bencher<'_, '_>, sharing: S, traffic: Traffic, steps: u32) {
    let mut cluster = Cluster::new(sharing, traffic);
    let cpu = || std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse::<u64>().unwrap();
    let before = cpu();
    bencher.bench_local(|| {
        for _ in 0..steps {
            cluster.step();
        }
    });
    println!("cpu {} us per step", (cpu() - before) as f64 / 1e3 / f64::from(steps));
    println!("{:.1} rates a step", cluster.moved as f64 / f64::from(steps));
}

#[divan::bench(args = TRAFFIC, sample_count = 1, sample_size = 1)]
fn per_flow_2_000_steps(bencher: Bencher<'_, '_>, traffic: Traffic) {
    steps(bencher, MaxMin::new(Fairness::PerFlow), traffic, 2_000);
}
