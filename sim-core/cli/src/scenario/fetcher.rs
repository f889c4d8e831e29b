//! The fetcher in the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::agent::fetcher::FetcherOptions;
use workloads::units::{Duration, Memory};

/// How files come to an agent, and who is in its cache. Mesos's own flags of the fetcher are those of
/// the agent: `fetcher_cache_size` and `frameworks_home` in `[agent]`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FetcherConfig {
    /// Who is let into the cache, and who leaves it.
    pub(crate) cache: CachePolicyConfig,
    /// From the question for a file's length to the answer, over the network. Default 1ms.
    pub(crate) probe_time: Duration,
    /// What all downloads of one agent share, in a second. Default 125,000,000 bytes: 1 Gbit/s.
    pub(crate) download_rate: Memory,
    /// What a file is written or copied with, in a second. Default 200,000,000 bytes.
    pub(crate) disk_rate: Memory,
    /// What an archive is unpacked with, in a second, in bytes of the archive. Default 100,000,000
    /// bytes.
    pub(crate) extract_rate: Memory,
    /// How long the program that fetches takes to start. Default 35ms.
    pub(crate) worker_start: Duration,
}

impl Default for FetcherConfig {
    fn default() -> Self {
        let usual = FetcherOptions::DEFAULT;
        Self {
            cache: CachePolicyConfig::default(),
            probe_time: Duration(usual.probe_time),
            download_rate: Memory::from_bytes(usual.download_rate),
            disk_rate: Memory::from_bytes(usual.disk_rate),
            extract_rate: Memory::from_bytes(usual.extract_rate),
            worker_start: Duration(usual.worker_start),
        }
    }
}

/// Admission to the cache and eviction from it, chosen by the table's name.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CachePolicyConfig {
    /// Mesos's own: the least recently used leave.
    Lru(NoOptions),
    /// The least frequently used leave.
    Lfu(NoOptions),
    /// Greedy-Dual-Size-Frequency: large files that are seldom used leave, or are not let in.
    Gdsf(NoOptions),
    /// What is in stays in, and what does not fit is not cached.
    NeverEvict(NoOptions),
}

/// A policy without options.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoOptions {}

impl Default for CachePolicyConfig {
    fn default() -> Self {
        Self::Lru(NoOptions {})
    }
}
