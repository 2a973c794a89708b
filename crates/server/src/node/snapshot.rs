//! Snapshots of what was learned: two generations, sealed and checksummed, written whole or not at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vedette_engine::Engine;
use vedette_ingest::{Reader, Tally};
use vedette_model::hash::HashKey;
use vedette_parse::classes::Classifier;
use vedette_store::sealed;

use super::learned::{Learned, LiveSource};
use super::repeats::Repeats;

/// Version of [`Kept`].
const VERSION: u16 = 1;
const PURPOSE: &str = "vedette snapshot";
/// Snapshots that stay: when the younger cannot be read, the older and the journal behind it give the same.
const GENERATIONS: usize = 2;

/// Why a snapshot was not read or written.
#[derive(Debug, Error)]
pub(crate) enum SnapshotError {
    #[error("snapshot {}: {source}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("snapshot {} cannot be read: {why}", path.display())]
    Content { path: PathBuf, why: String },
}

/// What a snapshot holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u16,
    number: u64,
    sources: Vec<LiveSource>,
    positions: BTreeMap<String, String>,
    readers: Vec<(Tally, Vec<String>)>,
    repeats: [Vec<u64>; 2],
    engine: Vec<u8>,
}

/// A folder of snapshots.
pub(crate) struct Snapshots {
    folder: PathBuf,
    key: [u8; 32],
}

impl Snapshots {
    pub(crate) fn open(folder: PathBuf, key: [u8; 32]) -> Result<Self, SnapshotError> {
        fs::create_dir_all(&folder).map_err(|source| SnapshotError::File { path: folder.clone(), source })?;
        Ok(Self { folder, key })
    }

    /// Numbers and files of the snapshots, youngest first.
    fn files(&self) -> Vec<(u64, PathBuf)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<(u64, PathBuf)> =
            entries.filter_map(|entry| Some((number(&entry.path())?, entry.path()))).collect();
        files.sort_unstable_by(|a, b| b.cmp(a));
        files
    }

    /// The youngest that can be read, with what was wrong with younger ones.
    pub(crate) fn load(&self, classifier: &Arc<Classifier>, key: &HashKey) -> (Option<Learned>, Vec<SnapshotError>) {
        let mut troubles = Vec::new();
        for (_, path) in self.files() {
            match self.read(&path, classifier, key) {
                Ok(learned) => return (Some(learned), troubles),
                Err(error) => troubles.push(error),
            }
        }
        (None, troubles)
    }

    fn read(&self, path: &Path, classifier: &Arc<Classifier>, key: &HashKey) -> Result<Learned, SnapshotError> {
        let failed = |why: String| SnapshotError::Content { path: path.to_owned(), why };
        let plain = sealed::read(path, &self.key, PURPOSE)
            .map_err(|source| SnapshotError::File { path: path.to_owned(), source })?;
        let kept: Kept = postcard::from_bytes(&plain).map_err(|error| failed(error.to_string()))?;
        if kept.version != VERSION {
            return Err(failed(format!("it is of version {}, this program reads {VERSION}", kept.version)));
        }
        let engine = Engine::restore(&kept.engine, Arc::clone(classifier), key.clone())
            .map_err(|error| failed(error.to_string()))?;
        let (reader, repeats) = (Reader::resume(kept.readers), Repeats::of(kept.repeats));
        Ok(Learned::resume(engine, reader, repeats, kept.sources, kept.positions, kept.number))
    }

    /// The bytes of a snapshot.
    pub(crate) fn encode(&self, learned: &Learned) -> Result<Vec<u8>, SnapshotError> {
        let kept = Kept {
            version: VERSION,
            number: learned.number,
            sources: learned.sources.clone(),
            positions: learned.positions.clone(),
            readers: learned.reader.save(),
            repeats: learned.repeats.parts(),
            engine: learned.engine.snapshot(),
        };
        let path = self.path(learned.number);
        postcard::to_stdvec(&kept).map_err(|error| SnapshotError::File { path, source: io::Error::other(error) })
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("snapshot-{number:020}.vs"))
    }

    /// Writes a snapshot and removes those that are too old. Returns the number up to which the journal may be
    /// released: that of the oldest that stays.
    pub(crate) fn write(&self, number: u64, snapshot: &[u8]) -> Result<u64, SnapshotError> {
        let path = self.path(number);
        sealed::write(&path, &self.key, PURPOSE, snapshot).map_err(|source| SnapshotError::File { path, source })?;
        self.keep_only(GENERATIONS);
        // While there is only one, the journal behind nothing is what the other would be.
        Ok(self.files().get(GENERATIONS - 1).map_or(0, |(number, _)| *number))
    }

    /// Removes all but the youngest.
    pub(crate) fn keep_only(&self, generations: usize) {
        for (_, old) in self.files().iter().skip(generations) {
            if let Err(error) = fs::remove_file(old) {
                tracing::warn!(%error, file = %old.display(), "an old snapshot could not be removed");
            }
        }
    }
}

fn number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("snapshot-")?.strip_suffix(".vs")?.parse().ok()
}
