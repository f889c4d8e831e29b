//! `offersim allocator replay`: a recording of calls through the allocator alone.

mod check;
mod state;

use crate::run::Outcome;
use anyhow::Context;
use policy_allocators::replay::Replay;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
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
        None => write(events),
    }
}

fn write(mut events: Lines) -> anyhow::Result<Outcome> {
    let mut replay = Replay::default();
    let mut offers = String::new();
    let mut out = std::io::stdout().lock();
    while let Some(line) = events.next()? {
        let result = replay.line(&line, &mut offers);
        match out.write_all(offers.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                return Ok(Outcome::Done);
            }
            written => written?,
        }
        offers.clear();
        result.with_context(|| events.name.clone())?;
    }
    Ok(Outcome::Done)
}

/// The lines of a file or of standard input.
struct Lines {
    name: String,
    reader: Box<dyn BufRead>,
    read: u64,
}

impl Lines {
    fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let (name, reader): (String, Box<dyn BufRead>) =
            match path.filter(|path| *path != Path::new("-")) {
                Some(path) => {
                    let name = path.display().to_string();
                    let file = File::open(path).with_context(|| format!("cannot read '{name}'"))?;
                    (name, Box::new(BufReader::new(file)))
                }
                None => ("standard input".to_owned(), Box::new(std::io::stdin().lock())),
            };
        Ok(Self { name, reader, read: 0 })
    }

    fn next(&mut self) -> anyhow::Result<Option<String>> {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line);
        if read.with_context(|| format!("cannot read {}", self.name))? == 0 {
            return Ok(None);
        }
        self.read += 1;
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        Ok(Some(line))
    }
}
