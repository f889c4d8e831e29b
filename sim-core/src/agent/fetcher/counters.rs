//! What the fetcher counts (`spec/fetcher.md` section 8).

use super::calls::Cause;
use super::{FetchRecord, Fetcher};
use crate::transport::TlsUse;

/// Since the agent's process came up. All but the first two are the simulator's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FetchCounters {
    /// Calls, those without a URI included.
    pub task_fetches_succeeded: u64,
    pub task_fetches_failed: u64,
    /// Questions for a length.
    pub probes: u64,
    pub hits: u64,
    pub joins: u64,
    pub misses: u64,
    /// By [`Cause`].
    pub bypassed: [u64; Cause::ALL.len()],
    pub evictions: u64,
    pub evicted_bytes: u64,
    pub downloaded_bytes: u64,
    /// Bytes that came from the cache instead.
    pub saved_bytes: u64,
    /// What encryption has cost.
    pub tls: TlsUse,
}

impl FetchCounters {
    pub(super) fn count_end(&mut self, record: &FetchRecord) {
        if record.succeeded {
            self.task_fetches_succeeded += 1;
        } else {
            self.task_fetches_failed += 1;
        }
        self.downloaded_bytes += record.downloaded;
        self.saved_bytes += record.saved;
        self.tls = self.tls + record.tls;
    }
}

impl Fetcher {
    /// Names and values: Mesos's four, and the simulator's own once a URI was asked for.
    pub fn metrics(&self) -> impl Iterator<Item = (String, u64)> {
        let counters = *self.counters();
        let of_mesos = [
            ("task_fetches_succeeded", counters.task_fetches_succeeded),
            ("task_fetches_failed", counters.task_fetches_failed),
            ("cache_size_total_bytes", self.cache_size()),
            ("cache_size_used_bytes", self.used_bytes()),
        ];
        let own = [
            ("cache_hits", counters.hits),
            ("cache_joins", counters.joins),
            ("cache_misses", counters.misses),
            ("cache_probes", counters.probes),
            ("cache_evictions", counters.evictions),
            ("cache_evicted_bytes", counters.evicted_bytes),
            ("downloaded_bytes", counters.downloaded_bytes),
            ("saved_bytes", counters.saved_bytes),
        ];
        let of_tls = [
            ("tls_handshakes", counters.tls.handshakes),
            ("tls_handshake_bytes", counters.tls.handshake_bytes),
            ("tls_record_bytes", counters.tls.record_bytes),
        ];
        let is_encrypted = counters.tls.handshakes > 0;
        let own = own.into_iter().chain(of_tls.into_iter().filter(move |_| is_encrypted));
        let bypassed = Cause::ALL.into_iter().zip(counters.bypassed);
        let bypassed = bypassed.map(|(cause, count)| (format!("bypassed_{}", cause.name()), count));
        let own = own.map(|(name, value)| (name.to_owned(), value)).chain(bypassed);
        let is_used = counters.probes > 0 || counters.bypassed.iter().any(|count| *count > 0);
        let of_mesos = of_mesos.into_iter().map(|(name, value)| (name.to_owned(), value));
        of_mesos.chain(own.filter(move |_| is_used))
    }
}
