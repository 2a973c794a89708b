//! Exchanges as rows of the lake, and the rows that are not there yet.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use vedette_engine::router::Router;
use vedette_model::limits::{LAKE_BUFFER_ROWS_MAX, TAIL_ROWS_MAX};
use vedette_model::{Direction, Exchange};
use vedette_parse::classes::Classifier;
use vedette_parse::redact::mask_path;
use vedette_parse::url;
use vedette_store::arrow::array::RecordBatch;
use vedette_store::row::{ExchangeRow, RowBuffer};

use super::learned::Seen;

/// Makes rows; one per learner.
pub(crate) struct Rows {
    classifier: Arc<Classifier>,
    buffer: RowBuffer,
    /// Buffers that one journal entry filled before it was over.
    full: Vec<RecordBatch>,
    /// Number of the last journal entry that is whole in them.
    last: Option<u64>,
    tail: Arc<Tail>,
    /// Texts that are put together, kept to be used again.
    query_keys: String,
    anomalies: String,
}

/// Rows that are not in the lake yet, oldest first. Bounded by [`TAIL_ROWS_MAX`]: who adds more waits.
#[derive(Default)]
pub(crate) struct Tail {
    rows: Mutex<Waiting>,
    room: Condvar,
}

#[derive(Default)]
struct Waiting {
    batches: VecDeque<Part>,
    rows: usize,
    closed: bool,
}

/// Some rows in one piece.
#[derive(Clone)]
pub(crate) struct Part {
    /// Number of the last journal entry in it, which it holds whole.
    pub(crate) last: u64,
    pub(crate) rows: Vec<RecordBatch>,
}

impl Part {
    fn count(&self) -> usize {
        self.rows.iter().map(RecordBatch::num_rows).sum()
    }
}

impl Rows {
    pub(crate) fn new(classifier: Arc<Classifier>, tail: Arc<Tail>) -> Self {
        let buffer = RowBuffer::new();
        Self {
            classifier,
            buffer,
            full: Vec::new(),
            last: None,
            tail,
            query_keys: String::new(),
            anomalies: String::new(),
        }
    }

    /// Adds a row. `router` is what is known of endpoints now; what it does not know yet is told at the flush.
    pub(crate) fn push(&mut self, seen: &Seen<'_, '_>, router: &Router) {
        let Seen { exchange, observed, engine, batch, number, record } = seen;
        let path = mask_path(&self.classifier, &exchange.path);
        let service = engine.service_name(observed.service);
        let call = observed.calls.first().and_then(|call| call.name.as_deref());
        let route = router.route(service, &exchange.method, &path, call);
        join(&mut self.query_keys, names(exchange));
        join(&mut self.anomalies, exchange.anomalies.iter().map(|anomaly| anomaly.id().into()));
        let row = ExchangeRow {
            seq: *number,
            record: *record as u32,
            source: &batch.source,
            at: exchange.at,
            received_at: batch.received_at,
            service,
            method: &exchange.method,
            path: &path,
            call,
            endpoint: route.map_or("", |route| &route.text),
            endpoint_id: route.map_or(0, |route| route.endpoint_id),
            query_keys: &self.query_keys,
            status: exchange.status,
            duration_us: exchange.duration_us,
            request_bytes: exchange.request_bytes,
            response_bytes: exchange.response_bytes,
            actor: observed.actor,
            client_ip: exchange.client_ip,
            user_agent: exchange.user_agent.as_deref().unwrap_or_default(),
            referer_host: exchange.referer.as_deref().map(url::host).unwrap_or_default(),
            authentication: observed.authentication,
            tls_version: exchange.tls_version.as_deref().unwrap_or_default(),
            ja4: exchange.tls_ja4.as_deref().unwrap_or_default(),
            direction: match exchange.direction {
                Direction::Inbound => "inbound",
                Direction::Internal => "internal",
                Direction::Outbound => "outbound",
            },
            caller: exchange.caller_service.as_deref().unwrap_or_default(),
            anomalies: &self.anomalies,
        };
        if self.buffer.push(&row) {
            return;
        }
        // An empty buffer has room for any row.
        take(&mut self.buffer, &mut self.full);
        let _ = self.buffer.push(&row);
    }

    /// Rows that are not published yet.
    pub(crate) fn len(&self) -> usize {
        self.buffer.len() + self.full.iter().map(RecordBatch::num_rows).sum::<usize>()
    }

    /// A journal entry is whole: its rows may go. Publishes when there are many.
    pub(crate) fn end(&mut self, number: u64) {
        self.last = Some(number);
        if self.buffer.len() >= LAKE_BUFFER_ROWS_MAX / 2 || !self.full.is_empty() {
            self.publish();
        }
    }

    /// Shows the rows so far to hunts and to the keeper. Waits while the tail is full.
    pub(crate) fn publish(&mut self) {
        let Some(last) = self.last.take() else { return };
        take(&mut self.buffer, &mut self.full);
        let rows = std::mem::take(&mut self.full);
        if !rows.is_empty() {
            self.tail.push(Part { last, rows });
        }
    }
}

/// Moves the rows of a buffer to the batches.
fn take(buffer: &mut RowBuffer, full: &mut Vec<RecordBatch>) {
    if buffer.is_empty() {
        return;
    }
    match buffer.take() {
        Ok(rows) => full.push(rows),
        Err(error) => tracing::error!(%error, "rows could not be made columns; please report this defect"),
    }
}

impl Tail {
    fn push(&self, part: Part) {
        let mut waiting = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        while waiting.rows >= TAIL_ROWS_MAX && !waiting.closed {
            waiting = self.room.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.rows += part.count();
        waiting.batches.push_back(part);
    }

    /// Everything that waits, for a hunt or for a commit.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let waiting = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.batches.iter().cloned().collect()
    }

    /// Forgets what is in the lake.
    pub(crate) fn forget(&self, through: u64) {
        let mut waiting = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        while waiting.batches.front().is_some_and(|part| part.last <= through) {
            if let Some(part) = waiting.batches.pop_front() {
                waiting.rows -= part.count();
            }
        }
        self.room.notify_all();
    }

    /// Rows that wait.
    pub(crate) fn rows(&self) -> usize {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).rows
    }

    /// Nobody waits for room any more: the node closes.
    pub(crate) fn close(&self) {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.room.notify_all();
    }
}

/// Names of the query's parameters in order, decoded, each once.
fn names<'a>(exchange: &'a Exchange<'_>) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
    let query = exchange.query.as_deref().unwrap_or_default();
    url::raw_pairs(query).map(|(name, _)| url::form_decode(name))
}

fn join<'a>(out: &mut String, parts: impl Iterator<Item = std::borrow::Cow<'a, str>>) {
    const BYTES_MAX: usize = 512;
    out.clear();
    for part in parts {
        if out.len() + part.len() > BYTES_MAX || out.split(',').any(|known| known == part) {
            continue;
        }
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(&part);
    }
}
