//! Which tasks an ACCEPT may launch, at the master's one door (`spec/master.md` 6.2), and what becomes
//! of executors and kills (section 7).

use crate::support::master_desk;
use sim_core::master::{Acl, Acls, Action, Entity, MasterOptions};

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn an_id_is_not_given_twice_while_its_task_is_live_or_out_of_reach() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        agent A1 cpus:4
            0s offer O2 to F0: A1 cpus:4
        accept F0 O1 0s T0=cpus:1 T0=cpus:1
            0s A0 runs T0
            0s F0 hears T0 TASK_ERROR TaskInvalid
        unhealthy A0
            0s F0 hears T0 TASK_UNREACHABLE AgentRemoved since 0s
            0s F0 loses A0
        accept F0 O2 0s T0=cpus:1
            0s F0 hears T0 TASK_ERROR TaskInvalid
        at 1s
            1s offer O3 to F0: A1 cpus:4
        reregister A0 cpus:4 F0/T0=cpus:1/a/TASK_RUNNING
            1s A0 is reregistered
            1s F0 hears T0 TASK_RUNNING AgentReregistered
            1s offer O4 to F0: A0 cpus:3
        update F0 A0 T0 TASK_FINISHED
            1s F0 hears T0 TASK_FINISHED
        accept F0 O3 0s T0=cpus:1
            1s F0 hears T0 TASK_ERROR TaskInvalid
        acknowledge F0 A0 T0
            1s A0 is acknowledged
        at 2s
            2s offer O5 to F0: A0 cpus:1
            2s offer O6 to F0: A1 cpus:4
        accept F0 O4 0s T0=cpus:1
            2s A0 runs T0
        ",
    );
}

#[test]
fn a_task_uses_something() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=nothing T1=cpus:1/E0=nothing
            0s F0 hears T0 TASK_ERROR TaskInvalid
            0s A0 runs T1 in new E0
        ",
    );
}

#[test]
fn a_volume_is_used_once_by_each_task() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk(+a)[v]:64
            0s offer O1 to F0: A0 cpus:4;disk(+a)[v]:64
        accept F0 O1 0s T0=cpus:1;disk(+a)[v]:64/E0=disk(+a)[v]:64 T1=cpus:1;disk(+a)[v]:64
            0s F0 hears T0 TASK_ERROR TaskInvalid
            0s A0 runs T1
        ",
    );
}

#[test]
fn revocable_resources_do_not_mix_with_others_of_the_name() {
    check(
        "
        framework F0 a revocable
        agent A0 cpus:4;mem:512;cpus{REV}:4
            0s offer O1 to F0: A0 cpus:4;mem:512;cpus{REV}:4
        accept F0 O1 0s T0=cpus:1;cpus{REV}:1 T1=cpus{REV}:1/E0=cpus:1 T2=cpus{REV}:1;mem:64/E1=mem:64
            0s F0 hears T0 TASK_ERROR TaskInvalid
            0s F0 hears T1 TASK_ERROR TaskInvalid
            0s A0 runs T2 in new E1
        ",
    );
}

#[test]
fn ports_and_items_are_used_once() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;ports:[1-10]
            0s offer O1 to F0: A0 cpus:4;ports:[1-10]
        accept F0 O1 0s T0=cpus:1;ports:[1-2]/E0=ports:[2-3] T1=cpus:1;ports:[1-2] T2=cpus:1;ports:[2-3] T3=cpus:1;ports:[4-5]/E1=ports:[6-6]
            0s F0 hears T0 TASK_ERROR TaskInvalid
            0s A0 runs T1
            0s F0 hears T2 TASK_ERROR TaskInvalid
            0s A0 runs T3 in new E1
        ",
    );
}

#[test]
fn an_executor_uses_nothing_shared() {
    check(
        "
        framework F0 a shared
        agent A0 cpus:4;disk(+a)<v>:64
            0s offer O1 to F0: A0 cpus:4;disk(+a)<v>:64
        accept F0 O1 0s T0=cpus:1/E0=disk(+a)<v>:64 T1=cpus:1;disk(+a)<v>:64/E1=cpus:1
            0s F0 hears T0 TASK_ERROR TaskInvalid
            0s A0 runs T1 in new E1
        ",
    );
}

