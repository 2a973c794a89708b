//! Rows become columns: the one place where a table's cells turn into Arrow arrays.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use vedette_model::Timestamp;

use super::{Kind, Table};

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Text(&'a str),
    MaybeText(Option<&'a str>),
    Texts(&'a [String]),
    Integer(u64),
    MaybeInteger(Option<u64>),
    Number(f64),
    MaybeNumber(Option<f64>),
    Flag(bool),
    Time(Option<Timestamp>),
}

/// Rows of one table on their way to a batch.
#[derive(Debug)]
pub(crate) struct Sheet<'a> {
    table: Table,
    columns: Vec<Builder>,
    rows: usize,
    /// Rows of other services are left out.
    services: Option<&'a [String]>,
    service_at: Option<usize>,
    /// A row did not fit: told at the end, so that the row functions stay simple.
    misfit: Option<String>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(table: &Table, services: Option<&'a [String]>) -> Self {
        let columns = table.columns.iter().map(|column| Builder::new(column.kind)).collect();
        let service = table.service_column();
        let service_at = service.and_then(|name| table.columns.iter().position(|column| column.name == name));
        Self { table: *table, columns, rows: 0, services, service_at, misfit: None }
    }

    /// Adds a row: a cell per column, in their order.
    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) {
        if !self.admits(cells) {
            return;
        }
        if cells.len() != self.columns.len() {
            self.misfit = Some(format!("{} cells for {} columns", cells.len(), self.columns.len()));
            return;
        }
        for ((builder, cell), column) in self.columns.iter_mut().zip(cells).zip(self.table.columns) {
            if !builder.push(*cell) {
                self.misfit = Some(format!("{} does not fit into column {}", cell.kind(), column.name));
            }
        }
        self.rows += 1;
    }

    /// The rows so far as a batch.
    ///
    /// # Errors
    /// When a row did not fit the columns.
    pub(crate) fn finish(self) -> Result<RecordBatch, ArrowError> {
        if let Some(misfit) = self.misfit {
            return Err(ArrowError::SchemaError(format!("table {}: {misfit}", self.table.name)));
        }
        let arrays = self.columns.into_iter().map(Builder::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(self.table.schema(), arrays, &options)
    }

    fn admits(&self, cells: &[Cell<'_>]) -> bool {
        let Some(services) = self.services else { return true };
        match self.service_at.and_then(|at| cells.get(at)) {
            Some(Cell::Text(service) | Cell::MaybeText(Some(service))) => services.iter().any(|one| one == service),
            _ => false,
        }
    }
}

impl Cell<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::MaybeText(_) => "a text",
            Self::Texts(_) => "a list of texts",
            Self::Integer(_) | Self::MaybeInteger(_) => "an integer",
            Self::Number(_) | Self::MaybeNumber(_) => "a number",
            Self::Flag(_) => "a flag",
            Self::Time(_) => "a time",
        }
    }
}

#[derive(Debug)]
enum Builder {
    Text(StringBuilder),
    Texts(ListBuilder<StringBuilder>),
    Integer(Int64Builder),
    Number(Float64Builder),
    Flag(BooleanBuilder),
    Time(TimestampMicrosecondBuilder),
    /// Only the lake has days: nothing learned fills it.
    Day(Date32Builder),
}

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Texts => Self::Texts(ListBuilder::new(StringBuilder::new())),
            Kind::Integer => Self::Integer(Int64Builder::new()),
            Kind::Number => Self::Number(Float64Builder::new()),
            Kind::Flag => Self::Flag(BooleanBuilder::new()),
            Kind::Time => Self::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Kind::Day => Self::Day(Date32Builder::new()),
        }
    }

    /// Adds a cell; false when it is of another kind.
    fn push(&mut self, cell: Cell<'_>) -> bool {
        match (self, cell) {
            (Self::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Self::Text(builder), Cell::MaybeText(text)) => builder.append_option(text),
            (Self::Texts(builder), Cell::Texts(texts)) => {
                for text in texts {
                    builder.values().append_value(text);
                }
                builder.append(true);
            }
            // Counts beyond 2^63 do not occur; they would be shown as the largest number.
            (Self::Integer(builder), Cell::Integer(n)) => builder.append_value(i64::try_from(n).unwrap_or(i64::MAX)),
            (Self::Integer(builder), Cell::MaybeInteger(n)) => {
                builder.append_option(n.map(|n| i64::try_from(n).unwrap_or(i64::MAX)));
            }
            (Self::Number(builder), Cell::Number(n)) => builder.append_value(n),
            (Self::Number(builder), Cell::MaybeNumber(n)) => builder.append_option(n),
            (Self::Flag(builder), Cell::Flag(flag)) => builder.append_value(flag),
            (Self::Time(builder), Cell::Time(at)) => builder.append_option(at.map(|at| at.0)),
            _ => return false,
        }
        true
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Texts(mut builder) => Arc::new(builder.finish()),
            Self::Integer(mut builder) => Arc::new(builder.finish()),
            Self::Number(mut builder) => Arc::new(builder.finish()),
            Self::Flag(mut builder) => Arc::new(builder.finish()),
            Self::Time(mut builder) => Arc::new(builder.finish()),
            Self::Day(mut builder) => Arc::new(builder.finish()),
        }
    }
}
