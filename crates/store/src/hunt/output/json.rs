//! JSON: an array of objects, an object per line, or one document with columns and rows.

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::json::StructMode;
use datafusion::arrow::json::writer::{JsonArray, LineDelimited, WriterBuilder};
use datafusion::arrow::record_batch::RecordBatch;
use serde_json::json;

use super::super::HuntStats;
use super::{HuntError, broken};

/// Rows as objects.
pub(super) struct Rows {
    lines: bool,
    begun: bool,
}

impl Rows {
    pub(super) fn array() -> Self {
        Self { lines: false, begun: false }
    }

    pub(super) fn lines() -> Self {
        Self { lines: true, begun: false }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), HuntError> {
        let builder = WriterBuilder::new().with_explicit_nulls(true);
        if self.lines {
            let mut writer = builder.build::<_, LineDelimited>(&mut *out);
            return writer.write(batch).and_then(|()| writer.finish()).map_err(|error| broken(&error));
        }
        out.extend(if self.begun { b",\n".as_slice() } else { b"[\n".as_slice() });
        self.begun = true;
        elements(builder, batch, out)
    }

    pub(super) fn finish(self, out: &mut Vec<u8>) {
        if !self.lines {
            out.extend(if self.begun { b"\n]\n".as_slice() } else { b"[]\n".as_slice() });
        }
    }
}

/// Columns, rows as lists, and what it took.
pub(super) struct Document {
    head: Option<String>,
    begun: bool,
}

impl Document {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let columns: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| json!({"name": field.name(), "type": kind(field.data_type())}))
            .collect();
        Self { head: Some(format!("{{\"columns\":{},\"rows\":[", json!(columns))), begun: false }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), HuntError> {
        self.begin(out);
        if self.begun {
            out.extend(b",\n");
        }
        self.begun = true;
        elements(WriterBuilder::new().with_explicit_nulls(true).with_struct_mode(StructMode::ListOnly), batch, out)
    }

    pub(super) fn finish(mut self, stats: &HuntStats, out: &mut Vec<u8>) -> Result<(), HuntError> {
        self.begin(out);
        out.extend(b"],\"stats\":");
        serde_json::to_writer(&mut *out, stats).map_err(|error| broken(&error))?;
        out.extend(b"}\n");
        Ok(())
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if let Some(head) = self.head.take() {
            out.extend(head.into_bytes());
        }
    }
}

/// The elements of a JSON array, without its brackets.
fn elements(builder: WriterBuilder, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), HuntError> {
    let mut array = Vec::new();
    let mut writer = builder.build::<_, JsonArray>(&mut array);
    writer.write(batch).and_then(|()| writer.finish()).map_err(|error| broken(&error))?;
    drop(writer);
    out.extend(array.get(1..array.len().saturating_sub(1)).unwrap_or_default());
    Ok(())
}

/// What an interface needs to know of a type: how to show and to sort.
fn kind(kind: &DataType) -> &'static str {
    match kind {
        DataType::Boolean => "boolean",
        DataType::Timestamp(..) => "timestamp",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::List(_) | DataType::LargeList(_) => "list",
        other if other.is_integer() => "integer",
        other if other.is_numeric() => "number",
        _ => "text",
    }
}
