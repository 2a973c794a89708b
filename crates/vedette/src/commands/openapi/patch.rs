//! `vedette openapi patch`: the lines that a specification lacks.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};
use vedette_engine::patch::patch;

use super::super::traffic::{Traffic, list_formats, nothing_read};
use super::super::{Hinted, specs};
use crate::output::write_file;

/// Arguments of `vedette openapi patch`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    traffic: Traffic,

    /// Change the file instead of printing a unified diff.
    #[arg(long)]
    write: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if args.traffic.asks_for_formats() {
        return list_formats();
    }
    let [file] = args.traffic.spec.as_slice() else {
        bail!(Hinted::new("one specification is patched at a time", "name it with --spec FILE.yaml"));
    };
    let (spec, text) = specs::read(file)?;
    let results = args.traffic.prepare()?.learn()?;
    if results.stats.exchanges == 0 {
        bail!(nothing_read(&results));
    }
    let patch = match patch(&results, &spec, &text) {
        Ok(patch) => patch,
        Err(reason) => bail!(Hinted::new(
            format!("{}: {reason}", file.display()),
            "`vedette openapi export` writes a whole document from traffic",
        )),
    };
    let mut notes = io::stderr().lock();
    for skipped in &patch.skipped {
        writeln!(notes, "note: not placed: {skipped}")?;
    }
    if patch.added.is_empty() {
        writeln!(notes, "nothing to add")?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.write {
        write_file(file, |out| Ok(out.write_all(patch.text.as_bytes())?))?;
        for added in &patch.added {
            writeln!(notes, "added {added}")?;
        }
    } else {
        io::stdout().lock().write_all(patch.diff.as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}
