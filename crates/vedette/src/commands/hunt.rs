//! `vedette hunt`: SQL over what was taken and learned, in a data folder or at a server.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::Value as Json;
use vedette_model::limits::HUNT_ROWS_DEFAULT;
use vedette_store::hunt::{Encoder, Format, HuntError, HuntStats, shipped};

use super::Hinted;
use super::place::Place;

mod local;
mod remote;

/// Arguments of `vedette hunt`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The query, `-` to read it from standard input.
    #[arg(value_name = "SQL", required_unless_present_any = ["saved", "list"], conflicts_with_all = ["saved", "list"])]
    sql: Option<String>,
    /// Run a saved hunt.
    #[arg(long, value_name = "NAME", conflicts_with = "list")]
    saved: Option<String>,
    /// Give $NAME in the SQL, or a parameter of the saved hunt, a value.
    #[arg(short, long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Name the saved hunts that ship, with their parameters.
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    place: Place,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    format: Output,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// File to write to instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Rows at most; 0 for as many as there are.
    #[arg(long, value_name = "N", default_value_t = HUNT_ROWS_DEFAULT)]
    limit: usize,
    /// Time at most (`500ms`, `30s`, `5m`).
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    timeout: Duration,
}

/// How an answer is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Aligned columns.
    Table,
    /// A JSON array of objects.
    Json,
    /// A JSON object per line.
    Ndjson,
    /// Comma-separated values.
    Csv,
    /// Arrow IPC stream.
    Arrow,
    /// Parquet file.
    Parquet,
}

/// What is asked, of whomever.
struct Question<'a> {
    sql: Option<&'a str>,
    saved: Option<&'a str>,
    parameters: BTreeMap<String, Json>,
    limit: Option<usize>,
    timeout: Duration,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if args.list {
        return list(args.json);
    }
    let typed = match args.sql.as_deref() {
        Some("-") => {
            Some(io::read_to_string(io::Read::take(io::stdin().lock(), SQL_READ_MAX)).context("reading the SQL")?)
        }
        other => other.map(str::to_owned),
    };
    let question = Question {
        sql: typed.as_deref(),
        saved: args.saved.as_deref(),
        parameters: args
            .parameters
            .iter()
            .map(|(name, text)| (name.clone(), value(text, args.saved.is_some())))
            .collect(),
        limit: (args.limit > 0).then_some(args.limit),
        timeout: args.timeout,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut sink = Sink::open(args)?;
    let stats = match args.place.server() {
        Some(server) => remote::ask(&runtime, server, &args.place.token()?, &question, &mut sink)?,
        None => local::ask(&runtime, args, &question, &mut sink)?,
    };
    sink.close(&stats)?;
    Ok(ExitCode::SUCCESS)
}

/// Bytes read of a query on standard input; more than a hunt takes, so that the hunt says so.
const SQL_READ_MAX: u64 = 1 << 20;

