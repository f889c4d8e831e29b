//! Pods and nodes of openb.

mod common;

use common::{Files, assert_close, config, gzip, jobs, message, trace, without_folders};
use policy_api::{Scalar, Span, Time};
use sim_core::{Constraint, Streams};
use workloads::machine::OpenbMachinesConfig;
use workloads::openb::{Openb, OpenbConfig};
use workloads::{MachineTraceConfig, Workload, WorkloadError};

#[test]
fn recorded_lists_give_their_check_values() {
    for (list, constrained) in [
        ("openb_pod_list_default.first_half.csv", None),
        ("openb_pod_list_gpuspec10.first_half.csv", Some(10)),
    ] {
        let Some(path) = trace(&format!("alibaba-openb-2023/{list}")) else { continue };
        let config: OpenbConfig = config("path = $LIST", &[("$LIST", &path)]);
        let mut workload = config.open().unwrap();
        let jobs = jobs(&mut workload);
        let tally = workload.tally();
        assert_eq!((tally.rows, tally.jobs, tally.tasks), (4_076, 3_708, 3_708), "{list}");
        assert_eq!(jobs.len(), 3_708);
        assert_eq!(tally.dropped, [("unscheduled", 368)], "{list}");
        assert_close(tally.cpu_seconds, 2_201_059_019.48);
        assert_close(tally.mem_seconds, 5_205_610_452.464_844);
        assert_close(tally.gpu_seconds, 155_256_565.24);
        let with_models = jobs.iter().filter(|job| !job.shapes[0].constraints.is_empty()).count();
        let share = with_models * 100 / jobs.len();
        assert!(constrained.is_none_or(|percent| share.abs_diff(percent) <= 5), "{share} %");
        let mean =
            jobs.iter().map(|job| job.tasks[0].duration.as_secs_f64()).sum::<f64>() / 3_708.0;
        assert!((mean - 50_733.0).abs() < 0.5, "mean run time {mean}");
    }
}

#[test]
fn recorded_list_without_times_arrives_at_once() {
    let Some(path) = trace("alibaba-openb-2023/openb_pod_list_multigpu20.csv") else { return };
    let config: OpenbConfig = config("path = $LIST\nduration = '10m'", &[("$LIST", &path)]);
    let mut workload = config.open().unwrap();
    let jobs = jobs(&mut workload);
    assert_eq!(jobs.len(), 8_324);
    assert!(jobs.iter().all(|job| job.arrival == Time::ZERO));
    assert!(jobs.iter().all(|job| job.tasks[0].duration == Span::from_secs(600)));
}

#[test]
fn recorded_nodes_have_their_totals() {
    let Some(path) = trace("alibaba-openb-2023/openb_node_list_all_node.csv") else { return };
    let config: OpenbMachinesConfig = config("path = $LIST", &[("$LIST", &path)]);
    let machines = config.read(&Streams::new(1)).unwrap();
    assert_eq!(machines.len(), 1_523);
    let total = machines.iter().fold(policy_api::Quantities::ZERO, |sum, m| sum + m.total);
    assert_eq!(total[Scalar::Cpus], 125_514 * 1000);
    assert_eq!(total[Scalar::Gpus], 6_212 * 1000);
    assert_eq!(total[Scalar::Mem] / 1024 / 1000, 597_684);
    assert_eq!(machines.iter().filter(|machine| machine.attributes.is_empty()).count(), 310);
    let of_model = |model: &str| -> i64 {
        let has = |m: &&workloads::Machine| m.attributes.iter().any(|(_, value)| &**value == model);
        machines.iter().filter(has).map(|machine| machine.total[Scalar::Gpus] / 1000).sum()
    };
    for (model, gpus) in [
        ("G2", 4_392),
        ("T4", 842),
        ("G3", 312),
        ("P100", 265),
        ("V100M32", 204),
        ("V100M16", 195),
        ("A10", 2),
    ] {
        assert_eq!(of_model(model), gpus, "{model}");
    }
}

const HEADER: &str = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,\
                      creation_time,deletion_time,scheduled_time\n";
const SHORT_HEADER: &str = "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n";

fn open(list: impl AsRef<[u8]>, options: &str) -> Result<Openb, WorkloadError> {
    let files = Files::new();
    let path = files.write("pods.csv", list);
    let config: OpenbConfig = config(&format!("path = $LIST\n{options}"), &[("$LIST", &path)]);
    config.open()
}

