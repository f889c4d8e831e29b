//! Checks from outside that nothing is lost, made up or given away twice.

use crate::agent::Agent;
use crate::master::Master;
use policy_api::{AgentId, Allocator, DenseId, Resources};
use std::fmt;

/// A broken invariant: a bug of the engine or of the allocator, never of the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    pub agent: AgentId,
    pub invariant: &'static str,
    pub left: String,
    pub right: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { agent, invariant, left, right } = self;
        write!(f, "agent {}: {invariant}: '{left}' is not '{right}'", agent.index())
    }
}

/// Checks that on this agent, for each kind of resource, total = free + offered + in use, with
/// master, allocator and the list of offers in agreement.
pub fn check_agent<A: Allocator>(master: &Master<A>, agent: AgentId) -> Result<(), Violation> {
    let account = master.account(agent);
    let offers = master.sum_of_offers(agent);
    equal(agent, "offered resources are those of the offers", account.offered, &offers)?;
    let mut held = account.offered.clone();
    held.add(account.used);
    let known = &account.offered_or_allocated;
    equal(agent, "the allocator holds what is offered or in use", known, &held)?;
    // Of a shared volume the agent has one copy, and others may hold as many as they are given.
    let shared = held.shared();
    let has_shared = shared.others().iter().all(|entry| account.total.count(&entry.resource) > 0);
    if has_shared && account.total.contains(&held.non_shared()) {
        Ok(())
    } else {
        let (left, right) = (account.total.to_string(), held.to_string());
        Err(Violation { agent, invariant: "the total covers what is held", left, right })
    }
}

/// Checks that master and agent have converted the agent's resources alike. Only where no operation
/// is on its way.
pub fn check_total<A: Allocator>(master: &Master<A>, agent: &Agent) -> Result<(), Violation> {
    let known = master.account(agent.id()).total;
    equal(agent.id(), "the master's total is the agent's", known, agent.total())
}

/// Checks every agent, and that what is in use is what the tasks hold. Walks all tasks.
pub fn check_all<A: Allocator>(master: &Master<A>) -> Result<(), Violation> {
    let tasks = master.sums_of_tasks();
    for agent in master.agents() {
        check_agent(master, agent)?;
        let used = master.account(agent).used;
        equal(agent, "used resources are those of the live tasks", used, &tasks[agent])?;
    }
    Ok(())
}

fn equal(
    agent: AgentId,
    invariant: &'static str,
    left: &Resources,
    right: &Resources,
) -> Result<(), Violation> {
    if left == right {
        return Ok(());
    }
    Err(Violation { agent, invariant, left: left.to_string(), right: right.to_string() })
}
