//! Agents that crash, restart and reboot, in whole clusters (`spec/agent.md` section 6, `spec/master.md`
//! section 3). The tests that begin with an id are scenarios of `spec/cluster-conformance.md`;
//! `agent_recovery.rs` and `agent_returns.rs` have them in more detail on each side.

use crate::support::cluster::Cluster;
use crate::support::scripted::{Answer, Log, Scripted};
use crate::support::words::{millis, secs};
use policy_api::{AgentId, DenseId, FrameworkId, Span, Time};
use sim_core::agent::AgentOptions;
use sim_core::faults::Fault;
use sim_core::protocol::HostId;

fn host(number: usize) -> HostId {
    HostId::from_index(number)
}

/// Agents do not wait before they register, so that times are easier to follow.
fn cluster() -> Cluster<Scripted> {
    let mut cluster = Cluster::new();
    cluster.agent =
        AgentOptions { registration_backoff_factor: Span::ZERO, ..AgentOptions::DEFAULT };
    cluster
}

fn crash(restart_after: Span) -> Fault {
    Fault::AgentCrash { host: host(0), restart_after: Some(restart_after) }
}

/// Launches these on the first offer, and does not want any other.
fn launching(tasks: &[&'static str]) -> Vec<Answer> {
    vec![Answer::Accept(tasks.to_vec(), secs(99_999))]
}

/// Runs for so long and returns what the framework has heard.
fn heard(cluster: Cluster<Scripted>, log: &Log, until: u64) -> Vec<String> {
    cluster.run_until(Time::from_secs(until));
    log.lines()
}

#[test]
fn sr_1_recover_task_status_update_manager() {
    let log = Log::default();
    let mut cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9999s"]), |it| {
            it.checkpointing().acknowledging_after(secs(5))
        })
        .fault(secs(3), crash(secs(1)));
    cluster.agent.starting_delay = Some(secs(1));
    assert_eq!(
        heard(cluster, &log, 30),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_STARTING",
            "6s T0 TASK_STARTING",
            "11s T0 TASK_RUNNING",
        ]
    );
}

#[test]
fn sr_2_reconnect_executor() {
    let log = Log::default();
    let cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@5s"]), |it| {
            it.checkpointing().staying(secs(50))
        })
        .fault(secs(1), crash(secs(10)));
    // What it has done while its agent was away is told in order.
    assert_eq!(
        heard(cluster, &log, 30),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "13s T0 TASK_FINISHED",
            "14s offer A0 cpus:2;mem:1024",
        ]
    );
}

#[test]
fn sr_5_and_7_executors_that_do_not_come_back() {
    for (aware, end) in [(true, "TASK_GONE"), (false, "TASK_LOST")] {
        let log = Log::default();
        let cluster = cluster()
            .agents(1, "cpus:2;mem:1024")
            .scripted_as("a", &log, launching(&["cpus:1@9999s"]), |it| {
                let it = it.checkpointing().staying(secs(50));
                if aware { it } else { it.not_partition_aware() }
            })
            .fault(secs(1), crash(secs(10)))
            .fault(secs(2), Fault::ExecutorFailure { host: host(0) });
        let lines = heard(cluster, &log, 30);
        assert!(
            lines.contains(&format!("13s T0 {end} ExecutorReregistrationTimeout")),
            "{lines:?}"
        );
    }
}

#[test]
fn sr_9_cleanup_executor() {
    let log = Log::default();
    let mut cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9999s"]), |it| {
            it.checkpointing().not_partition_aware().staying(secs(500))
        })
        .fault(secs(1), crash(secs(1)));
    cluster.agent.recover_cleanup = true;
    assert_eq!(
        heard(cluster, &log, 400),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "90s T0 TASK_LOST AgentRemoved since 90s",
            "90s loses A0",
        ]
    );
}

