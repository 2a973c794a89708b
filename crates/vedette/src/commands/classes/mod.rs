//! `vedette classes`: a customer's own data classes.

mod import;

use std::process::ExitCode;

use anyhow::Result;

/// Arguments of `vedette classes`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Turn gitleaks rules, Presidio recognizers or a Purview rule package into a file for --classes.
    Import(import::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.command {
        Command::Import(args) => import::run(args),
    }
}
