//! Google `ClusterData` 2011.

mod common;

use common::{Files, assert_close, config, gzip, jobs, message, trace};
use policy_api::{Scalar, Span, Time};
use sim_core::{Constraint, Streams};
use std::collections::BTreeSet;
use std::path::PathBuf;
use workloads::google2011::{Google2011, Google2011Config, Rule};
use workloads::machine::Google2011MachinesConfig;
use workloads::units::{Count, Memory};
use workloads::{Job, Workload, WorkloadError, ensure_not_empty};

/// Parts 0 to 6, if they are here.
fn recorded() -> Option<Google2011Config> {
    let parts = |table: &str| -> Option<Vec<PathBuf>> {
        (0..7)
            .map(|part| trace(&format!("google-2011/{table}-part-{part:05}-of-00500.csv.gz")))
            .collect()
    };
    let mut config: Google2011Config = config("task_events = []\njob_events = []", &[]);
    config.task_events = parts("task_events")?;
    config.job_events = parts("job_events")?;
    Some(config)
}

fn users(jobs: &[Job]) -> usize {
    jobs.iter().map(|job| &job.user).collect::<BTreeSet<_>>().len()
}

/// Mean and maximum of the durations, in seconds.
fn durations(jobs: &[Job]) -> (f64, f64) {
    let runs = || jobs.iter().flat_map(|job| &job.tasks);
    let sum: f64 = runs().map(|run| f64::from(run.count) * run.duration.as_secs_f64()).sum();
    let tasks: u64 = jobs.iter().map(Job::task_count).sum();
    let longest = runs().map(|run| run.duration).max().unwrap_or(Span::ZERO);
    (sum / tasks as f64, longest.as_secs_f64())
}

#[test]
fn rule_a_gives_its_check_values() {
    let Some(mut config) = recorded() else { return };
    config.rule = Rule::Finish;
    let mut workload = config.open().unwrap();
    let jobs = jobs(&mut workload);
    let tally = workload.tally();
    assert_eq!((tally.jobs, tally.tasks), (6_048, 157_581));
    assert_eq!(users(&jobs), 80);
    assert_close(tally.cpu_seconds, 7_339_705.972_748);
    assert_close(tally.mem_seconds, 5_209_097.337_091);
    let (mean, max) = durations(&jobs);
    assert_close(mean, 1_145.759_118);
    assert_close(max, 22_919.262_766);
    assert_eq!(tally.dropped_for("last run not finished"), 196_735 - 157_581);
}

#[test]
fn rule_b_gives_its_check_values() {
    let Some(config) = recorded() else { return };
    let mut workload = config.open().unwrap();
    let complete = workload.tally().clone();
    let jobs = jobs(&mut workload);
    let tally = workload.tally();
    assert_eq!(*tally, complete, "known before the first job");
    assert_eq!((tally.jobs, tally.tasks), (7_464, 196_735));
    assert_eq!(jobs.len(), 7_464);
    assert_eq!(jobs.iter().map(Job::task_count).sum::<u64>(), 196_735);
    assert_eq!(users(&jobs), 95);
    assert_close(tally.cpu_seconds, 10_681_750.726_628);
    assert_close(tally.mem_seconds, 7_675_667.032_793);
    let (mean, max) = durations(&jobs);
    assert_close(mean, 1_279.832_355);
    assert_close(max, 22_919.266_430);
    // The facts of the window.
    assert_eq!(tally.rows, 1_240_991 + 30_921);
    assert_eq!(tally.tasks + tally.dropped_total(), 371_702, "all tasks seen");
    assert_eq!(tally.dropped_for("not of a new job"), 371_702 - 227_318);
    assert_eq!(tally.dropped_for("never scheduled"), 7_811);
    assert_eq!(tally.dropped_for("never submitted"), 0);
    assert_eq!(tally.dropped_for("empty request"), 0);
    assert_eq!(tally.dropped_for("no complete run"), 227_318 - 7_811 - 196_735);
    let unique =
        jobs.iter().flat_map(|job| &job.shapes).filter(|shape| !shape.constraints.is_empty());
    assert!(unique.count() > 0, "different-machines occurs");
}

