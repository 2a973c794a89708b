//! Removing a person: every row of an actor or an address, from every file that is there, with proof.
//!
//! Files that hold such rows are written anew without them. Then everything that is not the newest version goes: files
//! of older versions, files of writes that never became a version, and the log before a checkpoint. At last all files
//! are read again. The log holds no bounds of actors or addresses and file names are random, so nothing is left in them
//! either; the proof looks all the same.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::error::ArrowError;
use futures::TryStreamExt as _;
use object_store::path::Path;
use tokio_util::bytes::Bytes;
use vedette_model::Timestamp;

use super::error::LakeError;
use super::file::{self, Effort, FileWriter, Made};
use super::files::DataFile;
use super::table::{Change, Purpose};
use super::{Lake, blocking, slab, unwritable};

/// Whose rows go: those of any of these actors or addresses. A user is erased by the actors that the user was.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Actors as queries show them (`a-0123456789ab`).
    pub actors: Vec<String>,
    /// Addresses.
    pub client_ips: Vec<IpAddr>,
}

/// 9999-12-31T23:59:59Z: everything before the checkpoint goes, whatever the clock of the store wrote on it.
const END_OF_TIME: Timestamp = Timestamp(253_402_300_799_000_000);

/// What an erasure did, and what a search afterwards found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Erased {
    /// Rows that went.
    pub rows: u64,
    /// Files that were written anew without them.
    pub files_rewritten: usize,
    /// Data files removed: those that were rewritten, and all that only older versions had.
    pub files_removed: usize,
    /// Data files that are there now, all of which were read again.
    pub files_searched: usize,
    /// Rows of the subject in them. Anything but 0 means that an append brought new ones meanwhile: erase again.
    pub rows_left: u64,
    /// Files of the log that name the subject. Always 0 unless another engine wrote to the table.
    pub log_files_left: usize,
}

impl Lake {
    /// Removes every row of a subject, and every file that could still hold one. Older versions of the table cannot be
    /// read afterwards, and queries that are running may find a file gone. When this returns, it is durable.
    pub async fn erase(&self, subject: &Subject, now: Timestamp) -> Result<Erased, LakeError> {
        let _upkeep = self.upkeep.lock().await;
        let wanted = Arc::new(Wanted::of(subject));
        let mut done = Erased::default();
        for file in &self.version().files {
            let bytes = self.fetch(&file.path).await?;
            let (search, day) = (Arc::clone(&wanted), file.day);
            let without = blocking(move || without(bytes, day, &search)).await?;
            let (rows, made) = without.map_err(|error| error.into_lake(self, file))?;
            if rows == 0 {
                continue;
            }
            done.rows += rows;
            done.files_rewritten += 1;
            let add = match made {
                Some(made) => vec![self.store(file.day, made).await?],
                None => Vec::new(),
            };
            let remove = vec![file.path.clone()];
            let mut table = self.table.lock().await;
            self.commit(&mut table, Change { purpose: Purpose::Drop, add, remove, seq: None, now }).await?;
        }
        done.files_removed = self.purge().await?;
        self.prove(&wanted, &mut done).await?;
        Ok(done)
    }

    /// Leaves nothing but the newest version. No append may write meanwhile: its files would be taken for leftovers.
    async fn purge(&self) -> Result<usize, LakeError> {
        let mut table = self.table.lock().await;
        let listed = self.data_files().await?;
        let old: Vec<Path> =
            listed.into_iter().map(|file| file.location).filter(|path| !table.has(path.as_ref())).collect();
        let removed = self.remove(&old).await?;
        table.forget(&old);
        table.checkpoint(END_OF_TIME).await?;
        *self.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(table.view());
        Ok(removed)
    }

    async fn prove(&self, wanted: &Arc<Wanted>, done: &mut Erased) -> Result<(), LakeError> {
        for found in self.data_files().await? {
            let path = found.location.to_string();
            let bytes = self.fetch(&path).await?;
            let search = Arc::clone(wanted);
            let file = DataFile::unknown(path);
            let rows = blocking(move || count(bytes, &search)).await?;
            done.rows_left += rows.map_err(|error| error.into_lake(self, &file))?;
            done.files_searched += 1;
        }
        let log = Path::from("_delta_log");
        let listed: Vec<_> = self
            .place
            .files
            .list(Some(&log))
            .try_collect()
            .await
            .map_err(|source| self.storage("list", "_delta_log", source))?;
        for file in listed.into_iter().filter(|file| file.location.extension() == Some("json")) {
            let bytes = self.fetch(file.location.as_ref()).await?;
            let text = String::from_utf8_lossy(&bytes);
            let named =
                wanted.actors.iter().chain(&wanted.client_ips).any(|name| text.contains(&format!("\"{name}\"")));
            done.log_files_left += usize::from(named);
        }
        Ok(())
    }
}

