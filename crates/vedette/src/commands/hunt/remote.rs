//! A hunt at a server. The answer comes as an Arrow stream whatever is written in the end: types survive, and one code
//! writes all formats. Ending this process ends the hunt: the server notices that its reader left.

use std::io::{self, Read};
use std::time::Instant;

use anyhow::{Context, Result};
use reqwest::{Client, Response};
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;
use vedette_model::limits::HUNT_ROWS_MAX;
use vedette_store::hunt::{Format, HuntStats, decode};

use super::super::Hinted;
use super::{Question, Sink, hinted};

/// Bytes of an error that a server answers with.
const PROBLEM_BYTES_MAX: usize = 64 << 10;

/// Asks, and writes the answer.
pub(super) fn ask(
    runtime: &Runtime,
    server: &str,
    token: &str,
    question: &Question,
    sink: &mut Sink,
) -> Result<HuntStats> {
    let started = Instant::now();
    let response = runtime.block_on(send(server, token, question))?;
    let (schema, batches) = decode(Body { runtime, response, chunk: Vec::new(), read: 0 }).map_err(hinted)?;
    let mut encoder = sink.encoder(&schema)?;
    let mut out = Vec::new();
    let mut stats = HuntStats::default();
    for batch in batches {
        let batch =
            batch.map_err(|_| Hinted::new("the answer broke off", "the hunt ran out of time or was canceled"))?;
        stats.rows += batch.num_rows() as u64;
        encoder.write(&batch, &mut out).map_err(hinted)?;
        sink.to.write_all(&out)?;
        out.clear();
    }
    stats.truncated = stats.rows >= question.limit.unwrap_or(HUNT_ROWS_MAX) as u64;
    stats.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    encoder.finish(&stats, &mut out).map_err(hinted)?;
    sink.to.write_all(&out)?;
    Ok(stats)
}

async fn send(server: &str, token: &str, question: &Question<'_>) -> Result<Response> {
    let url = format!("{}/v1/hunts/run", server.trim_end_matches('/'));
    let mut body = json!({
        "parameters": question.parameters,
        "timeout_ms": u64::try_from(question.timeout.as_millis()).unwrap_or(u64::MAX),
    });
    if let Some(body) = body.as_object_mut() {
        body.extend(question.sql.map(|sql| ("sql".to_owned(), Json::from(sql))));
        body.extend(question.saved.map(|name| ("saved".to_owned(), Json::from(name))));
        // A server gives so many at most; without a limit it would give what a page holds.
        body.insert("limit".to_owned(), Json::from(question.limit.unwrap_or(HUNT_ROWS_MAX)));
    }
    let request = Client::new().post(&url).bearer_auth(token).header("accept", Format::Arrow.media_type()).json(&body);
    let response = request.send().await.with_context(|| format!("asking {url}"))?;
    if response.status().is_success() {
        return Ok(response);
    }
    Err(problem(response).await)
}

/// What a server says is wrong (RFC 9457).
async fn problem(mut response: Response) -> anyhow::Error {
    let status = response.status();
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > PROBLEM_BYTES_MAX {
            break;
        }
    }
    let problem: Json = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |key: &str| problem.get(key).and_then(Json::as_str).map(ToOwned::to_owned);
    let message = text("detail").or_else(|| text("title")).unwrap_or_else(|| format!("the server answered {status}"));
    let guess = match status.as_u16() {
        401 | 403 => Some("give a token with the scope hunt"),
        404 => Some("vedette hunt --list names the hunts that ship; is it the URL of a Vedette server?"),
        500.. => Some("look into the log of the server"),
        _ => None,
    };
    match text("hint").or_else(|| guess.map(ToOwned::to_owned)) {
        Some(hint) => Hinted::new(message, hint).into(),
        None => anyhow::Error::msg(message),
    }
}

/// The body of an answer, read as it comes.
struct Body<'a> {
    runtime: &'a Runtime,
    response: Response,
    chunk: Vec<u8>,
    /// Bytes of the chunk that were read.
    read: usize,
}

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.chunk.len() {
            let Some(chunk) = self.runtime.block_on(self.response.chunk()).map_err(io::Error::other)? else {
                return Ok(0);
            };
            self.chunk = chunk.to_vec();
            self.read = 0;
        }
        let rest = self.chunk.get(self.read..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.read += count;
        Ok(count)
    }
}
