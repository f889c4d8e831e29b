//! What of Mesos a clean design would not guess: those quirks of Appendix B of `spec/allocator.md`,
//! by their numbers there, that no scenario of the conformance tests pins down.

#![expect(clippy::expect_used, reason = "scenarios are written by hand")]

#[path = "conformance/cluster/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the conformance tests use more of it")]
mod cluster;

use cluster::resources::disk_of;
use cluster::{
    Cluster, DAY, agent, at_random, framework, parse, plus, revocable, secs, shared_volume,
};
use policy_allocators::replay::Replay;
use policy_api::resources::{DiskSource, DiskSourceKind};
use policy_api::{InverseOfferStatus, Resources, Scalar};
use std::collections::BTreeSet;

#[test]
fn quirk_2_triggers_are_merged() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    assert_eq!(cluster.metric("allocation_runs"), Some(1.0));
    cluster.in_one_batch(|cluster| {
        cluster.add_agent("A1", "cpus:1");
        cluster.add_agent("A2", "cpus:1");
    });
    cluster.expect_each(&["F1/role: A1 all", "F1/role: A2 all"]);
    assert_eq!(cluster.metric("allocation_runs"), Some(2.0));
}

#[test]
fn quirk_2_triggers_are_dropped_while_paused() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.pause();
    cluster.add_agent("A1", "cpus:1");
    cluster.resume();
    cluster.expect_nothing();
    cluster.add_agent("A2", "cpus:1");
    cluster.expect("F1/role: A2 all");
    cluster.tick();
    cluster.expect("F1/role: A1 all");
}

#[test]
fn quirk_2_a_run_that_meets_a_pause_keeps_its_agents() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.in_one_batch(|cluster| {
        cluster.add_agent("A1", "cpus:1");
        cluster.pause();
    });
    cluster.resume();
    cluster.expect_nothing();
    cluster.add_agent("A2", "cpus:1");
    cluster.expect_each(&["F1/role: A1 all", "F1/role: A2 all"]);
}

#[test]
fn quirk_4_refusals_last_a_year_at_most() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", "cpus:1");
    cluster.expect("F1/role: A1 all");
    cluster.decline("F1", "A1", "all", DAY * 400);
    cluster.advance(DAY * 365 - secs(1));
    cluster.expect_nothing();
    cluster.tick();
    cluster.expect("F1/role: A1 all");
}

/// What comes from outside may be negative; a span cannot.
#[test]
fn quirk_4_a_negative_refusal_lasts_five_seconds() {
    let mut replay = Replay::default();
    let mut offers = String::new();
    for line in [
        r#"{"op":"addFramework","id":"F1","roles":["role"]}"#,
        r#"{"op":"addAgent","id":"A1","resources":"cpus:1"}"#,
        r#"{"op":"recoverResources","framework":"F1","role":"role","agent":"A1","resources":"cpus:1","refuse_seconds":-3}"#,
        r#"{"op":"advance","seconds":20}"#,
    ] {
        replay.line(line, &mut offers).expect("written by hand");
    }
    let times: Vec<&str> = offers.lines().filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!(times, [r#""t":0"#, r#""t":5"#]);
}

#[test]
fn quirk_5_more_than_was_refused_passes_whole() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", "cpus:2;mem:1024");
    cluster.expect("F1/role: A1 all");
    cluster.decline("F1", "A1", "all", DAY);
    cluster.update_agent_total("A1", "cpus:1;mem:512");
    cluster.expect_nothing();
    cluster.update_agent_total("A1", "cpus:2.001;mem:1024");
    cluster.expect("F1/role: A1 all");
}

/// What others could be offered beside it changes nothing.
#[test]
fn quirk_5_a_part_of_what_was_refused_is_refused() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", "cpus:2;mem:1024;cpus(other):1");
    cluster.expect("F1/role: A1 cpus:2;mem:1024");
    cluster.decline("F1", "A1", "all", DAY);
    cluster.update_agent_total("A1", "cpus:1;mem:512;cpus(other):2");
    cluster.expect_nothing();
    cluster.add_framework("F2", "role");
    cluster.expect("F2/role: A1 cpus:1;mem:512");
}

