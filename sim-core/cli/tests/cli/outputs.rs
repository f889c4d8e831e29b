//! What a run leaves behind, and what it says.

use crate::support::{Sandbox, TINY, assert_says};

const ALWAYS: [&str; 17] = [
    "distributions.csv",
    "figures/",
    "figures/bounded_slowdown.png",
    "figures/bounded_slowdown.svg",
    "figures/dominant_share.png",
    "figures/dominant_share.svg",
    "figures/offers.png",
    "figures/offers.svg",
    "figures/utilisation.png",
    "figures/utilisation.svg",
    "figures/waiting_time.png",
    "figures/waiting_time.svg",
    "report.html",
    "roles.csv",
    "run.json",
    "summary.json",
    "timeline.csv",
];

/// What a run with these changes leaves, apart from what every run does.
#[track_caller]
fn extra_entries(sets: &[&str]) -> Vec<String> {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("results", sets);
    let mut entries = sandbox.entries();
    entries.retain(|entry| entry != "tiny.toml" && entry != "results/");
    for always in ALWAYS {
        let entry = format!("results/{always}");
        assert!(entries.contains(&entry), "{entry} is missing from {entries:#?}");
        entries.retain(|found| *found != entry);
    }
    entries
}

#[test]
fn a_run_leaves_these_files_and_no_others() {
    assert_eq!(extra_entries(&[]), ["results/jobs.csv", "results/tasks.csv"]);
}

#[test]
fn tables_are_written_on_demand() {
    assert_eq!(extra_entries(&["--set", "output.tables=[]"]), [""; 0]);
    assert_eq!(extra_entries(&["--set", "output.tables=[\"jobs\"]"]), ["results/jobs.csv"]);
    assert_eq!(extra_entries(&["--set", "output.tables=[\"offers\"]"]), ["results/offers.csv"]);
}

#[test]
fn headers_of_the_tables() {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("results", &["--set", "output.tables=[\"tasks\", \"jobs\", \"offers\"]"]);
    let tables = ["tasks", "jobs", "offers", "timeline", "roles", "distributions"];
    let headers = tables.map(|table| {
        let text = sandbox.read(&format!("results/{table}.csv"));
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default().replace(',', "\n  ");
        assert!(lines.next().is_some(), "{table}.csv has no rows");
        format!("{table}\n  {header}")
    });
    insta::assert_snapshot!(headers.join("\n"));
}

#[test]
fn tables_and_summary_agree() {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("results", &["--set", "output.tables=[\"tasks\", \"jobs\", \"offers\"]"]);
    let summary = sandbox.json("results/summary.json");
    let count = |metric: &str| usize::try_from(summary[metric].as_u64().unwrap()).unwrap();
    let sum = |table, name| -> usize {
        sandbox.column(table, name).iter().map(|field| field.parse::<usize>().unwrap()).sum()
    };
    let states = sandbox.column("tasks", "state");
    let finished = states.iter().filter(|state| *state == "TASK_FINISHED").count();
    assert!(finished > 20, "only {finished} tasks");
    assert_eq!(finished, count("tasks/finished"));
    assert_eq!(finished, sum("timeline", "tasks_finished"));
    assert_eq!(finished, sum("jobs", "tasks"));
    assert_eq!(sandbox.column("jobs", "job").len(), count("jobs/finished"));
    assert_eq!(sum("timeline", "offers_made"), count("offers/sent"));
    let events = sandbox.column("offers", "event");
    let offers = sandbox.column("offers", "offers");
    let sent = events.iter().zip(&offers).filter(|(event, _)| *event == "sent");
    assert_eq!(sent.map(|(_, n)| n.parse::<usize>().unwrap()).sum::<usize>(), count("offers/sent"));
    let ended = ["offers/accepted", "offers/declined", "offers/rescinded"].map(count);
    assert!(ended.iter().sum::<usize>() <= count("offers/sent"), "{ended:?}");
}

#[test]
fn keys_of_the_summary() {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("results", &[]);
    let summary = sandbox.json("results/summary.json");
    let keys: Vec<&str> = summary.as_object().unwrap().keys().map(String::as_str).collect();
    insta::assert_snapshot!(keys.join("\n"));
}

