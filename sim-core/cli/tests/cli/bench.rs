//! `offersim allocator bench` with cells so small that their times mean nothing.

use crate::support::{Sandbox, assert_says};
use policy_benchmarks::BENCHMARKS;
use serde_json::Value;
use std::collections::BTreeSet;

/// Arguments that are separated by blanks.
fn words(arguments: &str) -> Vec<&str> {
    ["allocator", "bench"].into_iter().chain(arguments.split_whitespace()).collect()
}

#[track_caller]
fn bench(arguments: &str) -> String {
    let ran = Sandbox::new().run(&words(arguments));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stderr, "", "a bar is for terminals");
    ran.stdout
}

#[track_caller]
fn rows(arguments: &str) -> Vec<Value> {
    let text = bench(&format!("{arguments} --json"));
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect()
}

#[track_caller]
fn refused(arguments: &str, says: &[&str]) {
    assert_says(&Sandbox::new().refused(&words(arguments)), says);
}

fn texts(rows: &[Value], key: &str) -> Vec<String> {
    rows.iter().map(|row| row[key].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn a_table_with_a_line_for_each_phase() {
    let text = bench("DeclineOffers --agents 100 --frameworks 3 --rounds 4");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0].split("  ").map(str::trim).filter(|name| !name.is_empty()).collect::<Vec<_>>(),
        [
            "benchmark",
            "agents",
            "frameworks",
            "phase",
            "min ms",
            "median ms",
            "offers",
            "x floor",
            "peak MB",
            "Mesos s",
            "x faster",
            "Mesos MB"
        ]
    );
    let phases = ["add frameworks", "add agents", "decline all", "cycle  ", "cycle, all refused"];
    assert_eq!(lines.len(), 1 + phases.len(), "{text}");
    for (line, phase) in lines[1..].iter().zip(phases) {
        assert_says(line, &["DeclineOffers ", " 100 ", " 3 ", phase]);
    }
    let widths: BTreeSet<usize> = lines.iter().map(|line| line.len()).collect();
    assert_eq!(widths.len(), 1, "the columns are not straight:\n{text}");
}

#[test]
fn json_is_flat_with_units_in_its_keys() {
    let rows = rows("Cycles/ports --agents 1000 --frameworks 50 --rounds 2");
    assert_eq!(
        texts(&rows, "phase"),
        [
            "add agents",
            "add frameworks",
            "first cycle",
            "recover all",
            "cycle again",
            "decline all",
            "cycle after declines"
        ]
    );
    for row in &rows {
        let row = row.as_object().expect("an object");
        let keys: Vec<&str> = row.keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "benchmark",
                "agents",
                "frameworks",
                "phase",
                "repetitions",
                "cpu_min_ms",
                "cpu_median_ms",
                "offers",
                "allocation_runs",
                "floor_cpu_ms",
                "times_floor",
                "peak_memory_mb",
                "mesos_min_s",
                "mesos_max_s",
                "mesos_peak_memory_mb",
                "times_faster",
                "mesos_source"
            ]
        );
        assert!(row.values().all(|value| !value.is_object() && !value.is_array()));
        let milliseconds = |key: &str| row[key].as_f64().expect("a number");
        assert!(milliseconds("cpu_min_ms") > 0.0);
        assert!(milliseconds("cpu_min_ms") <= milliseconds("cpu_median_ms"));
    }
    let again = &rows[4];
    assert_eq!(again["offers"], 1_000);
    assert_eq!(again["repetitions"], 2);
    assert_eq!(again["allocation_runs"], 1);
    assert!(again["times_floor"].as_f64().is_some_and(|times| times > 0.1), "{again}");
    // As `spec/allocator-timings.md` has it for 1,000 x 50 with ports.
    assert_eq!(again["mesos_min_s"], 0.077);
    assert_eq!(again["mesos_peak_memory_mb"], 277);
}

#[test]
fn the_list_has_every_benchmark() {
    let text = bench("--list");
    for benchmark in BENCHMARKS {
        assert_says(&text, &[benchmark.name, benchmark.about]);
    }
    let some = bench("--list FullSort Parse");
    assert_says(&some, &["FullSort/drf", "FullSort/random", "Parse"]);
    assert!(!some.contains("DeclineOffers"), "{some}");
}

#[test]
fn a_name_stands_for_its_variants() {
    let rows = rows("PersistentVolumes PersistentVolumes/mixed --agents 10 --frameworks 2");
    let names: Vec<String> = texts(&rows, "benchmark");
    let mut names = names.iter().map(String::as_str).collect::<Vec<_>>();
    names.dedup();
    let all = ["PersistentVolumes/regular", "PersistentVolumes/shared", "PersistentVolumes/mixed"];
    assert_eq!(names, all);
}

#[test]
fn sizes_are_combined() {
    let rows = rows("AllRefused --agents 30,10 --frameworks 1,2 --rounds 1");
    let cells: Vec<(u64, u64)> = rows
        .iter()
        .map(|row| (row["agents"].as_u64().unwrap_or(0), row["frameworks"].as_u64().unwrap_or(0)))
        .collect();
    let expected = [(30, 1), (30, 2), (10, 1), (10, 2)];
    assert_eq!(cells, expected.map(|cell| [cell, cell]).concat());
}

