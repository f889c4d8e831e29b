//! Quota as operators set it, at the master's one door (`spec/master.md` section 11). The tests that
//! begin with an id are scenarios of `spec/cluster-conformance.md`.

use crate::support::master_desk;
use policy_api::Span;
use sim_core::master::{Acl, Acls, Action, Entity, MasterOptions};

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

/// `ops` may set quota for `a` only, other principals for every role, and nobody else for none.
fn restricted() -> MasterOptions {
    let rule = |principals, objects| Acl { action: Action::UpdateQuota, principals, objects };
    let acls = Acls {
        rules: vec![
            rule(Entity::Some(vec!["ops".into()]), Entity::Some(vec!["a".into()])),
            rule(Entity::Some(vec!["root".into()]), Entity::Any),
            rule(Entity::Any, Entity::None),
        ],
        strict: false,
    };
    MasterOptions { acls, ..MasterOptions::default() }
}

#[test]
fn mq_1_update_and_get_quota() {
    check(
        "
        operator quota force a cpus:1;mem:1024 cpus:2;mem:2048
            0s UPDATE_QUOTA 200
        metric allocator/mesos/quota/roles/a/resources/cpus/guarantee
            1
        metric allocator/mesos/quota/roles/a/resources/cpus/limit
            2
        metric allocator/mesos/quota/roles/a/resources/mem/guarantee
            1024
        metric allocator/mesos/quota/roles/a/resources/mem/limit
            2048
        metric allocator/mesos/quota/roles/a/resources/cpus/consumed
            none
        ",
    );
}

#[test]
fn mq_2_update_quota_multiple_roles() {
    master_desk::check(
        restricted(),
        "
        operator quota force principal=ops a cpus:1 cpus:2 * cpus:1 cpus:2
            0s UPDATE_QUOTA 403: Not authorized
        metric allocator/mesos/quota/roles/a/resources/cpus/guarantee
            none
        operator quota force principal=root a cpus:1 cpus:2 * cpus:3 cpus:4
            0s UPDATE_QUOTA 200
        metric allocator/mesos/quota/roles/a/resources/cpus/limit
            2
        metric allocator/mesos/quota/roles/*/resources/cpus/guarantee
            3
        metric allocator/mesos/quota/roles/*/resources/cpus/limit
            4
        ",
    );
}

#[test]
fn mq_3_update_quota_too_large() {
    check(
        "
        operator quota force a none cpus:1000000000001
            0s UPDATE_QUOTA 400: Quota of 'cpus' is out of bounds: 1000000000001
        operator quota force a none mem:1099511627777
            0s UPDATE_QUOTA 400: Quota of 'mem' is out of bounds: 1099511627777
        operator quota force a disk:1099511627777 none
            0s UPDATE_QUOTA 400: Quota of 'disk' is out of bounds: 1099511627777
        operator quota force a disk:1099511627776 cpus:1000000000000;mem:1099511627776
            0s UPDATE_QUOTA 200
        ",
    );
}

#[test]
fn mq_4_set_for_non_existent_role() {
    let options = MasterOptions { explicit_roles: true, ..MasterOptions::default() };
    master_desk::check(
        options,
        "
        operator set-quota force d cpus:1
            0s SET_QUOTA 400: Unknown role 'd'
        operator quota force d cpus:1 cpus:1
            0s UPDATE_QUOTA 400: Unknown role 'd'
        operator remove-quota d
            0s REMOVE_QUOTA 400: Unknown role 'd'
        operator set-quota force a cpus:1
            0s SET_QUOTA 200
        ",
    );
}

#[test]
fn mq_5_invalid_set_request() {
    check(
        "
        operator set-quota force / cpus:1
            0s SET_QUOTA 400: role '/' must not start or end with a slash, nor contain two in a row
        operator set-quota force -a cpus:1
            0s SET_QUOTA 400: role '-a' has the component '-a', which starts with a dash
        operator set-quota force a nothing
            0s SET_QUOTA 400: Failed to set quota: no resources
        operator set-quota force a bananas:3
            0s SET_QUOTA 400: Failed to set quota: only the scalars cpus, disk, gpus and mem can be guaranteed
        operator quota force a bananas:3 none
            0s UPDATE_QUOTA 400: Quota of 'bananas' is not supported: cpus, disk, gpus and mem are
        ",
    );
}

#[test]
fn mq_6_set_request_with_invalid_data() {
    check(
        "
        operator set-quota force a cpus:1;ports:[31001-31003]
            0s SET_QUOTA 400: Failed to set quota: only the scalars cpus, disk, gpus and mem can be guaranteed
        operator set-quota force a cpus(b):1;mem:512
            0s SET_QUOTA 400: Failed to set quota: reserved, disk and revocable resources cannot be guaranteed
        operator set-quota force a cpus:1;disk[PATH:/d]:10
            0s SET_QUOTA 400: Failed to set quota: reserved, disk and revocable resources cannot be guaranteed
        operator set-quota force a cpus:1;disk(a)[v]:10
            0s SET_QUOTA 400: Failed to set quota: reserved, disk and revocable resources cannot be guaranteed
        operator set-quota force a cpus(+a):1
            0s SET_QUOTA 400: Failed to set quota: reserved, disk and revocable resources cannot be guaranteed
        operator set-quota force a cpus{REV}:1
            0s SET_QUOTA 400: Failed to set quota: reserved, disk and revocable resources cannot be guaranteed
        operator quota force a cpus:3 cpus:2
            0s UPDATE_QUOTA 400: Quota guarantees of 'a' exceed its limits: cpus
        ",
    );
}

