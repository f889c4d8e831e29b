//! The fetcher under random calls, lengths and failures: its invariants hold after each input, each
//! call ends once, and the end of all of them leaves nothing pinned.

use policy_api::{CachePolicy, DenseId, FrameworkId, Time};
use policy_isolation::cache::{Gdsf, Lfu, Lru, NeverEvict};
use proptest::prelude::*;
use sim_core::Handle;
use sim_core::agent::fetcher::{Call, Client, Entry, Fetcher, FetcherOptions, Input, Output};
use sim_core::protocol::{CommandInfo, Origins, Uri, User, UserId};
use std::sync::Arc;

#[derive(Clone, Debug)]
enum Act {
    /// A call of a user for files, each with the ways it wants it.
    Fetch(u8, Vec<(usize, bool, bool)>),
    /// One of the things that are awaited comes; a length may be an error.
    Answer(usize, bool),
    Kill(usize),
    Lose(usize, u8),
    Restart,
}

/// Sizes and what their origins say. The last ones are missing, empty, and larger than any cache.
const FILES: [(Option<u64>, Option<u64>); 9] = [
    (Some(10), None),
    (Some(25), None),
    (Some(40), None),
    (Some(70), None),
    (Some(30), Some(20)),
    (Some(20), Some(30)),
    (None, None),
    (Some(0), None),
    (Some(1_000), None),
];

fn act() -> impl Strategy<Value = Act> {
    let file = (0..FILES.len(), any::<bool>(), prop::bool::weighted(0.8));
    prop_oneof![
        4 => (0..3_u8, prop::collection::vec(file, 1..5)).prop_map(|(user, uris)| Act::Fetch(user, uris)),
        12 => (0..16_usize, prop::bool::weighted(0.1)).prop_map(|(place, error)| Act::Answer(place, error)),
        1 => (0..8_usize).prop_map(Act::Kill),
        1 => (0..FILES.len(), 0..3_u8).prop_map(|(file, user)| Act::Lose(file, user)),
        1 => prop::bool::weighted(0.1).prop_map(|again| if again { Act::Restart } else { Act::Kill(0) }),
    ]
}

enum Awaited {
    Probe(Handle<Entry>, Option<u64>),
    Step(Handle<Call>),
}

struct Rig {
    fetcher: Fetcher,
    origins: Origins,
    awaited: Vec<Awaited>,
    /// Containers whose calls have not ended.
    open: Vec<u32>,
    next: u32,
}

impl Rig {
    fn new(policy: Option<Box<dyn CachePolicy>>) -> Self {
        let options = FetcherOptions { cache_size: 100, ..FetcherOptions::DEFAULT };
        Self {
            fetcher: Fetcher::new(options, policy),
            origins: Origins::default(),
            awaited: Vec::new(),
            open: Vec::new(),
            next: 0,
        }
    }

    fn uri(&mut self, file: usize) -> Uri {
        let (size, claimed) = FILES[file];
        let scheme = if file.is_multiple_of(2) { "http://host" } else { "file://" };
        Uri::new(self.origins.add(&format!("{scheme}/file{file}.tgz"), size, claimed))
    }

    fn hand_in(&mut self, input: Input) {
        let mut out = Vec::new();
        self.fetcher.handle(Time::ZERO, input, &mut out);
        self.fetcher.check().expect("the invariants hold");
        for output in out {
            match output {
                Output::Probe { entry, origin } => {
                    self.awaited.push(Awaited::Probe(entry, origin.length()));
                }
                Output::Work { call, .. } | Output::Download { call, .. } => {
                    self.awaited.push(Awaited::Step(call));
                }
                Output::Abort { call } => {
                    let is_step = |it: &Awaited| matches!(it, Awaited::Step(of) if *of == call);
                    self.awaited.retain(|it| !is_step(it));
                }
                Output::Ended { client, .. } => {
                    let Client::Executor(container) = client else { panic!("nobody has asked") };
                    let place = self.open.iter().position(|open| *open == container.slot());
                    self.open.remove(place.expect("a call ends once"));
                }
            }
        }
    }

    fn answer(&mut self, place: usize, error: bool) {
        let Some(place) = place.checked_rem(self.awaited.len()) else { return };
        match self.awaited.remove(place) {
            Awaited::Probe(entry, length) => {
                let length = length.filter(|_| !error);
                self.hand_in(Input::Probed { entry, length });
            }
            Awaited::Step(call) => self.hand_in(Input::Stepped(call)),
        }
    }

    fn act(&mut self, act: Act) {
        let user = |user: u8| {
            (user > 0).then(|| User { id: UserId::from_index(usize::from(user)), exists: user < 2 })
        };
        match act {
            Act::Fetch(by, files) => {
                let uris = files.into_iter().map(|(file, executable, cache)| Uri {
                    executable,
                    cache,
                    ..self.uri(file)
                });
                let command = Arc::new(CommandInfo::new(user(by), uris.collect()));
                let client = Client::Executor(Handle::from_parts(self.next, 0));
                self.open.push(self.next);
                self.next += 1;
                self.hand_in(Input::Fetch {
                    client,
                    framework: FrameworkId::from_index(0),
                    command,
                });
            }
            Act::Answer(place, error) => self.answer(place, error),
            Act::Kill(place) => {
                if let Some(place) = place.checked_rem(self.open.len()) {
                    let client = Client::Executor(Handle::from_parts(self.open[place], 0));
                    self.hand_in(Input::Kill { client });
                }
            }
            Act::Lose(file, by) => {
                let uri = self.uri(file).origin.id;
                self.hand_in(Input::FileLost { user: user(by).map(|user| user.id), uri });
            }
            Act::Restart => {
                self.fetcher.wipe();
                self.fetcher.check().expect("the invariants hold");
                // What was awaited still comes, and is not known any more.
                self.open.clear();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn invariants_hold_and_all_calls_end(
        acts in prop::collection::vec(act(), 1..120),
        policy in 0..5_usize,
    ) {
        let policy: Option<Box<dyn CachePolicy>> = match policy {
            0 => Some(Box::new(Lru::new())),
            1 => Some(Box::new(Lfu::new())),
            2 => Some(Box::new(Gdsf::new())),
            3 => Some(Box::new(NeverEvict::new())),
            _ => None,
        };
        let mut rig = Rig::new(policy);
        for act in acts {
            rig.act(act);
        }
        while !rig.awaited.is_empty() {
            rig.answer(0, false);
        }
        prop_assert!(rig.open.is_empty(), "calls {:?} have not ended", rig.open);
        prop_assert_eq!(rig.fetcher.calls().count(), 0);
        for entry in rig.fetcher.eviction_order() {
            prop_assert!(entry.is_resident() && entry.references() == 0);
        }
        let used: u64 = rig.fetcher.eviction_order().iter().map(|entry| entry.size()).sum();
        prop_assert_eq!(used, rig.fetcher.used_bytes());
    }
}
