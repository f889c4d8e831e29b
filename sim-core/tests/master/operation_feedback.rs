//! Operations with ids: what their frameworks hear of them, at the master's one door
//! (`spec/master.md` section 8).

use crate::support::master_desk;
use sim_core::Profile;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn an_operation_that_is_finished_is_told_until_it_is_acknowledged() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
            0s F0 hears operation 7 OPERATION_FINISHED
        account A0
            total cpus:3;cpus(+a):1
            operations
        # Another framework cannot acknowledge it.
        framework F1 b
            0s offer O2 to F0: A0 cpus(+a):1
            0s offer O3 to F1: A0 cpus:3
        acknowledge-operation F1 7
        reconcile-operations F0 7
            0s F0 hears operation 7 OPERATION_FINISHED
        acknowledge-operation F0 7
            0s A0 is acknowledged operation 7
        account A0
            total cpus:3;cpus(+a):1
            offered cpus:3;cpus(+a):1
        # It is acknowledged once.
        acknowledge-operation F0 7
        reconcile-operations F0
        ",
    );
}

#[test]
fn what_an_operator_or_a_framework_without_an_id_asked_for_is_not_told() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        operator reserve A0 cpus(+b):1
            0s A0 applies reserve cpus(+b):1
            0s RESERVE_RESOURCES 202
        account A0
            total cpus:2;cpus(+a):1;cpus(+b):1
        ",
    );
}

#[test]
fn an_operation_that_is_refused_is_an_error() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s id=7 unreserve cpus(+a):1 id=8 reserve cpus(+b):1 id=9 reserve cpus(+a):1
            0s F0 hears operation 7 OPERATION_ERROR: cpus:4 does not contain cpus(reservations: [(DYNAMIC,a)]):1
            0s UNRESERVE is dropped: cpus:4 does not contain cpus(reservations: [(DYNAMIC,a)]):1
            0s F0 hears operation 8 OPERATION_ERROR: Resource cpus(reservations: [(DYNAMIC,b)]):1 is not reserved for the role that it is allocated to, 'a'
            0s RESERVE is dropped: Resource cpus(reservations: [(DYNAMIC,b)]):1 is not reserved for the role that it is allocated to, 'a'
            0s A0 applies reserve cpus(+a):1
            0s F0 hears operation 9 OPERATION_FINISHED
        metric master/operations/error
            2
        metric master/operations/reserve/error
            1
        # Nothing is left of those that were refused.
        reconcile-operations F0
            0s F0 hears operation 9 OPERATION_FINISHED
        ",
    );
}

#[test]
fn operations_of_an_accept_for_offers_that_are_gone_are_errors() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        decline F0 O1 0s
        accept F0 O1 0s id=7 reserve cpus(+a):1 reserve cpus(+a):1 id=8 create-disk disk[RAW:,provider=p]:64 disk[MOUNT:/m,provider=p]:64
            0s F0 hears operation 7 OPERATION_ERROR: Offer 0v0 is no longer valid
            0s RESERVE is dropped: Offer 0v0 is no longer valid
            0s RESERVE is dropped: Offer 0v0 is no longer valid
            0s F0 hears operation 8 OPERATION_ERROR: Offer 0v0 is no longer valid
            0s CREATE_DISK is dropped: Offer 0v0 is no longer valid
        ",
    );
}

#[test]
fn a_launch_with_an_id_is_an_error() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s id=7 T0=cpus:1 T1=cpus:1
            0s A0 runs T0
            0s A0 runs T1
        ",
    );
}

#[test]
fn an_agent_that_cannot_tell_of_operations_is_sent_none_with_an_id() {
    check(
        "
        framework F0 a
        agent A0 cpus:4 no-provider
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s id=7 reserve cpus(+a):1 reserve cpus(+a):2
            0s F0 hears operation 7 OPERATION_ERROR: Operation feedback is not supported by the agent
            0s RESERVE is dropped: Operation feedback is not supported by the agent
            0s A0 checkpoints cpus(+a):2
        ",
    );
    let profile = Profile::MESOS_1_1;
    master_desk::check(
        MasterOptions { profile, ..MasterOptions::default() },
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s id=7 reserve cpus(+a):1 reserve cpus(+a):2
            0s F0 hears operation 7 OPERATION_ERROR: Operation feedback is not supported by the agent
            0s RESERVE is dropped: Operation feedback is not supported by the agent
            0s A0 checkpoints cpus(+a):2
        ",
    );
}

#[test]
fn an_operation_that_never_came_is_dropped_and_its_reservation_vanishes() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        reconcile-operations F0
            0s F0 hears operation 7 OPERATION_PENDING
        exit A0
        reregister A0 cpus:4
            0s A0 is reregistered
            0s A0 is asked for 1 operations
            0s offer O2 to F0: A0 cpus:4
        drop A0
            0s F0 hears operation 7 OPERATION_DROPPED
        # Nobody repeats that, so that nobody acknowledges it.
        account A0
            total cpus:4
            offered cpus:4
        ",
    );
}

