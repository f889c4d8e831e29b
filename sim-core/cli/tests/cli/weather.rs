//! Runs with faults, operators, services and replicas: what they leave, and that they can be repeated.

use crate::support::{Ran, Sandbox};

const WEATHER: &str = include_str!("../../scenarios/weather.toml");

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("weather.toml", WEATHER);
    sandbox
}

#[track_caller]
fn run(sandbox: &Sandbox, out: &str, threads: &str, more: &[&str]) -> Ran {
    let mut command = sandbox.offersim();
    command.args(["run", "weather.toml", "--check", "--out", out]).args(more);
    let ran = sandbox.start(command.env("RAYON_NUM_THREADS", threads)).finish();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran
}

#[test]
fn drawn_faults_are_the_same_whatever_the_number_of_threads() {
    let sandbox = sandbox();
    for (out, threads) in [("one", "1"), ("two", "2"), ("seven", "7")] {
        run(&sandbox, out, threads, &[]);
    }
    let one = sandbox.contents("one");
    assert!(one.iter().any(|(name, _)| name == "figures/agents.svg"), "no picture of the agents");
    for other in ["two", "seven"] {
        for ((name, left), (same, right)) in one.iter().zip(sandbox.contents(other)) {
            assert!(*name == same && *left == right, "{name} differs");
        }
    }
    run(&sandbox, "another", "2", &["--seed", "8"]);
    assert_ne!(sandbox.read("one/faults.csv"), sandbox.read("another/faults.csv"));
}

#[test]
fn what_is_refused_is_told_and_the_run_goes_on() {
    let sandbox = sandbox();
    run(&sandbox, "results", "2", &[]);
    let (calls, statuses) =
        (sandbox.column("operator", "call"), sandbox.column("operator", "status"));
    let messages = sandbox.column("operator", "message");
    let position = calls.iter().position(|call| call == "CREATE_VOLUMES").expect("the call");
    assert_eq!(statuses[position], "409");
    assert_eq!(messages[position], "The available resources do not allow the operation");
    assert!(calls.iter().any(|call| call == "TEARDOWN"), "the run did not go on");
    let summary = sandbox.json("results/summary.json");
    let refused = statuses.iter().filter(|status| *status == "409").count();
    assert_eq!(summary["operator/status_409"], refused);
}

#[test]
fn the_tables_agree_with_the_summary() {
    let sandbox = sandbox();
    run(&sandbox, "results", "2", &[]);
    let summary = sandbox.json("results/summary.json");
    let kinds = sandbox.column("faults", "fault");
    let phases = sandbox.column("faults", "phase");
    let begun = |kind: &str| {
        kinds.iter().zip(&phases).filter(|(it, phase)| *it == kind && *phase == "begins").count()
    };
    assert!(begun("agent_crash") > 5, "only {} crashes", begun("agent_crash"));
    for kind in ["agent_crash", "host_reboot", "host_replacement", "partition", "master_crash"] {
        assert_eq!(summary[format!("faults/{kind}")], begun(kind), "{kind}");
    }
    let changes = sandbox.column("volumes", "change");
    for change in ["created", "destroyed", "lost"] {
        let count = changes.iter().filter(|it| *it == change).count();
        assert_eq!(summary[format!("volumes/{change}")], count, "{change}");
    }
    let availability = summary["service/web/availability"].as_f64().expect("a number");
    assert!((0.5..1.0).contains(&availability), "{availability}");
    let levels = sandbox.column("service", "running");
    assert!(levels.contains(&"9".to_owned()), "the service was never complete: {levels:?}");
    assert_eq!(summary["master/slaves_connected"], summary["slave/registered"]);
    assert!(sandbox.column("master", "master/elected").contains(&"0".to_owned()));
    let replicas = sandbox.column("replicas", "change");
    assert!(replicas.contains(&"in_sync".to_owned()) && replicas.contains(&"down".to_owned()));
}

#[test]
fn tables_that_could_have_no_rows_are_not_written() {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("results", &[]);
    for name in ["operator", "faults", "agent_events", "volumes", "service", "replicas", "master"] {
        assert!(!sandbox.path(&format!("results/{name}.csv")).exists(), "{name}.csv");
    }
    sandbox.run_tiny("more", &["--set", "output.tables=[\"master\"]"]);
    assert!(sandbox.path("more/master.csv").exists(), "the table was asked for");
}

/// Where a version of Mesos lacks what is asked for, the run shows it.
#[test]
fn older_profiles_refuse_what_they_lack() {
    let sandbox = sandbox();
    run(&sandbox, "old", "2", &["--set", "profile=mesos-0.23"]);
    let statuses = |out: &str| {
        let text = sandbox.read(&format!("{out}/operator.csv"));
        text.lines().filter(|line| line.contains("UPDATE_QUOTA,200")).count()
    };
    assert_eq!(statuses("old"), 0, "0.23 has no quota");
    run(&sandbox, "new", "2", &[]);
    assert_eq!(statuses("new"), 1);
}

/// Each machine of a rack by itself, and machines of a trace.
#[test]
fn machines_of_a_trace_fail_and_come_back() {
    let sandbox = Sandbox::tiny();
    sandbox.write(
        "machines.csv",
        "time_s,machine,event\n0,node-0000,ADD\n60,node-0000,REMOVE\n90,stranger,REMOVE\n\
         300,node-0000,ADD\n",
    );
    let trace = "faults=[{ trace = { csv = { path = \"machines.csv\" } } }]";
    sandbox.run_tiny("results", &["--check", "--set", trace]);
    assert_eq!(sandbox.column("faults", "fault"), ["host_reboot", "host_reboot"]);
    assert_eq!(sandbox.column("faults", "time_s"), ["60", "300"]);
    assert_eq!(sandbox.column("faults", "target"), ["node-0000", "node-0000"]);
    let summary = sandbox.json("results/summary.json");
    assert_eq!(summary["faults/dropped/machine_is_no_agent"], 1);
    assert_eq!(summary["faults/rows_read"], 4);
    let manifest = sandbox.json("results/run.json");
    assert_eq!(manifest["inputs"][0]["path"], "machines.csv");
}
