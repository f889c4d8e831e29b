//! Operators, faults, frameworks and flags that are wrong: each is refused with its place, what was
//! found and the nearest right name; the exit code is 2, and nothing is written.

use crate::support::{Sandbox, assert_says};

const WEATHER: &str = include_str!("../../scenarios/weather.toml");

/// The scenario with one change: as `bad_input.rs` has it for the tiny one.
#[track_caller]
fn refused(from: &str, to: &str, says: &[&str]) {
    assert_eq!(WEATHER.matches(from).count(), 1, "{from:?} must be there once");
    refused_text(&WEATHER.replacen(from, to, 1), says);
}

/// The scenario with these lines behind it; `«»` mark what the message must point at.
#[track_caller]
fn refused_with(more: &str, says: &[&str]) {
    refused_text(&format!("{WEATHER}\n{more}"), says);
}

#[track_caller]
fn refused_text(marked: &str, says: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.write("weather.toml", marked.replace(['«', '»'], ""));
    let message = sandbox.refused(&["run", "weather.toml", "--out", "results"]);
    assert_says(&message, says);
    assert_eq!(sandbox.refused(&["check", "weather.toml"]), message, "`check` says something else");
    if let Some((before, rest)) = marked.split_once('«') {
        let (inside, _) = rest.split_once('»').expect("an end of the mark");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        assert_says(&message, &[&format!("--> weather.toml:{line}:{column}\n")]);
        let carets = "^".repeat(inside.chars().count());
        assert_says(&message, &[&format!("| {}{carets}\n", " ".repeat(column - 1))]);
    }
}

#[test]
fn agents_that_are_not_there() {
    let call =
        |agents: &str| format!("[[at]]\ntime = \"1m\"\n[at.drain_agent]\nagents = {agents}\n");
    let say = "there is no agent 'nod-0001'";
    refused_with(&call("«\"nod-0001\"»"), &[say, "did you mean 'node-0001'?"]);
    refused_with(&call("«[\"node-0000\", \"node-0012\"]»"), &["there is no agent 'node-0012'"]);
    refused_with(&call("«\"nodes\"»"), &["there is no agent 'nodes'", "did you mean 'node'?"]);
    refused_with(&call("«\"rack=r9\"»"), &["there is no agent 'rack=r9'", "did you mean 'rack=r"]);
    refused_with(&call("«\"web-*\"»"), &["there is no agent 'web-*'"]);
    refused_with(&call("«[]»"), &["no agent is named"]);
    refused_with(&call("«3»"), &["expected a text or a list of texts"]);
}

#[test]
fn roles_and_frameworks_that_are_not_there() {
    refused(
        "[{ role = \"web\", weight = 2 }]",
        "[{ role = «\"wep\"», weight = 2 }]",
        &["there is no role 'wep'", "did you mean 'web'?"],
    );
    refused(
        "quotas = [{ role = \"web\", guarantees = \"cpus:9\", limits = \"cpus:12\" }]",
        "quotas = [{ role = «\"stor\"», guarantees = \"cpus:9\" }]",
        &["there is no role 'stor'", "did you mean 'store'?"],
    );
    refused(
        "[at.teardown]\nframework = \"batch\"",
        "[at.teardown]\nframework = «\"bach\"»",
        &["there is no framework 'bach'", "did you mean 'batch'?"],
    );
    refused(
        "kind = \"partition\"\nframework = \"web\"",
        "kind = \"partition\"\nframework = «\"weg\"»",
        &["there is no framework 'weg'", "did you mean 'web'?"],
    );
}

#[test]
fn calls_of_operators() {
    refused(
        "[at.teardown]\nframework = \"batch\"",
        "drain_agent = { agents = \"node\" }\nteardown = «{ framework = \"batch\" }»",
        &["'teardown' is a second call in one entry, beside 'drain_agent'", "another [[at]]"],
    );
    refused_with("[[at]]\ntime = «\"1m\"»\n", &["nothing is called at this time"]);
    refused_with(
        "[[at]]\ntime = \"1m\"\n[at.«drain_agents»]\nagents = \"node\"\n",
        &["unknown key 'drain_agents'", "did you mean 'drain_agent'?"],
    );
    refused_with(
        "[[at]]\ntime = \"1m\"\nevery = «\"1s\"»\n[at.teardown]\nframework = \"web\"\n",
        &["`every` is for calls that name agents"],
    );
    refused(
        "resources = \"cpus:1;mem:512\"",
        "resources = «\"cpus:one\"»",
        &["the amount of cpus is 'one'", "expected a number"],
    );
    refused(
        "guarantees = \"cpus:9\"",
        "guarantees = «\"cpus\"»",
        &["'cpus' has no value", "cpus:4"],
    );
}

