//! Flags and rates of the fetcher.

use crate::transport::{HandshakeCost, TlsCosts, TlsUse};
use policy_api::Span;

/// Flags of the fetcher under Mesos's names, and how long its work takes (`spec/fetcher.md` 2.3
/// and 9). Rates are in bytes a second; one of zero counts as one byte a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetcherOptions {
    /// Bytes that the cache may hold.
    pub cache_size: u64,
    /// Whether the flag `frameworks_home` is set: without it there are no relative paths.
    pub has_frameworks_home: bool,
    /// From the question for a file's length to the answer, over the network. Local files are asked
    /// in no time.
    pub probe_time: Span,
    /// What all downloads of one agent share, where there is no network.
    pub download_rate: u64,
    /// What a file is written or copied with.
    pub disk_rate: u64,
    /// What an archive is unpacked with, in bytes of the archive.
    pub extract_rate: u64,
    /// How long the program that fetches takes to start.
    pub worker_start: Span,
}

/// What downloads from origins with `https` or `ftps` cost (`spec/ssl.md` section 4). The agent asks for
/// the connection, a new one for each question and for each download, and looks at the certificates that
/// it is shown, as libcurl does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchTls {
    pub costs: TlsCosts,
    /// Between the agent and the origins.
    pub round_trip: Span,
}

impl FetchTls {
    fn handshake(&self) -> HandshakeCost {
        self.costs.full_handshake(true, false)
    }

    /// From the end of TCP's handshake to the first byte that the agent can send.
    pub(super) fn handshake_time(&self) -> Span {
        let cost = self.handshake();
        self.round_trip * u64::from(cost.round_trips) + cost.client.sum() + cost.server.sum()
    }

    /// What a connection costs the agent over which so many bytes come.
    pub(super) fn download(&self, bytes: u64) -> TlsUse {
        let question = self.question();
        let time = question.time + self.costs.message(bytes);
        TlsUse { record_bytes: self.costs.overhead(bytes), time, ..question }
    }

    /// What one costs it over which only a length comes.
    pub(super) fn question(&self) -> TlsUse {
        let HandshakeCost { client, bytes, .. } = self.handshake();
        TlsUse { handshakes: 1, handshake_bytes: bytes, record_bytes: 0, time: client }
    }
}

impl FetcherOptions {
    /// Mesos's cache of 2 GiB. The rates are assumptions: a question takes two round trips of half a
    /// millisecond (TCP, then HTTP), the link has 1 Gbit/s, the disk writes 200 MB/s as a SATA SSD or
    /// a striped hard disk does, gunzip yields 100 MB/s of archive, and a fork with exec takes 35 ms,
    /// the middle of the range in the specification.
    pub const DEFAULT: Self = Self {
        cache_size: 2 << 30,
        has_frameworks_home: false,
        probe_time: Span::from_millis(1),
        download_rate: 125_000_000,
        disk_rate: 200_000_000,
        extract_rate: 100_000_000,
        worker_start: Span::from_millis(35),
    };
}

impl Default for FetcherOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How long so many bytes take at this rate, rounded up.
pub(super) fn time_for(bytes: u64, rate: u64) -> Span {
    let nanos = (u128::from(bytes) * 1_000_000_000).div_ceil(u128::from(rate.max(1)));
    u64::try_from(nanos).map_or(Span::MAX, Span::from_nanos)
}