#[test]
fn mq_7_set_existing_quota() {
    check(
        "
        operator set-quota force a cpus:1;mem:512
            0s SET_QUOTA 200
        operator set-quota force a cpus:1;mem:512
            0s SET_QUOTA 400: Failed to set quota: role 'a' already has quota
        ",
    );
}

#[test]
fn mq_8_remove_single_quota() {
    check(
        "
        operator remove-quota d
            0s REMOVE_QUOTA 400: Failed to remove quota: role 'd' has no quota set
        operator remove-quota a
            0s REMOVE_QUOTA 400: Failed to remove quota: role 'a' has no quota set
        operator set-quota force a cpus:1;mem:512
            0s SET_QUOTA 200
        metric allocator/mesos/quota/roles/a/resources/cpus/guarantee
            1
        metric allocator/mesos/quota/roles/a/resources/cpus/limit
            1
        operator remove-quota a
            0s REMOVE_QUOTA 200
        metric allocator/mesos/quota/roles/a/resources/cpus/guarantee
            none
        metric allocator/mesos/quota/roles/a/resources/cpus/limit
            none
        ",
    );
}

#[test]
fn mq_9_remove_quota_race() {
    let registry_store_latency = Span::from_millis(10);
    master_desk::check(
        MasterOptions { registry_store_latency, ..MasterOptions::default() },
        "
        operator set-quota force a cpus:1
        operator set-quota force a cpus:2
            0s SET_QUOTA 400: Failed to set quota: role 'a' already has quota
        at 1s
            0.01s SET_QUOTA 200
        operator remove-quota a
        operator remove-quota a
            1s REMOVE_QUOTA 400: Failed to remove quota: role 'a' has no quota set
        at 2s
            1.01s REMOVE_QUOTA 200
        metric allocator/mesos/quota/roles/a/resources/cpus/guarantee
            none
        ",
    );
}

#[test]
fn mq_10_status() {
    check(
        "
        metric allocator/mesos/quota/roles/a/resources/mem/guarantee
            none
        operator set-quota force a cpus:1;mem:512
            0s SET_QUOTA 200
        metric allocator/mesos/quota/roles/a/resources/cpus/guarantee
            1
        metric allocator/mesos/quota/roles/a/resources/mem/guarantee
            512
        ",
    );
}

#[test]
fn mq_11_insufficient_resources_single_agent() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk:1024;ports:[31000-32000]
        operator set-quota a cpus:3;mem:2048
            0s SET_QUOTA 409: Not enough available cluster capacity to reasonably satisfy quota guarantees: total guarantees 'cpus:3;mem:2048' exceed cluster capacity 'cpus:2;disk:1024;mem:1024'; use the force flag to bypass this check
        operator quota a cpus:3;mem:2048 none
            0s UPDATE_QUOTA 400: Not enough available cluster capacity to reasonably satisfy quota guarantees: total guarantees 'cpus:3;mem:2048' exceed cluster capacity 'cpus:2;disk:1024;mem:1024'; use the force flag to bypass this check
        operator set-quota force a cpus:3;mem:2048
            0s SET_QUOTA 200
        operator remove-quota a
            0s REMOVE_QUOTA 200
        operator quota force a cpus:3;mem:2048 none
            0s UPDATE_QUOTA 200
        ",
    );
}

#[test]
fn mq_12_insufficient_resources_multiple_agents() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk:1024
        agent A1 cpus:2;mem:1024;disk:1024
        operator set-quota a cpus:5;mem:3072
            0s SET_QUOTA 409: Not enough available cluster capacity to reasonably satisfy quota guarantees: total guarantees 'cpus:5;mem:3072' exceed cluster capacity 'cpus:4;disk:2048;mem:2048'; use the force flag to bypass this check
        operator quota a cpus:5;mem:3072 none
            0s UPDATE_QUOTA 400: Not enough available cluster capacity to reasonably satisfy quota guarantees: total guarantees 'cpus:5;mem:3072' exceed cluster capacity 'cpus:4;disk:2048;mem:2048'; use the force flag to bypass this check
        operator set-quota force a cpus:5;mem:3072
            0s SET_QUOTA 200
        operator remove-quota a
            0s REMOVE_QUOTA 200
        operator quota force a cpus:5;mem:3072 none
            0s UPDATE_QUOTA 200
        ",
    );
}

#[test]
fn mq_13_available_resources_single_agent() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk:1024
        operator set-quota a cpus:1;mem:512
            0s SET_QUOTA 200
        metric allocator/mesos/quota/roles/a/resources/cpus/guarantee
            1
        metric allocator/mesos/quota/roles/a/resources/mem/guarantee
            512
        ",
    );
}

