//! An interrupted run ends at once, with its own exit code, and leaves nothing under its name.

use crate::support::{Ran, Sandbox, TINY, assert_says};
use std::process::Command;
use std::time::{Duration, Instant};

/// A scenario that never ends by itself.
fn endless() -> Sandbox {
    let sandbox = Sandbox::new();
    let text = TINY.replace("until = \"1h\"\n", "").replace("jobs = 20\n", "");
    sandbox.write("endless.toml", text);
    sandbox
}

/// Starts the run, sends the signal once it is under way, and waits for its end.
fn interrupted_by(signal: &str, sandbox: &Sandbox) -> Ran {
    let mut command = sandbox.offersim();
    let running = sandbox.start(command.args(["run", "endless.toml", "--out", "results"]));
    let process = running.child.id().to_string();
    let partial =
        |name: &String| name.starts_with(".results.partial") && name.ends_with("tasks.csv");
    let deadline = Instant::now() + Duration::from_mins(1);
    while !sandbox.entries().iter().any(partial) {
        assert!(Instant::now() < deadline, "the run does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(200));
    let sent = Command::new("kill").args([signal, &process]).status().expect("the command `kill`");
    assert!(sent.success(), "the run has ended by itself");
    let asked = Instant::now();
    let ran = running.finish();
    assert!(asked.elapsed() < Duration::from_secs(20), "it took {:?}", asked.elapsed());
    ran
}

#[test]
fn nothing_is_left() {
    for signal in ["-INT", "-TERM"] {
        let sandbox = endless();
        let before = sandbox.entries();
        let ran = interrupted_by(signal, &sandbox);
        assert_eq!(ran.code, Some(130), "{signal}: {ran:?}");
        assert_eq!(ran.stdout, "");
        assert_says(&ran.stderr, &["interrupted at ", "nothing was written"]);
        assert_eq!(sandbox.entries(), before, "{signal}");
    }
}

#[test]
fn an_older_result_stays() {
    let sandbox = endless();
    sandbox.write("tiny.toml", TINY);
    sandbox.run_tiny("results", &[]);
    let (entries, older) = (sandbox.entries(), sandbox.contents("results"));
    let ran = interrupted_by("-INT", &sandbox);
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert_eq!(sandbox.entries(), entries);
    assert_eq!(sandbox.contents("results"), older);
}
