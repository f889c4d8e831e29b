//! What the master does for the port-mapping isolator (`spec/network.md` 2 and 7, `spec/master.md` 5.1).

use crate::support::master_desk::check;
use sim_core::master::MasterOptions;

/// `IgnoreEphemeralPortsResource` of `master_tests.cpp`.
#[test]
fn offers_have_no_ephemeral_ports() {
    check(
        MasterOptions::default(),
        "
        framework F0 a
        agent A0 cpus:2;mem:1024;disk:1024;ports:[31000-32000];ephemeral_ports:[30001-30999]
            0s offer O1 to F0: A0 cpus:2;disk:1024;mem:1024;ports:[31000-32000]
        decline F0 O1 0s
        at 1.5s
            1s offer O2 to F0: A0 cpus:2;disk:1024;mem:1024;ports:[31000-32000]
        ",
    );
}

/// `MaxExecutorsPerSlave` of `master_tests.cpp`: no offer is ever made.
#[test]
fn no_executors_means_no_offers() {
    let options = MasterOptions { max_executors_per_agent: Some(0), ..MasterOptions::default() };
    check(options, "framework F0 a\nagent A0 cpus:2;mem:1024\nat 60s");
}

/// What a full agent has left goes back with a filter of five seconds.
#[test]
fn an_agent_with_enough_executors_is_not_offered() {
    let options = MasterOptions { max_executors_per_agent: Some(1), ..MasterOptions::default() };
    check(
        options,
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        accept F0 O1 0s T0=cpus:1/E0=cpus:1
            0s A0 runs T0 in new E0
        at 60s
        executor-exited F0 A0 E0
            60s F0 hears that E0 has left A0
            60s offer O2 to F0: A0 cpus:3;mem:4096
        ",
    );
}
