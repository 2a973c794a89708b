//! The reference of the command line. Only the binary knows its arguments, so it is asked.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::ci::output;

/// `docs/reference/cli.md`.
pub(super) fn page(root: &Path) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--locked", "--package", "vedette", "--", "reference"]).current_dir(root);
    Ok(String::from_utf8(output(&mut command)?)?)
}
