//! Weights of roles, as operators set them (`spec/master.md` section 11). The tests that begin with
//! an id are scenarios of `spec/cluster-conformance.md`.

use crate::support::master_desk::{MasterDesk, check};
use crate::support::script::play;
use sim_core::master::{Acl, Acls, Action, Entity, MasterOptions};

#[test]
fn dw_1_put_invalid_request() {
    check(
        MasterOptions::default(),
        "
        operator weights a=2
            0s UPDATE_WEIGHTS 200
        operator weights a=0
            0s UPDATE_WEIGHTS 400: Invalid weight '0': Weights must be positive
        operator weights a=-2
            0s UPDATE_WEIGHTS 400: Invalid weight '-2': Weights must be positive
        operator weights a=two
            0s UPDATE_WEIGHTS 400: Invalid weight 'NaN': Weights must be positive
        operator weights =2
            0s UPDATE_WEIGHTS 400: a role name must not be empty
        # One that is wrong is enough.
        operator weights b=3 c=0
            0s UPDATE_WEIGHTS 400: Invalid weight '0': Weights must be positive
        weights
            a=2
        ",
    );
}

#[test]
fn dw_2_unknown_role() {
    let options = MasterOptions { explicit_roles: true, ..MasterOptions::default() };
    check(
        options,
        "
        operator weights z=2
            0s UPDATE_WEIGHTS 400: Unknown role 'z'
        operator weights a=2 z=2
            0s UPDATE_WEIGHTS 400: Unknown role 'z'
        operator weights a=2
            0s UPDATE_WEIGHTS 200
        weights
            a=2
        ",
    );
}

#[test]
fn dw_3_update_weights_with_explicit_roles() {
    let options = MasterOptions { explicit_roles: true, ..MasterOptions::default() };
    check(
        options,
        "
        operator weights a=2 b=4
            0s UPDATE_WEIGHTS 200
        weights
            a=2
            b=4
        operator weights a=1 c=2.5
            0s UPDATE_WEIGHTS 200
        weights
            a=1
            b=4
            c=2.5
        ",
    );
}

#[test]
fn dw_4_recovered_weights_from_registry() {
    let mut desk = MasterDesk::with_weights(MasterOptions::default(), &[("a", 2.0)]);
    play(
        &mut desk,
        "
        weights
            a=2
        operator weights b=4
            0s UPDATE_WEIGHTS 200
        weights
            a=2
            b=4
        ",
    );
    // The next master is started with other flags, which do not count any more.
    desk.weights = vec![("a", 3.0), ("c", 5.0)];
    play(
        &mut desk,
        "
        at 10s
        failover
        weights
            a=2
            b=4
        operator weights a=6
            10s UPDATE_WEIGHTS 200
        failover
        weights
            a=6
            b=4
        ",
    );
}

/// What was recovered is what counts: a weight of three for `a` gives it three quarters.
#[test]
fn dw_4_recovered_weights_are_shared_by() {
    let mut desk = MasterDesk::with_weights(MasterOptions::default(), &[("a", 3.0)]);
    desk.weights = vec![("b", 100.0)];
    play(
        &mut desk,
        "
        failover
        framework F0 a
        framework F1 b
        agent A0 cpus:1;mem:512
            0s offer O1 to F0: A0 cpus:1;mem:512
        agent A1 cpus:1;mem:512
            0s offer O2 to F1: A1 cpus:1;mem:512
        agent A2 cpus:1;mem:512
            0s offer O3 to F0: A2 cpus:1;mem:512
        agent A3 cpus:1;mem:512
            0s offer O4 to F0: A3 cpus:1;mem:512
        ",
    );
}

#[test]
fn dw_5_unauthorised_update_weight_request() {
    let allow = |principal: &str, role: &str| Acl {
        action: Action::UpdateWeight,
        principals: Entity::Some(vec![principal.into()]),
        objects: Entity::Some(vec![role.into()]),
    };
    let acls = Acls { rules: vec![allow("ops", "a")], strict: true };
    check(
        MasterOptions { acls, ..MasterOptions::default() },
        "
        operator principal=ops weights a=2
            0s UPDATE_WEIGHTS 200
        operator principal=ops weights b=2
            0s UPDATE_WEIGHTS 403: Not authorized
        operator principal=ops weights a=3 b=2
            0s UPDATE_WEIGHTS 403: Not authorized
        operator principal=dev weights a=2
            0s UPDATE_WEIGHTS 403: Not authorized
        weights
            a=2
        ",
    );
}

/// All offers of all agents, even those of other roles, where one of the roles has a framework.
#[test]
fn an_update_takes_back_all_offers() {
    check(
        MasterOptions::default(),
        "
        framework F0 a
        agent A0 cpus:1;mem:512
            0s offer O1 to F0: A0 cpus:1;mem:512
        framework F1 b
        agent A1 cpus:1;mem:512
            0s offer O2 to F1: A1 cpus:1;mem:512
        operator weights c=2
            0s UPDATE_WEIGHTS 200
        operator weights a=2
            0s rescind O1 from F0
            0s rescind O2 from F1
            0s UPDATE_WEIGHTS 200
        at 1s
            1s offer O3 to F0: A0 cpus:1;mem:512
            1s offer O4 to F1: A1 cpus:1;mem:512
        ",
    );
}
