//! Opening files: plain or gzip, told apart by their first bytes, not by their names.

use crate::WorkloadError;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

pub(crate) type Input = Box<dyn Read + Send>;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Large enough that the system calls do not show beside inflating.
const BUFFER_BYTES: usize = 64 * 1024;

/// Opens a file and inflates it on the fly where it is gzip, of one member or several.
pub(crate) fn open(path: &Path) -> Result<Input, WorkloadError> {
    let read_error = |source| WorkloadError::read(path, source);
    let mut file = File::open(path).map_err(read_error)?;
    let mut head = Vec::with_capacity(GZIP_MAGIC.len());
    file.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut head).map_err(read_error)?;
    let is_gzip = head == GZIP_MAGIC;
    let whole = BufReader::with_capacity(BUFFER_BYTES, Cursor::new(head).chain(file));
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) })
}
