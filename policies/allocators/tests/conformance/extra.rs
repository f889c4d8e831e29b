//! A.10: scenarios derived from Mesos's implementation; and what only this allocator can show.

use crate::cluster::{Cluster, Offer, parse, secs, total_of};
use policy_api::{Span, Time};

/// Framework F1 is offered A1 at a tick and declines at once; how many ticks later is the next
/// offer?
fn ticks_until_offered_again(refuse: Span) -> u32 {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", "cpus:1;mem:512");
    cluster.expect("F1/role: A1 all");
    cluster.recover("F1", "A1", "all");
    cluster.tick();
    cluster.expect("F1/role: A1 all");
    cluster.decline("F1", "A1", "all", refuse);
    let mut ticks = 0;
    loop {
        cluster.tick();
        ticks += 1;
        if !cluster.take_offers().is_empty() {
            return ticks;
        }
    }
}

#[test]
fn x1_decline_exactly_at_a_tick() {
    assert_eq!(ticks_until_offered_again(Span::ZERO), 1);
    assert_eq!(ticks_until_offered_again(Span::from_millis(500)), 2);
    assert_eq!(ticks_until_offered_again(secs(1)), 2);
    assert_eq!(ticks_until_offered_again(secs(2)), 2);
    assert_eq!(ticks_until_offered_again(secs(3)), 3);
    assert_eq!(ticks_until_offered_again(secs(5)), 5);
}

#[test]
fn x2_recovery() {
    for mut cluster in Cluster::in_all_orders() {
        cluster.recover_master(10, &[("q", "cpus:1")]);
        cluster.add_framework("F1", "n");
        for name in ["A1", "A2", "A3", "A4", "A5", "A6", "A7"] {
            cluster.add_agent(name, "cpus:2;mem:10");
        }
        cluster.advance(secs(5));
        cluster.expect_nothing();
        cluster.add_agent("A8", "cpus:2;mem:10");
        cluster.expect("F1/n: A8 all");
        cluster.tick();
        let offers = cluster.take_offers();
        assert_eq!(offers.len(), 7);
        assert_eq!(total_of(&offers, "F1/n"), parse("cpus:13;mem:70"));
        let cut = |offer: &&Offer| offer.resources == parse("cpus:1;mem:10");
        assert_eq!(offers.iter().filter(cut).count(), 1);
    }
}

/// Both hold one agent: equal shares, equal counts; whose turn is it?
fn next_after_equal_shares(cluster: &mut Cluster, weight_at_last: f64) -> String {
    cluster.add_framework("F1", "a/x");
    cluster.add_framework("F2", "b/y");
    cluster.add_agent("A1", "cpus:1;mem:512");
    cluster.add_agent("A2", "cpus:1;mem:512");
    assert_eq!(cluster.take_offers().len(), 2);
    cluster.weight("b", weight_at_last);
    cluster.add_agent("A3", "cpus:1;mem:512");
    cluster.take_offers().remove(0).to
}

#[test]
fn x3_stale_weight() {
    assert_eq!(next_after_equal_shares(&mut Cluster::new(), 1.0), "F1/a/x");
    // The weight of a path that is no client is not looked at again.
    assert_eq!(next_after_equal_shares(&mut Cluster::new(), 3.0), "F1/a/x");
    let mut cluster = Cluster::new();
    cluster.weight("b", 3.0);
    assert_eq!(next_after_equal_shares(&mut cluster, 3.0), "F2/b/y");
}

/// Two equal parts of an offer are refused for different times: one filter each
/// (`spec/allocator.md` 5.1).
#[test]
fn equal_refusals_coexist() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", "cpus:4");
    cluster.expect("F1/role: A1 all");
    cluster.decline("F1", "A1", "cpus:1", secs(3));
    cluster.decline("F1", "A1", "cpus:1", secs(6));
    assert_eq!(cluster.metric("offer_filters/roles/role/active"), Some(2.0));
    // One of them is left to offer.
    cluster.update_agent_total("A1", "cpus:3");
    cluster.advance(secs(5));
    cluster.expect_nothing();
    assert_eq!(cluster.metric("offer_filters/roles/role/active"), Some(1.0));
    cluster.tick();
    cluster.expect("F1/role: A1 cpus:1");
    assert_eq!(cluster.metric("offer_filters/roles/role/active"), Some(0.0));
}

/// Ghodsi et al. 2011, section 4.1: 9 CPUs and 18 GB; A's tasks need 1 CPU and 4 GB, B's 3 CPUs
/// and 1 GB. A ends with 3 tasks, B with 2.
#[test]
fn example_of_the_drf_paper() {
    let mut cluster = Cluster::new();
    cluster.add_framework("A", "a");
    cluster.add_framework("B", "b");
    cluster.add_agent("A1", "cpus:9;mem:18432");
    let tasks = [parse("cpus:1;mem:4096"), parse("cpus:3;mem:1024")];
    let mut launched = [0, 0];
    while let [offer] = &*cluster.take_offers() {
        let framework = usize::from(offer.to == "B/b");
        let mut rest = offer.resources.clone();
        let refuse = if rest.contains(&tasks[framework]) {
            rest.subtract(&tasks[framework]);
            launched[framework] += 1;
            Span::ZERO
        } else {
            secs(1000)
        };
        cluster.decline(&offer.to, "A1", rest, refuse);
        cluster.tick();
    }
    assert_eq!(launched, [3, 2]);
}

#[test]
fn idle_ticks_are_skipped_and_counted() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "a");
    cluster.add_agent("A1", "cpus:4;mem:4096");
    cluster.expect("F1/a: A1 all");
    assert_eq!(cluster.next_allocation(), None);
    assert_eq!(cluster.metric("allocation_runs"), Some(2.0));
    cluster.advance(Span::from_millis(3500));
    assert_eq!(cluster.metric("allocation_runs"), Some(5.0));
    cluster.decline("F1", "A1", "all", secs(10));
    assert_eq!(cluster.next_allocation(), Some(Time::from_secs(4)));
    cluster.advance(Span::from_millis(500));
    cluster.expect_nothing();
    assert_eq!(cluster.next_allocation(), Some(Time::from_secs(14)));
    cluster.advance(secs(10));
    cluster.expect("F1/a: A1 all");
    assert_eq!(cluster.metric("allocation_runs"), Some(16.0));
}
