//! Estimators, QoS controllers and uses that are wrong: the message names file and line, what was found,
//! what would be right, and the nearest name.

use crate::oversubscription::BASE;
use crate::support::{Sandbox, assert_says};

const ESTIMATOR: &str = "[agent.resource_estimator.reclamation]\nstart_up = \"1m\"\n";
const CONTROLLER: &str = "[agent.qos_controller.too_high_cpu]\nseverity = 0.5\n";
const USE: &str = "{ bursty = { low = 0.3, high = 1, low_lasts = \"10m\", high_lasts = \"10m\" } }";

/// With something else in the place of one part of the scenario, whose line the message names.
#[track_caller]
fn refused(part: &str, instead: &str, says: &[&str]) {
    refused_with(&Sandbox::new(), part, instead, says);
}

#[track_caller]
fn refused_with(sandbox: &Sandbox, part: &str, instead: &str, says: &[&str]) {
    let (before, after) = BASE.split_once(part).expect("it is there");
    sandbox.write("tiny.toml", format!("{before}{instead}{after}"));
    let message = sandbox.refused(&["check", "tiny.toml"]);
    assert_says(&message, says);
    let (first, lines) = (before.matches('\n').count() + 1, instead.matches('\n').count().max(1));
    let names = |line: usize| message.contains(&format!("tiny.toml:{line}:"));
    assert!((first..first + lines).any(names), "no line from {first} on:\n{message}");
}

#[test]
fn parameters_of_estimators() {
    let share = "it must be above 0 and at most 1";
    for (table, says) in [
        ("fixed]\nresources = \"cpus:x\"", "the amount of cpus is 'x': expected a number"),
        ("fixed]\nresources = \"\"", "at least one resource"),
        ("threshold]\nresources = \"cpus:1\"\nlimits = {}", "at least one limit of load or memory"),
        ("threshold]\nresources = \"\"\nlimits = { load_one = 1 }", "at least one resource"),
        ("slack]\nmax_oversubscription = 0", share),
        ("slack]\nmax_utilization = 1.01", share),
        ("slack]\nmin_age = \"-1s\"", "-1s"),
        ("reclamation]\nmargin = -0.1", "margin is -0.1: it must be a number of at least 0"),
        ("reclamation]\ndecay = \"0s\"", "decay is 0s: it must be longer than nothing"),
        ("reclamation]\nstart_up = \"soon\"", "soon"),
        ("peak]\npredictors = []", "at least one"),
        ("peak]\ncap = 1.5\npredictors = [{ limits = {} }]", "cap is 1.5"),
        ("peak]\npredictors = [{ limits = { share = 0 } }]", "share is 0"),
        (
            "peak]\npredictors = [{ percentile = { percentile = 101 } }]",
            "percentile is 101: it must be above 0 and at most 100",
        ),
        ("peak]\npredictors = [{ percentile = { history = \"0s\" } }]", "history is 0s"),
        ("peak]\npredictors = [{ n_sigma = { deviations = -1 } }]", "deviations is -1"),
        ("peak]\npredictors = [{ n_sigma = { history = \"0s\" } }]", "history is 0s"),
        (
            "latency_gate]\nestimator = { slack = { max_utilization = 0 } }",
            "max_utilization is 0: it must be above 0 and at most 1",
        ),
        (
            "latency_gate]\nestimator = { slack = {} }\nslack = { growth_slack = 0 }",
            "growth_slack is 0",
        ),
    ] {
        refused(ESTIMATOR, &format!("[agent.resource_estimator.{table}\n"), &[says]);
    }
    for limit in ["load_one", "load_five", "load_fifteen"] {
        for wrong in ["-1", "nan", "inf"] {
            let table = format!("resources = \"cpus:1\"\nlimits = {{ {limit} = {wrong} }}\n");
            let says = format!("{limit} is {}", wrong.replace("nan", "NaN"));
            let says = [says.as_str(), "a number of at least 0"];
            refused(ESTIMATOR, &format!("[agent.resource_estimator.threshold]\n{table}"), &says);
        }
    }
}

