//! Texts that are no lines (HAR documents, captures): read from the start as `analyze` reads them, without the records
//! that were handed over before.

use std::path::Path;
use std::sync::Arc;

use vedette_parse::capture::KeyLog;
use vedette_parse::decode::Decoder;

use crate::batch::{Batch, Records};
use crate::sources::{Ledger, Options, Sources};

/// A reading of one file.
pub(super) struct Whole {
    sources: Sources,
    ledger: Ledger,
}

impl Whole {
    pub(super) fn open(path: &Path, decoder: Option<&Decoder>, keys: Option<&Arc<KeyLog>>) -> Self {
        let options = Options { decoder: decoder.cloned(), keys: keys.cloned() };
        let sources = Sources::open(&[path.to_owned()], options);
        Self { ledger: sources.ledger(), sources }
    }

    /// The next records after the first `done`; the buffers back when there are no more.
    pub(super) fn next(&mut self, mut records: Records, done: u64) -> Result<Batch, Records> {
        loop {
            records.clear();
            let Some(mut batch) = self.sources.next(std::mem::take(&mut records)) else { return Err(records) };
            let read_before = done.saturating_sub(batch.first_record);
            if read_before < batch.count() {
                batch.drop_first(read_before);
                return Ok(batch);
            }
            records = batch.recycle();
        }
    }

    /// What went wrong, once it was read to its end.
    pub(super) fn problem(&self) -> Option<String> {
        self.ledger.sources().into_iter().flat_map(|source| source.problems).next()
    }

    /// Records that were too long.
    pub(super) fn too_long(&self) -> Vec<vedette_model::results::UnreadableSample> {
        self.ledger.sources().into_iter().flat_map(|source| source.unreadable_samples).collect()
    }
}
