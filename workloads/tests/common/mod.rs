//! What the tests of the formats share.

#![allow(dead_code, reason = "each test file uses its part")]

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::de::DeserializeOwned;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use workloads::{Job, Workload, WorkloadError};

/// A recorded trace, where it lies beside the checkout. Traces are not part of the project.
#[expect(clippy::print_stderr, reason = "a skipped test must not look like a passed one")]
pub(crate) fn trace(name: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/traces")).join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {name} is not here");
    None
}

/// A folder with files of the given contents, gone at the end of the test.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a folder for temporary files"))
    }

    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, contents).expect("a temporary file");
        path
    }
}

pub(crate) fn gzip(contents: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(contents.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

/// A configuration as in a scenario file; `$NAME` stands for a path.
pub(crate) fn config<C: DeserializeOwned>(toml: &str, paths: &[(&str, &Path)]) -> C {
    let mut text = toml.to_owned();
    for (name, path) in paths {
        text = text.replace(name, &format!("'{}'", path.display()));
    }
    toml::from_str(&text).expect("a valid configuration")
}

/// All jobs of a workload, which must be without error and in time order.
pub(crate) fn jobs(workload: &mut impl Workload) -> Vec<Job> {
    let jobs: Vec<Job> = workload.map(|job| job.expect("a job")).collect();
    assert!(jobs.is_sorted_by_key(|job| job.arrival), "not in time order");
    jobs
}

/// The message of the first error of a workload, without the folder of the file.
pub(crate) fn message<W: Workload>(opened: Result<W, WorkloadError>) -> String {
    let error = match opened {
        Err(error) => error,
        Ok(mut workload) => workload.find_map(Result::err).expect("an error"),
    };
    without_folders(&error.to_string())
}

/// Cuts what stands before the name of a file that begins with a slash.
pub(crate) fn without_folders(message: &str) -> String {
    message
        .split(' ')
        .map(
            |word| {
                if word.starts_with('/') { word.rsplit('/').next().unwrap_or(word) } else { word }
            },
        )
        .collect::<Vec<_>>()
        .join(" ")
}

/// The checks are printed with six decimals and compared to 1e-9 of their size.
#[track_caller]
pub(crate) fn assert_close(actual: f64, expected: f64) {
    let error = (actual - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
    assert!(error <= 1e-9, "found {actual}, expected {expected}, relative error {error:e}");
}
