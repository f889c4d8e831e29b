//! The fetcher of an agent and its cache: what files a container gets before it runs, and from where
//! (`spec/fetcher.md`).
//!
//! A [`Fetcher`] is a plain value with one door. Each input is handled as a whole, as Mesos's actor
//! does. It asks for lengths, downloads and work on the host; these come back as inputs when they are
//! done.
//!
//! A call goes through four phases: A, a plan for each URI; B, waiting for lengths and for files that
//! other calls bring; C, a worker starts that fetches one file after another; D, its end. Space in the
//! cache is claimed when the length is known, before the download.
//!
//! Where it departs from Mesos (section 5.3): a URI that a call lists twice with other options falls
//! back with the first one (Q1), and equal ones in one call are one from the start (Q2). A file that
//! vanishes from the disk while another call waits to use it makes that call bypass the cache, not
//! fail. Files can always be deleted. URIs are fetched in the order of the request. Downloads do not
//! stall, so that there is no `fetcher_stall_timeout`, and there is always a Hadoop client. Keys are a
//! user and a URI; that of Mesos, `user@uri`, cannot tell `a@b` of nobody from `b` of `a`.

mod cache;
mod calls;
mod counters;
mod downlink;
mod options;
mod sandbox;
mod worker;

pub use cache::Entry;
pub use calls::{Action, Call, Cause, Client, FetchRecord};
pub use counters::FetchCounters;
pub use options::{FetchTls, FetcherOptions};
pub use sandbox::{SandboxFile, sandbox_files};

pub(super) use downlink::Downlink;

use crate::arena::{Arena, Handle};
use crate::protocol::{CommandInfo, Origin, Uri, UriId, UserId};
use crate::transport::TlsUse;
use cache::{Cache, EntryState};
use calls::Plan;
use policy_api::{CachePolicy, FrameworkId, Span, Time};
use std::collections::VecDeque;
use std::sync::Arc;
use worker::{Step, Worker};

/// The fetcher of one agent.
#[derive(Clone, Debug)]
pub struct Fetcher {
    options: FetcherOptions,
    /// What encryption costs where a URI's scheme asks for it. Without it, nothing.
    tls: Option<FetchTls>,
    cache: Cache,
    calls: Arena<Call>,
    counters: FetchCounters,
    /// Calls that wait for nothing any more, and go on when the current input is handled.
    settled: VecDeque<Handle<Call>>,
}

/// What can happen to a fetcher.
#[derive(Clone, Debug)]
pub enum Input {
    /// A container needs its files.
    Fetch { client: Client, framework: FrameworkId, command: Arc<CommandInfo> },
    /// An origin has told the length of its file; `None` for an error.
    Probed { entry: Handle<Entry>, length: Option<u64> },
    /// The work or the download that a call has asked for last is done.
    Stepped(Handle<Call>),
    /// A container is destroyed, and the worker of its call with it.
    Kill { client: Client },
    /// Somebody deletes a file in the cache.
    FileLost { user: Option<UserId>, uri: UriId },
}

/// What a fetcher does.
#[derive(Clone, Debug)]
pub enum Output {
    /// Ask the origin for the length.
    Probe { entry: Handle<Entry>, origin: Arc<Origin> },
    /// The host works for so long.
    Work { call: Handle<Call>, span: Span },
    /// So many bytes are to come over the network, those of encryption included.
    Download { call: Handle<Call>, framework: FrameworkId, origin: Arc<Origin>, bytes: u64 },
    /// They are not wanted any more.
    Abort { call: Handle<Call> },
    /// The container may run, or has failed.
    Ended { client: Client, record: FetchRecord },
}

impl Fetcher {
    /// One with an empty cache. Without a policy what does not fit is not cached.
    pub fn new(options: FetcherOptions, policy: Option<Box<dyn CachePolicy>>) -> Self {
        Self {
            options,
            tls: None,
            cache: Cache::new(options.cache_size, policy),
            calls: Arena::new(),
            counters: FetchCounters::default(),
            settled: VecDeque::new(),
        }
    }

