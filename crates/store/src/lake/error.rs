//! What goes wrong with a lake: what was tried, where, and what to try.

use std::error::Error as _;
use std::io;

use datafusion::arrow::error::ArrowError;
use datafusion::parquet::errors::ParquetError;
use deltalake::DeltaTableError;

/// Why the lake could not do something. Nothing is lost by any of them: what was not committed stays with the caller,
/// what was committed stays in the table.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The configured place is none that a lake can be at.
    #[error("`{place}` is no place for a lake: {reason}")]
    Place {
        /// As configured.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The table's log could not be read or written.
    #[error("could not {action} of the lake at {lake}")]
    Log {
        /// Where the lake is.
        lake: String,
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: Box<DeltaTableError>,
    },
    /// The disk or the object store refused.
    #[error("could not {action} `{file}` of the lake at {lake}")]
    Storage {
        /// Where the lake is.
        lake: String,
        /// What was tried.
        action: &'static str,
        /// The file, relative to the lake.
        file: String,
        /// Why it failed.
        #[source]
        source: Box<object_store::Error>,
    },
    /// A file is there and cannot be read.
    #[error("`{file}` of the lake at {lake} is damaged")]
    Damaged {
        /// Where the lake is.
        lake: String,
        /// The file, relative to the lake.
        file: String,
        /// What the reader met.
        #[source]
        source: Box<ParquetError>,
    },
    /// A newer version of Vedette extended the table.
    #[error("the lake at {lake} has schema version {found}, this Vedette knows {known}")]
    Newer {
        /// Where the lake is.
        lake: String,
        /// Version of the table.
        found: u32,
        /// Version of this program.
        known: u32,
    },
    /// There is a Delta table, and not one of Vedette.
    #[error("the table at {lake} is no lake of Vedette: {reason}")]
    Foreign {
        /// Where the table is.
        lake: String,
        /// What gives it away.
        reason: String,
    },
    /// Somebody else changed the files that were being rewritten; nothing was changed, a later try may succeed.
    #[error("the lake at {lake} was changed by somebody else meanwhile")]
    Raced {
        /// Where the lake is.
        lake: String,
    },
    /// Rows could not be made into columns of a file, which is a defect.
    #[error("rows could not be made ready for the lake")]
    Rows(#[source] ArrowError),
    /// The program is shutting down.
    #[error("the lake's work was interrupted")]
    Interrupted,
}

impl LakeError {
    /// What the operator can try, when something can be said.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Place { .. } => Some("give a folder, or s3://bucket/prefix"),
            Self::Newer { .. } => Some("start the version of Vedette that wrote it, or a later one"),
            Self::Foreign { .. } => Some("give the lake a folder or prefix of its own"),
            Self::Damaged { .. } => Some(
                "restore the file from a backup or another version of the bucket; the other files are still readable",
            ),
            Self::Raced { .. } => Some("let only one Vedette, and no other engine, write to the lake"),
            Self::Log { source, .. } => disk_hint(source.as_ref()).or(Some(
                "look at the newest files in `_delta_log`: each line must be JSON; an unfinished last one may be removed",
            )),
            Self::Storage { source, .. } => disk_hint(source.as_ref()),
            Self::Rows(_) | Self::Interrupted => None,
        }
    }
}

/// What to say of the operating system's reason, if it is one that an operator can change.
fn disk_hint(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            match io.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    return Some("the disk is full: free some space, or shorten the retention");
                }
                io::ErrorKind::ReadOnlyFilesystem => return Some("the file system is mounted read-only"),
                io::ErrorKind::PermissionDenied => {
                    return Some("give the user that Vedette runs as the right to write into this folder");
                }
                _ => {}
            }
        }
        if let Some(object_store::Error::NotFound { .. }) = error.downcast_ref::<object_store::Error>() {
            return Some("the file was removed by something else than Vedette; restore it from a backup");
        }
        next = error.source();
    }
    None
}

/// The chain of an error's reasons as one line, for logs.
pub(super) fn reasons(error: &LakeError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(reason) = next {
        text.push_str(": ");
        text.push_str(&reason.to_string());
        next = reason.source();
    }
    text
}
