//! Command line of the generators.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};
use vedette_testkit::{har, output, spec};

/// Makes traffic with the truth about it.
#[derive(Parser)]
#[command(name = "vedette-testkit", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
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
    }
    Ok(())
}
