//! What Mesos took for the same: a table, not a measurement of ours.

use crate::catalogue::Size;

/// What Mesos's allocator took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// Seconds, the least and the most that are known.
    pub seconds: (f64, f64),
    /// Where the figure is from, and what kind of time it is.
    pub source: &'static str,
}

/// Mesos 1.12.0-dev on a machine like the one that ours is developed on.
const MEASURED: &str = "cpu time, spec/allocator-timings.md";
/// Figures of the Mesos project; its machines are not known.
const COMMITS: &str = "wall time, spec/allocator-benchmarks.md 5.3";
/// Both of these: what the project says, and a loaded machine of ours.
const COMMITS_AND_MEASURED: &str =
    "wall time, spec/allocator-benchmarks.md 5.3 and spec/allocator-timings.md";

/// What Mesos took for a phase of a benchmark, where that is known for exactly this size.
pub fn published(benchmark: &str, size: Size, phase: &str) -> Option<Published> {
    if let Some(row) = measured(benchmark, size) {
        let position = PHASES.iter().position(|known| *known == phase)?;
        let first = row.cpu_seconds[position];
        // The cycle after declines was measured twice.
        let other = if position == 5 { row.cpu_seconds[6] } else { first };
        let seconds = (first.min(other), first.max(other));
        return Some(Published { seconds, source: MEASURED });
    }
    let key = (benchmark, size.agents, size.frameworks, phase);
    let known = OTHERS
        .iter()
        .find(|(name, agents, frameworks, phase, ..)| (*name, *agents, *frameworks, *phase) == key);
    known.map(|&(.., seconds, source)| Published { seconds, source })
}

/// Mesos's peak memory over a whole benchmark, in MB, where that is known.
pub fn published_memory_mb(benchmark: &str, size: Size) -> Option<u64> {
    measured(benchmark, size).map(|row| row.memory_mb)
}

/// Benchmark, agents, frameworks, phase, seconds, source.
type Other = (&'static str, usize, usize, &'static str, (f64, f64), &'static str);

/// Ranges span the commits since 2018-09-21 (`DeclineOffers`) and 2019-09-03 (quota).
const OTHERS: &[Other] = &[
    ("DeclineOffers", 10_000, 1_000, "add frameworks", (0.040_38, 0.040_38), COMMITS),
    ("DeclineOffers", 10_000, 1_000, "add agents", (1.61, 1.61), COMMITS),
    ("DeclineOffers", 10_000, 1_000, "cycle", (1.06, 1.06), COMMITS),
    ("DeclineOffers", 10_000, 3_000, "add frameworks", (0.153, 0.181), COMMITS),
    ("DeclineOffers", 10_000, 3_000, "add agents", (3.07, 3.58), COMMITS),
    ("DeclineOffers", 10_000, 3_000, "cycle", (2.46, 2.92), COMMITS),
    ("LargeAndSmallQuota/drf", 3_000, 3_000, "add agents", (0.078, 0.091), COMMITS),
    ("LargeAndSmallQuota/drf", 3_000, 3_000, "add frameworks", (16.7, 110.0), COMMITS_AND_MEASURED),
    ("LargeAndSmallQuota/drf", 3_000, 3_000, "first cycle", (15.34, 68.4), COMMITS_AND_MEASURED),
    ("LargeAndSmallQuota/drf", 3_000, 3_000, "second cycle", (12.88, 56.5), COMMITS_AND_MEASURED),
    ("LargeAndSmallQuota/drf", 300, 300, "first cycle", (0.766, 0.766), LOADED),
    ("LargeAndSmallQuota/drf", 300, 300, "second cycle", (0.706, 0.706), LOADED),
    ("LargeAndSmallQuota/drf", 30, 30, "first cycle", (0.010, 0.010), LOADED),
    ("LargeAndSmallQuota/drf", 30, 30, "second cycle", (0.003, 0.003), LOADED),
    ("NonQuotaVsQuota/drf", 20, 20, "first cycle", (0.003, 0.003), LOADED),
    ("NonQuotaVsQuota/drf", 200, 200, "first cycle", (0.010, 0.010), LOADED),
    ("NonQuotaVsQuota/drf", 2_000, 2_000, "first cycle", (0.756, 0.756), LOADED),
    ("NonQuotaVsQuota/drf-quota", 20, 20, "first cycle", (0.002, 0.002), LOADED),
    ("NonQuotaVsQuota/drf-quota", 200, 200, "first cycle", (0.013, 0.013), LOADED),
    ("UpdateAllocation", 1, 50, UPDATES, (0.468, 0.468), COMMITS),
    ("UpdateAllocation", 1, 100, UPDATES, (0.926, 0.926), COMMITS),
    ("UpdateAllocation", 1, 200, UPDATES, (2.110, 2.110), COMMITS),
    ("UpdateAllocation", 1, 1_600, UPDATES, (90.06, 90.06), COMMITS),
    ("FullSort/drf", 50_000, 1_000, "add allocations", (0.094, 0.183), COMMITS),
    ("FullSort/drf", 50_000, 1_000, "remove allocations", (5.4, 12.2), COMMITS),
    ("FullSort/random", 50_000, 1_000, "add allocations", (0.095, 0.185), COMMITS),
    ("FullSort/random", 50_000, 1_000, "remove allocations", (5.5, 12.2), COMMITS),
];

/// The machine had several times more to do than it could.
const LOADED: &str = "wall time on a loaded machine, spec/allocator-timings.md";
const UPDATES: &str = "20 times unreserve and reserve";

/// The phases of `Cycles`; the last one was measured twice.
const PHASES: [&str; 6] = [
    "add agents",
    "add frameworks",
    "first cycle",
    "cycle again",
    "decline all",
    "cycle after declines",
];

/// A line of the tables of `spec/allocator-timings.md`.
struct Row {
    size: Size,
    /// Of the phases above, and of the second cycle after declines.
    cpu_seconds: [f64; 7],
    memory_mb: u64,
}

const fn row(agents: usize, frameworks: usize, cpu_seconds: [f64; 7], memory_mb: u64) -> Row {
    Row { size: Size { agents, frameworks }, cpu_seconds, memory_mb }
}

fn measured(benchmark: &str, size: Size) -> Option<&'static Row> {
    let rows = match benchmark {
        "Cycles/plain" => PLAIN,
        "Cycles/roles" => OWN_ROLES,
        "Cycles/ports" => PORTS,
        "Cycles/roles-ports" => OWN_ROLES_PORTS,
        _ => return None,
    };
    rows.iter().find(|row| row.size == size)
}

