//! Files that generated tasks need before they run.

use super::config::ClassConfig;
use super::drawn::Drawn;
use super::sampler::Sampler;
use crate::error::Violation;
use crate::units::Memory;
use policy_api::DenseId;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::Streams;
use sim_core::protocol::{CommandInfo, Origin, Origins, Uri, User, UserId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file that each task of a class needs, with Mesos's options of a URI.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own in Mesos")]
pub struct UriConfig {
    /// The URI, such as `http://repository/app.tar.gz`, or a path on the agent.
    pub value: String,
    /// How large the file is, to the thousandth of a MB. Must be there unless the file is `missing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Memory>,
    /// There is no such file: every fetch of it fails.
    #[serde(default)]
    pub missing: bool,
    /// How large its origin says that it is, where that is not true. A server that says `0B` does not
    /// tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_size: Option<Memory>,
    /// The copy in the sandbox can be executed, and is not unpacked.
    #[serde(default)]
    pub executable: bool,
    /// An archive is unpacked into the sandbox. Default true, as in Mesos.
    #[serde(default = "yes")]
    pub extract: bool,
    /// The fetcher's cache is used. Default false, as in Mesos.
    #[serde(default)]
    pub cache: bool,
    /// Its name in the sandbox. Default: the last part of the URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_file: Option<String>,
}

/// Files of which each job needs some, picked anew for each job: all its tasks need the same.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UriSetConfig {
    /// How many files there are. They are called by `prefix`, a number from 0 on and `suffix`.
    pub count: u32,
    /// How large each is, drawn once for each.
    pub size: Drawn<Memory>,
    /// How a job's files are picked. Default: Zipf's law with exponent 1.
    #[serde(default)]
    pub pick: PickConfig,
    /// How many files a job needs. The same one picked twice is fetched once. Default 1.
    #[serde(default = "one")]
    pub per_job: u32,
    /// What is before the number. Default `http://files/<class>/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// What is behind the number, such as `.tar.gz`. Default: nothing.
    #[serde(default)]
    pub suffix: String,
    /// The copies in the sandbox can be executed, and are not unpacked.
    #[serde(default)]
    pub executable: bool,
    /// Archives are unpacked into the sandbox. Default true, as in Mesos.
    #[serde(default = "yes")]
    pub extract: bool,
    /// The fetcher's cache is used. Default true, unlike in Mesos.
    #[serde(default = "yes")]
    pub cache: bool,
}

/// How a job's files are picked from a set.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PickConfig {
    /// By popularity: file `i`, counted from 1, with a probability in proportion to
    /// `1 / i^exponent`. An exponent of 0 makes all alike.
    Zipf {
        /// From 0 to 10.
        exponent: f64,
    },
    /// One after the other, and then again from the first: each file is needed as rarely as can be.
    Scan {},
}

impl Default for PickConfig {
    fn default() -> Self {
        Self::Zipf { exponent: 1.0 }
    }
}

const fn yes() -> bool {
    true
}

const fn one() -> u32 {
    1
}

/// Each has a name in memory.
const MOST_FILES: u32 = 1_000_000;
/// What is beyond this is a slip of the keyboard.
const MOST_PER_JOB: u32 = 1_000;

