//! `offersim allocator replay`: a recording of calls through the allocator alone.

use anyhow::Context;
use policy_allocators::replay::Replay;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

/// Reads calls from a file, or from standard input, and writes offers as they are made.
pub(crate) fn replay(events: Option<&Path>) -> anyhow::Result<()> {
    let (name, reader): (String, Box<dyn BufRead>) =
        match events.filter(|path| *path != Path::new("-")) {
            Some(path) => {
                let name = path.display().to_string();
                let file = File::open(path).with_context(|| format!("cannot read '{name}'"))?;
                (name, Box::new(BufReader::new(file)))
            }
            None => ("standard input".to_owned(), Box::new(std::io::stdin().lock())),
        };
    let mut replay = Replay::default();
    let mut offers = String::new();
    let mut out = std::io::stdout().lock();
    for line in reader.lines() {
        let line = line.with_context(|| format!("cannot read {name}"))?;
        let result = replay.line(&line, &mut offers);
        match out.write_all(offers.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
            written => written?,
        }
        offers.clear();
        result.with_context(|| name.clone())?;
    }
    Ok(())
}
