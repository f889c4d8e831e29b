//! The Standard Workload Format.

mod common;

use common::{Files, assert_close, config, gzip, jobs, message, trace};
use policy_api::{Scalar, Span, Time};
use workloads::swf::SwfConfig;
use workloads::{Job, Workload, WorkloadError, ensure_not_empty};

struct Expected {
    log: &'static str,
    rows: u64,
    usable: u64,
    cpu_seconds: f64,
    negative: u64,
    no_processors: u64,
    users: usize,
}

/// Counts and sums of the check values of the five logs.
const LOGS: [Expected; 5] = [
    Expected {
        log: "KTH-SP2-1996-2.1-cln",
        rows: 28_476,
        usable: 28_475,
        cpu_seconds: 2_016_591_520.0,
        negative: 0,
        no_processors: 1,
        users: 214,
    },
    Expected {
        log: "LANL-CM5-1994-4.1-cln",
        rows: 122_060,
        usable: 122_057,
        cpu_seconds: 47_425_080_608.0,
        negative: 0,
        no_processors: 3,
        users: 213,
    },
    Expected {
        log: "METACENTRUM-2009-2",
        rows: 103_656,
        usable: 103_656,
        cpu_seconds: 4_463_326_464.0,
        negative: 0,
        no_processors: 0,
        users: 147,
    },
    Expected {
        log: "NASA-iPSC-1993-3.1-cln",
        rows: 18_239,
        usable: 18_239,
        cpu_seconds: 474_238_015.0,
        negative: 0,
        no_processors: 0,
        users: 69,
    },
    Expected {
        log: "wagap-2013",
        rows: 17_900,
        usable: 17_898,
        cpu_seconds: 9_647_254_226.0,
        negative: 2,
        no_processors: 0,
        users: 75,
    },
];

#[test]
fn recorded_logs_give_their_check_values() {
    for expected in &LOGS {
        let Some(path) = trace(&format!("swf/{}.swf.gz", expected.log)) else { continue };
        let config: SwfConfig = config("path = $LOG", &[("$LOG", &path)]);
        let mut workload = config.open().unwrap();
        let jobs = jobs(&mut workload);
        let tally = workload.tally();
        assert_eq!(tally.rows, expected.rows, "{}", expected.log);
        assert_eq!(tally.jobs, expected.usable, "{}", expected.log);
        assert_eq!(tally.dropped_for("negative run time"), expected.negative, "{}", expected.log);
        assert_eq!(tally.dropped_for("no processors"), expected.no_processors, "{}", expected.log);
        assert_eq!(tally.jobs + tally.dropped_total(), tally.rows, "{}", expected.log);
        assert_close(tally.cpu_seconds, expected.cpu_seconds);
        let mut users: Vec<_> = jobs.iter().map(|job| &job.user).collect();
        users.sort();
        users.dedup();
        assert_eq!(users.len(), expected.users, "{}", expected.log);
        assert_eq!(jobs[0].arrival, Time::ZERO);
        assert_eq!(tally.tasks, jobs.iter().map(Job::task_count).sum::<u64>());
    }
}

/// 18 fields; those that are not given are unknown.
fn row(job: u32, submit: &str, run: &str, allocated: &str) -> String {
    format!("  {job} {submit}  -1 {run} {allocated} -1 -1 -1 -1 -1 1 7 3 5 2 4 -1 -1\n")
}

fn open(
    log: impl AsRef<[u8]>,
    options: &str,
) -> (Files, Result<workloads::swf::Swf, WorkloadError>) {
    let files = Files::new();
    let path = files.write("log.swf", log);
    let config: SwfConfig = config(&format!("path = $LOG\n{options}"), &[("$LOG", &path)]);
    let opened = config.open();
    (files, opened)
}

