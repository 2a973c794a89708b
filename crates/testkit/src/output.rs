//! Files that come out the same every time.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

use crate::har::Entry;

/// A file that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The folder could not be made.
    #[error("cannot make the folder {0}")]
    MakeFolder(PathBuf, #[source] std::io::Error),
    /// The file could not be written.
    #[error("cannot write {0}")]
    Write(PathBuf, #[source] std::io::Error),
}

/// Writes `text` to `folder/name`, compressed when the name ends in `.gz`.
pub fn write(folder: &Path, name: &str, text: &str) -> Result<(), OutputError> {
    fs::create_dir_all(folder).map_err(|e| OutputError::MakeFolder(folder.to_owned(), e))?;
    let path = folder.join(name);
    let compressed = Path::new(name).extension().is_some_and(|e| e == "gz");
    let bytes = if compressed { gzip(text.as_bytes()) } else { Ok(text.as_bytes().to_vec()) };
    bytes.and_then(|bytes| fs::write(&path, bytes)).map_err(|e| OutputError::Write(path, e))
}

/// Writes entries to `folder/name`, one line each and compressed, without having all lines in memory.
pub fn write_entries(folder: &Path, name: &str, entries: &[Entry]) -> Result<(), OutputError> {
    fs::create_dir_all(folder).map_err(|e| OutputError::MakeFolder(folder.to_owned(), e))?;
    let path = folder.join(name);
    let write = || -> std::io::Result<()> {
        let file = BufWriter::new(fs::File::create(&path)?);
        let mut encoder = GzBuilder::new().mtime(0).operating_system(255).write(file, Compression::default());
        let mut line = String::new();
        for entry in entries {
            line.clear();
            entry.write_line(&mut line);
            encoder.write_all(line.as_bytes())?;
        }
        encoder.finish()?.flush()
    };
    write().map_err(|e| OutputError::Write(path.clone(), e))
}

/// Compresses without a time, a name or the operating system in the header: the same text gives the same bytes.
pub fn gzip(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    encoder.write_all(text)?;
    encoder.finish()
}