/// The broken rules of a class's files.
pub(super) fn check(class: &ClassConfig, key: &str, violations: &mut Vec<Violation>) {
    for (index, uri) in class.uris.iter().enumerate() {
        let key = format!("{key}.uris[{index}]");
        let mut violated = |name: &str, problem: &str| {
            violations.push(Violation::new(format!("{key}.{name}"), problem));
        };
        match (uri.size, uri.missing) {
            (None, false) => violated(
                "size",
                "is not there: say how large the file is, as in size = \"100MiB\", or missing = true",
            ),
            (Some(_), true) => {
                violated("missing", "found a file that has a size and is missing: leave one out");
            }
            (Some(size), false) if size == Memory::ZERO => violated(
                "size",
                "found 0, expected at least 0.001MiB: sizes are kept to the thousandth of a MB",
            ),
            (Some(_), false) | (None, true) => {}
        }
        if uri.value.is_empty() {
            violated("value", "found an empty URI, expected one such as http://repository/file");
        }
        let mut origins = Origins::default();
        let made = uri.uri(&mut origins);
        if let Err(error) = made.origin.validate() {
            violated("value", &format!("{error}: every fetch of it would fail"));
        } else if let Err(error) = made.validate() {
            violated("output_file", &format!("{error}: every fetch of it would fail"));
        }
    }
    let Some(set) = &class.uri_set else { return };
    let key = format!("{key}.uri_set");
    let mut violated = |name: &str, problem: String| {
        violations.push(Violation::new(format!("{key}.{name}"), problem));
    };
    for (name, number, most) in
        [("count", set.count, MOST_FILES), ("per_job", set.per_job, MOST_PER_JOB)]
    {
        if !(1..=most).contains(&number) {
            violated(name, format!("found {number}, expected a number from 1 to {most}"));
        }
    }
    if let PickConfig::Zipf { exponent } = set.pick
        && !(0.0..=10.0).contains(&exponent)
    {
        let problem = format!("found {exponent}, expected a number from 0 to 10");
        violated("pick.zipf.exponent", problem);
    }
    let mut origins = Origins::default();
    if let Err(error) = origins.add(&set.value(&class.name, 0), Some(1), None).validate() {
        violated("prefix", format!("{error}: every fetch would fail"));
    }
    set.size.0.check(&format!("{key}.size"), violations);
    if !set.size.0.is_always_positive() {
        let problem = "may be 0, expected more than 0";
        violations.push(Violation::new(format!("{key}.size"), problem));
    }
}

/// Broken rules between classes: one place has one file.
pub(super) fn check_all(classes: &[ClassConfig], violations: &mut Vec<Violation>) {
    let mut known: Vec<&UriConfig> = Vec::new();
    for (index, class) in classes.iter().enumerate() {
        for (place, uri) in class.uris.iter().enumerate() {
            let content = |uri: &UriConfig| (uri.size, uri.missing, uri.claimed_size);
            match known.iter().find(|earlier| earlier.value == uri.value) {
                Some(earlier) if content(earlier) != content(uri) => {
                    let problem = format!(
                        "found `{}` again with another size: one place has one file",
                        uri.value
                    );
                    let key = format!("classes[{index}].uris[{place}].value");
                    violations.push(Violation::new(key, problem));
                }
                Some(_) => {}
                None => known.push(uri),
            }
        }
        let names = |class: &ClassConfig| {
            class.uri_set.as_ref().map(|set| (set.value(&class.name, 0), set.suffix.clone()))
        };
        let mine = names(class);
        if mine.is_some() && classes[..index].iter().any(|earlier| names(earlier) == mine) {
            let problem = "found the names of another class's set: expected a prefix of its own";
            violations.push(Violation::new(format!("classes[{index}].uri_set.prefix"), problem));
        }
    }
}

impl UriConfig {
    fn uri(&self, origins: &mut Origins) -> Uri {
        let size = self.size.filter(|_| !self.missing).map(Memory::bytes);
        let claimed = self.claimed_size.map(Memory::bytes);
        Uri {
            origin: origins.add(&self.value, size, claimed),
            executable: self.executable,
            extract: self.extract,
            cache: self.cache,
            output_file: self.output_file.as_deref().map(Into::into),
        }
    }
}

impl UriSetConfig {
    fn value(&self, class: &str, number: u32) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix}{number}{}", self.suffix),
            None => format!("http://files/{class}/{number}{}", self.suffix),
        }
    }
}

/// The numbers of URIs and users, over all classes.
#[derive(Default)]
pub(super) struct Registry {
    origins: Origins,
    users: BTreeMap<Arc<str>, UserId>,
}

