//! Every recording of Mesos's own allocator replays byte for byte.

use policy_allocators::replay::Replay;
use std::path::Path;

/// The recordings lie beside the checkout, not in it.
const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/golden");

#[test]
#[expect(clippy::print_stderr, reason = "a test that does not run must say so")]
fn recordings_replay_with_no_difference() {
    let folder = Path::new(RECORDINGS);
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("SKIPPED: no recordings at {RECORDINGS}");
        return;
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_suffix(".events.jsonl")?.to_owned()))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "the folder of recordings is empty");
    let failures: Vec<String> = names.iter().filter_map(|name| difference(folder, name)).collect();
    assert!(
        failures.is_empty(),
        "{} of {} recordings differ:\n{}",
        failures.len(),
        names.len(),
        failures.join("\n")
    );
}

/// The first difference between a recording and its replay.
fn difference(folder: &Path, name: &str) -> Option<String> {
    let read = |kind: &str| {
        let path = folder.join(format!("{name}.{kind}.jsonl"));
        std::fs::read_to_string(path).expect("a recording has both files")
    };
    let (events, recorded) = (read("events"), read("offers"));
    let mut replay = Replay::default();
    let mut replayed = String::new();
    for line in events.lines() {
        if let Err(error) = replay.line(line, &mut replayed) {
            return Some(format!("{name}: {error}"));
        }
    }
    if replayed == recorded {
        return None;
    }
    let (mut left, mut right) = (recorded.lines(), replayed.lines());
    let mut number = 0;
    loop {
        number += 1;
        let (recorded, replayed) = (left.next(), right.next());
        if recorded != replayed {
            let show = |line: Option<&str>| line.unwrap_or("(nothing)").to_owned();
            return Some(format!(
                "{name}, offer line {number}\n  recorded {}\n  replayed {}",
                show(recorded),
                show(replayed)
            ));
        }
    }
}
