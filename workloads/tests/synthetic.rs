//! Generated work.

mod common;

use common::{assert_close, config, jobs, message};
use policy_api::{Scalar, Span, Time};
use proptest::prelude::*;
use sim_core::Streams;
use std::fmt::Write;
use workloads::synthetic::SyntheticConfig;
use workloads::{Job, Workload, ensure_not_empty};

fn generate(toml: &str, seed: u64) -> Vec<Job> {
    let config: SyntheticConfig = config(toml, &[]);
    jobs(&mut config.open(&Streams::new(seed)).expect("valid classes"))
}

const CONSTANT: &str = r#"
[[classes]]
name = "batch"
priority = 3
start = "1m"
interarrival = "10s"
tasks = { constant = 2.5 }
duration = "90s"
demand = { cpus = 1.5, mem = "512MB", disk = { constant = "1GiB" }, gpus = 0.5 }
jobs = 3
"#;

#[test]
fn constants_are_exact() {
    let config: SyntheticConfig = config(CONSTANT, &[]);
    let mut workload = config.open(&Streams::new(1)).unwrap();
    let jobs = jobs(&mut workload);
    let arrivals: Vec<_> = jobs.iter().map(|job| job.arrival).collect();
    assert_eq!(arrivals, [Time::from_secs(70), Time::from_secs(80), Time::from_secs(90)]);
    let job = &jobs[1];
    assert_eq!(
        (&*job.name, &*job.user, &*job.queue, job.priority),
        ("batch-1", "batch", "batch", 3)
    );
    assert_eq!(job.tasks.len(), 1, "alike tasks are one run");
    assert_eq!((job.tasks[0].count, job.tasks[0].duration), (3, Span::from_secs(90)));
    assert_eq!(job.shapes[0].demand.to_string(), "cpus:1.5;disk:1024;gpus:1;mem:512");
    let tally = workload.tally();
    assert_eq!((tally.rows, tally.jobs, tally.tasks), (0, 3, 9));
    assert_close(tally.cpu_seconds, 9.0 * 1.5 * 90.0);
    assert_close(tally.mem_seconds, 9.0 * 512.0 * 90.0);
    assert_close(tally.gpu_seconds, 9.0 * 90.0);
}

/// A class with the given lines beside the required ones.
fn class(name: &str, lines: &str) -> String {
    format!("[[classes]]\nname = \"{name}\"\nduration = \"1s\"\ndemand = {{ cpus = 1 }}\n{lines}\n")
}

#[test]
fn classes_are_merged_with_ties_in_their_order() {
    let toml = class("b", "interarrival = \"2s\"\nuntil = \"6s\"")
        + &class("a", "interarrival = \"3s\"\njobs = 2\npriority = 1");
    let jobs = generate(&toml, 1);
    let names: Vec<_> = jobs.iter().map(|job| &*job.name).collect();
    assert_eq!(names, ["b-0", "a-0", "b-1", "a-1"], "nothing arrives at `until`");
    let toml = class("b", "interarrival = \"0s\"\njobs = 2")
        + &class("a", "interarrival = \"0s\"\njobs = 2");
    let names: Vec<_> = generate(&toml, 1).iter().map(|job| job.name.to_string()).collect();
    assert_eq!(names, ["b-0", "b-1", "a-0", "a-1"]);
}

#[test]
fn users_are_drawn_among_their_number() {
    let jobs =
        generate(&class("c", "interarrival = \"1s\"\njobs = 300\nuser = \"u\"\nusers = 3"), 1);
    for user in ["u-0", "u-1", "u-2"] {
        let share = jobs.iter().filter(|job| &*job.user == user).count();
        assert!((60..140).contains(&share), "{user} has {share} of 300 jobs");
    }
}

/// The moments of the distributions, over many draws of the duration.
#[test]
fn distributions_have_their_moments() {
    let mean = |distribution: &str| {
        let toml = format!(
            "[[classes]]\nname = \"m\"\ninterarrival = \"1s\"\njobs = 20\ntasks = 10_000\n\
             duration = {distribution}\ndemand = {{ cpus = 1 }}\n"
        );
        let jobs = generate(&toml, 5);
        let seconds = jobs.iter().flat_map(|job| &job.tasks);
        seconds.map(|run| f64::from(run.count) * run.duration.as_secs_f64()).sum::<f64>()
            / 200_000.0
    };
    let cases = [
        ("{ uniform = { min = '10s', max = '30s' } }", 20.0),
        ("{ exponential = { mean = '10s' } }", 10.0),
        ("{ log_normal = { mean = '10s', sigma = 0.5 } }", 10.0),
        ("{ log_normal = { median = '10s', sigma = 0.5 } }", 10.0 * (0.125_f64).exp()),
        ("{ pareto = { scale = '10s', shape = 4 } }", 10.0 * 4.0 / 3.0),
        ("{ empirical = { values = ['1s', '2s', '6s'] } }", 3.0),
        ("{ uniform = { min = '7s', max = '7s' } }", 7.0),
    ];
    for (distribution, expected) in cases {
        let found = mean(distribution);
        assert!((found / expected - 1.0).abs() < 0.02, "{distribution}: {found}, not {expected}");
    }
    let cut = mean("{ pareto = { scale = '10s', shape = 0.01, max = '11s' } }");
    assert!((10.0..=11.0).contains(&cut), "{cut}");
    let cut = mean("{ log_normal = { median = '10s', sigma = 9, max = '11s' } }");
    assert!(cut < 11.0, "{cut}");
}

