//! Masters that die, and what the next one finds (`spec/master.md` section 9).

use crate::support::cluster::Cluster;
use crate::support::master_desk::check;
use crate::support::scripted::{Answer, Log, Scripted};
use crate::support::words::secs;
use policy_api::{DenseId, FrameworkId, NamedLimits, NamedQuantities, Span, Time};
use sim_core::faults::Fault;
use sim_core::master::{FrameworkState, MasterOptions};
use sim_core::protocol::{HostId, OperatorCall, QuotaRequest};
use sim_core::{AgentChange, Observation};

/// What operators have decided is kept; reservations come back with the agents, offers do not.
#[test]
fn what_the_registry_keeps() {
    check(
        MasterOptions::default(),
        "
        framework F0 a principal=ops
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        agent A1 cpus:2;mem:1024
            0s offer O2 to F0: A1 cpus:2;mem:1024
        agent A2 cpus:2;mem:1024
            0s offer O3 to F0: A2 cpus:2;mem:1024
        agent A3 cpus:2;mem:1024
            0s offer O4 to F0: A3 cpus:2;mem:1024
        operator reserve A0 cpus(+a@ops):1
            0s rescind O1 from F0
            0s A0 applies reserve cpus(+a@ops):1
            0s RESERVE_RESOURCES 202
        operator deactivate A1
            0s rescind O2 from F0
            0s DEACTIVATE_AGENT 200
        operator schedule A2@500s+100s
            0s rescind O3 from F0
            0s rescind O4 from F0
            0s UPDATE_MAINTENANCE_SCHEDULE 200
            0s offer O5 to F0: A0 cpus:1;mem:1024;cpus(+a@ops):1
            0s offer O6 to F0: A2 cpus:2;mem:1024 until 500s
            0s offer O7 to F0: A3 cpus:2;mem:1024
            0s inverse offer I1 to F0: A2 from 500s
        operator gone A3
            0s A3 shuts down: Agent has been marked gone
            0s rescind O7 from F0
            0s F0 loses A3
            0s MARK_AGENT_GONE 200
        operator weights b=2
            0s UPDATE_WEIGHTS 200
        operator quota b none cpus:1;mem:512
            0s UPDATE_QUOTA 200
        failover
        framework F0 a principal=ops again
        framework F1 b
        agent-is A0
            recovered
        agent-is A3
            gone
        reregister A0 cpus:1;mem:1024;cpus(+a@ops):1
            0s A0 is reregistered
        reregister A1 cpus:2;mem:1024
            0s A1 is reregistered
        agent-is A1
            registered connected deactivated
        reregister A2 cpus:2;mem:1024
            0s A2 is reregistered
            0s offer O8 to F0: A2 cpus:2;mem:1024 until 500s
            0s inverse offer I2 to F0: A2 from 500s
        reregister A3 cpus:2;mem:1024
            0s A3 shuts down: Agent has been marked gone
        weights
            b=2
        at 10s
            1s offer O9 to F0: A0 mem:512;cpus(+a@ops):1
            1s offer O10 to F1: A0 cpus:1;mem:512
        operator reactivate A1
            10s REACTIVATE_AGENT 200
        at 11s
            11s offer O11 to F0: A1 cpus:2;mem:1024
        ",
    );
}

/// While agents are still to come, the master says nothing of tasks that it does not know.
#[test]
fn reconciliation_waits_for_agents() {
    check(
        MasterOptions::default(),
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        agent A1 cpus:2;mem:1024
            0s offer O2 to F0: A1 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        failover
        framework F0 a checkpoint again
        reconcile F0 T0 T0@A0 T7@A1 T8
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
            0s offer O3 to F0: A0 cpus:1;mem:1024
        reconcile F0 T0 T7@A1 T7@A0 T8
            0s F0 hears T0 TASK_RUNNING Reconciliation
            0s F0 hears T7 TASK_GONE Reconciliation
        at 600s
            600s F0 loses A1
        reconcile F0 T0 T7@A1 T8
            600s F0 hears T0 TASK_RUNNING Reconciliation
            600s F0 hears T7 TASK_UNREACHABLE Reconciliation since 600s
            600s F0 hears T8 TASK_UNKNOWN Reconciliation
        ",
    );
}

