//! What keeps the lake small and its log short: retention, merging, removal of what nobody reads, checkpoints.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::TryStreamExt as _;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt as _};
use vedette_model::Timestamp;
use vedette_model::limits::{LAKE_COMMITS_PER_CHECKPOINT, LAKE_READERS_SECS};

use super::Lake;
use super::error::LakeError;
use super::table::{Change, Purpose, Table};

/// Log files are kept this long after a checkpoint made them dispensable, so that other engines can look back.
const LOG_KEPT: Duration = Duration::from_hours(24);

/// What a round of upkeep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Files whose day is past the retention, dropped from the table.
    pub expired_files: usize,
    /// Rows that went with them.
    pub expired_rows: u64,
    /// Small files that were merged.
    pub merged_files: usize,
    /// Files that they were merged into.
    pub merged_into: usize,
    /// Files that no version needs any more, removed from the disk.
    pub removed_files: usize,
    /// A checkpoint of the log was written.
    pub checkpoint: bool,
}

impl Lake {
    /// One round of upkeep, to be called every few minutes. Appends and queries go on meanwhile. Queries that began
    /// more than [`LAKE_READERS_SECS`] before may find a file gone.
    pub async fn maintain(&self, now: Timestamp) -> Result<Maintained, LakeError> {
        let _upkeep = self.upkeep.lock().await;
        let mut done = Maintained::default();
        (done.expired_files, done.expired_rows) = self.expire(now).await?;
        (done.merged_files, done.merged_into) = self.compact(now).await?;
        done.checkpoint = self.shorten(now).await?;
        done.removed_files = self.vacuum(now).await?;
        Ok(done)
    }

    /// Drops days that are past the retention.
    async fn expire(&self, now: Timestamp) -> Result<(usize, u64), LakeError> {
        let kept_micros = i64::try_from(self.retention.as_micros()).unwrap_or(i64::MAX);
        let first_day = crate::row::day(Timestamp(now.0.saturating_sub(kept_micros)));
        let mut table = self.table.lock().await;
        let expired: Vec<_> = table.files().filter(|file| file.day < first_day).cloned().collect();
        if expired.is_empty() {
            return Ok((0, 0));
        }
        let rows = expired.iter().map(|file| file.rows.unwrap_or(0) as u64).sum();
        let remove = expired.iter().map(|file| file.path.clone()).collect();
        self.commit(&mut table, Change { purpose: Purpose::Drop, add: Vec::new(), remove, seq: None, now }).await?;
        Ok((expired.len(), rows))
    }

    /// Writes a checkpoint now and then, so that opening the table reads few files.
    async fn shorten(&self, now: Timestamp) -> Result<bool, LakeError> {
        let mut table = self.table.lock().await;
        if table.commits() < LAKE_COMMITS_PER_CHECKPOINT {
            return Ok(false);
        }
        table.checkpoint(before(now, LOG_KEPT)).await?;
        Ok(true)
    }

    /// Removes files that left the table long enough ago for every reader to be done, and files of writes that never
    /// became a version.
    async fn vacuum(&self, now: Timestamp) -> Result<usize, LakeError> {
        let listed = self.data_files().await?;
        let limit = before(now, Duration::from_secs(LAKE_READERS_SECS));
        let mut table = self.table.lock().await;
        let dispensable = listed.into_iter().filter(|file| {
            let path = file.location.as_ref();
            let left = table.left(path).unwrap_or(Timestamp(file.last_modified.timestamp_micros()));
            !table.has(path) && left < limit
        });
        let dispensable: Vec<Path> = dispensable.map(|file| file.location).collect();
        self.remove(&mut table, &dispensable).await
    }

    /// Every Parquet file below the table's folder, whether a version knows it or not. The log is left out.
    pub(super) async fn data_files(&self) -> Result<Vec<ObjectMeta>, LakeError> {
        let listed: Vec<ObjectMeta> =
            self.place.files.list(None).try_collect().await.map_err(|source| self.storage("list", "", source))?;
        let parquet = |file: &ObjectMeta| {
            let path = file.location.as_ref();
            path.ends_with(".parquet") && !path.starts_with("_delta_log/")
        };
        Ok(listed.into_iter().filter(parquet).collect())
    }

    /// Removes files that no version has.
    pub(super) async fn remove(&self, table: &mut Table, paths: &[Path]) -> Result<usize, LakeError> {
        let distinct: BTreeSet<&Path> = paths.iter().collect();
        for path in &distinct {
            match self.place.files.delete(path).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => table.forget(path.as_ref()),
                Err(source) => return Err(self.storage("remove", path.as_ref(), source)),
            }
        }
        Ok(distinct.len())
    }
}

fn before(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp(now.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
}
