//! `offersim swarm`: some random clusters in which all must be well.

use crate::support::Sandbox;

#[test]
fn random_clusters_break_no_invariant() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["swarm", "--runs", "200", "--seed", "1"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let mut lines = ran.stdout.lines();
    assert_eq!(lines.next(), Some("seeds from 1, 200 runs"));
    assert!(lines.next().is_some_and(|line| line.starts_with("0 of 200 runs failed; ")));
}
