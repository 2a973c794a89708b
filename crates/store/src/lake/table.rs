//! The Delta table itself: its log, the files that a version has, and how a version follows another.
//!
//! `deltalake` reads the log when the table is opened and writes checkpoints. Between them a commit is one log file that
//! is written if no other took its number, and the list of files is kept up here: no handle lives long enough to grow.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deltalake::DeltaTable;
use deltalake::checkpoints::{cleanup_expired_logs_for, create_checkpoint};
use deltalake::kernel::transaction::{CommitData, TransactionError};
use deltalake::kernel::{Action, Add, Remove, Transaction};
use deltalake::logstore::CommitOrBytes;
use deltalake::protocol::{DeltaOperation, SaveMode};
use futures::TryStreamExt as _;
use object_store::path::Path;
use uuid::Uuid;
use vedette_model::Timestamp;
use vedette_model::limits::LAKE_FILE_BYTES;

use super::error::{LakeError, reasons};
use super::files::{DataFile, Version};
use super::place::Place;
use crate::schema::PARTITION;

mod create;

/// Name under which commits carry the journal's sequence number.
const APPLICATION: &str = "vedette-journal";

/// Times that a commit is tried again after somebody else took its number. Nobody else should write at all.
const TRIES_MAX: usize = 5;

/// The table as of its last version known here. Whoever holds it commits.
pub(super) struct Table {
    place: Place,
    version: u64,
    committed: u64,
    files: BTreeMap<String, Arc<DataFile>>,
    /// Files that left the table and may still be read by somebody, with when they left.
    removed: BTreeMap<String, Timestamp>,
    /// Commits since the last checkpoint.
    commits: u64,
}

/// What a commit does.
pub(super) struct Change {
    /// Why, for the table's history. It must not name a person.
    pub(super) purpose: Purpose,
    /// Files that come.
    pub(super) add: Vec<DataFile>,
    /// Files that go.
    pub(super) remove: Vec<String>,
    /// Last journal batch that is in the files that come.
    pub(super) seq: Option<u64>,
    /// When files go.
    pub(super) now: Timestamp,
}

/// Why a version was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// New exchanges.
    Append,
    /// The same rows in fewer files.
    Merge,
    /// Rows go for good.
    Drop,
}

impl Table {
    /// Opens the table, makes it when there is none, and extends one of an older schema.
    pub(super) async fn open(place: Place) -> Result<Self, LakeError> {
        let delta = create::ensure(&place).await?;
        let mut table =
            Self { place, version: 0, committed: 0, files: BTreeMap::new(), removed: BTreeMap::new(), commits: 0 };
        table.take(&delta).await?;
        Ok(table)
    }

    /// What readers see.
    pub(super) fn view(&self) -> Version {
        Version { number: self.version, committed: self.committed, files: self.files.values().cloned().collect() }
    }

    /// Last journal batch in the table, 0 for none.
    pub(super) fn committed(&self) -> u64 {
        self.committed
    }

    /// Commits since the last checkpoint.
    pub(super) fn commits(&self) -> u64 {
        self.commits
    }

    /// Files of the current version.
    pub(super) fn files(&self) -> impl Iterator<Item = &Arc<DataFile>> {
        self.files.values()
    }

    /// True when the current version has the file.
    pub(super) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// When a file left the table, if that is not yet forgotten.
    pub(super) fn left(&self, path: &str) -> Option<Timestamp> {
        self.removed.get(path).copied()
    }

    /// Forgets files that left the table.
    pub(super) fn forget(&mut self, paths: &[Path]) {
        for path in paths {
            self.removed.remove(path.as_ref());
        }
    }

    /// Makes a version. When this returns, it is durable and complete, or nothing of it is in the table. A version
    /// whose outcome the store did not tell is looked up.
    pub(super) async fn commit(&mut self, change: Change) -> Result<(), LakeError> {
        let actions = change.actions();
        let transactions = change.seq.map(|seq| Transaction::new(APPLICATION, seq.cast_signed()));
        let transactions = transactions.into_iter().collect();
        let data = CommitData::new(actions, change.purpose.operation(), HashMap::new(), transactions);
        let bytes = data.get_bytes().map_err(|error| self.log_error("prepare a version", error.into()))?;
        let log = Arc::clone(&self.place.log);
        for _ in 0..TRIES_MAX {
            let entry = CommitOrBytes::LogBytes(bytes.clone());
            match log.write_commit_entry(self.version + 1, entry, Uuid::now_v7()).await {
                Ok(()) => {
                    self.apply(change);
                    return Ok(());
                }
                Err(TransactionError::VersionAlreadyExists(version)) => {
                    tracing::warn!(lake = %self.place.name, version, "somebody else wrote a version of the lake");
                    let committed = self.committed;
                    self.load().await?;
                    if self.holds(&change) {
                        return Ok(());
                    }
                    let rows_came = change.seq.is_some() && self.committed != committed;
                    if rows_came || change.remove.iter().any(|path| !self.has(path)) {
                        return Err(LakeError::Raced { lake: self.place.name.to_string() });
                    }
                }
                Err(error) => {
                    let error = self.log_error("write a version", error.into());
                    if self.load().await.is_ok() && self.holds(&change) {
                        tracing::warn!(lake = %self.place.name, error = reasons(&error), "a version was written all the same");
                        return Ok(());
                    }
                    return Err(error);
                }
            }
        }
        Err(LakeError::Raced { lake: self.place.name.to_string() })
    }

