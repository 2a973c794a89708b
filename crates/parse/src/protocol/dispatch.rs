//! Which protocol does an exchange speak? Asked for every exchange, so cheapest signs first: a log line costs two
//! comparisons, a JSON body its first key.

use memchr::memmem;
use vedette_model::{Exchange, Side};

use super::{graphql, llm};

/// A protocol with its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    GraphQl(graphql::Carrier),
    JsonRpc,
    Soap,
    Grpc,
    Llm,
    WebSocket,
    Events,
    Xml,
    Multipart,
}

/// Bytes of a body in which the signs of JSON-RPC and SOAP are looked for: members may come in any order, and a long
/// one before them.
const SEARCHED_BYTES: usize = 64 << 10;

/// Bytes of a body in which the first key begins.
const FIRST_KEY_BYTES: usize = 128;

/// The protocol of an exchange, `None` for ordinary HTTP.
#[inline]
pub(super) fn of(exchange: &Exchange<'_>) -> Option<Protocol> {
    if let Some(body) = exchange.request_body.as_deref() {
        let found = of_request(exchange, body);
        if found.is_some() {
            return found;
        }
    }
    if exchange.response_body.is_none() && !exchange.has_headers && exchange.status != 101 {
        return of_log_line(exchange);
    }
    of_response(exchange).or_else(|| of_log_line(exchange))
}

/// What a log line shows: GraphQL in the query, gRPC by its user agent.
#[inline]
fn of_log_line(exchange: &Exchange<'_>) -> Option<Protocol> {
    if exchange.query.is_some() && says_graphql(&exchange.path) {
        let query = exchange.query.as_deref().unwrap_or_default();
        let asks = ["query=", "extensions=", "operationName="].iter().any(|sign| query.contains(sign));
        return asks.then_some(Protocol::GraphQl(graphql::Carrier::Query));
    }
    let agent = exchange.user_agent.as_deref()?;
    let grpc = agent.starts_with("grpc-") && exchange.method == "POST" && is_method_path(&exchange.path);
    grpc.then_some(Protocol::Grpc)
}

fn of_request(exchange: &Exchange<'_>, body: &[u8]) -> Option<Protocol> {
    let media = exchange.content_type(Side::Request).unwrap_or_default();
    if media.is_empty() || has(media, "json") || starts(media, "text/plain") {
        let first = body.trim_ascii_start().first();
        if matches!(first, Some(b'{' | b'[')) {
            return of_json(exchange, body);
        }
        if !media.is_empty() {
            return None;
        }
    }
    if starts(media, "application/graphql") {
        return Some(Protocol::GraphQl(graphql::Carrier::Text));
    }
    if starts(media, "application/grpc") {
        return is_method_path(&exchange.path).then_some(Protocol::Grpc);
    }
    if starts(media, "multipart/") {
        let operations = says_graphql(&exchange.path) && memmem::find(head(body), b"\"operations\"").is_some();
        let graphql = Protocol::GraphQl(graphql::Carrier::Multipart);
        return Some(if operations { graphql } else { Protocol::Multipart });
    }
    if has(media, "xml") || (media.is_empty() && body.starts_with(b"<?xml")) {
        return Some(of_xml(body));
    }
    None
}

fn of_xml(body: &[u8]) -> Protocol {
    let start = head(body);
    let soap = memmem::find(start, b"Envelope").is_some()
        && (memmem::find(start, b"schemas.xmlsoap.org/soap/envelope").is_some()
            || memmem::find(start, b"www.w3.org/2003/05/soap-envelope").is_some());
    if soap { Protocol::Soap } else { Protocol::Xml }
}

/// The first key of a JSON body is almost always one of its protocol's; behind junk the path tells.
fn of_json(exchange: &Exchange<'_>, body: &[u8]) -> Option<Protocol> {
    let key = first_key(body)?;
    match key {
        b"jsonrpc" | b"method" | b"params" if is_rpc(body) => Some(Protocol::JsonRpc),
        b"id" if body.len() <= SEARCHED_BYTES && is_rpc(body) => Some(Protocol::JsonRpc),
        b"query" | b"operationName" | b"variables" | b"extensions" | b"mutation" => {
            Some(Protocol::GraphQl(graphql::Carrier::Json))
        }
        b"model" | b"messages" | b"contents" | b"stream" | b"input" | b"prompt" | b"system" | b"max_tokens"
        | b"tools" | b"temperature" | b"systemInstruction" | b"generationConfig"
            if llm::is_call(exchange, body) =>
        {
            Some(Protocol::Llm)
        }
        _ => by_path(exchange, body),
    }
}

fn by_path(exchange: &Exchange<'_>, body: &[u8]) -> Option<Protocol> {
    let path = exchange.path.as_ref();
    if says_graphql(path) {
        return Some(Protocol::GraphQl(graphql::Carrier::Json));
    }
    if path.as_bytes().windows(3).any(|w| w == b"rpc" || w == b"mcp") && is_rpc(body) {
        return Some(Protocol::JsonRpc);
    }
    (llm::is_known_path(path) && llm::is_call(exchange, body)).then_some(Protocol::Llm)
}

fn of_response(exchange: &Exchange<'_>) -> Option<Protocol> {
    if exchange.status == 101 && exchange.request_headers.get("upgrade").is_none_or(|to| has(to, "websocket")) {
        return Some(Protocol::WebSocket);
    }
    if exchange.websocket.is_some() {
        return Some(Protocol::WebSocket);
    }
    let media = exchange.content_type(Side::Response)?;
    // JSON is what nearly all answers are.
    if has(media, "json") {
        return None;
    }
    if starts(media, "text/event-stream") {
        return Some(Protocol::Events);
    }
    if starts(media, "application/grpc") {
        return is_method_path(&exchange.path).then_some(Protocol::Grpc);
    }
    let xml = has(media, "xml") && !has(media, "html") && !has(media, "svg") && exchange.response_body.is_some();
    xml.then_some(Protocol::Xml)
}

/// The first key of an object, or of the first object of an array.
fn first_key(body: &[u8]) -> Option<&[u8]> {
    let start = body.get(..FIRST_KEY_BYTES).unwrap_or(body);
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let open = start.iter().position(|b| !(b.is_ascii_whitespace() || matches!(b, b'{' | b'[')))?;
    let rest = start.get(open..)?.strip_prefix(b"\"")?;
    rest.get(..memchr::memchr(b'"', rest)?)
}

fn is_rpc(body: &[u8]) -> bool {
    memmem::find(head(body), b"\"jsonrpc\"").is_some()
}

fn head(body: &[u8]) -> &[u8] {
    body.get(..SEARCHED_BYTES).unwrap_or(body)
}

/// A path that GraphQL servers usually have.
pub(super) fn says_graphql(path: &str) -> bool {
    // Most paths have no such letter.
    memchr::memchr2(b'q', b'Q', path.as_bytes()).is_some()
        && (has(path, "graphql") || path.trim_end_matches('/').rsplit('/').next() == Some("gql"))
}

/// `/package.Service/Method`: two segments, both names.
pub(super) fn is_method_path(path: &str) -> bool {
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'$'))
    };
    let mut parts = path.rsplitn(3, '/');
    let (method, service) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    is_name(method) && is_name(service) && !method.contains('.')
}

/// Contains a lower case word in any case.
fn has(text: &str, word: &str) -> bool {
    text.len() >= word.len() && text.as_bytes().windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes()))
}

fn starts(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
