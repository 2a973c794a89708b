//! Protocols inside HTTP: what an exchange says beyond method and path.
//!
//! [`Protocols::read`] turns one exchange into its *calls*. GraphQL, JSON-RPC, MCP and SOAP put many operations behind one
//! path: their calls have a name and become endpoints of their own. gRPC, LLM, server-sent events and WebSocket calls
//! are about the HTTP endpoint itself (no name), as are XML and multipart bodies; they only say how its bodies read.
//!
//! An ordinary REST exchange has no calls and must stay cheap: `dispatch` decides by media type, first key and path.
//! Whatever the protocol, the parts of a call arrive as JSON, so that schemas and data classes need to know one format.

mod answer;
pub mod descriptors;
mod dispatch;
mod events;
#[doc(hidden)]
pub mod fuzz;
mod graphql;
mod grpc;
mod llm;
mod mcp;
pub(crate) mod members;
mod multipart;
mod protobuf;
mod rpc;
mod soap;
#[cfg(test)]
mod tests;
mod websocket;
mod xml;

use std::borrow::Cow;
use std::sync::Arc;

use smallvec::SmallVec;
use vedette_model::Exchange;
use vedette_model::limits::{CALL_DOCUMENTS_MAX, CALL_NAME_BYTES_MAX, CALLS_MAX};

use crate::stored_codes;
use descriptors::Descriptors;
use dispatch::Protocol;

/// What a call belongs to: the `kind` of its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A GraphQL root field, or a persisted operation.
    GraphQl,
    /// A JSON-RPC 2.0 method.
    JsonRpc,
    /// A tool of a Model Context Protocol server.
    McpTool,
    /// A resource of a Model Context Protocol server.
    McpResource,
    /// A prompt of a Model Context Protocol server.
    McpPrompt,
    /// A completion by a language model.
    Llm,
    /// A SOAP action.
    Soap,
    /// A gRPC or gRPC-web method.
    Grpc,
    /// A WebSocket.
    WebSocket,
    /// A stream of server-sent events.
    Sse,
}

impl Kind {
    /// As in the results.
    pub fn id(self) -> &'static str {
        match self {
            Self::GraphQl => "graphql",
            Self::JsonRpc => "json-rpc",
            Self::McpTool => "mcp-tool",
            Self::McpResource => "mcp-resource",
            Self::McpPrompt => "mcp-prompt",
            Self::Llm => "llm",
            Self::Soap => "soap",
            Self::Grpc => "grpc",
            Self::WebSocket => "websocket",
            Self::Sse => "sse",
        }
    }
}

stored_codes!(Kind {
    GraphQl = 0,
    JsonRpc = 1,
    McpTool = 2,
    McpResource = 3,
    McpPrompt = 4,
    Llm = 5,
    Soap = 6,
    Grpc = 7,
    WebSocket = 8,
    Sse = 9,
});

/// What one side of a call said.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Part<'a> {
    /// The body as recorded, whatever it is.
    #[default]
    Whole,
    /// JSON documents, at most [`CALL_DOCUMENTS_MAX`]; none when this side says nothing of the call.
    Documents(Vec<Cow<'a, [u8]>>),
}

impl<'a> Part<'a> {
    /// Nothing was said.
    pub(crate) fn none() -> Self {
        Self::Documents(Vec::new())
    }

    /// One document.
    pub(crate) fn one(document: impl Into<Cow<'a, [u8]>>) -> Self {
        let mut part = Self::none();
        part.push(document);
        part
    }

    /// Adds a document while there is room.
    pub(crate) fn push(&mut self, document: impl Into<Cow<'a, [u8]>>) {
        if let Self::Documents(all) = self
            && all.len() < CALL_DOCUMENTS_MAX
        {
            all.push(document.into());
        }
    }
}

/// A quantity that a call has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Levels of a GraphQL selection.
    Depth,
    /// Fields of a GraphQL operation, each times the page sizes asked for above it.
    Cost,
    /// Aliased fields of a GraphQL operation.
    Aliases,
    /// Operations in one exchange, of a batch.
    Batch,
    /// Tokens that the model read.
    InputTokens,
    /// Tokens that the model wrote.
    OutputTokens,
    /// Messages or events from the client.
    Sent,
    /// Messages or events from the server.
    Received,
    /// Bytes of one message from the client.
    SentBytes,
    /// Bytes of one message from the server.
    ReceivedBytes,
}

