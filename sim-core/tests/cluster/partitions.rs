//! Agents that do not answer (`spec/master.md` 3.3 to 3.5, `spec/agent.md` 2), in whole clusters. The
//! tests that begin with an id are scenarios of `spec/cluster-conformance.md`.

use crate::support::words::{millis, secs};
use crate::support::{master_desk, story};
use sim_core::master::MasterOptions;

#[test]
fn pa_1_partitioned_agent() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
        10s partition A0 forever
            90s A0 unreachable
            90s F0 rescind 1
            90s F0 loses A0
        200s metric master/slave_unreachable_scheduled master/slave_unreachable_completed
            1 1
        200s metric master/slave_removals master/slave_removals/reason_unhealthy master/slave_removals/reason_unregistered
            1 1 0
        201s end
        ",
    );
}

#[test]
fn pa_2_reregister_partitioned_agent_with_task_on_its_way() {
    story::check_with(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@1000s checkpoint
            0s A0 is there
        0.15s partition A0 100s
            0.2s F0 subscribed
            0.2s F0 offer A0 cpus:2;mem:1024
            90s A0 unreachable
            90.1s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90.1s F0 loses A0
        99s metric master/tasks_lost master/tasks_unreachable master/tasks_running
            0 1 0
        99s metric master/slaves_active master/slaves_inactive master/slaves_unreachable
            0 0 1
        99s tasks F0
            unreachable T0 on A0 TASK_UNREACHABLE
            129.1s A0 is there
            129.1s A0 reregistered
            129.2s F0 offer A0 cpus:2;mem:1024
        200s tasks F0
        200s metric master/tasks_lost master/tasks_unreachable master/tasks_running
            0 0 0
        200s reconcile F0 T0@A0
            200.2s F0 T0 TASK_GONE Reconciliation
        201s end
        ",
        |cluster| cluster.framework_latency.constant = millis(100),
    );
}

#[test]
fn pa_3_reregister_agent_of_partition_aware_framework() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@1000s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
        10s partition A0 90s
            90s A0 unreachable
            90s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
        99s tasks F0
            unreachable T0 on A0 TASK_UNREACHABLE
            129.1s A0 is there
            129.1s A0 reregistered
            129.1s F0 T0 TASK_RUNNING AgentReregistered
        150s tasks F0
            T0 on A0 TASK_RUNNING
        150s metric master/tasks_running master/tasks_unreachable master/tasks_lost
            1 0 0
        150s metric master/slave_unreachable_scheduled master/slave_unreachable_completed
            1 1
        150s metric master/slave_removals master/slave_removals/reason_unhealthy master/slave_removals/reason_unregistered
            1 1 0
        160s end
        ",
    );
}

#[test]
fn pa_4_reregister_agent_of_other_framework() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@1000s checkpoint not-partition-aware
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
        10s partition A0 90s
            90s A0 unreachable
            90s F0 T0 TASK_LOST AgentRemoved since 90s
            90s F0 loses A0
        99s tasks F0
            unreachable T0 on A0 TASK_LOST
        99s metric master/tasks_lost master/tasks_unreachable
            1 0
            129.1s A0 is there
            129.1s A0 reregistered
            129.1s F0 T0 TASK_RUNNING AgentReregistered
        150s tasks F0
            T0 on A0 TASK_RUNNING
        150s metric master/tasks_running master/tasks_lost master/tasks_killed
            1 1 0
        160s end
        ",
    );
}

#[test]
fn pa_5_reregistration_with_another_master() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:1;mem:512@1000s not-partition-aware checkpoint failover=1000s
        framework F1 b launch=cpus:1;mem:512@1000s checkpoint failover=1000s
            0s A0 is there
            0s F0 subscribed
            0s F1 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
            1s F1 offer A0 cpus:1;mem:512
            1s F1 T0 TASK_RUNNING
        10s partition A0 100s
            90s A0 unreachable
            90s F1 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 T0 TASK_LOST AgentRemoved since 90s
            90s F0 loses A0
            90s F1 loses A0
        95s master-crash 2s
            95s the master fails
            95s F0 is disconnected
            95s F1 is disconnected
            97s F0 subscribed
            97s F1 subscribed
            114.7s A0 is there
            114.7s A0 reregistered
            114.7s F0 T0 TASK_RUNNING AgentReregistered
            114.7s F1 T0 TASK_RUNNING AgentReregistered
        150s tasks F0
            T0 on A0 TASK_RUNNING
        150s tasks F1
            T0 on A0 TASK_RUNNING
        150s metric master/tasks_running master/tasks_lost master/tasks_unreachable master/slave_removals
            2 0 0 0
        160s end
        ",
    );
}