#[test]
fn task_and_executor_together_fit_into_what_is_left() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:3/E0=cpus:2 T1=cpus:3/E0=cpus:1 T2=cpus:1/E0=cpus:1
            0s F0 hears T0 TASK_ERROR TaskInvalid
            0s A0 runs T1 in new E0
            0s F0 hears T2 TASK_ERROR TaskInvalid
        ",
    );
}

#[test]
fn an_executor_counts_once_and_is_freed_when_it_has_left() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1/E0=cpus:1
            0s A0 runs T0 in new E0
        at 1s
            1s offer O2 to F0: A0 cpus:2
        accept F0 O2 0s T1=cpus:1/E0=cpus:1
            1s A0 runs T1 in E0
        at 2s
            2s offer O3 to F0: A0 cpus:1
        decline F0 O3 0s
        update F0 A0 T0 TASK_FINISHED
            2s F0 hears T0 TASK_FINISHED
        update F0 A0 T1 TASK_FINISHED
            2s F0 hears T1 TASK_FINISHED
        metric master/cpus_used
            1
        executor-exited F0 A0 E0
            2s F0 hears that E0 has left A0
        metric master/cpus_used
            0
        # Once.
        executor-exited F0 A0 E0
        at 3s
            3s offer O4 to F0: A0 cpus:4
        ",
    );
}

#[test]
fn an_executor_of_one_name_is_the_same_executor() {
    check(
        "
        framework F0 a
        framework F1 b
        suppress F1
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        agent A1 cpus:4
            0s offer O2 to F0: A1 cpus:4
        accept F0 O1 0s T0=cpus:1/E0=cpus:1 T1=cpus:1/E0=cpus:0.5
            0s A0 runs T0 in new E0
            0s F0 hears T1 TASK_ERROR TaskInvalid
        # Another agent and another framework have executors of their own.
        accept F0 O2 100s T2=cpus:1/E0=cpus:0.5
            0s A1 runs T2 in new E0
        at 1s
            1s offer O3 to F0: A0 cpus:2
        decline F0 O3 100s
        revive F1
            1s offer O4 to F1: A0 cpus:2
            1s offer O5 to F1: A1 cpus:2.5
        accept F1 O4 0s T0=cpus:1/E0=cpus:0.1
            1s A0 runs T0 in new E0
        ",
    );
}

#[test]
fn a_group_is_launched_with_its_executor() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:1024;disk:100
            0s offer O1 to F0: A0 cpus:4;disk:100;mem:1024
        accept F0 O1 0s group:T0=cpus:1/E0=cpus:0.5;mem:32;disk:10&T1=cpus:1/E0=cpus:0.5;mem:32;disk:10
            0s A0 runs T0+T1 in new E0
        at 1s
            1s offer O2 to F0: A0 cpus:1.5;disk:90;mem:992
        # The executor is there.
        accept F0 O2 0s group:T2=cpus:1.5/E0=cpus:0.5;mem:32;disk:10
            1s A0 runs T2 in E0
        at 2s
            2s offer O3 to F0: A0 disk:90;mem:992
        metric master/cpus_used
            4
        ",
    );
}

