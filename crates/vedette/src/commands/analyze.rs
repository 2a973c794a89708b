//! `vedette analyze`.

use std::process::ExitCode;

/// Arguments of `vedette analyze`.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// Runs the command.
pub(crate) fn run(_args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not built yet")
}
