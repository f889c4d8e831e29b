//! Random whole clusters (see `cli/src/swarm`).

#![allow(dead_code, reason = "the command line uses the rest")]

#[path = "../../cli/src/swarm/cluster.rs"]
mod cluster;
#[path = "../../cli/src/swarm/disturb.rs"]
mod disturb;
#[path = "../../cli/src/swarm/files.rs"]
mod files;
#[path = "../../cli/src/swarm/generate.rs"]
mod generate;
#[path = "../../cli/src/swarm/minimise.rs"]
mod minimise;
#[path = "../../cli/src/swarm/network.rs"]
mod network;
#[path = "../../cli/src/swarm/operations.rs"]
mod operations;
#[path = "../../cli/src/swarm/oversubscription.rs"]
mod oversubscription;
#[path = "../../cli/src/swarm/plan.rs"]
mod plan;
#[path = "../../cli/src/swarm/restless.rs"]
mod restless;
#[path = "../../cli/src/swarm/run.rs"]
mod run;
mod sabotage;
#[path = "../../cli/src/swarm/transport.rs"]
mod transport;

/// Two tasks with a nanosecond left each that woke each other before they got on kept the clock where it was.
#[test]
fn rounding_keeps_no_task_alive() {
    for number in 0..3 {
        let outcome = run::run(&generate::plan(1_274, 2_000, number), 0);
        assert!(outcome.broken.is_none(), "{:?}", outcome.broken);
    }
}

/// The same seed is the same run, and what fails can be cut down to something that fails alike.
#[test]
fn plans_can_be_run_again_and_cut_down() {
    let plan = generate::plan(1, 1_000, 0);
    assert_eq!(run::run(&plan, 0).events, run::run(&generate::plan(1, 1_000, 0), 0).events);
    let mut plan = generate::plan(2, 1_000, 0);
    for agent in &mut plan.agents {
        agent.options.sabotage = Some(sim_core::sabotage::Sabotage::SkipUpdate);
    }
    let broken = run::run(&plan, 0).broken.expect("the bug is noticed");
    let smallest = minimise::minimise(&plan, broken.violation.invariant);
    let again = run::run(&smallest, 0).broken.expect("it fails still");
    assert_eq!(again.violation.invariant, broken.violation.invariant);
    assert!(smallest.agents.len() <= plan.agents.len() && smallest.jobs.len() <= plan.jobs.len());
    assert!(smallest.faults.is_empty(), "{:?}", smallest.faults);
}

/// In some of the runs bytes move, caps hold them back, and ports run out.
#[test]
fn networks_are_used() {
    let (mut moving, mut throttled, mut without_ports) = (0, 0, 0);
    for plan in (1..=60).map(|seed| generate::plan(seed, 1_000, 0)) {
        if plan.network.is_none() {
            continue;
        }
        let mut cluster = cluster::build(&plan);
        let horizon = plan.quiet_from;
        while cluster.step(horizon, &mut ()).is_ok_and(|step| step == sim_core::Step::Continue) {}
        let totals = cluster.network().expect("a network").totals();
        moving += usize::from(totals.sent > 0.0 && totals.received > 0.0);
        throttled += usize::from(!totals.throttled.is_zero());
        let failed = |agent: &sim_core::agent::Agent| agent.launches_without_ports() > 0;
        without_ports += usize::from(cluster.agents().any(failed));
    }
    assert!(
        moving > 3 && throttled > 1 && without_ports > 0,
        "{moving} {throttled} {without_ports}"
    );
}
