//! `POST /v1/exchanges`: traffic, pushed.
//!
//! The body is newline-delimited HAR entries, as `docs/schema/exchange.json` says. One request is one batch: when the
//! answer comes, all of it is on disk and learned, and lines that could not be read are named. A request is taken whole
//! or not at all, so that a client that gets no answer, 429, 503 or 507 sends the same again; with an `_id` in each entry,
//! or an `Idempotency-Key` for all of them, what had come through is not counted twice.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use vedette_ingest::wall_clock;
use vedette_model::limits::{
    NAME_CHARACTERS_MAX, PUSH_BYTES_MAX, PUSH_PLAIN_BYTES_MAX, PUSH_REFUSALS_LISTED_MAX, PUSH_WAITING_BYTES_MAX,
};

use super::Asking;
use crate::App;
use crate::coding::{self, Coding, CodingError};
use crate::extract::{self, Params};
use crate::idempotency;
use crate::node::{Batch, Receipt, Refused};
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type PushedDoc = Doc<Pushed>;

/// Media types under which newline-delimited JSON travels. The last is what `curl --data-binary` says when it is not
/// told, and the issue of a collector that cannot be told either.
const MEDIA_TYPES: [&str; 6] = [
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
];

/// Unit of the memory that requests share, in bytes: a permit each.
const UNIT_BYTES: usize = 64 << 10;

/// Where the exchanges are from.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PushQuery {
    /// Name of the source under which the exchanges are counted; `push` when absent.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9._:/-]+$"))]
    source: Option<String>,
}
crate::openapi::query_parameters!(PushQuery);

/// What became of the lines of a request.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Pushed {
    /// Exchanges that were new. They are on disk and learned.
    accepted: u64,
    /// Exchanges whose `_id` had been there: not counted again.
    repeated: u64,
    /// Lines that could not be read.
    refused: u64,
    /// The first of them.
    refusals: Vec<RefusedLine>,
}

/// A line that could not be read. Sending it again changes nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RefusedLine {
    /// Its number in the body, from 1.
    line: u64,
    /// What was wrong.
    reason: String,
    /// Its beginning, masked.
    sample: String,
}

/// Memory that waiting requests share. One per process.
#[derive(Clone, Debug)]
pub(crate) struct Waiting(Arc<Semaphore>);

impl Default for Waiting {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PUSH_WAITING_BYTES_MAX / UNIT_BYTES)))
    }
}

impl Waiting {
    /// Room for so many bytes, or the word to come back.
    fn room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let units = u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX);
        Arc::clone(&self.0).try_acquire_many_owned(units).map_err(|_| busy())
    }
}

/// Push traffic
///
/// Newline-delimited HAR entries, one exchange a line; `gzip` and `zstd` bodies are understood. 200 says that all
/// readable lines are on disk and learned, and names the others. On 429, 503 and 507 nothing was taken: send the same
/// again later. Give each entry an `_id` and a repeat counts once.
#[utoipa::path(post, path = "/v1/exchanges", tag = "Traffic", params(PushQuery),
    params(("Content-Encoding" = Option<String>, Header, description = "`gzip`, `zstd` or `identity`")),
    request_body(content(
        (String = "application/x-ndjson", example = "{\"startedDateTime\":\"2026-11-26T10:00:00Z\",\"time\":12,\"_id\":\"0199f0a0\",\"request\":{\"method\":\"GET\",\"url\":\"https://api.example.com/v1/users/7\",\"headers\":[]},\"response\":{\"status\":200,\"headers\":[],\"content\":{\"size\":0}}}\n"),
    ), description = "HAR entries, one a line"),
    responses(
        (status = 200, description = "What became of the lines", body = inline(PushedDoc)),
        (status = 422, description = "No line could be read; `errors` names the first"),
        (status = 507, description = "The disk is full: nothing was taken"),
    ))]
