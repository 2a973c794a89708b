//! What keeps the lake small and its log short: retention, merging, removal of what nobody reads, checkpoints.

use std::time::{Duration, UNIX_EPOCH};

use futures::{StreamExt as _, TryStreamExt as _};
use object_store::ObjectMeta;
use object_store::path::Path;
use vedette_model::Timestamp;
use vedette_model::limits::{LAKE_COMMITS_PER_CHECKPOINT, LAKE_READERS_SECS};

use super::durable::sweep;
use super::error::LakeError;
use super::table::{Change, Purpose};
use super::{Lake, blocking};

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
    /// Files that could not be read to be merged; they stay, and the log says why.
    pub unreadable_files: usize,
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
        self.compact(now, &mut done).await?;
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
        let table = self.table.lock().await;
        let dispensable = listed.into_iter().filter(|file| {
            let path = file.location.as_ref();
            let left = table.left(path).unwrap_or(Timestamp(file.last_modified.timestamp_micros()));
            !table.has(path) && left < limit
        });
        let dispensable: Vec<Path> = dispensable.map(|file| file.location).collect();
        // Names are never used twice, so nothing brings such a file back meanwhile.
        drop(table);
        let removed = self.remove(&dispensable).await?;
        self.table.lock().await.forget(&dispensable);
        if let Some(folder) = self.place.folder.clone() {
            let before = UNIX_EPOCH + Duration::from_micros(u64::try_from(limit.0).unwrap_or(0));
            blocking(move || sweep(&folder, before)).await?;
        }
        Ok(removed)
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

    /// Removes files that no version has; one that is gone already is no error.
    pub(super) async fn remove(&self, paths: &[Path]) -> Result<usize, LakeError> {
        let named = futures::stream::iter(paths.to_vec()).map(Ok).boxed();
        let mut outcomes = self.place.files.delete_stream(named);
        while let Some(outcome) = outcomes.next().await {
            match outcome {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(source) => return Err(self.storage("remove", "files that nobody needs", source)),
            }
        }
        Ok(paths.len())
    }
}

fn before(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp(now.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
}
