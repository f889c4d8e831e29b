//! The directory of a run: made beside its place, and moved there when it is complete.

use anyhow::{Context, bail};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// A directory that does not bear its name yet. Dropped, it is gone.
pub(crate) struct Staged {
    target: PathBuf,
    staging: PathBuf,
    /// The folders above it that were made for it, innermost first.
    made: Vec<PathBuf>,
}

/// What tells a run's directory from anything else: every run leaves these.
const MARKS: [&str; 3] = ["run.json", "summary.json", "timeline.csv"];
/// All that a run may leave. A folder with anything else in it is somebody's, and not replaced.
const LEFT: &[&str] = &[
    "run.json",
    "summary.json",
    "timeline.csv",
    "roles.csv",
    "distributions.csv",
    "tasks.csv",
    "jobs.csv",
    "offers.csv",
    "operator.csv",
    "faults.csv",
    "agent_events.csv",
    "volumes.csv",
    "service.csv",
    "replicas.csv",
    "revocations.csv",
    "fetches.csv",
    "master.csv",
    "network.csv",
    "ports.csv",
    "latency.csv",
    "statistics.jsonl",
    "transfers.csv",
    "figures",
    "report.html",
];

impl Staged {
    /// Makes the directory beside `target`. A complete run there may be replaced; anything else
    /// is left alone.
    pub(crate) fn create(target: &Path) -> anyhow::Result<Self> {
        // Through a link the results go where it leads.
        let real = if target.is_symlink() { fs::canonicalize(target).ok() } else { None };
        let target = real.as_deref().unwrap_or(target);
        if fs::symlink_metadata(target).is_ok() && !is_result(target) && !is_empty(target) {
            bail!(
                "'{}' is there and is not the result of a run: name another folder with --out",
                target.display()
            );
        }
        let Some(name) = target.file_name() else {
            bail!("'{}' cannot name a folder for results", target.display());
        };
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let missing = parent.ancestors().take_while(|folder| !folder.exists());
        let made = missing.map(Path::to_owned).collect();
        let name = format!(".{}.partial-{}", name.to_string_lossy(), std::process::id());
        let staged = Self { target: target.to_owned(), staging: parent.join(name), made };
        fs::create_dir_all(&staged.staging)
            .with_context(|| format!("cannot write to '{}'", parent.display()))?;
        Ok(staged)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.staging
    }

    pub(crate) fn write_json(&self, name: &str, value: &impl Serialize) -> anyhow::Result<()> {
        let mut text = serde_json::to_string_pretty(value).context("cannot write JSON")?;
        text.push('\n');
        fs::write(self.staging.join(name), text).with_context(|| format!("cannot write {name}"))
    }

    /// Gives the directory its name. An older result makes way only once the new one is complete.
    pub(crate) fn commit(self) -> anyhow::Result<PathBuf> {
        let context = || format!("cannot move the results to '{}'", self.target.display());
        let old = self.staging.with_extension(format!("old-{}", std::process::id()));
        let replaced = self.target.exists();
        if replaced {
            fs::rename(&self.target, &old).with_context(context)?;
        }
        if let Err(error) = fs::rename(&self.staging, &self.target) {
            if replaced {
                fs::rename(&old, &self.target).with_context(context)?;
            }
            return Err(error).with_context(context);
        }
        if replaced {
            fs::remove_dir_all(&old)
                .with_context(|| format!("cannot remove '{}'", old.display()))?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Gone already when committed; the folders above are then no longer empty and stay.
        drop(fs::remove_dir_all(&self.staging));
        for folder in &self.made {
            drop(fs::remove_dir(folder));
        }
    }
}

fn is_result(folder: &Path) -> bool {
    let ours = |entry: std::io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| LEFT.iter().any(|name| entry.file_name() == *name))
    };
    MARKS.iter().all(|mark| folder.join(mark).is_file())
        && fs::read_dir(folder).is_ok_and(|mut entries| entries.all(ours))
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
