//! Merging: many small files become few large ones, whose row groups hold a span of time each.
//!
//! Files are merged in tiers, so that a row is rewritten a few times and not with every fresh file: eight files of a
//! tier become one of the next. Once a day is over, what is left of it is merged for good. Only files of one day of
//! receipt meet, in order of the time of their exchanges.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use vedette_model::Timestamp;
use vedette_model::limits::{LAKE_FILE_BYTES, LAKE_MERGE_FILES_MAX, LAKE_SLAB_ROWS_MAX};

use super::error::{LakeError, reasons};
use super::file::{self, Effort, FileWriter, Made};
use super::files::{DataFile, NO_DAY};
use super::maintain::Maintained;
use super::slab;
use super::table::{Change, Purpose};
use super::{Lake, blocking, unwritable};

/// Files of one tier that are merged into one of the next.
const FAN_IN: usize = 8;

/// How many times larger a tier's files are than those of the tier below.
const GROWTH: u64 = 8;

/// Largest file of the lowest tier, in bytes: what some minutes of a small installation bring.
const TIER_BYTES: u64 = 256 << 10;

impl Lake {
    /// Merges what is worth it. A file that cannot be read stays as it is, is told, and does not hold up the others.
    pub(super) async fn compact(&self, now: Timestamp, done: &mut Maintained) -> Result<(), LakeError> {
        let today = crate::row::day(now);
        let mut unreadable = BTreeSet::new();
        loop {
            let version = self.version();
            let files = version.files.iter().filter(|file| !unreadable.contains(&file.path)).cloned();
            let Some(group) = plan(files, today) else { break };
            let made = match self.merge(&group, today).await {
                Ok(made) => made,
                Err(Unmerged::File(path, error)) => {
                    tracing::error!(error = reasons(&error), "a file of the lake cannot be read and is left alone");
                    unreadable.insert(path);
                    continue;
                }
                Err(Unmerged::Lake(error)) => return Err(error),
            };
            done.merged_files += group.len();
            done.merged_into += made.len();
            let remove = group.iter().map(|file| file.path.clone()).collect();
            let mut table = self.table.lock().await;
            self.commit(&mut table, Change { purpose: Purpose::Merge, add: made, remove, seq: None, now }).await?;
        }
        done.unreadable_files = unreadable.len();
        Ok(())
    }

    /// Writes the rows of files of one day anew, in files of [`LAKE_FILE_BYTES`]. Holds one of the old files, one slab
    /// and one new file in memory.
    async fn merge(&self, group: &[Arc<DataFile>], today: i32) -> Result<Vec<DataFile>, Unmerged> {
        let bytes: u64 = group.iter().map(|file| file.size).sum();
        // What will be merged again soon is not worth the work.
        let last = bytes >= LAKE_FILE_BYTES as u64 / 2 || group.iter().any(|file| file.day < today);
        let effort = if last { Effort::Merged } else { Effort::Fresh };
        let mut made = Vec::new();
        let mut writer = None;
        let mut slab = Slab::default();
        for file in group {
            let unreadable = |error| Unmerged::File(file.path.clone(), Box::new(error));
            let bytes = self.fetch(&file.path).await.map_err(unreadable)?;
            let mut batches = file::read(bytes, file.day).map_err(|source| unreadable(self.damaged(file, source)))?;
            loop {
                let read = blocking(move || (batches.next(), batches)).await?;
                batches = read.1;
                let Some(batch) = read.0 else { break };
                slab.push(batch.map_err(|error| unreadable(self.damaged(file, error.into())))?);
                if slab.rows >= LAKE_SLAB_ROWS_MAX {
                    writer = self.write(writer, effort, std::mem::take(&mut slab), file.day, &mut made).await?;
                }
            }
        }
        if let Some(last) = group.last() {
            if slab.rows > 0 {
                writer = self.write(writer, effort, slab, last.day, &mut made).await?;
            }
            if let Some(writer) = writer {
                let done = blocking(move || writer.finish()).await?.map_err(unwritable)?;
                made.push(self.store(last.day, done).await?);
            }
        }
        Ok(made)
    }

    /// Appends a slab as a row group; a file that is large enough is stored, and the next one begins with the next slab.
    async fn write(
        &self,
        writer: Option<FileWriter>,
        effort: Effort,
        slab: Slab,
        day: i32,
        made: &mut Vec<DataFile>,
    ) -> Result<Option<FileWriter>, LakeError> {
        let work = move || -> Result<(Option<FileWriter>, Option<Made>), LakeError> {
            let mut writer = match writer {
                Some(writer) => writer,
                None => FileWriter::new(effort).map_err(unwritable)?,
            };
            let rows = slab::concat(&slab.batches).map_err(LakeError::Rows)?;
            drop(slab);
            writer.append(&rows).map_err(unwritable)?;
            if writer.size() < LAKE_FILE_BYTES {
                return Ok((Some(writer), None));
            }
            Ok((None, Some(writer.finish().map_err(unwritable)?)))
        };
        let (writer, done) = blocking(work).await??;
        if let Some(done) = done {
            made.push(self.store(day, done).await?);
        }
        Ok(writer)
    }

    pub(super) fn damaged(&self, file: &DataFile, source: datafusion::parquet::errors::ParquetError) -> LakeError {
        LakeError::Damaged { lake: self.place.name.to_string(), file: file.path.clone(), source: Box::new(source) }
    }
}

/// Why a group of files was not merged.
enum Unmerged {
    /// This one cannot be read.
    File(String, Box<LakeError>),
    /// Something else.
    Lake(LakeError),
}

impl From<LakeError> for Unmerged {
    fn from(error: LakeError) -> Self {
        Self::Lake(error)
    }
}

/// Rows that become one row group.
#[derive(Default)]
struct Slab {
    batches: Vec<RecordBatch>,
    rows: usize,
}

impl Slab {
    fn push(&mut self, batch: RecordBatch) {
        self.rows += batch.num_rows();
        self.batches.push(batch);
    }
}

/// Files to merge next, in order of time: the lowest tier that is full, or the rest of a day that is over.
fn plan(files: impl Iterator<Item = Arc<DataFile>>, today: i32) -> Option<Vec<Arc<DataFile>>> {
    let files: Vec<Arc<DataFile>> = files.filter(|file| file.day != NO_DAY).collect();
    let mut days: Vec<i32> = files.iter().map(|file| file.day).collect();
    days.sort_unstable();
    days.dedup();
    days.into_iter().find_map(|day| {
        let small = files.iter().filter(|file| file.day == day && file.size < LAKE_FILE_BYTES as u64 / 2);
        let mut small: Vec<Arc<DataFile>> = small.map(Arc::clone).collect();
        small.sort_by(|a, b| (a.at, &a.path).cmp(&(b.at, &b.path)));
        if day < today {
            small.truncate(LAKE_MERGE_FILES_MAX);
            return (small.len() > 1).then_some(small);
        }
        let (mut above, mut limit) = (0, TIER_BYTES);
        while above < LAKE_FILE_BYTES as u64 / 2 {
            // A tier is full by its own files; smaller ones go along, or each of them would rewrite a large one.
            if small.iter().filter(|file| (above..limit).contains(&file.size)).count() >= FAN_IN {
                small.retain(|file| file.size < limit);
                small.truncate(LAKE_MERGE_FILES_MAX);
                return Some(small);
            }
            (above, limit) = (limit, limit * GROWTH);
        }
        None
    })
}

#[cfg(test)]
mod tests;
