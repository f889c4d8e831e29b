//! The experiments under `results/` say what they are said to show. Those that replay a trace take
//! a cut of it, and are skipped where the traces are absent.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise, and says what it skips"
)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results")
}

/// Runs an experiment with changes and returns its summary.
fn run(experiment: &str, changes: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    run_into(folder.path(), experiment, changes)
}

/// The same; its tables are in `out` of the folder then.
fn run_into(folder: &Path, experiment: &str, changes: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_offersim"));
    command.arg("run").arg(results().join(experiment).join("scenario.toml"));
    command.arg("--json").arg("--check").arg("--out").arg(folder.join("out"));
    for change in changes {
        command.arg("--set").arg(change);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether the traces are there; says so when they are not.
fn traces_are_there() -> bool {
    let there = results().join("../../shared/traces").is_dir();
    if !there {
        eprintln!("skipped: ../shared/traces is not there");
    }
    there
}

fn number(summary: &Value, metric: &str) -> f64 {
    summary[metric].as_f64().unwrap_or_else(|| panic!("no number {metric} in {summary:#}"))
}

fn count(summary: &Value, metric: &str) -> u64 {
    summary[metric].as_u64().unwrap_or_else(|| panic!("no count {metric} in {summary:#}"))
}

#[test]
fn drf_paper_three_tasks_for_a_and_two_for_b() {
    let summary = run("drf-paper", &[]);
    assert_eq!(count(&summary, "roles/A/tasks_live_at_end"), 3);
    assert_eq!(count(&summary, "roles/B/tasks_live_at_end"), 2);
    // The last task starts within the first seconds; from then on both shares are two thirds.
    let summary = run("drf-paper", &["until=3000s"]);
    for role in ["A", "B"] {
        let share = number(&summary, &format!("roles/{role}/dominant_share_mean"));
        assert!((share - 2.0 / 3.0).abs() < 0.002, "{role}: {share}");
    }
}

#[test]
fn openb_counts_are_those_of_the_trace() {
    if !traces_are_there() {
        return;
    }
    let summary = run("openb", &["until=2d"]);
    assert_eq!(count(&summary, "workload/rows_read"), 4_076);
    assert_eq!(count(&summary, "workload/tasks"), 3_708);
    assert_eq!(count(&summary, "workload/dropped/unscheduled"), 368);
    assert_eq!(count(&summary, "cluster/agents"), 1_523);
    assert_eq!(summary["cluster/gpus_total"].as_f64(), Some(6_212.0));
    assert_eq!(count(&summary, "tasks/never_placeable"), 0);
}

#[test]
fn swf_cuts_run_to_the_end() {
    if !traces_are_there() {
        return;
    }
    for experiment in ["kth-sp2", "nasa-ipsc"] {
        let summary = run(experiment, &["workload.swf.max_jobs=1000"]);
        assert_eq!(count(&summary, "jobs/arrived"), 1_000, "{experiment}");
        assert_eq!(count(&summary, "jobs/finished"), 1_000, "{experiment}");
        assert_eq!(summary["run/end"], "drained", "{experiment}");
        let submitted = count(&summary, "tasks/submitted");
        assert_eq!(count(&summary, "tasks/finished"), submitted, "{experiment}");
    }
}

#[test]
fn google_2011_counts_are_those_of_the_trace() {
    if !traces_are_there() {
        return;
    }
    // Rule B of the trace's README, on a cut of the jobs: everything is read, 500 jobs are run.
    let summary = run("google-2011", &["workload.google_2011.max_jobs=500"]);
    assert_eq!(count(&summary, "workload/rows_read"), 1_271_912);
    assert_eq!(count(&summary, "cluster/agents"), 700);
    assert_eq!(count(&summary, "jobs/finished"), 500);
    assert_eq!(count(&summary, "tasks/finished"), count(&summary, "workload/tasks"));
}

#[test]
fn omega_example_has_the_load_it_is_known_for() {
    // 60 % of 5,000 machines once the long tasks have filled up; the first half hour has less.
    let summary = run("omega-example-5000", &["until=1200s", "output.sample_interval=600s"]);
    let utilisation = number(&summary, "cluster/cpus_utilisation_mean");
    assert!((0.35..0.62).contains(&utilisation), "{utilisation}");
    assert_eq!(count(&summary, "tasks/lost"), 0);
}

/// A tenth of the agents: each costs the master a private operation of 1.7 ms, and another handshake back.
#[test]
fn tls_failover_waits_for_the_handshakes() {
    let fewer = ["agents.0.count=1000", "workload.synthetic.classes.0.tasks.constant=10000"];
    let ran = |changes: &[&str]| {
        let summary = run("tls-failover", &[&fewer, changes].concat());
        assert_eq!(count(&summary, "tasks/live_at_end"), 10_000);
        (number(&summary, "faults/failover_agents_back_max_s"), summary)
    };
    let ends = ["master", "agents", "frameworks"];
    let plain = ends.map(|end| format!("transport.connections.{end}.enabled=false"));
    let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
    let ((encrypted, summary), (plain, _)) = (ran(&[]), ran(&plain));
    // Of each agent two registrations, with a connection each way: 1.7 ms and 0.1 ms at each end.
    let handshakes = number(&summary, "tls/agents/handshakes_s");
    assert!((handshakes - 3.6).abs() < 1e-6, "{handshakes}");
    assert!(number(&summary, "tls/master/bytes_s") > number(&summary, "tls/agents/bytes_s"));
    assert!(plain < 1.2 && (1.8..3.0).contains(&encrypted), "{plain} {encrypted}");
}

/// A fifth of the experiment, with an eighth of its cache: a scan empties an LRU cache, and policies that
/// count uses keep what is popular.
#[test]
fn fetcher_cache_lru_loses_to_policies_that_count() {
    let hit_rate = |policy: &str| {
        let summary = run(
            "fetcher-cache",
            &[
                &format!("fetcher.cache={{{policy}={{}}}}"),
                "agent.fetcher_cache_size=1GiB",
                "workload.synthetic.classes.0.jobs=4000",
                "workload.synthetic.classes.1.jobs=4000",
            ],
        );
        assert_eq!(count(&summary, "fetches/succeeded"), 8_000);
        assert_eq!(summary["fetches/scan/hit_rate"].as_f64(), Some(0.0), "{policy}");
        number(&summary, "fetches/apps/hit_rate")
    };
    let (lru, lfu, gdsf) = (hit_rate("lru"), hit_rate("lfu"), hit_rate("gdsf"));
    assert!(lru + 0.04 < lfu && lfu + 0.04 < gdsf, "{lru} {lfu} {gdsf}");
}

/// The mean time that a framework's tasks wrote for, in seconds, where an experiment runs with changes.
fn mean_write(experiment: &str, framework: &str, changes: &[&str]) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    run_into(folder.path(), experiment, changes);
    let table = std::fs::read_to_string(folder.path().join("out/transfers.csv")).unwrap();
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let column = |name: &str| header.iter().position(|found| *found == name).unwrap();
    let [ended, started] = ["time_s", "started_s"].map(column);
    let (of, phase) = (column("framework"), column("phase"));
    let writes = lines.filter(|row| row[of] == framework && row[phase] == "write");
    let second = |text: &str| text.parse::<f64>().unwrap();
    let lasted: Vec<f64> = writes.map(|row| second(row[ended]) - second(row[started])).collect();
    lasted.iter().sum::<f64>() / lasted.len() as f64
}

/// A tenth of the experiment: a cap on what containers send leaves out what hosts serve to readers and
/// slows the answers down; fairness by container helps them, and a plain queue undoes that.
#[test]
fn egress_cap_helps_less_than_fairness_by_container() {
    let answer = |network: &[&str]| {
        let fewer =
            ["workload.synthetic.classes.0.jobs=1200", "workload.synthetic.classes.1.jobs=3"];
        mean_write("egress-cap", "answers", &[&fewer, network].concat())
    };
    let by_container = "network.egress_unique_flow_per_container=true";
    let bloat = "network.tcp={queueing={fifo={buffer=12500000}}}";
    let (no_cap, fair) = (answer(&[]), answer(&[by_container]));
    let cap = answer(&["network.egress_rate_limit_per_container=156250000"]);
    let bloated = answer(&[by_container, bloat]);
    let times = [fair, no_cap, cap, bloated];
    assert!(times.is_sorted() && 2.0 * fair < no_cap && 2.0 * cap < bloated, "{times:?}");
}

fn tenth_of_oversubscription(estimator: &str, controller: &str) -> Value {
    run(
        "oversubscription",
        &[
            "until=6h",
            "machines.google_2011.sample=10",
            "frameworks.0.service.instances=60",
            "workload.google_2011.max_jobs=800",
            &format!("agent.resource_estimator={estimator}"),
            &format!("agent.qos_controller={controller}"),
        ],
    )
}

/// A tenth of the experiment: who kills one container at a time kills less than who kills all, and more work
/// comes to its end.
#[test]
fn oversubscription_load_kills_more_than_threshold() {
    if !traces_are_there() {
        return;
    }
    let estimator = "{threshold={resources='cpus:12',limits={load_five=24}}}";
    let killed_and_finished = |controller: &str| {
        let controller = format!("{{{controller}={{load_five=24,load_fifteen=22}}}}");
        let summary = tenth_of_oversubscription(estimator, &controller);
        let killed = count(&summary, "containers_killed/reason_container_preempted");
        (killed, count(&summary, "roles/free/tasks_finished"))
    };
    let (all, rest) = killed_and_finished("load");
    let (one, more) = killed_and_finished("threshold");
    assert!(0 < one && 5 * one < all && rest < more, "{all} {rest} {one} {more}");
}

/// A tenth of the experiment: best effort breaks the service's promise, and Heracles over the same estimator keeps
/// most of both.
#[test]
fn oversubscription_heracles_protects_the_service() {
    if !traces_are_there() {
        return;
    }
    let late_and_used = |estimator: &str, controller: &str| {
        let summary = tenth_of_oversubscription(estimator, controller);
        let late = number(&summary, "slo/search/requests_above_target_share");
        (late, number(&summary, "consumption/cpus_revocable_used_mean"))
    };
    let noop = "{ noop = {} }";
    assert_eq!(late_and_used(noop, noop), (0.0, 0.0));
    let (late, used) = late_and_used("{ reclamation = {} }", noop);
    assert!(late > 0.4 && used > 90.0, "{late} {used}");
    let gate = "{ latency_gate = { estimator = { reclamation = {} } } }";
    let (guarded, kept) = late_and_used(gate, "{ latency_slack = {} }");
    assert!(guarded < 0.1 * late && kept > 0.6 * used, "{guarded} {kept}");
}