#[test]
fn sr_10_remove_non_checkpointing_framework() {
    let log = Log::default();
    let cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9999s", "cpus:1@9999s"]), |it| {
            it.staying(secs(50))
        })
        .fault(secs(1), crash(secs(1)));
    assert_eq!(
        heard(cluster, &log, 40),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "0s T1 TASK_RUNNING",
            "1s T0 TASK_LOST AgentDisconnected",
            "1s T1 TASK_LOST AgentDisconnected",
            "2s offer A0 cpus:2;mem:1024",
        ]
    );
}

#[test]
fn sr_11_kill_task() {
    let log = Log::default();
    let cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9999s"]), |it| {
            it.checkpointing().killing(secs(20), "T0")
        })
        .fault(secs(1), crash(secs(1)));
    assert_eq!(
        heard(cluster, &log, 40),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "20s T0 TASK_KILLED",
            "20s offer A0 cpus:2;mem:1024",
        ]
    );
}

#[test]
fn sr_11_scheduler_failover() {
    let log = Log::default();
    let framework = FrameworkId::from_index(0);
    let cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9999s"]), |it| {
            it.checkpointing().failing_over(secs(60)).killing(secs(20), "T0")
        })
        .fault(secs(1), crash(secs(10)))
        .fault(secs(2), Fault::FrameworkCrash { framework, restart_after: Some(secs(2)) });
    assert_eq!(
        heard(cluster, &log, 40),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "4s subscribed",
            "13s offer A0 cpus:1;mem:1024",
            "20s T0 TASK_KILLED",
            "20s offer A0 cpus:1",
        ]
    );
}

#[test]
fn sr_11_master_failover() {
    let log = Log::default();
    let cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9999s"]), |it| {
            it.checkpointing().failing_over(secs(60)).killing(secs(20), "T0")
        })
        .fault(secs(1), crash(secs(10)))
        .fault(secs(2), Fault::MasterCrash { election: secs(2) });
    assert_eq!(
        heard(cluster, &log, 40),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "2s is disconnected",
            "4s subscribed",
            "13s offer A0 cpus:1;mem:1024",
            "20s T0 TASK_KILLED",
            "20s offer A0 cpus:1",
        ]
    );
}

#[test]
fn sr_11_multiple_frameworks_and_slaves() {
    let (log, other) = (Log::default(), Log::default());
    let answers = || vec![Answer::OneOnEach("cpus:1;mem:1024@9999s")];
    let cluster = cluster()
        .agents(2, "cpus:2;mem:2048")
        .scripted_as("a", &log, answers(), |it| {
            it.checkpointing().killing(secs(20), "T0").killing(secs(20), "T1")
        })
        .scripted_as("b", &other, answers(), |it| {
            it.checkpointing().killing(secs(20), "T0").killing(secs(20), "T1")
        })
        .fault(secs(3), crash(secs(1)))
        .fault(secs(3), Fault::AgentCrash { host: host(1), restart_after: Some(secs(5)) });
    cluster.run_until(Time::from_secs(40));
    for log in [log, other] {
        let of_tasks = |line: &String| line.contains(" T");
        let lines: Vec<String> = log.lines().into_iter().filter(of_tasks).collect();
        assert_eq!(
            lines,
            [
                "0s T0 TASK_RUNNING",
                "1s T1 TASK_RUNNING",
                "20s T0 TASK_KILLED",
                "20s T1 TASK_KILLED",
                "20s T2 TASK_RUNNING",
                "21s T3 TASK_RUNNING",
            ]
        );
    }
}

#[test]
fn sr_12_reboot() {
    let log = Log::default();
    let cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9999s"]), |it| {
            it.checkpointing().staying(secs(50))
        })
        .fault(secs(1), Fault::HostReboot { host: host(0), down_for: secs(30) });
    let done = cluster.run_until(Time::from_secs(60));
    assert_eq!(
        log.lines(),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "33s T0 TASK_FAILED ExecutorTerminated",
            "34s offer A0 cpus:2;mem:1024",
        ]
    );
    assert_eq!(done.simulation.agent(host(0)).id(), Some(AgentId::from_index(0)));
}

