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
         downloaded_bytes,saved_bytes,tls_time_s,tls_bytes"
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

/// The same files over `https`: each miss costs two handshakes, and the launches wait longer.
#[test]
fn encrypted_files_cost_time_and_bytes() {
    let summary = |files: &str| {
        let sandbox = Sandbox::new();
        sandbox.write("files.toml", files);
        let ran = sandbox.run(&["run", "files.toml", "--check", "--out", "results"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        (sandbox.json("results/summary.json"), sandbox)
    };
    let set = "size = \"10MiB\"";
    let encrypted = FILES
        .replace("http://", "https://")
        .replace(set, "size = \"10MiB\"\nprefix = \"https://files/\"")
        .replace(
            "[fetcher.cache.lfu]",
            "[fetcher.cache.lfu]\n[fetcher.tls]\nround_trip = \"20ms\"",
        );
    let (plain, _) = summary(FILES);
    // Without the table encryption costs nothing, whatever the scheme.
    let (free, _) = summary(&FILES.replace("http://", "https://"));
    let (encrypted, sandbox) = summary(&encrypted);
    let number = |summary: &serde_json::Value, name: &str| {
        summary[name].as_f64().unwrap_or_else(|| panic!("no {name}"))
    };
    let delay = "fetches/launch_delay_mean_s";
    assert!((number(&plain, delay) - number(&free, delay)).abs() < 1e-9);
    assert!(number(&encrypted, delay) > number(&plain, delay) + 0.04);
    assert!(plain.get("fetches/tls_handshakes").is_none());
    assert!(free.get("fetches/tls_handshakes").is_none());
    // A question and a download for each miss; no file was too large for the cache.
    let misses = number(&encrypted, "fetches/uris_missed");
    assert!((number(&encrypted, "fetches/tls_handshakes") - 2.0 * misses).abs() < 0.5);
    let hello = 556.0 + 2.0 * 1_536.0 + 256.0;
    let bytes = number(&encrypted, "fetches/tls_handshake_bytes");
    assert!((bytes - hello * 2.0 * misses).abs() < 0.5, "{bytes}");
    let rows = |column: &str| -> f64 {
        let rows = sandbox.column("fetches", column);
        rows.iter().map(|value| value.parse::<f64>().expect("a number")).sum()
    };
    let sum = bytes + number(&encrypted, "fetches/tls_record_bytes");
    assert!((rows("tls_bytes") - sum).abs() < 0.5);
    assert!((rows("tls_time_s") - number(&encrypted, "fetches/tls_time_s")).abs() < 1e-6);
    let parts = ["handshakes", "verification", "records", "bytes"];
    let parts = parts.map(|part| number(&encrypted, &format!("tls/fetches/{part}_s")));
    assert!(parts.iter().all(|part| *part > 0.0), "{parts:?}");
    let sum: f64 = parts.iter().sum();
    assert!((sum - number(&encrypted, "fetches/tls_time_s")).abs() < 1e-9);
    assert!(sandbox.read("results/figures/tls_time.svg").contains("fetches ("));
    let page = sandbox.read("results/report.html");
    assert!(page.contains("Processor time for encryption"));
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
