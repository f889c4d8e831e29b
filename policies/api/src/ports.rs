//! Blocks of ports, one for each container.

use std::fmt;

/// The ephemeral ports of one container, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortBlock {
    pub begin: u64,
    pub end: u64,
}

/// The blocks of one agent.
pub trait PortAllocator: fmt::Debug {
    /// A free block; `None` where all are taken: the container cannot be launched.
    fn allocate(&mut self) -> Option<PortBlock>;

    /// Gives a block back. False where it was not taken.
    fn free(&mut self, block: PortBlock) -> bool;

    /// How many blocks are taken.
    fn taken(&self) -> usize;

    fn boxed_clone(&self) -> Box<dyn PortAllocator>;
}

impl Clone for Box<dyn PortAllocator> {
    fn clone(&self) -> Self {
        self.boxed_clone()
    }
}
