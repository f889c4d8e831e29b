//! Each check notices the bug that it is there for.

use super::generate;
use super::run::run;
use sim_core::sabotage::Sabotage;

/// So many runs must be enough to notice a bug.
const RUNS: u64 = 60;

/// Some of the runs break one of these invariants, and hardly any other.
fn noticed(sabotage: Sabotage, expected: &[&str]) {
    let mut found = Vec::new();
    for seed in 1..=RUNS {
        let mut plan = generate::plan(seed, 1_000, 0);
        plan.master.sabotage = Some(sabotage);
        for agent in &mut plan.agents {
            agent.options.sabotage = Some(sabotage);
        }
        if let Some(broken) = run(&plan, 0).broken {
            if expected.contains(&broken.violation.invariant) {
                return;
            }
            found.push(broken.violation.to_string());
        }
    }
    panic!("{sabotage:?} was not noticed, but: {found:#?}");
}

#[test]
fn conservation() {
    noticed(Sabotage::LeakAtEnd, &["the allocator holds what is offered or in use"]);
}

#[test]
fn offers() {
    noticed(Sabotage::Overstate, &["an offer is what its framework was told"]);
}

#[test]
fn offers_at_rest() {
    noticed(Sabotage::ForgetRescind, &["at rest no framework has an offer that ended"]);
}

#[test]
fn places_of_tasks() {
    noticed(Sabotage::LaunchTwice, &["a task lives on one host at most"]);
}

#[test]
fn updates() {
    noticed(Sabotage::SkipUpdate, &["updates of a task are heard in order and without gaps"]);
}

#[test]
fn settlement() {
    let expected = ["at rest the tasks agree", "at rest every task has ended or is alive"];
    noticed(Sabotage::ForgetLaunch, &expected);
}

#[test]
fn reservations() {
    let expected = ["reservations and volumes change by operations only"];
    noticed(Sabotage::ForgetReservations, &expected);
}

#[test]
fn views() {
    noticed(Sabotage::KeepExecutors, &["at rest the executors agree"]);
}

#[test]
fn liveness() {
    noticed(Sabotage::StayAway, &["at rest every agent that is up is registered"]);
}

#[test]
fn quota() {
    noticed(Sabotage::IgnoreLimits, &["new offers keep within limits of quota"]);
}

#[test]
fn estimates() {
    noticed(Sabotage::KeepEstimate, &["revocable offers keep within the estimate"]);
}

#[test]
fn offers_in_the_books() {
    noticed(Sabotage::OfferTwice, &["offered resources are those of the offers"]);
}

#[test]
fn use_in_the_books() {
    noticed(Sabotage::CountOn, &["used resources are those of live tasks and executors"]);
}

#[test]
fn totals() {
    noticed(Sabotage::PretendOperation, &["the master's total is the agent's"]);
}

#[test]
fn operations() {
    noticed(Sabotage::ForgetAnswer, &["at rest no operation is under way"]);
}

#[test]
fn ports() {
    noticed(Sabotage::KeepPorts, &["each block of ports is one container's"]);
}

#[test]
fn bytes() {
    noticed(Sabotage::KeepMoving, &["only tasks that run move bytes"]);
}
