//! Partitions beyond the scenarios: three versions of Mesos, and links that are broken in other ways
//! (`spec/master.md` 3, `spec/versions.md`).

use crate::support::cluster::Cluster;
use crate::support::scripted::Scripted;
use crate::support::story;
use crate::support::words::secs;
use sim_core::Profile;

fn as_in(profile: Profile) -> impl FnOnce(&mut Cluster<Scripted>) {
    move |cluster| {
        cluster.master.profile = profile;
        cluster.agent.profile = profile;
        cluster.agent.restart_delay = Some(secs(5));
    }
}

#[test]
fn mesos_0_23_removes_the_agent() {
    story::check_with(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:1;mem:512@1000s checkpoint
        framework F1 b launch=cpus:1;mem:512@1000s checkpoint not-partition-aware
            0s A0 is there
            0s F0 subscribed
            0s F1 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
            1s F1 offer A0 cpus:1;mem:512
            1s F1 T0 TASK_RUNNING
        10s partition A0 90s
            90s A0 removed
            90s F1 T0 TASK_LOST AgentRemoved
            90s F0 T0 TASK_LOST AgentRemoved
            90s F0 loses A0
            90s F1 loses A0
        99s running A0
            T0 of F0 TASK_RUNNING
            T0 of F1 TASK_RUNNING
            134.1s A1 is there
            134.1s F0 offer A1 cpus:2;mem:1024
        150s running A0
        150s agent-is A0
            removed
        150s agent-is A1
            registered connected active
        150s tasks F0
            completed T0 on A0 TASK_LOST
        150s reconcile F0 T0@A0
            150s F0 T0 TASK_LOST Reconciliation
        160s end
        ",
        as_in(Profile::MESOS_0_23),
    );
}

#[test]
fn mesos_1_1_kills_tasks_of_frameworks_that_are_not_partition_aware() {
    story::check_with(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:1;mem:512@1000s checkpoint
        framework F1 b launch=cpus:1;mem:512@1000s checkpoint not-partition-aware
            0s A0 is there
            0s F0 subscribed
            0s F1 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
            1s F1 offer A0 cpus:1;mem:512
            1s F1 T0 TASK_RUNNING
        10s partition A0 90s
            90s A0 unreachable
            90s F1 T0 TASK_LOST AgentRemoved since 90s
            90s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
            90s F1 loses A0
        99s running A0
            T0 of F0 TASK_RUNNING
            T0 of F1 TASK_RUNNING
            129.1s A0 is there
            129.1s A0 reregistered
            129.1s F0 T0 TASK_RUNNING AgentReregistered
            129.1s F1 T0 TASK_RUNNING AgentReregistered
            129.1s F1 T0 TASK_KILLED
            130s F1 offer A0 cpus:1;mem:512
        150s running A0
            T0 of F0 TASK_RUNNING
        150s agent-is A0
            registered connected active
        150s tasks F0
            T0 on A0 TASK_RUNNING
        150s tasks F1
            completed T0 on A0 TASK_KILLED
        160s end
        ",
        as_in(Profile::MESOS_1_1),
    );
}

#[test]
fn mesos_now_lets_all_tasks_survive() {
    story::check_with(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:1;mem:512@1000s checkpoint
        framework F1 b launch=cpus:1;mem:512@1000s checkpoint not-partition-aware
            0s A0 is there
            0s F0 subscribed
            0s F1 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
            1s F1 offer A0 cpus:1;mem:512
            1s F1 T0 TASK_RUNNING
        10s partition A0 90s
            90s A0 unreachable
            90s F1 T0 TASK_LOST AgentRemoved since 90s
            90s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
            90s F1 loses A0
        99s running A0
            T0 of F0 TASK_RUNNING
            T0 of F1 TASK_RUNNING
            129.1s A0 is there
            129.1s A0 reregistered
            129.1s F0 T0 TASK_RUNNING AgentReregistered
            129.1s F1 T0 TASK_RUNNING AgentReregistered
        150s running A0
            T0 of F0 TASK_RUNNING
            T0 of F1 TASK_RUNNING
        150s agent-is A0
            registered connected active
        150s tasks F0
            T0 on A0 TASK_RUNNING
        150s tasks F1
            T0 on A0 TASK_RUNNING
        160s end
        ",
        as_in(Profile::MODERN),
    );
}

/// Every 20 s one agent may be marked; the third answers again before its turn.
#[test]
fn agents_are_marked_one_by_one() {
    story::check_with(
        "
        agents 4 cpus:1
        framework F0 a suppressed=a
            0s A0 is there
            0s A1 is there
            0s A2 is there
            0s A3 is there
            0s F0 subscribed
        10s partition A0 forever
        10s partition A1 forever
        10s partition A2 115s
        10s partition A3 forever
            90s A0 unreachable
            90s F0 loses A0
            110s A1 unreachable
            110s F0 loses A1
            125s A2 disconnected
            125.5s A2 reregistered
            150s A3 unreachable
            150s F0 loses A3
        200s metric master/slave_unreachable_scheduled master/slave_unreachable_completed master/slave_unreachable_canceled
            5 3 2
        200s agent-is A2
            registered connected active
        201s end
        ",
        |cluster| cluster.master.agent_removal_interval = Some(secs(20)),
    );
}

