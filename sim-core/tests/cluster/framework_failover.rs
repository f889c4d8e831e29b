//! Schedulers that fail over, and masters that frameworks find again (`spec/master.md` 2.1, 2.2). The
//! tests that begin with an id are scenarios of `spec/cluster-conformance.md`.

use crate::support::cluster::Cluster;
use crate::support::master_desk;
use crate::support::scripted::{Answer, Log, Scripted};
use crate::support::words::{millis, secs};
use policy_api::{DenseId, FrameworkId, Span, Time};
use sim_core::agent::AgentOptions;
use sim_core::faults::Fault;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn ft_1_scheduler_reregister_after_failover_timeout() {
    check(
        "
        framework F0 a failover=10s
        exit F0
        at 10s
        framework F0 a failover=10s again connection=2
            10s F0 is refused: Framework has been removed
        framework-is F0
            completed
        ",
    );
}

#[test]
fn ft_1_scheduler_reregister_after_unregistration() {
    check(
        "
        framework F0 a failover=10s
        teardown F0
        framework F0 a failover=10s again connection=2
            0s F0 is refused: Framework has been removed
        framework-is F0
            completed
        ",
    );
}

#[test]
fn ft_3_ignore_kill_task_from_unregistered_framework() {
    check(
        "
        framework F0 a failover=10s
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1;mem:512
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        framework F0 a failover=10s again force connection=2
            0s the old F0 is refused: Framework failed over
        speak F0 1
        kill F0 T0
        teardown F0
        framework-is F0
            connected
        speak F0 2
        kill F0 T0
            0s A0 kills T0
        ",
    );
}

/// What is not acknowledged is told again to the new scheduler: by its agent.
#[test]
fn ft_4_scheduler_failover_status_update() {
    let log = Log::default();
    let crash = Fault::FrameworkCrash {
        framework: FrameworkId::from_index(0),
        restart_after: Some(secs(2)),
    };
    let (answers, a_long_time) =
        (vec![Answer::Accept(vec!["cpus:1@9999s"], secs(9999))], secs(1000));
    cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, answers, |it| {
            it.failing_over(secs(60)).acknowledging_after(a_long_time)
        })
        .fault(secs(1), crash)
        .run_until(Time::from_secs(12));
    assert_eq!(
        log.lines(),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "3s subscribed",
            "3s offer A0 cpus:1;mem:1024",
            "10s T0 TASK_RUNNING",
        ]
    );
}

#[test]
fn ft_5_forward_status_update_unknown_executor() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        update F0 A0 T9 TASK_RUNNING
            0s F0 hears T9 TASK_RUNNING
        acknowledge F0 A0 T9
            0s A0 is acknowledged
        update F0 A0 T9 TASK_FINISHED
            0s F0 hears T9 TASK_FINISHED
        acknowledge F0 A0 T9
            0s A0 is acknowledged
        tasks F0
        ",
    );
}

#[test]
fn ft_6_change_principal_on_reregistration_fails() {
    check(
        "
        framework F0 a failover=10s principal=ops
        agent A0 cpus(+a@ops):1;cpus:1
            0s offer O1 to F0: A0 cpus:1;cpus(+a@ops):1
        framework F0 a failover=10s principal=dev again
            0s F0 is refused: Changing framework's principal is not allowed
        framework-is F0
            connected
        exit F0
        framework F0 a failover=10s principal=dev again connection=2
            0s F0 is refused: Changing framework's principal is not allowed
        framework-is F0
            disconnected
        framework F0 a failover=10s principal=ops again connection=2
            0s offer O2 to F0: A0 cpus:1;cpus(+a@ops):1
        framework-is F0
            connected
        at 1s
        ",
    );
}

#[test]
fn ft_7_framework_reregister() {
    check(
        "
        framework F0 a failover=10s
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        # The same scheduler, over the same connection.
        at 0.5s
        framework F0 a failover=10s again
            0.5s rescind O1 from F0
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:1024
        ",
    );
}

/// Another scheduler takes over: the offers of the old one end without a message.
#[test]
fn a_new_scheduler_takes_over_by_force() {
    check(
        "
        framework F0 a failover=10s
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        framework F0 a failover=10s again connection=2
            0s F0 is refused: Framework failed over
        framework F0 a failover=10s again connection=2 force
            0s the old F0 is refused: Framework failed over
            0s 1 offers of F0 are discarded
            0s offer O2 to F0: A0 cpus:2;mem:1024
        at 1s
        # The end of the old connection means nothing any more.
        speak F0 1
        exit F0
        framework-is F0
            connected
        ",
    );
}

