//! Aligned columns for a terminal. The first rows decide the widths; the rest is written as it comes.

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use vedette_model::limits::{HUNT_TABLE_CELL_CHARS_MAX, HUNT_TABLE_ROWS_MEASURED};

use super::HuntError;
use super::cells::{Cells, is_number};

/// Spaces between columns.
const GAP: usize = 2;

/// No column is cut below this: a few letters still tell what it is.
const WIDTH_MIN: usize = 6;

/// A table on its way.
pub struct Table {
    columns: Vec<Column>,
    width: usize,
    /// Rows that wait until the widths are decided; `None` afterwards.
    waiting: Option<Vec<Vec<String>>>,
}

struct Column {
    name: String,
    number: bool,
    width: usize,
}

impl Table {
    /// A table of some columns, no line longer than `width` characters where that can be.
    pub fn new(schema: &SchemaRef, width: usize) -> Self {
        let column = |field: &datafusion::arrow::datatypes::FieldRef| {
            let name = clean(field.name());
            Column { number: is_number(field.data_type()), width: chars(&name), name }
        };
        Self { columns: schema.fields().iter().map(column).collect(), width, waiting: Some(Vec::new()) }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), HuntError> {
        let cells = batch.columns().iter().map(|column| Cells::new(column, ", ")).collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let row: Vec<String> = cells.iter().map(|cells| clean(&cells.text(row))).collect();
            if let Some(waiting) = &mut self.waiting {
                waiting.push(row);
                if waiting.len() == HUNT_TABLE_ROWS_MEASURED {
                    self.decide(out);
                }
            } else {
                self.line(&row, out);
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        self.decide(out);
    }

    /// Decides the widths and writes what waited for them.
    fn decide(&mut self, out: &mut Vec<u8>) {
        let Some(waiting) = self.waiting.take() else { return };
        for row in &waiting {
            for (column, cell) in self.columns.iter_mut().zip(row) {
                column.width = column.width.max(chars(cell));
            }
        }
        fit(&mut self.columns, self.width);
        let names: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        self.line(&names, out);
        let rules: Vec<String> = self.columns.iter().map(|column| "─".repeat(column.width)).collect();
        self.line(&rules, out);
        for row in &waiting {
            self.line(row, out);
        }
    }

    fn line(&self, cells: &[String], out: &mut Vec<u8>) {
        let mut line = String::new();
        for (number, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
            if number > 0 {
                line.extend(std::iter::repeat_n(' ', GAP));
            }
            let cell = cut(cell, column.width);
            let pad = column.width.saturating_sub(chars(&cell));
            let spaces = std::iter::repeat_n(' ', pad);
            if column.number {
                line.extend(spaces);
                line.push_str(&cell);
            } else {
                line.push_str(&cell);
                line.extend(spaces);
            }
        }
        out.extend(line.trim_end().as_bytes());
        out.push(b'\n');
    }
}

/// Takes from the widest columns until a line fits. Numbers are never cut: a cut number is another number.
fn fit(columns: &mut [Column], width: usize) {
    let gaps = GAP * columns.len().saturating_sub(1);
    let mut total: usize = columns.iter().map(|column| column.width).sum::<usize>() + gaps;
    while total > width {
        let widest = columns.iter_mut().filter(|column| !column.number).max_by_key(|column| column.width);
        match widest {
            Some(column) if column.width > WIDTH_MIN => {
                column.width -= 1;
                total -= 1;
            }
            _ => return,
        }
    }
}

/// Without what would move the cursor: a path may hold escape sequences (CWE-150).
fn clean(text: &str) -> String {
    let mut out = String::new();
    for (number, c) in text.chars().enumerate() {
        if number == HUNT_TABLE_CELL_CHARS_MAX {
            out.push('…');
            break;
        }
        if c.is_control() || is_direction(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Marks that turn the direction of text around.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn cut(text: &str, width: usize) -> String {
    if chars(text) <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn chars(text: &str) -> usize {
    text.chars().count()
}
