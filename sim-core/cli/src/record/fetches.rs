//! What the fetchers of all agents have done.

use report::{Distribution, Nanoseconds};
use sim_core::agent::fetcher::FetchRecord;
use sim_core::transport::TlsUse;

/// Sums over a run. Counts are of URIs.
#[derive(Default)]
pub(crate) struct Fetches {
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) hits: u64,
    pub(crate) joins: u64,
    pub(crate) misses: u64,
    pub(crate) uncached: u64,
    pub(crate) fallbacks: u64,
    pub(crate) downloaded: u64,
    pub(crate) saved: u64,
    /// What encryption has cost the agents.
    pub(crate) tls: TlsUse,
    /// How long the launches of containers that got their files were held up.
    pub(crate) launch_delay: Distribution<Nanoseconds>,
}

impl Fetches {
    pub(super) fn record(&mut self, record: &FetchRecord) {
        if record.succeeded {
            self.succeeded += 1;
            self.launch_delay.record(record.ended.since(record.asked).as_nanos());
        } else {
            self.failed += 1;
        }
        self.hits += u64::from(record.hits);
        self.joins += u64::from(record.joins);
        self.misses += u64::from(record.misses);
        self.uncached += u64::from(record.uncached);
        self.fallbacks += u64::from(record.fallbacks);
        self.downloaded += record.downloaded;
        self.saved += record.saved;
        self.tls = self.tls + record.tls;
    }

    /// Of the URIs that were to be cached, how many did not have to be downloaded by whoever asked;
    /// `None` where there are none.
    pub(crate) fn hit_rate(&self) -> Option<f64> {
        let served = self.hits + self.joins;
        share(served, served + self.misses + self.fallbacks)
    }

    /// The same by bytes over the network, of all URIs.
    pub(crate) fn byte_hit_rate(&self) -> Option<f64> {
        share(self.saved, self.saved + self.downloaded)
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
