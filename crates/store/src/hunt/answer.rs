//! The answer of a hunt: batches as they come, then what it took.

use std::collections::VecDeque;
use std::time::Duration;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use futures::Stream;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{HuntError, HuntId, RunningGuard};

/// Batches that may wait for the reader. Two keep the hunt busy while one is written out; more would hold memory for a
/// slow reader.
const BATCHES_WAITING: usize = 2;

/// What a hunt sends its reader.
pub(super) enum Message {
    Schema(SchemaRef),
    Batch(RecordBatch),
    End(HuntStats),
    Failed(HuntError),
}

pub(super) fn channel() -> (mpsc::Sender<Message>, mpsc::Receiver<Message>) {
    mpsc::channel(BATCHES_WAITING)
}

/// What a hunt took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HuntStats {
    /// Rows of the answer.
    pub rows: u64,
    /// There were more rows than it may give.
    pub truncated: bool,
    /// Time from being asked to the last row, in milliseconds.
    pub elapsed_ms: u64,
    /// Rows read from files, without those of files and row groups that could be left out.
    pub scanned_rows: u64,
    /// Bytes read from files.
    pub scanned_bytes: u64,
    /// Bytes written to the spill folder.
    pub spilled_bytes: u64,
    /// Most bytes of memory that its operators held.
    pub memory_peak_bytes: u64,
}

/// An answer on its way. Dropping it ends the hunt.
pub struct Hunt {
    id: HuntId,
    schema: SchemaRef,
    waiting: VecDeque<Message>,
    receiver: mpsc::Receiver<Message>,
    stats: Option<HuntStats>,
    deadline: Instant,
    time: Duration,
    _running: RunningGuard,
}

impl Hunt {
    /// Waits for the schema and for what comes after it.
    pub(super) async fn open(
        id: HuntId,
        receiver: mpsc::Receiver<Message>,
        running: RunningGuard,
        deadline: Instant,
        time: Duration,
    ) -> Result<Self, HuntError> {
        let mut receiver = receiver;
        let schema = match receive(&mut receiver, deadline, time).await? {
            Message::Schema(schema) => schema,
            Message::Failed(error) => return Err(error),
            Message::Batch(_) | Message::End(_) => return Err(HuntError::Broken("an answer without schema".into())),
        };
        let first = match receive(&mut receiver, deadline, time).await? {
            Message::Failed(error) => return Err(error),
            message => message,
        };
        let waiting = VecDeque::from([first]);
        Ok(Self { id, schema, waiting, receiver, stats: None, deadline, time, _running: running })
    }

    /// Its number, to cancel it.
    pub fn id(&self) -> HuntId {
        self.id
    }

    /// Columns of the answer.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// What it took; nothing until the last batch was read.
    pub fn stats(&self) -> Option<HuntStats> {
        self.stats
    }

    /// The next rows, `None` after the last.
    ///
    /// # Errors
    /// When the hunt failed or ran out of time; nothing follows.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, HuntError> {
        if self.stats.is_some() {
            return Ok(None);
        }
        let message = match self.waiting.pop_front() {
            Some(message) => message,
            None => receive(&mut self.receiver, self.deadline, self.time).await?,
        };
        match message {
            Message::Batch(batch) => Ok(Some(batch)),
            Message::End(stats) => {
                self.stats = Some(stats);
                Ok(None)
            }
            Message::Failed(error) => Err(error),
            Message::Schema(_) => Err(HuntError::Broken("an answer with two schemas".into())),
        }
    }

    /// All rows, for answers known to be small.
    ///
    /// # Errors
    /// As [`Hunt::next`].
    pub async fn collect(mut self) -> Result<(Vec<RecordBatch>, HuntStats), HuntError> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await? {
            batches.push(batch);
        }
        Ok((batches, self.stats.unwrap_or_default()))
    }

    /// The answer as bytes in a format, chunk by chunk.
    pub fn encode(self, format: super::Format) -> impl Stream<Item = Result<Vec<u8>, HuntError>> + Send {
        let encoder = super::Encoder::new(format, &self.schema);
        futures::stream::try_unfold((self, Some(encoder)), |(mut hunt, encoder)| async move {
            let Some(encoder) = encoder else { return Ok(None) };
            let mut encoder = encoder?;
            let mut out = Vec::new();
            // Small chunks are put together: a chunk is a system call at least.
            while out.len() < CHUNK_BYTES {
                if let Some(batch) = hunt.next().await? {
                    encoder.write(&batch, &mut out)?;
                } else {
                    encoder.finish(&hunt.stats.unwrap_or_default(), &mut out)?;
                    return Ok(Some((out, (hunt, None))));
                }
            }
            Ok(Some((out, (hunt, Some(Ok(encoder))))))
        })
    }
}

/// Bytes of a chunk of encoded rows, about.
const CHUNK_BYTES: usize = 64 << 10;

impl std::fmt::Debug for Hunt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hunt").field("id", &self.id).field("stats", &self.stats).finish_non_exhaustive()
    }
}

/// The next message. The deadline is kept here too: the hunt's own threads may be too busy to look at the clock.
async fn receive(
    receiver: &mut mpsc::Receiver<Message>,
    deadline: Instant,
    time: Duration,
) -> Result<Message, HuntError> {
    match tokio::time::timeout_at(deadline, receiver.recv()).await {
        Ok(Some(message)) => Ok(message),
        // Whoever ends a hunt early ends its task, and with it the sender.
        Ok(None) => Err(HuntError::Canceled),
        Err(_) => Err(HuntError::TimedOut { limit: time }),
    }
}
