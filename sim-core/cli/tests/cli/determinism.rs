//! Same scenario, seed and version: the same bytes, whatever the number of threads.

use crate::support::{Sandbox, TINY};

/// What a run leaves; `threads` draw the figures.
fn results(sandbox: &Sandbox, out: &str, threads: &str, more: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut command = sandbox.offersim();
    command.args(["run", "tiny.toml", "--out", out]).args(more);
    let ran = sandbox.start(command.env("RAYON_NUM_THREADS", threads)).finish();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    sandbox.contents(out)
}

fn digest(more: &[&str]) -> String {
    let sandbox = Sandbox::tiny();
    sandbox.run_tiny("results", more);
    let manifest = sandbox.json("results/run.json");
    manifest["digest"].as_str().expect("a digest").to_owned()
}

/// Names the first file that differs, rather than print pictures.
#[track_caller]
fn assert_same(left: &[(String, Vec<u8>)], right: &[(String, Vec<u8>)]) {
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(left), names(right));
    for ((name, left), (_, right)) in left.iter().zip(right) {
        assert!(left == right, "{name} differs");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let sandbox = Sandbox::tiny();
    let all = ["--set", "output.tables=[\"tasks\", \"jobs\", \"offers\"]"];
    let first = results(&sandbox, "first", "1", &all);
    assert!(first.iter().any(|(name, _)| name == "figures/offers.png"), "no pictures");
    assert_same(&first, &results(&sandbox, "again", "1", &all));
    assert_same(&first, &results(&sandbox, "threads", "2", &all));
    assert_same(&first, &results(&sandbox, "more/threads", "7", &all));
}

#[test]
fn the_folder_of_the_scenario_does_not_matter() {
    let (here, there) = (Sandbox::tiny(), Sandbox::tiny());
    assert_same(&results(&here, "results", "2", &[]), &results(&there, "results", "2", &[]));
}

#[test]
fn another_seed_gives_another_digest() {
    let digests = ["1", "2", "3"].map(|seed| digest(&["--seed", seed]));
    assert_ne!(digests[0], digests[1]);
    assert_ne!(digests[1], digests[2]);
    assert_ne!(digests[0], digests[2]);
}

#[test]
fn the_seed_of_the_arguments_is_the_seed_of_the_file() {
    assert_eq!(digest(&["--seed", "8"]), digest(&["--set", "seed=8"]));
    assert_eq!(digest(&["--seed", "7"]), digest(&[]));
}

/// What the scenario leaves out, and what is said to stand for it.
const DEFAULTS: [&str; 14] = [
    "agent.registration_backoff_factor=1s",
    "agent.launch_delay=0s",
    "roles.1={ name = \"batch\", weight = 1 }",
    "frameworks.0.order=fifo",
    "frameworks.0.placement=first_fit",
    "frameworks.0.decline=5s",
    "frameworks.0.think={ per_offer = \"0s\", per_task = \"0s\" }",
    "frameworks.0.capabilities=[]",
    "master.allocation_interval=1s",
    "master.min_allocatable_resources=cpus:0.01|mem:32",
    "master.filter_gpu_resources=true",
    "allocator.hierarchical.agent_order=random",
    "links.agents.jitter=0s",
    "output.tables=[\"tasks\", \"jobs\"]",
];

/// Nor does the way in which a value is written.
const SAME: [&str; 3] = ["until=60m", "links.agents.latency=0.005s", "roles.0.weight=2.0"];

#[test]
fn a_default_may_be_said() {
    let plain = digest(&[]);
    for set in DEFAULTS.into_iter().chain(SAME) {
        assert_eq!(digest(&["--set", set]), plain, "{set}");
    }
}

/// So that the test above can fail: each of these is no default.
#[test]
fn what_is_no_default_changes_the_run() {
    let plain = digest(&[]);
    for set in [
        "agent.registration_backoff_factor=2s",
        "agent.launch_delay=1ms",
        "agent.starting_delay=0s",
        "frameworks.0.decline=6s",
        "frameworks.0.think.per_task=1ms",
        "master.allocation_interval=2s",
        "links.agents.jitter=1ms",
        "until=100s",
    ] {
        assert_ne!(digest(&["--set", set]), plain, "{set}");
    }
}

/// What is written down does not change what happens.
#[test]
fn the_output_does_not_change_the_run() {
    let plain = digest(&[]);
    for set in ["output.tables=[]", "output.sample_interval=7s", "name=other", "description=x"] {
        assert_eq!(digest(&["--set", set]), plain, "{set}");
    }
}

/// A class more draws from streams of its own: the jobs of the others stay.
#[test]
fn another_class_leaves_the_others_alone() {
    let jobs = |text: &str| {
        let sandbox = Sandbox::new();
        sandbox.write("tiny.toml", text);
        sandbox.run_tiny("results", &[]);
        let names = sandbox.column("jobs", "job").into_iter();
        let mut rows: Vec<_> = names.zip(sandbox.column("jobs", "arrived_s")).collect();
        rows.sort();
        rows
    };
    let more = TINY.replace(
        "[links.agents]",
        "[[workload.synthetic.classes]]\nname = \"more\"\njobs = 5\ninterarrival = \"9s\"\n\
         duration = \"5s\"\ndemand = { cpus = 0.1 }\n\n[links.agents]",
    );
    let more = more.replace("takes = [\"web\"]", "takes = [\"web\", \"more\"]");
    let (plain, mut with_more) = (jobs(TINY), jobs(&more));
    assert_eq!(with_more.len(), plain.len() + 5);
    with_more.retain(|(job, _)| !job.starts_with("more-"));
    assert_eq!(with_more, plain);
}