const AGENTS: usize = 10;

fn lost(count: usize, restart_after: Option<Span>) -> impl Iterator<Item = Fault> {
    let host = move |index| Fault::AgentCrash { host: HostId::from_index(index), restart_after };
    (0..count).map(host)
}

/// Ten agents, of which the first ones crash just before their master does, at 10 s. Another one leads
/// from 15 s on.
fn cluster(lost_agents: usize, restart_after: Option<Span>, log: &Log) -> Cluster<Scripted> {
    let mut cluster = Cluster::new().agents(AGENTS, "cpus:2;mem:1024").scripted_as(
        "a",
        log,
        vec![Answer::OneOnEach("cpus:1;mem:1024@99999s")],
        |it| it.checkpointing().failing_over(secs(100)).staying(secs(3000)),
    );
    for fault in lost(lost_agents, restart_after) {
        cluster = cluster.fault(secs(9), fault);
    }
    cluster.fault(secs(10), Fault::MasterCrash { election: secs(5) })
}

/// The time of the first offers after the framework has subscribed again, in seconds.
fn first_offers_after_failover(log: &Log) -> u64 {
    let lines = log.lines();
    let after = lines.iter().rposition(|line| line.ends_with("subscribed")).expect("a line");
    let offer = lines[after..].iter().find(|line| line.contains(" offer ")).expect("an offer");
    let (at, _) = offer.split_once('s').expect("a time");
    at.split('.').next().and_then(|whole| whole.parse().ok()).expect("a number")
}

fn quota() -> OperatorCall {
    let limits: NamedLimits = "cpus:100;mem:100000".parse().expect("limits");
    let guarantees: NamedQuantities = "cpus:1;mem:100".parse().expect("amounts");
    let quotas = vec![QuotaRequest { role: "b".into(), guarantees, limits }];
    OperatorCall::UpdateQuota { force: false, quotas }
}

#[test]
fn with_quota_nothing_is_offered_before_most_agents_are_back() {
    // Eight of ten agents are enough, seven are not: then it takes ten minutes.
    for (lost_agents, has_quota, earliest, latest) in
        [(2, true, 15, 18), (3, true, 615, 616), (3, false, 15, 18)]
    {
        let log = Log::default();
        let mut cluster = cluster(lost_agents, None, &log);
        if has_quota {
            cluster = cluster.operator(secs(5), quota());
        }
        cluster.run_until(Time::from_secs(1000));
        let at = first_offers_after_failover(&log);
        assert!((earliest..=latest).contains(&at), "{lost_agents} lost: offers at {at} s");
    }
}

/// When the master found agents to be unreachable, in seconds.
fn unreachable(seen: &[(Time, Observation)]) -> Vec<Time> {
    let is_unreachable = |it: &&(Time, Observation)| {
        matches!(it.1, Observation::AgentChanged { change: AgentChange::Unreachable, .. })
    };
    seen.iter().filter(is_unreachable).map(|(now, _)| *now).collect()
}

fn count(seen: &[(Time, Observation)], what: impl Fn(&Observation) -> bool) -> usize {
    seen.iter().filter(|(_, observation)| what(observation)).count()
}

#[test]
fn agents_that_do_not_come_back_are_unreachable_one_by_one() {
    let log = Log::default();
    let mut cluster = cluster(3, None, &log);
    cluster.master.agent_removal_interval = Some(secs(60));
    let done = cluster.run_until(Time::from_secs(1000));
    assert_eq!(unreachable(&done.seen), [615, 675, 735].map(Time::from_secs));
    let losses = log.lines().into_iter().filter(|line| line.contains("loses")).count();
    assert_eq!(losses, 3);
    let metrics = done.simulation.master().metrics(Time::from_secs(1000));
    assert_eq!(metrics.get("master/recovery_slave_removals"), Some(&3.0));
}

