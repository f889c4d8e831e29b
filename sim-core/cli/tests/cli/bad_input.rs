//! Scenarios that are wrong: the message names the place, what was found and what would be right;
//! the exit code is 2, and nothing is written.

use crate::support::{Sandbox, TINY, assert_says};

/// The tiny scenario with one change. The message must point at what stands between « and » in the
/// changed text, if anything does, and contain all of `says`; `check` must say the same as `run`.
#[track_caller]
fn refused(from: &str, to: &str, says: &[&str]) {
    assert_eq!(TINY.matches(from).count(), 1, "{from:?} must be there once");
    let marked = TINY.replacen(from, to, 1);
    let text = marked.replace(['«', '»'], "");
    let message = refused_text(&text, says);
    if let Some((before, rest)) = marked.split_once('«') {
        let (inside, _) = rest.split_once('»').expect("an end of the mark");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let carets = "^".repeat(inside.chars().count().max(1));
        assert_says(&message, &[&format!("--> tiny.toml:{line}:{column}\n")]);
        assert_says(&message, &[&format!("| {}{carets}\n", " ".repeat(column - 1))]);
        assert!(!message.contains(&format!("{carets}^")), "too many carets:\n{message}");
    }
}

#[track_caller]
fn refused_text(text: &str, says: &[&str]) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("tiny.toml", text);
    let message = sandbox.refused(&["run", "tiny.toml", "--out", "results"]);
    assert_says(&message, says);
    assert_eq!(sandbox.refused(&["check", "tiny.toml"]), message, "`check` says something else");
    message
}

#[test]
fn unknown_keys() {
    refused("seed = 7", "«sed» = 7", &["unknown key 'sed'", "did you mean 'seed'?"]);
    refused(
        "[mapping]",
        "[master]\n«allocation_intervall» = \"1s\"\n\n[mapping]",
        &["unknown key 'allocation_intervall'", "did you mean 'allocation_interval'?"],
    );
    refused(
        "[mapping]",
        "[allocator.hierarchical]\n«agent_oder» = \"id\"\n\n[mapping]",
        &["unknown key 'agent_oder'", "did you mean 'agent_order'?"],
    );
    refused(
        "placement = \"best_fit\"",
        "«placment» = \"best_fit\"",
        &["unknown key 'placment'", "did you mean 'placement'?"],
    );
    refused("jobs = 20", "«job» = 20", &["unknown key 'job'", "did you mean 'jobs'?"]);
    refused("cpus = 0.5", "«cpu» = 0.5", &["unknown key 'cpu'", "did you mean 'cpus'?"]);
    refused(
        "jitter = \"1ms\"",
        "«wobble» = \"1ms\"",
        &["unknown key 'wobble'", "expected one of latency, jitter"],
    );
    refused(
        "[mapping]",
        "[«workloads»]\n\n[mapping]",
        &["unknown key 'workloads'", "did you mean 'workload'?"],
    );
}

#[test]
fn unknown_values() {
    refused(
        "\"best_fit\"",
        "«\"bestfit\"»",
        &["unknown value 'bestfit'", "did you mean 'best_fit'?"],
    );
    refused("by = \"queue\"", "by = «\"colour\"»", &["unknown value 'colour'", "user, queue"]);
    refused(
        "[mapping]",
        "[output]\ntables = [\"tasks\", «\"job\"»]\n\n[mapping]",
        &["unknown value 'job'", "did you mean 'jobs'?"],
    );
    refused(
        "[mapping]",
        "[master]\nfair_sharing_excluded_resource_names = [«\"gpu\"»]\n\n[mapping]",
        &["unknown resource 'gpu'", "did you mean 'gpus'?"],
    );
    refused(
        "[mapping]",
        "[allocator.«hierarchic»]\n\n[mapping]",
        &["unknown value 'hierarchic'", "did you mean 'hierarchical'?"],
    );
}

#[test]
fn amounts_and_their_units() {
    let until = "until = \"1h\"";
    refused(
        until,
        "until = «\"10 parsecs\"»",
        &["unknown unit `parsecs`", "ns, us, ms, s, m, h, d"],
    );
    refused(until, "until = «\"10 sec\"»", &["unknown unit `sec`", "did you mean `10s`?"]);
    refused(until, "until = «10»", &["`10` has no unit", "as in \"10s\""]);
    refused(until, "until = «\"10\"»", &["`10` has no unit", "as in \"10s\""]);
    refused(until, "until = «\"-1h\"»", &["`-1h` is negative"]);
    refused(until, "until = «\"900000d\"»", &["`900000d` is too large"]);
    refused(until, "until = «true»", &["boolean `true`", "a duration with a unit"]);
    refused("\"256MiB\"", "«256»", &["`256` has no unit", "as in \"16GiB\""]);
    refused("\"256MiB\"", "«\"256 MeB\"»", &["unknown unit `MeB`", "`256 MeB`"]);
    refused("cpus = 0.5", "cpus = «-0.5»", &["found `-0.5`", "from 0 to"]);
    refused("seed = 7", "seed = «-7»", &["-7", "u64"]);
    refused("count = 2", "count = «0»", &["0", "nonzero"]);
    refused("count = 2", "count = «2.5»", &["2.5", "nonzero"]);
}