#[test]
fn sr_21_restart_before_containerizer_launch() {
    let log = Log::default();
    let mut cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9999s"]), |it| {
            it.checkpointing().staying(secs(50))
        })
        .fault(secs(1), crash(secs(1)));
    cluster.agent.launch_delay = secs(3);
    assert_eq!(
        heard(cluster, &log, 30),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "4s T0 TASK_FAILED ExecutorTerminated",
            "5s offer A0 cpus:2;mem:1024",
        ]
    );
}

/// A host that is up again resets its connections: the master learns of the reboot before the agent
/// has missed enough pings.
#[test]
fn a_short_reboot_ends_what_does_not_checkpoint() {
    let log = Log::default();
    let cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9999s"]), |it| it.staying(secs(50)))
        .fault(secs(1), Fault::HostReboot { host: host(0), down_for: secs(30) });
    assert_eq!(
        heard(cluster, &log, 60),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "31s T0 TASK_LOST AgentDisconnected",
            "32s offer A0 cpus:2;mem:1024",
        ]
    );
}

/// A host is replaced before its agent has missed enough pings: the master must not take the new
/// agent for the old one.
#[test]
fn a_replaced_host_has_a_new_agent() {
    let log = Log::default();
    let cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9999s"]), |it| {
            it.checkpointing().staying(secs(50))
        })
        .fault(secs(1), Fault::HostReplacement { host: host(0), down_for: secs(30) });
    let done = cluster.run_until(Time::from_secs(60));
    assert_eq!(
        log.lines(),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "31s T0 TASK_LOST AgentRemoved",
            "31s loses A0",
            "31s offer A1 cpus:2;mem:1024",
        ]
    );
    assert_eq!(done.simulation.agent(host(0)).id(), Some(AgentId::from_index(1)));
}

#[test]
fn an_executor_that_fails_takes_its_task_along() {
    let log = Log::default();
    let cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted("a", &log, launching(&["cpus:1@9999s"]))
        .fault(secs(5), Fault::ExecutorFailure { host: host(0) });
    assert_eq!(
        heard(cluster, &log, 30),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "5s T0 TASK_FAILED ExecutorTerminated",
            "5s offer A0 cpus:2;mem:1024",
        ]
    );
}

/// Nothing can be launched, and the agent ends as soon as it has to write something down.
#[test]
fn a_full_disk() {
    let log = Log::default();
    let full = Fault::DiskFull { host: host(0), duration: secs(30) };
    let answers = vec![
        Answer::Accept(vec!["cpus:1@9s"], Span::ZERO),
        Answer::Accept(vec!["cpus:1@9999s"], secs(10)),
    ];
    let mut cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted("a", &log, answers)
        .fault(millis(500), full);
    cluster.agent.restart_delay = Some(secs(1));
    assert_eq!(
        heard(cluster, &log, 60),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "1s offer A0 cpus:1;mem:1024",
            "1s T1 TASK_FAILED ContainerLaunchFailed",
            "2s offer A0 cpus:1;mem:1024",
            "9s T0 TASK_FINISHED",
            "9s offer A0 cpus:1",
        ]
    );
}

#[test]
fn a_full_disk_and_a_framework_that_checkpoints() {
    let log = Log::default();
    let full = Fault::DiskFull { host: host(0), duration: secs(30) };
    let mut cluster = cluster()
        .agents(1, "cpus:2;mem:1024")
        .scripted_as("a", &log, launching(&["cpus:1@9s"]), |it| {
            it.checkpointing().staying(secs(100))
        })
        .fault(millis(500), full);
    cluster.agent.restart_delay = Some(secs(1));
    assert_eq!(
        heard(cluster, &log, 60),
        [
            "0s subscribed",
            "0s offer A0 cpus:2;mem:1024",
            "0s T0 TASK_RUNNING",
            "33s T0 TASK_FINISHED",
            "34s offer A0 cpus:2;mem:1024",
        ]
    );
}