#[test]
fn mq_14_available_resources_single_reserved_agent() {
    check(
        "
        agent A0 cpus(b):1;mem(b):512
        operator set-quota a cpus:1;mem:512
            0s SET_QUOTA 200
        ",
    );
}

#[test]
fn mq_15_available_resources_single_disconnected_agent() {
    check(
        "
        agent A0 cpus:2;mem:1024
        exit A0
        operator set-quota a cpus:1;mem:512
            0s SET_QUOTA 200
        unhealthy A0
        operator set-quota b cpus:1;mem:512
            0s SET_QUOTA 409: Not enough available cluster capacity to reasonably satisfy quota guarantees: total guarantees 'cpus:2;mem:1024' exceed cluster capacity ''; use the force flag to bypass this check
        ",
    );
}

#[test]
fn mq_16_available_resources_multiple_agents() {
    check(
        "
        agent A0 cpus:2;mem:1024
        agent A1 cpus:2;mem:1024
        operator set-quota a cpus:4;mem:2048
            0s SET_QUOTA 200
        ",
    );
}

#[test]
fn mq_17_validate_limit_against_consumed() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:2;mem:1024
            0s A0 runs T0
        operator quota a none cpus:1
            0s UPDATE_QUOTA 400: Invalid quota limits: role 'a' is already consuming cpus:2;mem:1024; use the force flag to bypass this check
        operator quota a none cpus:2
            0s UPDATE_QUOTA 200
        operator quota force a none cpus:1
            0s UPDATE_QUOTA 200
        ",
    );
}

#[test]
fn mq_18_available_resources_after_rescinding() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        agent A1 cpus:2;mem:1024
            0s offer O2 to F0: A1 cpus:2;mem:1024
        agent A2 cpus:2;mem:1024
            0s offer O3 to F0: A2 cpus:2;mem:1024
        framework F1 b
        framework F2 b
        operator set-quota b cpus:1;mem:512
            0s rescind O1 from F0
            0s rescind O2 from F0
            0s SET_QUOTA 200
        ",
    );
}

#[test]
fn mq_19_rescind_offers_for_update_quota_guarantees() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;mem:1024
            0s offer O1 to F0: A0 cpus:1;mem:1024
        operator quota b cpus:1;mem:1024 none
            0s rescind O1 from F0
            0s UPDATE_QUOTA 200
        ",
    );
}

#[test]
fn mq_20_rescind_offers_enforcing_limits() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;mem:1024
            0s offer O1 to F0: A0 cpus:1;mem:1024
        suppress F0
        framework F1 a/x
        agent A1 cpus:1;mem:1024
            0s offer O2 to F1: A1 cpus:1;mem:1024
        operator quota a none cpus:2;mem:2048
            0s UPDATE_QUOTA 200
        operator quota a none cpus:0.5;mem:512
            0s rescind O1 from F0
            0s rescind O2 from F1
            0s UPDATE_QUOTA 200
        ",
    );
}

#[test]
fn mq_21_recover_quota_empty_cluster() {
    check(
        "
        operator set-quota force a cpus:1;mem:512
            0s SET_QUOTA 200
        failover
        metric allocator/mesos/quota/roles/a/resources/cpus/guarantee
            1
        operator remove-quota a
            0s REMOVE_QUOTA 200
        ",
    );
}

#[test]
fn mq_22_authorize_get_update_quota_requests() {
    master_desk::check(
        restricted(),
        "
        operator set-quota force principal=dev a cpus:1
            0s SET_QUOTA 403: Not authorized
        operator set-quota force a cpus:1
            0s SET_QUOTA 403: Not authorized
        operator set-quota force principal=ops b cpus:1
            0s SET_QUOTA 403: Not authorized
        operator set-quota force principal=ops a cpus:1
            0s SET_QUOTA 200
        operator remove-quota principal=dev a
            0s REMOVE_QUOTA 403: Not authorized
        operator remove-quota principal=ops a
            0s REMOVE_QUOTA 200
        ",
    );
    // Where no rule speaks of it, everybody may, named or not.
    check(
        "
        operator set-quota force a cpus:1
            0s SET_QUOTA 200
        operator remove-quota principal=dev a
            0s REMOVE_QUOTA 200
        ",
    );
}

#[test]
fn mq_23_child_roles_have_no_quota_of_their_own() {
    check(
        "
        operator set-quota force a cpus:1
            0s SET_QUOTA 200
        operator set-quota force a/x cpus:1
            0s SET_QUOTA 400: Setting quota on nested role 'a/x' is not supported
        operator quota force a/x cpus:1 none
            0s UPDATE_QUOTA 400: Setting quota on nested role 'a/x' is not supported
        operator quota force b cpus:1 none a/x cpus:1 none
            0s UPDATE_QUOTA 400: Setting quota on nested role 'a/x' is not supported
        metric allocator/mesos/quota/roles/b/resources/cpus/guarantee
            none
        operator remove-quota a/x
            0s REMOVE_QUOTA 400: Failed to remove quota: role 'a/x' has no quota set
        operator remove-quota a
            0s REMOVE_QUOTA 200
        ",
    );
}
