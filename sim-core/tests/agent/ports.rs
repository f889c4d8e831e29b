//! Blocks of ephemeral ports at the agent's one door (`spec/network.md` 2.2 and 2.4).

use crate::support::agent_desk::{OPTIONS, check_on};

/// Room for two containers.
const TWO: &str = "cpus:4;mem:4096;ephemeral_ports:[30000-30031]";

/// `TooManyContainers` of `port_mapping_tests.cpp`: the one for which there is no block cannot be prepared.
/// It does not get as far as its files.
#[test]
fn a_container_without_ports_fetches_nothing() {
    check_on(
        TWO,
        OPTIONS,
        "
        run T0=cpus:1@10s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1@10s
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        blocks
            30000-30015
            30016-30031
            2 taken
        sources
        run T2=cpus:1@10s uri=http://host/command@1000000
            0s T2 TASK_FAILED latest TASK_FAILED ContainerLaunchFailed by Agent
        metric container_launch_errors
            1
        fetcher-metric task_fetches_failed
            0
        ",
    );
}

/// `CleanupNotIsolated`: a container that ends before it came up leaves nothing behind.
#[test]
fn a_block_comes_back_from_a_container_that_never_came_up() {
    check_on(
        "cpus:4;mem:4096;ephemeral_ports:[30000-30031]",
        OPTIONS,
        "
        run T0=cpus:1@10s uri=http://host/command@1000000
        blocks
            30000-30015
            1 taken
        crash
        blocks
            0 taken
        ",
    );
}

/// Blocks of containers that live on are reserved again when the agent comes back, those of others are free.
#[test]
fn recovery_reserves_the_blocks_of_containers_that_live() {
    check_on(
        "cpus:4;mem:4096;ephemeral_ports:[30000-30047]",
        OPTIONS,
        "
        run T0=cpus:1@forever
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1@forever checkpoint framework=F1
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        blocks
            30000-30015
            30016-30031
            2 taken
        crash
        blocks
            30016-30031
            1 taken
        restart
        at 2s
            2s reregisters A0; F1 T1=TASK_RUNNING
        blocks
            30016-30031
            1 taken
        run T2=cpus:1@forever
            2s T2 TASK_RUNNING latest TASK_RUNNING
        run T3=cpus:1@forever
            2s T3 TASK_RUNNING latest TASK_RUNNING
        blocks
            30000-30015
            30016-30031
            30032-30047
            3 taken
        ",
    );
}

/// 2.3: `[31001-31007]` are three filters, and each block is one.
#[test]
fn filters_are_counted() {
    check_on(
        "cpus:4;mem:4096;ports:[31000-31999];ephemeral_ports:[30000-30047]",
        OPTIONS,
        "
        port-metric filters
            0
        run T0=cpus:1;ports:[31001-31007]@10s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        port-metric filters
            4
        run T1=cpus:1@10s
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        port-metric filters
            5
        port-metric ephemeral_port_blocks_used
            2
        port-metric ephemeral_port_blocks
            3
        port-metric per_cpu_egress_rate_limit
            none
        at 10s
            10s T0 TASK_FINISHED latest TASK_FINISHED
            10s T1 TASK_FINISHED latest TASK_FINISHED
        port-metric filters
            0
        ",
    );
}

/// 2.4: the caps of a container follow its tasks as they come and go.
#[test]
fn caps_follow_the_tasks_of_a_container() {
    check_on(
        "cpus:8;mem:4096",
        OPTIONS,
        "
        run T0=cpus:1@10s executor=E0 executor-resources=cpus:1 reads=1000
            0s T0 TASK_RUNNING latest TASK_RUNNING
            0s bytes move with 2000 thousandths of a CPU
        acknowledge T0
        run T1=cpus:2@10s executor=E0 executor-resources=cpus:1 known-executor
            0s caps follow 4000 thousandths of a CPU
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 10s
            10s caps follow 2000 thousandths of a CPU
            10s T1 TASK_FINISHED latest TASK_FINISHED
        ",
    );
}