/// The subject as columns hold it.
struct Wanted {
    actors: BTreeSet<String>,
    client_ips: BTreeSet<String>,
}

impl Wanted {
    fn of(subject: &Subject) -> Self {
        Self {
            actors: subject.actors.iter().cloned().collect(),
            client_ips: subject.client_ips.iter().map(ToString::to_string).collect(),
        }
    }

    /// For each row, whether it is the subject's.
    fn in_rows(&self, rows: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        let (actors, ips) = (of_words(rows, "actor", &self.actors)?, of_words(rows, "client_ip", &self.client_ips)?);
        Ok(actors.into_iter().zip(ips).map(|(actor, ip)| Some(actor || ip)).collect())
    }
}

/// For each row whether its text is one of a set; the set is looked up once per distinct text.
fn of_words(rows: &RecordBatch, column: &str, wanted: &BTreeSet<String>) -> Result<Vec<bool>, ArrowError> {
    let words = slab::words(rows, column)?;
    let values = words.values().as_string::<i32>();
    let hits: Vec<bool> = values.iter().map(|value| value.is_some_and(|value| wanted.contains(value))).collect();
    let hit = |key: Option<i32>| key.and_then(|key| hits.get(key as usize)).copied().unwrap_or(false);
    Ok(words.keys().iter().map(hit).collect())
}

enum Failure {
    Damaged(datafusion::parquet::errors::ParquetError),
    Lake(LakeError),
}

impl Failure {
    fn into_lake(self, lake: &Lake, file: &DataFile) -> LakeError {
        match self {
            Self::Damaged(source) => lake.damaged(file, source),
            Self::Lake(error) => error,
        }
    }
}

/// Rows of the subject in a file, and the file without them: nothing when there are none, or no other rows.
fn without(bytes: Bytes, day: i32, wanted: &Wanted) -> Result<(u64, Option<Made>), Failure> {
    let erased = count(bytes.clone(), wanted)?;
    if erased == 0 {
        return Ok((0, None));
    }
    let unwritable = |error| Failure::Lake(unwritable(error));
    let mut writer = FileWriter::new(Effort::Merged).map_err(unwritable)?;
    let mut slab: Vec<RecordBatch> = Vec::new();
    let mut rows = 0;
    // Row groups stay what they were, a span of time each.
    for group in file::read_groups(bytes, day).map_err(Failure::Damaged)? {
        for batch in group.map_err(Failure::Damaged)? {
            let batch = batch.map_err(|error| Failure::Damaged(error.into()))?;
            let keep = wanted.in_rows(&batch).and_then(|theirs| datafusion::arrow::compute::not(&theirs));
            let kept = keep.and_then(|keep| filter_record_batch(&batch, &keep));
            slab.push(kept.map_err(|error| Failure::Lake(LakeError::Rows(error)))?);
        }
        let others = slab::concat(&slab).map_err(|error| Failure::Lake(LakeError::Rows(error)))?;
        slab.clear();
        if others.num_rows() > 0 {
            rows += others.num_rows();
            writer.append(&others).map_err(unwritable)?;
        }
    }
    if rows == 0 {
        return Ok((erased, None));
    }
    Ok((erased, Some(writer.finish().map_err(unwritable)?)))
}

/// Rows of the subject in a file.
fn count(bytes: Bytes, wanted: &Wanted) -> Result<u64, Failure> {
    let mut found = 0;
    for batch in file::read_columns(bytes, &["actor", "client_ip"]).map_err(Failure::Damaged)? {
        let batch = batch.map_err(|error| Failure::Damaged(error.into()))?;
        let theirs = wanted.in_rows(&batch).map_err(|error| Failure::Lake(LakeError::Rows(error)))?;
        found += theirs.true_count() as u64;
    }
    Ok(found)
}