#[test]
fn pa_6_task_of_a_framework_that_has_gone() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@1000s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
        10s partition A0 90s
            90s A0 unreachable
            90s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
        95s crash F0 forever
            95s F0 disconnected
            95s F0 removed
        96s tasks F0
            completed T0 on A0 TASK_KILLED
        99s running A0
            T0 of F0 TASK_RUNNING
            129.1s A0 is there
            129.1s A0 reregistered
        150s tasks F0
            completed T0 on A0 TASK_KILLED
        150s running A0
        150s agent-is A0
            registered connected active
        160s end
        ",
    );
}

#[test]
fn pa_7_disconnected_framework() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@1000s checkpoint failover=1209600s not-partition-aware
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
        9s crash F0 150s
            9s F0 disconnected
        10s master-crash 2s
            10s the master fails
            12s a master waits for 1 agents
            12s A0 is there
        20s partition A0 forever
            102s A0 unreachable
        158s tasks F0
            unreachable T0 on A0 TASK_LOST
            159s F0 failed_over
            159s F0 subscribed
        160s reconcile F0 T0@A0
            160s F0 T0 TASK_LOST Reconciliation since 102s
        165s metric master/tasks_lost master/tasks_unreachable
            1 0
        170s end
        ",
    );
}

#[test]
fn pa_11_task_that_ends_during_the_partition() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@95s checkpoint not-partition-aware
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
        10s partition A0 90s
            90s A0 unreachable
            90s F0 T0 TASK_LOST AgentRemoved since 90s
            90s F0 loses A0
            129.1s A0 is there
            129.1s A0 reregistered
            129.1s F0 T0 TASK_FINISHED AgentReregistered
            129.1s F0 offer A0 cpus:2;mem:1024
            129.1s F0 T0 TASK_FINISHED
        150s reconcile F0 T0@A0
        150s tasks F0
            completed T0 on A0 TASK_FINISHED
            150s F0 T0 TASK_LOST Reconciliation
        160s end
        ",
    );
}

#[test]
fn pa_12_task_of_partition_aware_framework_that_ends_during_the_partition() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@95s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
        10s partition A0 90s
            90s A0 unreachable
            90s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
            129.1s A0 is there
            129.1s A0 reregistered
            129.1s F0 T0 TASK_FINISHED AgentReregistered
            129.1s F0 offer A0 cpus:2;mem:1024
            129.1s F0 T0 TASK_FINISHED
        150s reconcile F0 T0@A0
        150s tasks F0
            completed T0 on A0 TASK_FINISHED
            150s F0 T0 TASK_GONE Reconciliation
        160s end
        ",
    );
}

#[test]
fn pa_13_agent_with_terminal_task_partitioned() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a launch=cpus:2;mem:1024@5s checkpoint acknowledge=1000s
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
            0s F0 T0 TASK_RUNNING
            10s F0 T0 TASK_RUNNING
            10s F0 offer A0 cpus:2;mem:1024
        12s partition A0 forever
            90s A0 unreachable
            90s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 rescind 1
            90s F0 loses A0
        95s tasks F0
            unreachable T0 on A0 TASK_FINISHED
        96s end
        ",
    );
}

#[test]
fn pa_18_health_checks_fail_twice() {
    story::check_with(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a
            0s F0 subscribed
            20s A0 is there
            20s F0 offer A0 cpus:2;mem:1024
        25s partition A0 forever
            130s A0 unreachable
            130s F0 rescind 1
            130s F0 loses A0
        200s metric master/slave_unreachable_scheduled master/slave_unreachable_completed master/slave_removals
            2 2 1
        201s end
        ",
        |cluster| cluster.master.registry_store_latency = secs(20),
    );
}

#[test]
fn pa_19_one_way_partition_master_to_agent() {
    story::check(
        "
        agents 1 cpus:2;mem:1024
        framework F0 a
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:2;mem:1024
        10s partition A0 1s closes
            10s A0 disconnected
            10s F0 rescind 1
        12s agent-is A0
            registered
        14s agent-is A0
            registered
            15s A0 reregistered
        16s agent-is A0
            registered connected active
            16s F0 offer A0 cpus:2;mem:1024
        17s end
        ",
    );
}

#[test]
fn pa_20_one_way_partition_master_to_scheduler() {
    master_desk::check(
        MasterOptions::default(),
        "
        framework F0 a failover=1209600s
        exit F0
        reconcile F0 T0
            0s F0 is refused: Framework disconnected
        ",
    );
}
