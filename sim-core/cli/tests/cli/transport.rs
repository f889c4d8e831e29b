//! Connections, encryption and a master that takes time, from the command line.

use crate::support::{Sandbox, TINY, assert_says};

fn number(summary: &serde_json::Value, metric: &str) -> f64 {
    summary[metric].as_f64().unwrap_or_else(|| panic!("no number {metric}"))
}

/// What the tiny scenario comes to with this behind it.
fn summary(more: &str) -> serde_json::Value {
    let sandbox = Sandbox::new();
    sandbox.write("tiny.toml", format!("{TINY}\n{more}"));
    let ran = sandbox.run(&["run", "tiny.toml", "--out", "results", "--quiet", "--check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    sandbox.json("results/summary.json")
}

#[test]
fn encryption_shows_in_the_summary() {
    let ends = "master = { enabled = true }\nagents = { enabled = true }\n\
                frameworks = { enabled = true }\n";
    let encrypted = summary(&format!("[transport.service]\n[transport.connections]\n{ends}"));
    let plain = summary("[transport.connections]");
    let free = summary("");
    for metric in ["transport/handshake_time_s", "transport/encryption_overhead_bytes"] {
        assert!(number(&encrypted, metric) > 0.0, "{metric}");
        assert!(number(&plain, metric) < 1e-9, "{metric}");
        assert!(free.get(metric).is_none(), "{metric}");
    }
    assert!(number(&encrypted, "transport/master_busy_s") > 0.0);
    // Of each handshake a hello, a certificate and a secret.
    let (handshakes, bytes) = ("transport/handshakes", "transport/handshake_bytes");
    let expected = number(&encrypted, handshakes) * (556.0 + 1_536.0 + 256.0);
    assert!((number(&encrypted, bytes) - expected).abs() < 0.5);
    assert!(number(&plain, bytes) < 0.5 && plain.get("tls/master/handshakes_s").is_none());
    for (part, of) in [("handshakes", "handshake"), ("records", "record")] {
        let all = number(&encrypted, &format!("transport/{of}_time_s"));
        let part = number(&encrypted, &format!("tls/master/{part}_s"));
        assert!(part > 0.0 && part <= all, "{of}: {part} of {all}");
    }
    // What the master encrypts agents and frameworks decrypt, and the other way round.
    let bytes_of = |party: &str| number(&encrypted, &format!("tls/{party}/bytes_s"));
    let others = bytes_of("agents") + bytes_of("frameworks");
    assert!((bytes_of("master") - others).abs() < 1e-9);
    let waiting = "tasks/waiting_time_mean_s";
    assert!(number(&encrypted, waiting) > number(&free, waiting));
    assert_eq!(encrypted["tasks/finished"], free["tasks/finished"]);
}

#[track_caller]
fn refused(more: &str, says: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.write("tiny.toml", format!("{TINY}\n{more}"));
    let message = sandbox.refused(&["run", "tiny.toml", "--out", "results"]);
    assert_says(&message, says);
}

#[test]
fn ends_that_could_never_meet() {
    refused(
        "[transport.connections]\nmaster = { enabled = true }\n",
        &["agents could never connect to the master", "neither downgrades"],
    );
    refused(
        "[transport.connections]\nmaster = { enabled = true }\n\
         agents = { enabled = true, protocols = [\"tls-1.3\"] }\nframeworks = { enabled = true }\n",
        &["agents could never connect", "no version of the protocol"],
    );
    refused(
        "[transport.connections]\nmaster = { enabled = true, require_client_cert = true }\n\
         agents = { enabled = true, certificate = \"missing\" }\nframeworks = { enabled = true }\n",
        &["agents could never connect", "certificate of the side that connects"],
    );
    refused("[transport.connections]\nagents = { protocols = [] }\n", &["`protocols` is empty"]);
}

#[test]
fn wrong_parameters() {
    refused(
        "[transport.connections]\nresumption = 1.5\n",
        &["the probability is 1.5: expected 0 to 1"],
    );
    refused(
        "[transport.connections]\nkey = \"rsa-1024\"\n",
        &["unknown value 'rsa-1024'", "did you mean 'rsa-2048'?", "tiny.toml:"],
    );
    refused("[transport.connections]\ncosts = \"2016\"\n", &["'2016'", "did you mean '2015'?"]);
    refused(
        "[transport.connections]\nmaster = { protocols = [\"tls-1.4\"] }\n",
        &["unknown value 'tls-1.4'", "did you mean 'tls-1."],
    );
    refused("[transport.connections]\nciphers = \"RC4\"\n", &["unknown key 'ciphers'"]);
    refused("[transport.connections]\ncertificates = 11\n", &["11 certificates: expected 1 to 10"]);
    refused("[transport.service]\nregistration = \"-1s\"\n", &["-1s"]);
    refused("[transport.servce]\n", &["servce"]);
}

#[test]
fn bad_certificates_need_connections() {
    refused(
        "[[faults]]\nat = \"1s\"\nkind = \"bad_certificate\"\n",
        &["no connection is encrypted", "[transport.connections]"],
    );
}
