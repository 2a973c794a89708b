//! `vedette analyze`: learn every API from traffic and say what is exposed and what is wrong.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use crossbeam_channel::RecvTimeoutError;
use vedette_engine::Engine;
use vedette_ingest::{Options, Sources};
use vedette_model::hash::HashKey;
use vedette_model::results::Results;
use vedette_model::{Diagnostic, Severity};
use vedette_parse::classes::Classifier;
use vedette_parse::decode::{Decoder, Framing};
use vedette_parse::log::{self, JsonLog, LogFormat};

use super::Hinted;
use crate::interrupt::Interrupt;
use crate::output;
use crate::pipeline;
use crate::progress::Progress;
use crate::report;

/// Bytes of a configuration file that are read: mappings and classes are written by hand.
const CONFIG_BYTES_MAX: u64 = 4 << 20;

/// Arguments of `vedette analyze`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Access logs, HAR files, NDJSON of HAR entries or folders of them, plain, gzip or zstd; `-` is standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Format of all sources instead of recognizing each; `list` names them.
    #[arg(long, value_name = "ID", default_value = "auto")]
    format: String,

    /// An nginx `log_format` or Apache `LogFormat` string that the logs were written with.
    #[arg(long, value_name = "STRING", conflicts_with = "format")]
    log_format: Option<String>,

    /// YAML file that says which keys of a JSON log hold which field.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "log_format"])]
    fields: Option<PathBuf>,

    /// YAML file with your own data classes and levels; they win over the built-in ones.
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,

    /// Folder to write report.html, results.json and findings.csv to.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Print the results as one JSON document instead of the summary.
    #[arg(long)]
    json: bool,

    /// Exit with 1 when there is a finding at least this bad.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    fail_on: Option<Severity>,

    /// Worker threads [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

fn severity(text: &str) -> Result<Severity, String> {
    match text.to_ascii_lowercase().as_str() {
        "info" => Ok(Severity::Info),
        "low" => Ok(Severity::Low),
        "medium" => Ok(Severity::Medium),
        "high" => Ok(Severity::High),
        "critical" => Ok(Severity::Critical),
        _ => Err("one of info, low, medium, high, critical".to_owned()),
    }
}

/// Runs the command. Exit codes: 0 done, 1 `--fail-on` was met, 2 error.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if args.format == "list" {
        return list_formats();
    }
    let decoder = decoder(args)?;
    let classifier = Arc::new(classifier(args.classes.as_deref())?);
    if let Some(dir) = &args.out {
        fs::create_dir_all(dir).with_context(|| format!("creating {}", dir.display()))?;
    }
    let results = analyze(args, decoder, &classifier)?;
    let mut report_path = None;
    if let Some(dir) = &args.out {
        write_folder(&results, dir)?;
        report_path = Some(dir.join("report.html"));
    }
    let mut stdout = BufWriter::new(io::stdout().lock());
    if args.json {
        output::json(&results, &mut stdout, io::stdout().is_terminal())?;
    } else {
        let (width, color) = (output::terminal_width(), output::wants_color());
        output::summary(&results, report_path.as_deref(), &mut stdout, width, color)?;
    }
    stdout.flush()?;
    if results.stats.exchanges == 0 {
        bail!(nothing_read(&results));
    }
    let failed = args.fail_on.is_some_and(|severity| output::fail_on(&results, severity));
    // The process ends: taking thousands of endpoints apart would only cost time.
    std::mem::forget(results);
    Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn analyze(args: &Args, decoder: Option<Decoder>, classifier: &Arc<Classifier>) -> Result<Results> {
    let started = Instant::now();
    let interrupt = Interrupt::on_signal()?;
    let sources = open(&args.paths, Options { decoder }, &interrupt)?;
    let notes = sources.notes().to_vec();
    let progress = Progress::on_terminal(&sources);
    let threads = args.threads.map_or_else(cores, usize::from);
    let key = std::env::var("VEDETTE_HASH_KEY").map_or_else(|_| HashKey::default(), |text| HashKey::from_text(&text));
    let (engine, sources) = pipeline::run(
        sources,
        threads,
        || Engine::new(Arc::clone(classifier), key.clone()),
        Engine::observe,
        Engine::merge,
        &progress,
        &interrupt,
    );
    progress.finish();
    for note in notes {
        writeln!(io::stderr(), "note: {note}")?;
    }
    let mut results = engine.conclude(sources);
    env!("CARGO_PKG_VERSION").clone_into(&mut results.vedette);
    results.partial = interrupt.is_set();
    results.stats.elapsed_secs = Some(started.elapsed().as_secs_f64());
    Ok(results)
}