stored_codes!(Measure {
    Depth = 0,
    Cost = 1,
    Aliases = 2,
    Batch = 3,
    InputTokens = 4,
    OutputTokens = 5,
    Sent = 6,
    Received = 7,
    SentBytes = 8,
    ReceivedBytes = 9,
});

/// A word that a call has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// Code of a failure inside the protocol.
    Error,
    /// Model of an LLM.
    Model,
    /// Tool offered to an LLM.
    Tool,
    /// GraphQL operation name that the client gave.
    Operation,
    /// The call came by the hash of a text, or streamed; the word says which.
    Way,
}

stored_codes!(Label { Error = 0, Model = 1, Tool = 2, Operation = 3, Way = 4 });

/// A failure that the protocol reports inside an HTTP status of success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status that says the same (401 for `UNAUTHENTICATED`).
    pub status: u16,
    /// The protocol's own code (`UNAUTHENTICATED`, `-32601`); a closed set of characters, bounded.
    pub code: String,
}

/// A GraphQL operation that was called by the hash of its text, or registered with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persisted {
    /// The hash as sent, lower case, at most 64 bytes.
    pub hash: String,
    /// Names of the root fields when the text came along; empty when the server knows it.
    pub roots: Vec<String>,
}

/// A tool, resource or prompt as its server declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Tool, resource or prompt.
    pub kind: Kind,
    /// Name below the HTTP endpoint (`tools/call/search_docs`).
    pub name: String,
    /// Hash of title, description and annotations.
    pub description: u64,
    /// Bytes of the description.
    pub description_bytes: usize,
    /// Declared JSON Schema of the arguments, at most `MCP_SCHEMA_BYTES_MAX` long.
    pub input: Option<String>,
    /// Declared JSON Schema of the structured result.
    pub output: Option<String>,
}

/// A field of a multipart form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its text; `None` for a file.
    pub value: Option<Cow<'a, str>>,
}

/// One call inside an exchange.
#[derive(Clone, Debug, Default)]
pub struct Call<'a> {
    /// Kind of its endpoint; `None` leaves that to paths and media types.
    pub kind: Option<Kind>,
    /// Its name below the HTTP endpoint (`query.user`, `tools/call/search_docs`, `GetOrder`), at most
    /// [`CALL_NAME_BYTES_MAX`] bytes without `#`. `None`: it is the HTTP endpoint's own.
    pub name: Option<String>,
    /// What was asked.
    pub request: Part<'a>,
    /// What was answered.
    pub response: Part<'a>,
    /// Fields of a multipart form.
    pub form: Vec<FormField<'a>>,
    /// The protocol says that it failed.
    pub failure: Option<Failure>,
    /// Quantities.
    pub measures: SmallVec<[(Measure, u64); 4]>,
    /// Words.
    pub labels: Vec<(Label, Cow<'a, str>)>,
    /// The hash of a persisted GraphQL text.
    pub persisted: Option<Persisted>,
    /// What the answer declares.
    pub declared: Vec<Declared>,
}

impl Call<'_> {
    /// A call of the HTTP endpoint itself.
    pub(crate) fn own(kind: Option<Kind>) -> Self {
        Self { kind, ..Self::default() }
    }

    /// A named call.
    pub(crate) fn named(kind: Kind, name: &str) -> Self {
        Self { kind: Some(kind), name: Some(bounded_name(name)), ..Self::default() }
    }

    /// The exchange as this call sees it: the status that says what the protocol said, and of named calls only their
    /// parts of the bodies.
    pub fn view<'a>(&'a self, exchange: &Exchange<'a>) -> Exchange<'a> {
        let mut view = exchange.clone();
        if let (Some(failure), true) = (&self.failure, exchange.succeeded() || exchange.status == 0) {
            view.status = failure.status;
        }
        if self.name.is_none() && self.kind != Some(Kind::Grpc) {
            return view;
        }
        let first = |part: &'a Part<'_>, whole: Option<Cow<'a, [u8]>>| match part {
            Part::Whole => whole,
            Part::Documents(all) => all.first().map(|one| Cow::Borrowed(one.as_ref())),
        };
        view.request_body = first(&self.request, view.request_body.take());
        view.response_body = first(&self.response, view.response_body.take());
        view
    }

    /// What was measured of it.
    pub fn measure(&self, measure: Measure) -> Option<u64> {
        self.measures.iter().find(|(known, _)| *known == measure).map(|(_, value)| *value)
    }
}

