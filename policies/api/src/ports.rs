//! Ports of containers that share one address: blocks, one for each container, and the connections that
//! take the ports of one.

use crate::resources::Ranges;
use crate::{Span, Time};
use std::collections::VecDeque;
use std::fmt;

/// The ephemeral ports of one container, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortBlock {
    pub begin: u64,
    pub end: u64,
}

impl PortBlock {
    /// How many ports it has.
    pub const fn count(self) -> u64 {
        self.end - self.begin + 1
    }
}

/// The blocks of one agent.
pub trait PortAllocator: fmt::Debug {
    /// A free block; `None` where all are taken: the container cannot be launched.
    fn allocate(&mut self) -> Option<PortBlock>;

    /// Gives a block back. False where it was not taken.
    fn free(&mut self, block: PortBlock) -> bool;

    /// Takes the block of a container that lives on. False where it is no free block.
    fn reserve(&mut self, block: PortBlock) -> bool;

    /// All blocks are free: what a process knows that has just come up.
    fn clear(&mut self);

    /// How many blocks there are.
    fn capacity(&self) -> usize;

    /// How many blocks are taken.
    fn taken(&self) -> usize;

    /// How many of the kernel's filters steer the packets of a container that has a block and these other
    /// ports.
    fn filters(&self, ports: &Ranges) -> usize;

    fn boxed_clone(&self) -> Box<dyn PortAllocator>;
}

impl Clone for Box<dyn PortAllocator> {
    fn clone(&self) -> Self {
        self.boxed_clone()
    }
}

/// The ephemeral ports of one container towards one destination: at most as many connections as ports,
/// and a closed one keeps its port for a while, `TIME_WAIT`.
#[derive(Clone, Debug)]
pub struct PortUse {
    ports: usize,
    time_wait: Span,
    active: usize,
    /// When ports come free, ascending.
    waiting: VecDeque<Time>,
    failed: u64,
}

impl PortUse {
    pub const fn new(ports: usize, time_wait: Span) -> Self {
        Self { ports, time_wait, active: 0, waiting: VecDeque::new(), failed: 0 }
    }

    /// A new connection. False where no port is free: it fails at once, "cannot assign address".
    pub fn open(&mut self, now: Time) -> bool {
        self.expire(now);
        let has_port = self.active + self.waiting.len() < self.ports;
        if has_port {
            self.active += 1;
        } else {
            self.failed += 1;
        }
        has_port
    }

    /// A connection is closed from this side.
    pub fn close(&mut self, now: Time) {
        self.expire(now);
        if self.active > 0 {
            self.active -= 1;
            self.waiting.push_back(now + self.time_wait);
        }
    }

    fn expire(&mut self, now: Time) {
        while self.waiting.front().is_some_and(|free| *free <= now) {
            self.waiting.pop_front();
        }
    }

    /// `net_tcp_active_connections`.
    pub const fn active(&self) -> usize {
        self.active
    }

    /// `net_tcp_time_wait_connections` at this time.
    pub fn in_time_wait(&self, now: Time) -> usize {
        self.waiting.iter().filter(|free| **free > now).count()
    }

    /// Whether all ports are free.
    pub fn is_idle(&self, now: Time) -> bool {
        self.active == 0 && self.waiting.back().is_none_or(|free| *free <= now)
    }

    /// Connections that found no port.
    pub const fn failed(&self) -> u64 {
        self.failed
    }
}
