//! `offersim allocator bench`: Mesos's own benchmarks, and what Mesos took.
//!
//! The most memory that a process has had never falls, so each cell of a grid is measured in a
//! process of its own: this program again, which writes its rows as JSON.

mod row;
mod select;
mod table;

use crate::args::BenchArgs;
use crate::{cost, progress};
use anyhow::Context;
use policy_api::Time;
use row::Row;
use select::Cell;
use std::io::Write;
use std::process::Command;
use std::time::Instant;

/// A benchmark did not do what Mesos's does, or did not come to its end.
#[derive(Debug)]
pub(crate) struct Failed(String);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

pub(crate) fn bench(args: &BenchArgs) -> anyhow::Result<()> {
    if args.list {
        return write(&table::list(&select::benchmarks(&args.benchmarks)?)).map(drop);
    }
    let cells = select::cells(args)?;
    if args.in_process {
        for cell in &cells {
            for row in measure(cell, args.rounds)? {
                write(&row.json()?)?;
            }
        }
        return Ok(());
    }
    let bar = progress::cells(cells.len());
    if !args.json && write(&table::header())? == Reader::Gone {
        return Ok(());
    }
    for cell in &cells {
        bar.set_message(cell.to_string());
        for row in measure_apart(cell, args.rounds)? {
            let line = if args.json { row.json()? } else { table::line(&row) };
            if bar.suspend(|| write(&line))? == Reader::Gone {
                return Ok(());
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Whether anybody still reads what is written to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    There,
    Gone,
}

fn write(line: &str) -> anyhow::Result<Reader> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        written => Ok(written.map(|()| Reader::There)?),
    }
}

fn measure(cell: &Cell, rounds: u32) -> anyhow::Result<Vec<Row>> {
    let started = Instant::now();
    let mut clock = || {
        let elapsed = cost::thread_cpu().unwrap_or_else(|| started.elapsed());
        // 584 years fit.
        Time::from_nanos(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX))
    };
    let measurements = cell
        .benchmark
        .run(cell.size, rounds as usize, &mut clock)
        .map_err(|mismatch| Failed(format!("{cell}: {mismatch}")))?;
    let memory = cost::peak_memory_mb();
    Ok(measurements.iter().map(|measurement| Row::new(cell, measurement, memory)).collect())
}

/// The same in another process.
fn measure_apart(cell: &Cell, rounds: u32) -> anyhow::Result<Vec<Row>> {
    let this = std::env::current_exe().context("cannot find this program to run it again")?;
    let mut command = Command::new(this);
    command.args(["allocator", "bench", "--in-process", "--rounds", &rounds.to_string()]);
    let output = command.args(cell.arguments()).output();
    let output = output.with_context(|| format!("cannot start {cell}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim().trim_start_matches("error: ");
        let reason =
            if said.is_empty() { format!("{cell}: {}", output.status) } else { said.to_owned() };
        return Err(Failed(reason).into());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let rows = text.lines().map(|line| serde_json::from_str(line).context("a row of a benchmark"));
    rows.collect()
}
