//! One row of a log: 18 fields between blanks, and what some logs append.

use crate::WorkloadError;
use crate::table::{parse_seconds, parse_whole};
use policy_api::Span;
use std::borrow::Cow;
use std::path::Path;

/// The standard fields by their position, counted from 0 (the format counts from 1).
#[derive(Clone, Copy)]
pub(super) enum Field {
    Job = 0,
    Submit = 1,
    Run = 3,
    Allocated = 4,
    ProcessorTime = 5,
    UsedMemory = 6,
    RequestedProcessors = 7,
    RequestedMemory = 9,
    User = 11,
    Group = 12,
    Executable = 13,
    Queue = 14,
    Partition = 15,
}

impl Field {
    const fn name(self) -> &'static str {
        match self {
            Self::Job => "1 (job)",
            Self::Submit => "2 (submit time)",
            Self::Run => "4 (run time)",
            Self::Allocated => "5 (allocated processors)",
            Self::ProcessorTime => "6 (average processor time)",
            Self::UsedMemory => "7 (used memory)",
            Self::RequestedProcessors => "8 (requested processors)",
            Self::RequestedMemory => "10 (requested memory)",
            Self::User => "12 (user)",
            Self::Group => "13 (group)",
            Self::Executable => "14 (executable)",
            Self::Queue => "15 (queue)",
            Self::Partition => "16 (partition)",
        }
    }
}

/// No log counts more of anything; keeps sums far from overflow.
const MAX: u64 = 1_000_000_000_000_000;
const STANDARD_FIELDS: usize = 18;
/// wagap-2013 appends the nodes, the name of the queue and the node specification.
const NODES: usize = 18;
const QUEUE_NAME: usize = 19;
const KEPT_FIELDS: usize = 20;

pub(super) struct Line<'a> {
    path: &'a Path,
    number: u64,
    fields: [&'a [u8]; KEPT_FIELDS],
}

impl<'a> Line<'a> {
    pub(super) fn split(
        path: &'a Path,
        number: u64,
        text: &'a [u8],
    ) -> Result<Self, WorkloadError> {
        let mut fields = [&b""[..]; KEPT_FIELDS];
        let mut found = 0;
        for field in text.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()) {
            if let Some(kept) = fields.get_mut(found) {
                *kept = field;
            }
            found += 1;
        }
        if found < STANDARD_FIELDS {
            let expected = format!("at least {STANDARD_FIELDS}");
            return Err(WorkloadError::Columns {
                path: path.to_owned(),
                line: number,
                found,
                expected,
            });
        }
        Ok(Self { path, number, fields })
    }

    pub(super) fn text(&self, field: Field) -> Cow<'a, str> {
        String::from_utf8_lossy(self.fields[field as usize])
    }

    /// A name or number that stands for somebody; `None` for the unknown, -1.
    pub(super) fn label(&self, field: Field) -> Option<Cow<'a, str>> {
        (self.fields[field as usize] != b"-1").then(|| self.text(field))
    }

    /// The name of the queue in an appended field.
    pub(super) fn queue_name(&self) -> Option<Cow<'a, str>> {
        let name = self.fields[QUEUE_NAME];
        (!name.is_empty()).then(|| String::from_utf8_lossy(name))
    }

    /// Seconds in nanoseconds, below zero where unknown.
    pub(super) fn seconds(&self, field: Field) -> Result<i64, WorkloadError> {
        parse_seconds(self.fields[field as usize])
            .ok_or_else(|| self.error(field, "a number of seconds"))
    }

    /// `None` where unknown or none.
    pub(super) fn processors(&self, field: Field) -> Result<Option<u32>, WorkloadError> {
        let Some(count) = self.whole(field)? else { return Ok(None) };
        let count = u32::try_from(count)
            .map_err(|_| self.error(field, format!("a whole number of at most {}", u32::MAX)))?;
        Ok((count > 0).then_some(count))
    }

    /// An amount of memory in the unit of the field; `None` where unknown.
    pub(super) fn bytes(&self, field: Field) -> Result<Option<u128>, WorkloadError> {
        Ok(self.whole(field)?.map(u128::from))
    }

    /// How many different nodes the job ran on, if an appended field tells; otherwise 1.
    pub(super) fn nodes(&self) -> u64 {
        let list = self.fields[NODES];
        let Some(inner) = list.strip_prefix(b"{").and_then(|list| list.strip_suffix(b"}")) else {
            return 1;
        };
        let mut nodes: Vec<_> = inner.split(|&byte| byte == b',').collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.len() as u64
    }

    /// A whole number, perhaps written with decimals, which are rounded; `None` below zero, which
    /// is unknown.
    fn whole(&self, field: Field) -> Result<Option<u64>, WorkloadError> {
        let text = self.fields[field as usize];
        if let Some(value) = parse_whole(text).filter(|&value| value <= MAX) {
            return Ok(Some(value));
        }
        let decimal: Option<f64> =
            std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        match decimal.map(f64::round) {
            Some(value) if value < 0.0 => Ok(None),
            Some(value) if value <= MAX as f64 => Ok(Some(value as u64)),
            _ => Err(self.error(field, format!("a number of at most {MAX}, or -1 for unknown"))),
        }
    }

    pub(super) fn error(&self, field: Field, expected: impl Into<String>) -> WorkloadError {
        WorkloadError::Field {
            path: self.path.to_owned(),
            line: self.number,
            column: field.name().to_owned(),
            found: self.text(field).into_owned(),
            expected: expected.into(),
        }
    }

    pub(super) fn backwards(&self, previous_ns: i64) -> WorkloadError {
        let previous = Span::from_nanos(previous_ns.unsigned_abs());
        let sign = if previous_ns < 0 { "-" } else { "" };
        WorkloadError::Backwards {
            path: self.path.to_owned(),
            line: self.number,
            column: Field::Submit.name(),
            found: format!("{}s", self.text(Field::Submit)),
            previous: format!("{sign}{previous}"),
            hint: "",
        }
    }
}
