//! What lands in the sandbox (`spec/fetcher.md` section 6).

use super::calls::Action;
use crate::protocol::Uri;

/// Something that a fetch has put into a sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SandboxFile {
    Plain(String),
    /// With mode 0755.
    Executable(String),
    /// What was in the archive of this name.
    ContentOf(String),
}

/// The files of one URI.
pub fn sandbox_files(uri: &Uri, action: Action) -> Vec<SandboxFile> {
    let name = name_in_sandbox(uri).to_owned();
    let through_cache = match action {
        Action::BypassCache => false,
        Action::DownloadAndCache | Action::RetrieveFromCache => true,
    };
    if uri.executable {
        vec![SandboxFile::Executable(name)]
    } else if through_cache && extracts_cached(uri) {
        vec![SandboxFile::ContentOf(uri.origin.basename().to_owned())]
    } else if !through_cache && extracts_bypassed(uri) {
        vec![SandboxFile::Plain(name.clone()), SandboxFile::ContentOf(name)]
    } else {
        vec![SandboxFile::Plain(name)]
    }
}

/// Without the cache the name in the sandbox tells what is an archive.
pub(super) fn extracts_bypassed(uri: &Uri) -> bool {
    extracts(uri, name_in_sandbox(uri))
}

/// A file in the cache is called by its URI, and that name tells.
pub(super) fn extracts_cached(uri: &Uri) -> bool {
    extracts(uri, uri.origin.basename())
}

fn name_in_sandbox(uri: &Uri) -> &str {
    uri.output_file.as_deref().unwrap_or_else(|| uri.origin.basename())
}

fn extracts(uri: &Uri, name: &str) -> bool {
    const ARCHIVES: [&str; 9] =
        [".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".zip", ".gz"];
    uri.extract && !uri.executable && ARCHIVES.iter().any(|suffix| name.ends_with(suffix))
}
