//! Whatever stands in a file, a reader ends with jobs or an error, and always with the same.

mod common;

use common::{Files, config, gzip, message};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use sim_core::Streams;
use std::fmt::Write;
use std::path::Path;
use workloads::google2011::Google2011Config;
use workloads::machine::OpenbMachinesConfig;
use workloads::openb::OpenbConfig;
use workloads::{Job, WorkloadConfig, WorkloadError};

const PODS: &str = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,\
                    deletion_time,scheduled_time\n";

/// Fields that are likely to pass the checks, and some that are not.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0_u32..12).prop_map(|number| number.to_string()),
        1 => Just(String::new()),
        1 => Just("-1".to_owned()),
        1 => any::<u64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        1 => Just("9223372036854775807".to_owned()),
        1 => Just("LS".to_owned()),
        1 => "\\PC{0,6}",
    ]
}

fn rows(fields: usize, separator: &'static str) -> impl Strategy<Value = String> {
    let row = prop::collection::vec(field(), fields - 1..fields + 2);
    prop::collection::vec(row, 0..6)
        .prop_map(move |rows| rows.iter().map(|row| row.join(separator) + "\n").collect())
}

/// Reads to the end; the result as text, to compare.
fn read(toml: &str, paths: &[(&str, &Path)]) -> String {
    let config: WorkloadConfig = config(toml, paths);
    match config.open(&Streams::new(1)) {
        Ok(mut workload) => {
            let jobs: Vec<Result<Job, WorkloadError>> = workload.by_ref().collect();
            let tally = workload.tally();
            assert!(tally.jobs <= tally.rows, "{tally}");
            format!("{jobs:?} {tally:?}")
        }
        Err(error) => error.to_string(),
    }
}

proptest! {
    #[test]
    fn swf_never_panics(log in rows(18, " ")) {
        let files = Files::new();
        let path = files.write("log", log);
        let options = "[swf]\npath = $LOG\nspeed_up = 0.001\nrequested_memory = 'bytes_per_node'";
        let first = read(options, &[("$LOG", &path)]);
        prop_assert_eq!(first, read(options, &[("$LOG", &path)]));
    }

    #[test]
    fn openb_never_panics(list in rows(11, ","), sort in any::<bool>()) {
        let files = Files::new();
        let path = files.write("pods", PODS.to_owned() + &list);
        let options = format!("[openb]\npath = $PODS\nsort = {sort}");
        let first = read(&options, &[("$PODS", &path)]);
        prop_assert_eq!(first, read(&options, &[("$PODS", &path)]));
    }

    #[test]
    fn google_never_panics(tasks in rows(13, ","), jobs in rows(8, ",")) {
        let files = Files::new();
        let paths = [("$T", files.write("tasks", tasks)), ("$J", files.write("jobs", jobs))];
        let paths = paths.each_ref().map(|(name, path)| (*name, path.as_path()));
        let options = "[google_2011]\ntask_events = [$T]\njob_events = [$J]";
        prop_assert_eq!(read(options, &paths), read(options, &paths));
    }

    #[test]
    fn node_lists_never_panic(list in rows(5, ",")) {
        let files = Files::new();
        let path = files.write("nodes", "sn,cpu_milli,memory_mib,gpu,model\n".to_owned() + &list);
        let config: OpenbMachinesConfig = config("path = $N", &[("$N", &path)]);
        if let Ok(machines) = config.read(&Streams::new(1)) {
            prop_assert!(machines.len() <= list.lines().count());
        }
    }
}

#[test]
fn lines_are_counted_with_any_line_end() {
    let files = Files::new();
    let good = "a,1,1,0,0,,LS,,0,5,0";
    for (end, name) in [("\n", "unix"), ("\r\n", "windows")] {
        let list = format!("{}{end}{good}{end}{good}{end}short{end}{end}", PODS.trim_end());
        let path = files.write(name, list);
        let config: OpenbConfig = config("path = $PODS", &[("$PODS", &path)]);
        assert_eq!(message(config.open()), format!("{name}:4: found 1 columns, expected 11"));
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let files = Files::new();
    let mut config: Google2011Config = config("task_events = []\njob_events = []", &[]);
    let mut job_events = String::new();
    for part in 0..7_u64 {
        let mut rows = String::new();
        for step in 0..40_u64 {
            let (time, job) = (1 + part * 1_000 + step * 10, (part * 31 + step * 17) % 23);
            let request = format!("{},0.{},0.5,0,{}", step % 12, job + 1, step % 2);
            for (after, event) in [(0, 0), (1, 1), (2 + step % 3, 4)] {
                writeln!(rows, "{},,{job},{step},,{event},u{job},1,{request}", time + after)
                    .unwrap();
            }
        }
        config.task_events.push(files.write(&format!("tasks-{part}"), gzip(&rows)));
    }
    for job in 0..20 {
        writeln!(job_events, "1,,{job},0,u{},2,,", job % 5).unwrap();
    }
    config.job_events.push(files.write("jobs", job_events));
    let read = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut workload = pool.install(|| config.open()).unwrap();
        let jobs: Vec<_> = workload.by_ref().map(Result::unwrap).collect();
        assert_eq!(jobs.len(), 20);
        format!("{jobs:?}")
    };
    let alone = read(1);
    for threads in [2, 5, 16] {
        assert_eq!(alone, read(threads), "{threads} threads");
    }
}
