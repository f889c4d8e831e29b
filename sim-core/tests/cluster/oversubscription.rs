//! Estimates, revocable offers, best effort and its end: whole clusters.

use crate::support::batch;
use crate::support::cluster::{Cluster, constant, task_events};
use crate::support::estimates::{all_that_is_asked_for, serving, with_estimator};
use crate::support::infos::{framework_info, role};
use crate::support::words::{resources, secs};
use policy_api::{DenseId, FrameworkId, Span};
use policy_oversubscription::{
    FixedEstimator, LatencyGate, LatencySlackController, LatencySlackParameters, LoadController,
    LoadParameters,
};
use sim_core::agent::{ConsumptionModel, Interference, Oversubscription, ServiceTotals};
use sim_core::faults::Fault;
use sim_core::framework::{BatchFramework, BatchOptions, ResourceKind};
use sim_core::protocol::{HostId, Subscription};
use sim_core::{End, Observation};

fn best_effort(cluster: Cluster<BatchFramework>) -> Cluster<BatchFramework> {
    cluster.framework(|id| {
        let mut info = framework_info(id, role("b"));
        info.capabilities.revocable_resources = true;
        let subscription = Subscription { info, checkpoint: true, ..Subscription::default() };
        let options = BatchOptions { uses: ResourceKind::Revocable, ..batch::options() };
        BatchFramework::new(id, subscription, options)
    })
}

fn fixed(words: &str) -> Oversubscription {
    with_estimator(FixedEstimator::new(&resources(words)))
}

/// One agent of four cores, which gives two more to best effort.
fn cluster() -> Cluster<BatchFramework> {
    let mut cluster = Cluster::new().agents(1, "cpus:4;mem:1024");
    cluster.oversubscription = Some(fixed("cpus:2;mem:512"));
    cluster.agent_latency = constant(Span::from_millis(1));
    best_effort(cluster.batch("a", batch::options()))
}

#[test]
fn best_effort_lives_on_what_is_oversubscribed() {
    let done = cluster()
        .job(0, Span::ZERO, "4xcpus:1;mem:64@100s")
        .job(1, Span::ZERO, "3xcpus:1;mem:64@20s")
        .run();
    assert_eq!(done.end, End::Drained);
    let master = done.simulation.master();
    let metrics = master.metrics(done.simulation.now());
    assert!((metrics["master/cpus_revocable_total"] - 2.0).abs() < 1e-9);
    assert!(metrics["master/cpus_revocable_used"].abs() < 1e-9);
    // One at the registration. The total never changes, whatever of it is in use.
    assert!((metrics["master/messages_update_slave"] - 1.0).abs() < 1e-9);
    let agent = done.simulation.agents().next().expect("one agent");
    let of_agent = agent.metrics(done.simulation.now());
    assert!((of_agent["slave/mem_revocable_total"] - 512.0).abs() < 1e-9);
    let at_once = done.lines(task_events);
    let started = at_once.iter().filter(|line| line.contains("F1 launches")).count();
    assert_eq!(started, 3);
    let most = done.seen.iter().fold((0_i64, 0_i64), |(now, most), (_, observation)| {
        let change = if let Observation::TaskLaunched { framework, .. } = observation {
            i64::from(is_best_effort(*framework))
        } else if let Observation::TaskReleased { framework, .. } = observation {
            -i64::from(is_best_effort(*framework))
        } else {
            0
        };
        (now + change, most.max(now + change))
    });
    assert_eq!(most, (0, 2), "two of three at once");
}

fn is_best_effort(framework: FrameworkId) -> bool {
    framework.index() == 1
}

/// Production alone keeps four threads busy, best effort adds two: the load of five minutes passes 5
/// only with both. What is killed starts again, and production is never touched.
#[test]
fn what_is_killed_runs_again() {
    let limits = LoadParameters { load_five: Some(5.0), load_fifteen: None };
    let mut cluster = cluster();
    cluster.oversubscription = Some(Oversubscription {
        qos_controller: Some(Box::new(LoadController::new(limits).expect("limits"))),
        ..fixed("cpus:2;mem:512")
    });
    cluster.consumption = Some(all_that_is_asked_for());
    let done = cluster
        .job(0, Span::ZERO, "4xcpus:1;mem:64@1200s")
        .job(1, Span::ZERO, "2xcpus:1;mem:64@15s")
        .run();
    assert_eq!(done.end, End::Drained);
    let killed = done.lines(|observation| {
        let Observation::ContainerKilled { framework, reason, .. } = observation else {
            return None;
        };
        assert!(is_best_effort(*framework));
        Some(format!("{reason:?}"))
    });
    assert!(!killed.is_empty(), "the load of 6 passes 5 after nine minutes");
    assert!(killed.iter().all(|line| line.ends_with("ContainerPreempted")));
    let hears = |what: &str| done.lines(task_events).iter().filter(|it| it.ends_with(what)).count();
    assert_eq!(hears("F0 hears TASK_FINISHED"), 4);
    assert_eq!(hears("F1 hears TASK_FINISHED"), 2);
    assert_eq!(hears("F1 hears TASK_GONE"), killed.len());
    // As much work as there was has been done: 4 x 1200 + 2 x 15 core seconds and more take the host so
    // long, whoever waits for whom.
    assert!(done.simulation.now().as_secs_f64() >= 1207.5);
}

