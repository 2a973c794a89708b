//! The references that only the binary knows: it is asked for them.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::ci::output;

/// `docs/reference/cli.md`.
pub(super) fn page(root: &Path) -> Result<String> {
    reference(root, "cli")
}

/// `docs/reference/sql.md`.
pub(super) fn sql(root: &Path) -> Result<String> {
    reference(root, "sql")
}

/// `docs/reference/openapi.json`.
pub(super) fn api(root: &Path) -> Result<String> {
    reference(root, "api")
}

fn reference(root: &Path, page: &str) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--locked", "--package", "vedette", "--", "reference", page]).current_dir(root);
    Ok(String::from_utf8(output(&mut command)?)?)
}