/// A removed role: its offers are taken back, what is allocated to it stays.
#[test]
fn a_framework_may_come_back_with_other_roles() {
    check(
        "
        framework F0 a+b
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        agent A1 cpus:2;mem:1024
            0s offer O2 to F0: A1 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1;mem:512
            0s A0 runs T0
        framework F0 b again
            0s rescind O2 from F0
        at 1s
            1s offer O3 to F0: A0 cpus:1;mem:512
            1s offer O4 to F0: A1 cpus:2;mem:1024
        update F0 A0 T0 TASK_FINISHED
            1s F0 hears T0 TASK_FINISHED
        at 2s
            2s offer O5 to F0: A0 cpus:1;mem:512
        ",
    );
}

fn cluster() -> Cluster<Scripted> {
    let mut cluster = Cluster::new();
    cluster.agent =
        AgentOptions { registration_backoff_factor: Span::ZERO, ..AgentOptions::DEFAULT };
    cluster
}

fn one_task() -> Vec<Answer> {
    vec![Answer::Accept(vec!["cpus:1;mem:512@20s"], secs(9999))]
}

/// Within its failover timeout a framework finds its tasks again, and hears what it has missed.
#[test]
fn a_framework_that_fails_over_in_time_keeps_its_tasks() {
    let log = Log::default();
    let framework = FrameworkId::from_index(0);
    cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, one_task(), |it| it.failing_over(secs(30)))
        .fault(secs(10), Fault::FrameworkCrash { framework, restart_after: Some(secs(29)) })
        .run_until(Time::from_secs(200));
    assert_eq!(
        log.lines(),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "39s subscribed",
            "39s offer A0 cpus:2;mem:1024",
            // Sent at 20 s, 30 s, and now.
            "50s T0 TASK_FINISHED",
        ]
    );
}

/// Beyond it the framework is gone, its tasks are killed, and what they held goes to others.
#[test]
fn a_framework_that_fails_over_too_late_has_lost_its_tasks() {
    let (log, other) = (Log::default(), Log::default());
    let framework = FrameworkId::from_index(0);
    let done = cluster()
        .agents(1, "cpus:1;mem:512")
        .scripted_as("a", &log, one_task(), |it| it.failing_over(secs(5)))
        .scripted("b", &other, vec![Answer::Accept(vec!["cpus:1@1s"], Span::ZERO)])
        .fault(secs(10), Fault::FrameworkCrash { framework, restart_after: Some(secs(7)) })
        .run_until(Time::from_secs(200));
    assert_eq!(
        log.lines(),
        [
            "0s subscribed",
            "0s offer A0 cpus:1;mem:512",
            "0s T0 TASK_RUNNING",
            "17s is refused: Framework has been removed",
        ]
    );
    assert_eq!(
        other.lines(),
        [
            "0s subscribed",
            "15s offer A0 cpus:1;mem:512",
            "15s T0 TASK_RUNNING",
            "16s offer A0 mem:512",
            "16s T0 TASK_FINISHED",
            "17s offer A0 cpus:1",
        ]
    );
    assert!(done.simulation.agents().all(|agent| agent.tasks().count() == 0));
}

/// The master is away for a while: nobody is told of anything, and everything goes on.
#[test]
fn a_framework_finds_the_next_master() {
    let log = Log::default();
    let done = cluster()
        .agents(2, "cpus:2;mem:1024")
        .scripted_as("a", &log, one_task(), |it| {
            it.failing_over(secs(5)).killing(millis(15_500), "T0")
        })
        .fault(secs(10), Fault::MasterCrash { election: secs(5) })
        .run_until(Time::from_secs(200));
    assert_eq!(
        log.lines(),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s offer A1 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "10s is disconnected",
            "15s subscribed",
            "15s offer A0 cpus:1;mem:512",
            "15s offer A1 cpus:2;mem:1024",
            "15.5s T0 TASK_KILLED",
            "16s offer A0 cpus:1;mem:512",
        ]
    );
    assert_eq!(done.simulation.live_tasks(), 0);
}
