//! Per agent and descriptor, the total is what is free, offered and in use. This holds after every
//! event, in the books of the master and of the allocator. Of revocable resources more may be held than
//! there are: an estimate that shrinks takes nothing back. One more thing is different in Mesos: where an
//! agent comes back without a reservation or volume that the books had made already, the total follows
//! the agent at once, though tasks hold what was made; and where the agent got the operation after all,
//! the total follows again, though tasks may have been sent in between. So of such an agent the total
//! need not cover what is held.

use super::Violation;
use crate::agent::Agent;
use crate::master::Master;
use policy_api::{AgentId, Allocator, DenseId, Resources};

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
    let covered = has_shared && account.total.contains(&held.non_shared().non_revocable());
    if covered || master.is_disputed(agent) {
        Ok(())
    } else {
        let found = format!("agent {}: '{}', held '{held}'", agent.index(), account.total);
        Err(Violation::new("the total covers what is held", found))
    }
}

/// Checks that master and agent have converted the agent's resources alike; estimates are not among
/// them. Only where no operation is on its way.
pub fn check_total<A: Allocator>(
    master: &Master<A>,
    id: AgentId,
    agent: &Agent,
) -> Result<(), Violation> {
    let known = master.account(id).total.non_revocable();
    equal(id, "the master's total is the agent's", &known, agent.total())
}

/// Checks every agent, and that what is in use is what the tasks hold. Walks all tasks.
pub fn check_all<A: Allocator>(master: &Master<A>) -> Result<(), Violation> {
    let holders = master.sums_of_holders();
    for agent in master.agents() {
        check_agent(master, agent)?;
        let used = master.account(agent).used;
        equal(
            agent,
            "used resources are those of live tasks and executors",
            used,
            &holders[agent],
        )?;
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
    Err(Violation::new(invariant, format!("agent {}: '{left}' is not '{right}'", agent.index())))
}
