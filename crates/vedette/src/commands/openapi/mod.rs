//! `vedette openapi`: documents of what was learned, and documents that users have.

mod audit;
mod check;
mod diff;
mod export;
mod patch;

use std::process::ExitCode;

use anyhow::Result;

pub(crate) use export::write_all;

/// Arguments of `vedette openapi`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Write what traffic shows of each service as an OpenAPI 3.1 document.
    Export(export::Args),
    /// Compare traffic with specifications, operation by operation.
    Check(check::Args),
    /// Compare two specifications or two analyses: what breaks callers, what weakens security.
    Diff(diff::Args),
    /// Judge specifications alone: authentication, input bounds, leaks, transport.
    Audit(audit::Args),
    /// Propose the lines that a YAML specification lacks to describe what was observed.
    Patch(patch::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.command {
        Command::Export(args) => export::run(args),
        Command::Check(args) => check::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Patch(args) => patch::run(args),
    }
}
