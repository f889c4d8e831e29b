//! What a framework may say of itself when it subscribes, and what of it may change, at the master's
//! one door (`spec/master.md` 2.1).

use crate::support::infos::role;
use crate::support::master_desk::{self, MasterDesk};
use policy_api::{DenseId, FrameworkInfo, RoleConstraints, RoleId};
use sim_core::master::{Acl, Acls, Action, Entity, MasterOptions};
use sim_core::protocol::{Call, Subscription};

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

/// What a framework hears that subscribes so.
fn subscribe(info: FrameworkInfo) -> Vec<String> {
    let mut desk = MasterDesk::new(MasterOptions::default());
    desk.shows_subscriptions = true;
    let subscription = Subscription { info, ..Subscription::default() };
    desk.call("F0", Call::Subscribe(Box::new(subscription)))
}

#[test]
fn a_framework_of_several_roles_has_the_capability() {
    check(
        "
        subscriptions
        framework F0 a+b single-role
            0s F0 is refused: Framework with several roles must have the MULTI_ROLE capability
        framework F0 a single-role
            0s F0 is subscribed
        framework F1 a+b
            0s F1 is subscribed
        ",
    );
}

#[test]
fn roles_are_named_once_and_known() {
    check(
        "
        subscriptions
        framework F0 a+b+a
            0s F0 is refused: Duplicate role 'a'
        framework F0 a+b suppressed=c
            0s F0 is refused: Suppressed role 'c' is not a role
        framework F0 a+b suppressed=b
            0s F0 is subscribed
        ",
    );
    let unknown = RoleId::from_index(99);
    let info = FrameworkInfo { roles: vec![unknown], ..FrameworkInfo::default() };
    assert_eq!(subscribe(info), ["0s F0 is refused: Framework has a role that is not known"]);
    let suppressed_roles = vec![unknown];
    let info =
        FrameworkInfo { roles: vec![role("a")], suppressed_roles, ..FrameworkInfo::default() };
    assert_eq!(subscribe(info), ["0s F0 is refused: Suppressed role 'unknown' is not a role"]);
}

#[test]
fn offer_constraints_are_of_roles_that_the_framework_has() {
    let of = |letter| FrameworkInfo {
        roles: vec![role("a")],
        offer_constraints: vec![RoleConstraints { role: role(letter), groups: Vec::new() }],
        ..FrameworkInfo::default()
    };
    assert_eq!(
        subscribe(of("b")),
        ["0s F0 is refused: Offer constraints specify a role that is not among the roles"]
    );
    assert_eq!(subscribe(of("a")), ["0s F0 is subscribed"]);
}

#[test]
fn roles_may_be_kept_for_some_principals() {
    let rule = |principals, objects| Acl { action: Action::RegisterFramework, principals, objects };
    let only = |name: &str| Entity::Some(vec![name.into()]);
    let acls = Acls {
        rules: vec![rule(only("ops"), only("a")), rule(Entity::None, only("a"))],
        strict: false,
    };
    master_desk::check(
        MasterOptions { acls, ..MasterOptions::default() },
        "
        subscriptions
        framework F0 a principal=dev
            0s F0 is refused: Not authorized to use role(s)
        framework F0 a+b principal=dev
            0s F0 is refused: Not authorized to use role(s)
        framework F0 b principal=dev
            0s F0 is subscribed
        update-framework F0 b+a principal=dev
            0s F0 is refused: Not authorized to use role(s)
        framework F1 a principal=ops
            0s F1 is subscribed
        ",
    );
}

#[test]
fn the_first_rule_that_is_broken_decides() {
    check(
        "
        framework F0 a
        teardown F0
        framework F0 a+a suppressed=b again
            0s F0 is refused: Duplicate role 'a'
        framework F0 a suppressed=b again
            0s F0 is refused: Framework has been removed
        framework F0 a again
            0s F0 is refused: Framework has been removed
        ",
    );
}

#[test]
fn the_principal_may_not_change() {
    check(
        "
        subscriptions
        framework F0 a principal=ops failover=60s
            0s F0 is subscribed
        framework F0 a principal=dev failover=60s again
            0s F0 is refused: Changing framework's principal is not allowed
        exit F0
        framework F0 a failover=60s again connection=2
            0s F0 is refused: Changing framework's principal is not allowed
        framework F0 a principal=ops failover=60s again connection=3
            0s F0 is subscribed
        ",
    );
}

#[test]
fn user_and_checkpointing_stay_as_they_were() {
    check(
        "
        subscriptions
        framework F0 a user=root failover=60s
            0s F0 is subscribed
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        # Accepted, but it does not checkpoint: its task is lost with the connection of its agent.
        framework F0 a user=nobody checkpoint failover=60s again
            0s rescind O1 from F0
            0s F0 is subscribed
        at 1s
            1s offer O2 to F0: A0 cpus:4
        accept F0 O2 100s T0=cpus:1
            1s A0 runs T0
        exit A0
            1s F0 hears T0 TASK_LOST AgentDisconnected
        update-framework F0 a user=nobody failover=60s
            1s F0 is refused: Updating 'FrameworkInfo.user' is unsupported
        update-framework F0 a user=root checkpoint failover=60s
            1s F0 is refused: Updating 'FrameworkInfo.checkpoint' is unsupported
        update-framework F0 a user=root principal=ops failover=60s
            1s F0 is refused: Updating 'FrameworkInfo.principal' is unsupported
        update-framework F0 a user=root failover=60s
        ",
    );
}

#[test]
fn roles_change_by_resubscription() {
    check(
        "
        framework F0 a+b failover=60s
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        at 1s
            1s offer O2 to F0: A0 cpus:3
        framework F0 b failover=60s again force connection=2
            1s the old F0 is refused: Framework failed over
            1s 1 offers of F0 are discarded
            1s offer O3 to F0: A0 cpus:3
        metric allocator/mesos/quota/roles/a/resources/cpus/consumed
            1
        update F0 A0 T0 TASK_FINISHED
            1s F0 hears T0 TASK_FINISHED
        metric allocator/mesos/quota/roles/a/resources/cpus/consumed
            none
        ",
    );
}

#[test]
fn roles_change_by_update() {
    // The offers of a role that is given up are rescinded, what runs in it stays.
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        at 1s
            1s offer O2 to F0: A0 cpus:3
        update-framework F0 b
            1s rescind O2 from F0
        tasks F0
            T0 on A0 TASK_STAGING
        metric allocator/mesos/quota/roles/a/resources/cpus/consumed
            1
        update F0 A0 T0 TASK_FINISHED
            1s F0 hears T0 TASK_FINISHED
        metric allocator/mesos/quota/roles/a/resources/cpus/consumed
            none
        update-framework F0 b+b
            1s F0 is refused: Duplicate role 'b'
        update-framework F0 a+b single-role
            1s F0 is refused: Framework with several roles must have the MULTI_ROLE capability
        update-framework F0 b suppressed=a
            1s F0 is refused: Suppressed role 'a' is not a role
        update-framework F0 a+b suppressed=b
        ",
    );
}