/// While the agent is visited the subtree of `a` comes to hold more than `b`, which is served
/// after it all the same; on the next agent `b` is first.
#[test]
fn quirk_6_the_order_holds_for_one_agent() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "a");
    cluster.add_framework("F2", "a/x");
    cluster.add_framework("F3", "b");
    cluster.join(agent("A0", "cpus:1").used("F3/b", "all"));
    cluster.quota_of("a", "-", "cpus:2");
    cluster.add_agent("A1", "cpus:10");
    cluster.expect_each(&["F1/a: A1 cpus:2", "F2/a/x: A1 cpus:8"]);
    cluster.add_agent("A2", "cpus:1");
    cluster.expect("F3/b: A2 all");
}

/// The guarantee comes out of the first agent of stage 1, and `n1` is served on the first agent of
/// stage 2.
#[test]
fn quirk_7_agents_are_shuffled_twice() {
    let mut outcomes = BTreeSet::new();
    for seed in 0..64 {
        let mut cluster = Cluster::with(at_random(seed));
        cluster.quota("q", "cpus:1");
        cluster.add_framework("F1", "q");
        cluster.add_framework("F2", "n1");
        cluster.add_framework("F3", "n2");
        cluster.in_one_batch(|cluster| {
            cluster.add_agent("A1", "cpus:2");
            cluster.add_agent("A2", "cpus:2");
        });
        let offers = cluster.take_offers();
        let agent_of = |to: &str| {
            let offer = offers.iter().find(|offer| offer.to == to);
            offer.expect("everyone is served").agent.clone()
        };
        outcomes.insert((agent_of("F1/q"), agent_of("F2/n1")));
    }
    assert_eq!(outcomes.len(), 4, "{outcomes:?}");
}

#[test]
fn quirk_8_counts_survive_deactivation() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_framework("F2", "role");
    cluster.add_agent("A1", "cpus:1");
    cluster.expect("F1/role: A1 all");
    cluster.recover("F1", "A1", "all");
    cluster.deactivate_framework("F1");
    cluster.activate_framework("F1");
    cluster.expect("F2/role: A1 all");
}

#[test]
fn quirk_8_counts_end_with_removal() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "a");
    cluster.add_agent("A1", "cpus:1");
    cluster.expect("F1/a: A1 all");
    cluster.remove_framework("F1");
    cluster.in_one_batch(|cluster| {
        cluster.add_framework("F2", "a");
        cluster.add_framework("F3", "b");
    });
    cluster.expect("F2/a: A1 all");
}

/// Of what the role holds F1 has the smaller dominant share, of the cluster F2.
#[test]
fn quirk_11_frameworks_share_the_cluster() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_framework("F2", "role");
    cluster.add_framework("F3", "other");
    cluster.join(agent("A1", "cpus:2;mem:10").used("F1/role", "all"));
    cluster.join(agent("A2", "cpus:1;mem:200").used("F2/role", "all"));
    cluster.join(agent("A3", "cpus:7;mem:9790").used("F3/other", "all"));
    cluster.add_agent("A4", "cpus:1;mem:10");
    cluster.expect("F2/role: A4 all");
}

#[test]
fn quirk_12_reserved_resources_count_only_while_they_are_out() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role1");
    cluster.add_framework("F2", "role2");
    cluster.add_agent("A1", "cpus(role1):100");
    cluster.expect("F1/role1: A1 all");
    cluster.add_agent("A2", "cpus:1");
    cluster.expect("F2/role2: A2 all");
    cluster.decline("F1", "A1", "all", DAY);
    cluster.add_agent("A3", "cpus:1");
    cluster.expect("F1/role1: A3 all");
}