#[test]
fn parameters_of_controllers() {
    let share = "it must be above 0 and at most 1";
    for (table, says) in [
        ("load]", "one of the two at least"),
        ("load]\nload_five = -1", "load_five is -1"),
        ("load]\nload_fifteen = nan", "load_fifteen is NaN"),
        ("threshold]", "at least one limit of load or memory"),
        ("threshold]\nload_one = -0.5", "load_one is -0.5"),
        ("threshold]\nmemory = \"lots\"", "lots"),
        ("too_high_cpu]\nalpha = 1.1", share),
        ("too_high_cpu]\nthreshold = 0", share),
        ("too_high_cpu]\nseverity = -1", "severity is -1: it must be a number of at least 0"),
        ("too_high_cpu]\ncooldown = -1", "-1"),
        ("latency_slack]\ndisable_load = 1.5", share),
        (
            "latency_slack]\nenable_load = 0.9",
            "enable_load is 0.9: it must be at most disable_load",
        ),
        ("latency_slack]\ngrowth_slack = 2", share),
        (
            "latency_slack]\nshrink_slack = 0.2",
            "shrink_slack is 0.2: it must be at most growth_slack",
        ),
        ("latency_slack]\nkept_cpus = -1", "-1"),
        ("latency_slack]\ninterval = \"never\"", "never"),
    ] {
        refused(CONTROLLER, &format!("[agent.qos_controller.{table}\n"), &[says]);
    }
}

#[test]
fn names_that_nothing_has() {
    let estimator = |name: &str| format!("[agent.resource_estimator.{name}]\n");
    let says = ["unknown value 'reclamaton'", "did you mean 'reclamation'?"];
    refused(ESTIMATOR, &estimator("reclamaton"), &says);
    refused(ESTIMATOR, &estimator("clairvoyant"), &["unknown value 'clairvoyant'", "latency_gate"]);
    let says = ["unknown key 'margn'", "did you mean 'margin'?"];
    refused(ESTIMATOR, &format!("{}margn = 0.1\n", estimator("reclamation")), &says);
    let predictor = format!("{}predictors = [{{ n_sgma = {{}} }}]\n", estimator("peak"));
    refused(ESTIMATOR, &predictor, &["unknown value 'n_sgma'", "did you mean 'n_sigma'?"]);
    let says = ["unknown value 'treshold'", "did you mean 'threshold'?"];
    refused(CONTROLLER, "[agent.qos_controller.treshold]\n", &says);
}

#[test]
fn series_in_the_scenario() {
    let series = |points: &str| format!("{{ series = [{points}] }}");
    let back = series("[\"2m\", 0.5], [\"1m\", 1]");
    refused(USE, &back, &["the times of a series do not ascend"]);
    refused(USE, &series("[\"1m\", -0.5]"), &["a share is -0.5: expected at least 0"]);
    refused(USE, &series("[\"1m\", nan]"), &["a share is NaN: expected at least 0"]);
}

#[test]
fn series_in_files() {
    let use_file = "{ series_file = \"use.csv\" }";
    for (table, says) in [
        ("", "no column `time_s` in the header"),
        ("time,share\n0,1\n", "use.csv:1: no column `time_s` in the header; found time, share"),
        ("time_s,shares\n0,1\n", "did you mean `shares`?"),
        ("time_s,share\n", "use.csv: there is no row below the header"),
        (
            "time_s,share\n0,0.5\n60,-0.1\n",
            "use.csv:3: column share: found `-0.1`, expected a number",
        ),
        ("time_s,share\n0,half\n", "use.csv:2: column share: found `half`, expected a number"),
        (
            "time_s,share\nsoon,1\n",
            "use.csv:2: column time_s: found `soon`, expected a number of sec",
        ),
        ("time_s,share\n60,0.5\n30,1\n", "use.csv:3: column time_s: time goes backwards"),
        ("time_s,share\n60,0.5\n60,1\n", "found 60s after 60s"),
        ("time_s,share\n60\n", "use.csv:2: found 1 columns, expected 2"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("use.csv", table);
        refused_with(&sandbox, USE, use_file, &[says]);
    }
    let sandbox = Sandbox::new();
    sandbox.write("tiny.toml", BASE.replacen(USE, use_file, 1));
    assert_says(&sandbox.refused(&["check", "tiny.toml"]), &["cannot read 'use.csv'"]);
}
