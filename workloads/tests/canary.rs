//! The first draws of every distribution, to the nanosecond.
//!
//! A change here changes every generated workload under every seed. It must not come by accident:
//! not from a new version of a library, nor from a feature that another crate of the build turns
//! on (`num-traits/std` once made log-normal draws differ between two builds of one source).

mod common;

use common::config;
use sim_core::Streams;
use workloads::synthetic::SyntheticConfig;
use workloads::units::Duration;

/// The durations of the first five tasks.
fn draws(distribution: &str) -> Vec<u64> {
    let toml = format!(
        "[[classes]]\nname = 'canary'\ninterarrival = '1s'\njobs = 5\nduration = {distribution}\n\
         demand = {{ cpus = 1 }}"
    );
    let config: SyntheticConfig = config(&toml, &[]);
    let workload = config.open(&Streams::new(42)).expect("a valid class");
    workload.map(|job| job.expect("a job").tasks[0].duration.as_nanos()).collect()
}

#[test]
fn first_draws_stay() {
    let cases: [(&str, [u64; 5]); 5] = [
        (
            "{ uniform = { min = '10s', max = '30s' } }",
            [27_601_464_046, 16_145_166_130, 16_134_997_581, 28_592_488_815, 14_389_217_084],
        ),
        (
            "{ exponential = { mean = '10s' } }",
            [4_703_268_561, 2_008_870_109, 9_796_848_505, 21_283_211_185, 747_695_408],
        ),
        (
            "{ log_normal = { median = '10s', sigma = 1.5 } }",
            [24_105_513_669, 6_035_374_211, 2_736_449_691, 107_977_169_088, 6_113_878_974],
        ),
        (
            "{ pareto = { scale = '10s', shape = 1.5 } }",
            [10_888_986_730, 21_961_613_539, 21_985_873_925, 10_498_525_591, 27_484_971_428],
        ),
        (
            "{ empirical = { values = ['1s', '2s', '3s', '4s', '5s', '6s', '7s'] } }",
            [7_000_000_000, 3_000_000_000, 3_000_000_000, 7_000_000_000, 2_000_000_000],
        ),
    ];
    for (distribution, expected) in cases {
        assert_eq!(draws(distribution), expected, "{distribution}");
    }
}

#[test]
fn first_users_and_counts_stay() {
    let toml = r#"
[[classes]]
name = "canary"
interarrival = { exponential = { mean = "10s" } }
jobs = 5
users = 100
duration = "1s"
tasks = { uniform = { min = 0, max = 100 } }
demand.cpus = { uniform = { min = 1, max = 9 } }
demand.mem = { exponential = { mean = "1GiB" } }
"#;
    let config: SyntheticConfig = config(toml, &[]);
    let workload = config.open(&Streams::new(42)).unwrap();
    let seen: Vec<String> = workload
        .map(|job| {
            let job = job.unwrap();
            let at = Duration(job.arrival.since(policy_api::Time::ZERO));
            format!("{at} {} {} {}", job.user, job.tasks[0].count, job.shapes[0].demand)
        })
        .collect();
    let expected = [
        "2391842341ns canary-80 63 cpus:1.687;mem:2557.38",
        "11396440622ns canary-92 32 cpus:6.636;mem:453.788",
        "17185168753ns canary-94 88 cpus:5.908;mem:720.995",
        "24737599015ns canary-57 63 cpus:3.622;mem:499.365",
        "27517452212ns canary-95 72 cpus:8.116;mem:199.264",
    ];
    assert_eq!(seen, expected);
}
