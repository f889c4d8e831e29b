//! The directory of a run: made beside its place, and moved there when it is complete.

use anyhow::{Context, bail};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// A directory that does not bear its name yet. Dropped, it is gone.
pub(crate) struct Staged {
    target: PathBuf,
    staging: PathBuf,
}

/// What tells a run's directory from anything else.
const MARK: &str = "run.json";

impl Staged {
    /// Makes the directory beside `target`. A complete run there may be replaced; anything else
    /// is left alone.
    pub(crate) fn create(target: &Path) -> anyhow::Result<Self> {
        if target.exists() && !target.join(MARK).exists() && !is_empty(target) {
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
        let name = format!(".{}.partial-{}", name.to_string_lossy(), std::process::id());
        let staging = parent.join(name);
        fs::create_dir_all(&staging)
            .with_context(|| format!("cannot write to '{}'", parent.display()))?;
        Ok(Self { target: target.to_owned(), staging })
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
        let old = self.staging.with_extension("old");
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
        // Gone already when committed.
        drop(fs::remove_dir_all(&self.staging));
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
