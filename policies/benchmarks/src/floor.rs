//! What no allocator can do without: the least work that decides the same.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// An agent's resources, or what a framework holds: one number for each of four scalars.
type Amounts = [i64; 4];

/// What each agent has: cpus, disk, gpus, mem in thousandths.
const AGENT: Amounts = [24_000, 4_096_000, 0, 4_096_000];

/// Every agent is offered: visit it, take the framework with the lowest share from a heap, add the
/// agent to what it holds, put it back in its place.
#[derive(Clone, Debug)]
pub struct Offering {
    agents: Vec<Amounts>,
    frameworks: usize,
}

impl Offering {
    pub fn new(agents: usize, frameworks: usize) -> Self {
        Self { agents: vec![AGENT; agents], frameworks }
    }

    /// One allocation of everything. Returns a checksum of what each framework holds.
    pub fn run(&mut self) -> u64 {
        let mut held: Vec<Amounts> = vec![[0; 4]; self.frameworks];
        let mut heap: BinaryHeap<Reverse<(u64, usize)>> =
            (0..self.frameworks).map(|framework| Reverse((0, framework))).collect();
        let total = AGENT.map(|amount| (amount * 1_000_000) as f64);
        for agent in &self.agents {
            let Some(mut top) = heap.peek_mut() else { break };
            let row = &mut held[top.0.1];
            let mut dominant = 0.0_f64;
            for ((held, amount), total) in row.iter_mut().zip(agent).zip(&total) {
                *held += amount;
                if *total > 0.0 {
                    dominant = dominant.max(*held as f64 / total);
                }
            }
            // Shares are not negative, so their bits order as they do.
            top.0.0 = dominant.to_bits();
        }
        held.iter().map(|row| row[0].unsigned_abs()).max().unwrap_or_default()
    }
}

/// No agent is offered, because everybody refuses it: a bit for each pair is read.
#[derive(Clone, Debug)]
pub struct Refusing {
    /// For each agent, a bit for each framework.
    refused: Vec<u64>,
    /// For an agent, how many words its bits take.
    words: usize,
}

impl Refusing {
    pub fn new(agents: usize, frameworks: usize) -> Self {
        let words = frameworks.div_ceil(64);
        Self { refused: vec![u64::MAX; agents * words], words }
    }

    /// One allocation of nothing. Returns the number of agents that anybody would take: none.
    pub fn run(&self) -> u64 {
        let agents = self.refused.chunks_exact(self.words.max(1));
        agents.map(|agent| u64::from(!agent.iter().all(|&word| word == u64::MAX))).sum()
    }
}
