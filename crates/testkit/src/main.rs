//! Command line of the generators.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use vedette_testkit::{bench, har, output, sample, simulate, spec};

/// Makes traffic with the truth about it.
#[derive(Parser)]
#[command(name = "vedette-testkit", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Three days of a small company with known weaknesses.
    Sample {
        /// Same seed, same bytes.
        #[arg(long, default_value_t = sample::SEED)]
        seed: u64,
        /// Folder for the traffic, the log and the truth about them.
        #[arg(long)]
        out: PathBuf,
    },
    /// Days of a believable API with labelled attacks.
    Simulate {
        /// Kind of API: bank, saas, shop, clinic or agents.
        #[arg(long)]
        profile: simulate::Profile,
        /// Same seed, same traffic.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Exchanges to make, about; attacks come on top.
        #[arg(long, default_value_t = 30_000)]
        exchanges: usize,
        /// Days that they are spread over.
        #[arg(long, default_value_t = 3)]
        days: u32,
        /// Nobody attacks.
        #[arg(long)]
        clean: bool,
        /// Sizes of bodies only.
        #[arg(long)]
        no_bodies: bool,
        /// Folder for `traffic.har.ndjson.gz`, `truth.ndjson` and `templates.truth.ndjson`.
        #[arg(long)]
        out: PathBuf,
    },
    /// Traffic for an OpenAPI 3 document, with the true template of each exchange.
    FromSpec {
        /// The document, JSON or YAML.
        spec: PathBuf,
        /// Same seed, same traffic.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Exchanges to make.
        #[arg(long, default_value_t = 3000)]
        exchanges: usize,
        /// Folder for `traffic.har.ndjson.gz` and `templates.truth.ndjson`.
        #[arg(long)]
        out: PathBuf,
        /// String parameters without a format are words, ids included.
        #[arg(long)]
        slugs: bool,
        /// Neither headers nor bodies.
        #[arg(long)]
        no_bodies: bool,
        /// Base path instead of the first server's.
        #[arg(long)]
        base: Option<String>,
    },
    /// A large access log on standard output.
    AccessLog {
        /// Lines to write.
        #[arg(long)]
        lines: usize,
        /// Same seed, same log.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Endpoints of the API.
        #[arg(long, default_value_t = 120)]
        endpoints: usize,
        /// Callers.
        #[arg(long, default_value_t = 5_000)]
        actors: usize,
        /// Format of the lines.
        #[arg(long, value_enum, default_value_t = LogFormat::Combined)]
        format: LogFormat,
    },
    /// Exchanges with JSON bodies on standard output, as NDJSON of HAR entries.
    Bodies {
        /// Exchanges to write.
        #[arg(long)]
        exchanges: usize,
        /// Bytes of a response body, about.
        #[arg(long, default_value_t = 2_000)]
        bytes: usize,
        /// Same seed, same exchanges.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// The same exchanges as a packet capture on standard output.
    Capture {
        /// Exchanges to write.
        #[arg(long)]
        exchanges: usize,
        /// Bytes of a response body, about.
        #[arg(long, default_value_t = 2_000)]
        bytes: usize,
        /// Same seed, same exchanges.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Combined,
    Json,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Sample { seed, out } => {
            let made = sample::generate(seed);
            output::write(&out, "traffic.har.ndjson.gz", &made.traffic)?;
            output::write(&out, "templates.truth.ndjson", &made.truth)?;
            output::write(&out, "access.log", &made.access_log)?;
            output::write(&out, "posture.json", &made.posture)?;
            let (exchanges, lines) = (made.traffic.lines().count(), made.access_log.lines().count());
            writeln!(std::io::stderr(), "{exchanges} exchanges and {lines} log lines in {}", out.display())?;
        }
        Command::Simulate { profile, seed, exchanges, days, clean, no_bodies, out } => {
            let options = simulate::Options { profile, seed, exchanges, days, attacks: !clean, bodies: !no_bodies };
            let made = simulate::generate(&options);
            output::write(&out, "traffic.har.ndjson.gz", &har::write_all(&made.traffic).0)?;
            output::write(&out, "truth.ndjson", &made.truth)?;
            output::write(&out, "templates.truth.ndjson", &made.templates)?;
            let (exchanges, attacks) = (made.traffic.len(), made.truth.lines().count());
            writeln!(std::io::stderr(), "{exchanges} exchanges and {attacks} attacks in {}", out.display())?;
        }
        Command::FromSpec { spec, seed, exchanges, out, slugs, no_bodies, base } => {
            let text = fs::read_to_string(&spec).with_context(|| format!("cannot read {}", spec.display()))?;
            let document = spec::Document::read(&text, base.as_deref())?;
            let options = spec::Options { seed, exchanges, slugs, no_bodies };
            let (traffic, truth) = har::write_all(&spec::generate(&document, &options));
            output::write(&out, "traffic.har.ndjson.gz", &traffic)?;
            output::write(&out, "templates.truth.ndjson", &truth)?;
            let operations = document.operations.len();
            writeln!(std::io::stderr(), "{exchanges} exchanges over {operations} operations in {}", out.display())?;
        }
        Command::AccessLog { lines, seed, endpoints, actors, format } => {
            let format = match format {
                LogFormat::Combined => bench::Format::Combined,
                LogFormat::Json => bench::Format::Json,
            };
            let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
            bench::access_log(&bench::LogOptions { lines, seed, endpoints, actors, format }, &mut out)?;
            out.flush()?;
        }
        Command::Bodies { exchanges, bytes, seed } => {
            let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
            bench::bodies(&bench::BodyOptions { exchanges, bytes, seed }, &mut out)?;
            out.flush()?;
        }
        Command::Capture { exchanges, bytes, seed } => {
            let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
            bench::capture(&bench::BodyOptions { exchanges, bytes, seed }, &mut out)?;
            out.flush()?;
        }
    }
    Ok(())
}
