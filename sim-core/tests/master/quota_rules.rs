//! What quota asks for and what it changes, beyond the scenarios of `operator_quota.rs`, at the master's
//! one door (`spec/master.md` section 11).

use crate::support::master_desk;
use policy_api::Span;
use sim_core::Profile;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn all_guarantees_together_must_fit() {
    check(
        "
        agent A0 cpus:4
        operator set-quota a cpus:3
            0s SET_QUOTA 200
        operator set-quota b cpus:2
            0s SET_QUOTA 409: Not enough available cluster capacity to reasonably satisfy quota guarantees: total guarantees 'cpus:5' exceed cluster capacity 'cpus:4'; use the force flag to bypass this check
        operator quota a cpus:2 none b cpus:3 none
            0s UPDATE_QUOTA 400: Not enough available cluster capacity to reasonably satisfy quota guarantees: total guarantees 'cpus:5' exceed cluster capacity 'cpus:4'; use the force flag to bypass this check
        operator quota a cpus:2 none b cpus:2 none
            0s UPDATE_QUOTA 200
        operator quota c none cpus:1
            0s UPDATE_QUOTA 200
        ",
    );
}

#[test]
fn consumption_counts_reservations_children_and_executors_but_nothing_revocable() {
    check(
        "
        framework F0 a/x revocable
        agent A0 cpus(a):1;cpus:3;mem:1024;cpus{REV}:2
            0s offer O1 to F0: A0 cpus:3;mem:1024;cpus(a):1;cpus{REV}:2
        accept F0 O1 0s T0=cpus:1/E0=cpus:0.5 T1=cpus{REV}:2
            0s A0 runs T0 in new E0
            0s A0 runs T1
        operator quota a none cpus:2.4
            0s UPDATE_QUOTA 400: Invalid quota limits: role 'a' is already consuming cpus:2.5; use the force flag to bypass this check
        operator quota a none cpus:2.5
            0s UPDATE_QUOTA 200
        executor-exited F0 A0 E0
            0s F0 hears that E0 has left A0
        operator quota a none cpus:2.4
            0s UPDATE_QUOTA 200
        ",
    );
}

#[test]
fn a_limit_holds_from_the_next_offer_on() {
    check(
        "
        operator quota a none cpus:1
            0s UPDATE_QUOTA 200
        framework F0 a
        agent A0 cpus:4;mem:1024
            0s offer O1 to F0: A0 cpus:1;mem:1024
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        at 1s
            1s offer O2 to F0: A0 mem:1024
        operator quota force a none none
            1s UPDATE_QUOTA 200
        at 2s
            2s offer O3 to F0: A0 cpus:3
        ",
    );
}

#[test]
fn quota_is_answered_when_the_registry_has_it() {
    let registry_store_latency = Span::from_millis(100);
    master_desk::check(
        MasterOptions { registry_store_latency, ..MasterOptions::default() },
        "
        framework F0 a
        agent A0 cpus:1;mem:1024
        at 0.5s
            0.1s offer O1 to F0: A0 cpus:1;mem:1024
        operator quota b cpus:1 none
        metric allocator/mesos/quota/roles/b/resources/cpus/guarantee
            none
        at 1s
            0.6s rescind O1 from F0
            0.6s UPDATE_QUOTA 200
            1s offer O2 to F0: A0 mem:1024
        metric allocator/mesos/quota/roles/b/resources/cpus/guarantee
            1
        ",
    );
}

#[test]
fn old_versions_have_no_quota() {
    let profile = |profile| MasterOptions { profile, ..MasterOptions::default() };
    let script = "
        operator set-quota force a cpus:1
            0s SET_QUOTA 400: unsupported operation: mesos-0.23 lacks SET_QUOTA
        operator quota force b cpus:1 none
            0s UPDATE_QUOTA 400: unsupported operation: mesos-0.23 lacks UPDATE_QUOTA
        ";
    master_desk::check(profile(Profile::MESOS_0_23), script);
    let script = "
        operator set-quota force a cpus:1
            0s SET_QUOTA 200
        operator quota force b cpus:1 none
            0s UPDATE_QUOTA 400: unsupported operation: mesos-1.1 lacks UPDATE_QUOTA
        operator remove-quota a
            0s REMOVE_QUOTA 200
        ";
    master_desk::check(profile(Profile::MESOS_1_1), script);
}
