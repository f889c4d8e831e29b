//! The order in which clients of one level are served.

use crate::{AgentId, Quantities};

/// Orders clients (roles, or the frameworks of one role). A client is named by the caller's id `C`
/// and has a slash-separated path, because siblings compete at each level of a tree
/// (`spec/allocator.md` section 3).
pub trait Sorter<C: Copy> {
    /// Adds an inactive client. `path` must not be a client already.
    fn add(&mut self, client: C, path: &str);

    /// Removes a client together with what is accounted to it.
    fn remove(&mut self, client: C);

    /// Inactive clients are left out of the order, but what they hold still counts.
    fn set_active(&mut self, client: C, active: bool);

    /// Weights belong to paths, which need not be clients. `weight` is above zero.
    fn set_weight(&mut self, path: &str, weight: f64);

    /// The client was given `quantities`: one allocation, which counts in the tie-break.
    fn allocated(&mut self, client: C, agent: AgentId, quantities: &Quantities);

    /// The client gave `quantities` back.
    fn released(&mut self, client: C, agent: AgentId, quantities: &Quantities);

    /// What shares are fractions of: the scalars of the whole cluster.
    fn set_pool(&mut self, total: &Quantities);

    /// Replaces `order` by the active clients, first to be served first.
    fn order_into(&mut self, order: &mut Vec<C>);
}
