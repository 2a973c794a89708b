//! The commands, one file each.

pub(crate) mod analyze;
pub(crate) mod classify;
pub(crate) mod completions;
pub(crate) mod reference;

/// Prints an error with its chain to standard error.
pub(crate) fn report_error(error: &anyhow::Error) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
}