const PLAIN: &[Row] = &[
    row(1_000, 1, [0.022, 0.004, 0.036, 0.035, 0.046, 0.008, 0.010], 28),
    row(1_000, 50, [0.019, 0.024, 0.043, 0.039, 0.052, 0.039, 0.037], 180),
    row(1_000, 200, [0.021, 0.072, 0.046, 0.046, 0.049, 0.047, 0.047], 44),
    row(1_000, 1_000, [0.020, 0.396, 0.073, 0.075, 0.047, 0.078, 0.077], 49),
    row(5_000, 200, [0.111, 0.850, 0.237, 0.242, 0.226, 0.231, 0.222], 163),
    row(10_000, 200, [0.220, 1.698, 0.547, 0.469, 0.497, 0.469, 0.448], 286),
    row(10_000, 1_000, [0.337, 8.970, 0.775, 0.615, 0.373, 0.678, 0.753], 290),
    row(10_000, 2_000, [0.194, 17.562, 1.228, 1.036, 0.490, 1.226, 1.237], 271),
    row(50_000, 200, [1.799, 14.713, 2.813, 2.504, 2.769, 2.865, 2.744], 1_334),
];

const OWN_ROLES: &[Row] = &[
    row(1_000, 1, [0.013, 0.003, 0.035, 0.036, 0.046, 0.008, 0.011], 28),
    row(1_000, 50, [0.026, 0.134, 0.046, 0.047, 0.050, 0.042, 0.040], 215),
    row(1_000, 200, [0.021, 0.620, 0.070, 0.069, 0.047, 0.063, 0.066], 154),
    row(1_000, 1_000, [0.022, 2.648, 0.224, 0.226, 0.056, 0.202, 0.220], 615),
    row(5_000, 200, [0.111, 3.257, 0.363, 0.362, 0.248, 0.360, 0.370], 710),
    row(10_000, 200, [0.354, 6.750, 0.579, 0.707, 0.484, 0.727, 0.671], 1_326),
    row(10_000, 1_000, [0.272, 34.980, 2.569, 2.524, 0.484, 2.366, 2.270], 5_817),
    row(10_000, 2_000, [0.320, 64.098, 6.193, 5.354, 0.414, 4.941, 4.493], 11_450),
    row(50_000, 200, [2.142, 36.713, 3.360, 3.241, 2.232, 3.060, 3.010], 6_915),
];

const PORTS: &[Row] = &[
    row(1_000, 1, [0.042, 0.029, 0.092, 0.069, 0.104, 0.018, 0.016], 58),
    row(1_000, 50, [0.046, 0.055, 0.087, 0.077, 0.131, 0.078, 0.076], 277),
    row(1_000, 200, [0.044, 0.087, 0.084, 0.063, 0.116, 0.082, 0.080], 78),
    row(1_000, 1_000, [0.046, 0.493, 0.130, 0.113, 0.119, 0.123, 0.116], 66),
    row(5_000, 200, [0.305, 1.042, 0.459, 0.365, 0.563, 0.363, 0.487], 311),
    row(10_000, 200, [0.442, 2.029, 0.902, 0.774, 1.071, 0.873, 0.842], 547),
    row(10_000, 1_000, [0.416, 9.002, 1.299, 1.169, 1.093, 1.170, 1.150], 563),
    row(10_000, 2_000, [0.425, 16.877, 1.509, 1.657, 1.179, 1.732, 1.529], 539),
    row(50_000, 200, [3.688, 13.134, 4.468, 3.482, 5.153, 4.028, 3.246], 2_338),
];

const OWN_ROLES_PORTS: &[Row] = &[
    row(1_000, 1, [0.031, 0.028, 0.063, 0.047, 0.066, 0.014, 0.018], 59),
    row(1_000, 50, [0.041, 0.093, 0.045, 0.065, 0.121, 0.075, 0.069], 292),
    row(1_000, 200, [0.028, 0.329, 0.064, 0.060, 0.096, 0.055, 0.070], 162),
    row(1_000, 1_000, [0.040, 2.203, 0.197, 0.194, 0.102, 0.147, 0.139], 628),
    row(5_000, 200, [0.164, 2.239, 0.279, 0.313, 0.423, 0.343, 0.385], 840),
    row(10_000, 200, [0.402, 6.699, 0.865, 0.905, 1.295, 0.904, 0.958], 1_498),
    row(10_000, 1_000, [0.478, 30.594, 1.500, 1.679, 0.950, 1.598, 1.751], 5_997),
    row(10_000, 2_000, [0.270, 66.265, 4.768, 4.916, 1.093, 5.025, 5.475], 11_636),
    row(50_000, 200, [3.503, 42.807, 4.477, 4.087, 5.925, 4.001, 5.538], 7_505),
];
