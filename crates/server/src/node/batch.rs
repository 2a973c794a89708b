//! What goes through the journal: records of one source as they came.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use vedette_model::Timestamp;
use vedette_store::journal::{Entry, JournalError};

/// Records of one source, on their way to be learned from.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Stable id of the source (`push`, `file:/var/log/nginx/access.log`).
    pub source: String,
    /// How the records are read, as `Decoder::describe` writes it.
    pub format: String,
    /// Where the source goes on after this batch; kept with the data (exactly once).
    pub position: Option<Position>,
    /// Names the batch within its source: one with the same name is not learned again.
    pub event_id: Option<String>,
    /// When it arrived here.
    pub received_at: Timestamp,
    /// Whole records, one after another, each with its line end.
    pub records: Vec<u8>,
}

/// A place in a log or a partition, in its source's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// What it is a place in, within all sources of a node.
    pub key: String,
    /// The place.
    pub place: String,
}

/// The part of a batch that is not the records, as the journal keeps it.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    source: &'a str,
    format: &'a str,
    position: Option<Cow<'a, Position>>,
    event_id: Option<&'a str>,
    received_at: i64,
}

/// What became of a batch. It is durable and learned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Number of its journal entry.
    pub number: u64,
    /// Exchanges that were new.
    pub accepted: u64,
    /// Exchanges whose event id had been there.
    pub repeated: u64,
    /// Records that could not be read.
    pub refused: u64,
    /// The first of them: zero-based record of the batch, why, and its beginning, masked.
    pub refusals: Vec<Refusal>,
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Zero-based record of the batch.
    pub record: u64,
    /// Why: a lowercase fragment.
    pub reason: String,
    /// Its beginning, masked.
    pub sample: String,
}

/// A batch with somebody who waits for its receipt.
pub(crate) struct Submission {
    pub(crate) batch: Batch,
    pub(crate) reply: oneshot::Sender<Result<Receipt, JournalError>>,
}

impl Entry for Submission {
    fn write_to(&self, out: &mut Vec<u8>) {
        self.batch.write_to(out);
    }

    fn bytes(&self) -> usize {
        self.batch.records.len() + self.batch.source.len() + self.batch.format.len() + 64
    }
}

impl Batch {
    fn write_to(&self, out: &mut Vec<u8>) {
        let head = Head {
            source: &self.source,
            format: &self.format,
            position: self.position.as_ref().map(Cow::Borrowed),
            event_id: self.event_id.as_deref(),
            received_at: self.received_at.0,
        };
        // Writing to memory does not fail; a head that could not be written would not be read either.
        let head = postcard::to_stdvec(&head).unwrap_or_default();
        out.extend_from_slice(&(head.len() as u32).to_le_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(&self.records);
    }

    /// Reads what the journal gives back; `None` for what is no batch.
    pub(crate) fn read(mut entry: Vec<u8>) -> Option<Self> {
        let head = u32::from_le_bytes(entry.get(..4)?.try_into().ok()?) as usize;
        let end = head.checked_add(4)?;
        let Head { source, format, position, event_id, received_at } = postcard::from_bytes(entry.get(4..end)?).ok()?;
        let (source, format) = (source.to_owned(), format.to_owned());
        let (position, event_id) = (position.map(Cow::into_owned), event_id.map(str::to_owned));
        entry.drain(..end);
        Some(Self { source, format, position, event_id, received_at: Timestamp(received_at), records: entry })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_survives_the_journal() {
        let batch = Batch {
            source: "push".to_owned(),
            format: "har-ndjson".to_owned(),
            position: Some(Position { key: "log".to_owned(), place: "17".to_owned() }),
            event_id: Some("a batch".to_owned()),
            received_at: Timestamp(5),
            records: b"{}\n{}\n".to_vec(),
        };
        let mut entry = Vec::new();
        batch.write_to(&mut entry);
        let back = Batch::read(entry).unwrap();
        assert_eq!(format!("{back:?}"), format!("{batch:?}"));
        assert!(Batch::read(vec![9, 0, 0, 0, 1]).is_none());
    }
}