#[test]
fn an_operation_that_comes_late_is_done_after_all() {
    // The agent told of its resources before it got the operation.
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        exit A0
        reregister A0 cpus:4
            0s A0 is reregistered
            0s A0 is asked for 1 operations
            0s offer O2 to F0: A0 cpus:4
        account A0
            total cpus:4
            offered cpus:4
            operations
        report A0 OPERATION_FINISHED
            0s rescind O2 from F0
            0s F0 hears operation 7 OPERATION_FINISHED
            0s offer O3 to F0: A0 cpus:3;cpus(+a):1
        account A0
            total cpus:3;cpus(+a):1
            offered cpus:3;cpus(+a):1
            operations
        at 1s
        ",
    );
}

#[test]
fn an_operation_that_the_agent_has_is_not_asked_for() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        exit A0
        reregister A0 cpus:3;cpus(+a):1 operations=OPERATION_PENDING
            0s A0 is reregistered
        report A0 OPERATION_FINISHED
            0s F0 hears operation 7 OPERATION_FINISHED
        account A0
            total cpus:3;cpus(+a):1
            operations
        ",
    );
}

#[test]
fn operations_of_an_agent_that_does_not_answer_are_unreachable() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        unhealthy A0
            0s F0 hears operation 7 OPERATION_UNREACHABLE
            0s F0 loses A0
        reconcile-operations F0 7@A0 7
            0s F0 hears operation 7 OPERATION_UNREACHABLE
            0s F0 hears operation 7 OPERATION_UNKNOWN
        reregister A0 cpus:4
            0s A0 is reregistered
            0s offer O2 to F0: A0 cpus:4
        reconcile-operations F0 7@A0
            0s F0 hears operation 7 OPERATION_UNKNOWN
        ",
    );
}

#[test]
fn operations_of_an_agent_that_is_gone_are_gone() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        operator gone A0
            0s A0 shuts down: Agent has been marked gone
            0s F0 hears operation 7 OPERATION_GONE_BY_OPERATOR
            0s F0 loses A0
            0s MARK_AGENT_GONE 200
        reconcile-operations F0 7@A0
            0s F0 hears operation 7 OPERATION_GONE_BY_OPERATOR
        ",
    );
}

#[test]
fn an_end_that_is_not_acknowledged_is_not_told_again_with_the_agent() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
            0s F0 hears operation 7 OPERATION_FINISHED
        operator gone A0
            0s A0 shuts down: Agent has been marked gone
            0s F0 loses A0
            0s MARK_AGENT_GONE 200
        ",
    );
}

#[test]
fn operations_that_a_new_master_may_yet_learn_of_are_recovering() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        failover
        framework F0 a again
        reconcile-operations F0 7@A0 7
            0s F0 hears operation 7 OPERATION_RECOVERING
            0s F0 hears operation 7 OPERATION_RECOVERING
        reregister A0 cpus:3;cpus(+a):1 operations=OPERATION_FINISHED
            0s A0 is reregistered
            0s offer O2 to F0: A0 cpus:3;cpus(+a):1
        reconcile-operations F0 7@A0 7 8@A0
            0s F0 hears operation 7 OPERATION_FINISHED
            0s F0 hears operation 7 OPERATION_FINISHED
            0s F0 hears operation 8 OPERATION_UNKNOWN
        report A0 OPERATION_FINISHED
            0s F0 hears operation 7 OPERATION_FINISHED
        acknowledge-operation F0 7
            0s A0 is acknowledged operation 7
        account A0
            total cpus:3;cpus(+a):1
            offered cpus:3;cpus(+a):1
        ",
    );
}

#[test]
fn an_end_that_the_agent_tells_before_its_framework_is_back_is_told_again() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        failover
        reregister A0 cpus:3;cpus(+a):1 operations=OPERATION_FINISHED
            0s A0 is reregistered
        report A0 OPERATION_FINISHED
        framework F0 a again
            0s offer O2 to F0: A0 cpus:3;cpus(+a):1
        repeat
            0s F0 hears operation 7 OPERATION_FINISHED
        acknowledge-operation F0 7
            0s A0 is acknowledged operation 7
        ",
    );
}

#[test]
fn an_operation_outlives_the_framework_that_asked_for_it() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        teardown F0
        account A0
            total cpus:3;cpus(+a):1
            operations
        report A0 OPERATION_FINISHED
        account A0
            total cpus:3;cpus(+a):1
        ",
    );
}

#[test]
fn an_end_that_a_removed_framework_has_not_acknowledged_is_forgotten() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
            0s F0 hears operation 7 OPERATION_FINISHED
        teardown F0
        account A0
            total cpus:3;cpus(+a):1
            operations
        repeat
            0s A0 is acknowledged operation 7
        account A0
            total cpus:3;cpus(+a):1
        ",
    );
}

#[test]
fn a_framework_that_is_away_hears_of_an_end_when_the_agent_repeats_it() {
    check(
        "
        framework F0 a failover=100s
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        exit F0
        report A0 OPERATION_FINISHED
        framework F0 a failover=100s again connection=2
            0s offer O2 to F0: A0 cpus:3;cpus(+a):1
        repeat
            0s F0 hears operation 7 OPERATION_FINISHED
        acknowledge-operation F0 7
            0s A0 is acknowledged operation 7
        account A0
            total cpus:3;cpus(+a):1
            offered cpus:3;cpus(+a):1
        ",
    );
}
