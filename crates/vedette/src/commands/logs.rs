//! `vedette logs`: what a gateway should log.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Subcommand;
use vedette_engine::quality::snippets::GATEWAYS;

use super::Hinted;

/// Arguments of `vedette logs`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the lines that make a gateway log what Vedette needs; without a gateway, the names of those known.
    Snippet {
        /// Gateway (`nginx`, `apache`, `haproxy`, …).
        gateway: Option<String>,
    },
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let Command::Snippet { gateway } = &args.command;
    let mut out = io::stdout().lock();
    let Some(name) = gateway else {
        for gateway in GATEWAYS {
            writeln!(out, "{:<22}{}", gateway.id, gateway.title)?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(gateway) = GATEWAYS.iter().find(|gateway| gateway.id.eq_ignore_ascii_case(name)) else {
        bail!(Hinted::new(format!("unknown gateway '{name}'"), "vedette logs snippet names those known"));
    };
    out.write_all(gateway.text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
