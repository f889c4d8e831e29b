//! `--set key.path=value`.

use crate::support::{Sandbox, assert_says};
use serde_json::Value;

/// The scenario that a run has noted, after these changes.
#[track_caller]
fn resolved(sets: &[&str]) -> Value {
    let sandbox = Sandbox::tiny();
    let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
    sandbox.run_tiny("results", &sets);
    let manifest = sandbox.json("results/run.json");
    manifest["scenario"].clone()
}

#[test]
fn a_value_in_a_table() {
    let scenario = resolved(&["seed=8", "mapping.by=\"queue\"", "agents.0.count=3"]);
    assert_eq!(scenario["seed"], 8);
    assert_eq!(scenario["mapping"]["by"], "queue");
    assert_eq!(scenario["agents"][0]["count"], 3);
}

#[test]
fn text_needs_no_quotes() {
    let scenario = resolved(&[
        "until=30m",
        "description=two words = three",
        "links.agents.latency=7ms",
        "agents.0.resources=cpus:8;mem:8192",
    ]);
    assert_eq!(scenario["until"], "30m");
    assert_eq!(scenario["description"], "two words = three");
    assert_eq!(scenario["links"]["agents"]["latency"], "7ms");
    assert_eq!(scenario["agents"][0]["resources"], "cpus:8;mem:8192");
}

#[test]
fn whole_lists_and_tables() {
    let scenario = resolved(&[
        "output.tables=[\"offers\"]",
        "frameworks.1.think={ per_offer = \"1ms\" }",
        "workload.synthetic.classes.0.tasks={ empirical = { values = [1, 2.5] } }",
    ]);
    assert_eq!(scenario["output"]["tables"], serde_json::json!(["offers"]));
    assert_eq!(scenario["frameworks"][1]["think"]["per_offer"], "1ms");
    let tasks = &scenario["workload"]["synthetic"]["classes"][0]["tasks"];
    assert_eq!(tasks["empirical"]["values"], serde_json::json!([1.0, 2.5]));
}

#[test]
fn tables_and_entries_that_were_not_there() {
    let scenario = resolved(&[
        "master.offer_timeout=30s",
        "allocator.hierarchical.agent_order=id",
        "agents.1.name=extra",
        "agents.1.resources=cpus:1",
        "frameworks.0.takes.1=more",
    ]);
    assert_eq!(scenario["master"]["offer_timeout"], "30s");
    assert_eq!(scenario["allocator"]["hierarchical"]["agent_order"], "id");
    assert_eq!(scenario["agents"][1]["name"], "extra");
    assert_eq!(scenario["frameworks"][0]["takes"], serde_json::json!(["web", "more"]));
}

#[test]
fn the_last_one_counts() {
    assert_eq!(resolved(&["seed=8", "seed=9"])["seed"], 9);
}

#[test]
fn the_embedded_scenario_can_be_changed() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["check", "--set", "agents.0.count=41"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_says(&ran.stdout, &["101 agents"]);
}

#[test]
fn what_cannot_be_set() {
    let sandbox = Sandbox::tiny();
    for (set, says) in [
        ("seed", ["--set 'seed'", "expected key.path=value"]),
        ("=7", ["--set '=7'", "the key has an empty part"]),
        ("master..offer_timeout=1s", ["--set 'master..", "the key has an empty part"]),
        ("agents.5.count=1", ["'agents' has 1 entries", "no position 5"]),
        ("agents.one.count=1", ["expected a position such as agents.0", "found 'one'"]),
        ("agents.-1.count=1", ["expected a position such as agents.0", "found '-1'"]),
        ("seed.more=1", ["--set 'seed.more=1'", "'seed' is a value, not a table"]),
        ("seed=seven", ["tiny.toml with --set", "expected u64"]),
        ("sed=7", ["unknown key 'sed'", "did you mean 'seed'?"]),
        ("until=10 parsecs", ["unknown unit `parsecs`", "until = \"10 parsecs\""]),
        ("agents.0.count=0", ["tiny.toml with --set:", "count = 0"]),
        ("roles.0.weight=nan", ["the weight of 'web' is NaN", "weight = nan"]),
    ] {
        for command in [&["run", "tiny.toml", "--out", "results"][..], &["check", "tiny.toml"]] {
            assert_says(&sandbox.refused(&[command, &["--set", set]].concat()), &says);
        }
    }
}

#[test]
fn a_path_without_an_end() {
    let sandbox = Sandbox::tiny();
    let set = format!("{}=1", vec!["deeper"; 10_000].join("."));
    let message = sandbox.refused(&["check", "tiny.toml", "--set", &set]);
    assert_says(&message, &["10000 parts", "expected at most"]);
    assert!(message.len() < 1_000, "{} bytes of message", message.len());
}
