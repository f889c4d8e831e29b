//! Draws the files of jobs.

use super::{PickConfig, UriConfig, UriSetConfig};
use crate::synthetic::Sampler;
use policy_api::DenseId;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use sim_core::Streams;
use sim_core::protocol::{CommandInfo, Origin, Origins, Uri, User, UserId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The numbers of URIs and users, over all that runs in one cluster: equal names, equal numbers.
#[derive(Debug, Default)]
pub struct FileNames {
    origins: Origins,
    users: BTreeMap<Arc<str>, UserId>,
}

impl FileNames {
    pub fn user(&mut self, name: &Arc<str>) -> UserId {
        let next = UserId::from_index(self.users.len());
        *self.users.entry(Arc::clone(name)).or_insert(next)
    }
}

/// Who needs files, and which.
#[derive(Clone, Copy, Debug)]
pub struct Needs<'a> {
    /// Names the files of a set without a prefix.
    pub name: &'a str,
    pub uris: &'a [UriConfig],
    pub uri_set: Option<&'a UriSetConfig>,
}

impl Needs<'_> {
    pub const fn is_empty(&self) -> bool {
        self.uris.is_empty() && self.uri_set.is_none()
    }
}

/// The files of one class, trace or framework.
#[derive(Debug)]
pub struct Files {
    listed: Vec<Uri>,
    set: Option<Set>,
    /// What all share who are no user, where all need the same.
    constant: Option<Arc<CommandInfo>>,
}

#[derive(Debug)]
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
    /// Sizes and picks come from the streams `<stream>/uris/sizes` and `<stream>/uris/pick`.
    pub fn new(
        needs: &Needs<'_>,
        (streams, stream): (Streams, &str),
        names: &mut FileNames,
    ) -> Self {
        let listed: Vec<Uri> = needs.uris.iter().map(|uri| uri.uri(&mut names.origins)).collect();
        let stream = |quantity: &str| streams.stream(&format!("{stream}/uris/{quantity}"));
        let set = needs.uri_set.map(|set| {
            let draws = [stream("sizes"), stream("pick")];
            Set::new(needs.name, set, draws, names)
        });
        let is_constant = set.is_none() && !listed.is_empty();
        let constant = is_constant.then(|| Arc::new(CommandInfo::new(None, listed.clone())));
        Self { listed, set, constant }
    }

    /// What the next job needs, where files are fetched as this user.
    pub fn draw(&mut self, user: Option<UserId>) -> Option<Arc<CommandInfo>> {
        if self.listed.is_empty() && self.set.is_none() {
            return None;
        }
        if let (Some(constant), None) = (&self.constant, user) {
            return Some(Arc::clone(constant));
        }
        let mut uris = self.listed.clone();
        if let Some(set) = &mut self.set {
            uris.extend((0..set.options.per_job).map(|_| ()).map_while(|()| set.draw()));
        }
        let user = user.map(|id| User { id, exists: true });
        Some(Arc::new(CommandInfo::new(user, uris)))
    }
}

impl Set {
    fn new(
        name: &str,
        set: &UriSetConfig,
        [sizes, stream]: [Pcg64Mcg; 2],
        names: &mut FileNames,
    ) -> Self {
        let mut sizes = Sampler::new(&set.size.0, sizes);
        let origins = (0..set.count).map(|number| {
            let size = Some(sizes.draw().bytes());
            names.origins.add(&set.value(name, number), size, None)
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
        Self { origins: origins.collect(), options: set.clone(), stream, weights, next: 0 }
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
