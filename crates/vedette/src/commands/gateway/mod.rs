//! `vedette gateway`: configurations of gateways.

mod check;

use std::process::ExitCode;

use anyhow::Result;

/// Arguments of `vedette gateway`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Judge configurations alone: authentication, transport, limits, secrets, administration.
    Check(check::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.command {
        Command::Check(args) => check::run(args),
    }
}
