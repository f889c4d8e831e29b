//! The choice of a source, its files, defaults and schema.

mod common;

use common::{Files, config, gzip};
use sim_core::Streams;
use std::path::Path;
use workloads::{MachineTraceConfig, WorkloadConfig, WorkloadError};

#[test]
fn each_source_is_chosen_by_the_name_of_its_table() {
    let files = Files::new();
    let log = files.write("log", gzip("1 0 -1 5 2 -1 -1 -1 -1 -1 1 1 1 1 1 1 -1 -1\n"));
    let pods = files.write("pods", "name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1,1,0,0\n");
    let job_events = files.write("jobs", "7,,5,0,u,2,,\n");
    let task_events = files.write(
        "tasks",
        "7,,5,0,,0,u,2,0,1,1,1,0\n8,,5,0,,1,u,2,0,1,1,1,0\n9,,5,0,,4,u,2,0,1,1,1,0\n",
    );
    let cases = [
        "[swf]\npath = $LOG",
        "[openb]\npath = $PODS\nduration = '1s'",
        "[google_2011]\ntask_events = [$TASKS]\njob_events = [$JOBS]",
        "[[synthetic.classes]]\nname = 'a'\ninterarrival = '1s'\nduration = '1s'\ndemand = { cpus = 1 }\njobs = 1",
    ];
    let paths = [
        ("$LOG", log.as_path()),
        ("$PODS", pods.as_path()),
        ("$TASKS", task_events.as_path()),
        ("$JOBS", job_events.as_path()),
    ];
    for case in cases {
        let chosen: WorkloadConfig = config(case, &paths);
        let mut workload = chosen.open(&Streams::new(1)).unwrap();
        assert_eq!(workload.by_ref().flatten().count(), 1, "{case}");
        assert_eq!(workload.tally().jobs, 1, "{case}");
        let text = toml::to_string(&chosen).unwrap();
        assert_eq!(toml::from_str::<WorkloadConfig>(&text).unwrap(), chosen, "{text}");
    }
}

#[test]
fn an_empty_source_is_an_error() {
    let files = Files::new();
    let log = files.write("log", "; nothing\n");
    let chosen: WorkloadConfig = config("[swf]\npath = $LOG", &[("$LOG", &log)]);
    let error = chosen.open(&Streams::new(1)).err().unwrap();
    assert!(matches!(error, WorkloadError::Empty { .. }), "{error}");
}

#[test]
fn all_paths_can_be_resolved() {
    let resolved = |toml: &str| -> Vec<String> {
        let mut config: WorkloadConfig = config(toml, &[]);
        for path in config.paths_mut() {
            *path = Path::new("/base").join(&*path);
        }
        config.paths_mut().iter().map(|path| path.display().to_string()).collect()
    };
    assert_eq!(resolved("[swf]\npath = 'a'"), ["/base/a"]);
    assert_eq!(resolved("[openb]\npath = 'a'"), ["/base/a"]);
    assert_eq!(
        resolved("[google_2011]\ntask_events = ['a', 'b']\njob_events = ['c']"),
        ["/base/a", "/base/b", "/base/c"]
    );
    assert!(resolved("[synthetic]\nclasses = []").is_empty());
    let mut machines: MachineTraceConfig = config("[google_2011]\npath = 'm'", &[]);
    assert_eq!(machines.paths_mut(), [Path::new("m")]);
}

#[test]
fn misspelt_keys_keep_their_place() {
    let cases = [
        (
            "[swff]\npath = 'a'",
            "line 1, column 2",
            "unknown variant `swff`, expected one of `synthetic`, `openb`, `swf`, `google_2011`",
        ),
        (
            "[swf]\npth = 'a'",
            "line 2, column 1",
            "unknown field `pth`, expected one of `path`, `from_zero`",
        ),
        ("[swf]\npath = 'a'\ndefault_mem = '2g'", "line 3, column 15", "did you mean `2GiB`?"),
        (
            "[openb]\npath = 'a'\ngpu_sharing = 'half'",
            "line 3, column 15",
            "expected `whole` or `fraction`",
        ),
        ("[google_2011]\ntask_events = []", "line 1, column 1", "missing field `job_events`"),
    ];
    for (text, place, problem) in cases {
        let error = toml::from_str::<WorkloadConfig>(text).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains(problem), "{text}:\n{error}");
    }
}

#[test]
fn the_schema_describes_keys_units_and_defaults() {
    let schema = serde_json::to_value(schemars::schema_for!(WorkloadConfig)).unwrap();
    let swf = &schema["$defs"]["SwfConfig"];
    assert_eq!(swf["additionalProperties"], false);
    assert_eq!(swf["properties"]["default_mem"]["default"], "1GiB");
    assert_eq!(swf["properties"]["speed_up"]["exclusiveMinimum"], 0);
    assert!(swf["properties"]["path"]["description"].is_string());
    assert_eq!(schema["$defs"]["Duration"]["type"], "string");
    let drawn = &schema["$defs"]["Drawn_Duration"]["anyOf"];
    assert_eq!(drawn[0]["$ref"], "#/$defs/Duration");
    let google = &schema["$defs"]["Google2011Config"]["properties"];
    assert_eq!(google["largest_cpus"]["default"], 64);
    assert_eq!(google["rule"]["default"], "all");
    // Every reference leads somewhere, and no two definitions share a name by accident.
    let text = schema.to_string();
    for reference in text.split("\"#/$defs/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(!schema["$defs"][name].is_null(), "{name}");
    }
    let machines = serde_json::to_value(schemars::schema_for!(MachineTraceConfig)).unwrap();
    assert_eq!(
        machines["$defs"]["Google2011MachinesConfig"]["properties"]["largest_mem"]["default"],
        "256GiB"
    );
}
