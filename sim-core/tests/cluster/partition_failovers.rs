//! Masters that fail at the worst time (`spec/master.md` 3, 4 and 9).

use crate::support::cluster::Cluster;
use crate::support::scripted::Scripted;
use crate::support::story;
use crate::support::words::{millis, secs};

fn quickly(cluster: &mut Cluster<Scripted>) {
    cluster.agent_latency.constant = millis(1);
    cluster.framework_latency.constant = millis(1);
    cluster.master.registry_store_latency = millis(5);
}

#[test]
fn master_fails_while_an_agent_is_partitioned_for_good() {
    story::check_with(
        "
        agents 2 cpus:1
        framework F0 a launch=cpus:1@10000s launch=cpus:1@10000s checkpoint failover=1000s
            0s F0 subscribed
            0s A0 is there
            0s F0 offer A0 cpus:1
            0s A1 is there
            0s F0 T0 TASK_RUNNING
            0s F0 offer A1 cpus:1
            0s F0 T1 TASK_RUNNING
        10s partition A0 forever
        20s master-crash 10s
            20s the master fails
            20s F0 is disconnected
            30s a master waits for 2 agents
            30s F0 subscribed
            30s A1 is there
        620s agent-is A0
            recovered
            630s A0 unreachable
            630s F0 loses A0
        640s agent-is A0
            unreachable
        640s reconcile F0 T0@A0 T1@A1
            640s F0 T0 TASK_UNREACHABLE Reconciliation since 630s
            640s F0 T1 TASK_RUNNING Reconciliation
        650s end
        ",
        quickly,
    );
}

#[test]
fn master_fails_while_an_agent_waits_for_its_removal() {
    story::check_with(
        "
        agents 2 cpus:1
        framework F0 a suppressed=a
            0s A0 is there
            0s A1 is there
            0s F0 subscribed
        10s partition A0 100s
        10s partition A1 forever
            90s A0 unreachable
            90s F0 loses A0
        100s master-crash 1s
            100s the master fails
            100s F0 is disconnected
            101s a master waits for 1 agents
            101s F0 subscribed
            112.2s A0 is there
            112.2s A0 reregistered
        150s agent-is A0
            registered connected active
        150s agent-is A1
            recovered
            701s A1 unreachable
            701s F0 loses A1
        750s agent-is A1
            unreachable
        751s end
        ",
        |cluster| cluster.master.agent_removal_interval = Some(secs(60)),
    );
}

#[test]
fn master_fails_while_an_agent_is_drained() {
    story::check_with(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@1000s checkpoint failover=1000s acknowledge=20s
            0s F0 subscribed
            0s A0 is there
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
            10s F0 T0 TASK_RUNNING
        30s operator drain A0 grace=0s
            30s A0 draining
            30s DRAIN_AGENT 200
            30s F0 T0 TASK_KILLED AgentDraining
        35s master-crash 1s
            35s the master fails
            35s F0 is disconnected
            36s a master waits for 1 agents
            36s F0 subscribed
            36s A0 is there
            36s F0 T0 TASK_KILLED AgentDraining
        40s agent-is A0
            registered connected deactivated draining
            46s F0 T0 TASK_KILLED AgentDraining
            50s A0 drained
        100s agent-is A0
            registered connected deactivated drained
        100s tasks F0
            completed T0 on A0 TASK_KILLED
        101s end
        ",
        quickly,
    );
}

#[test]
fn master_fails_while_a_machine_is_down() {
    story::check_with(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@1000s checkpoint failover=1000s
            0s F0 subscribed
            0s A0 is there
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s operator schedule A0@60s+120s
            10s UPDATE_MAINTENANCE_SCHEDULE 200
        20s operator down A0
            20s START_MAINTENANCE 200
            20s A0 removed
            20s F0 T0 TASK_LOST AgentRemoved
            20s F0 loses A0
        25s master-crash 1s
            25s the master fails
            25s F0 is disconnected
            26s F0 subscribed
        40s agent-is A0
            unknown
        40s maintenance
            agent-000/ from 60s for 120s
            agent-000/ down
        50s operator up A0
            50s STOP_MAINTENANCE 200
            50s A0 is there
            50s A0 reregistered
            50s F0 offer A0 cpus:1
        60s agent-is A0
            registered connected active
        61s end
        ",
        |cluster| {
            quickly(cluster);
            cluster.agent.restart_delay = Some(secs(3));
        },
    );
}

#[test]
fn master_fails_while_the_registry_stores() {
    story::check_with(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@1000s checkpoint failover=1000s
            0s F0 subscribed
            2s A0 is there
            2s F0 offer A0 cpus:1
            2s F0 T0 TASK_RUNNING
        20s operator gone A0
        20.5s master-crash 1s
            20.5s the master fails
            20.5s F0 is disconnected
            21.5s a master waits for 1 agents
            21.5s F0 subscribed
            23.5s A0 is there
        40s agent-is A0
            registered connected active
        40s running A0
            T0 of F0 TASK_RUNNING
        41s end
        ",
        |cluster| cluster.master.registry_store_latency = secs(2),
    );
}