#[test]
fn faults() {
    let fault = |rest: &str| format!("[[faults]]\n{rest}\n");
    let refused_fault = |rest: &str, says: &[&str]| refused_with(&fault(rest), says);
    refused_fault(
        "name = «\"crashes\"»\nkind = \"disk_full\"\nagents = \"node\"\nevery = { constant = \"1h\" }",
        &["a second rule for faults is called 'crashes'"],
    );
    refused_fault(
        "name = \"x\"\nkind = \"disk_full\"\nagents = \"node\"\nevery = «{ weibull = { shape = 0, scale = \"1h\" } }»",
        &["between.shape", "found 0", "expected more than 0"],
    );
    refused_fault(
        "name = \"x\"\nkind = \"disk_full\"\nagents = \"node\"\nevery = { «gauss» = { mean = \"1h\" } }",
        &["unknown value 'gauss'", "exponential"],
    );
    refused_fault(
        "kind = \"disk_full\"\nagents = \"node\"\nevery = «{ constant = \"1h\" }»",
        &["this rule has no name"],
    );
    refused_fault(
        "name = \"x\"\nkind = \"disk_full\"\nagents = \"node\"\nevery = { constant = \"1h\" }\nby = { attribute = «\"rak\"» }",
        &["none of these agents has the attribute 'rak'", "did you mean 'rack'?"],
    );
    refused_fault(
        "name = \"x\"\nkind = \"disk_full\"\nagents = \"node\"\nevery = { constant = \"1h\" }\nby = { attribute = \"rack\", probability = «1.5» }",
        &["probability is 1.5: expected 0 to 1"],
    );
    refused_fault(
        "at = \"1m\"\nkind = «\"host_rebot\"»\nagents = \"node\"",
        &["did you mean 'host_reboot'?"],
    );
    refused_fault("at = \"1m\"\nkind = «\"host_reboot\"»", &["what this strikes", "`agents`"]);
    refused_fault("at = \"1m\"\nkind = \"host_reboot\"\nframework = «\"web\"»", &["no framework"]);
    refused_fault(
        "at = \"1m\"\nkind = \"master_crash\"\nagents = «\"node\"»",
        &["the master alone"],
    );
    refused_fault("at = \"1m\"\nagents = \"node\"", &["`kind` is missing"]);
    refused_fault(
        "kind = \"host_reboot\"\nagents = \"node\"",
        &["expected `at`, `every` or `trace`"],
    );
    refused_fault(
        "at = \"1m\"\nkind = \"host_reboot\"\nagents = \"node\"\nloss = «0.1»",
        &["`loss` is of another kind of fault"],
    );
    refused_fault(
        "at = \"1m\"\nkind = \"host_reboot\"\nagents = \"node\"\nrepair = «{ constant = \"1m\" }»",
        &["`repair` is for faults that are drawn"],
    );
}

#[test]
fn frameworks() {
    refused("until = \"2h\"\n", "", &["'web' runs for ever", "until = \"1d\""]);
    refused("replicas = 5\n", "replicas = 5\nreplication_factor = «6»\n", &["expected 1 to 5"]);
    refused(
        "spread = { by = \"attribute\", attribute = \"rack\", at_most = 4 }",
        "spread = { by = \"zone\", attribute = «\"rack\"» }",
        &["an attribute needs spread.by"],
    );
    refused(
        "name = \"web\"\n",
        "name = «\"web\"»\nmax_tasks_per_offer = 2\n",
        &["`max_tasks_per_offer` is of batch frameworks, and 'web' is none"],
    );
    refused("disk = \"mount\"", "disk = «\"mound\"»", &["unknown value 'mound'", "'mount'"]);
}

#[test]
fn flags_and_profiles() {
    let profile = |name: &str| format!("seed = 7\nprofile = {name}\n");
    refused(
        "seed = 7\n",
        &profile("«\"mesos-1.0\"»"),
        &["unknown value 'mesos-1.0'", "'mesos-1.1'"],
    );
    let flag = |line: &str| format!("[master]\n{line}\n");
    refused("[master]\n", &flag("agent_removal_rate_limit = «\"fast\"»"), &["is no rate", "1/10m"]);
    refused("[master]\n", &flag("recovery_agent_removal_limit = «\"200%\"»"), &["0% to 100%"]);
    refused("qps = 50", "qps = «-1.0»", &["qps is -1: expected more than 0"]);
    refused(
        "principals = [\"ops\"]",
        "principals = «\"ops\"»",
        &["stands for nobody", "[\"ops\"]"],
    );
}

#[test]
fn all_problems_at_once() {
    let more = "[[at]]\ntime = \"1m\"\n[at.teardown]\nframework = \"nobody\"\n\n\
                [[faults]]\nat = \"1m\"\nkind = \"disk_full\"\nagents = \"nothing\"\n";
    refused_with(more, &["there is no framework 'nobody'", "there is no agent 'nothing'"]);
}
