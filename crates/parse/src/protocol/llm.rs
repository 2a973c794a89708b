//! Calls of language models: the request forms of the public completion APIs (chat completions, responses, messages,
//! generate content) and of servers that speak them.

use std::borrow::Cow;

use memchr::memmem;
use vedette_model::Exchange;
use vedette_model::limits::CALL_LABELS_MAX;

use super::{Call, Kind, Label, Measure, bounded_name, events, members};

/// Ends of the paths of completion APIs.
const PATHS: &[&str] = &[
    "/chat/completions",
    "/completions",
    "/v1/responses",
    "/v1/messages",
    "/api/chat",
    "/api/generate",
    "/embeddings",
    ":generateContent",
    ":streamGenerateContent",
];

/// Bytes of a body in which both signs of a request are looked for.
const SEARCHED_BYTES: usize = 64 << 10;

/// Events at the end of a stream that may sum up.
const LAST_EVENTS: usize = 4;

/// Keys of token counts, for what the model read and wrote.
const READ: &[&str] = &["prompt_tokens", "input_tokens", "promptTokenCount", "prompt_eval_count"];
const WROTE: &[&str] = &["completion_tokens", "output_tokens", "candidatesTokenCount", "eval_count"];

/// True for a JSON request to a model: by a known path, or a model with messages on any other. Hot path.
pub(super) fn is_call(exchange: &Exchange<'_>, body: &[u8]) -> bool {
    let head = body.get(..SEARCHED_BYTES).unwrap_or(body);
    let has = |word: &[u8]| memmem::find(head, word).is_some();
    if is_known_path(&exchange.path) {
        return (has(b"\"model\"") && (has(b"\"messages\"") || has(b"\"prompt\"") || has(b"\"input\"")))
            || has(b"\"contents\"");
    }
    has(b"\"messages\"") && has(b"\"model\"") && has(b"\"role\"")
}

/// A path that completion APIs have.
pub(super) fn is_known_path(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    PATHS.iter().any(|end| path.ends_with(end))
}

/// The call; `None` when the body is no object with a model after all.
pub(super) fn read<'a>(exchange: &'a Exchange<'_>) -> Option<Call<'a>> {
    let body = members::text(exchange.request_body.as_deref())?;
    let mut call = Call::own(Some(Kind::Llm));
    let mut model = None;
    let mut streamed = false;
    members::object(body, |key, raw| match key {
        "model" => model = members::string(raw),
        "stream" => streamed |= raw.trim_ascii() == "true",
        "tools" | "functions" => tools(raw, &mut call),
        _ => {}
    });
    let model = model.or_else(|| model_in_path(&exchange.path))?;
    call.labels.push((Label::Model, Cow::Owned(bounded_name(&model))));
    if let Some(text) = members::text(exchange.response_body.as_deref()) {
        if events::is_stream(exchange) {
            streamed = true;
            let data = events::data(text);
            call.response = events::documents(&data);
            call.measures.push((Measure::Received, data.len() as u64));
            let first = data.first().copied();
            let last = data.iter().rev().take(LAST_EVENTS).copied();
            let tokens = first.into_iter().chain(last).map(usage).fold((0, 0), |(a, b), (c, d)| (a.max(c), b.max(d)));
            note(&mut call, tokens);
        } else {
            note(&mut call, usage(text));
        }
    }
    if streamed {
        call.labels.push((Label::Way, Cow::Borrowed("streamed")));
    }
    Some(call)
}

fn note(call: &mut Call<'_>, (read, wrote): (u64, u64)) {
    if read > 0 || wrote > 0 {
        call.measures.push((Measure::InputTokens, read));
        call.measures.push((Measure::OutputTokens, wrote));
    }
}

/// `/v1beta/models/NAME:generateContent`
fn model_in_path(path: &str) -> Option<Cow<'_, str>> {
    let (_, rest) = path.rsplit_once("/models/")?;
    rest.split(':').next().filter(|name| !name.is_empty()).map(Cow::Borrowed)
}

/// Tools by name, as the APIs nest it.
fn tools(raw: &str, call: &mut Call<'_>) {
    members::array(raw, |tool| {
        let nested = members::get(tool, "function").unwrap_or(tool);
        let name = members::get(nested, "name").or_else(|| members::get(tool, "type")).and_then(members::string);
        if let Some(name) = name {
            call.labels.push((Label::Tool, Cow::Owned(bounded_name(&name))));
        }
        call.labels.len() < CALL_LABELS_MAX
    });
}

/// Tokens read and written, of an answer or an event: at its top, in `usage`, or in a nested answer.
fn usage(text: &str) -> (u64, u64) {
    let mut tokens = (0, 0);
    counts(text, &mut tokens);
    for nested in ["usage", "usageMetadata"] {
        if let Some(raw) = members::get(text, nested) {
            counts(raw, &mut tokens);
        }
    }
    for inside in ["message", "response"] {
        let usage = members::get(text, inside).and_then(|raw| members::get(raw, "usage"));
        if let Some(raw) = usage {
            counts(raw, &mut tokens);
        }
    }
    tokens
}

fn counts(raw: &str, (read, wrote): &mut (u64, u64)) {
    members::object(raw, |key, raw| {
        if READ.contains(&key) {
            *read = members::count(raw).unwrap_or(0).max(*read);
        } else if WROTE.contains(&key) {
            *wrote = members::count(raw).unwrap_or(0).max(*wrote);
        }
    });
}
