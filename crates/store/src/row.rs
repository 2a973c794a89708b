//! One exchange as the lake keeps it, and the buffer that makes columns of many.
//!
//! A row holds what a hunt asks for and nothing that must not be kept: no body, no header but the named ones, no query
//! value. Text repeats (services, endpoints, callers), so columns of text are dictionaries: a repeated value costs four
//! bytes and one comparison.

use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Date32Array, Int32Array, Int64Array, RecordBatch, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use vedette_model::Timestamp;
use vedette_model::limits::{
    LAKE_AGENT_BYTES_MAX, LAKE_BUFFER_BYTES_MAX, LAKE_BUFFER_ROWS_MAX, LAKE_TEXT_BYTES_MAX, PATH_BYTES_MAX,
};

use crate::schema::{self, COLUMNS, Kind};

mod reroute;
mod words;

pub use reroute::reroute;
use words::Words;

/// What the lake keeps of one exchange. Empty text is stored as null where the schema allows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExchangeRow<'a> {
    /// Number of its batch in the journal.
    pub seq: u64,
    /// Number of the record within the batch.
    pub record: u32,
    /// Id of the source.
    pub source: &'a str,
    /// When the request arrived; `received_at` stands in when unknown.
    pub at: Option<Timestamp>,
    /// When Vedette received it; its day is the partition.
    pub received_at: Timestamp,
    /// API host or application.
    pub service: &'a str,
    /// HTTP method as sent.
    pub method: &'a str,
    /// Path, masked by `parse`; cut at [`PATH_BYTES_MAX`] bytes.
    pub path: &'a str,
    /// Call inside the exchange: GraphQL field, JSON-RPC method.
    pub call: Option<&'a str>,
    /// Method and template (`GET /v1/users/{userId}`), empty when not yet known.
    pub endpoint: &'a str,
    /// The endpoint's id as a number, 0 when unknown.
    pub endpoint_id: u64,
    /// Names of query parameters, separated by commas.
    pub query_keys: &'a str,
    /// Response status, 0 when unknown.
    pub status: u16,
    /// Time to answer in microseconds.
    pub duration_us: Option<u64>,
    /// Size of the request in bytes.
    pub request_bytes: Option<u64>,
    /// Size of the response in bytes.
    pub response_bytes: Option<u64>,
    /// Key of the actor; its upper 48 bits are shown.
    pub actor: u64,
    /// Address of the caller.
    pub client_ip: Option<IpAddr>,
    /// `User-Agent`, cut at [`LAKE_AGENT_BYTES_MAX`] bytes.
    pub user_agent: &'a str,
    /// Host that the `Referer` names.
    pub referer_host: &'a str,
    /// Scheme of the strongest credential.
    pub authentication: &'a str,
    /// Version of TLS as the source writes it.
    pub tls_version: &'a str,
    /// JA4 fingerprint of the TLS client.
    pub ja4: &'a str,
    /// `inbound`, `internal` or `outbound`.
    pub direction: &'a str,
    /// Calling workload.
    pub caller: &'a str,
    /// Ids of anomalies, separated by commas.
    pub anomalies: &'a str,
}

/// Rows on their way to the lake, as columns of [`schema::rows`]. Bounded by [`LAKE_BUFFER_ROWS_MAX`] rows and
/// [`LAKE_BUFFER_BYTES_MAX`] bytes.
#[derive(Debug)]
pub struct RowBuffer {
    at: Vec<i64>,
    received_at: Vec<i64>,
    received_on: Vec<i32>,
    seq: Vec<i64>,
    record: Vec<i32>,
    status: Vec<Option<i32>>,
    duration_us: Vec<Option<i64>>,
    request_bytes: Vec<Option<i64>>,
    response_bytes: Vec<Option<i64>>,
    /// Columns of text, in the order of [`schema::COLUMNS`].
    words: [Words; TEXTS],
}

/// Columns of text.
const TEXTS: usize = 18;

/// Bytes of one row without its text: numbers, and a key per column of text.
const ROW_BYTES: usize = 4 * 8 + 2 * 4 + 3 * 16 + 8 + TEXTS * 5;

