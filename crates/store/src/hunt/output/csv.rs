//! Comma-separated values (RFC 4180).

use std::borrow::Cow;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;

use super::HuntError;
use super::cells::{Cells, is_number};

pub(super) struct Csv {
    /// The header, until it is written.
    header: Option<Vec<u8>>,
    /// Columns of numbers, whose minus is no formula.
    numbers: Vec<bool>,
}

impl Csv {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let mut header = Vec::new();
        line(schema.fields().iter().map(|field| inert(field.name())), &mut header);
        let numbers = schema.fields().iter().map(|field| is_number(field.data_type())).collect();
        Self { header: Some(header), numbers }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), HuntError> {
        self.begin(out);
        let columns = batch.columns().iter().map(|column| Cells::new(column, "; ")).collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let texts = columns.iter().zip(&self.numbers).map(|(column, number)| {
                let text = column.text(row);
                if *number { Cow::Owned(text) } else { Cow::Owned(inert(&text).into_owned()) }
            });
            line(texts, out);
        }
        Ok(())
    }

    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        self.begin(out);
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if let Some(header) = self.header.take() {
            out.extend(header);
        }
    }
}

fn line<'a>(cells: impl Iterator<Item = Cow<'a, str>>, out: &mut Vec<u8>) {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            out.push(b',');
        }
        if cell.contains([',', '"', '\r', '\n']) || cell.starts_with(' ') || cell.ends_with(' ') {
            out.push(b'"');
            out.extend(cell.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend(cell.as_bytes());
        }
    }
    out.extend(b"\r\n");
}

/// A cell that no spreadsheet takes for a formula: traffic decides what stands in a path, and an attacker would run code
/// on the desk of whoever opens the file (OWASP, CSV injection).
fn inert(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}
