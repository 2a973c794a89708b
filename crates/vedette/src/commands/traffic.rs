//! Traffic as commands take it: the paths, how to read them, and what is learned from them.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use crossbeam_channel::RecvTimeoutError;
use vedette_engine::Engine;
use vedette_engine::conformance::Contract;
use vedette_ingest::{Options, Sources};
use vedette_model::hash::HashKey;
use vedette_model::limits::{DESCRIPTORS_BYTES_MAX, KEYLOG_BYTES_MAX};
use vedette_model::results::{Results, Source};
use vedette_model::{Diagnostic, Exchange};
use vedette_parse::capture::KeyLog;
use vedette_parse::classes::Classifier;
use vedette_parse::decode::{Decoder, Framing};
use vedette_parse::identity::Extractors;
use vedette_parse::log::{self, JsonLog, LogFormat};
use vedette_parse::owners::OwnerFile;
use vedette_parse::protocol::descriptors::Descriptors;
use vedette_parse::templates::{self, GivenTemplate};

use super::{Hinted, owners, specs};
use crate::interrupt::Interrupt;
use crate::pipeline;
use crate::progress::Progress;

/// False alarms a week that somebody who says nothing accepts: about one a working day.
pub(super) const BUDGET_DEFAULT: f64 = 5.0;

/// Bytes of a configuration file that are read: mappings and classes are written by hand.
const CONFIG_BYTES_MAX: u64 = 4 << 20;

/// Arguments of every command that learns from traffic.
#[derive(clap::Args)]
pub(crate) struct Traffic {
    /// Access logs, HAR files, NDJSON of HAR entries, packet captures or folders of them, plain, gzip or zstd; `-` is
    /// standard input.
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

    /// TLS key log (SSLKEYLOGFILE) that opens the TLS connections of packet captures.
    #[arg(long, value_name = "FILE")]
    keylog: Option<PathBuf>,

    /// YAML file with your own data classes and levels; they win over the built-in ones.
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,

    /// YAML file that says where requests tell who calls, for identities that only you know; `vedette identity` tries it.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,

    /// OpenAPI 2.0 to 3.2 or Postman file, or a folder of them, to compare with; its path templates win over learned
    /// ones. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(super) spec: Vec<PathBuf>,

    /// File of path templates, one per line, that win over learned and specified ones.
    #[arg(long, value_name = "FILE")]
    templates: Option<PathBuf>,

    /// Protobuf descriptor set (`protoc --include_imports --descriptor_set_out=FILE`), so that fields of gRPC messages
    /// have names. May be given several times.
    #[arg(long, value_name = "FILE")]
    proto_descriptors: Vec<PathBuf>,

    /// Backstage catalog, CODEOWNERS, Kong configuration or Kubernetes manifests that say who owns which service. May be
    /// given several times; of two that are as close the first counts.
    #[arg(long, value_name = "FILE")]
    owners: Vec<PathBuf>,

    /// Worker threads [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

/// What to learn from and how, checked before anything is read.
pub(crate) struct Learning {
    paths: Vec<PathBuf>,
    threads: Option<u16>,
    /// False alarms a week that are acceptable; 0 detects nothing.
    budget: f64,
    decoder: Option<Decoder>,
    keys: Option<Arc<KeyLog>>,
    classifier: Arc<Classifier>,
    identity: Option<Arc<Extractors>>,
    contract: Option<Arc<Contract>>,
    descriptors: Option<Arc<Descriptors>>,
    owners: Vec<OwnerFile>,
}

impl Traffic {
    /// True for `--format list`.
    pub(crate) fn asks_for_formats(&self) -> bool {
        self.format == "list"
    }

