//! Hunts over ten million exchanges, side by side with DuckDB on the same Parquet files and one core.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Size, at_most};
use crate::ci::{cargo, output};
use crate::product::Product;
use crate::table::Table;

/// Exchanges per line of the access log that is measured: ten million for a million.
const EXCHANGES_PER_LINE: usize = 10;

/// DuckDB, pinned so that a ratio of today compares with one of last month.
const DUCKDB: &str = "duckdb==2.0.1";

/// Runs of each query; the median counts.
const RUNS: usize = 5;

/// Must and aim of time against DuckDB's.
const RATIO: (f64, f64) = (1.5, 1.0);

/// Must and aim of seconds of the first query.
const FILTERED_SECS: (f64, f64) = (1.0, 0.2);

/// What analysts ask: name and SQL that both engines take. To DuckDB `at` is a keyword where a column begins.
const QUERIES: &[(&str, &str)] = &[
    (
        "filtered aggregate",
        "select endpoint, count(*) as n from exchanges where status >= 500 group by endpoint order by n desc, endpoint limit 10",
    ),
    ("top talkers", "select actor, count(*) as n from exchanges group by actor order by n desc, actor limit 20"),
    (
        "one actor",
        "select \"at\", method, path, status from exchanges where actor = 'a-000000000001' order by \"at\" limit 1000",
    ),
    (
        "one day by hour",
        "select date_trunc('hour', \"at\") as hour, count(*) as n, sum(response_bytes) as bytes from exchanges \
         where \"at\" >= timestamptz '2026-03-05 00:00:00+00' and \"at\" < timestamptz '2026-03-06 00:00:00+00' group by 1 order by 1",
    ),
    (
        "distinct actors by endpoint",
        "select endpoint, count(distinct actor) as n from exchanges group by endpoint order by n desc, endpoint limit 20",
    ),
    ("text search", "select count(*) as n from exchanges where path like '%/4242' and status = 404"),
];

/// Fills a lake, times both engines, compares medians.
pub(super) fn hunts(product: &Product, size: Size, table: &mut Table) -> Result<()> {
    let root = crate::root();
    // With the binary, whose features its libraries have then.
    let example = ["build", "--release", "--locked", "-p", "vedette", "-p", "vedette-store", "--example", "hunts"];
    cargo(root, &example, &[])?;
    let program = product.scratch.with_file_name("release").join("examples/hunts");
    let exchanges = size.lines * EXCHANGES_PER_LINE;
    let lake = filled(product, &program, exchanges)?;
    let queries = QUERIES.iter().fold(String::new(), |all, (_, sql)| all + sql + "\n");
    let ours = timed(
        Command::new("taskset").args(["-c", "0"]).arg(&program).arg("run").arg(&lake).args(["1", &RUNS.to_string()]),
        &queries,
    )?;
    let duck = match python(&product.scratch) {
        Some(python) => {
            let script = root.join("xtask/src/bench/hunts/duck.py");
            let mut command = Command::new("taskset");
            command.args(["-c", "0"]).arg(python).arg(script).arg(&lake).args(["1", &RUNS.to_string()]);
            Some(timed(&mut command, &queries)?)
        }
        None => None,
    };
    let millions = exchanges as f64 / 1e6;
    for (number, (name, _)) in QUERIES.iter().enumerate() {
        let Some(mine) = ours.get(number) else { bail!("no time for {name}") };
        if number == 0 {
            let what = format!("hunt over {millions} million exchanges: {name}, one core");
            at_most(table, &what, mine.millis / 1000.0, "s", FILTERED_SECS.0, FILTERED_SECS.1);
        }
        match duck.as_ref().and_then(|duck| duck.get(number)) {
            Some(theirs) if theirs.rows == mine.rows => {
                let what = format!("hunt: {name}, against DuckDB ({:.0} ms)", theirs.millis);
                at_most(table, &what, mine.millis / theirs.millis, "×", RATIO.0, RATIO.1);
            }
            Some(theirs) => bail!("{name}: {} rows, DuckDB has {}", mine.rows, theirs.rows),
            None => table.notes.push(format!("hunt: {name} took {:.0} ms; DuckDB is not there", mine.millis)),
        }
    }
    Ok(())
}

struct Timed {
    millis: f64,
    rows: u64,
}

fn filled(product: &Product, program: &Path, exchanges: usize) -> Result<PathBuf> {
    let folder = product.scratch.join(format!("hunts-{exchanges}"));
    let done = product.scratch.join(format!("hunts-{exchanges}.done"));
    if !done.exists() {
        let _ = std::fs::remove_dir_all(&folder);
        output(Command::new(program).arg("fill").arg(&folder).arg(exchanges.to_string()))?;
        std::fs::write(&done, "")?;
    }
    Ok(folder)
}

/// Median and rows of each query, as a program prints them.
fn timed(command: &mut Command, queries: &str) -> Result<Vec<Timed>> {
    use std::io::Write as _;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("starting an engine")?;
    child.stdin.take().context("no standard input")?.write_all(queries.as_bytes())?;
    let answer = child.wait_with_output()?;
    if !answer.status.success() {
        bail!("an engine failed: {}", answer.status);
    }
    let read = |line: &str| {
        let line: Value = serde_json::from_str(line)?;
        let mut millis: Vec<f64> = serde_json::from_value(line.get("millis").cloned().unwrap_or_default())?;
        millis.sort_by(f64::total_cmp);
        let median = millis.get(millis.len() / 2).copied().context("no times")?;
        Ok(Timed { millis: median, rows: line.get("rows").and_then(Value::as_u64).unwrap_or_default() })
    };
    String::from_utf8(answer.stdout)?.lines().map(read).collect()
}

/// A Python with DuckDB in it; `None` without Python or PyPI.
fn python(scratch: &Path) -> Option<PathBuf> {
    let environment = scratch.join("python");
    let program = environment.join("bin/python");
    let quiet = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    let there = quiet(Command::new(&program).args(["-c", "import duckdb"]));
    let made = there
        || quiet(Command::new("python3").args(["-m", "venv"]).arg(&environment))
            && quiet(Command::new(environment.join("bin/pip")).args(["install", "--quiet", DUCKDB]));
    made.then_some(program)
}
