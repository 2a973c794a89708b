//! Backups: one file from which a whole installation can be put back.
//!
//! A backup is a tar archive under zstd (`tar --zstd -xf` reads it) of the state as portable lines, and of every
//! tenant's journal, learned snapshots and local lake; its last member is a [`Manifest`] with the SHA-256 of every
//! other. It is made while the server runs: see [`create()`] for why the parts fit together. It holds password hashes and
//! traffic, so its file has mode 0600; the data key is in it only when asked for, and without the key the journal in it
//! cannot be read.
//!
//! A lake in an object store is not copied: the manifest names it, and the restored installation goes on with it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vedette_model::Timestamp;

use crate::keys::{DataKey, KeyError, hex};
use crate::state::{DumpError, StateError};

mod archive;
mod create;
mod restore;

#[cfg(test)]
mod tests;

pub use create::{Options, create};
pub use restore::{Target, restore, verify};

/// Version of the archive's layout.
const FORMAT: u32 = 1;

/// Name of the last member.
const MANIFEST: &str = "manifest.json";

/// Name of the state's dump.
const STATE: &str = "state.ndjson";

/// Name of the data key.
const KEY: &str = "key";

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the archive's layout.
    pub format: u32,
    /// Version of the program that made it.
    pub program: String,
    /// When.
    pub created_at: Timestamp,
    /// Schema of the state.
    pub schema: i64,
    /// Rows of the state.
    pub rows: u64,
    /// Where the lake is when it is not in here.
    pub external_lake: Option<String>,
    /// Whether the data key is in here.
    pub key_included: bool,
    /// Tells whether a key is the right one, and nothing else about it.
    pub key_check: String,
    /// Every other member, in the archive's order.
    pub files: Vec<Member>,
}

/// A file in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Path relative to the data folder, with `/`.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Why a backup could not be made, checked or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder failed.
    #[error("{action} {path}")]
    File {
        /// What was done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The state failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The state's dump failed.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The archive is damaged or not one of ours.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// The archive was made by a newer program.
    #[error("the backup has format {0}, this program knows {FORMAT}: it was made by a newer Vedette")]
    Newer(u32),
    /// The folder to restore to has something in it; nothing was changed.
    #[error("the folder {0} is not empty")]
    NotEmpty(PathBuf),
    /// The backup has no key in it and none was given.
    #[error("the backup does not hold the data key")]
    NoKey,
    /// The key that was given is another installation's.
    #[error("the data key is not the one of this backup")]
    WrongKey,
}

impl BackupError {
    fn file<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| Self::File { action, path: path.to_owned(), source }
    }
}

/// What tells one key from another without telling anything of it.
fn key_check(key: &DataKey) -> String {
    hex(key.derive("backup check").as_slice())
}

/// Makes names in the folder of `path` durable.
fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}