    /// Writes a checkpoint and drops log files before it that are older than `logs_before`.
    pub(super) async fn checkpoint(&mut self, logs_before: Timestamp) -> Result<(), LakeError> {
        let table = self.delta().await?;
        let version = table.version().unwrap_or(self.version);
        create_checkpoint(&table, None).await.map_err(|error| self.log_error("write a checkpoint", error))?;
        let cutoff_millis = logs_before.0.div_euclid(1_000);
        cleanup_expired_logs_for(version, self.place.log.as_ref(), cutoff_millis, None)
            .await
            .map_err(|error| self.log_error("remove old files of the log", error))?;
        self.load().await?;
        self.commits = 0;
        Ok(())
    }

    /// Reads the table's newest version.
    pub(super) async fn load(&mut self) -> Result<(), LakeError> {
        let table = self.delta().await?;
        self.take(&table).await
    }

    /// Takes over what `deltalake` read.
    async fn take(&mut self, table: &DeltaTable) -> Result<(), LakeError> {
        let log = Arc::clone(&self.place.log);
        let error = |error| self.log_error("read the log", error);
        let state = table.snapshot().map_err(error)?;
        let committed = state.transaction_version(log.as_ref(), APPLICATION).await.map_err(error)?;
        let data = state.log_data();
        let known = data.iter().map(|view| DataFile::from_view(&view));
        let files = known.map(|file| (file.path.clone(), Arc::new(file))).collect();
        let tombstones: Vec<_> = state.all_tombstones(log.as_ref()).try_collect().await.map_err(error)?;
        let removed = tombstones.iter().filter_map(|tombstone| {
            let at = tombstone.deletion_timestamp()?;
            Some((tombstone.path().into_owned(), Timestamp(at.saturating_mul(1_000))))
        });
        self.removed = removed.collect();
        self.files = files;
        self.committed = committed.map_or(0, i64::cast_unsigned);
        self.version = state.version();
        Ok(())
    }

    async fn delta(&self) -> Result<DeltaTable, LakeError> {
        let mut table = DeltaTable::new(Arc::clone(&self.place.log));
        table.load().await.map_err(|error| self.log_error("read the log", error))?;
        Ok(table)
    }

    fn apply(&mut self, change: Change) {
        self.version += 1;
        self.commits += 1;
        self.committed = self.committed.max(change.seq.unwrap_or(0));
        for path in change.remove {
            self.files.remove(&path);
            self.removed.insert(path, change.now);
        }
        for file in change.add {
            self.files.insert(file.path.clone(), Arc::new(file));
        }
    }

    /// True when the current version is what a change makes of it.
    fn holds(&self, change: &Change) -> bool {
        let came = change.add.iter().all(|file| self.has(&file.path));
        let gone = change.remove.iter().all(|path| !self.has(path));
        let counted = change.seq.is_none_or(|seq| seq <= self.committed);
        came && gone && counted && (!change.add.is_empty() || !change.remove.is_empty() || change.seq.is_some())
    }

    fn log_error(&self, action: &'static str, source: deltalake::DeltaTableError) -> LakeError {
        LakeError::Log { lake: self.place.name.to_string(), action, source: Box::new(source) }
    }
}

impl Change {
    fn actions(&self) -> Vec<Action> {
        let millis = self.now.0.div_euclid(1_000);
        let data_change = self.purpose != Purpose::Merge;
        let gone = self.remove.iter().map(|path| {
            Action::Remove(Remove {
                path: path.clone(),
                data_change,
                deletion_timestamp: Some(millis),
                extended_file_metadata: None,
                partition_values: None,
                size: None,
                tags: None,
                deletion_vector: None,
                base_row_id: None,
                default_row_commit_version: None,
            })
        });
        let come = self.add.iter().map(|file| {
            Action::Add(Add {
                path: file.path.clone(),
                partition_values: HashMap::from([(PARTITION.to_owned(), Some(file.day_text()))]),
                size: file.size.cast_signed(),
                modification_time: millis,
                data_change,
                stats: Some(file.statistics_json.to_string()),
                tags: None,
                deletion_vector: None,
                base_row_id: None,
                default_row_commit_version: None,
                clustering_provider: None,
            })
        });
        gone.chain(come).collect()
    }
}

impl Purpose {
    fn operation(self) -> DeltaOperation {
        match self {
            Self::Append => DeltaOperation::Write {
                mode: SaveMode::Append,
                partition_by: Some(vec![PARTITION.to_owned()]),
                predicate: None,
            },
            Self::Merge => DeltaOperation::Optimize {
                predicate: None,
                target_size: i64::try_from(LAKE_FILE_BYTES).unwrap_or(i64::MAX),
            },
            Self::Drop => DeltaOperation::Delete { predicate: None },
        }
    }
}