#[test]
fn a_rigid_job_becomes_tasks_of_one_cpu() {
    let log = format!(
        "; Version: 2.2\n\n;\n{}\r\n{}",
        row(15, "599850", "3477", "4"),
        row(16, "599851.5", "0", "1")
    );
    let (_files, opened) = open(log, "");
    let mut workload = opened.unwrap();
    let jobs = jobs(&mut workload);
    assert_eq!(jobs.len(), 2);
    let job = &jobs[0];
    assert_eq!((&*job.name, &*job.user, &*job.queue, job.priority), ("15", "7", "2", 0));
    assert_eq!(job.arrival, Time::ZERO, "counted from the first row");
    assert_eq!(job.tasks.len(), 1);
    assert_eq!((job.tasks[0].count, job.tasks[0].duration), (4, Span::from_secs(3477)));
    assert_eq!(job.shapes[0].demand[Scalar::Cpus], 1000);
    assert_eq!(job.shapes[0].demand[Scalar::Mem], 1024 * 1000, "the default");
    assert_eq!(jobs[1].arrival, Time::from_nanos(1_500_000_000));
    assert_eq!(jobs[1].tasks[0].duration, Span::ZERO, "a run time of 0 is kept");
    let tally = workload.tally();
    assert_eq!((tally.rows, tally.jobs, tally.tasks), (2, 2, 5));
    assert_eq!(tally.repaired_for("memory unknown: the default"), 2);
    assert_close(tally.cpu_seconds, 4.0 * 3477.0);
    assert_close(tally.mem_seconds, 1024.0 * 4.0 * 3477.0);
}

#[test]
fn submit_times_are_kept_or_sped_up_on_request() {
    let log = row(1, "100", "10", "1") + &row(2, "130", "10", "1");
    let (_files, opened) = open(&log, "from_zero = false");
    let arrivals: Vec<_> = jobs(&mut opened.unwrap()).iter().map(|job| job.arrival).collect();
    assert_eq!(arrivals, [Time::from_secs(100), Time::from_secs(130)]);

    let (_files, opened) = open(&log, "speed_up = 4");
    let sped_up = jobs(&mut opened.unwrap());
    assert_eq!(sped_up[1].arrival, Time::from_nanos(7_500_000_000));
    assert_eq!(sped_up[1].tasks[0].duration, Span::from_secs(10), "durations are untouched");
}

#[test]
fn unusable_rows_are_dropped_by_reason() {
    let log = row(1, "0", "-1", "1")
        + &row(2, "0", "10", "-1")
        + &row(3, "0", "10", "0")
        + &row(4, "0", "-1363562431", "1")
        + &row(5, "0", "10", "2");
    let (_files, opened) = open(log, "");
    let mut workload = opened.unwrap();
    assert_eq!(jobs(&mut workload).len(), 1);
    let tally = workload.tally();
    assert_eq!(tally.dropped, [("negative run time", 2), ("no processors", 2)]);
    assert_eq!(
        tally.to_string(),
        "1 jobs, 2 tasks from 5 rows; dropped: 2 negative run time, 2 no processors; \
         repaired: 1 memory unknown: the default"
    );
}

#[test]
fn processors_and_memory_fall_back_field_by_field() {
    let log = "1 0 -1 10 -1 -1 2048 8 -1 4096 1 1 1 1 1 1 -1 -1\n\
               2 0 -1 10 2 -1 2048 8 -1 -1 1 1 1 1 1 1 -1 -1\n\
               3 0 -1 10 2 -1 512.5 8 -1 -1 1 1 1 1 1 1 -1 -1\n";
    let (_files, opened) = open(log, "");
    let jobs = jobs(&mut opened.unwrap());
    let seen: Vec<_> =
        jobs.iter().map(|job| (job.tasks[0].count, job.shapes[0].demand[Scalar::Mem])).collect();
    assert_eq!(seen, [(8, 4000), (2, 2000), (2, 501)]);

    let (_files, opened) = open(log, "mem_per_task = '100MB'");
    assert_eq!(self::jobs(&mut opened.unwrap())[0].shapes[0].demand[Scalar::Mem], 100_000);
}

#[test]
fn appended_columns_give_the_queue_and_the_nodes() {
    let log = "0 0 0 10 4 1 1024 4 86400 1073741824 1 62 1 1 -1 1 1 1 {7,7,9,9} q_1d 2:ppn=2\n";
    let (_files, opened) = open(log, "requested_memory = 'bytes_per_node'");
    let jobs = jobs(&mut opened.unwrap());
    assert_eq!(&*jobs[0].queue, "q_1d");
    assert_eq!(jobs[0].shapes[0].demand[Scalar::Mem], 512_000, "2 nodes of 1 GiB for 4 tasks");
    for (choice, queue) in [("group", "1"), ("executable", "1"), ("partition", "1")] {
        let (_files, opened) = open(log, &format!("queue_from = '{choice}'"));
        assert_eq!(&*self::jobs(&mut opened.unwrap())[0].queue, queue);
    }
}

