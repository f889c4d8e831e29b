//! Flags and rates of the fetcher.

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
    /// What all downloads of one agent share.
    pub download_rate: u64,
    /// What a file is written or copied with.
    pub disk_rate: u64,
    /// What an archive is unpacked with, in bytes of the archive.
    pub extract_rate: u64,
    /// How long the program that fetches takes to start.
    pub worker_start: Span,
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
