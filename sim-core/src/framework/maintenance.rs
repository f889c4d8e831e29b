//! Agents that are to be drained, as offers and inverse offers tell.

use policy_api::{AgentId, Span, Time, Unavailability};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(super) struct Maintenance {
    /// How long before its time an agent is left alone.
    margin: Span,
    planned: BTreeMap<AgentId, Unavailability>,
}

impl Maintenance {
    pub(super) const fn new(margin: Span) -> Self {
        Self { margin, planned: BTreeMap::new() }
    }

    /// What was told last holds.
    pub(super) fn note(&mut self, agent: AgentId, plan: Option<Unavailability>) {
        if let Some(plan) = plan {
            self.planned.insert(agent, plan);
        } else if !self.planned.is_empty() {
            self.planned.remove(&agent);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.planned.is_empty()
    }

    /// Whether the agent goes, or has gone, within the margin.
    pub(super) fn is_closing(&self, agent: AgentId, now: Time) -> bool {
        self.planned.get(&agent).is_some_and(|plan| {
            self.closes(plan) <= now && plan.duration.is_none_or(|time| now < plan.start + time)
        })
    }

    /// When the next agent begins to close.
    pub(super) fn next(&self, now: Time) -> Option<Time> {
        self.planned.values().map(|plan| self.closes(plan)).filter(|at| *at > now).min()
    }

    fn closes(&self, plan: &Unavailability) -> Time {
        Time::ZERO + plan.start.since(Time::ZERO + self.margin)
    }
}
