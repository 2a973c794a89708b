//! The references that only the binary knows: it is asked for them.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::ci::{debug_binary, output};

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
    Ok(String::from_utf8(output(Command::new(debug_binary(root)?).args(["reference", page]))?)?)
}
