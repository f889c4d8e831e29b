//! Which agents a cycle must look at.
//!
//! An agent that was visited and could give nothing to anybody *sleeps*: visiting it again would
//! decide the same until a fact or the end of a filter changes that. This holds because all tests of
//! an offer are monotone: what is refused, too small or not for a framework stays so when it
//! becomes less. Quota makes offers less, depending on the whole cluster; an agent that only
//! quota kept from giving is *watched* and visited again after any change of the accounts, and in
//! any cycle in which another agent could change them.

use super::bits::BitSet;
use super::filters::Expiry;
use super::schedule::bit;
use policy_api::{AgentId, DenseId};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[derive(Clone, Debug, Default)]
pub(super) struct Wake {
    /// All agents that there are.
    known: BitSet,
    awake: BitSet,
    watched: BitSet,
    /// The first end of a filter per agent. An entry that the agent does not agree with is stale.
    ends: BinaryHeap<Reverse<(Expiry, u32)>>,
    accounts_changed: bool,
}

impl Wake {
    /// Wakes an agent that exists.
    pub(super) fn wake(&mut self, agent: AgentId) {
        self.known.insert(bit(agent));
        self.awake.insert(bit(agent));
    }

    pub(super) fn wake_all(&mut self) {
        self.awake.clone_from(&self.known);
    }

    pub(super) fn sleep(&mut self, agent: AgentId) {
        self.awake.remove(bit(agent));
    }

    pub(super) fn watch(&mut self, agent: AgentId) {
        self.watched.insert(bit(agent));
    }

    pub(super) fn forget(&mut self, agent: AgentId) {
        self.known.remove(bit(agent));
        self.awake.remove(bit(agent));
        self.watched.remove(bit(agent));
    }

    pub(super) fn accounts_changed(&mut self) {
        self.accounts_changed = true;
    }

    /// Wakes the watched agents if anything that quota depends on has changed, or can change within
    /// the cycle because another agent is visited.
    pub(super) fn wake_watched(&mut self) {
        let changed = std::mem::take(&mut self.accounts_changed) || !self.awake.is_empty();
        if changed && !self.watched.is_empty() {
            self.awake.union(&self.watched);
            self.watched.clear();
        }
    }

    pub(super) fn is_awake(&self, agent: AgentId) -> bool {
        self.awake.contains(bit(agent))
    }

    pub(super) fn awake_count(&self) -> usize {
        self.awake.len()
    }

    pub(super) fn anyone(&self) -> bool {
        !self.awake.is_empty() || (self.accounts_changed && !self.watched.is_empty())
    }

    /// In ascending order of ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = AgentId> + '_ {
        self.awake.iter().map(|bit| AgentId::from_index(bit as usize))
    }

    pub(super) fn note_end(&mut self, agent: AgentId, expiry: Expiry) {
        self.ends.push(Reverse((expiry, bit(agent))));
    }

    pub(super) fn first_end(&self) -> Option<Expiry> {
        self.ends.peek().map(|Reverse((expiry, _))| *expiry)
    }

    /// Removes the first end if `due` holds for it.
    pub(super) fn pop_end(&mut self, due: impl Fn(Expiry) -> bool) -> Option<(Expiry, AgentId)> {
        let &Reverse((expiry, agent)) = self.ends.peek()?;
        if !due(expiry) {
            return None;
        }
        self.ends.pop();
        Some((expiry, AgentId::from_index(agent as usize)))
    }
}