#[test]
fn gzip_is_told_by_its_first_bytes_and_may_have_several_members() {
    let mut log = gzip(&row(1, "0", "1", "1"));
    log.extend(gzip(&row(2, "1", "1", "1")));
    let (_files, opened) = open(&log, "");
    assert_eq!(jobs(&mut opened.unwrap()).len(), 2);

    let (_files, opened) = open(&log[..log.len() - 12], "");
    assert_eq!(
        message(opened),
        "log.swf: the gzip data are truncated: they end in the middle of a member"
    );
}

#[test]
fn max_jobs_cuts_the_log() {
    let log: String = (0..10).map(|job| row(job, "5", "1", "1")).collect();
    let (_files, opened) = open(log, "max_jobs = 3");
    let mut workload = opened.unwrap();
    assert_eq!(jobs(&mut workload).len(), 3);
    assert_eq!(workload.tally().jobs, 3);
}

#[test]
fn errors_name_their_place() {
    let good = row(1, "10", "1", "1");
    let cases = [
        ("; head\n1 2 3\n".to_owned(), "log.swf:2: found 3 columns, expected at least 18"),
        (
            good.clone() + &row(2, "9.5", "1", "1"),
            "log.swf:2: column 2 (submit time): time goes backwards: found 9.5s after 10s",
        ),
        (
            good.clone() + &row(2, "x", "1", "1"),
            "log.swf:2: column 2 (submit time): found `x`, expected a number of seconds",
        ),
        (
            row(1, "0", "1h", "1"),
            "log.swf:1: column 4 (run time): found `1h`, expected a number of seconds",
        ),
        (
            row(1, "0", "1", "many"),
            "log.swf:1: column 5 (allocated processors): found `many`, expected a number of at \
             most 1000000000000000, or -1 for unknown",
        ),
        (
            row(1, "0", "1", "5000000000"),
            "log.swf:1: column 5 (allocated processors): found `5000000000`, expected a whole \
             number of at most 4294967295",
        ),
    ];
    for (log, expected) in cases {
        let (_files, opened) = open(log, "");
        assert_eq!(message(opened), expected);
    }
    let (_files, opened) = open(row(1, "-5", "1", "1"), "from_zero = false");
    assert_eq!(
        message(opened),
        "log.swf:1: column 2 (submit time): found `-5`, expected a number of seconds of at least 0"
    );
    let (_files, opened) = open(good, "speed_up = 0");
    assert_eq!(message(opened), "speed_up: found 0, expected a number greater than 0");
    let missing: SwfConfig = config("path = '/nowhere/log.swf'", &[]);
    assert!(message(missing.open()).starts_with("log.swf: No such file"));
}

#[test]
fn after_an_error_the_workload_ends() {
    let (_files, opened) = open("1 2\n".to_owned() + &row(1, "0", "1", "1"), "");
    let mut workload = opened.unwrap();
    assert!(workload.next().is_some_and(|job| job.is_err()));
    assert!(workload.next().is_none());
}

#[test]
fn a_log_without_jobs_is_an_error() {
    let (_files, opened) = open("; only a comment\n".to_owned() + &row(1, "0", "-1", "1"), "");
    let error = ensure_not_empty(opened.unwrap()).err().unwrap();
    assert_eq!(
        error.to_string(),
        "the workload is empty: no job at all (0 jobs, 0 tasks from 1 rows; \
         dropped: 1 negative run time)"
    );
}

#[test]
fn the_job_that_was_read_ahead_is_not_lost() {
    let (_files, opened) = open(row(1, "0", "1", "1") + &row(2, "0", "1", "1"), "");
    let mut workload = ensure_not_empty(opened.unwrap()).unwrap();
    let names: Vec<_> = jobs(&mut workload).iter().map(|job| job.name.to_string()).collect();
    assert_eq!(names, ["1", "2"]);
}