fn list(json: bool) -> Result<ExitCode> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, shipped())?;
        writeln!(out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let width = shipped().iter().map(|hunt| hunt.id.len()).max().unwrap_or_default() + 2;
    for hunt in shipped() {
        writeln!(out, "{:<width$}{}", hunt.id, hunt.question)?;
        for parameter in &hunt.parameters {
            let default = match &parameter.default {
                Some(Json::String(text)) => format!(" [{text}]"),
                Some(value) => format!(" [{value}]"),
                None => " (must be given)".to_owned(),
            };
            writeln!(out, "{:<width$}-p {}=…  {}{default}", "", parameter.name, parameter.help)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the answer goes. A file appears under its name only when it is whole.
struct Sink {
    to: Box<dyn Write>,
    format: Format,
    /// Name that the file gets, and the one it has until it is whole.
    file: Option<(PathBuf, PathBuf)>,
}

impl Sink {
    fn open(args: &Args) -> Result<Self> {
        let terminal = args.out.is_none() && io::stdout().is_terminal();
        let output = if args.json { Output::Json } else { args.format };
        if terminal && matches!(output, Output::Arrow | Output::Parquet) {
            bail!(Hinted::new("this format is not for a terminal", "add --out FILE, or pipe it on"));
        }
        let format = match output {
            Output::Table => Format::Table { width: if terminal { terminal_width() } else { usize::MAX } },
            Output::Json => Format::Json,
            Output::Ndjson => Format::Ndjson,
            Output::Csv => Format::Csv,
            Output::Arrow => Format::Arrow,
            Output::Parquet => Format::Parquet,
        };
        let Some(path) = &args.out else {
            return Ok(Self { to: Box::new(BufWriter::new(io::stdout().lock())), format, file: None });
        };
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| format!("writing {}", part.display()))?;
        Ok(Self { to: Box::new(BufWriter::new(file)), format, file: Some((path.clone(), part)) })
    }

    fn close(mut self, stats: &HuntStats) -> Result<()> {
        self.to.flush()?;
        if let Some((path, part)) = self.file.take() {
            std::fs::rename(part, &path).with_context(|| format!("writing {}", path.display()))?;
        }
        let mut err = io::stderr().lock();
        if stats.truncated {
            let _ = writeln!(err, "there may be more than {} rows; --limit shows more", stats.rows);
        } else if io::stderr().is_terminal() {
            let seconds = stats.elapsed_ms as f64 / 1000.0;
            let _ = writeln!(err, "{} rows in {seconds:.1} s", stats.rows);
        }
        Ok(())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some((_, part)) = self.file.take() {
            let _ = std::fs::remove_file(part);
        }
    }
}

impl Sink {
    fn encoder(&self, schema: &vedette_store::arrow::datatypes::SchemaRef) -> Result<Encoder> {
        Encoder::new(self.format, schema).map_err(hinted)
    }
}

/// A hunt's error with its hint where the command line looks for one.
fn hinted(error: HuntError) -> anyhow::Error {
    match error.hint().map(ToOwned::to_owned) {
        Some(hint) => Hinted::new(error.to_string(), hint).into(),
        None => error.into(),
    }
}

fn terminal_width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}

/// `name=value`.
fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.trim_start_matches('$').to_owned(), value.to_owned())),
        _ => Err("must be NAME=VALUE".to_owned()),
    }
}

/// A saved hunt knows what its parameters are. Otherwise what looks like a number is one.
fn value(text: &str, saved: bool) -> Json {
    if saved {
        return Json::String(text.to_owned());
    }
    match text {
        "null" => Json::Null,
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        _ => {
            let integer = text.parse::<i64>().ok().map(Json::from);
            integer
                .or_else(|| text.parse::<f64>().ok().and_then(|n| serde_json::Number::from_f64(n).map(Json::Number)))
                .unwrap_or_else(|| Json::String(text.to_owned()))
        }
    }
}

/// `500ms`, `30s`, `5m`, `2h`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "must be a number with unit, like 30s".to_owned())?;
    let millis = match text.get(digits.len()..) {
        Some("ms") => 1,
        Some("s" | "") => 1_000,
        Some("m" | "min") => 60_000,
        Some("h") => 3_600_000,
        _ => return Err("the unit must be ms, s, m or h".to_owned()),
    };
    Ok(Duration::from_millis(number.saturating_mul(millis)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, millis) in [("500ms", 500), ("30s", 30_000), ("7", 7_000), ("5m", 300_000), ("2h", 7_200_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        assert!(duration("soon").is_err() && duration("5y").is_err() && duration("").is_err());
    }

    #[test]
    fn values_are_what_they_look_like_unless_a_hunt_knows_better() {
        assert_eq!(value("7", false), Json::from(7));
        assert_eq!(value("0.5", false), Json::from(0.5));
        assert_eq!(value("7 days", false), Json::from("7 days"));
        assert_eq!(value("7", true), Json::from("7"));
        assert_eq!(parameter("$since=1 day").unwrap(), ("since".to_owned(), "1 day".to_owned()));
    }
}