#[test]
fn a_stream_of_one_quantity_leaves_the_others_alone() {
    let base = "interarrival = { exponential = { mean = \"5s\" } }\njobs = 50";
    let one = generate(&class("x", base), 9);
    let toml = class("x", &format!("{base}\ntasks = {{ uniform = {{ min = 1, max = 9 }} }}"))
        + &class("y", base);
    let two = generate(&toml, 9);
    let arrivals = |jobs: &[Job], queue: &str| -> Vec<_> {
        jobs.iter().filter(|job| &*job.queue == queue).map(|job| job.arrival).collect()
    };
    assert_eq!(arrivals(&one, "x"), arrivals(&two, "x"));
    assert_ne!(arrivals(&two, "x"), arrivals(&two, "y"), "each class has its own streams");
    assert_ne!(arrivals(&one, "x"), arrivals(&generate(&class("x", base), 10), "x"));
}

#[test]
fn positive_draws_never_round_to_nothing() {
    let toml = "[[classes]]\nname = 't'\njobs = 100\n\
                interarrival = { exponential = { mean = '1ns' } }\n\
                duration = '1s'\ndemand = { cpus = { exponential = { mean = 0.001 } } }";
    let jobs = generate(toml, 1);
    assert!(jobs.iter().all(|job| job.shapes[0].demand[Scalar::Cpus] >= 1));
    assert!(jobs.is_sorted_by(|a, b| a.arrival < b.arrival), "time always advances");
}

#[test]
fn endless_classes_are_lazy() {
    let toml = class("e", "interarrival = \"1ms\"");
    let config: SyntheticConfig = config(&toml, &[]);
    let mut workload = ensure_not_empty(config.open(&Streams::new(1)).unwrap()).unwrap();
    assert_eq!(workload.by_ref().take(10_000).flatten().count(), 10_000);
    assert_eq!(workload.tally().jobs, 10_000);
}

#[test]
fn all_broken_rules_are_told_at_once() {
    let toml = r#"
[[classes]]
name = "a"
interarrival = { exponential = { mean = "0s" } }
tasks = { empirical = { values = [] } }
duration = { pareto = { scale = "1s", shape = 0, max = "500ms" } }
demand = { cpus = 0, mem = { log_normal = { sigma = -1 } } }
users = 0

[[classes]]
name = "a"
interarrival = "0s"
duration = { log_normal = { mean = "1s", median = "1s", sigma = 1 } }
demand.cpus = { empirical = { values = [0, 1] } }
demand.mem = { uniform = { min = "2MB", max = "1MB" } }
start = "5s"
until = "5s"
tasks = { uniform = { min = -1, max = 2 } }

[[classes]]
name = ""
interarrival = "1s"
duration = "1s"
demand = {}
"#;
    let config: SyntheticConfig = config(toml, &[]);
    let expected = [
        "classes[0].users: found 0, expected a number from 1 to 1000000",
        "classes[0].interarrival.exponential.mean: found 0s, expected more than 0",
        "classes[0].tasks.empirical.values: found none, expected at least one value",
        "classes[0].duration.pareto.shape: found 0, expected more than 0",
        "classes[0].duration.pareto.max: found 500ms, expected at least `scale`, 1s",
        "classes[0].demand.mem.log_normal: found neither `median` nor `mean`, expected one of them",
        "classes[0].demand.mem.log_normal.sigma: found -1, expected at least 0",
        "classes[1].interarrival: is always 0, so that time never advances: expected more than 0, \
         or a limit `jobs`",
        "classes[1].until: found a time not after `start`, expected a later one",
        "classes[1].tasks.uniform.min: found -1, expected at least 0",
        "classes[1].duration.log_normal: found both `median` and `mean`, expected one of them",
        "classes[1].demand.mem.uniform.max: found 1MiB, expected at least `min`, 2MiB",
        "classes[1].name: found `a` again, expected a name of its own",
        "classes[2].name: found an empty name, expected some text",
        "classes[2].demand: may ask for nothing, expected cpus, mem, disk or gpus that are always \
         above 0",
    ];
    assert_eq!(message(config.open(&Streams::new(1))), expected.join("\n"));
    let empty: SyntheticConfig = common::config("classes = []", &[]);
    assert_eq!(
        message(empty.open(&Streams::new(1))),
        "classes: found none, expected at least one class"
    );
}