#[test]
fn the_scale_changes_amounts_but_no_order() {
    let Some(mut config) = recorded() else { return };
    config.max_jobs = Some(200);
    let largest = jobs(&mut config.open().unwrap());
    config.largest_cpus = Count::whole(32);
    config.largest_mem = Memory::from_gib(128);
    let halved = jobs(&mut config.open().unwrap());
    assert_eq!((largest.len(), halved.len()), (200, 200));
    for (one, half) in largest.iter().zip(&halved) {
        assert_eq!((&one.name, one.arrival, &one.tasks), (&half.name, half.arrival, &half.tasks));
        for (one, half) in one.shapes.iter().zip(&half.shapes) {
            for scalar in [Scalar::Cpus, Scalar::Mem] {
                assert!(one.demand[scalar].abs_diff(2 * half.demand[scalar]) <= 1);
            }
        }
    }
}

#[test]
fn recorded_machines_have_their_totals() {
    let Some(path) = trace("google-2011/machines.csv.gz") else { return };
    let toml = "path = $LIST\nlargest_cpus = 1000\nlargest_mem = '1000GiB'";
    let mut config: Google2011MachinesConfig = config(toml, &[("$LIST", &path)]);
    let machines = config.read(&Streams::new(1)).unwrap();
    assert_eq!(machines.len(), 12_580);
    let total = machines.iter().fold(policy_api::Quantities::ZERO, |sum, m| sum + m.total);
    assert_eq!(total[Scalar::Cpus], 6_657_500_000, "6657.5 times the largest");
    let mem = total[Scalar::Mem] as f64 / (1_000.0 * 1024.0 * 1000.0);
    assert!((mem - 5_913.6).abs() < 0.05, "memory {mem} times the largest");
    let platforms: BTreeSet<_> = machines.iter().map(|machine| &machine.attributes[0].1).collect();
    assert_eq!(platforms.len(), 3);

    config.sample = Some(700);
    let sample = config.read(&Streams::new(1)).unwrap();
    assert_eq!(sample.len(), 700);
    assert_eq!(sample, config.read(&Streams::new(1)).unwrap(), "the seed decides");
    assert_ne!(sample, config.read(&Streams::new(2)).unwrap());
    let cpus: i64 = sample.iter().map(|machine| machine.total[Scalar::Cpus]).sum();
    assert!((cpus - 370_500_000).abs() < 370_500_000 / 10, "a fair sample: {cpus}");
}

/// A row of the task events.
fn task(time: u64, job: u64, index: u32, event: u8, rest: &str) -> String {
    format!("{time},,{job},{index},,{event},U=,2,{rest}\n")
}

/// Priority 9, half a cpu of four, an eighth of the memory, no flag.
const REQUEST: &str = "9,0.125,0.125,0.001,0";

fn window(tasks: &[String], jobs: &str, options: &str) -> Result<Google2011, WorkloadError> {
    let files = Files::new();
    let mut config: Google2011Config = config(
        &format!(
            "task_events = []\njob_events = []\nlargest_cpus = 4\nlargest_mem = '8GiB'\n{options}"
        ),
        &[],
    );
    let parts = tasks.iter().enumerate();
    config.task_events =
        parts.map(|(part, rows)| files.write(&format!("tasks-{part}"), gzip(rows))).collect();
    config.job_events = vec![files.write("jobs", jobs)];
    config.open()
}

/// Job 1 is old, jobs 5 to 8 are new.
const JOBS: &str = "0,,1,0,old=,0,,\n700,,8,0,W=,1,,\n700,,5,0,U=,2,,\n\
                    700,,6,0,U=,3,,\n700,,7,0,,3,,\n\
                    800,,5,1,U=,2,,\n";