    /// An empty cache with this policy. To be called before the first input, as all that is set.
    pub fn set_cache_policy(&mut self, policy: Box<dyn CachePolicy>) {
        self.cache = Cache::new(self.options.cache_size, Some(policy));
    }

    pub const fn set_tls(&mut self, tls: FetchTls) {
        self.tls = Some(tls);
    }

    /// How a connection to this origin is encrypted; `None` where it is not, or costs nothing.
    fn tls_to(&self, origin: &Origin) -> Option<FetchTls> {
        self.tls.filter(|_| origin.is_encrypted())
    }

    /// How long the question for the length of this origin's file takes.
    pub(super) fn probe_time(&self, origin: &Origin) -> Span {
        if !origin.class.is_remote() {
            return Span::ZERO;
        }
        let handshake = self.tls_to(origin).map_or(Span::ZERO, |tls| tls.handshake_time());
        self.options.probe_time + handshake
    }

    pub const fn counters(&self) -> &FetchCounters {
        &self.counters
    }

    pub const fn options(&self) -> &FetcherOptions {
        &self.options
    }

    /// `cache_size_total_bytes`.
    pub const fn cache_size(&self) -> u64 {
        self.cache.capacity
    }

    /// `cache_size_used_bytes`.
    pub const fn used_bytes(&self) -> u64 {
        self.cache.used()
    }

    /// What is in the cache's table, those first that would leave first.
    pub fn eviction_order(&self) -> Vec<&Entry> {
        self.cache.eviction_order()
    }

    /// The calls that have not ended.
    pub fn calls(&self) -> impl Iterator<Item = (Handle<Call>, &Call)> {
        self.calls.entries()
    }

    /// What the origin of an entry answers; `None` as well where the entry has gone.
    pub(super) fn length_of(&self, entry: Handle<Entry>) -> Option<u64> {
        let origin = &self.cache.get(entry)?.origin;
        let is_lost = origin.class == crate::protocol::UriClass::Relative
            && !self.options.has_frameworks_home;
        origin.length().filter(|_| !is_lost)
    }

    /// Whether the invariants of section 3 hold; for tests.
    ///
    /// # Errors
    ///
    /// Which one does not.
    pub fn check(&self) -> Result<(), String> {
        self.cache.check()?;
        let uses = |wanted: Handle<Entry>| {
            let plans = self.calls.iter().flat_map(|call| &call.plans);
            plans.filter(|plan| plan.entry() == Some(wanted)).count()
        };
        for (handle, entry) in self.cache.entries() {
            let uses = uses(handle);
            if entry.references as usize != uses {
                let claims = entry.references;
                return Err(format!("{:?} has {claims} references, {uses} uses", entry.key));
            }
        }
        match self.calls.iter().find(|call| call.worker.is_some() != (call.unsettled == 0)) {
            Some(call) => Err(format!("{call:?} has a worker too early or too late")),
            None => Ok(()),
        }
    }

    /// The agent's process has ended: the cache is wiped before it starts again, and nobody waits for
    /// an answer.
    pub fn wipe(&mut self) {
        let calls: Vec<_> = self.calls.entries().map(|(call, _)| call).collect();
        for call in calls {
            self.calls.remove(call);
        }
        self.settled.clear();
        self.cache.wipe();
        self.counters = FetchCounters::default();
    }

    /// A container without URIs: there is nothing to do, but it counts.
    pub(super) const fn fetch_nothing(&mut self) {
        self.counters.task_fetches_succeeded += 1;
    }

