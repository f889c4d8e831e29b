//! Directories that are not those of a finished run.

use std::error::Error;
use std::fs;
use std::path::Path;

use crate::made_up::MadeUp;

/// The error and its causes after `change` was done to a good run; nothing may be written then.
fn refusal(change: impl FnOnce(&Path)) -> String {
    let directory = tempfile::tempdir().unwrap();
    let run = MadeUp { roles: &["web", "batch"], intervals: 3, interval_s: 60.0, scale: 1.0 };
    run.write(directory.path());
    change(directory.path());
    let error = report::write(directory.path()).unwrap_err();
    assert!(!directory.path().join("figures").exists());
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text.replace(directory.path().to_str().unwrap(), "run")
}

/// Replaces the first `from` in a file.
fn edit<'a>(file: &'a str, from: &'a str, to: &'a str) -> impl FnOnce(&Path) + 'a {
    move |directory| {
        let path = directory.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
}

#[test]
fn errors_name_the_place() {
    let missing =
        |file: &'static str| move |directory: &Path| fs::remove_file(directory.join(file)).unwrap();
    let emptied = |file: &'static str| move |d: &Path| fs::write(d.join(file), "").unwrap();
    let refusals = [
        refusal(missing("run.json")),
        refusal(missing("distributions.csv")),
        refusal(edit("run.json", "{", "")),
        refusal(emptied("summary.json")),
        refusal(|directory| fs::write(directory.join("summary.json"), "[1]").unwrap()),
        refusal(emptied("roles.csv")),
        refusal(edit("timeline.csv", "tasks_staging", "staging")),
        refusal(edit("timeline.csv", "mem_offered", "mem_spare")),
        refusal(edit("timeline.csv", ",4000,", ",NaN,")),
        refusal(edit("timeline.csv", ",4000,", ",-1,")),
        refusal(edit("timeline.csv", ",4000,", ",inf,")),
        refusal(edit("timeline.csv", ",4000,", ",4000,4000,")),
        refusal(edit("timeline.csv", "180,60", "60,60")),
        refusal(edit("roles.csv", "60,\"web\",", "60,\"web\",x")),
        refusal(edit("roles.csv", "120,\"web\"", "60,\"web\"")),
        refusal(edit("distributions.csv", ",0,0.", ",0,1.")),
        refusal(edit("distributions.csv", ",0,0.", ",1e9,0.")),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn unknown_keys_and_columns_are_passed_over() {
    let directory = tempfile::tempdir().unwrap();
    let run = MadeUp { roles: &["web"], intervals: 3, interval_s: 60.0, scale: 1.0 };
    run.write(directory.path());
    edit("run.json", "{", "{\"new\": {\"key\": [1]},")(directory.path());
    edit("summary.json", "{", "{\"new/metric\": true,")(directory.path());
    assert!(report::write(directory.path()).is_ok());
}
