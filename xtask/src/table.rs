//! Measurements as a table, on the terminal and in Markdown.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// One table with what it means.
#[derive(Default)]
pub(crate) struct Table {
    /// Heading.
    pub(crate) title: String,
    /// What was done, for a reader who knows nothing of it.
    pub(crate) about: String,
    /// Column names.
    pub(crate) columns: Vec<&'static str>,
    /// Cells.
    pub(crate) rows: Vec<Vec<String>>,
    /// What a reader should know of single rows.
    pub(crate) notes: Vec<String>,
}

impl Table {
    pub(crate) fn new(title: &str, about: &str, columns: &[&'static str]) -> Self {
        Self { title: title.to_owned(), about: about.to_owned(), columns: columns.to_vec(), ..Self::default() }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(Vec::from(cells));
    }

    /// Aligned columns.
    pub(crate) fn text(&self) -> String {
        let header: Vec<String> = self.columns.iter().map(|name| (*name).to_owned()).collect();
        let rows: Vec<&Vec<String>> = std::iter::once(&header).chain(&self.rows).collect();
        let width =
            |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..header.len()).map(|column| width(column).unwrap_or(0)).collect();
        let mut out = format!("\n{}\n", self.title);
        for row in rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            let _ = writeln!(out, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        for note in &self.notes {
            let _ = writeln!(out, "  {note}");
        }
        out
    }

    /// A section with a table.
    pub(crate) fn markdown(&self) -> String {
        let mut out = format!("\n## {}\n\n{}\n\n", self.title, self.about);
        let _ = writeln!(out, "| {} |", self.columns.join(" | "));
        let _ = writeln!(out, "|{}", "---|".repeat(self.columns.len()));
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        for note in &self.notes {
            let _ = writeln!(out, "\n- {note}");
        }
        out
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        json!({"title": self.title, "columns": self.columns, "rows": self.rows, "notes": self.notes})
    }
}

/// `met` or `missed`.
pub(crate) fn verdict(met: bool) -> String {
    if met { "met" } else { "**missed**" }.to_owned()
}

/// A share as a percentage with two digits.
pub(crate) fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "none to judge".to_owned();
    }
    format!("{:.2} %", 100.0 * part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_prints_as_text_and_markdown() {
        let mut table = Table::new("Speed", "How fast.", &["what", "measured"]);
        table.row(["lines/s".to_owned(), "1|2".to_owned()]);
        assert_eq!(table.text(), "\nSpeed\n  what     measured\n  lines/s  1|2\n");
        assert!(table.markdown().contains("| lines/s | 1\\|2 |"));
    }
}
