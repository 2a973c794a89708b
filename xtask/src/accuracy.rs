//! `cargo xtask accuracy`: how well Vedette reads the world, on data that was not made for it.
//!
//! The data lies beside the repository (`../shared/data`, or below `VEDETTE_SHARED`) and is never copied into it; where
//! it is missing the command says so and succeeds. Everything is measured through the binary that users run.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::product::{self, Product};
use crate::table::Table;

mod classes;
mod detections;
mod export;
mod findings;
mod formats;
mod generated;
mod schemas;
mod specs;
mod templates;

/// Where data and scorers are.
struct Shared {
    data: PathBuf,
    tools: PathBuf,
}

/// One measurement.
type Measure = fn(&Product, &Shared) -> Result<Vec<Table>>;

const MEASURES: &[(&str, Measure)] = &[
    ("templates", templates::measure),
    ("generated", generated::measure),
    ("schemas", schemas::measure),
    ("export", export::measure),
    ("specs", specs::measure),
    ("classes", classes::measure),
    ("findings", findings::measure),
    ("detections", detections::measure),
    ("formats", formats::measure),
];

/// Runs the measurements named in `only` (all when empty); `write` puts them into `docs/accuracy.md`.
pub(crate) fn run(root: &Path, only: &[&str], write: bool) -> Result<()> {
    let shared = std::env::var_os("VEDETTE_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let shared = Shared { data: shared.join("data"), tools: shared.join("tools") };
    if !shared.data.is_dir() {
        println!("the data to measure on is not here ({}): nothing was measured", shared.data.display());
        return Ok(());
    }
    let product = Product::build(root, "accuracy")?;
    let mut tables = Vec::new();
    for (name, measure) in MEASURES.iter().filter(|(name, _)| only.is_empty() || only.contains(name)) {
        // One measurement that cannot be made must not hide the others; it is recorded as not measured.
        let mut measured = measure(&product, &shared).unwrap_or_else(|error| vec![not_measured(name, &error)]);
        for table in &mut measured {
            relocate(table, &shared);
            println!("{}", table.text());
        }
        tables.extend(measured);
    }
    if write {
        std::fs::write(root.join("docs/accuracy.md"), page(&tables)).context("docs/accuracy.md")?;
        println!("\nwrote docs/accuracy.md");
    }
    Ok(())
}

/// Takes the place of the data on this machine out of what was said, for the page is committed.
fn relocate(table: &mut Table, shared: &Shared) {
    let here = format!("{}/", shared.data.display());
    for cell in table.rows.iter_mut().flatten().chain(&mut table.notes) {
        *cell = cell.replace(&here, "");
    }
}

fn not_measured(name: &str, error: &anyhow::Error) -> Table {
    let mut table = Table::new(name, "Not measured.", &["what went wrong"]);
    table.row([format!("{error:#}")]);
    table
}

fn page(tables: &[Table]) -> String {
    let mut out = format!(
        "# Accuracy\n\nMeasured on {} with `cargo xtask accuracy --write` on {}, on public recordings, specifications \
         and test suites that were not made for Vedette. They are used in development and never special-cased; only \
         data that nobody looked at can confirm them. The numbers are as measured; what misses its goal is named as \
         missed.\n",
        product::today(),
        product::machine()
    );
    for table in tables {
        out.push_str(&table.markdown());
    }
    out
}

/// All files below a folder with an extension, sorted.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