#[test]
fn benchmarks_without_agents() {
    let rows = rows("Filters");
    assert!(rows.iter().all(|row| row["agents"] == 0 && row["frameworks"] == 0));
    assert_eq!(rows.len(), 4);
}

/// The peak of a process never falls; that of a small cell after a large one is small.
#[test]
#[cfg(target_os = "linux")]
fn each_cell_has_its_own_memory() {
    let rows = rows("Cycles/plain --agents 30000,10 --frameworks 2 --rounds 1");
    let megabytes = |row: &Value| row["peak_memory_mb"].as_u64().expect("known on Linux");
    let (first, last) = (megabytes(&rows[0]), megabytes(rows.last().expect("rows")));
    assert!(last + 10 < first, "{first} MB, then {last} MB");
}

#[test]
fn unknown_benchmarks() {
    refused("DeclinOffers", &["unknown benchmark 'DeclinOffers'", "did you mean 'DeclineOffers'?"]);
    refused("LargeAndSmalQuota", &["did you mean 'LargeAndSmallQuota'?"]);
    refused("FullSort/dfr", &["did you mean 'FullSort/drf'?"]);
    refused("xyz --list", &["unknown benchmark 'xyz'", "`--list`"]);
    let message = Sandbox::new().refused(&["allocator", "bench", "\u{1b}[2J\u{7}"]);
    assert!(!message.contains(['\u{1b}', '\u{7}']), "{message:?}");
    assert!(Sandbox::new().refused(&["allocator", "bench", &"x".repeat(100_000)]).len() < 2_000);
}

#[test]
fn impossible_sizes() {
    refused("DeclineOffers --agents 0", &["cannot have 0 agents", "at least 1"]);
    refused("DeclineOffers --frameworks 10,0", &["cannot have 0 frameworks", "at least 1"]);
    refused("DeclineOffers --agents many", &["'many'", "--agents"]);
    refused("DeclineOffers --agents -5", &["-5"]);
    refused("DeclineOffers --agents 10,,20", &["--agents"]);
    refused("DeclineOffers --agents 18446744073709551616", &["18446744073709551616"]);
    refused("DeclineOffers --agents 4000000000", &["4000000000 agents", "at most 1000000"]);
    refused("DeclineOffers --agents 18446744073709551615", &["at most 1000000"]);
    refused("DeclineOffers --agents 1e3", &["'1e3'", "--agents"]);
    refused("DeclineOffers --rounds 0", &["--rounds"]);
    refused("DeclineOffers --rounds 4294967295", &["--rounds", "1000000"]);
    refused("DeclineOffers --rounds 1 --rounds 2", &["--rounds", "multiple times"]);
    refused("LargeAndSmallQuota --frameworks 31", &["31 frameworks", "a multiple of 6"]);
    refused("LargeAndSmallQuota --agents 30", &["as many agents as frameworks"]);
    refused("HierarchyFullSort --frameworks 7", &["7 frameworks", "1056 or 1092 or 1022"]);
    refused("Parse --agents 7", &["Parse has no agents"]);
    refused("--agents 7", &["<BENCHMARKS>"]);
}

/// A list has no sizes to choose, and is a table.
#[test]
fn what_a_list_does_not_take() {
    for option in ["--json", "Parse --agents 3", "Parse --frameworks 3", "--rounds 3"] {
        refused(&format!("--list {option}"), &["--list", "cannot be used with"]);
    }
}

#[test]
fn names_and_sizes_given_twice() {
    let rows = rows("AllRefused AllRefused --agents 10 --agents 20 --frameworks 1 --rounds 1");
    let agents: BTreeSet<u64> = rows.iter().filter_map(|row| row["agents"].as_u64()).collect();
    assert_eq!(agents, [10, 20].into());
    assert_eq!(rows.len(), 4, "two phases of two cells");
}

/// As when memory runs out: the cell that did not come to its end is named.
#[test]
#[cfg(target_os = "linux")]
fn a_cell_that_is_killed() {
    let run = "\"$OFFERSIM\" allocator bench DeclineOffers --agents 50000 --frameworks 500 --json";
    let script = format!(
        "{run} & parent=$!\n\
         until child=$(cat /proc/$parent/task/*/children) && [ -n \"$child\" ]; do sleep 0.01; done\n\
         kill -KILL $child; wait $parent"
    );
    let ran = Sandbox::new().shell(&script);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert_says(&ran.stderr, &["error: DeclineOffers, 50000 agents x 500 frameworks: signal: 9"]);
}

/// Nothing is said, and nothing more is measured, when the reader has gone.
#[test]
fn a_reader_that_leaves() {
    let run = "\"$OFFERSIM\" allocator bench AllRefused --agents 50000 --frameworks 20,20,20,20,20";
    let ran = Sandbox::new().shell(&format!("({run}; echo $? >&2) | true"));
    assert_eq!(ran.stderr, "0\n");
    let ran = Sandbox::new().shell("(\"$OFFERSIM\" allocator bench --list; echo $? >&2) | true");
    assert_eq!(ran.stderr, "0\n");
}

/// The device takes nothing.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk() {
    for arguments in ["--list", "Parse", "Parse --json"] {
        let run = format!("exec \"$OFFERSIM\" allocator bench {arguments} > /dev/full");
        let ran = Sandbox::new().shell(&run);
        assert_eq!(ran.code, Some(2), "{arguments}");
        assert_says(&ran.stderr, &["No space left"]);
    }
}
