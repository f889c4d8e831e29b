//! Hosts that go down, are replaced or are given up (`spec/master.md` 3, `spec/agent.md` 6).

use crate::support::story;
use sim_core::Profile;

#[test]
fn host_reboots() {
    story::check(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@1000s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s reboot A0 30s
            40s A0 disconnected
            42s A0 reregistered
            42s F0 T0 TASK_FAILED ExecutorTerminated
            43s F0 offer A0 cpus:1
        60s agent-is A0
            registered connected active
        60s running A0
        60s tasks F0
            completed T0 on A0 TASK_FAILED
        61s end
        ",
    );
}

#[test]
fn host_reboots_under_1_1() {
    story::check_with(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@1000s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s reboot A0 30s
            40s A0 disconnected
            40s A0 removed
            40s A1 is there
            40s F0 T0 TASK_LOST AgentRemoved
            40s F0 loses A0
            40s F0 offer A1 cpus:1
        60s agent-is A0
            removed
        60s agent-is A1
            registered connected active
        60s tasks F0
            completed T0 on A0 TASK_LOST
        200s agent-is A0
            removed
        201s end
        ",
        |cluster| {
            cluster.master.profile = Profile::MESOS_1_1;
            cluster.agent.profile = Profile::MESOS_1_1;
        },
    );
}

/// The volume has what the task wrote in some ten seconds.
#[test]
fn host_is_replaced() {
    story::check(
        "
        agents 1 cpus:1;disk:1024
        framework F0 a suppressed=a launch=cpus:1;disk(+a)[v]:512@1000s checkpoint write-rate=1048576
            0s A0 is there
            0s F0 subscribed
        5s operator reserve A0 disk(+a):512
            5s RESERVE_RESOURCES 202
        6s operator create A0 disk(+a)[v]:512
            6s CREATE_VOLUMES 202
            6s volume created on A0: 0 bytes
        7s total A0
            cpus:1;disk:512;disk(+a)[v]:512
        8s revive F0
            8s F0 offer A0 cpus:1;disk:1024
            8s F0 T0 TASK_RUNNING
        20s replace A0 30s
            50s volume lost on A0: 12582912 bytes
            50s A0 disconnected
            50s A0 removed
            50s A1 is there
            50s F0 T0 TASK_LOST AgentRemoved
            50s F0 loses A0
            50s F0 offer A1 cpus:1;disk:1024
        60s agent-is A0
            removed
        60s agent-is A1
            registered connected active
        60s total A0
            cpus:1;disk:1024
        60s tasks F0
            completed T0 on A0 TASK_LOST
        61s end
        ",
    );
}

#[test]
fn agent_is_marked_gone_while_a_task_runs() {
    story::check(
        "
        agents 1 cpus:2
        framework F0 a launch=cpus:1@1000s checkpoint
        framework F1 b launch=cpus:1@1000s checkpoint not-partition-aware
            0s A0 is there
            0s F0 subscribed
            0s F1 subscribed
            0s F0 offer A0 cpus:2
            0s F0 T0 TASK_RUNNING
            1s F1 offer A0 cpus:1
            1s F1 T0 TASK_RUNNING
        10s operator gone A0
            10s A0 gone
            10s MARK_AGENT_GONE 200
            10s F1 T0 TASK_LOST AgentRemoved
            10s F0 T0 TASK_GONE_BY_OPERATOR AgentRemovedByOperator
            10s F0 loses A0
            10s F1 loses A0
        20s agent-is A0
            gone
        20s running A0
        20s operator gone A0
        20s reconcile F0 T0@A0
        20s tasks F0
            completed T0 on A0 TASK_GONE_BY_OPERATOR
            20s MARK_AGENT_GONE 200
            20s F0 T0 TASK_GONE_BY_OPERATOR Reconciliation
        21s end
        ",
    );
}

#[test]
fn partitioned_agent_is_marked_gone() {
    story::check(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@1000s checkpoint
            0s A0 is there
            0s F0 subscribed
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s partition A0 190s
            90s A0 unreachable
            90s F0 T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
        100s operator gone A0
            100s A0 gone
            100s MARK_AGENT_GONE 200
            100s F0 T0 TASK_GONE_BY_OPERATOR AgentRemovedByOperator
            100s F0 loses A0
        110s agent-is A0
            gone
        110s running A0
            T0 of F0 TASK_RUNNING
        300s running A0
        300s agent-is A0
            gone
        301s end
        ",
    );
}
