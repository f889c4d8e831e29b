//! Rows of CSV files.

use anyhow::Context;
use csv::Writer;
use policy_api::{Quantities, Scalar, Span, Time};
use std::fs::File;
use std::path::Path;

pub(super) fn create(folder: &Path, name: &str, header: &[&str]) -> anyhow::Result<Writer<File>> {
    let path = folder.join(name);
    let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(file);
    writer.write_record(header).with_context(|| format!("cannot write {name}"))?;
    Ok(writer)
}

pub(super) fn keep_error(first: &mut Option<anyhow::Error>, result: csv::Result<()>, table: &str) {
    if let Err(error) = result
        && first.is_none()
    {
        *first = Some(anyhow::Error::new(error).context(format!("cannot write {table}")));
    }
}

/// A row whose fields keep their memory from one to the next.
pub(super) struct Row<'a> {
    fields: &'a mut Vec<String>,
    length: usize,
}

impl<'a> Row<'a> {
    pub(super) fn new(fields: &'a mut Vec<String>) -> Self {
        Self { fields, length: 0 }
    }

    pub(super) fn push(&mut self, value: impl std::fmt::Display) {
        use std::fmt::Write;
        write!(self.next(), "{value}").expect("writing to a string cannot fail");
    }

    /// As `push`, without the detour through formatting.
    pub(super) fn text(&mut self, text: &str) {
        self.next().push_str(text);
    }

    fn next(&mut self) -> &mut String {
        if self.length == self.fields.len() {
            self.fields.push(String::new());
        }
        self.length += 1;
        let field = &mut self.fields[self.length - 1];
        field.clear();
        field
    }

    pub(super) fn quantities(&mut self, quantities: &Quantities) {
        for scalar in [Scalar::Cpus, Scalar::Mem, Scalar::Disk, Scalar::Gpus] {
            let amount = quantities[scalar].unsigned_abs();
            push_decimal(self.next(), amount / 1000, amount % 1000, 3);
        }
    }

    /// Seconds with as many decimals as are needed.
    pub(super) fn seconds(&mut self, span: Span) {
        let nanos = span.as_nanos();
        push_decimal(self.next(), nanos / 1_000_000_000, nanos % 1_000_000_000, 9);
    }

    pub(super) fn time(&mut self, time: Time) {
        self.seconds(time.since(Time::ZERO));
    }

    pub(super) fn write(self, writer: &mut Writer<File>) -> csv::Result<()> {
        writer.write_record(&self.fields[..self.length])
    }
}

/// A number with as many of its decimals as are needed: formatting is a tenth of a run otherwise.
fn push_decimal(text: &mut String, whole: u64, mut decimals: u64, mut digits: usize) {
    let mut buffer = itoa::Buffer::new();
    text.push_str(buffer.format(whole));
    if decimals == 0 {
        return;
    }
    while decimals.is_multiple_of(10) {
        decimals /= 10;
        digits -= 1;
    }
    text.push('.');
    let shown = buffer.format(decimals);
    for _ in shown.len()..digits {
        text.push('0');
    }
    text.push_str(shown);
}
