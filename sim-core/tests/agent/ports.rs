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
