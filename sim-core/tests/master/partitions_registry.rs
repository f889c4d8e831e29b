//! Agents that come back, and agents that the registry remembers, at the master's door
//! (`spec/master.md` 3.2, 3.5 and 9). The tests that begin with an id are scenarios of
//! `spec/cluster-conformance.md`.

use crate::support::{master_desk, story};
use policy_api::Span;
use sim_core::master::MasterOptions;
use std::fmt::Write as _;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn pa_8_spurious_reregistration() {
    check(
        "
        framework F0 a not-partition-aware checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:2;mem:1024
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        at 10s
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:2;mem:1024/a/TASK_RUNNING not-partition-aware
            10s A0 is reregistered
        reconcile F0 T0@A0
            10s F0 hears T0 TASK_RUNNING Reconciliation
        tasks F0
            T0 on A0 TASK_RUNNING
        ",
    );
}

#[test]
fn pa_9_updates_of_a_removed_agent() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:2;mem:1024
            0s A0 runs T0
        at 90s
        unhealthy A0
            90s F0 hears T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
        update F0 A0 T0 TASK_RUNNING
        metric master/invalid_status_updates master/valid_status_updates
            1 0
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:2;mem:1024/a/TASK_RUNNING
            90s A0 is reregistered
            90s F0 hears T0 TASK_RUNNING AgentReregistered
        update F0 A0 T0 TASK_RUNNING
            90s F0 hears T0 TASK_RUNNING
        metric master/invalid_status_updates master/valid_status_updates
            1 1
        ",
    );
}

/// The agent comes back with the executor first, so that the master knows it; what the agent says
/// while it is removed is lost, and the same words are heard once it is back.
#[test]
fn pa_10_executor_that_exits_on_a_removed_agent() {
    check(
        "
        framework F0 a checkpoint not-partition-aware
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        unhealthy A0
            0s rescind O1 from F0
            0s F0 loses A0
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1;mem:512/a/TASK_STAGING F0/E1=cpus:1;mem:512/a not-partition-aware
            0s A0 is reregistered
            0s F0 hears T0 TASK_STAGING AgentReregistered
        at 90s
        unhealthy A0
            90s F0 hears T0 TASK_LOST AgentRemoved since 90s
            90s F0 loses A0
        executor-exited F0 A0 E1
        at 100s
        reregister A0 cpus:2;mem:1024 F0/E1=cpus:1;mem:512/a not-partition-aware
            100s A0 is reregistered
            100s offer O2 to F0: A0 cpus:1;mem:512
        at 200s
        executor-exited F0 A0 E1
            200s F0 hears that E1 has left A0
            200s offer O3 to F0: A0 cpus:1;mem:512
        ",
    );
}

/// One agent may be remembered; two become unreachable.
#[test]
fn pa_14_registry_forgets_by_count() {
    let options = MasterOptions { registry_max_agent_count: 1, ..MasterOptions::default() };
    master_desk::check(
        options,
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:2;mem:1024
            0s A0 runs T0
        at 90s
        unhealthy A0
            90s F0 hears T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
        agent A1 cpus:2;mem:1024
            90s offer O2 to F0: A1 cpus:2;mem:1024
        at 200s
        unhealthy A1
            200s rescind O2 from F0
            200s F0 loses A1
        reconcile F0 T0@A0
            200s F0 hears T0 TASK_UNREACHABLE Reconciliation since 90s
        tasks F0
            unreachable T0 on A0 TASK_UNREACHABLE
        metric master/tasks_unreachable
            1
        at 900s
        reconcile F0 T0@A0
            900s F0 hears T0 TASK_UNKNOWN Reconciliation
        reconcile F0 T9@A1
            900s F0 hears T9 TASK_UNREACHABLE Reconciliation since 200s
        tasks F0
        metric master/tasks_unreachable
            0
        metric master/slave_unreachable_scheduled master/slave_unreachable_completed master/slave_removals
            2 2 2
        ",
    );
}