#[test]
fn resources_of_agents() {
    let good = "\"cpus:4;mem:4096\"";
    refused(good, "«\"cpus:-4;mem:4096\"»", &["the amount of cpus is -4", "not be negative"]);
    refused(good, "«\"cpus:many\"»", &["the amount of cpus is 'many'", "expected a number"]);
    refused(good, "«\"cpus 4\"»", &["'cpus 4' has no value", "cpus:4"]);
    refused(good, "«\"cpus(eng:4\"»", &["'cpus(eng:4'", "unclosed parenthesis"]);
    refused(good, "«\"cpus(eng/):4\"»", &["role 'eng/'", "end with a slash"]);
    refused(good, "«\"cpus:4;ports:[5-1]\"»", &["ports is '[5-1]'", "[31000-32000]"]);
    refused(good, "«\"cpus:nan\"»", &["the amount of cpus is 'nan'"]);
    refused(good, "«\"cpus:1e300\"»", &["the amount of cpus is '1e300'"]);
    refused(good, "«\"\"»", &["these agents have no resources"]);
}

#[test]
fn names_of_roles() {
    let good = "role = \"batch\"";
    refused(good, "role = «\"batch/\"»", &["role 'batch/'", "must not start or end with a slash"]);
    refused(good, "role = «\"a b\"»", &["role 'a b'", "white space"]);
    refused(good, "role = «\"a/../b\"»", &["role 'a/../b'", "component '..', which is reserved"]);
    refused(
        good,
        "role = «\"a/-b\"»",
        &["role 'a/-b'", "component '-b', which starts with a dash"],
    );
    refused(good, "role = «\"\"»", &["a role name must not be empty"]);
}

#[test]
fn weights_of_roles() {
    let good = "weight = 2";
    refused(good, "weight = «0»", &["the weight of 'web' is 0", "expected more than 0"]);
    refused(good, "weight = «-1.5»", &["the weight of 'web' is -1.5"]);
    refused(good, "weight = «nan»", &["the weight of 'web' is NaN"]);
    refused(good, "weight = «inf»", &["the weight of 'web' is inf"]);
    refused(good, "weight = «\"much\"»", &["\"much\"", "expected f64"]);
    let role = "[[roles]]\nname = \"web\"";
    refused(
        role,
        "[[roles]]\nname = «\"wbe\"»",
        &["no framework is in the role 'wbe'", "did you mean 'web'?"],
    );
    refused(
        role,
        "[[roles]]\nname = \"web\"\n\n[[roles]]\nname = «\"web\"»",
        &["the role 'web' is listed twice"],
    );
}

#[test]
fn names_that_are_taken_or_no_names() {
    refused(
        "name = \"batch\"\nrole = \"batch\"",
        "name = «\"web\"»\nrole = \"batch\"",
        &["a second framework is called 'web'"],
    );
    refused(
        "name = \"batch\"\nrole = \"batch\"",
        "name = «\"a/b\"»\nrole = \"batch\"",
        &["'a/b' cannot name a framework"],
    );
    refused(
        "[[roles]]",
        "[[agents]]\nname = «\"node\"»\nresources = \"cpus:1\"\n\n[[roles]]",
        &["a second group of agents is called 'node'"],
    );
    refused("name = \"tiny\"", "name = «\"../tiny\"»", &["'../tiny' cannot name a folder"]);
    refused("name = \"tiny\"", "name = «\"\"»", &["'' cannot name a folder"]);
    refused(
        "name = \"batch\"\njobs = 10",
        "name = \"web\"\njobs = 10",
        &["classes[1].name", "found `web` again"],
    );
}

#[test]
fn intervals_of_no_length() {
    for (table, key) in [
        ("master", "allocation_interval"),
        ("master", "offer_timeout"),
        ("output", "sample_interval"),
    ] {
        let to = format!("[{table}]\n{key} = «\"0s\"»\n\n[mapping]");
        refused("[mapping]", &to, &[&format!("{key} is 0: expected more")]);
    }
}