#[test]
fn a_run_is_a_schedule_and_the_very_next_end() {
    let rows = [
        task(0, 1, 0, 0, REQUEST) + &task(0, 1, 0, 1, REQUEST),
        // A resubmission of an old task is not new work.
        task(650, 1, 0, 2, REQUEST) + &task(651, 1, 0, 0, REQUEST)
            // Evicted, failed, killed while pending: the run of 30 us counts, with the first
            // request.
            + &task(1_000, 5, 0, 0, REQUEST)
            + &task(1_010, 5, 0, 1, REQUEST)
            + &task(1_020, 5, 0, 2, REQUEST)
            + &task(1_021, 5, 0, 0, "9,0.5,0.5,0,0")
            + &task(1_030, 5, 0, 1, REQUEST),
        task(1_060, 5, 0, 3, REQUEST)
            + &task(1_061, 5, 0, 0, REQUEST)
            + &task(1_062, 5, 0, 5, REQUEST)
            // Parted by an update: no complete run.
            + &task(1_070, 5, 1, 0, REQUEST)
            + &task(1_071, 5, 1, 1, REQUEST)
            + &task(1_072, 5, 1, 8, REQUEST)
            + &task(1_073, 5, 1, 4, REQUEST)
            // Never scheduled, and scheduled without a submission.
            + &task(1_080, 5, 2, 0, REQUEST)
            + &task(1_081, 5, 3, 1, REQUEST)
            + &task(1_082, 5, 3, 4, REQUEST)
            // Nothing requested.
            + &task(1_083, 5, 4, 0, "9,,,,")
            + &task(1_084, 5, 4, 1, "9,,,,")
            + &task(1_085, 5, 4, 4, "9,,,,"),
    ];
    let mut workload = window(&rows, JOBS, "").unwrap();
    let tally = workload.tally().clone();
    assert_eq!((tally.rows, tally.jobs, tally.tasks), (6 + 22, 1, 1));
    assert_eq!(
        tally.dropped,
        [
            ("not of a new job", 1),
            ("no complete run", 1),
            ("never scheduled", 1),
            ("never submitted", 1),
            ("empty request", 1)
        ]
    );
    let jobs = jobs(&mut workload);
    assert_eq!(
        (&*jobs[0].name, &*jobs[0].user, &*jobs[0].queue, jobs[0].priority),
        ("5", "U=", "2", 9)
    );
    assert_eq!(jobs[0].arrival, Time::ZERO, "counted from the first arrival");
    assert_eq!(jobs[0].tasks[0].duration, Span::from_micros(30));
    assert_eq!(jobs[0].shapes[0].demand.to_string(), "cpus:0.5;mem:1024", "no disk by default");
    assert!(jobs[0].shapes[0].constraints.is_empty());
    assert_close(tally.cpu_seconds, 0.125 * 30e-6);

    let finished = window(&rows, JOBS, "rule = 'finish'").unwrap();
    assert_eq!(finished.tally().dropped_for("last run not finished"), 1);
    assert_eq!(
        ensure_not_empty(finished).err().unwrap().to_string().split('(').next(),
        Some("the workload is empty: no job at all ")
    );
}

/// One task from SUBMIT to FINISH in three rows, after each other.
fn life(submit: u64, job: u64, index: u32, length: u64, request: &str) -> [(u64, String); 3] {
    [(0, 0), (1, 1), (1 + length, 4)]
        .map(|(after, event)| (submit + after, task(submit + after, job, index, event, request)))
}

fn in_time_order(lives: Vec<[(u64, String); 3]>) -> String {
    let mut rows: Vec<_> = lives.into_iter().flatten().collect();
    rows.sort_by_key(|(time, _)| *time);
    rows.into_iter().map(|(_, row)| row).collect()
}

#[test]
fn jobs_come_by_arrival_then_row_and_tasks_by_submission_then_index() {
    let flagged = "9,0.125,0.125,0.001,1";
    let rows = in_time_order(vec![
        life(1_000, 7, 0, 50, REQUEST),
        life(1_000, 6, 1, 60, REQUEST),
        life(1_000, 6, 0, 60, REQUEST),
        life(1_004, 6, 9, 60, flagged),
        life(1_002, 6, 10, 60, REQUEST),
        life(900, 8, 0, 10, REQUEST),
    ]);
    let options = "largest_disk = '1TiB'\nfrom_zero = false";
    let mut workload = window(std::slice::from_ref(&rows), JOBS, options).unwrap();
    let jobs = jobs(&mut workload);
    let names: Vec<_> = jobs.iter().map(|job| &*job.name).collect();
    assert_eq!(names, ["8", "7", "6"], "ties in the order of the task events");
    assert_eq!(jobs[0].arrival, Time::from_nanos(900_000));
    assert_eq!(&*jobs[1].user, "", "unknown");
    let job = &jobs[2];
    assert_eq!(job.shapes.len(), 2);
    assert_eq!(job.shapes[0].demand.to_string(), "cpus:0.5;disk:1048.576;mem:1024");
    assert_eq!(job.shapes[1].constraints, [Constraint::UniqueAgent]);
    let runs: Vec<_> = job.tasks.iter().map(|run| (run.shape, run.count)).collect();
    assert_eq!(runs, [(0, 3), (1, 1)], "alike tasks are merged, in the order of submission");

    let options = "honour_different_machines = false\nspeed_up = 2\nmax_jobs = 2";
    let mut workload = window(&[rows], JOBS, options).unwrap();
    assert_eq!(workload.tally().dropped, [("beyond max_jobs", 4)]);
    let jobs = self::jobs(&mut workload);
    assert_eq!(jobs.len(), 2);
    assert_eq!(jobs[1].arrival, Time::from_nanos(50_000));
    assert_eq!(jobs[1].tasks[0].duration, Span::from_micros(50), "durations are untouched");
}

