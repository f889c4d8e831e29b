//! Files that generated tasks need.

mod common;

use common::{config, jobs, message};
use sim_core::Streams;
use sim_core::protocol::Uri;
use std::collections::{BTreeMap, BTreeSet};
use workloads::Job;
use workloads::synthetic::SyntheticConfig;

fn class(lines: &str) -> String {
    format!(
        "[[classes]]\nname = \"c\"\ninterarrival = \"1s\"\nduration = \"1s\"\n\
         demand = {{ cpus = 1 }}\njobs = 2000\n{lines}\n"
    )
}

fn generate(toml: &str, seed: u64) -> Vec<Job> {
    let config: SyntheticConfig = config(toml, &[]);
    jobs(&mut config.open(&Streams::new(seed)).expect("valid classes"))
}

fn uris(job: &Job) -> &[Uri] {
    let details = job.shapes[0].details.as_ref().expect("files");
    details.command.as_ref().expect("files").uris()
}

#[test]
fn listed_files_have_mesos_defaults() {
    let jobs = generate(
        &class(
            "uris = [{ value = \"http://h/a.tgz\", size = \"3MiB\" }, { value = \"/b\", missing = true, cache = true, extract = false, executable = true, output_file = \"c\", claimed_size = \"1MiB\" }]",
        ),
        1,
    );
    let [first, second] = uris(&jobs[7]) else { panic!("two files") };
    assert_eq!((&*first.origin.value, first.origin.size), ("http://h/a.tgz", Some(3 << 20)));
    assert!(first.extract && !first.cache && !first.executable && first.output_file.is_none());
    assert_eq!((second.origin.size, second.origin.claimed), (None, Some(1 << 20)));
    assert!(!second.extract && second.cache && second.executable);
    assert_eq!(second.output_file.as_deref(), Some("c"));
}

#[test]
fn a_class_without_files_has_none() {
    assert!(generate(&class(""), 1).iter().all(|job| job.shapes[0].details.is_none()));
}

/// Of 100 files under Zipf's law with exponent 1 the first has 1 in 5.187 picks, the second half that.
#[test]
fn popular_files_are_picked_by_zipfs_law() {
    let toml =
        class("uri_set = { count = 100, size = { uniform = { min = \"1MiB\", max = \"9MiB\" } } }");
    let mut picks: BTreeMap<String, u32> = BTreeMap::new();
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for job in generate(&toml, 3) {
        let [uri] = uris(&job) else { panic!("one file") };
        assert!(uri.cache && uri.extract);
        let (name, size) = (uri.origin.value.to_string(), uri.origin.size.expect("it is there"));
        assert_eq!(*sizes.entry(name.clone()).or_insert(size), size, "a file has one size");
        *picks.entry(name).or_default() += 1;
    }
    let share = |number: u32| f64::from(picks[&format!("http://files/c/{number}")]) / 2_000.0;
    assert!((share(0) - 1.0 / 5.187).abs() < 0.03, "{}", share(0));
    assert!((share(1) - 0.5 / 5.187).abs() < 0.02, "{}", share(1));
    assert!(sizes.values().collect::<BTreeSet<_>>().len() > 50, "sizes are drawn for each file");
}

#[test]
fn a_scan_comes_to_each_file_in_turn() {
    let toml = class(
        "uri_set = { count = 3, size = \"1MiB\", pick = { scan = {} }, prefix = \"/f\", suffix = \".gz\", per_job = 2 }",
    );
    let names: Vec<String> = generate(&toml, 1)[..2]
        .iter()
        .flat_map(|job| uris(job).iter().map(|uri| uri.origin.value.to_string()))
        .collect();
    assert_eq!(names, ["/f0.gz", "/f1.gz", "/f2.gz", "/f0.gz"]);
}

/// Neither arrivals nor anything else of a class depends on its files.
#[test]
fn files_have_streams_of_their_own() {
    let drawn = "interarrival = { exponential = { mean = \"5s\" } }";
    let toml = class("").replace("interarrival = \"1s\"", drawn);
    let with = format!(
        "{toml}uri_set = {{ count = 9, size = {{ exponential = {{ mean = \"9MiB\" }} }} }}\n"
    );
    let arrivals = |toml: &str| -> Vec<_> {
        generate(toml, 5).iter().map(|job| (job.arrival, job.tasks.clone())).collect()
    };
    assert_eq!(arrivals(&toml), arrivals(&with));
}

#[test]
fn users_have_numbers() {
    let toml =
        class("users = 2\nfetch_as_user = true\nuris = [{ value = \"/a\", size = \"1MiB\" }]");
    let mut known = BTreeMap::new();
    for job in generate(&toml, 1) {
        let details = job.shapes[0].details.clone().expect("files");
        let user = details.command.as_ref().and_then(|command| command.user()).expect("a user");
        assert_eq!(*known.entry(job.user.to_string()).or_insert(user.id), user.id);
    }
    let numbers: BTreeSet<_> = known.values().collect();
    assert_eq!((known.len(), numbers.len()), (2, 2));
}

#[test]
fn what_cannot_be_fetched_is_refused_with_its_place() {
    let refused = |lines: &str, says: &[&str]| {
        let config: SyntheticConfig = config(&class(lines), &[]);
        let text = message(config.open(&Streams::new(1)));
        for part in says {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
    };
    refused(
        "uris = [{ value = \"/a\" }]",
        &["classes[0].uris[0].size", "100MiB", "missing = true"],
    );
    refused("uris = [{ value = \"/a\", size = \"0MiB\" }]", &["uris[0].size", "found 0"]);
    refused(
        "uris = [{ value = \"/a\", size = \"1MiB\", missing = true }]",
        &["uris[0].missing", "leave one out"],
    );
    refused("uris = [{ value = \"\", size = \"1MiB\" }]", &["uris[0].value", "empty URI"]);
    refused(
        "uris = [{ value = \"http://h/it's\", size = \"1MiB\" }]",
        &["uris[0].value", "Illegal characters in URI"],
    );
    refused(
        "uris = [{ value = \"http://h\", size = \"1MiB\" }]",
        &["uris[0].value", "Malformed URI (missing path): http://h"],
    );
    refused(
        "uris = [{ value = \"/a\", size = \"1MiB\", output_file = \"\" }]",
        &["uris[0].output_file", "URI output file path is empty"],
    );
    refused(
        "uris = [{ value = \"/a\", size = \"1MiB\", output_file = \"/tmp/a\" }]",
        &["uris[0].output_file", "must be within the sandbox directory"],
    );
    refused(
        "uris = [{ value = \"/a\", size = \"1MiB\" }, { value = \"/a\", size = \"2MiB\", cache = true }]",
        &["uris[1].value", "`/a` again with another size"],
    );
    refused("uri_set = { count = 0, size = \"1MiB\" }", &["uri_set.count", "found 0"]);
    refused("uri_set = { count = 3, size = \"0MiB\" }", &["uri_set.size", "may be 0"]);
    refused(
        "uri_set = { count = 3, size = \"1MiB\", prefix = \"lala://\" }",
        &["uri_set.prefix", "missing path"],
    );
    refused(
        "uri_set = { count = 3, size = \"1MiB\", pick = { zipf = { exponent = -1 } } }",
        &["uri_set.pick.zipf.exponent", "found -1"],
    );
    let set = "uri_set = { count = 3, size = \"1MiB\", prefix = \"/f\" }";
    refused(
        &format!("{set}\n{}", class(set).replace("\"c\"", "\"d\"")),
        &["classes[1].uri_set.prefix", "a prefix of its own"],
    );
}
