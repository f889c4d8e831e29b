//! Allocators of Mesos offers.
//!
//! [`HierarchicalAllocator`] decides as the built-in allocator of the Mesos master does
//! (`spec/allocator.md`): quota guarantees first, then fair shares by weighted dominant resource
//! fairness at two levels, roles and the frameworks of a role. It is a fold over facts and a
//! decision; it holds no clock, thread or source of randomness of its own.
//!
//! Fair shares and quota know the four standard scalars (`cpus`, `disk`, `gpus`, `mem`); scalars of
//! other names are offered along, but do not count. Minima of offers may name anything.
//!
//! Its two orders, [`DrfSorter`] and [`RandomSorter`], can be used and compared by themselves.
//!
//! [`replay`] reads scripts of facts as JSON lines and writes the offers that they lead to.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod chop;
mod hierarchical;
pub mod replay;
mod sorter;

pub use hierarchical::{
    AgentOrder, AgentState, ClientState, FilterState, FrameworkState, Headroom,
    HierarchicalAllocator, HierarchicalOptions, RoleState, SorterKind,
};
pub use sorter::{DrfSorter, RandomSorter, weighted_shuffle};