#[test]
fn a_run_can_be_repeated_from_its_manifest() {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("results", &["--seed", "3", "--set", "frameworks.0.order=fair"]);
    let manifest = sandbox.json("results/run.json");
    let keys: Vec<&str> = manifest.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["name", "version", "seed", "digest", "scenario", "inputs"]);
    assert_eq!(manifest["name"], "tiny");
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["seed"], 3);
    let scenario: toml::Table = serde_json::from_value(manifest["scenario"].clone()).unwrap();
    sandbox.write("tiny.toml", toml::to_string(&scenario).unwrap());
    sandbox.run_tiny("again", &[]);
    assert_eq!(sandbox.contents("again"), sandbox.contents("results"));
}

#[test]
fn inputs_are_noted_with_their_hashes() {
    let sandbox = Sandbox::new();
    let workload = "[workload.swf]\npath = \"log.swf\"\n\n[links.agents]";
    let (head, rest) = TINY.split_once("[mapping]").unwrap();
    let (_, links) = rest.split_once("[links.agents]").unwrap();
    let text = format!("{head}{workload}{links}").replace("takes", "# takes");
    sandbox.write("elsewhere/tiny.toml", text);
    sandbox.write("elsewhere/log.swf", "1 0 0 30 1 -1 -1 1 30 -1 1 1 1 1 1 1 -1 -1\n");
    let ran = sandbox.run(&["run", "elsewhere/tiny.toml", "--out", "results"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let manifest = sandbox.json("results/run.json");
    assert_eq!(manifest["inputs"][0]["path"], "elsewhere/log.swf");
    assert_eq!(
        manifest["inputs"][0]["sha256"],
        "2874fa77380f34e32f204b33cef1cb8800589d1bc19d5a4708a47332bed143f1"
    );
}

#[test]
fn a_second_run_replaces_the_first() {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("results", &["--set", "output.tables=[\"offers\"]"]);
    let entries = sandbox.entries();
    assert!(entries.contains(&"results/offers.csv".to_owned()));
    sandbox.run_tiny("results", &["--seed", "8"]);
    let entries = sandbox.entries();
    assert!(!entries.contains(&"results/offers.csv".to_owned()), "a file of the first run");
    assert!(entries.iter().all(|entry| entry == "tiny.toml" || entry.starts_with("results/")));
    let manifest = sandbox.json("results/run.json");
    assert_eq!(manifest["seed"], 8);
}

#[test]
fn without_out_the_name_of_the_scenario_counts() {
    let sandbox = Sandbox::tiny();
    let ran = sandbox.run(&["run", "tiny.toml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_says(&ran.stdout, &["report: offersim-out/tiny/report.html"]);
    assert!(sandbox.path("offersim-out/tiny/report.html").exists());
}

#[test]
fn json_is_the_summary() {
    let sandbox = Sandbox::tiny();
    for more in [&["--json"][..], &["--json", "--quiet"]] {
        let ran = sandbox.run_tiny("results", more);
        assert_eq!(ran.stdout, sandbox.read("results/summary.json"));
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn quiet_is_silent() {
    let sandbox = Sandbox::tiny();
    let ran = sandbox.run_tiny("results", &["--quiet"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
}

#[test]
fn the_screen_says_what_matters() {
    let sandbox = Sandbox::tiny();
    let ran = sandbox.run_tiny("results", &[]);
    let manifest = sandbox.json("results/run.json");
    let digest = manifest["digest"].as_str().unwrap();
    assert_eq!(digest.len(), 16);
    assert_says(
        &ran.stdout,
        &["tiny, seed 7: ", "2 agents; 30 jobs", "web", "batch", digest, "results/report.html"],
    );
    assert_eq!(ran.stderr, "", "progress is for terminals");
    assert!(ran.stdout.lines().count() <= 24, "more than a screen:\n{}", ran.stdout);
}

#[test]
fn a_report_can_be_drawn_again() {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("results", &[]);
    let before = sandbox.contents("results");
    std::fs::remove_dir_all(sandbox.path("results/figures")).unwrap();
    std::fs::remove_file(sandbox.path("results/report.html")).unwrap();
    let ran = sandbox.run(&["report", "results"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(sandbox.contents("results"), before);
    let message = sandbox.refused(&["report", "nowhere"]);
    assert_says(&message, &["nowhere/run.json", "No such file"]);
}

#[test]
fn checking_every_step_changes_nothing() {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("plain", &[]);
    sandbox.run_tiny("checked", &["--check"]);
    assert_eq!(sandbox.contents("plain"), sandbox.contents("checked"));
}
