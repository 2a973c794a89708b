//! `vedette simulate`: days of believable traffic with labelled attacks, to try and to measure on.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use vedette_testkit::output;
use vedette_testkit::simulate::{Options, Profile, generate};

use super::Hinted;

/// Exchanges that somebody who says nothing gets: days of a small API, made in seconds.
const EXCHANGES_DEFAULT: u32 = 30_000;

/// Exchanges at the most: all of them are in memory, some kilobytes each with their bodies.
const EXCHANGES_MAX: i64 = 2_000_000;

/// Arguments of `vedette simulate`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Kind of API; `list` names them.
    #[arg(long, value_name = "NAME")]
    profile: String,

    /// Same seed, same bytes.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Exchanges, about; attacks come on top.
    #[arg(long, value_name = "N", default_value_t = EXCHANGES_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=EXCHANGES_MAX))]
    exchanges: u32,

    /// Days that they are spread over.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,

    /// Nobody attacks.
    #[arg(long)]
    clean: bool,

    /// Leave bodies out; their sizes stay.
    #[arg(long)]
    no_bodies: bool,

    /// Folder for traffic.har.ndjson.gz, truth.ndjson and templates.truth.ndjson.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command. Exit codes: 0 done, 2 error.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if args.profile == "list" {
        let mut out = io::stdout().lock();
        for profile in Profile::ALL {
            writeln!(out, "{}", profile.name())?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let unknown = |error: String| Hinted::new(error, format!("the profiles are: {}", names()));
    let profile = args.profile.parse::<Profile>().map_err(|error| unknown(error.to_string()))?;
    let Some(folder) = &args.out else {
        bail!(Hinted::new("no folder to write to", "name one with --out DIR; it is made when it is not there"));
    };
    let scenario = generate(&Options {
        profile,
        seed: args.seed,
        exchanges: args.exchanges as usize,
        days: args.days,
        attacks: !args.clean,
        bodies: !args.no_bodies,
    });
    output::write_entries(folder, "traffic.har.ndjson.gz", &scenario.traffic)?;
    output::write(folder, "truth.ndjson", &scenario.truth)?;
    output::write(folder, "templates.truth.ndjson", &scenario.templates)?;
    let (exchanges, attacks) = (scenario.traffic.len(), scenario.truth.lines().count());
    let place = folder.display();
    let mut err = io::stderr().lock();
    writeln!(err, "{exchanges} exchanges with {attacks} attacks in {place}")?;
    writeln!(err, "next: vedette evaluate {place}")?;
    writeln!(err, "      vedette analyze {place}/traffic.har.ndjson.gz --out report")?;
    Ok(ExitCode::SUCCESS)
}

fn names() -> String {
    Profile::ALL.iter().map(|profile| profile.name()).collect::<Vec<_>>().join(", ")
}
