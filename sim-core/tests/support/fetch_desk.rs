//! A fetcher that is driven by hand.

use super::script::{Desk, play};
use super::uris::{command, uri_id};
use super::words::number;
use policy_api::{CachePolicy, DenseId, FrameworkId, Time};
use policy_isolation::cache::Lru;
use sim_core::Handle;
use sim_core::agent::fetcher::{
    Call, Client, Entry, FetchRecord, Fetcher, FetcherOptions, Input, Output, SandboxFile,
    sandbox_files,
};
use sim_core::protocol::{CommandInfo, Origin};
use std::collections::VecDeque;
use std::sync::Arc;

/// Plays a script at a fetcher with a cache of so many bytes. The lines are
///
/// ```text
/// fetch C0 uri=... uri=...       for container 0; see `uris.rs`
/// probed http://host/file        its length comes as the origin tells it
/// probed http://host/file error
/// step C0                        what the call has asked for last is done
/// go                             all that was asked for comes, in the order of asking
/// kill C0
/// lose http://host/file          somebody deletes it in the cache
/// restart
/// cache                          the files in the cache, those first that would leave first
/// sandbox C0                     what the call puts there
/// requests http://host/file      how many there were: questions for the length, then downloads
/// used, succeeded, failed
/// ```
///
/// The invariants of the cache are checked after each input.
pub(crate) fn check(cache_size: u64, script: &str) {
    play(&mut FetchDesk::new(cache_size, Box::new(Lru::new())), script);
}

pub(crate) struct FetchDesk {
    pub(crate) fetcher: Fetcher,
    /// What was asked for and has not come.
    pending: VecDeque<Pending>,
    /// Questions and downloads, by the URI's text.
    requests: Vec<(String, Request)>,
    /// The containers that have not ended, with their calls.
    commands: Vec<(u32, Arc<CommandInfo>)>,
    sandboxes: Vec<(u32, Vec<SandboxFile>)>,
}

