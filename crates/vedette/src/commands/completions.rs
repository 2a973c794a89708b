//! `vedette completions`: completion scripts for shells.

use std::process::ExitCode;

use clap_complete::Shell;

/// Arguments of `vedette completions`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Shell to write for
    shell: Shell,
}

/// Prints the script; load it with `source <(vedette completions bash)`.
pub(crate) fn run(args: &Args, mut cli: clap::Command) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli, "vedette", &mut script);
    std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?;
    Ok(ExitCode::SUCCESS)
}
