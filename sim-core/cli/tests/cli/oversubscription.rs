//! Oversubscription in a scenario: what is refused, and what a run writes.

use crate::support::{Sandbox, assert_says};

pub(crate) const BASE: &str = r#"
name = "best-effort"
seed = 3
until = "2h"

[[agents]]
name = "node"
count = 2
resources = "cpus:8;mem:16384"

[[frameworks]]
name = "web"
role = "web"
usage = { cpus = { bursty = { low = 0.3, high = 1, low_lasts = "10m", high_lasts = "10m" } }, mem = 0.5 }
[frameworks.service]
instances = 4
demand = { cpus = 4, mem = "8GiB" }

[[frameworks]]
name = "crunch"
role = "crunch"
revocable = true

[[workload.synthetic.classes]]
name = "crunch"
jobs = 60
interarrival = "1m"
duration = "5m"
demand = { cpus = 1, mem = "512MiB" }

[agent.consumption]
[agent.resource_estimator.reclamation]
start_up = "1m"
[agent.qos_controller.too_high_cpu]
severity = 0.5
"#;

const LATENCY: &str = r#"
[frameworks.service.latency]
demand = "5ms"
target = "50ms"

[[frameworks]]
name = "crunch"
"#;

/// With a service whose response time matters, on hosts where best effort disturbs it.
fn with_latency() -> String {
    let text = BASE.replace("\n[[frameworks]]\nname = \"crunch\"\n", LATENCY);
    let text = text.replace("high = 1,", "high = 0.5,");
    text.replace(
        "[agent.consumption]\n",
        "[agent.consumption]\ninterference = { linear = { from = 0.7, slope = 4 } }\n",
    )
}

#[track_caller]
fn refused_in(text: &str, from: &str, to: &str, says: &[&str]) {
    assert_eq!(text.matches(from).count(), 1, "{from:?} must be there once");
    let sandbox = Sandbox::new();
    sandbox.write("tiny.toml", text.replacen(from, to, 1));
    assert_says(&sandbox.refused(&["check", "tiny.toml"]), says);
}

#[track_caller]
fn refused(from: &str, to: &str, says: &[&str]) {
    refused_in(BASE, from, to, says);
}

#[test]
fn parameters_out_of_range_are_refused_with_their_place() {
    refused(
        "reclamation]\nstart_up = \"1m\"",
        "slack]\nmax_oversubscription = 1.5",
        &["max_oversubscription is 1.5: it must be above 0 and at most 1", "tiny.toml:32"],
    );
    refused("severity = 0.5", "alpha = 0", &["alpha is 0: it must be above 0 and at most 1"]);
    refused("severity = 0.5", "sevrity = 0.5", &["unknown key 'sevrity'", "'severity'?"]);
    refused(
        "qos_controller.too_high_cpu]\nseverity = 0.5",
        "qos_controller.load]",
        &["one of the two at least"],
    );
    refused(
        "[agent.resource_estimator.reclamation]\nstart_up = \"1m\"",
        "[agent.resource_estimator.fixed]\nresources = \"\"",
        &["at least one resource"],
    );
    refused(
        "[agent.consumption]\n",
        "[agent]\nqos_correction_interval_min = \"0s\"\n[agent.consumption]\n",
        &["qos_correction_interval_min is 0s: expected at least 100ms", "tiny.toml:32"],
    );
}

#[test]
fn what_nobody_looks_at_is_refused() {
    let says = ["this estimator looks at what hosts do", "add a table [agent.consumption]"];
    refused("[agent.consumption]\n", "", &says);
    refused("[agent.consumption]\n", "", &["it does not matter what tasks use"]);
}

#[test]
fn uses_that_make_no_sense_are_refused() {
    let bursty = "{ bursty = { low = 0.3, high = 1, low_lasts = \"10m\", high_lasts = \"10m\" } }";
    refused(bursty, "-0.5", &["the use is -0.5: expected at least 0", "tiny.toml:14"]);
    refused(bursty, "\"much\"", &["a share such as 0.5 or a table with one shape"]);
    refused(
        bursty,
        "{ diurnal = { mean = 0.2, amplitude = 0.3 } }",
        &["amplitude is 0.3: expected at most the mean, 0.2"],
    );
    refused(
        bursty,
        "{ series = [[\"1m\", 0.5], [\"1m\", 1]] }",
        &["the times of a series do not ascend"],
    );
    refused(bursty, "{ burst = { low = 1 } }", &["burst", "bursty"]);
}