    /// The one door.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Fetch { client, framework, command } => {
                self.fetch(now, (client, framework), &command, out);
            }
            Input::Probed { entry, length } => self.probed(entry, length),
            Input::Stepped(call) => self.step(now, call, out),
            Input::Kill { client } => {
                // Before its worker is there, nobody can be killed, and a call goes on.
                let works = |call: &Call| call.client == client && call.worker.is_some();
                let call = self.calls.entries().find(|(_, call)| works(call));
                if let Some((call, _)) = call {
                    out.push(Output::Abort { call });
                    self.end(now, call, false, out);
                }
            }
            Input::FileLost { user, uri } => {
                let entry = self.cache.find((user, uri));
                if let Some(entry) = entry.and_then(|entry| self.cache.get_mut(entry)) {
                    entry.on_disk = false;
                }
            }
        }
        while let Some(call) = self.settled.pop_front() {
            self.start_worker(now, call, out);
        }
    }

    /// Phase A.
    fn fetch(
        &mut self,
        now: Time,
        (client, framework): (Client, FrameworkId),
        command: &Arc<CommandInfo>,
        out: &mut Vec<Output>,
    ) {
        let is_valid = command.problem().is_none();
        let call = self.calls.insert(Call {
            client,
            framework,
            command: Arc::clone(command),
            plans: Vec::new(),
            unsettled: 0,
            asked: now,
            worker: None,
            questions: TlsUse::default(),
        });
        if !is_valid {
            self.end(now, call, false, out);
            return;
        }
        let user = command.user().map(|user| user.id);
        let mut plans: Vec<Plan> = Vec::with_capacity(command.uris().len());
        for uri in command.uris() {
            let plan = self.plan(call, user, uri, &plans, out);
            plans.push(plan);
        }
        let Some(row) = self.calls.get_mut(call) else { return };
        row.plans = plans;
        if row.unsettled == 0 {
            self.settled.push_back(call);
        }
    }

    /// What a call is to do with its next URI, after those that have `plans`.
    fn plan(
        &mut self,
        call: Handle<Call>,
        user: Option<UserId>,
        uri: &Uri,
        plans: &[Plan],
        out: &mut Vec<Output>,
    ) -> Plan {
        if !uri.cache {
            return Plan::Bypass(Cause::NotAsked);
        }
        let key = (user, uri.origin.id);
        if let Some(entry) = self.cache.find(key)
            && let Some(row) = self.cache.get_mut(entry)
        {
            if plans.contains(&Plan::Make(entry)) {
                row.references += 1;
                return Plan::Make(entry);
            }
            let is_resident = row.is_resident();
            if row.on_disk || !is_resident {
                row.references += 1;
                if !is_resident {
                    row.waiting.push(call);
                    self.wait(call);
                }
                self.cache.touch(entry);
                return if is_resident { Plan::Hit(entry) } else { Plan::Join(entry) };
            }
            self.forget(entry, Cause::ForeignFailure);
        }
        let entry = self.cache.add(key, &uri.origin);
        if let Some(row) = self.cache.get_mut(entry) {
            row.references = 1;
            row.waiting.push(call);
            self.wait(call);
        }
        self.counters.probes += 1;
        if let (Some(tls), Some(row)) = (self.tls_to(&uri.origin), self.calls.get_mut(call)) {
            row.questions = row.questions + tls.question();
        }
        out.push(Output::Probe { entry, origin: Arc::clone(&uri.origin) });
        Plan::Make(entry)
    }

    fn wait(&mut self, call: Handle<Call>) {
        if let Some(call) = self.calls.get_mut(call) {
            call.unsettled += 1;
        }
    }

    /// One of the URIs that a call waits for is settled.
    fn settle(&mut self, call: Handle<Call>) {
        let Some(row) = self.calls.get_mut(call) else { return };
        row.unsettled = row.unsettled.saturating_sub(1);
        if row.unsettled == 0 {
            self.settled.push_back(call);
        }
    }

    /// A length is known: space is claimed, or the entry fails.
    fn probed(&mut self, entry: Handle<Entry>, length: Option<u64>) {
        if self.cache.get(entry).is_none_or(|row| row.state != EntryState::Probing) {
            return;
        }
        let Some(length) = length else { return self.forget(entry, Cause::ProbeError) };
        let Some(evicted) = self.cache.reserve(entry, length) else {
            return self.forget(entry, Cause::NoSpace);
        };
        self.counters.evictions += evicted.files;
        self.counters.evicted_bytes += evicted.bytes;
        let Some(row) = self.cache.get_mut(entry) else { return };
        row.state = EntryState::Downloading;
        // Whoever has made it waits first, and for no more than this.
        if !row.waiting.is_empty() {
            let maker = row.waiting.remove(0);
            self.settle(maker);
        }
    }

    /// An entry is given up: whoever waits for it does without.
    fn forget(&mut self, entry: Handle<Entry>, cause: Cause) {
        let Some(gone) = self.cache.remove(entry) else { return };
        for call in self.calls.entries_mut().map(|(_, call)| call) {
            for plan in call.plans.iter_mut().filter(|plan| plan.entry() == Some(entry)) {
                if call.worker.is_none() {
                    *plan = Plan::Bypass(cause);
                }
            }
        }
        for call in gone.waiting {
            self.settle(call);
        }
    }

    /// Phase C.
    fn start_worker(&mut self, now: Time, handle: Handle<Call>, out: &mut Vec<Output>) {
        let Some(call) = self.calls.get_mut(handle) else { return };
        for plan in &call.plans {
            match plan {
                Plan::Bypass(cause) => self.counters.bypassed[*cause as usize] += 1,
                Plan::Make(_) => self.counters.misses += 1,
                Plan::Join(_) => self.counters.joins += 1,
                Plan::Hit(_) => self.counters.hits += 1,
            }
        }
        let user_exists = call.command.user().is_none_or(|user| user.exists);
        call.worker =
            Some(Worker::new(now, user_exists, call.all_items(), (&self.options, self.tls)));
        self.step(now, handle, out);
    }

    /// The worker goes on.
    fn step(&mut self, now: Time, call: Handle<Call>, out: &mut Vec<Output>) {
        let Some(row) = self.calls.get_mut(call) else { return };
        let Some(worker) = &mut row.worker else { return };
        match worker.next(now) {
            Some(Step::Work(span)) => out.push(Output::Work { call, span }),
            Some(Step::Download { uri, bytes, tls }) => {
                if let Some(uri) = row.command.uris().get(uri) {
                    let origin = Arc::clone(&uri.origin);
                    let bytes = bytes + tls.record_bytes;
                    let framework = row.framework;
                    out.push(Output::Download { call, framework, origin, bytes });
                }
            }
            Some(Step::Fail) => self.end(now, call, false, out),
            None => self.end(now, call, true, out),
        }
    }

    /// Phase D, and the end of a call that never got so far.
    fn end(&mut self, now: Time, call: Handle<Call>, succeeded: bool, out: &mut Vec<Output>) {
        let Some(call) = self.calls.remove(call) else { return };
        for entry in call.plans.iter().filter_map(|plan| plan.entry()) {
            let Some(row) = self.cache.get_mut(entry) else { continue };
            row.references = row.references.saturating_sub(1);
            if row.state != EntryState::Downloading {
                continue;
            }
            let (claimed, actual) = (row.size, row.origin.size);
            match actual {
                Some(actual) if succeeded && actual <= claimed => {
                    row.state = EntryState::Resident;
                    row.on_disk = true;
                    let waiting = std::mem::take(&mut row.waiting);
                    if actual != claimed {
                        self.cache.resize(entry, actual);
                    }
                    for call in waiting {
                        self.settle(call);
                    }
                }
                Some(_) if succeeded => self.forget(entry, Cause::Oversize),
                Some(_) | None => self.forget(entry, Cause::ForeignFailure),
            }
        }
        let record = call.record(now, succeeded);
        self.counters.count_end(&record);
        out.push(Output::Ended { client: call.client, record });
    }
}
