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
    for garbage in ["", "\n", "{}\n", "[1,2\n", "{\"event\":0}\n", "{\"event\":99}\n"] {
        sandbox.write("garbage.jsonl", garbage);
        let ran = sandbox.run(&["allocator", "replay", "events.jsonl", "--check", "garbage.jsonl"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""), "{garbage:?}");
    }
}

#[test]
fn mistakes_name_file_line_and_field() {
    let (sandbox, _) = recorded();
    sandbox.write("broken.jsonl", EVENTS.replace("\"cpus:4;mem:4096\"", "\"cpus:four\""));
    let ran = sandbox.run(&["allocator", "replay", "broken.jsonl", "--check", "offers.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert_says(&ran.stderr, &["broken.jsonl", "line 1", "field resources", "cpus", "four"]);

    let ran = sandbox.run(&["allocator", "replay", "events.jsonl", "--check", "offer.jsonl"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("cannot read 'offer.jsonl'"), "{}", ran.stderr);

    let ran = sandbox.run(&["allocator", "replay", "--check", "-"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("cannot both come from standard input"), "{}", ran.stderr);
}
