//! `cargo xtask bench`: the budgets of DESIGN section 10 that exist so far, as measured on this machine.
//!
//! Ratios are taken side by side: runs of both programs alternate on the same file and the same core, and medians are
//! compared. Nothing fails when a budget is missed; it is printed as missed.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::product::{self, Product};
use crate::table::{Table, verdict};

mod growth;
mod hunts;
mod run;
pub(crate) mod serve;
mod specs;
mod speed;
mod traffic;

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Lines of the access log.
    pub(crate) lines: usize,
    /// Exchanges with bodies.
    pub(crate) exchanges: usize,
    /// Runs per program; medians are taken.
    pub(crate) runs: usize,
}

/// The size at which the budgets are stated.
const FULL: Size = Size { lines: 1_000_000, exchanges: 200_000, runs: 3 };

/// A look in between: a tenth.
const QUICK: Size = Size { lines: 100_000, exchanges: 20_000, runs: 3 };

/// Runnable programs (load average of a minute) past which times say little; a build that just ended leaves about one
/// per core.
const LOAD_MAX: f64 = 1.5;

type Measure = fn(&Product, Size, &mut Table) -> Result<()>;

const MEASURES: &[Measure] = &[
    speed::access_log,
    speed::bodies,
    speed::graphql,
    speed::capture,
    speed::classify,
    specs::specs,
    growth::memory,
    growth::growth,
    hunts::hunts,
];

/// Measures and prints; `json` for programs.
pub(crate) fn run(root: &Path, quick: bool, as_json: bool) -> Result<()> {
    let size = if quick { QUICK } else { FULL };
    let load = product::load();
    let product = Product::build(root, "bench")?;
    let mut table = Table::new(
        "Budgets",
        "Measured on this machine; ratios side by side.",
        &["what", "measured", "must", "aim", "verdict"],
    );
    for measure in MEASURES {
        if let Err(error) = measure(&product, size, &mut table) {
            table.notes.push(format!("not measured: {error:#}"));
        }
    }
    let note = if quick { ", quick: a tenth of the size the budgets are stated at" } else { "" };
    print(table, load, note, as_json);
    Ok(())
}

/// Prints a table of measures with what they were measured on. `note` stands behind the machine; a quick run has one.
fn print(mut table: Table, load: f64, note: &str, as_json: bool) {
    if load > LOAD_MAX {
        table.notes.push(format!("other programs were running ({load:.1} at the start): times are too long"));
    }
    let machine = product::machine();
    if as_json {
        let (date, quick) = (product::today(), !note.is_empty());
        println!("{:#}", json!({"date": date, "machine": machine, "quick": quick, "table": table.json()}));
    } else {
        println!("{machine}{note}\n{}", table.text());
    }
}

/// A row whose measure must be at least `must`.
fn at_least(table: &mut Table, what: &str, measured: f64, unit: &str, must: f64, aim: f64) {
    row(table, what, measured, unit, (must, aim), measured >= must, measured >= aim);
}

/// A row whose measure may be at most `must`.
fn at_most(table: &mut Table, what: &str, measured: f64, unit: &str, must: f64, aim: f64) {
    row(table, what, measured, unit, (must, aim), measured <= must, measured <= aim);
}

fn row(table: &mut Table, what: &str, measured: f64, unit: &str, (must, aim): (f64, f64), met: bool, aimed: bool) {
    let verdict = if aimed { "met, aim too".to_owned() } else { verdict(met) };
    table.row([what.to_owned(), amount(measured, unit), amount(must, unit), amount(aim, unit), verdict]);
}

/// A row without a budget.
fn info(table: &mut Table, what: &str, measured: String) {
    table.row([what.to_owned(), measured, String::new(), String::new(), String::new()]);
}

/// `1,234,567 lines/s`, `1.93 ×`.
fn amount(value: f64, unit: &str) -> String {
    if value >= 1000.0 {
        let digits = format!("{value:.0}");
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
        return format!("{} {unit}", groups.join(","));
    }
    format!("{value:.2} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well() {
        assert_eq!(amount(1_234_567.4, "lines/s"), "1,234,567 lines/s");
        assert_eq!(amount(1.934, "×"), "1.93 ×");
    }

    #[test]
    fn verdicts_tell_must_from_aim() {
        let mut table = Table::default();
        at_least(&mut table, "speed", 9.0, "×", 8.0, 20.0);
        at_most(&mut table, "memory", 400.0, "MB", 300.0, 100.0);
        let verdicts: Vec<&str> = table.rows.iter().filter_map(|row| row.last()).map(String::as_str).collect();
        assert_eq!(verdicts, ["met", "**missed**"]);
    }
}
