//! Which benchmarks are meant, and with which sizes.

use crate::args::BenchArgs;
use crate::scenario::shortened;
use anyhow::bail;
use policy_benchmarks::{Axis, BENCHMARKS, Benchmark, Size};
use std::fmt;
use workloads::nearest;

/// One benchmark with one size.
pub(super) struct Cell {
    pub(super) benchmark: &'static Benchmark,
    pub(super) size: Size,
}

/// `DeclineOffers, 1000 agents x 50 frameworks`.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.benchmark.name)?;
        let Size { agents, frameworks } = self.size;
        if frameworks > 0 {
            write!(f, ", {agents} agents x {frameworks} frameworks")
        } else {
            Ok(())
        }
    }
}

impl Cell {
    /// What names this cell and no other on the command line.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.benchmark.name.to_owned()];
        let mut add = |axis, option: &str, count: usize| {
            if !matches!(axis, Axis::AsManyAsFrameworks | Axis::None) {
                arguments.extend([option.to_owned(), count.to_string()]);
            }
        };
        add(self.benchmark.agents, "--agents", self.size.agents);
        add(self.benchmark.frameworks, "--frameworks", self.size.frameworks);
        arguments
    }
}

/// What a name stands for: the benchmark of that name, or all with that name before the slash. All
/// there are without names.
pub(super) fn benchmarks(names: &[String]) -> anyhow::Result<Vec<&'static Benchmark>> {
    if names.is_empty() {
        return Ok(BENCHMARKS.iter().collect());
    }
    let mut chosen: Vec<&Benchmark> = Vec::new();
    for name in names {
        let meant = |benchmark: &&Benchmark| {
            benchmark.name == name || family(benchmark.name) == name.as_str()
        };
        let mut found = BENCHMARKS.iter().filter(meant).peekable();
        if found.peek().is_none() {
            let known = BENCHMARKS.iter().flat_map(|it| [family(it.name), it.name]);
            let help = nearest(name, known).map(|name| format!("did you mean '{name}'?"));
            let help = help.unwrap_or_else(|| "`--list` names all of them".to_owned());
            bail!("unknown benchmark '{}': {help}", shortened(name));
        }
        for benchmark in found {
            if !chosen.iter().any(|other| other.name == benchmark.name) {
                chosen.push(benchmark);
            }
        }
    }
    Ok(chosen)
}

fn family(name: &str) -> &str {
    name.split_once('/').map_or(name, |(family, _)| family)
}

/// The cells that are asked for: the short selection without names.
pub(super) fn cells(args: &BenchArgs) -> anyhow::Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for benchmark in benchmarks(&args.benchmarks)? {
        let sizes = if args.benchmarks.is_empty() {
            let short = benchmark.short.iter();
            short.map(|&(agents, frameworks)| Size { agents, frameworks }).collect()
        } else {
            benchmark.sizes(args.agents.as_deref(), args.frameworks.as_deref())?
        };
        cells.extend(sizes.into_iter().map(|size| Cell { benchmark, size }));
    }
    Ok(cells)
}
