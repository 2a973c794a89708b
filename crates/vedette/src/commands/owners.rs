//! Files that say who owns what, as commands take them.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use vedette_parse::owners::{self, OwnerFile};

use super::specs;

/// Problems of one file that are printed; the report has all.
const PROBLEMS_SHOWN: usize = 5;

/// Reads the files. What could not be understood of one goes to standard error.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<OwnerFile>> {
    let mut files = Vec::new();
    for path in paths {
        let read =
            owners::read(&path.display().to_string(), &specs::text(path)?).map_err(|error| anyhow!("{error}"))?;
        for problem in read.problems.iter().take(PROBLEMS_SHOWN) {
            writeln!(io::stderr(), "note: {problem}")?;
        }
        if let Some(more) = read.problems.len().checked_sub(PROBLEMS_SHOWN + 1) {
            writeln!(io::stderr(), "note: {}: {} more problems", read.file, more + 1)?;
        }
        if read.entries.is_empty() {
            writeln!(io::stderr(), "note: {}: {} that name no owner", read.file, read.kind.name())?;
        }
        files.push(read);
    }
    Ok(files)
}
