//! Files in a scenario: what is listed, and sets of which jobs pick some.

use crate::synthetic::Drawn;
use crate::units::Memory;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::protocol::{Origins, Uri};

/// A file that each task needs, with Mesos's options of a URI.
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

/// Files of which each job needs some, picked anew for each job: all its tasks need the same. Each instance
/// of a service, and each replica of a stateful one, is a job of its own.
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
    /// What is before the number. Default `http://files/<name>/`, with the name of the
    /// class, the trace or the framework.
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

impl UriConfig {
    pub(super) fn uri(&self, origins: &mut Origins) -> Uri {
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
    pub(super) fn value(&self, name: &str, number: u32) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix}{number}{}", self.suffix),
            None => format!("http://files/{name}/{number}{}", self.suffix),
        }
    }
}
