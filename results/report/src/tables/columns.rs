//! A CSV table by column names, with errors that name file, line and column.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::StringRecord;

use crate::ReportError;

/// An open table and the names of its columns.
pub(super) struct Table {
    path: PathBuf,
    header: StringRecord,
    reader: csv::Reader<File>,
}

/// Where a column stands. Only [`Table`] makes them, so a [`Row`] always has the field.
#[derive(Clone, Copy)]
pub(super) struct Column(usize);

/// One line of a table.
pub(super) struct Row<'t> {
    path: &'t Path,
    header: &'t StringRecord,
    record: &'t StringRecord,
}

impl Table {
    pub(super) fn open(path: &Path) -> Result<Self, ReportError> {
        let file = File::open(path).map_err(ReportError::reading(path))?;
        let mut reader = csv::Reader::from_reader(file);
        let header = reader.headers().map_err(|source| table_error(path, source))?.clone();
        Ok(Self { path: path.to_owned(), header, reader })
    }

    /// All columns by their names, in order.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, Column)> {
        self.header.iter().enumerate().map(|(place, name)| (name, Column(place)))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// What columns are called, in the order of the file.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.header.iter()
    }

    pub(super) fn column(&self, name: &str) -> Result<Column, ReportError> {
        self.find(name).ok_or_else(|| ReportError::MissingColumn {
            path: self.path.clone(),
            column: name.to_owned(),
            found: match self.header.iter().collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => "no header line".to_owned(),
                names => names,
            },
        })
    }

    /// Calls `take` with every line after the header.
    pub(super) fn each(
        &mut self,
        mut take: impl FnMut(Row<'_>) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let mut record = StringRecord::new();
        loop {
            match self.reader.read_record(&mut record) {
                Ok(true) => {
                    take(Row { path: &self.path, header: &self.header, record: &record })?;
                }
                Ok(false) => return Ok(()),
                Err(source) => return Err(table_error(&self.path, source)),
            }
        }
    }

    fn find(&self, name: &str) -> Option<Column> {
        self.header.iter().position(|found| found == name).map(Column)
    }
}

impl Row<'_> {
    pub(super) fn text(&self, column: Column) -> &str {
        self.record.get(column.0).unwrap_or_default()
    }

    /// An amount, a count or a time: finite and not negative. Everything in these tables is.
    pub(super) fn number(&self, column: Column) -> Result<f64, ReportError> {
        match self.text(column).trim().parse::<f64>() {
            // The sum turns a negative zero into the usual one.
            Ok(value) if value.is_finite() && value >= 0.0 => Ok(value + 0.0),
            _ => Err(self.refuse(column, "a finite number that is not negative")),
        }
    }

    /// The error that says what `column` should have held on this line.
    pub(super) fn refuse(&self, column: Column, expected: &'static str) -> ReportError {
        ReportError::Value {
            path: self.path.to_owned(),
            line: self.record.position().map_or(0, csv::Position::line),
            column: self.header.get(column.0).unwrap_or_default().to_owned(),
            expected,
            found: self.text(column).to_owned(),
        }
    }
}

fn table_error(path: &Path, source: csv::Error) -> ReportError {
    ReportError::Table { path: path.to_owned(), source }
}
