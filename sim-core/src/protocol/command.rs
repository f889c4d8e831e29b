//! Files that a container needs before it can run (`spec/fetcher.md` section 2).

use std::collections::BTreeMap;
use std::sync::Arc;

policy_api::dense_id!(
    /// The text of a URI, as [`Origins`] numbers them.
    UriId
);
policy_api::dense_id!(
    /// A user of the hosts' operating system.
    UserId
);

/// What a container is to be given before it runs: the part of Mesos's `CommandInfo` that matters to
/// the fetcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandInfo {
    user: Option<User>,
    uris: Vec<Uri>,
    problem: Option<InvalidUri>,
}

/// Who files are fetched for, where not for the agent's own user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// Whether the hosts know it. If not, nothing can be fetched.
    pub exists: bool,
}

/// One file, with Mesos's options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    pub origin: Arc<Origin>,
    /// The copy in the sandbox can be executed; it is not unpacked then.
    pub executable: bool,
    /// An archive is unpacked into the sandbox.
    pub extract: bool,
    /// The fetcher's cache is used.
    pub cache: bool,
    /// Its name in the sandbox, which may have a folder; the last part of the URI where there is none.
    pub output_file: Option<Arc<str>>,
}

impl Uri {
    /// With Mesos's defaults: unpacked, not cached.
    pub const fn new(origin: Arc<Origin>) -> Self {
        Self { origin, executable: false, extract: true, cache: false, output_file: None }
    }

    /// Mesos's equality: whether it is cached does not matter.
    fn is_same(&self, other: &Self) -> bool {
        (self.origin.id, self.executable, self.extract, &self.output_file)
            == (other.origin.id, other.executable, other.extract, &other.output_file)
    }

    /// # Errors
    ///
    /// What Mesos says of this value or of its name in the sandbox.
    pub fn validate(&self) -> Result<(), InvalidUri> {
        self.origin.validate()?;
        match self.output_file.as_deref() {
            Some("") => Err(InvalidUri::EmptyOutputFile),
            Some(path) if path.starts_with('/') => Err(InvalidUri::OutsideSandbox),
            Some(_) | None => Ok(()),
        }
    }
}

/// What is wrong with a URI, in Mesos's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUri {
    #[error("Illegal characters in URI")]
    IllegalCharacters,
    #[error("Malformed URI (missing path): {0}")]
    MissingPath(Arc<str>),
    #[error("URI output file path is empty")]
    EmptyOutputFile,
    #[error("URI output file must be within the sandbox directory")]
    OutsideSandbox,
}

impl CommandInfo {
    /// Of equal URIs the first one's place is kept, with the last one's mode.
    pub fn new(user: Option<User>, uris: Vec<Uri>) -> Self {
        let mut kept: Vec<Uri> = Vec::with_capacity(uris.len());
        for uri in uris {
            match kept.iter_mut().find(|known| known.is_same(&uri)) {
                Some(known) => known.cache = uri.cache,
                None => kept.push(uri),
            }
        }
        // Mesos looks at all values before it looks at any output file.
        let values = kept.iter().find_map(|uri| uri.origin.validate().err());
        let problem = values.or_else(|| kept.iter().find_map(|uri| uri.validate().err()));
        Self { user, uris: kept, problem }
    }

    pub const fn user(&self) -> Option<User> {
        self.user
    }

    /// No two of them are equal.
    pub fn uris(&self) -> &[Uri] {
        &self.uris
    }

    /// Why nothing of it can be fetched.
    pub const fn problem(&self) -> Option<&InvalidUri> {
        self.problem.as_ref()
    }
}

/// A place that files come from, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub id: UriId,
    pub value: Arc<str>,
    pub class: UriClass,
    /// How many bytes there are; `None` where there is no such file.
    pub size: Option<u64>,
    /// How many it says there are, where that is not true. A server that says 0 does not tell.
    pub claimed: Option<u64>,
}

/// How a file is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriClass {
    /// `file://`, or a path.
    Local,
    /// A relative path, which is looked up under `frameworks_home`.
    Relative,
    /// `file://` without an absolute path: there can be no such file.
    Nowhere,
    /// HTTP and FTP, with TLS or without.
    Net,
    /// Hadoop's client copies it.
    Other,
}

impl UriClass {
    /// A leading blank does not matter.
    pub fn of(value: &str) -> Self {
        let value = value.trim_start();
        if let Some(path) = value.strip_prefix("file://") {
            let path = path.strip_prefix("localhost").unwrap_or(path);
            return if path.starts_with('/') { Self::Local } else { Self::Nowhere };
        }
        match value.split_once("://") {
            None if value.starts_with('/') => Self::Local,
            None => Self::Relative,
            Some(("http" | "https" | "ftp" | "ftps", _)) => Self::Net,
            Some(_) => Self::Other,
        }
    }

    /// Whether the file comes over the network.
    pub const fn is_remote(self) -> bool {
        match self {
            Self::Net | Self::Other => true,
            Self::Local | Self::Relative | Self::Nowhere => false,
        }
    }
}

impl Origin {
    /// What it answers if it is asked for the length; `None` for an error.
    pub fn length(&self) -> Option<u64> {
        let length = self.claimed.or(self.size)?;
        let tells = match self.class {
            UriClass::Net => length > 0,
            UriClass::Local | UriClass::Relative | UriClass::Other => true,
            UriClass::Nowhere => false,
        };
        (tells && self.size.is_some()).then_some(length)
    }

    /// Whether its scheme asks for TLS.
    pub fn is_encrypted(&self) -> bool {
        let value = self.value.trim_start();
        value.starts_with("https://") || value.starts_with("ftps://")
    }

    /// What follows the last slash, a query included.
    pub fn basename(&self) -> &str {
        self.value.rsplit_once('/').map_or(&self.value, |(_, name)| name)
    }

    /// # Errors
    ///
    /// What Mesos says of this value.
    pub fn validate(&self) -> Result<(), InvalidUri> {
        if self.value.contains(['\\', '\'', '\0']) {
            return Err(InvalidUri::IllegalCharacters);
        }
        let Some((_, rest)) = self.value.split_once("://") else { return Ok(()) };
        match rest.split_once('/') {
            Some((_, path)) if !path.is_empty() => Ok(()),
            Some(_) | None => Err(InvalidUri::MissingPath(Arc::clone(&self.value))),
        }
    }
}

/// Numbers origins, so that nobody compares texts while a cluster runs.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    known: BTreeMap<Arc<str>, Arc<Origin>>,
}

impl Origins {
    /// The origin of this text. What is there is as it was said first.
    pub fn add(&mut self, value: &str, size: Option<u64>, claimed: Option<u64>) -> Arc<Origin> {
        if let Some(known) = self.known.get(value) {
            return Arc::clone(known);
        }
        let id = policy_api::DenseId::from_index(self.known.len());
        let value: Arc<str> = value.into();
        let class = UriClass::of(&value);
        let origin = Arc::new(Origin { id, value: Arc::clone(&value), class, size, claimed });
        self.known.insert(value, Arc::clone(&origin));
        origin
    }
}
