//! Live sources: what yields exchanges as they happen, and is told what became of them.
//!
//! A source runs on a thread of its own ([`run`]). It hands over [`Delivery`]s through a bounded queue: when the node is
//! slow the queue is full, and the source waits, so that a file is read later, a socket is not read and a broker keeps its
//! messages. Each delivery carries the position from which reading goes on *after* it. The node writes both in one
//! record, so that after a crash data and position agree, and answers with a [`Receipt`] once the delivery is durable; a
//! source that acknowledges elsewhere (a broker, a socket) does so then. What a source needs to begin is the last position
//! of each of its keys.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, SendTimeoutError, Sender};
use vedette_model::Timestamp;
use vedette_model::limits::EVIDENCE_MAX;
use vedette_model::results::UnreadableSample;
use vedette_parse::decode::Decoder;

use crate::batch::Batch;

/// Longest wait after which a source looks whether it should stop.
const TURN: Duration = Duration::from_millis(200);

/// Yields exchanges as they happen.
pub trait LiveSource: Send {
    /// The next delivery, or `None` when there is none for `wait`. Nothing waits longer than that, so that a source can be
    /// stopped. The same record is never delivered twice by one source object.
    fn next(&mut self, wait: Duration) -> Option<Delivery>;

    /// Told once for each delivery, in order: it is durable, and this is what its records were.
    fn settled(&mut self, receipt: &Receipt);

    /// How the source is, to be read by others while it runs.
    fn health(&self) -> HealthBoard;
}

/// Records on their way to the node.
#[derive(Debug)]
pub struct Delivery {
    /// Counts from 0 per source object; the receipt carries it.
    pub number: u64,
    /// Stable id of the source, as it is shown.
    pub source: Arc<str>,
    /// What the position belongs to, within all sources: one log, one partition.
    pub key: Arc<str>,
    /// Where reading goes on after this delivery; replaces the position of the same key.
    pub position: String,
    /// When the records were read.
    pub received_at: Timestamp,
    /// The records. [`Batch::source`] is an index of the source object's own.
    pub batch: Batch,
}

/// What became of a delivery.
#[derive(Clone, Debug, Default)]
pub struct Receipt {
    /// [`Delivery::number`].
    pub number: u64,
    /// [`Delivery::source`].
    pub source: Arc<str>,
    /// Records that became exchanges, or that are none by design.
    pub accepted: u64,
    /// Records that were there before, by their event id.
    pub repeated: u64,
    /// Records that could not be read.
    pub refused: u64,
    /// The first of those, masked.
    pub samples: Vec<UnreadableSample>,
}

/// How one source is.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Format id of what came last, empty when none was recognized.
    pub format: String,
    /// Records delivered.
    pub received: u64,
    /// Their bytes.
    pub received_bytes: u64,
    /// Records that became exchanges.
    pub accepted: u64,
    /// Records that were there before.
    pub repeated: u64,
    /// Records that could not be read.
    pub refused: u64,
    /// The first of those, masked.
    pub samples: Vec<UnreadableSample>,
    /// Deliveries without a receipt yet.
    pub in_flight: u64,
    /// Bytes at the origin that are known and not read yet.
    pub waiting_bytes: u64,
    /// How long the oldest of them wait already.
    pub behind: Duration,
    /// When the last records were read.
    pub last_at: Option<Timestamp>,
    /// What is in the way, with a hint.
    pub problem: Option<String>,
}

/// The health of the sources of one source object, by source id. Shared.
#[derive(Clone, Debug, Default)]
pub struct HealthBoard(Arc<Mutex<BTreeMap<Arc<str>, Health>>>);

/// Runs a source until `stop` or until nobody takes its deliveries. Returns within some hundred milliseconds of `stop`;
/// what was handed over and not answered by then is read again after the next start, from the positions that are durable.
pub fn run(source: &mut dyn LiveSource, outlet: &Sender<Delivery>, receipts: &Receiver<Receipt>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        receipts.try_iter().for_each(|receipt| source.settled(&receipt));
        let Some(mut delivery) = source.next(TURN) else { continue };
        while let Err(refused) = outlet.send_timeout(delivery, TURN) {
            receipts.try_iter().for_each(|receipt| source.settled(&receipt));
            delivery = match refused {
                SendTimeoutError::Timeout(delivery) if !stop.load(Ordering::Relaxed) => delivery,
                _ => return,
            };
        }
    }
}

impl Delivery {
    /// How to read the records, for [`Decoder::from_description`].
    pub fn decoder(&self) -> Option<String> {
        self.batch.format.decoder.as_ref().map(Decoder::describe)
    }
}

impl HealthBoard {
    /// All sources by id.
    pub fn all(&self) -> BTreeMap<Arc<str>, Health> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is known of a source.
    pub fn update(&self, source: &Arc<str>, change: impl FnOnce(&mut Health)) {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(sources.entry(Arc::clone(source)).or_default());
    }

    /// Counts a delivery.
    pub fn deliver(&self, delivery: &Delivery) {
        self.update(&delivery.source, |health| {
            delivery.batch.format.id().clone_into(&mut health.format);
            health.received += delivery.batch.count();
            health.received_bytes += delivery.batch.bytes() as u64;
            health.in_flight += 1;
            health.last_at = Some(delivery.received_at);
        });
    }

    /// Counts what became of one.
    pub fn settle(&self, receipt: &Receipt) {
        self.update(&receipt.source, |health| {
            health.in_flight = health.in_flight.saturating_sub(1);
            health.accepted += receipt.accepted;
            health.repeated += receipt.repeated;
            health.refuse(receipt.refused, receipt.samples.iter().cloned());
        });
    }
}

impl Health {
    /// Counts records that could not be read.
    pub fn refuse(&mut self, count: u64, samples: impl IntoIterator<Item = UnreadableSample>) {
        self.refused += count;
        let room = EVIDENCE_MAX.saturating_sub(self.samples.len());
        self.samples.extend(samples.into_iter().take(room));
    }
}

/// The time of day, for the edges: it goes into what is received and decides nothing here.
#[expect(clippy::disallowed_methods, reason = "the one place where an edge reads the clock")]
pub fn wall_clock() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