#[test]
fn the_flag_can_be_ignored() {
    let rows = in_time_order(vec![life(1_000, 6, 0, 60, "9,0.125,0.125,0.001,1")]);
    let mut workload = window(&[rows], JOBS, "honour_different_machines = false").unwrap();
    assert!(jobs(&mut workload)[0].shapes[0].constraints.is_empty());
}

#[test]
fn events_after_the_end_of_the_trace_end_nothing() {
    let rows = task(1_000, 6, 0, 0, REQUEST)
        + &task(1_001, 6, 0, 1, REQUEST)
        + &task((1 << 63) - 1, 6, 0, 4, REQUEST);
    let workload = window(&[rows], JOBS, "").unwrap();
    assert_eq!(workload.tally().dropped, [("no complete run", 1)]);
    assert_eq!(workload.tally().rows, 6 + 3);
}

#[test]
fn errors_name_their_place() {
    let good = task(1_000, 6, 0, 0, REQUEST);
    let one = |row: &str| vec![good.clone() + row + "\n"];
    let cases = [
        (one("1,2,3"), "tasks-0:2: found 3 columns, expected 13"),
        (
            one("999,,6,0,,1,U=,2,9,0,0,0,0"),
            "tasks-0:2: column 1 (time): time goes backwards: found 999 after 1000 \
             (are the parts listed in the order of time?)",
        ),
        (
            one("1001,,6,-1,,1,U=,2,9,0,0,0,0"),
            "tasks-0:2: column 4 (task index): found `-1`, expected a whole number from 0 to 4294967295",
        ),
        (
            one("1001,,6,0,,9,U=,2,9,0,0,0,0"),
            "tasks-0:2: column 6 (event): found `9`, expected a whole number from 0 to 8",
        ),
        (
            one("1001,,6,0,,1,U=,2,9,NaN,0,0,0"),
            "tasks-0:2: column 10 (cpu request): found `NaN`, expected a number from 0 to 1000",
        ),
        (
            one("18446744073709552,,6,0,,1,U=,2,9,0,0,0,0"),
            "tasks-0:2: column 1 (time): found `18446744073709552`, expected at most \
             18446744073709551 or exactly 9223372036854775807",
        ),
        (
            vec![good.clone(), task(999, 6, 0, 1, REQUEST)],
            "tasks-1:1: column 1 (time): time goes backwards: found 999 after 1000 \
             (are the parts listed in the order of time?)",
        ),
    ];
    for (parts, expected) in cases {
        assert_eq!(message(window(&parts, JOBS, "")), expected);
    }
    assert_eq!(
        message(window(std::slice::from_ref(&good), "700,,x,0,U=,2,,\n", "")),
        "jobs:1: column 3 (job): found `x`, expected a whole number from 0 to 18446744073709551615"
    );
    assert_eq!(
        message(window(&[], JOBS, "speed_up = -1")),
        "speed_up: found -1, expected a number greater than 0\n\
         task_events: found no file, expected at least one"
    );
}

#[test]
fn a_truncated_part_says_so() {
    let files = Files::new();
    let rows = gzip(&task(1_000, 6, 0, 0, REQUEST));
    let mut config: Google2011Config = config("task_events = []\njob_events = []", &[]);
    config.task_events = vec![files.write("tasks", &rows[..rows.len() - 9])];
    config.job_events = vec![files.write("jobs", JOBS)];
    assert_eq!(
        message(config.open()),
        "tasks: the gzip data are truncated: they end in the middle of a member"
    );
}

#[test]
fn machines_are_scaled() {
    let files = Files::new();
    let list = "machine_id,cpu,memory,platform\n5,0.5,0.2493,P=\n6,1,1,\n";
    let path = files.write("machines", list);
    let config: Google2011MachinesConfig =
        config("path = $LIST\ndisk = '2TiB'", &[("$LIST", &path)]);
    let machines = config.read(&Streams::new(1)).unwrap();
    assert_eq!(machines[0].total.to_string(), "cpus:32;disk:2097152;mem:65352.499");
    assert_eq!(machines[0].attributes, [("platform".into(), "P=".into())]);
    assert_eq!(machines[1].total[Scalar::Mem], 256 * 1024 * 1000);
    assert!(machines[1].attributes.is_empty());
}
