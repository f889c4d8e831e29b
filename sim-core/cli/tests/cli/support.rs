//! A folder for each test, and the program run in it.

use serde_json::Value;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A scenario that uses most of what there is and runs in an instant.
pub(crate) const TINY: &str = include_str!("scenarios/tiny.toml");

/// Far more than any of these runs takes: whoever needs it hangs.
const PATIENCE: Duration = Duration::from_mins(2);

/// A folder that is gone at the end of the test.
pub(crate) struct Sandbox(TempDir);

/// What a run of the program left on the terminal.
#[derive(Debug, PartialEq)]
pub(crate) struct Ran {
    /// `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A run of the program that goes on.
pub(crate) struct Running {
    pub(crate) child: Child,
    stdout: File,
    stderr: File,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a folder for the test"))
    }

    /// A folder with the tiny scenario, `tiny.toml`, in it.
    pub(crate) fn tiny() -> Self {
        let sandbox = Self::new();
        sandbox.write("tiny.toml", TINY);
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file in the folder")).expect("a folder");
        fs::write(path, content).expect("a file of the test");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A column of a table in the folder `results`.
    pub(crate) fn column(&self, table: &str, name: &str) -> Vec<String> {
        let path = self.path(&format!("results/{table}.csv"));
        let mut reader = csv::Reader::from_path(path).expect("a table");
        let header = reader.headers().expect("a header");
        let position = header.iter().position(|found| found == name).expect("the column");
        let records = reader.records().map(|record| record.expect("a row"));
        records.map(|record| record[position].to_owned()).collect()
    }

    /// `offersim` with these arguments, in this folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.start(self.offersim().args(arguments)).finish()
    }

    /// Runs `offersim run tiny.toml --out NAME` with more arguments; it must succeed.
    #[track_caller]
    pub(crate) fn run_tiny(&self, out: &str, more: &[&str]) -> Ran {
        let ran = self.run(&[&["run", "tiny.toml", "--out", out], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran
    }

    pub(crate) fn offersim(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offersim"));
        command.current_dir(self.0.path());
        command
    }

    /// Lines for a shell, in which `$OFFERSIM` is the program.
    pub(crate) fn shell(&self, script: &str) -> Ran {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("OFFERSIM", env!("CARGO_BIN_EXE_offersim"));
        self.start(command.current_dir(self.0.path())).finish()
    }

    /// Output goes to files: a pipe that nobody reads would stop the program.
    #[expect(clippy::unused_self, reason = "the command runs in the folder")]
    pub(crate) fn start(&self, command: &mut Command) -> Running {
        let file = || tempfile::tempfile().expect("a file for output");
        let same = |file: &File| Stdio::from(file.try_clone().expect("a second handle"));
        let (stdout, stderr) = (file(), file());
        command.stdin(Stdio::null()).stdout(same(&stdout)).stderr(same(&stderr));
        Running { child: command.spawn().expect("the program starts"), stdout, stderr }
    }

    /// All files and folders, sorted, folders with a slash at the end.
    pub(crate) fn entries(&self) -> Vec<String> {
        let mut entries = Vec::new();
        list(self.0.path(), "", &mut entries);
        entries.sort();
        entries
    }

    /// All files below a folder with their contents.
    pub(crate) fn contents(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        let mut entries = Vec::new();
        list(&self.path(folder), "", &mut entries);
        entries.retain(|entry| !entry.ends_with('/'));
        entries.sort();
        let content = |name: String| {
            let bytes = fs::read(self.path(folder).join(&name)).expect("a file that was listed");
            (name, bytes)
        };
        entries.into_iter().map(content).collect()
    }

    /// Runs the program, which must refuse its input and leave the folder as it was. Returns the
    /// message.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        self.refused_by(|sandbox| sandbox.run(arguments))
    }

    #[track_caller]
    pub(crate) fn refused_by(&self, run: impl FnOnce(&Self) -> Ran) -> String {
        let before = self.entries();
        let ran = run(self);
        assert_eq!(ran.code, Some(2), "{ran:#?}");
        assert_eq!(ran.stdout, "", "an error belongs on standard error");
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
        assert_eq!(self.entries(), before, "something was written");
        ran.stderr
    }
}

impl Running {
    /// Waits for the end.
    pub(crate) fn finish(mut self) -> Ran {
        let status = self.wait();
        let text = |mut file: File| {
            let mut bytes = Vec::new();
            file.rewind().expect("a file");
            file.read_to_end(&mut bytes).expect("a file");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Ran { code: status.code(), stdout: text(self.stdout), stderr: text(self.stderr) }
    }

    fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child to wait for") {
                return status;
            }
            if Instant::now() > deadline {
                self.child.kill().expect("a child to kill");
                panic!("still running after {PATIENCE:?}");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn list(folder: &Path, prefix: &str, entries: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().expect("a type").is_dir() {
            let inside = format!("{name}/");
            list(&entry.path(), &inside, entries);
            entries.push(inside);
        } else {
            entries.push(name);
        }
    }
}

/// The message must contain all of these.
#[track_caller]
pub(crate) fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "the message lacks {part:?}:\n{message}");
    }
}
