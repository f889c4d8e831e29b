//! Sizes that nobody means are refused with the limit; odd ones that are merely large run.

use crate::support::{Sandbox, TINY, assert_says};

#[track_caller]
fn refused(set: &str, says: &[&str]) {
    let sandbox = Sandbox::tiny();
    let message = sandbox.refused(&["check", "tiny.toml", "--set", set]);
    assert_says(&message, says);
    assert!(message.len() < 2_000, "{} bytes of message", message.len());
}

#[test]
fn too_many_agents() {
    refused(
        "agents.0.count=4294967295",
        &["there are 4294967295 agents", "expected at most 1000000"],
    );
    refused("agents.0.count=4294967296", &["4294967296", "u32"]);
}

#[test]
fn more_than_can_be_counted() {
    let sandbox = Sandbox::tiny();
    let resources = ["--set", "agents.0.resources=cpus:9000000000;mem:9000000000"];
    let count = ["--set", "agents.0.count=1001"];
    let ran = sandbox.run(&[&["check", "tiny.toml"], &resources[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let message = sandbox.refused(&[&["check", "tiny.toml"], &resources[..], &count].concat());
    assert_says(&message, &["more than 9007199254740 cpus", "more than 9007199254740 mem"]);
    let twice = format!("agents.0.resources={}", vec!["cpus:9007199254740"; 1_100].join(";"));
    refused(&twice, &["the list of resources is", "bytes long", "at most 4096"]);
}

#[test]
fn too_many_rows() {
    refused(
        "output.sample_interval=1ns",
        &["the timeline would have 3600000000000 rows", "at most 1000000"],
    );
}

#[test]
fn too_long_names() {
    let long = "x".repeat(100_000);
    refused(&format!("name={long}"), &["the name is 100000 bytes long", "at most 200"]);
    refused(&format!("agents.0.name={long}"), &["agents is 100000 bytes long", "at most 200"]);
    refused(&format!("frameworks.0.name={long}"), &["framework is 100000 bytes", "at most 200"]);
    refused(&format!("frameworks.0.role={long}"), &["the role is 100000 bytes", "at most 4096"]);
    refused(&format!("roles.0.name={long}"), &["the role is 100000 bytes", "at most 4096"]);
    refused(&format!("{long}=1"), &["unknown key 'xxx"]);
    refused(&format!("mapping.by={long}"), &["unknown value 'xxx", "expected one of hash, user"]);
}

#[test]
fn tables_in_tables() {
    let sandbox = Sandbox::new();
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    for text in [format!("x = {open}{close}"), format!("[{}]", vec!["x"; 100_000].join("."))] {
        sandbox.write("deep.toml", text);
        let message = sandbox.refused(&["check", "deep.toml"]);
        assert_says(&message, &["recursion", "--> deep.toml"]);
        assert!(message.len() < 2_000, "{} bytes of message", message.len());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_without_an_end() {
    let message = Sandbox::new().refused(&["check", "/dev/zero"]);
    assert_says(&message, &["cannot read the scenario '/dev/zero'", "longer than 16777216 bytes"]);
}

/// Everything that is odd but meaningful ends by itself, without a panic.
#[test]
fn odd_scenarios_run() {
    for sets in [
        &["seed=9223372036854775807"][..],
        &["until=213503d"],
        &["until=1ns"],
        &["until=0s"],
        &["until=1s", "master.allocation_interval=1ns"],
        &["master.allocation_interval=213503d"],
        &["master.offer_timeout=1ns"],
        &["roles.0.weight=1e308"],
        &["roles.0.weight=5e-324"],
        &["frameworks.0.decline=0s"],
        &["frameworks.0.think={ per_offer = \"3d\", per_task = \"1d\" }"],
        &["links.agents={ latency = \"200000d\", jitter = \"200000d\" }"],
        &["agent={ registration_backoff_factor = \"213503d\" }"],
        &["agent={ launch_delay = \"3d\", starting_delay = \"213503d\" }"],
        &["agents.0.resources=cpus:0;mem:4096"],
        &["agents.0.resources=cpus:4;mem:4096;ports:[0-18446744073709551615];kinds:{a,b}"],
        &["workload.synthetic.classes.0.duration=0s"],
        &["workload.synthetic.classes.0.interarrival=1ns", "until=1s"],
        &["workload.synthetic.classes.0.tasks=1e18", "until=30s"],
        &[
            "workload.synthetic.classes.0.tasks={ pareto = { scale = 1, shape = 0.001 } }",
            "until=30s",
        ],
        &["workload.synthetic.classes.0.demand.cpus=0.001"],
    ] {
        let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
        Sandbox::tiny().run_tiny("results", &sets);
    }
}

#[test]
fn the_largest_seed() {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("results", &["--seed", "18446744073709551615"]);
    assert_says(&sandbox.read("results/run.json"), &["\"seed\": 18446744073709551615"]);
}

#[test]
fn roles_in_roles() {
    let sandbox = Sandbox::tiny();
    let role = ["r"; 100].join("/");
    let sets = [format!("frameworks.0.role={role}"), "roles.0.name=r/r/r".to_owned()];
    sandbox.run_tiny("results", &["--set", &sets[0], "--set", &sets[1]]);
    assert_says(
        &sandbox.read("results/summary.json"),
        &[&format!("\"roles/{role}/tasks_finished\"")],
    );
}

#[test]
fn letters_of_all_kinds() {
    let sandbox = Sandbox::new();
    let text = TINY
        .replace("\"web\"", "\"wéb🦀, \\\"日本\\\"\"")
        .replace("name = \"wéb🦀, \\\"日本\\\"\"\nrole", "name = \"日本\"\nrole");
    sandbox.write("tiny.toml", text);
    sandbox.write("tiny.toml", sandbox.read("tiny.toml").replace("🦀, ", "🦀,"));
    let ran = sandbox.run_tiny("results", &[]);
    assert_says(&ran.stdout, &["wéb🦀,\"日本\""]);
    assert_says(&sandbox.read("results/tasks.csv"), &["\"wéb🦀,\"\"日本\"\"\""]);
    sandbox.run(&["report", "results"]);
}

#[test]
fn files_of_other_editors() {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("plain", &[]);
    for text in [TINY.replace('\n', "\r\n"), format!("\u{feff}{TINY}")] {
        sandbox.write("tiny.toml", text);
        sandbox.run_tiny("results", &[]);
        assert_eq!(sandbox.contents("results"), sandbox.contents("plain"));
    }
    let broken = TINY.replace("until = \"1h\"", "until = \"1h").replace('\n', "\r\n");
    sandbox.write("tiny.toml", broken);
    let message = sandbox.refused(&["check", "tiny.toml"]);
    assert_says(&message, &["--> tiny.toml:3:12\n", "3 | until = \"1h\n"]);
    sandbox.write("tiny.toml", "\u{feff}sed = 1\n");
    assert_says(&sandbox.refused(&["check", "tiny.toml"]), &["--> tiny.toml:1:1\n"]);
}

#[test]
fn control_characters_stay_off_the_terminal() {
    let message =
        Sandbox::tiny().refused(&["check", "tiny.toml", "--set", "until=\u{1b}[2J\u{7}1s"]);
    assert!(!message.contains(['\u{1b}', '\u{7}']), "{message:?}");
}