#[test]
fn a_group_is_launched_as_a_whole_or_not_at_all() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:1024;disk:100
            0s offer O1 to F0: A0 cpus:4;disk:100;mem:1024
        # The last one does not fit.
        accept F0 O1 0s group:T0=cpus:2/E0=cpus:0.5;mem:32;disk:10&T1=cpus:2/E0=cpus:0.5;mem:32;disk:10
            0s F0 hears T0 TASK_ERROR TaskGroupInvalid
            0s F0 hears T1 TASK_ERROR TaskGroupInvalid
        at 1s
            1s offer O2 to F0: A0 cpus:4;disk:100;mem:1024
        # Two of one name, and one that uses nothing.
        accept F0 O2 0s group:T0=cpus:1/E0=cpus:0.5;mem:32;disk:10&T0=cpus:1/E0=cpus:0.5;mem:32;disk:10
            1s F0 hears T0 TASK_ERROR TaskGroupInvalid
            1s F0 hears T0 TASK_ERROR TaskGroupInvalid
        at 2s
            2s offer O3 to F0: A0 cpus:4;disk:100;mem:1024
        accept F0 O3 0s group:T0=cpus:1/E0=cpus:0.5;mem:32;disk:10&T1=nothing/E0=cpus:0.5;mem:32;disk:10
            2s F0 hears T0 TASK_ERROR TaskGroupInvalid
            2s F0 hears T1 TASK_ERROR TaskGroupInvalid
        at 3s
            3s offer O4 to F0: A0 cpus:4;disk:100;mem:1024
        # Nobody has tasks in a group of none.
        accept F0 O4 0s group: T5=cpus:1
            3s A0 runs T5
        at 4s
            4s offer O5 to F0: A0 cpus:3;disk:100;mem:1024
        metric master/cpus_used
            1
        ",
    );
}

#[test]
fn the_tasks_of_a_group_have_one_executor() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:1024;disk:100
            0s offer O1 to F0: A0 cpus:4;disk:100;mem:1024
        accept F0 O1 0s group:T0=cpus:1/E0=cpus:0.5;mem:32;disk:10&T1=cpus:1/E1=cpus:0.5;mem:32;disk:10
            0s F0 hears T0 TASK_ERROR TaskGroupInvalid
            0s F0 hears T1 TASK_ERROR TaskGroupInvalid
        at 1s
            1s offer O2 to F0: A0 cpus:4;disk:100;mem:1024
        accept F0 O2 0s group:T0=cpus:1/E0=cpus:0.5;mem:32;disk:10&T1=cpus:1/E0=cpus:0.6;mem:32;disk:10
            1s F0 hears T0 TASK_ERROR TaskGroupInvalid
            1s F0 hears T1 TASK_ERROR TaskGroupInvalid
        at 2s
            2s offer O3 to F0: A0 cpus:4;disk:100;mem:1024
        accept F0 O3 0s group:T0=cpus:1&T1=cpus:1
            2s F0 hears T0 TASK_ERROR TaskGroupInvalid
            2s F0 hears T1 TASK_ERROR TaskGroupInvalid
        at 3s
            3s offer O4 to F0: A0 cpus:4;disk:100;mem:1024
        accept F0 O4 0s T0=cpus:1/E0=cpus:0.5;mem:32;disk:10 group:T1=cpus:1/E0=cpus:0.6;mem:32;disk:10
            3s A0 runs T0 in new E0
            3s F0 hears T1 TASK_ERROR TaskGroupInvalid
        ",
    );
}

#[test]
fn the_executor_of_a_group_needs_a_minimum() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:1024;disk:100
            0s offer O1 to F0: A0 cpus:4;disk:100;mem:1024
        accept F0 O1 0s group:T0=cpus:1/E0=cpus:0.009;mem:32;disk:10 group:T1=cpus:1/E0=cpus:0.01;mem:31.999;disk:10 group:T2=cpus:1/E0=cpus:0.01;mem:32 group:T3=cpus:1/E0=cpus:0.01;mem:32;disk:0.001
            0s F0 hears T0 TASK_ERROR TaskGroupInvalid
            0s F0 hears T1 TASK_ERROR TaskGroupInvalid
            0s F0 hears T2 TASK_ERROR TaskGroupInvalid
            0s A0 runs T3 in new E0
        ",
    );
}

