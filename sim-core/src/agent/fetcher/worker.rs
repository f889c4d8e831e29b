//! The program that fetches the files of one call, one after another (`spec/fetcher.md` section 9).

use super::calls::Action;
use super::options::{FetchTls, FetcherOptions, time_for};
use super::sandbox::{extracts_bypassed, extracts_cached};
use crate::protocol::{Uri, UriClass};
use crate::transport::TlsUse;
use policy_api::{Span, Time};

/// What is still to be done.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    /// The next one last.
    steps: Vec<Step>,
    pub(super) started: Time,
    /// Bytes of files that have come over the network.
    pub(super) downloaded: u64,
    /// What their encryption has cost.
    pub(super) tls: TlsUse,
    coming: Option<Coming>,
}

/// A download that is under way.
#[derive(Clone, Copy, Debug)]
struct Coming {
    bytes: u64,
    since: Time,
    tls: TlsUse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The disk or the processor is at work.
    Work(Span),
    /// The file of the URI at this place.
    Download { uri: usize, bytes: u64, tls: TlsUse },
    /// The file is not there, or the user.
    Fail,
}

impl Worker {
    pub(super) fn new<'a>(
        now: Time,
        user_exists: bool,
        items: impl Iterator<Item = (&'a Uri, Action)>,
        (options, tls): (&FetcherOptions, Option<FetchTls>),
    ) -> Self {
        let mut steps = vec![Step::Work(options.worker_start)];
        if user_exists {
            for (place, (uri, action)) in items.enumerate() {
                add_steps(place, uri, action, (options, tls), &mut steps);
            }
        } else {
            steps.push(Step::Fail);
        }
        steps.reverse();
        Self { steps, started: now, downloaded: 0, tls: TlsUse::default(), coming: None }
    }

    /// What comes next, now that the step before is done; `None` at the end.
    pub(super) fn next(&mut self, now: Time) -> Option<Step> {
        let mut work = self.arrived(now);
        while let Some(Step::Work(span)) = self.steps.last() {
            work = work + *span;
            self.steps.pop();
        }
        if !work.is_zero() {
            return Some(Step::Work(work));
        }
        let next = self.steps.pop()?;
        if let Step::Download { uri: _, bytes, tls } = next {
            self.coming = Some(Coming { bytes, since: now, tls });
        }
        Some(next)
    }

    /// A download has come, if there was one. It is decrypted while it comes, on one core; what that core
    /// has left to do then takes its time.
    fn arrived(&mut self, now: Time) -> Span {
        let Some(Coming { bytes, since, tls }) = self.coming.take() else { return Span::ZERO };
        self.downloaded += bytes;
        self.tls = self.tls + tls;
        tls.time.of_messages() - now.since(since)
    }
}

/// A copy within the host is a write of its own, after the download.
fn add_steps(
    place: usize,
    uri: &Uri,
    action: Action,
    (options, tls): (&FetcherOptions, Option<FetchTls>),
    steps: &mut Vec<Step>,
) {
    let is_there = match uri.origin.class {
        UriClass::Local | UriClass::Net | UriClass::Other => true,
        UriClass::Relative => options.has_frameworks_home,
        UriClass::Nowhere => false,
    };
    let Some(bytes) = uri.origin.size.filter(|_| is_there) else {
        steps.push(Step::Fail);
        return;
    };
    let write = Step::Work(time_for(bytes, options.disk_rate));
    let extract = Step::Work(time_for(bytes, options.extract_rate));
    let mut fetch = || {
        if uri.origin.class.is_remote() {
            let encryption = tls.filter(|_| uri.origin.is_encrypted());
            let tls = encryption.map_or(TlsUse::default(), |tls| tls.download(bytes));
            if let Some(encryption) = encryption {
                steps.push(Step::Work(encryption.handshake_time()));
            }
            steps.push(Step::Download { uri: place, bytes, tls });
        }
        steps.push(write);
    };
    match action {
        Action::BypassCache => {
            fetch();
            if extracts_bypassed(uri) {
                steps.push(extract);
            }
        }
        Action::DownloadAndCache => {
            fetch();
            steps.push(if extracts_cached(uri) { extract } else { write });
        }
        Action::RetrieveFromCache => {
            steps.push(if extracts_cached(uri) { extract } else { write });
        }
    }
}
