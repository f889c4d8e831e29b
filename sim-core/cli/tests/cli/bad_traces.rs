//! Traces that are wrong: file, line and column, and nothing written.

use crate::support::{Sandbox, assert_says};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// A log of 400 jobs of one processor, one each second.
fn swf() -> String {
    (0..400).map(|job| swf_line(job, job)).collect()
}

fn swf_line(job: u32, submit: u32) -> String {
    format!("{job} {submit} 0 30 1 -1 -1 1 30 -1 1 1 1 1 1 1 -1 -1\n")
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

/// A scenario over this workload; the files are in the folder `traces`.
fn sandbox(workload: &str, files: &[(&str, &[u8])]) -> Sandbox {
    let sandbox = Sandbox::new();
    let head = "name = \"traced\"\nseed = 1\n\n[[agents]]\nname = \"node\"\ncount = 50\n\
                resources = \"cpus:4;mem:4096\"\n\n[[frameworks]]\nname = \"all\"\n\n";
    sandbox.write("traced.toml", format!("{head}{workload}\n"));
    for (name, content) in files {
        sandbox.write(&format!("traces/{name}"), content);
    }
    sandbox
}

const SWF: &str = "[workload.swf]\npath = \"traces/log.swf\"";

#[track_caller]
fn refused(workload: &str, files: &[(&str, &[u8])], says: &[&str]) {
    let message = sandbox(workload, files).refused(&["run", "traced.toml", "--out", "results"]);
    assert_says(&message, says);
}

#[test]
fn the_log_without_faults_runs() {
    for log in [swf().into_bytes(), gzip(&swf())] {
        let sandbox = sandbox(SWF, &[("log.swf", &log)]);
        let ran = sandbox.run(&["run", "traced.toml", "--out", "results", "--json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_says(&ran.stdout, &["\"jobs/finished\": 400"]);
    }
}

#[test]
fn missing_files() {
    refused(SWF, &[], &["traces/log.swf", "No such file"]);
    refused(
        SWF,
        &[("log.swf/inside", b"")],
        &["cannot read 'traces/log.swf'", "not a regular file"],
    );
    let openb = "[machines.openb]\npath = \"traces/nodes.csv\"\n\n[workload.swf]\npath = \"traces/log.swf\"";
    refused(openb, &[("log.swf", swf().as_bytes())], &["traces/nodes.csv", "No such file"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_trace_without_an_end() {
    let zeros = "[workload.swf]\npath = \"/dev/zero\"";
    refused(zeros, &[], &["cannot read '/dev/zero'", "not a regular file"]);
}

#[test]
fn truncated_gzip() {
    let whole = gzip(&swf());
    for length in [whole.len() - 1, whole.len() / 2, 11] {
        refused(SWF, &[("log.swf", &whole[..length])], &["traces/log.swf", "truncated"]);
    }
    let mut damaged = whole;
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8].fill(0x55);
    refused(SWF, &[("log.swf", &damaged)], &["traces/log.swf"]);
}

#[test]
fn rows_of_a_log() {
    let late = |line: &str| format!("{}{line}\n", swf());
    refused(
        SWF,
        &[("log.swf", late("400 400 0 30 1").as_bytes())],
        &["traces/log.swf:401: found 5 columns, expected at least 18"],
    );
    refused(
        SWF,
        &[("log.swf", late(&swf_line(400, 399).replace(" 399 ", " soon ")).as_bytes())],
        &["traces/log.swf:401: column 2 (submit time): found `soon`", "a number of seconds"],
    );
    refused(
        SWF,
        &[("log.swf", late(&swf_line(400, 7)).as_bytes())],
        &["traces/log.swf:401: column 2 (submit time)", "time goes backwards", "7s after 399s"],
    );
    refused(SWF, &[("log.swf", b"\x00\xff\x00\xff\n")], &["traces/log.swf:1:", "1 columns"]);
}

#[test]
fn rows_of_a_table() {
    let header = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,\
                  creation_time,deletion_time,scheduled_time\n";
    let openb = "[workload.openb]\npath = \"traces/pods.csv\"";
    let pods = |rows: &str| format!("{header}a,1000,1024,0,0,,LS,Succeeded,0,60,10\n{rows}");
    refused(
        openb,
        &[("pods.csv", pods("b,1000,1024\n").as_bytes())],
        &["traces/pods.csv:3: found 3 columns, expected 11"],
    );
    refused(
        openb,
        &[("pods.csv", pods("b,many,1024,0,0,,LS,Succeeded,5,60,10\n").as_bytes())],
        &["traces/pods.csv:3: column cpu_milli: found `many`, expected a whole number"],
    );
    refused(
        openb,
        &[("pods.csv", pods("b,-5,1024,0,0,,LS,Succeeded,5,60,10\n").as_bytes())],
        &["traces/pods.csv:3: column cpu_milli: found `-5`"],
    );
    let back = pods("b,1,1,0,0,,LS,Succeeded,9,60,10\nc,1,1,0,0,,LS,Succeeded,5,60,10\n");
    refused(
        openb,
        &[("pods.csv", back.as_bytes())],
        &["traces/pods.csv:4: column creation_time: time goes backwards", "`sort = true`"],
    );
    refused(
        openb,
        &[("pods.csv", pods("").replace("cpu_milli", "cpu_mili").as_bytes())],
        &["traces/pods.csv:1: no column `cpu_milli`", "did you mean `cpu_mili`?"],
    );
}

#[test]
fn nothing_to_do() {
    refused(SWF, &[("log.swf", b"")], &["the workload is empty"]);
    refused(SWF, &[("log.swf", b"; only a comment\n")], &["the workload is empty"]);
    let dropped = "1 0 0 -1 1 -1 -1 1 30 -1 1 1 1 1 1 1 -1 -1\n";
    refused(
        SWF,
        &[("log.swf", dropped.as_bytes())],
        &["the workload is empty", "1 negative run time"],
    );
    let none = "[[workload.synthetic.classes]]\nname = \"none\"\njobs = 0\ninterarrival = \"1s\"\n\
                duration = \"1s\"\ndemand = { cpus = 1 }";
    refused(none, &[], &["the workload is empty"]);
    refused("[workload.synthetic]\nclasses = []", &[], &["classes", "at least one class"]);
}

#[test]
fn all_broken_rules_of_a_generator() {
    let classes = "[[workload.synthetic.classes]]\nname = \"bad\"\n\
                   interarrival = { exponential = { mean = \"0s\" } }\n\
                   tasks = { pareto = { scale = -1, shape = nan } }\n\
                   duration = { uniform = { min = \"2s\", max = \"1s\" } }\n\
                   demand = { cpus = 0 }";
    refused(
        classes,
        &[],
        &[
            "classes[0].interarrival",
            "classes[0].tasks.pareto.scale: found -1",
            "classes[0].tasks.pareto.shape: found NaN",
            "classes[0].duration.uniform.max: found 1s",
            "classes[0].demand",
        ],
    );
}
