//! Files that say who owns what, as commands take them.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use vedette_parse::owners::{self, OwnerFile};

use super::specs;

/// Reads the files. What could not be understood of one goes to standard error.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<OwnerFile>> {
    let mut files = Vec::new();
    for path in paths {
        let read =
            owners::read(&path.display().to_string(), &specs::text(path)?).map_err(|error| anyhow!("{error}"))?;
        specs::note_problems(&read.file, &read.problems)?;
        if read.entries.is_empty() {
            writeln!(io::stderr(), "note: {}: {} that name no owner", read.file, read.kind.name())?;
        }
        files.push(read);
    }
    Ok(files)
}