/// Reads calls. Remembers outlines of GraphQL texts, which changes how fast it is and nothing else.
#[derive(Clone, Debug, Default)]
pub struct Protocols {
    descriptors: Option<Arc<Descriptors>>,
    texts: graphql::Texts,
}

impl Protocols {
    /// Reads gRPC messages by these descriptors where they declare the method.
    #[must_use]
    pub fn with_descriptors(mut self, descriptors: Arc<Descriptors>) -> Self {
        self.descriptors = Some(descriptors);
        self
    }

    /// The calls of an exchange, at most [`CALLS_MAX`], each name once; none for an ordinary one. Hot path.
    #[inline]
    pub fn read<'a>(&mut self, exchange: &'a Exchange<'_>) -> Vec<Call<'a>> {
        let Some(protocol) = dispatch::of(exchange) else { return Vec::new() };
        self.read_as(protocol, exchange)
    }

    fn read_as<'a>(&mut self, protocol: Protocol, exchange: &'a Exchange<'_>) -> Vec<Call<'a>> {
        let mut calls = match protocol {
            Protocol::GraphQl(carrier) => graphql::read(carrier, exchange, &mut self.texts),
            Protocol::JsonRpc => rpc::read(exchange),
            Protocol::Soap => soap::read(exchange),
            Protocol::Grpc => vec![grpc::read(exchange, self.descriptors.as_deref())],
            Protocol::Llm => llm::read(exchange).into_iter().collect(),
            Protocol::WebSocket => vec![websocket::read(exchange)],
            Protocol::Events => vec![events::read(exchange)],
            Protocol::Xml => xml::read(exchange).into_iter().collect(),
            Protocol::Multipart => multipart::read(exchange).into_iter().collect(),
        };
        calls.truncate(CALLS_MAX);
        calls
    }
}

/// A name that is one: visible ASCII without `#`, not too long; anything else is `other`, so that a forged name is seen
/// and grows nothing.
fn bounded_name(name: &str) -> String {
    let fine = |b: u8| b.is_ascii_graphic() && !matches!(b, b'#' | b'"' | b'<' | b'>' | b'\\' | b'{' | b'}' | b'?');
    let is_name = !name.is_empty() && name.len() <= CALL_NAME_BYTES_MAX && name.bytes().all(fine);
    if is_name { name.to_owned() } else { "other".to_owned() }
}

/// A code that may be shown: letters, digits and a little punctuation, at most 48 bytes.
fn bounded_code(code: &str) -> String {
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':');
    let is_code = !code.is_empty() && code.len() <= 48 && code.bytes().all(fine);
    if is_code { code.to_owned() } else { "other".to_owned() }
}

/// Adds a call, or what it says to the call of the same name: a name is called once per exchange.
fn add_call<'a>(calls: &mut Vec<Call<'a>>, call: Call<'a>) {
    let Some(known) = calls.iter_mut().find(|known| known.name == call.name && known.kind == call.kind) else {
        if calls.len() < CALLS_MAX {
            calls.push(call);
        }
        return;
    };
    for (own, more) in [(&mut known.request, call.request), (&mut known.response, call.response)] {
        if let Part::Documents(documents) = more {
            for document in documents {
                own.push(document);
            }
        }
    }
    // One success among repeats is a success: the others were tried along with it.
    if call.failure.is_none() {
        known.failure = None;
    }
    for (measure, value) in call.measures {
        match known.measures.iter_mut().find(|(own, _)| *own == measure) {
            Some((_, own)) => *own = (*own).max(value),
            None => known.measures.push((measure, value)),
        }
    }
    for (label, word) in call.labels {
        if known.labels.len() < CALLS_MAX && !known.labels.iter().any(|own| own.0 == label && own.1 == word) {
            known.labels.push((label, word));
        }
    }
    known.declared.extend(call.declared);
    known.persisted = known.persisted.take().or(call.persisted);
}