/// A recovering agent answers pings, and is not registered.
#[test]
fn agent_that_answers_pings_and_does_not_register() {
    story::check_with(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@10000s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s crash A0 5s
            10s A0 disconnected
        609s agent-is A0
            registered
            610s A0 unreachable
            610s F0 T0 TASK_UNREACHABLE AgentRemoved since 610s
            610s F0 loses A0
        611s agent-is A0
            unreachable
            715s A0 is there
            715s A0 reregistered
            715s F0 T0 TASK_RUNNING AgentReregistered
        800s agent-is A0
            registered connected active
        800s running A0
            T0 of F0 TASK_RUNNING
        801s end
        ",
        |cluster| cluster.agent.executor_reregistration_timeout = secs(700),
    );
}

#[test]
fn messages_to_the_master_do_not_pass() {
    story::check(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@50s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s partition A0 100s to-master
            90s A0 unreachable
            90s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
        109s agent-is A0
            unreachable
        150s agent-is A0
            unreachable
            165s A0 is there
            165s A0 reregistered
            165s F0 T0 TASK_FINISHED AgentReregistered
            165s F0 offer A0 cpus:1
            165s F0 T0 TASK_FINISHED
        200s agent-is A0
            registered connected active
        200s tasks F0
            completed T0 on A0 TASK_FINISHED
        201s end
        ",
    );
}

/// The agent does not hear pings and asks for its registration again and again; the master hears it.
#[test]
fn messages_from_the_master_do_not_pass() {
    story::check(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@50s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s partition A0 70s from-master
            50s F0 T0 TASK_FINISHED
            50s F0 offer A0 cpus:1
            60s F0 T0 TASK_FINISHED
            80s A0 disconnected
            80s F0 rescind 1
        85s agent-is A0
            registered
            85.7s A0 reregistered
            85.7s F0 T0 TASK_FINISHED
            86s F0 offer A0 cpus:1
            90s A0 unreachable
            90s F0 rescind 1
            90s F0 loses A0
        150s agent-is A0
            unreachable
            165s A0 is there
            165s A0 reregistered
            165s F0 offer A0 cpus:1
        200s agent-is A0
            registered connected active
        200s tasks F0
            completed T0 on A0 TASK_FINISHED
        201s end
        ",
    );
}

/// Of five ends none is forgotten, whatever is lost on the way.
#[test]
fn lossy_link() {
    story::check(
        "
        agents 1 cpus:5
        framework F0 a launch=cpus:1@20s&cpus:1@22s&cpus:1@24s&cpus:1@26s&cpus:1@28s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:5
            0s F0 T0 TASK_RUNNING
            0s F0 T1 TASK_RUNNING
            0s F0 T2 TASK_RUNNING
            0s F0 T3 TASK_RUNNING
            0s F0 T4 TASK_RUNNING
        10s lossy A0 500000 60s
            20s F0 T0 TASK_FINISHED
            20s F0 offer A0 cpus:1
            22s F0 T1 TASK_FINISHED
            22s F0 offer A0 cpus:1
            22s A0 disconnected
            22s F0 rescind 1
            22s F0 rescind 1
            24s F0 T2 TASK_FINISHED
            26s F0 T3 TASK_FINISHED
            28s F0 T4 TASK_FINISHED
            32s F0 T1 TASK_FINISHED
            38s F0 T4 TASK_FINISHED
            54s F0 T2 TASK_FINISHED
            75s A0 reregistered
            75s F0 T1 TASK_FINISHED
            75s F0 T2 TASK_FINISHED
            75s F0 T3 TASK_FINISHED
            75s F0 T4 TASK_FINISHED
            76s F0 offer A0 cpus:5
        200s tasks F0
            completed T0 on A0 TASK_FINISHED
            completed T1 on A0 TASK_FINISHED
            completed T2 on A0 TASK_FINISHED
            completed T3 on A0 TASK_FINISHED
            completed T4 on A0 TASK_FINISHED
        200s running A0
        200s agent-is A0
            registered connected active
        201s end
        ",
    );
}

#[test]
fn slow_link() {
    story::check(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@20s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s slow A0 3s 60s
            23s F0 T0 TASK_FINISHED
            23s F0 offer A0 cpus:1
        100s tasks F0
            completed T0 on A0 TASK_FINISHED
        100s agent-is A0
            registered connected active
        101s end
        ",
    );
}

/// Pings take longer than the master waits for them.
#[test]
fn link_that_is_slower_than_health_checks() {
    story::check(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@1000s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s slow A0 50s 300s
            90s A0 unreachable
            90s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
            265s A0 is there
            265s A0 reregistered
            265s F0 T0 TASK_RUNNING AgentReregistered
        400s tasks F0
            T0 on A0 TASK_RUNNING
        400s agent-is A0
            registered connected active
        401s end
        ",
    );
}
