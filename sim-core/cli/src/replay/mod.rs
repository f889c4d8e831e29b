//! `offersim allocator replay`: a recording of calls through the allocator alone.

mod check;
mod lines;
mod state;

use crate::run::Outcome;
use crate::scenario::shortened;
use anyhow::{Context, anyhow};
use lines::Lines;
use policy_allocators::replay::{Replay, ReplayError};
use std::fmt;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

/// Reads calls from a file, or from standard input. Writes offers as they are made, or compares them
/// with a recording.
pub(crate) fn replay(events: Option<&Path>, recorded: Option<&Path>) -> anyhow::Result<Outcome> {
    let stands_for_input = |path: &Path| path == Path::new("-");
    if events.is_none_or(stands_for_input) && recorded.is_some_and(stands_for_input) {
        anyhow::bail!("events and offers cannot both come from standard input: name a file");
    }
    let events = Lines::open(events)?;
    match recorded {
        Some(recorded) => check::check(events, Lines::open(Some(recorded))?),
        None => match write(events) {
            // A reader that has gone is not an error.
            Err(error) if is_broken_pipe(&error) => Ok(Outcome::Done),
            written => written,
        },
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn write(mut events: Lines) -> anyhow::Result<Outcome> {
    let mut replay = Replay::default();
    let mut out = Writer { out: BufWriter::new(io::stdout().lock()), result: Ok(()) };
    while let Some(line) = events.next()? {
        let replayed = replay.line(&line, &mut out);
        // Whoever feeds events one by one waits for the offers.
        let written = std::mem::replace(&mut out.result, Ok(())).and_then(|()| out.out.flush());
        written.context("cannot write to standard output")?;
        replayed.map_err(|error| mistake(&events, &error))?;
    }
    Ok(Outcome::Done)
}

fn mistake(events: &Lines, error: &ReplayError) -> anyhow::Error {
    anyhow!("{}: {}", events.name, shortened(&error.to_string()))
}

/// Standard output as a replay writes to it; keeps the error that ended it.
struct Writer {
    out: BufWriter<StdoutLock<'static>>,
    result: io::Result<()>,
}

impl fmt::Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.result = self.out.write_all(text.as_bytes());
        self.result.as_ref().map(drop).map_err(|_| fmt::Error)
    }
}
