//! Places that cannot be written to: exit code 2, and what was there is untouched.

use crate::support::{Sandbox, assert_says};

#[test]
fn a_folder_that_is_no_result() {
    let sandbox = Sandbox::tiny();
    sandbox.write("mine/thesis.txt", "years of work");
    let message = sandbox.refused(&["run", "tiny.toml", "--out", "mine"]);
    assert_says(&message, &["'mine' is there", "not the result of a run", "--out"]);
    assert_eq!(sandbox.read("mine/thesis.txt"), "years of work");
}

#[test]
fn a_folder_that_merely_has_a_file_of_that_name() {
    let sandbox = Sandbox::tiny();
    sandbox.write("mine/run.json", "{}");
    sandbox.write("mine/thesis.txt", "years of work");
    let message = sandbox.refused(&["run", "tiny.toml", "--out", "mine"]);
    assert_says(&message, &["'mine' is there", "not the result of a run"]);
}

#[test]
fn a_file() {
    let sandbox = Sandbox::tiny();
    let message = sandbox.refused(&["run", "tiny.toml", "--out", "tiny.toml"]);
    assert_says(&message, &["'tiny.toml' is there", "not the result of a run"]);
    let message = sandbox.refused(&["run", "tiny.toml", "--out", "tiny.toml/below/it"]);
    assert_says(&message, &["cannot write to 'tiny.toml/below'"]);
}

#[test]
fn no_name_for_a_folder() {
    let sandbox = Sandbox::tiny();
    for out in [".", "..", "a/.."] {
        let message = sandbox.refused(&["run", "tiny.toml", "--out", out]);
        assert_says(&message, &[&format!("'{out}'"), "folder"]);
    }
    assert_says(&sandbox.refused(&["run", "tiny.toml", "--out", ""]), &["--out"]);
}

#[test]
fn an_empty_folder_is_fine() {
    let sandbox = Sandbox::tiny();
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox.run_tiny("empty", &[]);
    assert!(sandbox.path("empty/run.json").exists());
}

#[cfg(unix)]
mod unix {
    use super::*;
    use crate::support::TINY;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    #[expect(clippy::print_stderr, reason = "a skipped test must not look like a passed one")]
    fn a_folder_without_the_right_to_write() {
        let sandbox = Sandbox::tiny();
        let locked = sandbox.path("locked");
        fs::create_dir(&locked).unwrap();
        fs::set_permissions(&locked, Permissions::from_mode(0o555)).unwrap();
        if fs::write(locked.join("probe"), "").is_ok() {
            eprintln!("skipped: this user (root?) may write anywhere");
            return;
        }
        let message = sandbox.refused(&["run", "tiny.toml", "--out", "locked/results"]);
        assert_says(&message, &["cannot write to 'locked'", "Permission denied"]);
    }

    #[test]
    fn a_link_to_nowhere() {
        let sandbox = Sandbox::tiny();
        symlink("nowhere", sandbox.path("link")).unwrap();
        let message = sandbox.refused(&["run", "tiny.toml", "--out", "link"]);
        assert_says(&message, &["'link' is there", "not the result of a run"]);
    }

    /// A file must not grow beyond so many blocks: as on a full disk, a write fails. Wherever that
    /// is, the run must notice; where nothing fails, the results must be whole.
    #[test]
    fn a_full_disk() {
        let sandbox = Sandbox::tiny();
        // More tasks, so that tables fail while the run goes on, too.
        sandbox.write("tiny.toml", TINY.replace("jobs = 20", "jobs = 2000"));
        sandbox.run_tiny("whole", &[]);
        let mut failed = 0;
        for blocks in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] {
            let script = format!(
                "trap '' XFSZ; ulimit -f {blocks}; exec \"$OFFERSIM\" run tiny.toml --out results \
                 --quiet 2>&1"
            );
            let before = sandbox.entries();
            let ran = sandbox.shell(&script);
            if ran.code == Some(0) {
                assert_eq!(sandbox.contents("results"), sandbox.contents("whole"), "{blocks}");
                fs::remove_dir_all(sandbox.path("results")).unwrap();
                continue;
            }
            failed += 1;
            assert_eq!(ran.code, Some(2), "{blocks} blocks: {ran:?}");
            assert_says(&ran.stdout, &["error: ", "File too large"]);
            assert_eq!(sandbox.entries(), before, "{blocks} blocks");
        }
        assert!(failed >= 5, "only {failed} limits were too low");
    }

    #[test]
    fn a_full_disk_leaves_the_older_result() {
        let sandbox = Sandbox::tiny();
        sandbox.run_tiny("results", &["--seed", "1"]);
        let older = sandbox.contents("results");
        let ran = sandbox.shell(
            "trap '' XFSZ; ulimit -f 8; exec \"$OFFERSIM\" run tiny.toml --out results --quiet",
        );
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert_eq!(sandbox.contents("results"), older);
    }

    /// The device takes nothing. Who pipes a result into a file must know that it is not there.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_terminal() {
        let sandbox = Sandbox::tiny();
        for command in ["schema", "check tiny.toml"] {
            let ran = sandbox.shell(&format!("exec \"$OFFERSIM\" {command} > /dev/full"));
            assert_eq!(ran.code, Some(2), "{command}");
            assert_says(&ran.stderr, &["No space left"]);
        }
    }

    #[test]
    fn a_reader_that_has_gone_is_no_error() {
        let sandbox = Sandbox::tiny();
        let ran = sandbox.shell("(\"$OFFERSIM\" schema; echo \"exit $?\" >&2) | head -c 1");
        assert_says(&ran.stderr, &["exit 0"]);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    }
}
