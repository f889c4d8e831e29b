//! A queue with c servers against Erlang's formula: the engine, the offer path and the random
//! streams together, on a case whose truth is known.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and says what it skips"
)]

use serde_json::Value;
use std::path::Path;
use std::process::Command;

const SERVERS: u32 = 10;
const MEAN_SERVICE_S: f64 = 100.0;
const SEEDS: std::ops::RangeInclusive<u64> = 1..=4;
/// Half a million customers for each seed.
const CUSTOMERS: u64 = 500_000;

/// The probability of having to wait: Erlang's C for `servers` servers and `load` erlangs.
fn erlang_c(servers: u32, load: f64) -> f64 {
    // Erlang's B by its recursion, then C from B: stable for any number of servers.
    let b = (1..=servers).fold(1.0, |b, k| load * b / (f64::from(k) + load * b));
    let rho = load / f64::from(servers);
    b / (1.0 - rho * (1.0 - b))
}

fn mean_wait(interarrival_s: f64, seed: u64) -> f64 {
    let scenario =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/erlang-c/scenario.toml");
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_offersim"))
        .arg("run")
        .arg(scenario)
        .args(["--json", "--seed", &seed.to_string(), "--out"])
        .arg(folder.path().join("out"))
        .arg("--set")
        .arg(format!(
            "workload.synthetic.classes.0.interarrival.exponential.mean={interarrival_s:.9}s"
        ))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["tasks/finished"].as_u64(), Some(CUSTOMERS));
    summary["tasks/waiting_time_mean_s"].as_f64().unwrap()
}

#[test]
fn mean_wait_is_within_three_percent_of_erlangs() {
    for rho in [0.7, 0.8, 0.9] {
        let load = rho * f64::from(SERVERS);
        let expected = erlang_c(SERVERS, load) * MEAN_SERVICE_S / (f64::from(SERVERS) - load);
        let waits: Vec<f64> = SEEDS.map(|seed| mean_wait(MEAN_SERVICE_S / load, seed)).collect();
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        let error = mean / expected - 1.0;
        println!("load {rho}: {mean:.3} s, Erlang {expected:.3} s, {:+.2} %", error * 100.0);
        assert!(error.abs() < 0.03, "load {rho}: {mean} s against {expected} s ({waits:?})");
    }
}

#[test]
fn erlangs_c_of_known_cases() {
    // One server: the load itself. Two servers at one erlang: 1/3.
    assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
    assert!((erlang_c(2, 1.0) - 1.0 / 3.0).abs() < 1e-12);
}