#[test]
fn misspelt_keys_keep_their_place() {
    let cases = [
        (
            "duration = { exponentail = { mean = '1s' } }",
            "line 3, column 14",
            "unknown variant `exponentail`, expected one of `constant`, `uniform`",
        ),
        (
            "duration = { exponential = { men = '1s' } }",
            "line 3, column 30",
            "unknown field `men`, expected `mean`",
        ),
        ("duration = { exponential = { mean = 1 } }", "line 3, column 37", "`1` has no unit"),
        ("duration = 5", "line 3, column 12", "`5` has no unit"),
        (
            "duration = { constant = '1s', uniform = { min = '1s', max = '2s' } }",
            "line 3, column",
            "found `uniform` beside another distribution, expected only one",
        ),
        (
            "duration = [1]",
            "line 3, column 12",
            "expected a constant or a table with one distribution",
        ),
        ("durations = '1s'", "line 3, column 1", "unknown field `durations`"),
    ];
    for (line, place, problem) in cases {
        let toml = format!(
            "[[classes]]\nname = 'a'\n{line}\ninterarrival = '1s'\ndemand = {{ cpus = 1 }}\n"
        );
        let error = toml::from_str::<SyntheticConfig>(&toml).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains(problem), "{line}:\n{error}");
    }
}

#[test]
fn a_generator_without_jobs_is_an_error() {
    let config: SyntheticConfig = config(&class("n", "interarrival = \"1s\"\njobs = 0"), &[]);
    let workload = ensure_not_empty(config.open(&Streams::new(1)).unwrap());
    assert!(message(workload).starts_with("the workload is empty: no job at all"));
}

/// A distribution over seconds, as TOML.
fn distribution() -> impl Strategy<Value = String> {
    let ms = 1_u32..100_000;
    prop_oneof![
        ms.clone().prop_map(|ms| format!("'{ms}ms'")),
        (ms.clone(), ms.clone()).prop_map(|(min, width)| {
            format!("{{ uniform = {{ min = '{min}ms', max = '{}ms' }} }}", min + width)
        }),
        ms.clone().prop_map(|ms| format!("{{ exponential = {{ mean = '{ms}ms' }} }}")),
        (ms.clone(), 0.0..4.0).prop_map(|(ms, sigma)| {
            format!("{{ log_normal = {{ median = '{ms}ms', sigma = {sigma:?} }} }}")
        }),
        (ms.clone(), 0.05..4.0).prop_map(|(ms, shape)| {
            format!("{{ pareto = {{ scale = '{ms}ms', shape = {shape:?} }} }}")
        }),
        prop::collection::vec(ms, 1..5).prop_map(|ms| format!(
            "{{ empirical = {{ values = {:?} }} }}",
            ms.iter().map(|ms| format!("{ms}ms")).collect::<Vec<_>>()
        )),
    ]
}

proptest! {
    #[test]
    fn synthetic_work_is_in_time_order_and_repeats(
        classes in prop::collection::vec((distribution(), distribution(), 0_u64..30, 1_u32..4), 1..4),
        seed in any::<u64>(),
    ) {
        let mut toml = String::new();
        for (index, (interarrival, duration, jobs, users)) in classes.iter().enumerate() {
            write!(
                toml,
                "[[classes]]\nname = 'c{index}'\ninterarrival = {interarrival}\nduration = {duration}\n\
                 tasks = {{ uniform = {{ min = 1, max = 5 }} }}\njobs = {jobs}\nusers = {users}\n\
                 demand = {{ cpus = {{ log_normal = {{ mean = 1, sigma = 2 }} }}, mem = '1GB' }}\n"
            ).unwrap();
        }
        let first = generate(&toml, seed); // asserts the order
        let expected: u64 = classes.iter().map(|(_, _, jobs, _)| *jobs).sum();
        // A heavy tail may carry an arrival beyond the end of time, which ends its class.
        prop_assert!(first.len() as u64 <= expected);
        if !toml.contains("pareto") && !toml.contains("log_normal = { median") {
            prop_assert_eq!(first.len() as u64, expected);
        }
        prop_assert_eq!(format!("{first:?}"), format!("{:?}", generate(&toml, seed)));
    }
}