/// More than two of ten agents are missing: the master exits rather than give them up, ten minutes after
/// its election. The next one finds all of them.
#[test]
fn a_master_that_misses_too_many_agents_exits() {
    let log = Log::default();
    let mut cluster = cluster(3, Some(secs(700)), &log);
    cluster.master.recovery_agent_removal_limit = 200;
    let done = cluster.run_until(Time::from_secs(3000));
    let failed: Vec<Time> = done
        .seen
        .iter()
        .filter(|(_, observation)| matches!(observation, Observation::MasterFailed))
        .map(|(now, _)| *now)
        .collect();
    assert_eq!(failed, [10, 615].map(Time::from_secs));
    let recovered = |it: &Observation| matches!(it, Observation::MasterRecovered { agents: 10 });
    assert_eq!(count(&done.seen, recovered), 2);
    assert!(unreachable(&done.seen).is_empty());
    let master = done.simulation.master();
    assert_eq!(master.agents().count(), AGENTS);
    // No task was lost on the way.
    let framework = FrameworkId::from_index(0);
    assert_eq!(master.tasks_of(framework).count(), AGENTS);
}

/// The limit is one that may be reached.
#[test]
fn a_master_that_misses_just_so_many_agents_gives_them_up() {
    let log = Log::default();
    let mut cluster = cluster(2, None, &log);
    cluster.master.recovery_agent_removal_limit = 200;
    let done = cluster.run_until(Time::from_secs(1000));
    assert_eq!(unreachable(&done.seen), [615, 615].map(Time::from_secs));
    assert_eq!(count(&done.seen, |it| matches!(it, Observation::MasterFailed)), 1);
}

/// A framework that does not find the next master keeps its tasks for ever: only agents know of it.
#[test]
fn a_framework_that_never_comes_back_is_only_recovered() {
    let log = Log::default();
    let framework = FrameworkId::from_index(0);
    let crash = Fault::FrameworkCrash { framework, restart_after: None };
    let cluster = cluster(0, None, &log).fault(secs(11), crash);
    let tear_down = OperatorCall::Teardown { framework };
    let mut cluster = cluster.operator(secs(2500), tear_down);
    cluster.agent.kill_grace = Span::ZERO;
    let mut simulation = cluster.build();
    simulation.check_invariants();
    simulation.run(Time::from_secs(2499), &mut ()).expect("no violation");
    let master = simulation.master();
    assert_eq!(master.framework_state(framework), FrameworkState::Recovered);
    assert_eq!(master.tasks_of(framework).count(), AGENTS);
    simulation.run(Time::from_secs(2600), &mut ()).expect("no violation");
    let master = simulation.master();
    assert_eq!(master.framework_state(framework), FrameworkState::Completed);
    assert!(simulation.agents().all(|agent| agent.tasks().count() == 0));
}

/// All agents find a new master at once, and register at times of their own.
#[test]
fn agents_register_again_within_their_backoff() {
    let log = Log::default();
    let mut cluster = cluster(0, None, &log);
    cluster.agent.registration_backoff_factor = secs(60);
    let done = cluster.run_until(Time::from_secs(200));
    let failover = Time::from_secs(15);
    let back: Vec<Span> = done
        .seen
        .iter()
        .filter(|(now, it)| *now >= failover && matches!(it, Observation::AgentRegistered { .. }))
        .map(|(now, _)| now.since(failover))
        .collect();
    assert_eq!(back.len(), AGENTS);
    assert!(back.iter().all(|span| *span <= secs(60)), "{back:?}");
    let spread =
        back.last().zip(back.first()).map(|(last, first)| last.as_nanos() - first.as_nanos());
    assert!(spread > Some(secs(20).as_nanos()), "{back:?}");
}

/// The same run twice, with everything that can happen to a master in it.
#[test]
fn failovers_are_deterministic() {
    let run = || {
        let log = Log::default();
        let mut cluster = cluster(3, Some(secs(700)), &log);
        cluster.random_agent_order = true;
        cluster.master.recovery_agent_removal_limit = 200;
        let cluster = cluster.operator(secs(5), quota());
        (cluster.run_until(Time::from_secs(3000)).digest, log.lines())
    };
    assert_eq!(run(), run());
}