#[test]
fn a_pod_becomes_a_job_with_one_task() {
    let list = format!(
        "{HEADER}a,6500,12288,2,1000,G2|T4,Burstable,Running,5,30,10\n\
         b,1000,0,1,460,,BE,Succeeded,7.5,20,8\n\
         c,1000,1,0,0,,LS,Pending,8,20,\n\
         d,1000,1,0,0,,Guaranteed,Failed,8,20,19\n"
    );
    let mut workload = open(gzip(&list), "").unwrap();
    let jobs = jobs(&mut workload);
    assert_eq!(jobs.len(), 3);
    let first = &jobs[0];
    assert_eq!(
        (&*first.name, &*first.user, &*first.queue, first.priority),
        ("a", "", "Burstable", 1)
    );
    assert_eq!(first.arrival, Time::from_secs(5));
    assert_eq!(first.tasks[0].duration, Span::from_secs(20), "from scheduling to deletion");
    assert_eq!(first.shapes[0].demand.to_string(), "cpus:6.5;gpus:2;mem:12288");
    assert_eq!(
        first.shapes[0].constraints,
        [Constraint::AttributeIn {
            name: "gpu_model".into(),
            values: vec!["G2".into(), "T4".into()]
        }]
    );
    assert_eq!(jobs[1].shapes[0].demand.to_string(), "cpus:1;gpus:1", "rounded up");
    assert_eq!([jobs[1].priority, jobs[2].priority], [0, 2]);
    let tally = workload.tally();
    assert_eq!((tally.rows, tally.jobs), (4, 3));
    assert_eq!(tally.dropped, [("unscheduled", 1)]);
    assert_eq!(tally.repaired, [("share of a GPU rounded up", 1)]);
    assert_close(tally.gpu_seconds, 2.0 * 20.0 + 0.46 * 12.0);
    assert_close(tally.mem_seconds, 12.0 * 20.0 + 1.0 / 1024.0);
}

#[test]
fn shares_of_gpus_are_kept_on_request() {
    let list = format!("{HEADER}b,1000,0,1,460,,BE,Succeeded,7,20,8\n");
    let mut workload = open(list, "gpu_sharing = 'fraction'").unwrap();
    assert_eq!(jobs(&mut workload)[0].shapes[0].demand.to_string(), "cpus:1;gpus:0.46");
    assert!(workload.tally().repaired.is_empty());
}

#[test]
fn unusable_pods_are_dropped_by_reason() {
    let list =
        format!("{HEADER}a,1,1,0,0,,BE,x,0,5,8\nb,0,0,1,0,,BE,x,0,9,8\nc,1,1,0,0,,BE,x,0,9,8\n");
    let workload = open(list, "").unwrap();
    assert_eq!(workload.tally().dropped, [("negative run time", 1), ("empty request", 1)]);
}

#[test]
fn unsorted_lists_are_sorted_on_request_only() {
    let list =
        format!("{HEADER}a,1,1,0,0,,BE,x,9,12,9\nb,1,1,0,0,,BE,x,4,9,8\nc,1,1,0,0,,BE,x,9,12,9\n");
    assert_eq!(
        message(open(&list, "")),
        "pods.csv:3: column creation_time: time goes backwards: found 4s after 9s; \
         set `sort = true` to sort the list"
    );
    let mut workload = open(&list, "sort = true\nmax_jobs = 2").unwrap();
    let names: Vec<_> = jobs(&mut workload).iter().map(|job| job.name.to_string()).collect();
    assert_eq!(names, ["b", "a"]);
    assert_eq!(workload.tally().dropped, [("beyond max_jobs", 1)]);
}

#[test]
fn lists_without_times_need_a_duration() {
    let list = format!("{SHORT_HEADER}a,2000,1024,1,500\nb,2000,1024,0,0\n");
    let mut workload = open(&list, "duration = '90s'").unwrap();
    let jobs = jobs(&mut workload);
    assert_eq!(jobs.len(), 2);
    assert_eq!(jobs[1].tasks[0].duration, Span::from_secs(90));
    assert_eq!(
        message(open(&list, "")),
        "duration: pods.csv has no columns creation_time, deletion_time and scheduled_time, so a \
         duration for all pods is expected, as in duration = \"10m\""
    );
    assert_eq!(
        message(open(HEADER, "duration = '90s'")),
        "duration: found 90s, but pods.csv has times of its own; a duration is for lists without"
    );
}