/// Revocable tasks survive the process of their agent and the master; the books agree after each event,
/// and all work is done.
#[test]
fn estimates_survive_crashes() {
    let host = HostId::from_index(0);
    for fault in [
        Fault::AgentCrash { host, restart_after: Some(secs(20)) },
        Fault::HostReboot { host, down_for: secs(200) },
        Fault::MasterCrash { election: secs(20) },
    ] {
        let done = cluster()
            .job(0, Span::ZERO, "2xcpus:1;mem:64@100s")
            .job(1, Span::ZERO, "6xcpus:1;mem:64@50s")
            .fault(secs(70), fault)
            .run();
        assert_eq!(done.end, End::Drained, "{fault:?}");
        let metrics = done.simulation.master().metrics(done.simulation.now());
        assert!((metrics["master/cpus_revocable_total"] - 2.0).abs() < 1e-9, "{fault:?}");
        assert!(metrics["master/cpus_revocable_used"].abs() < 1e-9, "{fault:?}");
        let finished = |line: &&String| line.ends_with("F1 hears TASK_FINISHED");
        let finished = done.lines(task_events).iter().filter(finished).count();
        assert_eq!(finished, 6, "{fault:?}");
    }
}

/// Three cores of four are the service's, and half of that is used: its requests take 46 ms. Two of best
/// effort make the host busier than 80 %, and everything half as long again, 69 ms of 50 that
/// are promised: best effort runs for 150 s instead of 100.
fn services_suffer(oversubscription: Oversubscription) -> (ServiceTotals, usize) {
    let mut cluster = cluster();
    cluster.oversubscription = Some(oversubscription);
    let interference = Interference::Table(vec![(0.8, 1.5)]);
    cluster.consumption = Some(ConsumptionModel { interference, ..serving(0.5) });
    let done = cluster
        .job(0, Span::ZERO, "cpus:3;mem:64@1000s")
        .job(1, Span::ZERO, "2xcpus:1;mem:64@100s")
        .run();
    assert_eq!(done.end, End::Drained);
    let agent = done.simulation.agents().next().expect("one agent");
    let totals = agent.consumed(done.simulation.now());
    let killed = |it: &Observation| {
        let is_kill = matches!(it, Observation::ContainerKilled { .. });
        is_kill.then(String::new)
    };
    (*totals.services.values().next().expect("one service"), done.lines(killed).len())
}

/// The first look at the latency is after 15 s. The estimator is asked more often, and so again at once: before
/// what was freed is given out again. With 46 ms the service then leaves no room for growth, and best effort waits
/// for its end.
#[test]
fn services_are_protected_by_their_latency() {
    let estimator = || FixedEstimator::new(&resources("cpus:2;mem:512"));
    let (alone, _) = services_suffer(with_estimator(estimator()));
    assert_eq!(alone.time_above_target, Span::from_secs(150));
    // The service gets on more slowly meanwhile as well.
    assert!(alone.time > Span::from_secs(1000), "{alone:?}");

    let parameters = LatencySlackParameters::default();
    let controller = LatencySlackController::new(parameters).expect("defaults");
    let gate = LatencyGate::new(Box::new(estimator()), parameters).expect("defaults");
    let (guarded, killed) = services_suffer(Oversubscription {
        qos_controller: Some(Box::new(controller)),
        oversubscribed_resources_interval: Span::from_secs(5),
        ..with_estimator(gate)
    });
    assert_eq!(killed, 2);
    let above = guarded.time_above_target.as_secs_f64();
    assert!((14.9..15.0).contains(&above), "{guarded:?}");
    assert!((guarded.requests_above_target - 300.0 * above).abs() < 1e-6, "{guarded:?}");
}
