//! Runs whose tasks need files: what they leave, and what is refused.

use crate::support::{Sandbox, assert_says};

const FILES: &str = r#"
name = "files"
seed = 3

[[agents]]
name = "node"
count = 2
resources = "cpus:8;mem:8192"

[agent]
fetcher_cache_size = "64MiB"

[fetcher]
download_rate = "10MiB"
[fetcher.cache.lfu]

[[frameworks]]
name = "batch"

[[workload.synthetic.classes]]
name = "jobs"
interarrival = "2s"
duration = "1s"
demand = { cpus = 1 }
jobs = 200
uris = [{ value = "http://repository/common.tgz", size = "8MiB", cache = true }]
[workload.synthetic.classes.uri_set]
count = 20
size = "10MiB"
"#;

#[test]
fn a_run_with_files_has_a_table_metrics_and_pictures() {
    let sandbox = Sandbox::new();
    sandbox.write("files.toml", FILES);
    let ran = sandbox.run(&["run", "files.toml", "--check", "--out", "results"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let header = sandbox.read("results/fetches.csv").lines().next().unwrap_or_default().to_owned();
    assert_eq!(
        header,
        "time_s,host,framework,end,waited_s,worked_s,hits,joins,misses,uncached,fallbacks,\
         downloaded_bytes,saved_bytes"
    );
    let summary = sandbox.json("results/summary.json");
    let count = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(count("fetches/succeeded"), 200);
    assert_eq!(sandbox.column("fetches", "end").len(), 200);
    let uris = ["hit", "joined", "missed", "fallen_back"];
    let uris: u64 = uris.iter().map(|end| count(&format!("fetches/uris_{end}"))).sum();
    assert_eq!(uris, 400, "two files for each task");
    // No agent has restarted, so that what they count is what was observed.
    for (own, observed) in [
        ("task_fetches_succeeded", "succeeded"),
        ("cache_hits", "uris_hit"),
        ("cache_misses", "uris_missed"),
        ("downloaded_bytes", "downloaded_bytes"),
        ("saved_bytes", "saved_bytes"),
    ] {
        let own = count(&format!("containerizer/fetcher/{own}"));
        assert_eq!(own, count(&format!("fetches/{observed}")), "{observed}");
    }
    assert_eq!(count("containerizer/fetcher/cache_size_total_bytes"), 2 * (64 << 20));
    assert!(count("containerizer/fetcher/cache_size_used_bytes") <= 2 * (64 << 20));
    assert!(count("containerizer/fetcher/cache_evictions") > 0);
    for picture in ["fetch_hit_rate", "fetch_launch_delay"] {
        assert!(sandbox.read(&format!("results/figures/{picture}.svg")).contains("batch ("));
    }
}

#[test]
fn files_that_cannot_be_fetched_are_refused() {
    for (from, to, says) in [
        ("size = \"8MiB\", ", "", ["classes[0].uris[0].size", "say how large the file is"]),
        ("common.tgz", "it's", ["classes[0].uris[0].value", "Illegal characters in URI"]),
        (
            "cache = true }",
            "output_file = \"\" }",
            ["classes[0].uris[0].output_file", "URI output file path is empty"],
        ),
        ("[fetcher.cache.lfu]", "[fetcher.cache.lfo]", ["unknown value 'lfo'", "'lfu'"]),
        ("fetcher_cache_size", "fetcher_cash_size", ["unknown key", "'fetcher_cache_size'"]),
    ] {
        let sandbox = Sandbox::new();
        assert_eq!(FILES.matches(from).count(), 1, "{from}");
        sandbox.write("files.toml", FILES.replacen(from, to, 1));
        let message = sandbox.refused(&["run", "files.toml", "--out", "results"]);
        assert_says(&message, &says);
    }
}