#[test]
fn errors_name_their_place() {
    let cases = [
        ("a,1,1,0,0,,BE,x,0,5", "pods.csv:2: found 10 columns, expected 11"),
        (
            "a,1.5,1,0,0,,BE,x,0,5,0",
            "pods.csv:2: column cpu_milli: found `1.5`, expected a whole number from 0 to \
             1000000000",
        ),
        (
            "a,1,1,1,1001,,BE,x,0,5,0",
            "pods.csv:2: column gpu_milli: found `1001`, expected a whole number from 0 to 1000",
        ),
        (
            "a,1,1,0,0,,Gold,x,0,5,0",
            "pods.csv:2: column qos: found `Gold`, expected LS, Guaranteed, Burstable or BE",
        ),
        (
            "a,1,1,0,0,,BE,x,,5,0",
            "pods.csv:2: column creation_time: found ``, expected a number of seconds of at least 0",
        ),
        (
            "a,1,1,0,0,,BE,x,0,-5,0",
            "pods.csv:2: column deletion_time: found `-5`, expected a number of seconds of at least 0",
        ),
    ];
    for (row, expected) in cases {
        assert_eq!(message(open(format!("{HEADER}{row}\n"), "")), expected);
    }
    assert_eq!(
        message(open("name,cpu_mili,memory_mib,num_gpu,gpu_milli\n", "duration = '1s'")),
        "pods.csv:1: no column `cpu_milli` in the header; \
         found name, cpu_mili, memory_mib, num_gpu, gpu_milli; did you mean `cpu_mili`?"
    );
    let list = gzip(&format!("{HEADER}a,1,1,0,0,,BE,x,0,5,0\n"));
    assert_eq!(
        message(open(&list[..list.len() - 4], "")),
        "pods.csv: the gzip data are truncated: they end in the middle of a member"
    );
}

const NODES: &str = "sn,cpu_milli,memory_mib,gpu,model\n\
                     n0,32000,262144,0,\nn1,96500,1024,8,G2\nn2,1000,1024,1,T4\nn3,1000,1024,1,T4\n";

fn nodes(options: &str) -> Result<Vec<workloads::Machine>, WorkloadError> {
    let files = Files::new();
    let path = files.write("nodes.csv", NODES);
    let config: MachineTraceConfig =
        config(&format!("[openb]\npath = $LIST\n{options}"), &[("$LIST", &path)]);
    config.read(&Streams::new(7))
}

#[test]
fn nodes_become_machines() {
    let machines = nodes("").unwrap();
    assert_eq!(machines.len(), 4);
    assert_eq!(machines[0].total.to_string(), "cpus:32;mem:262144");
    assert!(machines[0].attributes.is_empty());
    assert_eq!(
        (&*machines[1].name, machines[1].total.to_string().as_str()),
        ("n1", "cpus:96.5;gpus:8;mem:1024")
    );
    assert_eq!(machines[1].attributes, [("gpu_model".into(), "G2".into())]);
}

#[test]
fn a_sample_keeps_the_order_and_repeats() {
    let sample = nodes("sample = 3").unwrap();
    assert_eq!(sample.len(), 3);
    assert!(sample.is_sorted_by(|a, b| a.name < b.name), "in the order of the list, none twice");
    assert_eq!(sample, nodes("sample = 3").unwrap());
    assert_eq!(nodes("sample = 4").unwrap(), nodes("").unwrap());
    for sample in [0, 5] {
        assert_eq!(
            nodes(&format!("sample = {sample}")).unwrap_err().to_string(),
            format!(
                "sample: found {sample}, expected a number from 1 to 4, the machines in the list"
            )
        );
    }
}

#[test]
fn errors_of_node_lists_name_their_place() {
    let files = Files::new();
    let path = files.write("nodes.csv", "sn,cpu_milli,memory_mib,gpu,model\nn0,many,1,0,\n");
    let config: OpenbMachinesConfig = config("path = $LIST", &[("$LIST", &path)]);
    let error = config.read(&Streams::new(1)).unwrap_err();
    assert_eq!(
        without_folders(&error.to_string()),
        "nodes.csv:2: column cpu_milli: found `many`, expected a whole number from 0 to 1000000000000"
    );
}