pub(crate) async fn push(
    State(app): State<App>,
    asking: Asking,
    Params(query): Params<PushQuery>,
    request: Request,
) -> Result<Json<Pushed>, Problem> {
    let source = source(query.source.as_deref())?;
    check_media_type(request.headers())?;
    let coding = coding(request.headers())?;
    // The state forgets a key whose request never ended because the server did; the journal does not.
    let key = request.headers().get(idempotency::KEY).and_then(|key| key.to_str().ok());
    let event_id = key.map(|key| format!("{} {key}", asking.who.id));
    let announced = request.headers().get(axum::http::header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(PUSH_BYTES_MAX);
    let _room = app.waiting().room(announced.min(PUSH_BYTES_MAX))?;
    let body = extract::bytes(request, &app, PUSH_BYTES_MAX).await.inspect_err(|_| count_refused("body"))?;
    let mut _more = None;
    let records = match coding {
        Coding::Identity => Vec::from(body),
        coding => {
            // What it comes to is not known yet: room for all that it may come to would refuse everybody else.
            _more = Some(app.waiting().room(body.len().saturating_mul(4).min(PUSH_PLAIN_BYTES_MAX))?);
            decompress(coding, body).await?
        }
    };
    metrics::counter!("vedette_push_bytes_total").increment(records.len() as u64);
    let (format, received_at) = ("har-ndjson".to_owned(), wall_clock());
    let batch = Batch { source, format, position: None, event_id, received_at, records };
    match asking.node.submit(batch).await {
        Ok(receipt) => answer(receipt),
        Err(refused) => Err(refusal(&refused)),
    }
}

fn answer(receipt: Receipt) -> Result<Json<Pushed>, Problem> {
    for (outcome, count) in
        [("accepted", receipt.accepted), ("repeated", receipt.repeated), ("refused", receipt.refused)]
    {
        metrics::counter!("vedette_push_exchanges_total", "outcome" => outcome).increment(count);
    }
    let lines = receipt.refusals.into_iter().take(PUSH_REFUSALS_LISTED_MAX).map(|refusal| RefusedLine {
        line: refusal.record + 1,
        reason: refusal.reason,
        sample: refusal.sample,
    });
    if receipt.accepted + receipt.repeated == 0 && receipt.refused > 0 {
        let problem = Problem::new(Kind::Unprocessable, "no line could be read as an exchange")
            .hint("a line is one HAR entry; a whole HAR becomes lines with: jq -c '.log.entries[]'");
        return Err(lines.fold(problem, |problem, line| problem.fault(format!("/{}", line.line), line.reason)));
    }
    let (accepted, repeated, refused) = (receipt.accepted, receipt.repeated, receipt.refused);
    Ok(Json(Pushed { accepted, repeated, refused, refusals: lines.collect() }))
}

fn refusal(refused: &Refused) -> Problem {
    match refused {
        Refused::Busy => busy(),
        Refused::TooLarge { bytes } => {
            count_refused("size");
            Problem::new(Kind::TooLarge, format!("a batch of {bytes} bytes is too large")).hint("send smaller batches")
        }
        Refused::Disk(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            count_refused("storage-full");
            tracing::error!(%error, "traffic is refused: the disk is full");
            Problem::new(Kind::StorageFull, "nothing was taken").hint("free space on the disk of the data folder")
        }
        Refused::Disk(error) => {
            count_refused("disk");
            tracing::error!(%error, "traffic is refused: the journal cannot be written");
            Problem::new(Kind::Unavailable, "the journal cannot be written; nothing was taken").retry_after_secs(10)
        }
        Refused::Closing => {
            Problem::new(Kind::Unavailable, "the server stops or takes new settings; nothing was taken")
                .retry_after_secs(2)
        }
        Refused::Failed => Problem::internal(refused),
    }
}

fn busy() -> Problem {
    count_refused("busy");
    Problem::new(Kind::TooManyRequests, "more traffic waits than can be taken; nothing of this was").retry_after_secs(1)
}

fn count_refused(reason: &'static str) {
    metrics::counter!("vedette_push_refused_requests_total", "reason" => reason).increment(1);
}

fn source(name: Option<&str>) -> Result<String, Problem> {
    let Some(name) = name else { return Ok("push".to_owned()) };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '/' | '-');
    if name.is_empty() || name.len() > NAME_CHARACTERS_MAX / 2 || !name.chars().all(fits) {
        return Err(Problem::invalid("source", "has 1 to 100 letters, digits or . _ : / -"));
    }
    Ok(format!("push:{name}"))
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if MEDIA_TYPES.contains(&essence.as_str()) {
        return Ok(());
    }
    count_refused("media-type");
    Err(Problem::new(Kind::UnsupportedMediaType, "traffic is application/x-ndjson"))
}

fn coding(headers: &HeaderMap) -> Result<Coding, Problem> {
    let name = headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or_default());
    Coding::parse(name.unwrap_or_default()).ok_or_else(|| {
        count_refused("coding");
        Problem::new(Kind::UnsupportedMediaType, "the content coding is not understood").hint("use gzip, zstd or none")
    })
}

async fn decompress(coding: Coding, body: axum::body::Bytes) -> Result<Vec<u8>, Problem> {
    let work = tokio::task::spawn_blocking(move || coding::decode(coding, &body, PUSH_PLAIN_BYTES_MAX));
    match work.await {
        Ok(Ok(plain)) => Ok(plain),
        Ok(Err(CodingError::TooLarge)) => {
            count_refused("size");
            Err(Problem::new(Kind::TooLarge, format!("decompressed it may have {PUSH_PLAIN_BYTES_MAX} bytes"))
                .hint("send smaller batches"))
        }
        Ok(Err(CodingError::Broken)) => {
            count_refused("coding");
            Err(Problem::new(Kind::Invalid, "the compressed body is damaged or cut"))
        }
        Err(error) => Err(Problem::internal(&error)),
    }
}
