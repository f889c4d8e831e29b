//! Limits on the messages of frameworks, at the master's one door (`spec/master.md` 2.3). The tests
//! that begin with an id are scenarios of `spec/cluster-conformance.md`. A repeated SUBSCRIBE is the
//! message; it is answered when it is processed.

use crate::support::master_desk;
use policy_api::Span;
use sim_core::master::{MasterOptions, RateLimit, RateLimits};

fn every(spacing: u64, capacity: Option<u64>) -> RateLimit {
    RateLimit { spacing: Span::from_secs(spacing), capacity }
}

/// The principal `ops` has this limit, all others share the second.
fn check(own: Option<RateLimit>, aggregate: Option<RateLimit>, script: &str) {
    let rate_limits = RateLimits { limits: vec![("ops".into(), own)], aggregate };
    master_desk::check(MasterOptions { rate_limits, ..MasterOptions::default() }, script);
}

#[test]
fn rl_1_no_rate_limiting() {
    check(
        None,
        None,
        "
        subscriptions
        metric frameworks/ops/messages_received
            none
        framework F0 a principal=ops
            0s F0 is subscribed
        metric frameworks/ops/messages_received
            0
        framework F0 a principal=ops
            0s F0 is subscribed
        metric frameworks/ops/messages_received
            1
        metric frameworks/ops/messages_processed
            1
        teardown F0
        metric frameworks/ops/messages_received
            none
        metric frameworks/ops/messages_processed
            none
        ",
    );
}

#[test]
fn rl_2_rate_limiting_enabled() {
    check(
        Some(every(1, None)),
        None,
        "
        subscriptions
        framework F0 a principal=ops
            0s F0 is subscribed
        framework F0 a principal=ops
            0s F0 is subscribed
        metric frameworks/ops/messages_received
            1
        metric frameworks/ops/messages_processed
            1
        framework F0 a principal=ops
        metric frameworks/ops/messages_received
            2
        metric frameworks/ops/messages_processed
            1
        at 0.999s
        at 1s
            1s F0 is subscribed
        metric frameworks/ops/messages_processed
            2
        ",
    );
}

#[test]
fn rl_3_different_principal_frameworks() {
    check(
        Some(every(1, None)),
        Some(every(2, None)),
        "
        subscriptions
        framework F0 a principal=ops
            0s F0 is subscribed
        framework F1 b principal=dev
            0s F1 is subscribed
        framework F0 a principal=ops
            0s F0 is subscribed
        framework F1 b principal=dev
            0s F1 is subscribed
        framework F0 a principal=ops
        framework F1 b principal=dev
        at 1s
            1s F0 is subscribed
        metric frameworks/ops/messages_processed
            2
        metric frameworks/dev/messages_processed
            1
        at 2s
            2s F1 is subscribed
        metric frameworks/dev/messages_processed
            2
        teardown F0
        metric frameworks/ops/messages_processed
            none
        metric frameworks/dev/messages_received
            2
        metric frameworks/dev/messages_processed
            2
        ",
    );
}

#[test]
fn rl_4_same_principal_frameworks() {
    check(
        Some(every(1, None)),
        None,
        "
        subscriptions
        framework F0 a principal=ops
            0s F0 is subscribed
        framework F1 b principal=ops
            0s F1 is subscribed
        framework F0 a principal=ops
            0s F0 is subscribed
        framework F1 b principal=ops
        metric frameworks/ops/messages_received
            2
        metric frameworks/ops/messages_processed
            1
        at 1s
            1s F1 is subscribed
        metric frameworks/ops/messages_processed
            2
        operator teardown F0
            1s TEARDOWN 200
        metric frameworks/ops/messages_received
            2
        operator teardown F1
            1s TEARDOWN 200
        metric frameworks/ops/messages_received
            none
        # A framework that comes later starts anew.
        framework F2 b principal=ops
            1s F2 is subscribed
        metric frameworks/ops/messages_received
            0
        ",
    );
}

#[test]
fn rl_5_scheduler_failover() {
    check(
        Some(every(1, None)),
        None,
        "
        subscriptions
        framework F0 a principal=ops failover=60s
            0s F0 is subscribed
        framework F0 a principal=ops failover=60s
            0s F0 is subscribed
        metric frameworks/ops/messages_processed
            1
        framework F0 a principal=ops failover=60s again force connection=2
            0s the old F0 is refused: Framework failed over
            0s F0 is subscribed
        framework F0 a principal=ops failover=60s
        metric frameworks/ops/messages_received
            2
        metric frameworks/ops/messages_processed
            1
        at 1s
            1s F0 is subscribed
        metric frameworks/ops/messages_received
            2
        metric frameworks/ops/messages_processed
            2
        ",
    );
}

#[test]
fn rl_6_capacity_reached() {
    check(
        Some(every(1, Some(2))),
        None,
        "
        subscriptions
        framework F0 a principal=ops failover=10s
            0s F0 is subscribed
        framework F0 a principal=ops failover=10s
            0s F0 is subscribed
        framework F0 a principal=ops failover=10s
        framework F0 a principal=ops failover=10s
        framework F0 a principal=ops failover=10s
            0s F0 is refused: Message SUBSCRIBE dropped: capacity(2) exceeded
        deactivate F0
            0s F0 is refused: Message DEACTIVATE dropped: capacity(2) exceeded
        exit F0
        metric frameworks/ops/messages_received
            5
        metric frameworks/ops/messages_processed
            1
        at 3s
            1s F0 is subscribed
            2s F0 is subscribed
        metric frameworks/ops/messages_received
            5
        metric frameworks/ops/messages_processed
            3
        metric master/frameworks_disconnected
            1
        at 12.999s
        metric frameworks/ops/messages_processed
            3
        at 13s
        metric frameworks/ops/messages_processed
            none
        ",
    );
}

#[test]
fn frameworks_without_a_principal_share_the_default() {
    check(
        None,
        Some(every(1, None)),
        "
        subscriptions
        framework F0 a
            0s F0 is subscribed
        framework F1 b
            0s F1 is subscribed
        framework F2 c principal=ops
            0s F2 is subscribed
        framework F0 a
            0s F0 is subscribed
        framework F1 b
        framework F2 c principal=ops
            0s F2 is subscribed
        framework F2 c principal=ops
            0s F2 is subscribed
        at 1s
            1s F1 is subscribed
        ",
    );
}

#[test]
fn messages_of_one_framework_keep_their_order() {
    check(
        Some(every(1, None)),
        None,
        "
        framework F0 a principal=ops failover=60s
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        kill F0 T0
        exit F0
        at 1s
            1s A0 kills T0
            1s offer O2 to F0: A0 cpus:3
        at 2s
        metric master/frameworks_disconnected
            1
        ",
    );
}

#[test]
fn a_message_that_waited_too_long_is_dropped() {
    // By its turn another scheduler has taken over.
    check(
        Some(every(10, None)),
        None,
        "
        framework F0 a principal=ops failover=60s
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        reconcile F0 T0
            0s F0 hears T0 TASK_UNKNOWN Reconciliation
        kill F0 T0
        framework F0 a principal=ops failover=60s again force connection=2
            0s the old F0 is refused: Framework failed over
            0s 1 offers of F0 are discarded
            0s offer O2 to F0: A0 cpus:4
        at 10s
        metric frameworks/ops/messages_received
            2
        metric frameworks/ops/messages_processed
            1
        ",
    );
}
