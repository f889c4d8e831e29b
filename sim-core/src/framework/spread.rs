//! Spreading instances over the cluster, so that one failure takes few of them.

use super::Agents;
use policy_api::AgentId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What instances are spread over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SpreadBy {
    #[default]
    Agent,
    /// The agents' text attribute of this name, such as `rack`.
    Attribute(Arc<str>),
    /// The zone of the fault domain. Zones of different regions are different.
    Zone,
    /// The region of the fault domain.
    Region,
}

/// Where instances go: to the value that has the fewest of them. Agents without the attribute or
/// fault domain share a value of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    pub by: SpreadBy,
    /// No value gets more; `None` where that does not matter.
    pub at_most_per_value: Option<u32>,
}

/// One value of what is spread over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value<'a> {
    Agent(AgentId),
    Name(Option<&'a str>),
    Zone(Option<&'a str>, Option<&'a str>),
}

/// How many instances each value has.
pub(super) struct Tally<'a> {
    spread: &'a Spread,
    agents: &'a Agents,
    counts: BTreeMap<Value<'a>, u32>,
}

impl<'a> Tally<'a> {
    /// Counts the instances on these agents.
    pub(super) fn new(
        spread: &'a Spread,
        agents: &'a Agents,
        instances: impl Iterator<Item = AgentId>,
    ) -> Self {
        let mut tally = Self { spread, agents, counts: BTreeMap::new() };
        for agent in instances {
            tally.add(agent);
        }
        tally
    }

    pub(super) fn add(&mut self, agent: AgentId) {
        *self.counts.entry(self.value(agent)).or_default() += 1;
    }

    pub(super) fn remove(&mut self, agent: AgentId) {
        if let Some(count) = self.counts.get_mut(&self.value(agent)) {
            *count = count.saturating_sub(1);
        }
    }

    /// How many instances share a value with this agent; `None` where another one is too many.
    pub(super) fn count(&self, agent: AgentId) -> Option<u32> {
        let count = self.counts.get(&self.value(agent)).copied().unwrap_or(0);
        self.spread.at_most_per_value.is_none_or(|most| count < most).then_some(count)
    }

    fn value(&self, agent: AgentId) -> Value<'a> {
        let info = self.agents.get(agent).and_then(Option::as_ref);
        match &self.spread.by {
            SpreadBy::Agent => Value::Agent(agent),
            SpreadBy::Attribute(name) => Value::Name(info.and_then(|info| {
                let found = info.attributes.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| &**value)
            })),
            SpreadBy::Zone => Value::Zone(
                info.and_then(|info| info.region.as_deref()),
                info.and_then(|info| info.zone.as_deref()),
            ),
            SpreadBy::Region => Value::Name(info.and_then(|info| info.region.as_deref())),
        }
    }
}
