//! What the master makes of estimates (`spec/agent.md` 8.4).

use crate::support::master_desk::check;
use sim_core::master::MasterOptions;

#[test]
fn os_3_revocable_offer() {
    check(
        MasterOptions::default(),
        "
        agent A0 cpus:4;mem:1024
        framework F0 a revocable
            0s offer O1 to F0: A0 cpus:4;mem:1024
        at 1s
        estimate A0 cpus{REV}:2
            1s offer O2 to F0: A0 cpus{REV}:2
        at 2s
        accept F0 O1,O2 0s T0=cpus{REV}:1;mem:64/E0=cpus{REV}:1
            2s A0 runs T0 in new E0
            2s offer O3 to F0: A0 cpus:4;mem:960
        update F0 A0 T0 TASK_RUNNING
            2s F0 hears T0 TASK_RUNNING
        account A0
            total cpus:4;mem:1024;cpus{REV}:2
            offered cpus:4;mem:960
            used mem:64;cpus{REV}:2
        metric master/cpus_revocable_total master/cpus_revocable_used master/messages_update_slave
            2 2 1
        ",
    );
}

#[test]
fn os_4_rescind_revocable_offer_with_increased_revocable() {
    check(
        MasterOptions::default(),
        "
        agent A0 cpus:4;mem:1024
        framework F0 a revocable
            0s offer O1 to F0: A0 cpus:4;mem:1024
        at 1s
        estimate A0 cpus{REV}:1
            1s offer O2 to F0: A0 cpus{REV}:1
        at 15s
        estimate A0 cpus{REV}:3
            15s rescind O2 from F0
            15s offer O3 to F0: A0 cpus{REV}:3
        at 20s
        ",
    );
}

#[test]
fn os_5_rescind_revocable_offer_with_decreased_revocable() {
    check(
        MasterOptions::default(),
        "
        agent A0 cpus:4;mem:1024
        framework F0 a revocable
            0s offer O1 to F0: A0 cpus:4;mem:1024
        at 1s
        estimate A0 cpus{REV}:3
            1s offer O2 to F0: A0 cpus{REV}:3
        at 15s
        estimate A0 cpus{REV}:1
            15s rescind O2 from F0
            15s offer O3 to F0: A0 cpus{REV}:1
        at 20s
        ",
    );
}

#[test]
fn os_11_update_allocator_on_scheduler_failover() {
    check(
        MasterOptions::default(),
        "
        agent A0 cpus:4;mem:1024
        framework F0 a
            0s offer O1 to F0: A0 cpus:4;mem:1024
        at 1s
        framework F0 a revocable connection=2 force again
            1s the old F0 is refused: Framework failed over
            1s 1 offers of F0 are discarded
            1s offer O2 to F0: A0 cpus:4;mem:1024
        at 2s
        estimate A0 cpus{REV}:2
            2s offer O3 to F0: A0 cpus{REV}:2
        at 3s
        ",
    );
}

#[test]
fn os_12_remove_capabilities_on_scheduler_failover() {
    check(
        MasterOptions::default(),
        "
        agent A0 cpus:4;mem:1024
        framework F0 a revocable
            0s offer O1 to F0: A0 cpus:4;mem:1024
        estimate A0 cpus{REV}:2
            0s offer O2 to F0: A0 cpus{REV}:2
        at 1s
        framework F0 a connection=2 force again
            1s the old F0 is refused: Framework failed over
            1s 2 offers of F0 are discarded
            1s offer O3 to F0: A0 cpus:4;mem:1024
        at 5s
        ",
    );
}

/// What revocable tasks hold stays theirs; nothing is offered until enough of it is free again.
#[test]
fn an_estimate_below_what_is_held_takes_nothing_away() {
    check(
        MasterOptions::default(),
        "
        agent A0 cpus:4;mem:1024
        framework F0 a revocable
            0s offer O1 to F0: A0 cpus:4;mem:1024
        estimate A0 cpus{REV}:3
            0s offer O2 to F0: A0 cpus{REV}:3
        at 1s
        accept F0 O1,O2 0s T0=cpus{REV}:2;mem:64
            1s A0 runs T0
            1s offer O3 to F0: A0 cpus:4;mem:960;cpus{REV}:1
        update F0 A0 T0 TASK_RUNNING
            1s F0 hears T0 TASK_RUNNING
        at 2s
        estimate A0 cpus{REV}:1
            2s rescind O3 from F0
            2s offer O4 to F0: A0 cpus:4;mem:960
        at 4s
        update F0 A0 T0 TASK_FINISHED
            4s F0 hears T0 TASK_FINISHED
            4s offer O5 to F0: A0 mem:64;cpus{REV}:1
        at 6s
        ",
    );
}