impl Registry {
    fn user(&mut self, name: &Arc<str>) -> UserId {
        let next = UserId::from_index(self.users.len());
        *self.users.entry(Arc::clone(name)).or_insert(next)
    }
}

/// The files of one class.
pub(super) struct Files {
    listed: Vec<Uri>,
    set: Option<Set>,
    /// The number of each of the class's users, where files are fetched as those.
    users: Option<Vec<UserId>>,
    /// What all jobs share, where all need the same.
    constant: Option<Arc<CommandInfo>>,
}

struct Set {
    origins: Vec<Arc<Origin>>,
    options: UriSetConfig,
    stream: Pcg64Mcg,
    /// Of Zipf's law, up to each file; none for a scan.
    weights: Option<Vec<f64>>,
    /// Of a scan.
    next: usize,
}

impl Files {
    pub(super) fn new(
        class: &ClassConfig,
        users: &[Arc<str>],
        streams: Streams,
        registry: &mut Registry,
    ) -> Self {
        let listed: Vec<Uri> =
            class.uris.iter().map(|uri| uri.uri(&mut registry.origins)).collect();
        let set = class.uri_set.as_ref().map(|set| Set::new(class, set, streams, registry));
        let users =
            class.fetch_as_user.then(|| users.iter().map(|name| registry.user(name)).collect());
        let is_constant = set.is_none() && users.is_none() && !listed.is_empty();
        let constant = is_constant.then(|| Arc::new(CommandInfo::new(None, listed.clone())));
        Self { listed, set, users, constant }
    }

    /// What a job of this user, by its place among those of the class, needs.
    pub(super) fn draw(&mut self, user: usize) -> Option<Arc<CommandInfo>> {
        if self.constant.is_some() || self.listed.is_empty() && self.set.is_none() {
            return self.constant.clone();
        }
        let mut uris = self.listed.clone();
        if let Some(set) = &mut self.set {
            uris.extend((0..set.options.per_job).map(|_| ()).map_while(|()| set.draw()));
        }
        let user = self.users.as_ref().and_then(|users| users.get(user));
        let user = user.map(|id| User { id: *id, exists: true });
        Some(Arc::new(CommandInfo::new(user, uris)))
    }
}

impl Set {
    fn new(
        class: &ClassConfig,
        set: &UriSetConfig,
        streams: Streams,
        registry: &mut Registry,
    ) -> Self {
        let stream = |quantity: &str| {
            let name = format!("synthetic/{}/uris/{quantity}", class.name);
            streams.stream(&name)
        };
        let mut sizes = Sampler::new(&set.size.0, stream("sizes"));
        let origins = (0..set.count).map(|number| {
            let size = Some(sizes.draw().bytes());
            registry.origins.add(&set.value(&class.name, number), size, None)
        });
        let weights = match set.pick {
            PickConfig::Scan {} => None,
            PickConfig::Zipf { exponent } => {
                let weight = |number: u32| f64::from(number).powf(-exponent);
                let sum = |sum: &mut f64, number| {
                    *sum += weight(number);
                    Some(*sum)
                };
                Some((1..=set.count).scan(0.0, sum).collect())
            }
        };
        Self {
            origins: origins.collect(),
            options: set.clone(),
            stream: stream("pick"),
            weights,
            next: 0,
        }
    }

    fn draw(&mut self) -> Option<Uri> {
        let place = match &self.weights {
            None => {
                let place = self.next;
                self.next = (self.next + 1) % self.origins.len();
                place
            }
            Some(weights) => {
                let drawn = self.stream.random_range(0.0..*weights.last()?);
                weights.partition_point(|weight| *weight <= drawn)
            }
        };
        Some(Uri {
            origin: Arc::clone(self.origins.get(place)?),
            executable: self.options.executable,
            extract: self.options.extract,
            cache: self.options.cache,
            output_file: None,
        })
    }
}
