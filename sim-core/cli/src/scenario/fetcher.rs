//! The fetcher in the scenario file.

use super::transport::{CostsName, KeyName};
use policy_api::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::agent::fetcher::FetcherOptions;
use toml::Spanned;
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
    /// What all downloads of one agent share, in a second, where there is no `[network]`. Default
    /// 125,000,000 bytes: 1 Gbit/s.
    pub(crate) download_rate: Memory,
    /// What a file is written or copied with, in a second. Default 200,000,000 bytes.
    pub(crate) disk_rate: Memory,
    /// What an archive is unpacked with, in a second, in bytes of the archive. Default 100,000,000
    /// bytes.
    pub(crate) extract_rate: Memory,
    /// How long the program that fetches takes to start. Default 35ms.
    pub(crate) worker_start: Duration,
    /// What encryption costs where a URI begins with `https://` or `ftps://`. Default: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls: Option<FetchTlsConfig>,
}

/// Connections to origins of files: one for the question for a file's length, one for its download. They
/// are never resumed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FetchTlsConfig {
    /// The processors and the cipher that costs are of. Default `2015`.
    pub(crate) costs: CostsName,
    /// The key of the origins' certificates. Default `rsa-2048`.
    pub(crate) key: KeyName,
    /// How many certificates an origin shows; the agent looks at each. Default 2: its own, and that of who
    /// has signed it.
    #[schemars(with = "u32")]
    pub(crate) certificates: Spanned<u32>,
    /// Between agents and origins. Default 500us.
    pub(crate) round_trip: Duration,
    /// Round trips of a handshake, after that of TCP. Default 2 in 2015 (TLS 1.2), 1 today (1.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) round_trips: Option<u32>,
    /// Processor time of a handshake at the origin. Default: of costs and key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server_time: Option<Duration>,
    /// Processor time of a handshake at the agent, without the looks at certificates. Default: of costs
    /// and key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_time: Option<Duration>,
}

impl Default for FetchTlsConfig {
    fn default() -> Self {
        Self {
            costs: CostsName::default(),
            key: KeyName::default(),
            certificates: Spanned::new(0..0, 2),
            round_trip: Duration(Span::from_micros(500)),
            round_trips: None,
            server_time: None,
            client_time: None,
        }
    }
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
            tls: None,
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
