//! Files that tasks need, from few places, so that containers meet in the cache.

use super::generate::Dice;
use super::plan::{Kind, Plan};
use super::transport::tls_costs;
use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use sim_core::agent::fetcher::FetchTls;
use sim_core::protocol::{CommandInfo, Origin, Origins, Uri};
use std::sync::Arc;

/// Bytes of each, and what its origin says; the last one is not there.
const FILES: [(Option<u64>, Option<u64>); 6] = [
    (Some(1 << 20), None),
    (Some(5 << 20), None),
    (Some(20 << 20), None),
    (Some(3 << 20), Some(2 << 20)),
    (Some(2 << 20), Some(3 << 20)),
    (None, None),
];

/// In one of four runs encrypted downloads cost something, and in as many services need files.
pub(crate) fn add_files(plan: &mut Plan, dice: &mut Dice) {
    if dice.percent(25) {
        let tls = Some(FetchTls { costs: tls_costs(dice), round_trip: dice.millis(0, 200) });
        for agent in &mut plan.agents {
            agent.fetch_tls = tls;
        }
    }
    if dice.percent(25) {
        let files = Files::new();
        for framework in &mut plan.frameworks {
            let lists = (0..dice.between(1, 3)).map(|_| dice.files(&files)).collect();
            match &mut framework.kind {
                Kind::Service(options) => options.files = lists,
                Kind::Stateful(options) => options.files = lists,
                Kind::Batch(_) | Kind::Restless { .. } => {}
            }
        }
    }
}

pub(super) struct Files(Vec<Arc<Origin>>);

impl Files {
    pub(super) fn new() -> Self {
        let mut origins = Origins::default();
        let files = FILES.iter().enumerate();
        let add = |(index, (size, claimed)): (usize, &(Option<u64>, Option<u64>))| {
            let scheme = if index % 2 == 0 { "https" } else { "http" };
            origins.add(&format!("{scheme}://files/{index}.tgz"), *size, *claimed)
        };
        Self(files.map(add).collect())
    }

    pub(super) fn first(&self) -> Arc<CommandInfo> {
        let uri = Uri { cache: true, ..Uri::new(Arc::clone(&self.0[0])) };
        Arc::new(CommandInfo::new(None, vec![uri]))
    }

    /// Up to three of them, mostly cached.
    pub(super) fn draw(&self, random: &mut Pcg64Mcg) -> Arc<CommandInfo> {
        let uris = (0..random.random_range(1..4)).map(|_| {
            // The one that is not there is rare.
            let last =
                if random.random_range(0..10) == 0 { self.0.len() } else { self.0.len() - 1 };
            let origin = &self.0[random.random_range(0..last)];
            Uri {
                cache: random.random_range(0..10) < 8,
                executable: random.random_range(0..10) < 3,
                ..Uri::new(Arc::clone(origin))
            }
        });
        Arc::new(CommandInfo::new(None, uris.collect()))
    }
}
