//! Calls: what one container asks the fetcher for (`spec/fetcher.md` section 5).

use super::cache::Entry;
use super::worker::Worker;
use crate::agent::{Executor, Task};
use crate::arena::Handle;
use crate::protocol::{CommandInfo, Uri};
use crate::transport::TlsUse;
use policy_api::{FrameworkId, Time};
use std::sync::Arc;

/// Who files are fetched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// The container of an executor.
    Executor(Handle<Executor>),
    /// The container of a task of a group, inside of that of its executor.
    Nested(Handle<Task>),
}

/// A call that has not ended.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) client: Client,
    pub(super) framework: FrameworkId,
    pub(super) command: Arc<CommandInfo>,
    /// For each URI.
    pub(super) plans: Vec<Plan>,
    /// URIs that are waited for.
    pub(super) unsettled: u32,
    pub(super) asked: Time,
    /// From phase C on.
    pub(super) worker: Option<Worker>,
    /// What the encryption of its questions for lengths has cost.
    pub(super) questions: TlsUse,
}

/// What a call means to do with a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Bypass(Cause),
    /// To fill the entry that this call has made.
    Make(Handle<Entry>),
    /// To use an entry that another call fills.
    Join(Handle<Entry>),
    Hit(Handle<Entry>),
}

impl Plan {
    pub(super) const fn entry(self) -> Option<Handle<Entry>> {
        match self {
            Self::Bypass(_) => None,
            Self::Make(entry) | Self::Join(entry) | Self::Hit(entry) => Some(entry),
        }
    }

    const fn action(self) -> Action {
        match self {
            Self::Bypass(_) => Action::BypassCache,
            Self::Make(_) => Action::DownloadAndCache,
            Self::Join(_) | Self::Hit(_) => Action::RetrieveFromCache,
        }
    }
}

/// Why a file does not go through the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The URI does not ask for the cache.
    NotAsked,
    /// The origin did not tell the length.
    ProbeError,
    NoSpace,
    /// The call that was to fill the entry has failed, or the file was lost.
    ForeignFailure,
    /// The file was larger than its origin had said.
    Oversize,
}

impl Cause {
    pub const ALL: [Self; 5] =
        [Self::NotAsked, Self::ProbeError, Self::NoSpace, Self::ForeignFailure, Self::Oversize];

    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::ProbeError => "probe_error",
            Self::NoSpace => "no_space",
            Self::ForeignFailure => "foreign_failure",
            Self::Oversize => "oversize",
        }
    }
}

/// What the worker is told to do with a URI, under Mesos's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    BypassCache,
    DownloadAndCache,
    RetrieveFromCache,
}

impl Call {
    pub(super) fn all_items(&self) -> impl Iterator<Item = (&Uri, Action)> {
        self.command.uris().iter().zip(self.plans.iter().map(|plan| plan.action()))
    }

    /// The URIs with what the worker does, in the order of the request; none before it is there.
    pub fn items(&self) -> impl Iterator<Item = (&Uri, Action)> {
        self.all_items().filter(|_| self.worker.is_some())
    }

    pub const fn client(&self) -> Client {
        self.client
    }

    pub const fn command(&self) -> &Arc<CommandInfo> {
        &self.command
    }
}

/// A call that has ended, as the results keep it. Counts are of its URIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchRecord {
    pub asked: Time,
    /// When the program that fetches was started; the end where it was not.
    pub started: Time,
    pub ended: Time,
    pub succeeded: bool,
    /// Those whose file was in the cache.
    pub hits: u32,
    /// Those whose file another call brought into the cache.
    pub joins: u32,
    /// Those that this call was to bring into the cache.
    pub misses: u32,
    /// Those that were not to be cached.
    pub uncached: u32,
    /// Those that were to be cached, and were not.
    pub fallbacks: u32,
    /// Bytes of files that came over the network.
    pub downloaded: u64,
    /// Bytes that came from the cache instead.
    pub saved: u64,
    /// What the encryption of its questions and downloads has cost the agent.
    pub tls: TlsUse,
}

impl Call {
    pub(super) fn record(&self, now: Time, succeeded: bool) -> FetchRecord {
        let mut record = FetchRecord {
            asked: self.asked,
            started: self.worker.as_ref().map_or(now, |worker| worker.started),
            ended: now,
            succeeded,
            hits: 0,
            joins: 0,
            misses: 0,
            uncached: 0,
            fallbacks: 0,
            downloaded: self.worker.as_ref().map_or(0, |worker| worker.downloaded),
            saved: 0,
            tls: self.worker.as_ref().map_or(self.questions, |worker| self.questions + worker.tls),
        };
        for (uri, plan) in self.command.uris().iter().zip(&self.plans) {
            *match plan {
                Plan::Bypass(Cause::NotAsked) => &mut record.uncached,
                Plan::Bypass(_) => &mut record.fallbacks,
                Plan::Make(_) => &mut record.misses,
                Plan::Join(_) => &mut record.joins,
                Plan::Hit(_) => &mut record.hits,
            } += 1;
            let from_cache = plan.action() == Action::RetrieveFromCache;
            if succeeded && from_cache && uri.origin.class.is_remote() {
                record.saved += uri.origin.size.unwrap_or(0);
            }
        }
        record
    }
}
