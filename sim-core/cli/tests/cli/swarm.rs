//! `offersim swarm`: some random clusters in which all must be well.

use crate::support::Sandbox;

/// What is said of so many runs from seed 1, on so many threads.
fn swarm(runs: &str, threads: &str) -> String {
    let sandbox = Sandbox::new();
    let mut command = sandbox.offersim();
    command.args(["swarm", "--runs", runs, "--seed", "1"]);
    let ran = sandbox.start(command.env("RAYON_NUM_THREADS", threads)).finish();
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

#[test]
fn random_clusters_break_no_invariant() {
    let said = swarm("200", "2");
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some("seeds from 1, 200 runs"));
    let verdict = lines.next().and_then(|line| line.strip_prefix("0 of 200 runs failed; "));
    let words: Vec<&str> = verdict.expect("no run failed").split(' ').collect();
    let ["events,", least, "at", "least", ..] = words[1..] else { panic!("{words:?}") };
    assert!(least.parse::<u64>().expect("a number") >= 2_000, "quiet runs do not count: {least}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    assert_eq!(swarm("30", "1"), swarm("30", "2"));
}