    /// Reads what the arguments name beside the traffic: format, mapping, classes.
    pub(crate) fn prepare(&self) -> Result<Learning> {
        let classifier = Arc::new(classifier(self.classes.as_deref())?);
        let identity = self.identity.as_deref().map(identity).transpose()?;
        let templates = self.templates.as_deref().map(templates).transpose()?.unwrap_or_default();
        let contract = contract(&self.spec, templates)?;
        let descriptors = descriptors(&self.proto_descriptors)?.map(Arc::new);
        let keys = self.keylog.as_deref().map(read_keys).transpose()?;
        let owners = owners::read_all(&self.owners)?;
        let (paths, threads, decoder) = (self.paths.clone(), self.threads, decoder(self)?);
        Ok(Learning { paths, threads, budget: 0.0, decoder, keys, classifier, identity, contract, descriptors, owners })
    }
}

impl Learning {
    /// Everything as it is without arguments, beside the traffic and its specifications.
    pub(crate) fn of(paths: Vec<PathBuf>, specs: &[PathBuf]) -> Result<Self> {
        Ok(Self {
            paths,
            threads: None,
            budget: 0.0,
            decoder: None,
            keys: None,
            classifier: Arc::new(classifier(None)?),
            identity: None,
            contract: contract(specs, Vec::new())?,
            descriptors: None,
            owners: Vec::new(),
        })
    }

    /// Detects abuse, with so many false alarms a week; without this or with 0, nothing is detected.
    #[must_use]
    pub(crate) fn with_budget(mut self, false_alarms_a_week: f64) -> Self {
        self.budget = false_alarms_a_week;
        self
    }

    /// The data classes in use.
    pub(crate) fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// Reads all traffic and concludes. Notes go to standard error, a progress bar too when it is a terminal.
    pub(crate) fn learn(self) -> Result<Results> {
        self.learn_until(&Interrupt::on_signal()?)
    }

    /// As [`Learning::learn`], for commands that listen for the interrupt themselves.
    pub(crate) fn learn_until(self, interrupt: &Interrupt) -> Result<Results> {
        let started = Instant::now();
        let key = hash_key();
        let new_engine = || {
            let mut engine = Engine::new(Arc::clone(&self.classifier), key.clone()).with_budget(self.budget);
            if let Some(rules) = &self.identity {
                engine = engine.with_identity(Arc::clone(rules));
            }
            if let Some(contract) = &self.contract {
                engine = engine.with_contract(Arc::clone(contract));
            }
            match &self.descriptors {
                Some(descriptors) => engine.with_descriptors(Arc::clone(descriptors)),
                None => engine,
            }
        };
        let observe = |engine: &mut Engine, exchange: &Exchange<'_>, seen_at| drop(engine.observe(exchange, seen_at));
        let (engine, sources) = self.read(interrupt, new_engine, observe, Engine::merge)?;
        let mut results = engine.conclude(sources);
        if !self.owners.is_empty() {
            vedette_engine::owners::assign(&self.owners, &mut results);
        }
        env!("CARGO_PKG_VERSION").clone_into(&mut results.vedette);
        results.partial = interrupt.is_set();
        results.stats.elapsed_secs = Some(started.elapsed().as_secs_f64());
        Ok(results)
    }

    /// The identity rules that were given.
    pub(crate) fn identity(&self) -> Option<&Arc<Extractors>> {
        self.identity.as_ref()
    }

