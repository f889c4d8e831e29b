//! What tasks use, from files, and what agents tell of it.

use crate::support::Sandbox;
use serde_json::Value;

const SITE: &str = r#"
name = "site"
seed = 1
until = "1m"

[[agents]]
name = "node"
count = 1
resources = "cpus:4;mem:4096"

[[frameworks]]
name = "web"
role = "web"
usage = { cpus = 0.5, mem = 0.25 }
[frameworks.service]
instances = 2
demand = { cpus = 1, mem = "512MiB" }

[agent.consumption]
"#;

fn run(sandbox: &Sandbox, text: &str) {
    sandbox.write("tiny.toml", text);
    let ran = sandbox.run(&["run", "tiny.toml", "--check", "--out", "results"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
}

/// Two containers with 0.1 cpus and 32 MB more than was asked for, each of which uses half a core and 128 MB.
#[test]
fn agents_tell_of_their_containers() {
    let sandbox = Sandbox::new();
    run(&sandbox, &format!("{SITE}\n[output]\nstatistics_interval = \"10s\"\n"));
    let text = sandbox.read("results/statistics.jsonl");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last: Vec<&Value> = lines.iter().rev().take(2).collect();
    let times: Vec<f64> = last.iter().map(|line| line["time_s"].as_f64().unwrap()).collect();
    assert_eq!(times, [60.0, 50.0]);
    assert_eq!(last[0]["agent"], lines[0]["agent"]);
    let containers = |line: &Value| line["statistics"].as_array().unwrap().clone();
    let (now, before) = (containers(last[0]), containers(last[1]));
    assert_eq!((now.len(), before.len()), (2, 2));
    for (now, before) in now.iter().zip(&before) {
        assert_eq!(now["framework_id"], "web");
        assert_eq!(now["source"], now["executor_id"]);
        let name = format!("Command Executor (Task: {})", now["source"].as_str().unwrap());
        assert_eq!(now["executor_name"], name);
        assert_eq!(now["executor_id"], before["executor_id"]);
        let (now, before) = (&now["statistics"], &before["statistics"]);
        assert_eq!(now["timestamp"], 60.0);
        assert_eq!(now["cpus_limit"], 1.1);
        let cpu = |it: &Value| it["cpus_user_time_secs"].as_f64().unwrap();
        assert!((cpu(now) - cpu(before) - 5.0).abs() < 1e-6, "{now} {before}");
        assert_eq!(now["mem_total_bytes"], 128 << 20);
        assert_eq!([&now["mem_limit_bytes"], &now["mem_soft_limit_bytes"]], [544 << 20; 2]);
        assert_eq!(now["disk_limit_bytes"], 0);
        assert!(now.get("cpus_nr_throttled").is_none(), "there is no quota");
    }
}

/// Nobody asks unless told to, and asking changes nothing else.
#[test]
fn looking_changes_nothing() {
    let sandbox = Sandbox::new();
    run(&sandbox, SITE);
    let digest = |sandbox: &Sandbox| sandbox.json("results/run.json")["digest"].clone();
    let quiet = digest(&sandbox);
    assert!(!sandbox.path("results/statistics.jsonl").exists());
    run(&sandbox, &format!("{SITE}\n[output]\nstatistics_interval = \"7s\"\n"));
    assert_eq!(digest(&sandbox), quiet);
}

/// Nothing for the first half minute of each instance, then all of it.
#[test]
fn series_are_read_from_files() {
    let mean = |usage: &str, file: &str| {
        let sandbox = Sandbox::new();
        sandbox.write("use.csv", file);
        run(&sandbox, &SITE.replacen("cpus = 0.5", usage, 1).replace("1m", "10m"));
        sandbox.json("results/summary.json")["consumption/cpus_used_mean"].as_f64().unwrap()
    };
    let inline = mean("cpus = { series = [[\"0s\", 0], [\"5m\", 1]] }", "");
    let file = mean("cpus = { series_file = \"use.csv\" }", "time_s,share\n0,0\n300,1\n");
    assert!((0.9..1.0).contains(&inline), "{inline}");
    assert_eq!(inline.to_bits(), file.to_bits());
}

/// Two jobs of 100 s on a processor each: one worked for 40 s of it, of the other nothing is known.
#[test]
fn a_log_brings_what_was_used() {
    const LOG: &str = "\
        1 0 0 100 1 40 1024 1 100 2048 1 1 1 1 1 1 -1 -1\n\
        2 0 0 100 1 -1 -1 1 100 2048 1 1 1 1 1 1 -1 -1\n";
    let batch = SITE.split_once("[frameworks.service]").unwrap().0;
    let text = format!(
        "{batch}\n[workload.swf]\npath = \"log.swf\"\nrecorded_use = true\n[agent.consumption]\n"
    );
    let sandbox = Sandbox::new();
    sandbox.write("log.swf", LOG);
    run(&sandbox, &text.replace("until = \"1m\"", ""));
    let summary = sandbox.json("results/summary.json");
    let number = |name: &str| summary[name].as_f64().unwrap();
    let used = number("consumption/cpus_used_mean") * number("run/virtual_time_s");
    assert!((used - 90.0).abs() < 1e-6, "{used}");
    let unknown = "processor_time_unknown:_as_the_framework's_tasks";
    let unknown = summary.as_object().unwrap().keys().any(|key| key.ends_with(unknown));
    assert!(unknown, "{summary:#}");
    // What is recorded matters only where it matters what tasks use.
    let text =
        text.replace("[agent.consumption]\n", "").replace(batch, &batch.replace("usage", "#"));
    sandbox.write("tiny.toml", text);
    let message = sandbox.refused(&["check", "tiny.toml"]);
    assert!(message.contains("recorded_use says what tasks use"), "{message}");
}