/// Opens the sources, which blocks until the beginning of standard input is there; an interrupt ends the wait.
fn open(paths: &[PathBuf], options: Options, interrupt: &Interrupt) -> Result<Sources> {
    let paths = paths.to_vec();
    let (opened, waiting) = crossbeam_channel::bounded(1);
    // Nobody waits any more after an interrupt.
    thread::spawn(move || drop(opened.send(Sources::open(&paths, options))));
    loop {
        match waiting.recv_timeout(pipeline::TICK) {
            Ok(sources) => return Ok(sources),
            Err(RecvTimeoutError::Timeout) if !interrupt.is_set() => {}
            Err(_) => bail!("interrupted before anything was read"),
        }
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The format that the user asked for, if any.
fn decoder(args: &Args) -> Result<Option<Decoder>> {
    if let Some(format) = &args.log_format {
        return Ok(Some(Decoder::Log(LogFormat::compile(format)?)));
    }
    if let Some(file) = &args.fields {
        let name = file.display().to_string();
        let mapping = JsonLog::with_mapping(&name, &read_config(file)?).map_err(|all| diagnosed(&all))?;
        return Ok(Some(Decoder::Json(mapping)));
    }
    match args.format.as_str() {
        "auto" => Ok(None),
        "har" | "har-ndjson" => Ok(Some(Decoder::Har(Framing::Lines))),
        id => match log::by_id(id) {
            Some(decoder) => Ok(Some(decoder)),
            None => bail!(Hinted::new(
                format!("unknown format '{id}'"),
                "vedette analyze --format list - names them; a format string goes to --log-format",
            )),
        },
    }
}

fn list_formats() -> Result<ExitCode> {
    let mut out = io::stdout().lock();
    for id in ["har", "har-ndjson"].into_iter().chain(log::format_ids()) {
        writeln!(out, "{id}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The built-in data classes, with the user's on top.
pub(crate) fn classifier(file: Option<&Path>) -> Result<Classifier> {
    let Some(file) = file else { return Ok(Classifier::builtin()) };
    Classifier::with_custom(&file.display().to_string(), &read_config(file)?).map_err(|all| diagnosed(&all))
}

fn read_config(file: &Path) -> Result<String> {
    let size = fs::metadata(file).with_context(|| format!("reading {}", file.display()))?.len();
    if size > CONFIG_BYTES_MAX {
        bail!("{} has {size} bytes; at most {CONFIG_BYTES_MAX} are read", file.display());
    }
    fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

/// All problems of a user's file, one per line.
fn diagnosed(all: &[Diagnostic]) -> anyhow::Error {
    let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
    anyhow!(lines.join("\n"))
}

fn write_folder(results: &Results, dir: &Path) -> Result<()> {
    write_file(&dir.join("results.json"), |out| Ok(output::json(results, out, false)?))?;
    write_file(&dir.join("findings.csv"), |out| output::findings_csv(results, out))?;
    write_file(&dir.join("report.html"), |mut out| Ok(report::write_report(results, &mut out)?))
}

/// Writes a file whole or not at all: beside it first, then renamed over it.
fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let partial = path.with_extension("partial");
    let written = || -> Result<()> {
        let mut out = BufWriter::new(fs::File::create(&partial)?);
        write(&mut out)?;
        out.flush()?;
        fs::rename(&partial, path)?;
        Ok(())
    };
    written().with_context(|| format!("writing {}", path.display()))
}

/// Why nothing was read, from the first source that can say.
fn nothing_read(results: &Results) -> Hinted {
    let told = results.sources.iter().find_map(|source| {
        let problem = source.problems.first().cloned();
        let sample = source.unreadable_samples.first().map(|s| format!("record {}: {}", s.record, s.reason));
        problem.or(sample).map(|text| format!("no exchange could be read: {}: {text}", source.name))
    });
    Hinted::new(
        told.unwrap_or_else(|| "no exchange could be read".to_owned()),
        "give access logs or HAR files; --format list - names the formats, --log-format takes nginx and Apache strings",
    )
}