#[test]
fn a_run_writes_who_was_killed() {
    let sandbox = Sandbox::new();
    sandbox.write("tiny.toml", BASE);
    let ran = sandbox.run(&["run", "tiny.toml", "--check", "--out", "results"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    let killed = sandbox.read("results/revocations.csv");
    let mut lines = killed.lines();
    assert_eq!(lines.next(), Some("time_s,host,framework,executor,reason"));
    let rows: Vec<&str> = lines.collect();
    assert!(!rows.is_empty(), "bursts of the service leave too little for best effort");
    assert!(rows.iter().all(|row| row.ends_with("crunch,command,reason_container_preempted")));
    let summary = sandbox.read("results/summary.json");
    assert_says(&summary, &["containers_killed/reason_container_preempted"]);
    let master = sandbox.read("results/master.csv");
    let used = "master/cpus_revocable_used";
    assert_says(&master, &["master/cpus_revocable_total", used, "offers/cpus_revocable"]);
    assert!(sandbox.path("results/figures/revocable_cpus.svg").exists());
}

#[test]
fn promises_that_make_no_sense_are_refused() {
    let text = with_latency();
    let refused = |from, to, says| refused_in(&text, from, to, &[says]);
    refused("demand = \"5ms\"", "demand = \"0s\"", "demand is 0s: expected more");
    refused("target = \"50ms\"", "target = \"1s\"", "timeout is 1s: expected more than the target");
    refused(
        "target = \"50ms\"",
        "target = \"50ms\"\npercentile = 100",
        "percentile is 100: expected more than 0 and less than 100",
    );
    let usage = text.lines().find(|line| line.starts_with("usage")).unwrap();
    refused(usage, "", "its response time follows its load, which is not given");
}

#[test]
fn a_run_writes_how_fast_services_answer() {
    let sandbox = Sandbox::new();
    sandbox.write("tiny.toml", with_latency());
    let run = |folder: &str, sets: &[&str]| {
        let mut words = vec!["run", "tiny.toml", "--check", "--out", folder];
        words.extend(sets.iter().flat_map(|set| ["--set", set]));
        let ran = sandbox.run(&words);
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        let summary = sandbox.read(&format!("{folder}/summary.json"));
        let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
        let number = |name: &str| summary[name].as_f64().unwrap();
        let late = number("slo/web/requests_above_target_share");
        (late, number("slo/web/instance_time_s"), number("consumption/cpus_revocable_used_mean"))
    };
    let noop = "agent.qos_controller={ noop = {} }";
    let (late, time, best_effort) = run("results", &[noop]);
    assert!(late > 0.05 && best_effort > 1.0, "{late} {best_effort}");
    // Four instances for two hours, but for the seconds of their start.
    assert!((28_700.0..28_800.0).contains(&time), "{time}");
    let table = sandbox.read("results/latency.csv");
    assert_eq!(
        table.lines().next(),
        Some(
            "time_s,web/instances,web/instances_above_target,web/latency_max_s,web/latency_mean_s,\
             web/load_mean,web/target_s"
        )
    );
    assert!((500..1_000).contains(&table.lines().count()), "{}", table.lines().count());
    assert!(sandbox.path("results/figures/latency.svg").exists());
    // A folder with all of these tables is one that a run may replace.
    let gate = "{ latency_gate = { estimator = { reclamation = { start_up = \"1m\" } } } }";
    let heracles = [
        "agent.qos_controller={ latency_slack = {} }",
        &format!("agent.resource_estimator={gate}"),
        "agent.oversubscribed_resources_interval=\"5s\"",
    ];
    let (guarded, ..) = run("results", &heracles);
    assert!(guarded < late, "{guarded} {late}");
}
