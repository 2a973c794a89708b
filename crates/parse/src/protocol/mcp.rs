//! The Model Context Protocol (revision 2025-06-18) on top of JSON-RPC: tools, resources and prompts are endpoints, and
//! lists declare them. Their name is that of the method and their own (`tools/call/search_docs`), so that a tool named
//! `list` is not the method `tools/list`. Other methods of the protocol stay JSON-RPC methods.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use vedette_model::limits::{CALL_DOCUMENTS_MAX, MCP_DECLARED_MAX, MCP_SCHEMA_BYTES_MAX};

use super::rpc::{Request, Response};
use super::{Call, Declared, Failure, Kind, Part, bounded_name, members};

/// Segments of a resource's URI that name it; deeper ones are its place in a tree.
const URI_SEGMENTS: usize = 4;

/// An MCP call; `None` for a method that has none of its own.
pub(super) fn call<'a>(request: &Request<'a>, response: Option<Response<'a>>) -> Option<Call<'a>> {
    let result = response.and_then(|response| response.result);
    let params = request.params.unwrap_or("{}");
    let name = || members::get(params, "name").and_then(members::string);
    match request.method.as_ref() {
        "tools/call" => Some(tool(&name()?, params, result)),
        "prompts/get" => {
            let mut call = Call::named(Kind::McpPrompt, &format!("prompts/get/{}", name()?));
            call.request = arguments(params);
            call.response = whole(result);
            Some(call)
        }
        "resources/read" => {
            let uri = members::get(params, "uri").and_then(members::string)?;
            let mut call = Call::named(Kind::McpResource, &resource(&uri));
            call.request = Part::one(params.as_bytes());
            call.response = whole(result);
            Some(call)
        }
        "tools/list" => Some(list(Kind::McpTool, "tools", request, result)),
        "prompts/list" => Some(list(Kind::McpPrompt, "prompts", request, result)),
        "resources/list" => Some(list(Kind::McpResource, "resources", request, result)),
        "resources/templates/list" => Some(list(Kind::McpResource, "resourceTemplates", request, result)),
        _ => None,
    }
}

fn tool<'a>(name: &str, params: &'a str, result: Option<&'a str>) -> Call<'a> {
    let mut call = Call::named(Kind::McpTool, &format!("tools/call/{name}"));
    call.request = arguments(params);
    let Some(result) = result else {
        call.response = Part::none();
        return call;
    };
    call.response = content(result);
    if members::get(result, "isError").is_some_and(|raw| raw.trim_ascii() == "true") {
        // The tool ran and says that it could not: the call was understood.
        call.failure = Some(Failure { status: 422, code: "tool-error".to_owned() });
    }
    call
}

fn arguments(params: &str) -> Part<'_> {
    members::get(params, "arguments").map_or_else(Part::none, |raw| Part::one(raw.as_bytes()))
}

fn whole(result: Option<&str>) -> Part<'_> {
    result.map_or_else(Part::none, |raw| Part::one(raw.as_bytes()))
}

/// What a tool returned: its structured content, else each text that is itself JSON, else the texts as one field.
fn content<'a>(result: &'a str) -> Part<'a> {
    if let Some(structured) = members::get(result, "structuredContent").filter(|raw| !members::is_null(raw)) {
        return Part::one(structured.as_bytes());
    }
    let mut part = Part::none();
    let mut items = 0;
    members::array(members::get(result, "content").unwrap_or("[]"), |item| {
        items += 1;
        let text: Option<Cow<'a, str>> = members::get(item, "text").and_then(members::string);
        match text {
            Some(Cow::Borrowed(text)) if members::is_container(text) => part.push(text.as_bytes()),
            Some(Cow::Owned(text)) if members::is_container(&text) => part.push(text.into_bytes()),
            Some(text) => part.push(format!("{{\"text\":{}}}", members::quoted(&text)).into_bytes()),
            // Images and embedded resources: learned as they are described.
            None => part.push(item.as_bytes()),
        }
        items < CALL_DOCUMENTS_MAX
    });
    part
}

/// A list as a call, with what it declares.
fn list<'a>(kind: Kind, key: &str, request: &Request<'a>, result: Option<&'a str>) -> Call<'a> {
    let mut call = Call::named(Kind::JsonRpc, &request.method);
    call.request = whole(request.params);
    call.response = whole(result);
    let Some(items) = result.and_then(|result| members::get(result, key)) else { return call };
    members::array(items, |item| {
        call.declared.extend(declared(kind, item));
        call.declared.len() < MCP_DECLARED_MAX
    });
    call
}

fn declared(kind: Kind, item: &str) -> Option<Declared> {
    let (mut name, mut uri, mut input, mut output) = (None, None, None, None);
    let mut described = String::new();
    let mut bytes = 0;
    members::object(item, |key, raw| match key {
        "name" => name = members::string(raw),
        "uri" | "uriTemplate" => uri = members::string(raw),
        "inputSchema" | "arguments" => input = Some(raw),
        "outputSchema" => output = Some(raw),
        "description" => {
            bytes = members::string(raw).map_or(0, |text| text.len());
            described.push_str(key);
            described.push_str(raw);
        }
        "title" | "annotations" | "mimeType" => {
            described.push_str(key);
            described.push_str(raw);
        }
        _ => {}
    });
    let name = match kind {
        Kind::McpResource => resource(&uri?),
        Kind::McpPrompt => format!("prompts/get/{}", name?),
        _ => format!("tools/call/{}", name?),
    };
    let kept = |raw: Option<&str>| raw.filter(|raw| raw.len() <= MCP_SCHEMA_BYTES_MAX).map(str::to_owned);
    Some(Declared {
        kind,
        name: bounded_name(&name),
        description: FixedState::with_seed(0x4d).hash_one(described.as_bytes()),
        description_bytes: bytes,
        input: kept(input),
        output: kept(output),
    })
}

/// The name of a resource: its URI without query, ids and template parameters as `*`.
fn resource(uri: &str) -> String {
    let uri = uri.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
    let varies = |segment: &str| {
        segment.len() > 40 || segment.contains(['{', '%']) || segment.bytes().any(|b| b.is_ascii_digit())
    };
    let mut name = format!("resources/read/{scheme}:");
    for segment in rest.split('/').filter(|segment| !segment.is_empty()).take(URI_SEGMENTS) {
        name.push('/');
        name.push_str(if varies(segment) { "*" } else { segment });
    }
    name
}