impl RowBuffer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self {
            at: Vec::new(),
            received_at: Vec::new(),
            received_on: Vec::new(),
            seq: Vec::new(),
            record: Vec::new(),
            status: Vec::new(),
            duration_us: Vec::new(),
            request_bytes: Vec::new(),
            response_bytes: Vec::new(),
            words: std::array::from_fn(|_| Words::default()),
        }
    }

    /// Schema of the batches that [`Self::take`] gives.
    pub fn schema() -> SchemaRef {
        schema::rows()
    }

    /// Appends a row. False when the buffer is full: the row was not taken; [`Self::take`] first, then push again.
    /// Batches that end within one sequence number go to the lake together.
    #[must_use]
    pub fn push(&mut self, row: &ExchangeRow<'_>) -> bool {
        if self.is_full() {
            return false;
        }
        self.at.push(row.at.unwrap_or(row.received_at).0);
        self.received_at.push(row.received_at.0);
        self.received_on.push(day(row.received_at));
        self.seq.push(row.seq.cast_signed());
        self.record.push(row.record.cast_signed());
        self.status.push((row.status > 0).then_some(i32::from(row.status)));
        self.duration_us.push(row.duration_us.map(long));
        self.request_bytes.push(row.request_bytes.map(long));
        self.response_bytes.push(row.response_bytes.map(long));
        let mut buffers = Scratch::default();
        for (column, text) in self.words.iter_mut().zip(texts(row, &mut buffers)) {
            column.push(text);
        }
        true
    }

    /// Rows in the buffer.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// True when [`Self::push`] takes no more.
    pub fn is_full(&self) -> bool {
        self.len() >= LAKE_BUFFER_ROWS_MAX || self.bytes() >= LAKE_BUFFER_BYTES_MAX
    }

    /// Bytes that the rows take in memory, about.
    pub fn bytes(&self) -> usize {
        self.len() * ROW_BYTES + self.words.iter().map(Words::bytes).sum::<usize>()
    }

    /// All rows as one batch of [`Self::schema`]; the buffer is empty afterwards. An error would be a column of another
    /// length or type than the schema's, which is a defect of this module.
    pub fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        let rows = std::mem::take(self);
        let mut numbers = vec![
            times(rows.at),
            Arc::new(Int32Array::from(rows.status)),
            Arc::new(Int64Array::from(rows.duration_us)),
            Arc::new(Int64Array::from(rows.request_bytes)),
            Arc::new(Int64Array::from(rows.response_bytes)),
            times(rows.received_at),
            Arc::new(Int64Array::from(rows.seq)),
            Arc::new(Int32Array::from(rows.record)),
            Arc::new(Date32Array::from(rows.received_on)),
        ]
        .into_iter();
        let mut words = rows.words.into_iter();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(COLUMNS.len());
        for column in COLUMNS {
            if column.kind == Kind::Text {
                columns.push(Arc::new(words.next().unwrap_or_default().finish()?));
            } else {
                columns.extend(numbers.next());
            }
        }
        RecordBatch::try_new(schema::rows(), columns)
    }
}

impl Default for RowBuffer {
    fn default() -> Self {
        Self::new()
    }
}

fn times(micros: Vec<i64>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))
}

/// Days since the epoch.
pub(crate) fn day(at: Timestamp) -> i32 {
    at.secs().div_euclid(86_400) as i32
}

/// Delta knows signed numbers only; a size of 8 exabytes is as large as any.
fn long(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Text of numbers and addresses, written here instead of into a string each.
#[derive(Default)]
struct Scratch {
    endpoint_id: Short,
    actor: Short,
    client_ip: Short,
}

/// The texts of a row in the order of [`COLUMNS`].
fn texts<'a>(row: &ExchangeRow<'a>, scratch: &'a mut Scratch) -> [Option<&'a str>; TEXTS] {
    let Scratch { endpoint_id, actor, client_ip } = scratch;
    let filled = |text: &'a str| (!text.is_empty()).then(|| cut(text, LAKE_TEXT_BYTES_MAX));
    let id = format_args!("{:016x}", row.endpoint_id);
    [
        Some(cut(row.service, LAKE_TEXT_BYTES_MAX)),
        Some(cut(row.method, LAKE_TEXT_BYTES_MAX)),
        Some(cut(row.path, PATH_BYTES_MAX)),
        (!row.endpoint.is_empty()).then(|| cut(row.endpoint, PATH_BYTES_MAX)),
        (row.endpoint_id != 0).then(|| endpoint_id.write(id)),
        row.call.and_then(filled),
        filled(row.query_keys),
        Some(actor.write(format_args!("a-{:012x}", row.actor >> 16))),
        row.client_ip.map(|ip| client_ip.write(format_args!("{ip}"))),
        (!row.user_agent.is_empty()).then(|| cut(row.user_agent, LAKE_AGENT_BYTES_MAX)),
        filled(row.referer_host),
        filled(row.authentication),
        filled(row.tls_version),
        filled(row.ja4),
        filled(row.direction),
        filled(row.caller),
        filled(row.anomalies),
        Some(cut(row.source, LAKE_TEXT_BYTES_MAX)),
    ]
}

/// Text of at most 48 bytes: an address of IPv6 with a mapped one in it has 45.
struct Short {
    bytes: [u8; 48],
}

impl Default for Short {
    fn default() -> Self {
        Self { bytes: [0; 48] }
    }
}

impl Short {
    /// Writes; what does not fit would be cut.
    fn write(&mut self, text: std::fmt::Arguments<'_>) -> &str {
        let mut rest = self.bytes.as_mut_slice();
        let _ = rest.write_fmt(text);
        let left = rest.len();
        let written = self.bytes.get(..self.bytes.len() - left).unwrap_or_default();
        std::str::from_utf8(written).unwrap_or_default()
    }
}

/// The beginning of a text, at most this many bytes of it.
fn cut(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
