//! The tables of a hunt, one file each: what a table is called, what its columns mean, and how its rows are made.
//!
//! The columns declared here are the contract with analysts: `docs/reference/sql.md` is made from them, and a hunt sees
//! exactly them. Tables without data yet exist empty, so that a hunt written today works tomorrow.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::RecordBatch;
use vedette_model::results::Results;

mod actors;
mod audit;
mod changes;
mod detections;
mod edges;
mod endpoints;
mod exchanges;
mod findings;
mod incidents;
mod services;
mod sheet;
mod sources;

pub use audit::AuditRow;
pub use changes::ChangeRow;
pub use edges::edges_of;
pub(crate) use exchanges::TABLE as EXCHANGES;
pub(crate) use sheet::{Cell, Sheet};

/// All tables, in the order in which the reference tells them.
pub const TABLES: &[Table] = &[
    exchanges::TABLE,
    endpoints::TABLE,
    services::TABLE,
    actors::TABLE,
    findings::TABLE,
    detections::TABLE,
    incidents::TABLE,
    edges::TABLE,
    changes::TABLE,
    sources::TABLE,
    audit::TABLE,
];

/// One table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name in SQL.
    pub name: &'static str,
    /// What a row is and where it comes from, in a sentence or two.
    pub about: &'static str,
    /// A query that shows what it is good for.
    pub example: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// Where the rows come from.
    pub(crate) rows: Rows,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in SQL; never needs quotes.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it means, with unit.
    pub about: &'static str,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A list of texts; `array_has(column, 'x')` asks for one.
    Texts,
    /// A whole number.
    Integer,
    /// A number with fraction.
    Number,
    /// True or false.
    Flag,
    /// A point in time in UTC, in microseconds.
    Time,
    /// A day.
    Day,
}

/// Where the rows of a table come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rows {
    /// From what was learned.
    Learned(fn(&Results, &mut Sheet)),
    /// From the lake.
    Lake,
    /// Computed from the exchanges.
    Exchanges,
    /// From the control plane: whoever asks brings them.
    Given,
}

impl Table {
    /// The table of a name.
    pub fn named(name: &str) -> Option<&'static Table> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// Its columns as Arrow sees them. All may be null: what a source does not tell is not known.
    pub fn schema(&self) -> SchemaRef {
        if matches!(self.rows, Rows::Lake) {
            return crate::schema::queried();
        }
        let fields = self.columns.iter().map(|column| Field::new(column.name, column.kind.data_type(), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// The rows that the results have for it; none when they come from elsewhere. `services` keeps only rows of these
    /// services, and none of a table that knows no service.
    ///
    /// # Errors
    /// When a row does not fit the columns, which is a fault of this crate.
    pub fn learned(&self, results: &Results, services: Option<&[String]>) -> Result<RecordBatch, ArrowError> {
        let mut sheet = Sheet::new(self, services);
        if let Rows::Learned(rows) = self.rows {
            rows(results, &mut sheet);
        }
        sheet.finish()
    }

    /// Whether a row belongs to one service, by the column `service` (`name` in the table of services).
    pub(crate) fn service_column(&self) -> Option<&'static str> {
        let name = if self.name == services::TABLE.name { "name" } else { "service" };
        self.columns.iter().map(|column| column.name).find(|column| *column == name)
    }
}

impl Kind {
    /// The Arrow type.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Texts => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Flag => DataType::Boolean,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Day => DataType::Date32,
        }
    }

    /// How the reference and the interface call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Texts => "list of texts",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Flag => "boolean",
            Self::Time => "timestamp",
            Self::Day => "date",
        }
    }
}

/// A column, in one line.
pub(crate) const fn column(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, about }
}
