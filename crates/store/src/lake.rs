//! The lake: every exchange, for 30 days or as long as configured, in a Delta Lake table that any engine reads.
//!
//! A tenant has one [`Lake`], and one process writes to it. Rows come in batches with the number of the last journal
//! batch in them ([`Lake::append`]): files and number are one commit, so a batch is in the table exactly once whatever
//! happens. Queries see an immutable version of the table plus the rows that are not in it yet ([`Lake::provider`]).
//! In the background small files are merged, old days dropped and what nobody reads any more removed
//! ([`Lake::maintain`]); a person's rows are removed with proof ([`Lake::erase`]).
//!
//! There is no clock here: `now` comes from the caller. Nothing holds more in memory than the rows that it was given, or
//! a slab and a file of what it merges.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::error::ArrowError;
use datafusion::catalog::TableProvider;
use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use tokio::sync::Mutex;
use vedette_model::Timestamp;

mod compact;
mod durable;
mod erase;
mod error;
mod file;
mod files;
mod maintain;
mod place;
mod provider;
mod slab;
mod table;

use file::{Effort, FileWriter, Made};
use files::{DataFile, Version};
use place::Place;
use provider::LakeTable;
use table::{Change, Purpose, Table};

pub use erase::{Erased, Subject};
pub use error::LakeError;
pub use maintain::Maintained;
pub use place::S3Access;

/// Where a lake is and how long it keeps.
#[derive(Clone, Debug)]
pub struct LakeConfig {
    /// A folder, or `s3://bucket/prefix`; one table each.
    pub place: String,
    /// How to reach S3.
    pub s3: S3Access,
    /// How long exchanges are kept after receipt, in whole days.
    pub retention: Duration,
}

impl LakeConfig {
    /// 30 days in a folder or at `s3://bucket/prefix`.
    pub fn new(place: impl Into<String>) -> Self {
        Self { place: place.into(), s3: S3Access::default(), retention: Duration::from_hours(30 * 24) }
    }
}

/// One tenant's exchanges. Shared behind an `Arc`; every method may be called at any time.
pub struct Lake {
    place: Place,
    retention: Duration,
    /// Who holds it commits.
    table: Mutex<Table>,
    /// What queries see; follows `table`.
    current: RwLock<Arc<Version>>,
    /// Merging and erasing rewrite files, one after the other.
    upkeep: Mutex<()>,
    /// Name of this lake's files for DataFusion.
    store: datafusion::execution::object_store::ObjectStoreUrl,
}

/// What an append did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Rows that are in the table now and were not before.
    pub rows: usize,
    /// Files they are in.
    pub files: usize,
    /// Bytes of these files.
    pub bytes: u64,
}

impl Lake {
    /// Opens a lake, makes it when there is none, and extends its schema when it was made by an older version. Needs a
    /// Tokio runtime.
    pub async fn open(config: LakeConfig) -> Result<Self, LakeError> {
        Self::at(Place::open(&config.place, &config.s3)?, config.retention).await
    }

    async fn at(place: Place, retention: Duration) -> Result<Self, LakeError> {
        let table = Table::open(place.clone()).await?;
        let current = RwLock::new(Arc::new(table.view()));
        let store = provider::store_url();
        Ok(Self { place, retention, table: Mutex::new(table), current, upkeep: Mutex::new(()), store })
    }

    /// Number of the last journal batch whose exchanges are all in the table, 0 for none.
    pub fn committed_seq(&self) -> u64 {
        self.version().committed
    }

    /// Version of the Delta table that queries see now.
    pub fn table_version(&self) -> u64 {
        self.version().number
    }

    /// Rows in the table, when its log says.
    pub fn rows(&self) -> u64 {
        self.version().files.iter().map(|file| file.rows.unwrap_or(0) as u64).sum()
    }

    /// Files of the table and their bytes.
    pub fn size(&self) -> (usize, u64) {
        let version = self.version();
        (version.files.len(), version.files.iter().map(|file| file.size).sum())
    }

    /// Puts rows into the table, in one commit that also says that every journal batch up to `journal_seq` is in it.
    /// Rows of batches that are there already are left out, so the caller may repeat itself after a crash or an error.
    /// When this returns, the rows are durable. Batches are of [`crate::row::RowBuffer::schema`].
    pub async fn append(&self, batches: Vec<RecordBatch>, journal_seq: u64) -> Result<Appended, LakeError> {
        let mut table = self.table.lock().await;
        match self.append_above(&mut table, batches.clone(), journal_seq).await {
            // Another process brought some of these rows; now it is known which.
            Err(LakeError::Raced { .. }) => self.append_above(&mut table, batches, journal_seq).await,
            outcome => outcome,
        }
    }

