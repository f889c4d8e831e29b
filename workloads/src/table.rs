//! CSV tables whose errors name file, line and column.

use crate::WorkloadError;
use crate::error::nearest;
use crate::input::{self, Input};
use csv::ByteRecord;
use std::path::{Path, PathBuf};

/// A table that is read row by row into one buffer.
pub(crate) struct Table {
    path: PathBuf,
    reader: csv::Reader<Input>,
    record: ByteRecord,
    columns: Vec<String>,
}

/// One row; fields are taken by their position.
pub(crate) struct Row<'a> {
    path: &'a Path,
    record: &'a ByteRecord,
    columns: &'a [String],
}

impl Table {
    /// A table without a header: the columns are known.
    pub(crate) fn without_header(path: &Path, columns: &[&str]) -> Result<Self, WorkloadError> {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Ok(Self { columns, ..Self::open(path)? })
    }

    /// A table whose first row names the columns.
    pub(crate) fn with_header(path: &Path) -> Result<Self, WorkloadError> {
        let mut table = Self::open(path)?;
        table.read_record()?;
        table.columns = table
            .record
            .iter()
            .map(|name| String::from_utf8_lossy(without_return(name)).into_owned())
            .collect();
        Ok(table)
    }

    fn open(path: &Path) -> Result<Self, WorkloadError> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true) // so that we count the columns, with a message of our own
            // With its default, `csv` counts lines that end with CR LF wrongly.
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(input::open(path)?);
        Ok(Self { path: path.to_owned(), reader, record: ByteRecord::new(), columns: Vec::new() })
    }

    /// Where the header has this column.
    pub(crate) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// Where the header has this column, which must be there.
    pub(crate) fn require(&self, column: &'static str) -> Result<usize, WorkloadError> {
        self.position(column).ok_or_else(|| WorkloadError::MissingColumn {
            path: self.path.clone(),
            column,
            found: self.columns.join(", "),
            nearest: nearest(column, self.columns.iter().map(String::as_str)).map(str::to_owned),
        })
    }

    /// The next row with the right number of columns.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'_>>, WorkloadError> {
        if !self.read_record()? {
            return Ok(None);
        }
        let row = Row { path: &self.path, record: &self.record, columns: &self.columns };
        if row.record.len() != self.columns.len() {
            return Err(WorkloadError::Columns {
                path: self.path.clone(),
                line: row.line(),
                found: row.record.len(),
                expected: self.columns.len().to_string(),
            });
        }
        Ok(Some(row))
    }

    /// Skips empty lines.
    fn read_record(&mut self) -> Result<bool, WorkloadError> {
        while self.read_line()? {
            if &self.record != [b"\r"].as_slice() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn read_line(&mut self) -> Result<bool, WorkloadError> {
        self.reader.read_byte_record(&mut self.record).map_err(|error| {
            // The conversion of `csv` would lose the kind, by which truncated gzip is known.
            let kind = if let csv::ErrorKind::Io(source) = error.kind() {
                source.kind()
            } else {
                std::io::ErrorKind::Other
            };
            WorkloadError::read(&self.path, std::io::Error::new(kind, error.to_string()))
        })
    }
}

impl<'a> Row<'a> {
    /// Counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    pub(crate) fn is_empty(&self, column: usize) -> bool {
        self.bytes(column).is_empty()
    }

    pub(crate) fn text(&self, column: usize) -> Result<&'a str, WorkloadError> {
        std::str::from_utf8(self.bytes(column)).map_err(|_| self.error(column, "text in UTF-8"))
    }

    /// A whole number of at most `max`.
    pub(crate) fn whole(&self, column: usize, max: u64) -> Result<u64, WorkloadError> {
        parse_whole(self.bytes(column))
            .filter(|&value| value <= max)
            .ok_or_else(|| self.error(column, format!("a whole number from 0 to {max}")))
    }

    /// A number from zero to `max`.
    pub(crate) fn number(&self, column: usize, max: f64) -> Result<f64, WorkloadError> {
        std::str::from_utf8(self.bytes(column))
            .ok()
            .and_then(|text| text.parse().ok())
            .filter(|value| (0.0..=max).contains(value))
            .ok_or_else(|| self.error(column, format!("a number from 0 to {max}")))
    }

    /// Seconds, zero or above, in nanoseconds.
    pub(crate) fn seconds(&self, column: usize) -> Result<u64, WorkloadError> {
        parse_seconds(self.bytes(column))
            .and_then(|nanos| u64::try_from(nanos).ok())
            .ok_or_else(|| self.error(column, "a number of seconds of at least 0"))
    }

    pub(crate) fn error(&self, column: usize, expected: impl Into<String>) -> WorkloadError {
        WorkloadError::Field {
            path: self.path.to_owned(),
            line: self.line(),
            column: self.columns.get(column).cloned().unwrap_or_default(),
            found: String::from_utf8_lossy(self.bytes(column)).into_owned(),
            expected: expected.into(),
        }
    }

    pub(crate) fn backwards(
        &self,
        column: &'static str,
        found: &dyn ToString,
        previous: &dyn ToString,
        hint: &'static str,
    ) -> WorkloadError {
        WorkloadError::Backwards {
            path: self.path.to_owned(),
            line: self.line(),
            column,
            found: found.to_string(),
            previous: previous.to_string(),
            hint,
        }
    }

    fn bytes(&self, column: usize) -> &'a [u8] {
        without_return(self.record.get(column).unwrap_or_default())
    }
}

/// The last field of a line that ends with CR LF has the CR.
fn without_return(field: &[u8]) -> &[u8] {
    field.strip_suffix(b"\r").unwrap_or(field)
}

/// Digits only; several times as fast as going through `str`, and most fields are such numbers.
pub(crate) fn parse_whole(bytes: &[u8]) -> Option<u64> {
    if bytes.is_empty() {
        return None;
    }
    bytes.iter().try_fold(0_u64, |value, &byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// A decimal number of seconds in nanoseconds, exact to the ninth decimal (more are cut off).
/// A sign is allowed; exponents are not, since no trace uses them.
pub(crate) fn parse_seconds(bytes: &[u8]) -> Option<i64> {
    let (negative, digits) = match bytes.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, bytes),
    };
    let point = digits.iter().position(|&byte| byte == b'.');
    let (whole, decimals) = match point {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &b"0"[..]),
    };
    if decimals.is_empty() || !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut nanos = parse_whole(whole)?.checked_mul(1_000_000_000)?;
    let mut unit = 1_000_000_000;
    for digit in decimals.iter().take(9) {
        unit /= 10;
        nanos = nanos.checked_add(u64::from(digit - b'0') * unit)?;
    }
    let nanos = i64::try_from(nanos).ok()?;
    Some(if negative { -nanos } else { nanos })
}