#[test]
fn quirk_12_revocable_resources_count() {
    let mut cluster = Cluster::new();
    cluster.subscribe(framework("F1", "role1").revocable_resources());
    cluster.add_framework("F2", "role2");
    cluster.add_framework("F3", "role3");
    cluster.join(agent("A1", revocable("cpus:1")).used("F1/role1", "all"));
    cluster.join(agent("A2", "mem:1").used("F2/role2", "all"));
    cluster.join(agent("A3", "mem:999").used("F3/role3", "all"));
    cluster.add_agent("A4", "cpus:1");
    cluster.expect("F2/role2: A4 all");
}

/// Its reservation alone brings the quota role no offer before the others; `n` comes first.
#[test]
fn quirk_13_no_progress_no_guarantee() {
    let mut cluster = Cluster::new();
    cluster.quota("q", "cpus:5");
    cluster.add_framework("F1", "q");
    cluster.add_framework("F2", "n");
    cluster.add_agent("A1", "cpus(q):1;mem:100");
    cluster.expect_each(&["F1/q: A1 cpus(q):1", "F2/n: A1 mem:100"]);
}

#[test]
fn quirk_17_headroom_counts_agents_that_cannot_be_offered() {
    let whitelist: fn(&mut Cluster) = |cluster| cluster.update_whitelist(&["A2"]);
    for withhold in [whitelist, |cluster| cluster.deactivate_agent("A1")] {
        let mut cluster = Cluster::new();
        cluster.quota("q", "cpus:2");
        cluster.add_agent("A1", "cpus:2");
        withhold(&mut cluster);
        cluster.add_framework("F1", "n");
        cluster.add_agent("A2", "cpus:2");
        cluster.expect("F1/n: A2 all");
    }
}

/// Within the cycle `a` gets its limit although `a/x` has just got as much; in the next one both
/// count.
#[test]
fn quirk_18_offers_to_sub_roles_are_charged_in_the_next_cycle() {
    let mut cluster = Cluster::new();
    cluster.quota_of("a", "-", "cpus:2");
    cluster.add_framework("F1", "a/x");
    cluster.add_framework("F2", "a");
    // A little of what is not limited puts `a` behind `a/x`.
    cluster.join(agent("A0", "mem:6400").used("F2/a", "mem:64").used("unknown/z", "mem:6336"));
    cluster.in_one_batch(|cluster| {
        cluster.add_agent("A1", "cpus:2");
        cluster.add_agent("A2", "cpus:2");
    });
    cluster.expect_each(&["F1/a/x: A1 all", "F2/a: A2 all"]);
    cluster.add_agent("A3", "cpus:2");
    cluster.expect("F1/a/x: A3 all");
}

/// A guarantee of 60 MB meets disks of 100 MB.
#[test]
fn quirk_19_only_some_disks_can_be_cut() {
    let raw = DiskSource::new(DiskSourceKind::Raw);
    let path = DiskSource { root: Some("/p".into()), ..DiskSource::new(DiskSourceKind::Path) };
    let named = |kind| DiskSource { id: Some("d1".into()), ..DiskSource::new(kind) };
    let whole = [named(DiskSourceKind::Raw), named(DiskSourceKind::Block)];
    for (source, offered) in
        [(raw, 60), (path, 60)].into_iter().chain(whole.map(|source| (source, 0)))
    {
        let mut cluster = Cluster::new();
        cluster.quota("q", "cpus:1;disk:60");
        cluster.add_framework("F1", "q");
        cluster.add_agent("A1", plus("cpus:1", disk_of(source.clone(), 100)));
        let disk = if offered > 0 { disk_of(source, offered) } else { Resources::EMPTY };
        cluster.expect_exactly("F1/q: A1", &plus("cpus:1", disk));
    }
}