#[test]
fn master_fails_while_a_host_reboots() {
    story::check_with(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@1000s checkpoint failover=1000s
            0s F0 subscribed
            0s A0 is there
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s reboot A0 30s
        20s master-crash 5s
            20s the master fails
            20s F0 is disconnected
            25s a master waits for 1 agents
            25s F0 subscribed
        30s agent-is A0
            recovered
            42s A0 is there
            42s F0 offer A0 cpus:1
            42s F0 T0 TASK_FAILED ExecutorTerminated
        60s agent-is A0
            registered connected active
        60s tasks F0
            completed T0 on A0 TASK_FAILED
        61s end
        ",
        quickly,
    );
}

/// The next master waits for the agent of before as long as for any other.
#[test]
fn master_fails_while_a_host_is_replaced() {
    story::check_with(
        "
        agents 1 cpus:1
        framework F0 a launch=cpus:1@1000s checkpoint failover=1000s
            0s F0 subscribed
            0s A0 is there
            0s F0 offer A0 cpus:1
            0s F0 T0 TASK_RUNNING
        10s replace A0 30s
        20s master-crash 5s
            20s the master fails
            20s F0 is disconnected
            25s a master waits for 1 agents
            25s F0 subscribed
            40s A1 is there
            40s F0 offer A1 cpus:1
        60s agent-is A0
            recovered
        60s agent-is A1
            registered connected active
        60s reconcile F0 T0@A0
            625s A0 unreachable
            625s F0 loses A0
        650s agent-is A0
            unreachable
        650s reconcile F0 T0@A0
            650s F0 T0 TASK_UNREACHABLE Reconciliation since 625s
        651s end
        ",
        quickly,
    );
}

#[test]
fn master_fails_while_a_link_is_lossy() {
    story::check_with(
        "
        agents 1 cpus:2
        framework F0 a launch=cpus:1@35s&cpus:1@1000s checkpoint failover=1000s
            0s F0 subscribed
            0s A0 is there
            0s F0 offer A0 cpus:2
            0s F0 T0 TASK_RUNNING
            0s F0 T1 TASK_RUNNING
        10s lossy A0 500000 60s
        30s master-crash 2s
            30s the master fails
            30s F0 is disconnected
            32s a master waits for 1 agents
            32s F0 subscribed
            32s A0 is there
            35s F0 T0 TASK_FINISHED
            36s F0 offer A0 cpus:1
            70s A0 disconnected
            70s F0 rescind 1
            77s A0 reregistered
            78s F0 offer A0 cpus:1
        200s tasks F0
            T1 on A0 TASK_RUNNING
            completed T0 on A0 TASK_FINISHED
        200s running A0
            T1 of F0 TASK_RUNNING
        200s agent-is A0
            registered connected active
        201s end
        ",
        quickly,
    );
}

#[test]
fn master_fails_while_a_link_is_slow() {
    story::check_with(
        "
        agents 1 cpus:2
        framework F0 a launch=cpus:1@35s&cpus:1@1000s checkpoint failover=1000s
            0s F0 subscribed
            0s A0 is there
            0s F0 offer A0 cpus:2
            0s F0 T0 TASK_RUNNING
            0s F0 T1 TASK_RUNNING
        10s slow A0 2s 60s
        30s master-crash 2s
            30s the master fails
            30s F0 is disconnected
            32s a master waits for 1 agents
            32s F0 subscribed
            34s A0 is there
            38s F0 T0 TASK_FINISHED
            39s F0 offer A0 cpus:1
        200s tasks F0
            T1 on A0 TASK_RUNNING
            completed T0 on A0 TASK_FINISHED
        200s agent-is A0
            registered connected active
        201s end
        ",
        quickly,
    );
}

#[test]
fn master_fails_while_messages_to_it_do_not_pass() {
    story::check_with(
        "
        agents 1 cpus:2
        framework F0 a launch=cpus:1@35s&cpus:1@1000s checkpoint failover=1000s
            0s F0 subscribed
            0s A0 is there
            0s F0 offer A0 cpus:2
            0s F0 T0 TASK_RUNNING
            0s F0 T1 TASK_RUNNING
        10s partition A0 70s to-master
        30s master-crash 2s
            30s the master fails
            30s F0 is disconnected
            32s a master waits for 1 agents
            32s F0 subscribed
        79s agent-is A0
            recovered
        79s reconcile F0 T0@A0
            86.1s A0 is there
            86.1s F0 offer A0 cpus:1
            86.1s F0 T0 TASK_FINISHED
        150s tasks F0
            T1 on A0 TASK_RUNNING
            completed T0 on A0 TASK_FINISHED
        150s agent-is A0
            registered connected active
        151s end
        ",
        quickly,
    );
}
