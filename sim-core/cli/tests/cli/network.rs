//! Scenarios whose tasks move bytes.

use crate::support::{Sandbox, assert_says};
use serde_json::{Value, json};

const SCENARIO: &str = r#"
name = "network"
seed = 1

[[agents]]
name = "node"
count = 4
resources = "cpus:4;mem:8192;ports:[31000-32000];ephemeral_ports:[32768-57343]"
spread = { attribute = "rack", values = 2 }

[[frameworks]]
name = "batch"
role = "batch"

[network]
network_link_speed = 104857600
rack = "rack"
uplink_speed = 52428800
egress_rate_limit_per_container = 10485760
host_ports = [57345, 61000]

[[workload.synthetic.classes]]
name = "copy"
jobs = 1
interarrival = "1s"
duration = "10s"
demand = { cpus = 1, mem = "1GiB" }
reads = [{ size = "100MiB" }]
writes = [{ size = "100MiB" }]
"#;

/// 100 MiB through an uplink of 50 MiB a second, ten seconds, and 100 MiB under a cap of 10.
#[test]
fn bytes_take_their_time() {
    let sandbox = Sandbox::new();
    sandbox.write("network.toml", SCENARIO);
    let ran = sandbox.run(&["run", "network.toml", "--out", "results", "--check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let number = |name: &str| -> Vec<f64> {
        let column = sandbox.column("transfers", name);
        column.iter().map(|text| text.parse().expect("a number")).collect()
    };
    let (started, ended) = (number("started_s"), number("time_s"));
    let lasted: Vec<f64> = ended.iter().zip(&started).map(|(ended, from)| ended - from).collect();
    assert!((lasted[0] - 2.0).abs() < 1e-6 && (lasted[1] - 10.0).abs() < 1e-6, "{lasted:?}");
    assert_eq!(sandbox.column("transfers", "phase"), ["read", "write"]);
    assert_eq!(number("net_rx_bytes"), [104_857_600.0, 0.0]);
    assert_eq!(number("net_tx_bytes"), [0.0, 104_857_600.0]);
    let throttled = number("throttled_s");
    assert!((throttled[1] - 10.0).abs() < 1e-6, "{throttled:?}");
    let summary = sandbox.json("results/summary.json");
    assert_eq!(summary["network/flows"], 2.0);
    assert_eq!(summary["network/sent_bytes"], 104_857_600.0);
    let mut most = ["rack/r0/down", "rack/r1/down"].map(|link| {
        let rates = sandbox.column("network", link);
        rates.iter().map(|rate| rate.parse().expect("a rate")).fold(0.0, f64::max)
    });
    most.sort_by(f64::total_cmp);
    assert_eq!(most.map(|rate| rate.to_string()), ["0", "52428800"], "one rack's uplink is full");
}

/// The same with connections that begin: what is written goes through a container's cap, where 10.5 kB are
/// under way in each millisecond, less than the first window.
#[test]
fn connections_take_their_time() {
    let sandbox = Sandbox::new();
    let tcp =
        "[network.tcp]\nqueueing = { fifo = { buffer = 65536 } }\nround_trip_across = \"1ms\"\n";
    sandbox.write("network.toml", SCENARIO.replace("[[workload", &format!("{tcp}\n[[workload")));
    let ran = sandbox.run(&["run", "network.toml", "--out", "results", "--check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let number = |name: &str| -> Vec<f64> {
        let column = sandbox.column("transfers", name);
        column.iter().map(|text| text.parse().expect("a number")).collect()
    };
    let (started, ended) = (number("started_s"), number("time_s"));
    // 52 MB/s of the uplink are 52 kB in a millisecond: a handshake and two doublings.
    assert!((ended[0] - started[0] - 2.003).abs() < 1e-6, "{started:?} {ended:?}");
    assert!((ended[1] - started[1] - 10.001).abs() < 1e-6, "{started:?} {ended:?}");
}

#[track_caller]
fn refused(from: &str, to: &str, says: &[&str]) {
    assert!(SCENARIO.contains(from), "{from:?} must be there");
    let sandbox = Sandbox::new();
    sandbox.write("network.toml", SCENARIO.replacen(from, to, 1));
    let message = sandbox.refused(&["run", "network.toml", "--out", "results"]);
    assert_says(&message, says);
    assert_says(&message, &["--> network.toml:"]);
}

#[test]
fn impossible_networks_are_refused_with_a_hint() {
    let limit = "egress_rate_limit_per_container = 10485760";
    let with = |more: &str| format!("{limit}\n{more}");
    refused(
        limit,
        &with("egress_rate_per_cpu = \"auto\""),
        &["both a fixed limit and a limit per CPU", "give one of the two"],
    );
    refused(
        limit,
        &with("minimum_egress_rate_limit = 9\nmaximum_egress_rate_limit = 8"),
        &["the minimum 9 is above the maximum 8"],
    );
    refused(
        "per_container = 10485760",
        "per_container = 999999999",
        &["the fixed limit 999999999 is above the link's speed 104857600", "network_link_speed"],
    );
    refused(
        "ephemeral_ports:[32768-57343]",
        "ephemeral_ports:[31500-57343]",
        &["`ephemeral_ports` and `ports` overlap", "an example that fits"],
    );
    refused(
        "host_ports = [57345, 61000]",
        "ephemeral_ports_per_container = 1000",
        &["1000 ports per container is not a power of two"],
    );
    refused("rack = \"rack\"\n", "", &["there are no racks", "rack = \"rack\""]);
    refused("rack = \"rack\"", "rack = \"rak\"", &["no agent has the attribute 'rak'", "'rack'"]);
    refused("uplink_speed = 52428800", "uplink_speed = 0", &["uplink_speed is 0"]);
    refused(
        limit,
        &with("sharing = \"unshared\"\ntcp = {}"),
        &["links that are not shared have no queues", "sharing = \"max_min\""],
    );
    refused(limit, &with("tcp = { queueing = \"fq_codle\" }"), &["fq_codle", "fq_codel"]);
    refused(
        limit,
        &with("sharing_tolerance = 0.6"),
        &["sharing_tolerance is 0.6: expected 0 to 0.5"],
    );
    refused(
        limit,
        &with("sharing_tolerance = 0.01\negress_unique_flow_per_container = true"),
        &["sharing_tolerance is for links that connections share", "leave it out"],
    );
    let rates = "rate_statistics = { window = \"1s\", interval = \"1s\" }";
    refused(limit, &with(rates), &["an interval of 20ms at least, and a longer window"]);
    refused(limit, &with(rates), &["nothing writes the rates", "statistics_interval"]);
    refused(limit, &with("egress_rate_per_cpu = \"autp\""), &["'autp' is no rate", "\"auto\""]);
}

/// The scenario with the large shuffle, made small: a hundredth of tolerance moves its waits by less.
#[test]
fn a_tolerance_hardly_moves_a_shuffle() {
    let sandbox = Sandbox::new();
    let small = include_str!("../../scenarios/shuffle.toml")
        .replace("count = 1000", "count = 50")
        .replace("tasks = 50000", "tasks = 250");
    sandbox.write("shuffle.toml", small);
    let [exact, close] = ["0", "0.01"].map(|tolerance| {
        let tolerance = format!("network.sharing_tolerance={tolerance}");
        let ran =
            sandbox.run(&["run", "shuffle.toml", "--out", "out", "--check", "--set", &tolerance]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let summary = sandbox.json("out/summary.json");
        assert_eq!(summary["network/flows"], 5_000.0);
        summary["tasks/waiting_time_mean_s"].as_f64().expect("a number")
    });
    let ratio = close / exact;
    assert!((0.99..1.01).contains(&ratio), "{close} s instead of {exact}");
    assert!(ratio.to_bits() != 1.0_f64.to_bits(), "the tolerance has no effect");
}

/// The checks with which Mesos's isolator refuses to start (`spec/network.md` 2.1), each at its
/// place.
#[test]
fn impossible_ports_are_refused() {
    let ports = "ephemeral_ports:[32768-57343]";
    let resources = 8;
    let per_container = |ports: &str| format!("ephemeral_ports_per_container = {ports}");
    let host = "host_ports = [57345, 61000]";
    let cases = [
        (
            ports,
            "ephemeral_ports:[1000-57343]".into(),
            resources,
            "`ephemeral_ports` overlap the well-known ports 0-1023",
        ),
        (
            "ports:[31000-32000]",
            "ports:[1023-1023]".into(),
            resources,
            "`ports` overlap the well-known ports 0-1023",
        ),
        (
            ports,
            "ephemeral_ports:[32768-57345]".into(),
            resources,
            "`ephemeral_ports` overlap the host's own range 57345-61000",
        ),
        (
            "ports:[31000-32000]",
            "ports:[60000-62000]".into(),
            resources,
            "`ports` overlap the host's own range 57345-61000",
        ),
        (host, per_container("8"), 20, "8 ports per container is fewer than 16"),
        (host, per_container("0"), 20, "0 ports per container is not a power of two"),
        (
            host,
            per_container("32768"),
            20,
            "32768 ports per container is more than the 24576 ephemeral ports",
        ),
        (
            host,
            "host_ports = [61000, 57345]".into(),
            20,
            "host_ports is [61000, 57345]: expected the first port before the last",
        ),
        (host, "time_wait = \"1 parsec\"".into(), 20, "1 parsec"),
        (host, "connect_retry = \"0s\"".into(), 20, "connect_retry is 0: expected more"),
        ("size = \"100MiB\" }]", "size = \"1MiB\", rate = 0 }]".into(), 28, "nonzero"),
    ];
    for (from, to, line, says) in cases {
        let place = format!("--> network.toml:{line}:");
        refused(from, &to, &[says, &place]);
    }
}

#[test]
fn impossible_limits_are_refused() {
    let limit = "egress_rate_limit_per_container = 10485760";
    let crossed = "minimum_ingress_rate_limit = 9\nmaximum_ingress_rate_limit = 8\n\
                   ingress_rate_per_cpu = 9";
    let cases = [
        (
            "ingress_rate_limit_per_container = 9\ningress_rate_per_cpu = 9",
            20,
            "ingress: both a fixed limit and a limit per CPU are given",
        ),
        (crossed, 19, "ingress: the minimum 9 is above the maximum 8"),
        (
            "minimum_egress_rate_limit = 104857601",
            19,
            "egress: the minimum 104857601 is above the link's speed 104857600",
        ),
        (
            "ingress_rate_limit_per_container = 104857601",
            19,
            "ingress: the fixed limit 104857601 is above the link's speed 104857600",
        ),
    ];
    for (to, line, says) in cases {
        let place = format!("--> network.toml:{line}:");
        refused(limit, to, &[says, &place]);
    }
}

/// What the agent tells of the container: the bytes as they move, its caps, its connections.
#[test]
fn agents_tell_what_their_containers_move() {
    let sandbox = Sandbox::new();
    let rates = "rate_statistics = { window = \"2s\", interval = \"500ms\" }\nhost_ports";
    let scenario = SCENARIO.replace("host_ports", rates);
    sandbox.write("network.toml", format!("{scenario}\n[output]\nstatistics_interval = \"1s\"\n"));
    let ran = sandbox.run(&["run", "network.toml", "--out", "results", "--check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let text = sandbox.read("results/statistics.jsonl");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let containers = lines.filter_map(|line| {
        let container = line["statistics"].as_array()?.first()?;
        Some(container["statistics"].clone())
    });
    let containers: Vec<Value> = containers.collect();
    let bytes = |name: &str| -> Vec<f64> {
        containers.iter().map(|it| it[name].as_f64().expect("a number")).collect()
    };
    let (received, sent) = (bytes("net_rx_bytes"), bytes("net_tx_bytes"));
    let grows =
        |bytes: &[f64], by: f64| bytes.windows(2).any(|pair| (pair[1] - pair[0] - by).abs() <= 1.0);
    assert!(grows(&received, 52_428_800.0), "half the file in a second: {received:?}");
    assert!(grows(&sent, 10_485_760.0), "what the cap lets through: {sent:?}");
    let last = containers.last().expect("a container");
    assert_eq!(last["net_rx_bytes"], 104_857_600.0);
    assert_eq!(last["net_tx_rate_limit"], 10_485_760);
    assert_eq!(last["net_tcp_active_connections"], 1);
    assert_eq!(last["net_tcp_time_wait_connections"], 1);
    assert_eq!(last["net_ephemeral_ports"]["begin"], 32_768);
    assert!(last.get("net_rx_rate_limit").is_none(), "nothing limits it");
    let rates = &last["net_rate_statistics"];
    let slowest = rates["tx_rate"]["min"].as_f64().expect("a rate");
    assert!((slowest - 10_485_760.0).abs() <= 2.0, "all of the window it sent: {rates}");
    assert_eq!(rates["tx_rate"]["samples"], 4);
    assert_eq!(
        (&rates["rx_rate"]["max"], &rates["tx_drop_rate"]["p99"]),
        (&json!(0.0), &json!(0.0))
    );
    assert_eq!(rates["sampling_window_secs"], 2.0);
}

/// Ports, and what does not adapt, in what is written.
#[test]
fn ports_and_drops_are_written() {
    let sandbox = Sandbox::new();
    let udp = SCENARIO
        .replace(
            "writes = [{ size = \"100MiB\" }]",
            "writes = [{ size = \"100MiB\", rate = 20971520 }]",
        )
        .replace("egress_rate_limit_per_container = 10485760", "egress_rate_per_cpu = 10485760");
    sandbox.write("network.toml", udp);
    let ran = sandbox.run(&["run", "network.toml", "--out", "results", "--check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(sandbox.column("transfers", "net_tx_dropped"), ["0", "52428800"]);
    assert_eq!(sandbox.column("transfers", "net_tx_bytes"), ["0", "52428800"]);
    assert_eq!(sandbox.column("transfers", "failed_connects"), ["0", "0"]);
    let summary = sandbox.json("results/summary.json");
    assert_eq!(summary["network/dropped_bytes"], 52_428_800.0);
    // Of four agents together.
    assert_eq!(summary["port_mapping/per_cpu_egress_rate_limit"], 4.0 * 10_485_760.0);
    assert_eq!(summary["port_mapping/ephemeral_port_blocks"], 4.0 * 24.0);
    assert_eq!(summary["port_mapping/filters"], 0.0);
    assert!(summary.get("port_mapping/per_cpu_ingress_rate_limit").is_none());
}

/// Mesos 0.23 knew a fixed limit on what is sent, and no minimum that lifts it.
#[test]
fn the_profile_of_0_23_has_one_cap() {
    let old = SCENARIO.replace("seed = 1", "seed = 1\nprofile = \"mesos-0.23\"");
    let sandbox = Sandbox::new();
    sandbox.write("old.toml", &old);
    assert_eq!(sandbox.run(&["check", "old.toml"]).code, Some(0));
    let newer = old.replace("host_ports", "ingress_rate_limit_per_container = 9\nhost_ports");
    sandbox.write("newer.toml", newer);
    let message = sandbox.refused(&["check", "newer.toml"]);
    assert_says(&message, &["mesos-0.23 has no such flag", "egress_rate_limit_per_container"]);
}
