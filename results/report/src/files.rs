//! Files that are either complete or absent.

use std::fs;
use std::path::{Path, PathBuf};

use crate::ReportError;

/// Lets `fill` write a temporary file beside `path` and renames it to `path` when it succeeds.
/// The temporary name keeps the extension, by which the picture encoder chooses its format.
pub(crate) fn replace(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), ReportError>,
) -> Result<(), ReportError> {
    let temporary = beside(path);
    let result = fill(&temporary)
        .and_then(|()| fs::rename(&temporary, path).map_err(ReportError::writing(path)));
    if result.is_err() {
        // The first error is the one to report; that nothing is left behind is a courtesy.
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// As [`replace`], with the content at hand.
pub(crate) fn replace_with(path: &Path, content: &str) -> Result<(), ReportError> {
    replace(path, |temporary| fs::write(temporary, content).map_err(ReportError::writing(path)))
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".unfinished-{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.html");
        replace_with(&path, "old").unwrap();
        let failed = replace(&path, |temporary| {
            fs::write(temporary, "half").unwrap();
            Err(ReportError::Drawing { figure: "offers", reason: "none".to_owned() })
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