#[test]
fn quirk_20_a_shared_volume_is_offered_twice_in_a_cycle() {
    let mut cluster = Cluster::new();
    let volume = shared_volume("disk(role):5", "id1");
    cluster.subscribe(framework("F1", "role").shared_resources());
    cluster.subscribe(framework("F2", "role").shared_resources().min_allocatable(&[]));
    let total = plus("cpus:4", &volume);
    cluster.add_agent("A1", &total);
    let offers = cluster.take_offers();
    let received: Vec<_> = offers.iter().map(|offer| (&*offer.to, &offer.resources)).collect();
    assert_eq!(received, [("F1/role", &total), ("F2/role", &volume)]);
}

#[test]
fn quirk_21_an_agent_with_gpus_is_withheld_though_they_are_taken() {
    let mut cluster = Cluster::new();
    cluster.subscribe(framework("F1", "role1").gpu_resources());
    cluster.add_framework("F2", "role2");
    cluster.join(agent("A1", "cpus:2;gpus:1").used("F1/role1", "gpus:1"));
    // F2 has nothing and would be first.
    cluster.expect("F1/role1: A1 cpus:2");
}

/// A disk alone is too little; with CPUs that can be revoked it is enough, for whom gets them.
#[test]
fn quirk_22_revocable_cpus_make_an_offer_and_are_stripped_from_it() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", plus("disk:100", revocable("cpus:1")));
    cluster.expect_nothing();
    cluster.subscribe(framework("F2", "role").revocable_resources());
    cluster.expect("F2/role: A1 all");
}

#[test]
fn quirk_24_an_update_of_the_framework_ends_its_inverse_filters() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", "cpus:1");
    cluster.expect("F1/role: A1 all");
    cluster.update_unavailability("A1", Some(cluster.now + DAY));
    cluster.expect_inverse_offer("F1", "A1");
    let status = Some(InverseOfferStatus::Decline);
    cluster.answer_inverse_offer("F1", "A1", status, Some(DAY));
    cluster.tick();
    cluster.expect_nothing();
    cluster.update_framework(framework("F1", "role"));
    cluster.expect_nothing();
    cluster.tick();
    cluster.expect_inverse_offer("F1", "A1");
}

#[test]
fn quirk_25_activating_an_agent_triggers_nothing() {
    let mut cluster = Cluster::new();
    cluster.add_agent("A1", "cpus:1");
    cluster.deactivate_agent("A1");
    cluster.add_framework("F1", "role");
    cluster.expect_nothing();
    cluster.activate_agent("A1");
    cluster.expect_nothing();
    cluster.tick();
    cluster.expect("F1/role: A1 all");
}

#[test]
fn quirk_26_deactivated_agents_are_asked_for_back() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", "cpus:1");
    cluster.expect("F1/role: A1 all");
    cluster.deactivate_agent("A1");
    cluster.update_unavailability("A1", Some(cluster.now + DAY));
    cluster.expect_inverse_offer("F1", "A1");
}

#[test]
fn quirk_28_scalars_stay_as_they_came_until_they_are_added_to() {
    let mut cluster = Cluster::new();
    cluster.add_framework("F1", "role");
    cluster.add_agent("A1", "cpus:1.5011");
    let cpus = |cluster: &mut Cluster| {
        let offers = cluster.take_offers();
        assert_eq!(offers.len(), 1);
        offers[0].resources.plain_double(Scalar::Cpus).to_string()
    };
    assert_eq!(cpus(&mut cluster), "1.5011");
    // It compares equal to what is left of it after rounding.
    cluster.recover("F1", "A1", parse("cpus:1.501"));
    cluster.tick();
    assert_eq!(cpus(&mut cluster), "1.5011");
    cluster.recover("F1", "A1", parse("cpus:1"));
    cluster.tick();
    assert_eq!(cpus(&mut cluster), "1");
    cluster.recover("F1", "A1", "all");
    cluster.tick();
    assert_eq!(cpus(&mut cluster), "1.5011");
}
