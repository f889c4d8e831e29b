//! `offersim allocator replay`, with and without `--check`.

use crate::support::{Sandbox, assert_says};

const EVENTS: &str = r#"{"op":"addAgent","id":"s1","resources":"cpus:4;mem:4096"}
{"op":"updateQuota","role":"q","guarantees":"cpus:1","limits":"cpus:3"}
{"op":"addFramework","id":"f1","roles":["a"]}
{"op":"recoverResources","framework":"f1","agent":"s1","role":"a","resources":"cpus:3;mem:4096","refuse_seconds":5}
{"op":"addFramework","id":"f2","roles":["b"]}
{"op":"suppress","framework":"f2","roles":[]}
{"op":"tick"}
"#;

/// A sandbox with the events, and with the offers that they lead to.
fn recorded() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    sandbox.write("events.jsonl", EVENTS);
    let ran = sandbox.run(&["allocator", "replay", "events.jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    sandbox.write("offers.jsonl", &ran.stdout);
    (sandbox, ran.stdout)
}

#[test]
fn a_replay_agrees_with_its_own_recording() {
    let (sandbox, offers) = recorded();
    assert_eq!(offers.lines().count(), 2);
    let ran = sandbox.run(&["allocator", "replay", "events.jsonl", "--check", "offers.jsonl"]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.stdout, "no difference: 7 events, 2 offers\n");
}

#[test]
fn the_first_difference_is_shown_with_the_state_before_it() {
    let (sandbox, offers) = recorded();
    sandbox.write("other.jsonl", offers.replace(r#""framework":"f2""#, r#""framework":"f3""#));
    let ran = sandbox.run(&["allocator", "replay", "events.jsonl", "--check", "other.jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn missing_and_surplus_offers_are_differences() {
    let (sandbox, offers) = recorded();
    let first = offers.lines().next().expect("two offers");
    sandbox.write("fewer.jsonl", format!("{first}\n"));
    let ran = sandbox.run(&["allocator", "replay", "events.jsonl", "--check", "fewer.jsonl"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.starts_with("event 5 differs from line 2 of fewer.jsonl\n"));
    assert!(ran.stdout.contains("recorded  (no more offers)"), "{}", ran.stdout);

    sandbox.write("more.jsonl", format!("{offers}{first}\n"));
    let ran = sandbox.run(&["allocator", "replay", "events.jsonl", "--check", "more.jsonl"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.starts_with("event 3 differs from line 3 of more.jsonl\n"));
    assert!(ran.stdout.contains("replayed  (no more offers)"), "{}", ran.stdout);
}

#[test]
fn garbage_in_a_recording_is_a_difference_and_nothing_worse() {
    let (sandbox, _) = recorded();
    for garbage in
        ["", "\n", "{}\n", "[1,2\n", "{\"event\":0}\n", "{\"event\":99}\n", "\u{1b}[2J\n"]
    {
        sandbox.write("garbage.jsonl", garbage);
        let ran = sandbox.run(&["allocator", "replay", "events.jsonl", "--check", "garbage.jsonl"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""), "{garbage:?}");
        assert!(!ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    }
}

#[test]
fn mistakes_name_file_line_and_field() {
    let (sandbox, _) = recorded();
    sandbox.write("broken.jsonl", EVENTS.replace("\"cpus:4;mem:4096\"", "\"cpus:four\""));
    let ran = sandbox.run(&["allocator", "replay", "broken.jsonl", "--check", "offers.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert_says(&ran.stderr, &["broken.jsonl", "line 1", "field resources", "cpus", "four"]);

    let ran = sandbox.run(&["allocator", "replay", "--check", "-"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("cannot both come from standard input"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_read() {
    let (sandbox, _) = recorded();
    std::fs::create_dir(sandbox.path("folder")).expect("a folder");
    sandbox.write("bytes.jsonl", b"\n{\"op\":\"\xff\"}\n");
    for (name, says) in [
        ("missing.jsonl", &["cannot read 'missing.jsonl'", "No such file"][..]),
        ("folder", &["cannot read folder", "directory"]),
        ("bytes.jsonl", &["bytes.jsonl: line 2: not UTF-8 from byte 8 on"]),
        ("\u{1b}[2J", &["cannot read '\u{fffd}[2J'"]),
    ] {
        assert_says(&sandbox.refused(&["allocator", "replay", name]), says);
    }
    for name in ["missing.jsonl", "folder"] {
        let arguments = ["allocator", "replay", "events.jsonl", "--check", name];
        assert_says(&sandbox.refused(&arguments), &["cannot read", name]);
    }
    // The difference in line 1 would hide line 2.
    sandbox.write("bytes.jsonl", b"\xff\n");
    let arguments = ["allocator", "replay", "events.jsonl", "--check", "bytes.jsonl"];
    assert_says(&sandbox.refused(&arguments), &["bytes.jsonl: line 1: not UTF-8"]);
}

#[test]
fn lines_that_are_no_events() {
    let sandbox = Sandbox::new();
    let deep = "[".repeat(1_000_000);
    let long = format!("{{\"op\":\"{}\"}}", "x".repeat(1_000_000));
    for (line, says) in [
        ("{\"op\":\"tick\"", &["script.jsonl: line 2: not JSON: EOF", "at column 12"][..]),
        ("{\"op\":\"tick\"} {}", &["line 2: not JSON: trailing characters"]),
        (&deep, &["line 2: not JSON: recursion limit exceeded"]),
        ("{\"op\":\"advance\",\"seconds\":NaN}", &["line 2: not JSON: expected value"]),
        ("{\"op\":\"advance\",\"seconds\":1e999}", &["line 2: not JSON: number out of range"]),
        ("{\"op\":\"advance\",\"seconds\":2e9}", &["line 2, field seconds: 2000000000 is not"]),
        ("{\"op\":\"addAgnet\"}", &["line 2, field op: 'addAgnet' is none of", "addAgent, "]),
        (&long, &["line 2, field op: 'xxx", " ..."]),
        ("{\"op\":\"\\u001b[2J\\u0007\"}", &["field op: '\u{fffd}[2J\u{fffd}'"]),
    ] {
        sandbox.write("script.jsonl", format!("{{\"op\":\"tick\"}}\n{line}\n"));
        let message = sandbox.refused(&["allocator", "replay", "script.jsonl"]);
        assert_says(&message, says);
        assert!(message.len() < 3_000, "{} bytes", message.len());
    }
}

/// The device has no end, and no newline.
#[test]
#[cfg(target_os = "linux")]
fn a_line_without_an_end() {
    let (sandbox, _) = recorded();
    for arguments in [&["/dev/zero"][..], &["events.jsonl", "--check", "/dev/zero"]] {
        let message = sandbox.refused(&[&["allocator", "replay"], arguments].concat());
        assert_says(&message, &["/dev/zero: line 1: longer than 16 MiB"]);
    }
}

#[test]
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "a skipped test must not look like a passed one")]
fn a_script_without_the_right_to_read() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    let (sandbox, _) = recorded();
    let locked = sandbox.path("events.jsonl");
    fs::set_permissions(&locked, Permissions::from_mode(0o000)).expect("a file of the test");
    if fs::read(&locked).is_ok() {
        eprintln!("skipped: this user (root?) may read anything");
        return;
    }
    let message = sandbox.refused(&["allocator", "replay", "events.jsonl"]);
    assert_says(&message, &["cannot read 'events.jsonl'", "Permission denied"]);
}

#[test]
fn names_that_are_taken_or_unknown() {
    let sandbox = Sandbox::new();
    for (line, says) in [
        (r#"{"op":"addAgent","id":"s1","resources":""}"#, "field id: agent 's1' is there already"),
        (r#"{"op":"addFramework","id":"f1","roles":[]}"#, "field id: framework 'f1' is there"),
        (r#"{"op":"removeAgent","id":"s7"}"#, "field id: agent 's7' was never added"),
        (r#"{"op":"revive","framework":"f7"}"#, "field framework: framework 'f7' was never added"),
        (r#"{"op":"updateQuota","role":"/a"}"#, "field role: role '/a' must not start or end"),
        (
            r#"{"op":"suppress","framework":"f1","roles":["a",7]}"#,
            "field roles[1]: expected a string",
        ),
        (r#"{"op":"suppress","framework":"f1","role":"a"}"#, "field role: not known; known are"),
    ] {
        sandbox.write("script.jsonl", format!("{EVENTS}{line}"));
        let ran = sandbox.run(&["allocator", "replay", "script.jsonl"]);
        assert_eq!(
            (ran.code, ran.stdout.lines().count()),
            (Some(2), 2),
            "what came before is right"
        );
        assert_says(&ran.stderr, &["error: script.jsonl: line 8, ", says]);
    }
}

#[test]
fn files_of_other_editors() {
    let (sandbox, offers) = recorded();
    for text in [
        EVENTS.replace('\n', "\r\n"),
        format!("\u{feff}{EVENTS}"),
        EVENTS.trim_end().to_owned(),
        format!("{EVENTS}\n \n"),
    ] {
        sandbox.write("other.jsonl", text);
        let ran = sandbox.run(&["allocator", "replay", "other.jsonl"]);
        assert_eq!((ran.code, ran.stdout), (Some(0), offers.clone()));
    }
    for text in [offers.replace('\n', "\r\n"), offers.trim_end().to_owned()] {
        sandbox.write("other.jsonl", text);
        let ran = sandbox.run(&["allocator", "replay", "events.jsonl", "--check", "other.jsonl"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    }
}

#[test]
fn a_script_without_events() {
    let (sandbox, _) = recorded();
    sandbox.write("empty.jsonl", "");
    let ran = sandbox.run(&["allocator", "replay", "empty.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    let ran = sandbox.run(&["allocator", "replay", "empty.jsonl", "--check", "offers.jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    assert_says(&ran.stdout, &["event 1 differs from line 1 of offers.jsonl", "(no events)"]);
}

/// An offer at every tick of an advance that takes hours: who keeps them until its end never writes
/// any.
const ENDLESS: &str = r#"{"op":"init","allocation_interval":0.001}
{"op":"addAgent","id":"s1","resources":"cpus:1000000000000"}
{"op":"updateQuota","role":"a","guarantees":"cpus:900000000000","limits":""}
{"op":"addFramework","id":"f1","roles":["z"]}
{"op":"addFramework","id":"f2","roles":["a/b"]}
{"op":"addAgent","id":"s2","resources":"cpus(a):2"}
{"op":"advance","seconds":1000000000}
"#;

#[test]
#[cfg(unix)]
fn offers_are_written_as_they_are_made_until_the_reader_leaves() {
    let sandbox = Sandbox::new();
    sandbox.write("endless.jsonl", ENDLESS);
    let run = "\"$OFFERSIM\" allocator replay endless.jsonl";
    let ran = sandbox.shell(&format!("({run}; echo \"exit $?\" >&2) | head -n 1000 | tail -n 1"));
    assert_eq!(ran.stderr, "exit 0\n");
    assert_says(&ran.stdout, &[r#"{"event":7,"t":0.998,"#]);

    sandbox.write("offers.jsonl", sandbox.shell(&format!("{run} | head -n 500")).stdout);
    let ran = sandbox.run(&["allocator", "replay", "endless.jsonl", "--check", "offers.jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    assert_says(&ran.stdout, &["event 7 differs from line 501 of offers.jsonl", "before event 7"]);
}

/// The device takes nothing.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk() {
    let (sandbox, _) = recorded();
    sandbox.write("endless.jsonl", ENDLESS);
    for arguments in ["events.jsonl", "endless.jsonl", "events.jsonl --check offers.jsonl"] {
        let run = format!("exec \"$OFFERSIM\" allocator replay {arguments} > /dev/full");
        let ran = sandbox.shell(&run);
        assert_eq!(ran.code, Some(2), "{arguments}");
        assert_says(&ran.stderr, &["error: ", "No space left"]);
    }
}
