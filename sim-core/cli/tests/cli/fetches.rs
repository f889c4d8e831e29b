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
    assert!(plain.get("fetches/tls_handshakes").is_none());
    assert!(free.get("fetches/tls_handshakes").is_none());
    // A question and a download for each miss; no file was too large for the cache.
    let misses = number(&encrypted, "fetches/uris_missed");
    assert!((number(&encrypted, "fetches/tls_handshakes") - 2.0 * misses).abs() < 0.5);
    // Each download waits for two round trips.
    let longer = number(&encrypted, delay) - number(&plain, delay);
    assert!(longer > misses * 0.04 / 200.0, "{longer}");
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

const SERVICES: &str = r#"
name = "services"
seed = 3
until = "10m"

[[agents]]
name = "node"
count = 4
resources = "cpus:8;mem:8192;disk:8192"

[[frameworks]]
name = "web"
role = "web"
[frameworks.service]
instances = 6
demand = { cpus = 1, mem = "1GiB" }
uris = [{ value = "http://repository/runtime.tgz", size = "8MiB", cache = true }]
[frameworks.service.uri_set]
count = 20
size = "10MiB"
pick = { scan = {} }

[[frameworks]]
name = "store"
role = "store"
[frameworks.stateful]
replicas = 3
demand = { cpus = 1, mem = "1GiB", disk = "1GiB" }
uris = [{ value = "http://repository/runtime.tgz", size = "8MiB", cache = true }]
"#;

/// Each instance has files of its own, and all share what they and the replicas have in common.
#[test]
fn services_and_replicas_need_files() {
    let sandbox = Sandbox::new();
    sandbox.write("services.toml", SERVICES);
    let ran = sandbox.run(&["run", "services.toml", "--check", "--out", "results"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let summary = sandbox.json("results/summary.json");
    let count = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(count("fetches/succeeded"), 6 + 3);
    assert_eq!(sandbox.column("fetches", "framework").len(), 9);
    // Six files of six instances, and one that each of four agents fetches once.
    assert_eq!(count("fetches/downloaded_bytes"), 6 * (10 << 20) + 4 * (8 << 20));
    assert_eq!(count("fetches/uris_missed"), 6 + 4);
    assert_eq!(count("fetches/uris_hit") + count("fetches/uris_joined"), 9 - 4);
}

#[test]
fn files_of_services_are_looked_at_too() {
    let refused = |from: &str, to: &str, says: &[&str]| {
        let sandbox = Sandbox::new();
        assert!(SERVICES.contains(from), "{from}");
        sandbox.write("services.toml", SERVICES.replacen(from, to, 1));
        let message = sandbox.refused(&["run", "services.toml", "--out", "results"]);
        assert_says(&message, says);
        assert_eq!(sandbox.refused(&["check", "services.toml"]), message);
    };
    refused(
        ", size = \"8MiB\"",
        "",
        &["frameworks[0].service.uris[0].size", "say how large the file is", "services.toml:"],
    );
    refused(
        "size = \"8MiB\"",
        "size = \"9MiB\"",
        &["frameworks[1].stateful.uris[0].value", "one place has one file"],
    );
    refused("count = 20", "count = 0", &["frameworks[0].service.uri_set.count", "from 1 to"]);
    refused(
        "[frameworks.service.uri_set]",
        "[frameworks.service.uri_sets]",
        &["unknown key 'uri_sets'", "'uri_set'"],
    );
}

#[test]
fn encryption_of_downloads_that_cannot_be() {
    let refused = |tls: &str, says: &[&str]| {
        let sandbox = Sandbox::new();
        let table = format!("[fetcher.cache.lfu]\n[fetcher.tls]\n{tls}");
        sandbox.write("files.toml", FILES.replacen("[fetcher.cache.lfu]", &table, 1));
        let message = sandbox.refused(&["run", "files.toml", "--out", "results"]);
        assert_says(&message, says);
        assert_says(&message, &["files.toml:17:"]);
    };
    refused("key = \"rsa-2084\"", &["unknown value 'rsa-2084'", "did you mean 'rsa-2048'?"]);
    refused("costs = \"modem\"", &["unknown value 'modem'", "did you mean 'modern'?"]);
    refused("certificates = 0", &["0 certificates: expected 1 to 10"]);
    refused("certificates = -1", &["-1", "u32"]);
    refused("round_trip = \"-1ms\"", &["`-1ms` is negative"]);
    refused("cipher = \"AES128-SHA\"", &["unknown key 'cipher'", "expected one of costs, key"]);
}

/// A cache of no bytes is none: Mesos takes it, and caches nothing.
#[test]
fn a_cache_without_room_is_no_error() {
    let sandbox = Sandbox::new();
    sandbox.write("files.toml", FILES.replace("\"64MiB\"", "\"0B\""));
    let ran = sandbox.run(&["run", "files.toml", "--check", "--out", "results"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let summary = sandbox.json("results/summary.json");
    assert_eq!(summary["fetches/uris_fallen_back"].as_u64(), Some(400));
    sandbox.write("files.toml", FILES.replace("\"64MiB\"", "\"-64MiB\""));
    let message = sandbox.refused(&["run", "files.toml", "--out", "other"]);
    assert_says(&message, &["files.toml:11:", "`-64MiB` is negative"]);
}

/// The trace says nothing of files: its jobs pick some of a set.
#[test]
fn jobs_of_a_trace_need_files() {
    let sandbox = Sandbox::new();
    let job = |number: u32| format!("{number} {number} -1 10 2 -1 -1 2 10 -1 1 1 1 1 1 -1 -1 -1\n");
    sandbox.write("log.swf", (1..=20).map(job).collect::<String>());
    let trace = "[workload.swf]\npath = \"log.swf\"\nuris = [{ value = \"/opt/tool\", \
                 size = \"1MiB\" }]\n[workload.swf.uri_set]\ncount = 5\nsize = \"2MiB\"\n\
                 pick = { scan = {} }\n";
    let at = FILES.find("[[workload").expect("a workload");
    let text = format!("{}{trace}", &FILES[..at]);
    sandbox.write("trace.toml", &text);
    let ran = sandbox.run(&["run", "trace.toml", "--check", "--out", "results"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let summary = sandbox.json("results/summary.json");
    let count = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("no {name}"));
    // Twenty jobs of two tasks each, which need the same two files.
    assert_eq!(count("fetches/succeeded"), 40);
    assert_eq!(count("fetches/uris_uncached"), 40);
    // Each of the five comes to each of the two agents at most once.
    assert!((5..=10).contains(&count("fetches/uris_missed")));
    sandbox.write("trace.toml", text.replace("count = 5", "count = 0"));
    let message = sandbox.refused(&["run", "trace.toml", "--out", "other"]);
    assert_says(&message, &["uri_set.count", "found 0, expected a number from 1 to"]);
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
        ("size = \"8MiB\"", "size = \"0B\"", ["classes[0].uris[0].size", "found 0"]),
        ("size = \"8MiB\"", "size = \"-8MiB\"", ["`-8MiB` is negative", "files.toml:26:"]),
        ("count = 20", "cuont = 20", ["unknown key 'cuont'", "did you mean 'count'?"]),
        ("size = \"10MiB\"", "size = \"0B\"", ["classes[0].uri_set.size", "may be 0"]),
    ] {
        let sandbox = Sandbox::new();
        assert_eq!(FILES.matches(from).count(), 1, "{from}");
        sandbox.write("files.toml", FILES.replacen(from, to, 1));
        let message = sandbox.refused(&["run", "files.toml", "--out", "results"]);
        assert_says(&message, &says);
    }
}
