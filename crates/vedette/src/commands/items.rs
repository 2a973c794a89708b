//! Lists of what was learned as a command prints them: columns for people, the API's own JSON for programs.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;

use super::place::Place;
use crate::output::terminal_width;

/// Arguments that all these commands have.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    place: Place,
    /// Only rows that hold this text, in any case.
    #[arg(short, long, value_name = "TEXT")]
    query: Option<String>,
    /// Only of this service.
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Rows at most; 0 for all.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// JSON instead of columns.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show one of them whole.
    Show {
        /// Its id, as the list has it.
        id: String,
    },
}

/// A column: its title, and what it shows of an item.
pub(crate) type Column = (&'static str, fn(&Value) -> String);

/// Lists or shows items of a kind.
pub(crate) fn run(args: &Args, kind: &str, columns: &[Column]) -> Result<ExitCode> {
    let mut out = io::stdout().lock();
    if let Some(Command::Show { id }) = &args.command {
        let item = args.place.show(kind, id)?;
        if args.json {
            serde_json::to_writer_pretty(&mut out, &item)?;
            writeln!(out)?;
        } else {
            describe(&item, 0, &mut out)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut items = args.place.list(kind)?;
    items.retain(|item| args.admits(item, columns));
    let total = items.len();
    if args.limit > 0 {
        items.truncate(args.limit);
    }
    if args.json {
        serde_json::to_writer_pretty(&mut out, &items)?;
        writeln!(out)?;
    } else {
        let width = if io::stdout().is_terminal() { terminal_width() } else { usize::MAX };
        table(&items, columns, width, &mut out)?;
    }
    if items.len() < total {
        writeln!(io::stderr(), "{} of {total}; --limit 0 shows all", items.len())?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn admits(&self, item: &Value, columns: &[Column]) -> bool {
        let of_service = self.service.as_deref().is_none_or(|service| text(item, "service") == service);
        let holds = self.query.as_deref().is_none_or(|query| {
            let query = query.to_lowercase();
            columns.iter().any(|(_, show)| show(item).to_lowercase().contains(&query))
        });
        of_service && holds
    }
}

/// Aligned columns; the last one takes what is left of the line.
fn table(items: &[Value], columns: &[Column], width: usize, out: &mut impl Write) -> io::Result<()> {
    let rows: Vec<Vec<String>> =
        items.iter().map(|item| columns.iter().map(|(_, show)| show(item)).collect()).collect();
    let titles: Vec<String> = columns.iter().map(|(title, _)| title.to_uppercase()).collect();
    let widest = |at: usize| {
        let cells = rows.iter().chain([&titles]).filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns.len()).map(widest).collect();
    for row in [&titles].into_iter().chain(&rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        let line = line.trim_end();
        match line.char_indices().nth(width) {
            Some((at, _)) => writeln!(out, "{}", line.get(..at).unwrap_or(line))?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}

/// An item for people: a member a line, lists of plain values on one, nothing of what is empty.
fn describe(item: &Value, depth: usize, out: &mut impl Write) -> io::Result<()> {
    let indent = "  ".repeat(depth);
    for (name, value) in item.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::Object(members) if members.is_empty() => {}
            Value::Array(values) if values.is_empty() => {}
            Value::Object(_) if depth < 3 => {
                writeln!(out, "{indent}{name}:")?;
                describe(value, depth + 1, out)?;
            }
            Value::Array(values) if values.iter().any(Value::is_object) && depth < 3 => {
                writeln!(out, "{indent}{name}:")?;
                for value in values {
                    writeln!(out, "{indent}  -")?;
                    describe(value, depth + 2, out)?;
                }
            }
            Value::Array(values) => {
                let values: Vec<String> = values.iter().map(plain).collect();
                writeln!(out, "{indent}{name}: {}", values.join(", "))?;
            }
            other => writeln!(out, "{indent}{name}: {}", plain(other))?,
        }
    }
    Ok(())
}

/// A member as text; empty when it is missing.
pub(crate) fn text(item: &Value, name: &str) -> String {
    item.get(name).map(plain).unwrap_or_default()
}

/// Texts of a list, joined.
pub(crate) fn texts(item: &Value, name: &str) -> String {
    let values = item.get(name).and_then(Value::as_array).into_iter().flatten();
    values.map(plain).collect::<Vec<_>>().join(", ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COLUMNS: &[Column] = &[("name", |item| text(item, "name")), ("tags", |item| texts(item, "tags"))];

    fn printed(items: &[Value], width: usize) -> String {
        let mut out = Vec::new();
        table(items, COLUMNS, width, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_aligned_and_cut_to_the_terminal() {
        let items = [json!({"name": "a", "tags": ["x", "y"]}), json!({"name": "longer"})];
        insta::assert_snapshot!(printed(&items, 80), @r"
        NAME    TAGS
        a       x, y
        longer
        ");
        assert!(printed(&items, 5).lines().all(|line| line.chars().count() <= 5));
    }

    #[test]
    fn an_item_is_told_without_what_is_empty() {
        let mut out = Vec::new();
        let item =
            json!({"id": "1", "none": null, "empty": [], "list": [1, 2], "risk": {"score": 7}, "rows": [{"a": 1}]});
        describe(&item, 0, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
        id: 1
        list: 1, 2
        risk:
          score: 7
        rows:
          -
            a: 1
        ");
    }
}