#[test]
fn missing_parts() {
    let agents = "[[agents]]\nname = \"node\"\ncount = 2\nresources = \"cpus:4;mem:4096\"\n";
    refused(agents, "", &["there are no agents", "[[agents]]", "--> tiny.toml"]);
    let (before, rest) = TINY.split_once("[[frameworks]]").expect("frameworks");
    let (_, after) = rest.split_once("[mapping]").expect("a mapping");
    let without = format!("frameworks = []\n{before}[mapping]{after}")
        .replace("[[roles]]\nname = \"web\"\nweight = 2\n", "");
    refused_text(&without, &["there are no frameworks", "[[frameworks]] with name and role"]);
    refused("name = \"tiny\"\n", "", &["the key 'name' is missing", "--> tiny.toml"]);
    refused(
        "name = \"node\"\ncount = 2\n",
        "count = 2\n",
        &["the key 'name' is missing", "--> tiny.toml:"],
    );
    refused("by = \"queue\"", "", &["every framework has `takes`", "mapped by hash"]);
}

#[test]
fn work_that_is_taken_twice_or_not_at_all() {
    let good = "takes = [\"batch\"]";
    refused(
        good,
        "takes = [\"batch\", «\"web\"»]",
        &["'web' is taken by the framework 'web' already"],
    );
    refused(
        good,
        "takes = [\"bach\"]",
        &["jobs of the class 'batch'", "'batch' in `takes`", "did you mean 'bach'?"],
    );
    let by_priority = |web: &str, batch: &str| {
        TINY.replace("by = \"queue\"", "by = \"priority\"")
            .replace("takes = [\"web\"]", &format!("takes = [\"{web}\"]"))
            .replace(good, &format!("takes = [\"{batch}\"]"))
    };
    refused_text(&by_priority("0-4", "4"), &["'4' is taken by the framework 'web' already"]);
    refused_text(&by_priority("1", "2"), &["jobs of the class 'web'", "none has '0'"]);
    refused_text(&by_priority("8-0", "high"), &["'8-0' is no band", "'high' is no band"]);
    let users = TINY.replace("by = \"queue\"", "by = \"user\"").replace("jobs = 20", "users = 3");
    refused_text(&users, &["jobs of the class 'web'", "none has 'web-0'"]);
}

#[test]
fn several_problems_at_once() {
    let text = TINY
        .replace("weight = 2", "weight = 0")
        .replace("cpus:4;mem:4096", "cpus:-4")
        .replace("role = \"batch\"", "role = \"batch/\"");
    let message = refused_text(
        &text,
        &["the amount of cpus is -4", "the weight of 'web' is 0", "role 'batch/'"],
    );
    assert_eq!(message.matches("--> tiny.toml:").count(), 3, "{message}");
}

#[test]
fn what_is_no_toml() {
    refused("seed = 7", "seed = 7\n«seed» = 8", &["duplicate key"]);
    refused("name = \"tiny\"", "name = \"tiny«»", &["invalid basic string"]);
    refused("seed = 7", "seed = ", &["--> tiny.toml:2:"]);
    refused_text("", &["the key 'name' is missing", "--> tiny.toml"]);
}

#[test]
fn files_that_are_no_scenarios() {
    let sandbox = Sandbox::new();
    sandbox.write("folder/empty", "");
    sandbox.write("garbage.toml", [0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe, 0x0a]);
    sandbox.write("latin1.toml", b"name = \"tiny\"\n# caf\xe9\n");
    for (file, says) in [
        ("missing.toml", ["cannot read the scenario 'missing.toml'", "No such file"]),
        ("folder", ["cannot read the scenario 'folder'", "irectory"]),
        ("garbage.toml", ["garbage.toml:1:2", "not text in UTF-8"]),
        ("latin1.toml", ["latin1.toml:2:6", "not text in UTF-8"]),
    ] {
        assert_says(&sandbox.refused(&["run", file]), &says);
        assert_says(&sandbox.refused(&["check", file]), &says);
    }
}

#[test]
fn arguments() {
    let sandbox = Sandbox::tiny();
    for (arguments, says) in [
        (["run", "tiny.toml", "--seed", "one"], ["invalid value 'one'", "--seed"]),
        (["run", "tiny.toml", "--seed", "1.5"], ["invalid value '1.5'", "--seed"]),
        (["run", "tiny.toml", "--sede", "1"], ["unexpected argument '--sede'", "'--seed'"]),
        (["run", "tiny.toml", "other.toml", "--json"], ["unexpected argument", "other.toml"]),
        (["check", "tiny.toml", "--out", "results"], ["unexpected argument '--out'", "check"]),
    ] {
        assert_says(&sandbox.refused(&arguments), &says);
    }
    let message = sandbox.refused(&["simulate"]);
    assert_says(&message, &["unrecognized subcommand 'simulate'"]);
}
