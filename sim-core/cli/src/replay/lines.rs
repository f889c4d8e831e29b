//! Files of lines, read one at a time.

use crate::scenario::shortened;
use anyhow::{Context, anyhow};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// The longest line accepted. What is longer is no script, and may have no end at all.
const MAX_BYTES: u64 = 16 << 20;

/// The lines of a file or of standard input.
pub(super) struct Lines {
    pub(super) name: String,
    reader: Box<dyn BufRead>,
    /// How many there were so far.
    pub(super) read: u64,
}

impl Lines {
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let (name, reader): (String, Box<dyn BufRead>) =
            match path.filter(|path| *path != Path::new("-")) {
                Some(path) => {
                    let name = shortened(&path.display().to_string());
                    let file = File::open(path).with_context(|| format!("cannot read '{name}'"))?;
                    (name, Box::new(BufReader::new(file)))
                }
                None => ("standard input".to_owned(), Box::new(std::io::stdin().lock())),
            };
        Ok(Self { name, reader, read: 0 })
    }

    /// The next line without its end.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<String>> {
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(MAX_BYTES + 1).read_until(b'\n', &mut bytes);
        if read.with_context(|| format!("cannot read {}", self.name))? == 0 {
            return Ok(None);
        }
        self.read += 1;
        let problem = |what: &str| anyhow!("{}: line {}: {what}", self.name, self.read);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(problem(&format!("longer than {} MiB", MAX_BYTES >> 20)));
        }
        let mut line = String::from_utf8(bytes).map_err(|error| {
            let position = error.utf8_error().valid_up_to() + 1;
            problem(&format!("not UTF-8 from byte {position} on"))
        })?;
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        if self.read == 1 && line.starts_with('\u{feff}') {
            line.drain(..'\u{feff}'.len_utf8());
        }
        Ok(Some(line))
    }
}
