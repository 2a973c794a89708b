//! An answer as bytes. Every format is written as the rows come: memory does not grow with the answer.

use std::io::Read;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::record_batch::RecordBatch;

use super::{HuntError, HuntStats};

mod arrow;
mod cells;
mod csv;
mod json;
mod parquet;
mod table;

pub use table::Table;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for a terminal of so many characters.
    Table {
        /// Characters of a line; cells are cut to fit.
        width: usize,
    },
    /// A JSON array of objects.
    Json,
    /// An object per line.
    Ndjson,
    /// One JSON object with columns, rows as lists, and what the hunt took: what an interface wants.
    Document,
    /// RFC 4180, with cells that no spreadsheet takes for a formula.
    Csv,
    /// Arrow IPC stream.
    Arrow,
    /// Parquet, compressed with zstd.
    Parquet,
}

impl Format {
    /// Formats by the media type that names them, the first of each is what an answer says.
    const MEDIA_TYPES: &[(&str, Format)] = &[
        ("application/json", Format::Document),
        ("application/vnd.vedette.rows+json", Format::Json),
        ("application/x-ndjson", Format::Ndjson),
        ("application/ndjson", Format::Ndjson),
        ("text/csv", Format::Csv),
        ("application/vnd.apache.arrow.stream", Format::Arrow),
        ("application/vnd.apache.parquet", Format::Parquet),
        ("text/plain", Format::Table { width: 160 }),
    ];

    /// The format of a media type, without parameters.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        Self::MEDIA_TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(media_type)).map(|(_, format)| *format)
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Table { .. } => "text/plain; charset=utf-8",
            Self::Json => "application/vnd.vedette.rows+json",
            Self::Ndjson => "application/x-ndjson",
            Self::Document => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// Writes batches of one answer.
pub struct Encoder(Kind);

enum Kind {
    Table(Table),
    Json(json::Rows),
    Document(json::Document),
    Csv(csv::Csv),
    Arrow(Box<arrow::Stream>),
    Parquet(Box<parquet::File>),
}

impl Encoder {
    /// Begins.
    ///
    /// # Errors
    /// When the format has no way to say a column.
    pub fn new(format: Format, schema: &SchemaRef) -> Result<Self, HuntError> {
        Ok(Self(match format {
            Format::Table { width } => Kind::Table(Table::new(schema, width)),
            Format::Json => Kind::Json(json::Rows::array()),
            Format::Ndjson => Kind::Json(json::Rows::lines()),
            Format::Document => Kind::Document(json::Document::new(schema)),
            Format::Csv => Kind::Csv(csv::Csv::new(schema)),
            Format::Arrow => Kind::Arrow(Box::new(arrow::Stream::new(schema)?)),
            Format::Parquet => Kind::Parquet(Box::new(parquet::File::new(schema)?)),
        }))
    }

    /// Appends rows.
    ///
    /// # Errors
    /// When the format has no way to say a value.
    pub fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), HuntError> {
        match &mut self.0 {
            Kind::Table(table) => table.write(batch, out),
            Kind::Json(rows) => rows.write(batch, out),
            Kind::Document(document) => document.write(batch, out),
            Kind::Csv(csv) => csv.write(batch, out),
            Kind::Arrow(stream) => stream.write(batch, out),
            Kind::Parquet(file) => file.write(batch, out),
        }
    }

    /// Ends.
    ///
    /// # Errors
    /// When the format cannot be ended.
    pub fn finish(self, stats: &HuntStats, out: &mut Vec<u8>) -> Result<(), HuntError> {
        match self.0 {
            Kind::Table(table) => table.finish(out),
            Kind::Json(rows) => rows.finish(out),
            Kind::Csv(csv) => csv.finish(out),
            Kind::Document(document) => return document.finish(stats, out),
            Kind::Arrow(stream) => return stream.finish(out),
            Kind::Parquet(file) => return file.finish(out),
        }
        Ok(())
    }
}

/// The batches of an Arrow stream that a server sent.
///
/// # Errors
/// When the bytes are no such stream, or end early.
pub fn decode<R: Read>(
    from: R,
) -> Result<(SchemaRef, impl Iterator<Item = Result<RecordBatch, HuntError>>), HuntError> {
    let reader = StreamReader::try_new(from, None).map_err(|error| broken(&error))?;
    let schema = reader.schema();
    Ok((schema, reader.map(|batch| batch.map_err(|error| broken(&error)))))
}

fn broken(error: &dyn std::error::Error) -> HuntError {
    HuntError::Broken(error.to_string().into())
}
