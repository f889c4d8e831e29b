//! Ports of containers that share one address: the checks at start-up, blocks of ephemeral ports, and
//! what happens when a block is used up (`spec/network.md` 2 and 6.5).

use policy_api::resources::Ranges;
use policy_api::{PortAllocator, Span};
pub use policy_api::{PortBlock, PortUse};
use std::fmt;

/// The ports below this one belong to the host.
pub const WELL_KNOWN_END: u64 = 1024;
/// `--ephemeral_ports_per_container`.
pub const DEFAULT_PORTS_PER_CONTAINER: u64 = 1024;
/// The kernel's own range where the operator has not moved it.
pub const DEFAULT_HOST_RANGE: (u64, u64) = (32_768, 61_000);
/// How long a closed connection keeps its port.
pub const TIME_WAIT: Span = Span::from_secs(60);

const FEWEST_PORTS_PER_CONTAINER: u64 = 16;

/// The ports that an agent is configured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortPlan {
    /// `ephemeral_ports` of `--resources`.
    pub ephemeral: Option<Ranges>,
    /// `ports` of `--resources`.
    pub others: Ranges,
    /// What the host takes for its own connections, both ends included.
    pub host: (u64, u64),
    pub per_container: u64,
}

/// Which ports of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortKind {
    Ephemeral,
    Others,
}

impl fmt::Display for PortKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ephemeral => "`ephemeral_ports`",
            Self::Others => "`ports`",
        })
    }
}

/// Why an agent with this plan does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortPlanError {
    #[error("the resources have no `ephemeral_ports`")]
    NoEphemeralPorts,
    #[error("`ephemeral_ports` and `ports` overlap")]
    Overlap,
    #[error("{0} overlap the well-known ports 0-1023")]
    WellKnown(PortKind),
    #[error("{0} overlap the host's own range {1}-{2}")]
    Host(PortKind, u64, u64),
    #[error("{0} ports per container is not a power of two")]
    NotAPowerOfTwo(u64),
    #[error("{0} ports per container is fewer than 16")]
    TooFewPerContainer(u64),
    #[error("{0} ports per container is more than the {1} ephemeral ports")]
    TooManyPerContainer(u64, u64),
}

impl PortPlan {
    /// The blocks of an agent with this plan, or all that is wrong with it.
    pub fn check(&self) -> Result<EphemeralPorts, Vec<PortPlanError>> {
        let mut errors = Vec::new();
        let (begin, end) = self.host;
        let well_known = Ranges::new(vec![(0, WELL_KNOWN_END - 1)]);
        let host = Ranges::new(vec![self.host]);
        let ephemeral = self.ephemeral.clone().unwrap_or_default();
        let per_container = self.per_container;
        if ephemeral.is_empty() {
            errors.push(PortPlanError::NoEphemeralPorts);
        }
        if overlap(&ephemeral, &self.others) {
            errors.push(PortPlanError::Overlap);
        }
        for (kind, ports) in [(PortKind::Ephemeral, &ephemeral), (PortKind::Others, &self.others)] {
            if overlap(ports, &well_known) {
                errors.push(PortPlanError::WellKnown(kind));
            }
            if overlap(ports, &host) {
                errors.push(PortPlanError::Host(kind, begin, end));
            }
        }
        if !per_container.is_power_of_two() {
            errors.push(PortPlanError::NotAPowerOfTwo(per_container));
        }
        if per_container < FEWEST_PORTS_PER_CONTAINER {
            errors.push(PortPlanError::TooFewPerContainer(per_container));
        }
        if !ephemeral.is_empty() && per_container > ephemeral.count() {
            errors.push(PortPlanError::TooManyPerContainer(per_container, ephemeral.count()));
        }
        if errors.is_empty() {
            Ok(EphemeralPorts::new(&ephemeral, per_container))
        } else {
            Err(errors)
        }
    }
}

fn overlap(one: &Ranges, two: &Ranges) -> bool {
    one.difference(two).count() != one.count()
}

/// The blocks of an agent: a power of two of ports, the first a multiple of that. All aligned ones are known from the start, so that to take and to give back
/// needs no memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EphemeralPorts {
    per_container: u64,
    /// The first port of each block, ascending, and whether it is taken.
    blocks: Vec<(u64, bool)>,
}

impl EphemeralPorts {
    /// `per_container` is a power of two; see [`PortPlan::check`].
    fn new(ephemeral: &Ranges, per_container: u64) -> Self {
        let mut blocks = Vec::new();
        for (begin, end) in ephemeral.intervals() {
            let mut first = begin.next_multiple_of(per_container);
            while first + (per_container - 1) <= *end {
                blocks.push((first, false));
                first += per_container;
            }
        }
        Self { per_container, blocks }
    }

    const fn block(&self, begin: u64) -> PortBlock {
        PortBlock { begin, end: begin + (self.per_container - 1) }
    }

    fn set(&mut self, block: PortBlock, takes: bool) -> bool {
        if self.block(block.begin) != block {
            return false;
        }
        let Ok(index) = self.blocks.binary_search_by_key(&block.begin, |(begin, _)| *begin) else {
            return false;
        };
        let is_taken = &mut self.blocks[index].1;
        let changes = *is_taken != takes;
        *is_taken = takes;
        changes
    }
}

impl PortAllocator for EphemeralPorts {
    /// The lowest free block.
    fn allocate(&mut self) -> Option<PortBlock> {
        let (begin, is_taken) = self.blocks.iter_mut().find(|(_, is_taken)| !is_taken)?;
        *is_taken = true;
        let begin = *begin;
        Some(self.block(begin))
    }

    fn free(&mut self, block: PortBlock) -> bool {
        self.set(block, false)
    }

    fn reserve(&mut self, block: PortBlock) -> bool {
        self.set(block, true)
    }

    fn clear(&mut self) {
        for (_, is_taken) in &mut self.blocks {
            *is_taken = false;
        }
    }

    fn filters(&self, ports: &Ranges) -> usize {
        // A block is exactly one.
        1 + filters(ports).len()
    }

    fn capacity(&self) -> usize {
        self.blocks.len()
    }

    fn taken(&self) -> usize {
        self.blocks.iter().filter(|(_, is_taken)| *is_taken).count()
    }

    fn boxed_clone(&self) -> Box<dyn PortAllocator> {
        Box::new(self.clone())
    }
}

/// Cuts ports into aligned ranges of a power of two, each of which is one filter of the kernel.
pub fn filters(ports: &Ranges) -> Vec<(u64, u64)> {
    let mut filters = Vec::new();
    for &(begin, end) in ports.intervals() {
        let mut next = Some(begin);
        while let Some(first) = next.filter(|first| *first <= end) {
            let aligned = if first == 0 { 1 << 62 } else { 1 << first.trailing_zeros().min(62) };
            let left = (end - first).saturating_add(1);
            let size: u64 = if aligned <= left { aligned } else { 1 << left.ilog2() };
            filters.push((first, first + (size - 1)));
            next = first.checked_add(size);
        }
    }
    filters
}

/// The most new connections in a second that a container can sustain towards one destination.
pub fn sustained_connections(ports: u64, mean_lifetime: Span) -> f64 {
    ports as f64 / (TIME_WAIT + mean_lifetime).as_secs_f64()
}