#[derive(Clone, Debug)]
enum Pending {
    Probe(Handle<Entry>, Arc<Origin>),
    Step(Handle<Call>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Request {
    Length,
    Download,
}

impl FetchDesk {
    pub(crate) fn new(cache_size: u64, policy: Box<dyn CachePolicy>) -> Self {
        let options = FetcherOptions { cache_size, ..FetcherOptions::DEFAULT };
        Self {
            fetcher: Fetcher::new(options, Some(policy)),
            pending: VecDeque::new(),
            requests: Vec::new(),
            commands: Vec::new(),
            sandboxes: Vec::new(),
        }
    }

    pub(crate) fn hand_in(&mut self, input: Input) -> Vec<String> {
        let mut out = Vec::new();
        self.fetcher.handle(Time::ZERO, input, &mut out);
        let lines = out.into_iter().filter_map(|output| self.note(output)).collect();
        self.fetcher.check().expect("the invariants hold");
        lines
    }

    fn name(&self, call: Handle<Call>) -> u32 {
        let rows: Vec<_> = self.fetcher.calls().collect();
        let command = rows.iter().find(|(known, _)| *known == call).expect("it lives").1.command();
        self.commands.iter().find(|(_, known)| Arc::ptr_eq(known, command)).expect("known").0
    }

    fn note(&mut self, output: Output) -> Option<String> {
        match output {
            Output::Probe { entry, origin } => {
                self.requests.push((origin.value.to_string(), Request::Length));
                let line = format!("asks for the length of {}", origin.value);
                self.pending.push_back(Pending::Probe(entry, origin));
                Some(line)
            }
            Output::Work { call, .. } => {
                self.pending.push_back(Pending::Step(call));
                self.note_sandbox(call);
                None
            }
            Output::Download { call, framework: _, origin, bytes } => {
                self.requests.push((origin.value.to_string(), Request::Download));
                self.pending.push_back(Pending::Step(call));
                self.note_sandbox(call);
                Some(format!("C{} downloads {bytes} bytes", self.name(call)))
            }
            Output::Abort { .. } => None,
            Output::Ended { client: Client::Executor(container), record } => {
                Some(format!("C{} {}", container.slot(), ended(&record)))
            }
            Output::Ended { client: Client::Nested(_), .. } => panic!("nobody has asked"),
        }
    }

    fn note_sandbox(&mut self, call: Handle<Call>) {
        let number = self.name(call);
        let (_, row) = self.fetcher.calls().find(|(known, _)| *known == call).expect("it lives");
        let files = row.items().flat_map(|(uri, action)| sandbox_files(uri, action)).collect();
        self.sandboxes.retain(|(known, _)| *known != number);
        self.sandboxes.push((number, files));
    }

    fn done(&mut self, pending: Pending, error: bool) -> Vec<String> {
        match pending {
            Pending::Probe(entry, origin) => {
                let length = origin.length().filter(|_| !error);
                self.hand_in(Input::Probed { entry, length })
            }
            Pending::Step(call) => self.hand_in(Input::Stepped(call)),
        }
    }

    fn take(&mut self, wanted: impl Fn(&Self, &Pending) -> bool) -> Pending {
        let place = self.pending.iter().position(|pending| wanted(self, pending));
        self.pending.remove(place.expect("it was asked for")).expect("it is there")
    }

    pub(crate) fn go(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(pending) = self.pending.pop_front() {
            lines.extend(self.done(pending, false));
        }
        lines
    }

    fn look(&self, words: &[&str]) -> Vec<String> {
        let counters = self.fetcher.counters();
        match *words {
            ["used"] => vec![self.fetcher.used_bytes().to_string()],
            ["succeeded"] => vec![counters.task_fetches_succeeded.to_string()],
            ["failed"] => vec![counters.task_fetches_failed.to_string()],
            ["cache"] => {
                let line = |entry: &&Entry| {
                    let state = if entry.is_resident() { "" } else { " pending" };
                    format!("{} {}{state}", entry.filename(), entry.size())
                };
                self.fetcher.eviction_order().iter().map(line).collect()
            }
            ["sandbox", container] => {
                let container = u32::try_from(number(container)).unwrap();
                let known = self.sandboxes.iter().find(|(known, _)| *known == container);
                let line = |file: &SandboxFile| match file {
                    SandboxFile::Plain(path) => path.clone(),
                    SandboxFile::Executable(path) => format!("{path} 0755"),
                    SandboxFile::ContentOf(path) => format!("content of {path}"),
                };
                known.expect("a worker was started").1.iter().map(line).collect()
            }
            ["requests", uri] => {
                let count = |kind| {
                    let same =
                        |(known, request): &&(String, Request)| known == uri && *request == kind;
                    self.requests.iter().filter(same).count()
                };
                vec![format!("{} + {}", count(Request::Length), count(Request::Download))]
            }
            _ => panic!("unknown line: {}", words.join(" ")),
        }
    }
}

/// What a call has come to.
pub(crate) fn ended(record: &FetchRecord) -> String {
    let words = [
        (record.hits, "from the cache"),
        (record.joins, "joined"),
        (record.misses, "cached"),
        (record.uncached, "uncached"),
        (record.fallbacks, "bypassed"),
    ];
    let words = words.iter().filter(|(count, _)| *count > 0);
    let words: Vec<_> = words.map(|(count, word)| format!("{count} {word}")).collect();
    match words.join(", ") {
        words if record.succeeded => format!("has {words}"),
        words if words.is_empty() => "failed at once".to_owned(),
        words => format!("failed with {words}"),
    }
}

impl Desk for FetchDesk {
    fn command(&mut self, words: &[&str]) -> Vec<String> {
        match *words {
            ["fetch", container, ref rest @ ..] => {
                let number = u32::try_from(number(container)).unwrap();
                let command = command(rest).expect("a URI");
                self.commands.retain(|(known, _)| *known != number);
                self.commands.push((number, Arc::clone(&command)));
                let client = Client::Executor(Handle::from_parts(number, 0));
                self.hand_in(Input::Fetch {
                    client,
                    framework: FrameworkId::from_index(0),
                    command,
                })
            }
            ["probed", uri, ref error @ ..] => {
                let probe = self.take(|_, pending| {
                    matches!(pending, Pending::Probe(_, origin) if *origin.value == *uri)
                });
                self.done(probe, *error == ["error"])
            }
            ["step", container] => {
                let container = u32::try_from(number(container)).unwrap();
                let step = self.take(|desk, pending| {
                    matches!(pending, Pending::Step(call) if desk.name(*call) == container)
                });
                self.done(step, false)
            }
            ["go"] => self.go(),
            ["kill", container] => {
                let slot = u32::try_from(number(container)).unwrap();
                self.hand_in(Input::Kill { client: Client::Executor(Handle::from_parts(slot, 0)) })
            }
            ["lose", uri] => self.hand_in(Input::FileLost { user: None, uri: uri_id(uri) }),
            ["restart"] => {
                self.fetcher.wipe();
                Vec::new()
            }
            _ => self.look(words),
        }
    }
}
