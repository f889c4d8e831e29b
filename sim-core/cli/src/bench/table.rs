//! Output for people. The widths are fixed, so that each line can be printed when it is known.

use super::row::Row;
use comfy_table::{Table, presets};
use policy_benchmarks::{Axis, Benchmark};

pub(super) fn header() -> String {
    columns([
        "benchmark",
        "agents",
        "frameworks",
        "phase",
        "min ms",
        "median ms",
        "offers",
        "x floor",
        "peak MB",
        "Mesos s",
        "x faster",
        "Mesos MB",
    ])
}

pub(super) fn line(row: &Row) -> String {
    let count = |count: usize| if count > 0 { count.to_string() } else { "-".to_owned() };
    let known = |value: Option<f64>| value.map_or("-".to_owned(), digits);
    let memory = |value: Option<u64>| value.map_or("-".to_owned(), |mb| mb.to_string());
    let mesos = match row.mesos_min_s.zip(row.mesos_max_s) {
        None => "-".to_owned(),
        Some((least, most)) if most > least => format!("{}-{}", digits(least), digits(most)),
        Some((least, _)) => digits(least),
    };
    columns([
        &row.benchmark,
        &count(row.agents),
        &count(row.frameworks),
        &row.phase,
        &digits(row.cpu_min_ms),
        &digits(row.cpu_median_ms),
        &row.offers.to_string(),
        &known(row.times_floor),
        &memory(row.peak_memory_mb),
        &mesos,
        &known(row.times_faster),
        &memory(row.mesos_peak_memory_mb),
    ])
}

fn columns(cells: [&str; 12]) -> String {
    let [name, agents, frameworks, phase, least, median, offers, floor, memory, ..] = cells;
    let [.., mesos, ratio, mesos_memory] = cells;
    format!(
        "{name:<28}  {agents:>6}  {frameworks:>10}  {phase:<32}  {least:>7}  {median:>9}  \
         {offers:>6}  {floor:>7}  {memory:>7}  {mesos:>13}  {ratio:>8}  {mesos_memory:>8}"
    )
}

/// Three digits that count.
fn digits(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v if v >= 1.0 => format!("{v:.2}"),
        v if v >= 0.1 => format!("{v:.3}"),
        v => format!("{v:.4}"),
    }
}

/// Names and sizes.
pub(super) fn list(benchmarks: &[&Benchmark]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["benchmark", "what", "agents", "frameworks"]);
    for benchmark in benchmarks {
        table.add_row([
            benchmark.name,
            benchmark.about,
            &sizes(benchmark.agents),
            &sizes(benchmark.frameworks),
        ]);
    }
    table.to_string()
}

fn sizes(axis: Axis) -> String {
    match axis {
        Axis::None => "-".to_owned(),
        Axis::AsManyAsFrameworks => "as frameworks".to_owned(),
        Axis::Any(usual) | Axis::MultiplesOf(_, usual) | Axis::Only(usual) => {
            let sizes: Vec<String> = usual.iter().map(usize::to_string).collect();
            sizes.join(" ")
        }
    }
}