#[test]
fn the_tasks_of_a_group_do_not_overlap() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:1024;disk:100;ports:[1-10]
            0s offer O1 to F0: A0 cpus:4;disk:100;mem:1024;ports:[1-10]
        accept F0 O1 0s group:T0=ports:[1-2]/E0=cpus:0.5;mem:32;disk:10&T1=ports:[2-3]/E0=cpus:0.5;mem:32;disk:10
            0s F0 hears T0 TASK_ERROR TaskGroupInvalid
            0s F0 hears T1 TASK_ERROR TaskGroupInvalid
        at 1s
            1s offer O2 to F0: A0 cpus:4;disk:100;mem:1024;ports:[1-10]
        accept F0 O2 0s group:T0=ports:[1-2]/E0=cpus:0.5;mem:32;disk:10;ports:[3-3]&T1=ports:[3-4]/E0=cpus:0.5;mem:32;disk:10;ports:[3-3]
            1s F0 hears T0 TASK_ERROR TaskGroupInvalid
            1s F0 hears T1 TASK_ERROR TaskGroupInvalid
        at 2s
            2s offer O3 to F0: A0 cpus:4;disk:100;mem:1024;ports:[1-10]
        accept F0 O3 0s group:T0=ports:[1-2]/E0=cpus:0.5;mem:32;disk:10&T1=ports:[3-4]/E0=cpus:0.5;mem:32;disk:10
            2s A0 runs T0+T1 in new E0
        ",
    );
}

#[test]
fn tasks_may_be_forbidden() {
    let rule = |principals, objects| Acl { action: Action::RunTask, principals, objects };
    let acls =
        Acls { rules: vec![rule(Entity::Any, Entity::Some(vec!["ops".into()]))], strict: false };
    master_desk::check(
        MasterOptions { acls, ..MasterOptions::default() },
        "
        framework F0 a user=root
        agent A0 cpus:4;mem:64;disk:10
            0s offer O1 to F0: A0 cpus:4;disk:10;mem:64
        accept F0 O1 100s T0=nothing group:T1=cpus:1/E0=cpus:0.5;mem:32;disk:10&T2=cpus:1/E0=cpus:0.5;mem:32;disk:10
            0s F0 hears T0 TASK_ERROR TaskUnauthorized
            0s F0 hears T1 TASK_ERROR TaskGroupUnauthorized
            0s F0 hears T2 TASK_ERROR TaskGroupUnauthorized
        framework F1 a user=ops
            0s offer O2 to F1: A0 cpus:4;disk:10;mem:64
        accept F1 O2 0s T0=cpus:1
            0s A0 runs T0
        ",
    );
}

#[test]
fn a_kill_goes_to_the_agent_of_the_task() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        agent A1 cpus:4
            0s offer O2 to F0: A1 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        kill F0 T0
            0s A0 kills T0
        kill F0 T0 A0
            0s A0 kills T0
        # That is not where it is.
        kill F0 T0 A1
        kill F0 T1 A1
            0s F0 hears T1 TASK_GONE Reconciliation
        # Another framework's.
        framework F1 b
            0s offer O3 to F1: A0 cpus:3
        kill F1 T0 A0
            0s F1 hears T0 TASK_GONE Reconciliation
        ",
    );
}

#[test]
fn a_kill_is_repeated_to_an_agent_that_comes_back() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 100s T0=cpus:1 T1=cpus:1
            0s A0 runs T0
            0s A0 runs T1
        exit A0
        kill F0 T0
        reregister A0 cpus:4 F0/T0=cpus:1/a/TASK_RUNNING F0/T1=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
            0s A0 kills T0
        # In case that this one was not heard either.
        reregister A0 cpus:4 F0/T0=cpus:1/a/TASK_RUNNING F0/T1=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
            0s A0 kills T0
        update F0 A0 T0 TASK_KILLED
            0s F0 hears T0 TASK_KILLED
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        reregister A0 cpus:4 F0/T1=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
        ",
    );
}

#[test]
fn only_updates_that_this_master_forwarded_are_acknowledged() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        acknowledge F0 A0 T0
        metric master/invalid_status_update_acknowledgements
            1
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        exit A0
            0s F0 hears T0 TASK_LOST AgentDisconnected
        acknowledge F0 A0 T0
        metric master/invalid_status_update_acknowledgements
            2
        ",
    );
}