    /// Reads all traffic into learners, one for each thread, and merges them. Notes go to standard error, a progress bar
    /// too when it is a terminal.
    pub(crate) fn read<L: Send>(
        &self,
        interrupt: &Interrupt,
        new_learner: impl Fn() -> L + Sync,
        observe: impl Fn(&mut L, &Exchange<'_>, (u32, u64)) + Sync,
        merge: impl Fn(&mut L, L),
    ) -> Result<(L, Vec<Source>)> {
        let options = Options { decoder: self.decoder.clone(), keys: self.keys.clone() };
        let sources = open(&self.paths, options, interrupt)?;
        let notes = sources.notes().to_vec();
        let progress = Progress::on_terminal(&sources);
        let threads = self.threads.map_or_else(cores, usize::from);
        let read = pipeline::run(sources, threads, new_learner, observe, merge, &progress, interrupt);
        progress.finish();
        for note in notes {
            writeln!(io::stderr(), "note: {note}")?;
        }
        Ok(read)
    }
}

/// The key of all hashes of a run.
pub(super) fn hash_key() -> HashKey {
    std::env::var("VEDETTE_HASH_KEY").map_or_else(|_| HashKey::default(), |text| HashKey::from_text(&text))
}

/// Opens the sources, which blocks until the beginning of standard input is there; an interrupt ends the wait.
pub(super) fn open(paths: &[PathBuf], options: Options, interrupt: &Interrupt) -> Result<Sources> {
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

/// Reads `--budget`.
pub(super) fn budget(text: &str) -> Result<f64, String> {
    let read = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    read.ok_or_else(|| "a number of false alarms a week; 0 detects nothing".to_owned())
}

/// What the traffic is compared with, when there is anything.
fn contract(specs: &[PathBuf], templates: Vec<GivenTemplate>) -> Result<Option<Arc<Contract>>> {
    let specs = specs::read_all(specs)?;
    let given = !specs.is_empty() || !templates.is_empty();
    Ok(given.then(|| Arc::new(Contract::new(specs).with_templates(templates))))
}

/// The format that the user asked for, if any.
fn decoder(args: &Traffic) -> Result<Option<Decoder>> {
    if let Some(format) = &args.log_format {
        return Ok(Some(Decoder::Log(LogFormat::compile(format)?)));
    }
    if let Some(file) = &args.fields {
        let name = file.display().to_string();
        let mapping = JsonLog::with_mapping(&name, &read_config(file)?).map_err(|all| diagnosed(&all))?;
        return Ok(Some(Decoder::Json(mapping)));
    }
    decoder_named(&args.format)
}

/// The format with this id; none for `auto`.
pub(crate) fn decoder_named(id: &str) -> Result<Option<Decoder>> {
    match id {
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

pub(crate) fn list_formats() -> Result<ExitCode> {
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

/// A user's rules of who calls.
pub(crate) fn identity(file: &Path) -> Result<Arc<Extractors>> {
    let rules = Extractors::read(&file.display().to_string(), &read_config(file)?);
    rules.map(Arc::new).map_err(|all| diagnosed(&all))
}

fn templates(file: &Path) -> Result<Vec<GivenTemplate>> {
    templates::read(&file.display().to_string(), &read_config(file)?).map_err(|all| diagnosed(&all))
}

/// Message and service descriptors of gRPC, when some were given.
fn descriptors(files: &[PathBuf]) -> Result<Option<Descriptors>> {
    let mut descriptors = Descriptors::default();
    for file in files {
        let size = fs::metadata(file).with_context(|| format!("reading {}", file.display()))?.len();
        if size > DESCRIPTORS_BYTES_MAX {
            bail!("{} has {size} bytes; at most {DESCRIPTORS_BYTES_MAX} are read", file.display());
        }
        let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        let hint = "make it with protoc --include_imports --descriptor_set_out=FILE, or buf build -o FILE";
        descriptors
            .add(&bytes)
            .map_err(|error| Hinted::new(format!("{} is no descriptor set: {error}", file.display()), hint))?;
        if descriptors.services() == 0 {
            bail!(Hinted::new(format!("{} declares no service", file.display()), hint));
        }
    }
    Ok((!files.is_empty()).then_some(descriptors))
}

/// The text of a configuration file, within its bound.
pub(crate) fn read_config(file: &Path) -> Result<String> {
    let size = fs::metadata(file).with_context(|| format!("reading {}", file.display()))?.len();
    if size > CONFIG_BYTES_MAX {
        bail!("{} has {size} bytes; at most {CONFIG_BYTES_MAX} are read", file.display());
    }
    fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

/// A key log, of which at least one line must make sense.
fn read_keys(file: &Path) -> Result<Arc<KeyLog>> {
    let context = || format!("reading {}", file.display());
    let mut text = Vec::new();
    let opened = fs::File::open(file).with_context(context)?;
    #[expect(clippy::disallowed_methods, reason = "bounded by take")]
    opened.take(KEYLOG_BYTES_MAX + 1).read_to_end(&mut text).with_context(context)?;
    if text.len() as u64 > KEYLOG_BYTES_MAX {
        bail!("{} has more than {} MB; at most that is read", file.display(), KEYLOG_BYTES_MAX >> 20);
    }
    let keys = KeyLog::read(&text);
    if keys.is_empty() {
        bail!(Hinted::new(
            format!("{} holds no TLS secrets", file.display()),
            "curl, browsers and many servers write one to the file that the variable SSLKEYLOGFILE names",
        ));
    }
    Ok(Arc::new(keys))
}

/// All problems of a user's file, one per line.
pub(crate) fn diagnosed(all: &[Diagnostic]) -> anyhow::Error {
    let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
    anyhow!(lines.join("\n"))
}

/// Why nothing was read, from the first source that can say.
pub(crate) fn nothing_read(results: &Results) -> Hinted {
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
