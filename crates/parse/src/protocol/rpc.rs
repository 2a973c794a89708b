//! JSON-RPC 2.0 over HTTP: one call per method. A request or a batch of them; answers find their request by `id`, in a
//! JSON body or in server-sent events (the Streamable HTTP transport of MCP).

use std::borrow::Cow;

use vedette_model::Exchange;
use vedette_model::limits::CALLS_MAX;

use super::{Call, Failure, Kind, Label, Measure, Part, add_call, answer, events, mcp, members};

/// One member of a request.
#[derive(Default)]
pub(super) struct Request<'a> {
    pub(super) method: Cow<'a, str>,
    pub(super) params: Option<&'a str>,
    id: Option<&'a str>,
}

/// One member of an answer.
#[derive(Clone, Copy, Default)]
pub(super) struct Response<'a> {
    id: Option<&'a str>,
    pub(super) result: Option<&'a str>,
    pub(super) error: Option<&'a str>,
}

/// The calls of a JSON-RPC exchange; none when it is not one after all. An answer of the client to a request of the
/// server (MCP sampling) is no call.
pub(super) fn read<'a>(exchange: &'a Exchange<'_>) -> Vec<Call<'a>> {
    let Some(body) = members::text(exchange.request_body.as_deref()) else { return Vec::new() };
    let mut requests = Vec::new();
    let mut size = 0_u64;
    let is_batch = members::array(body, |raw| {
        size += 1;
        if requests.len() < CALLS_MAX {
            requests.extend(request(raw));
        }
        true
    });
    if !is_batch {
        requests.extend(request(body));
    }
    let responses = responses(exchange);
    let mut calls = Vec::new();
    for request in &requests {
        let response = match request.id {
            Some(id) => {
                responses.iter().find(|response| response.id == Some(id)).or_else(|| lone(&responses, &requests))
            }
            None => None,
        };
        add_call(&mut calls, call(request, response.copied(), responses.is_empty()));
    }
    if size > 1 {
        for call in &mut calls {
            call.measures.push((Measure::Batch, size));
        }
    }
    calls
}

/// A single answer belongs to a single request, whatever its id: errors before parsing have `null`.
fn lone<'r, 'a>(responses: &'r [Response<'a>], requests: &[Request<'_>]) -> Option<&'r Response<'a>> {
    responses.first().filter(|_| responses.len() == 1 && requests.len() == 1)
}

fn request(raw: &str) -> Option<Request<'_>> {
    let mut request = Request::default();
    let mut version = false;
    members::object(raw, |key, raw| match key {
        "jsonrpc" => version = true,
        "method" => request.method = members::string(raw).unwrap_or_default(),
        "params" => request.params = Some(raw),
        "id" => request.id = Some(raw).filter(|raw| !members::is_null(raw)),
        _ => {}
    });
    (version && !request.method.is_empty()).then_some(request)
}

fn responses<'a>(exchange: &'a Exchange<'_>) -> Vec<Response<'a>> {
    let Some(body) = members::text(exchange.response_body.as_deref()) else { return Vec::new() };
    let mut out = Vec::new();
    if events::is_stream(exchange) {
        out.extend(events::data(body).into_iter().filter_map(response).take(CALLS_MAX));
        return out;
    }
    let is_batch = members::array(body, |raw| {
        out.extend(response(raw));
        out.len() < CALLS_MAX
    });
    if !is_batch {
        out.extend(response(body));
    }
    out
}

fn response(raw: &str) -> Option<Response<'_>> {
    let mut response = Response::default();
    members::object(raw, |key, raw| match key {
        "id" => response.id = Some(raw),
        "result" => response.result = Some(raw),
        "error" => response.error = Some(raw).filter(|raw| !members::is_null(raw)),
        _ => {}
    });
    (response.result.is_some() || response.error.is_some()).then_some(response)
}

/// `foreign`: the body answers no request at all, and is then what every call got.
fn call<'a>(request: &Request<'a>, response: Option<Response<'a>>, foreign: bool) -> Call<'a> {
    let mut call = mcp::call(request, response).unwrap_or_else(|| {
        let mut call = Call::named(Kind::JsonRpc, &request.method);
        call.request = request.params.map_or_else(Part::none, |raw| Part::one(raw.as_bytes()));
        call.response = response.and_then(|one| one.result).map_or_else(Part::none, |raw| Part::one(raw.as_bytes()));
        call
    });
    match response.and_then(|response| response.error) {
        Some(error) => {
            call.failure = Some(failure(error));
            call.response = Part::one(error.as_bytes());
        }
        None if foreign => call.response = Part::Whole,
        None => {}
    }
    if request.id.is_none() {
        call.labels.push((Label::Way, Cow::Borrowed("notification")));
    }
    call
}

/// Codes of the specification (5.1); the rest is the application's.
fn failure(error: &str) -> Failure {
    let code = members::get(error, "code").and_then(members::integer).unwrap_or(0);
    let message = members::get(error, "message").and_then(members::string).unwrap_or_default();
    let code_text = code.to_string();
    match code {
        -32601 => Failure { status: 404, code: code_text },
        -32700 | -32600 | -32602 => Failure { status: 400, code: code_text },
        -32603 => Failure { status: 500, code: code_text },
        // MCP: resource not found.
        -32002 => answer::failure(&code_text, &message, 404),
        n if n < 0 => answer::failure(&code_text, &message, 500),
        _ => answer::failure(&code_text, &message, 422),
    }
}