    async fn append_above(
        &self,
        table: &mut Table,
        batches: Vec<RecordBatch>,
        journal_seq: u64,
    ) -> Result<Appended, LakeError> {
        let committed = table.committed();
        if journal_seq <= committed {
            return Ok(Appended::default());
        }
        let (now, made) = blocking(move || encode(&batches, committed)).await??;
        let mut add = Vec::with_capacity(made.len());
        let mut appended = Appended::default();
        for (day, made) in made {
            appended.rows += made.rows;
            appended.files += 1;
            appended.bytes += made.bytes.len() as u64;
            add.push(self.store(day, made).await?);
        }
        let change = Change { purpose: Purpose::Append, add, remove: Vec::new(), seq: Some(journal_seq), now };
        self.commit(table, change).await?;
        Ok(appended)
    }

    /// The table as a query sees it: the current version, and those rows of `tail` that are not in it. The tail must
    /// hold every row that was taken and of which [`Self::append`] has not returned yet; then a query sees each row
    /// exactly once, also while an append is on its way. Batches are of [`crate::row::RowBuffer::schema`].
    pub fn provider(&self, tail: Vec<RecordBatch>) -> Arc<dyn TableProvider> {
        Arc::new(LakeTable::new(self.store.clone(), Arc::clone(&self.place.files), self.version(), tail))
    }

    fn version(&self) -> Arc<Version> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn commit(&self, table: &mut Table, change: Change) -> Result<(), LakeError> {
        let committed = table.commit(change).await;
        // Also after an error: the table may have learned of somebody else's version.
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table.view());
        committed
    }

    /// Writes a file under a new name. Until a commit names it nobody sees it.
    async fn store(&self, day: i32, made: Made) -> Result<DataFile, LakeError> {
        let file = DataFile::of(&made, day);
        let path = Path::from(file.path.as_str());
        self.place
            .files
            .put(&path, made.bytes.into())
            .await
            .map_err(|source| self.storage("write", &file.path, source))?;
        Ok(file)
    }

    /// The content of a file of the table.
    async fn fetch(&self, path: &str) -> Result<tokio_util::bytes::Bytes, LakeError> {
        let failed = |source| self.storage("read", path, source);
        self.place.files.get(&Path::from(path)).await.map_err(failed)?.bytes().await.map_err(failed)
    }

    fn storage(&self, action: &'static str, file: &str, source: object_store::Error) -> LakeError {
        LakeError::Storage {
            lake: self.place.name.to_string(),
            action,
            file: file.to_owned(),
            source: Box::new(source),
        }
    }
}

impl std::fmt::Debug for Lake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lake").field("place", &self.place.name).finish_non_exhaustive()
    }
}

/// When the last of the rows was received, and files of them, one per day of receipt. A file's row groups hold a slab
/// each, so that a long tail costs no more memory than a short one.
fn encode(batches: &[RecordBatch], committed: u64) -> Result<(Timestamp, Vec<(i32, Made)>), LakeError> {
    let mut writers: BTreeMap<i32, FileWriter> = BTreeMap::new();
    let mut now = 0;
    for batches in slab::groups(batches) {
        let fresh = batches.iter().map(|batch| slab::above(batch, committed)).collect::<Result<Vec<_>, _>>();
        let rows = fresh.and_then(|fresh| slab::concat(&fresh)).map_err(LakeError::Rows)?;
        now = slab::times(&rows, "received_at").map_err(LakeError::Rows)?.iter().copied().fold(now, i64::max);
        for (day, rows) in slab::by_day(&rows).map_err(LakeError::Rows)? {
            let writer = match writers.entry(day) {
                Entry::Occupied(writer) => writer.into_mut(),
                Entry::Vacant(place) => place.insert(FileWriter::new(Effort::Fresh).map_err(unwritable)?),
            };
            writer.append(&rows).map_err(unwritable)?;
        }
    }
    let made = writers.into_iter().map(|(day, writer)| Ok((day, writer.finish().map_err(unwritable)?)));
    Ok((Timestamp(now), made.collect::<Result<_, LakeError>>()?))
}

/// Runs what would hold up the async runtime.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, LakeError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| LakeError::Interrupted)
}

/// A Parquet file that cannot be made from rows of our own schema is a defect.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unwritable(error: datafusion::parquet::errors::ParquetError) -> LakeError {
    LakeError::Rows(ArrowError::ParquetError(error.to_string()))
}

#[cfg(test)]
mod tests;