#[test]
fn pa_15_registry_forgets_many_by_count() {
    let options = MasterOptions { registry_max_agent_count: 1, ..MasterOptions::default() };
    let mut script = "framework F0 a\nsuppress F0\n".to_owned();
    for agent in 0..50 {
        let _ = writeln!(script, "agent A{agent} cpus:1");
    }
    for agent in 0..50 {
        let _ = writeln!(script, "unhealthy A{agent}\n    0s F0 loses A{agent}");
    }
    script.push_str(
        "failover
framework F0 a again connection=2
at 899s
reconcile F0 T0@A48
    899s F0 hears T0 TASK_UNREACHABLE Reconciliation since 0s
at 900s
reconcile F0 T0@A49
    900s F0 hears T0 TASK_UNREACHABLE Reconciliation since 0s
reconcile F0 T0@A48
    900s F0 hears T0 TASK_UNKNOWN Reconciliation
",
    );
    master_desk::check(options, &script);
}

#[test]
fn pa_16_registry_forgets_by_age() {
    story::check_with(
        "
        agents 2 cpus:2;mem:1024
        framework F0 a
            0s A0 is there
            0s A1 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 offer A1 cpus:2;mem:1024
        1s partition A0 forever
            90s A0 unreachable
            90s F0 rescind 1
            90s F0 loses A0
        631s partition A1 forever
            720s A1 unreachable
            720s F0 rescind 1
            720s F0 loses A1
        901s reconcile F0 T0@A0 T1@A1
            901s F0 T0 TASK_UNREACHABLE Reconciliation since 90s
            901s F0 T1 TASK_UNREACHABLE Reconciliation since 720s
        1799s reconcile F0 T0@A0 T1@A1
            1799s F0 T0 TASK_UNREACHABLE Reconciliation since 90s
            1799s F0 T1 TASK_UNREACHABLE Reconciliation since 720s
        1801s reconcile F0 T0@A0 T1@A1
            1801s F0 T0 TASK_UNKNOWN Reconciliation
            1801s F0 T1 TASK_UNREACHABLE Reconciliation since 720s
        2699s reconcile F0 T0@A0 T1@A1
            2699s F0 T0 TASK_UNKNOWN Reconciliation
            2699s F0 T1 TASK_UNREACHABLE Reconciliation since 720s
        2701s reconcile F0 T0@A0 T1@A1
            2701s F0 T0 TASK_UNKNOWN Reconciliation
            2701s F0 T1 TASK_UNKNOWN Reconciliation
        2702s end
        ",
        |cluster| cluster.master.registry_max_agent_age = Span::from_secs(20 * 60),
    );
}

/// The second agent comes back while the registry is about to forget it.
#[test]
fn pa_17_registry_forgets_an_agent_that_comes_back() {
    let options = MasterOptions {
        registry_max_agent_count: 1,
        registry_store_latency: Span::from_secs(2),
        ..MasterOptions::default()
    };
    master_desk::check(
        options,
        "
        framework F0 a
        suppress F0
        agent A0 cpus:1
        agent A1 cpus:1
        agent A2 cpus:1
        at 10s
        unhealthy A0
        at 20s
            12s F0 loses A0
        unhealthy A1
        at 30s
            22s F0 loses A1
        unhealthy A2
        at 899s
            32s F0 loses A2
        reregister A1 cpus:1
        at 910s
            901s A1 is reregistered
        reconcile F0 T0@A0
            910s F0 hears T0 TASK_UNKNOWN Reconciliation
        reconcile F0 T1@A1
            910s F0 hears T1 TASK_GONE Reconciliation
        reconcile F0 T2@A2
            910s F0 hears T2 TASK_UNREACHABLE Reconciliation since 30s
        agent-is A0
            unknown
        agent-is A1
            registered connected active
        agent-is A2
            unreachable
        ",
    );
}
