//! Tells APIs from web pages and from the files that pages load.

use crate::endpoint::EndpointSummary;
use crate::paths::shape::{Shape, is_version, segment};

/// Endings of paths that web servers answer with a page.
const PAGE_ENDINGS: &[&str] = &[".html", ".htm", ".php", ".asp", ".aspx", ".jsp", ".cgi", ".shtml"];

/// `api`, `page` or `static`, or that of the protocol inside HTTP. Media types decide; without them the path and the method do.
pub(crate) fn kind(method: &str, template: &str, summary: &EndpointSummary) -> &'static str {
    if let Some(kind) = summary.protocol.as_ref().and_then(|protocol| protocol.kind()) {
        return kind.id();
    }
    let last = template.rsplit('/').next().unwrap_or("");
    let file = segment(last).shape == Shape::File;
    let types = &summary.response_types;
    let has = |signs: &[&str]| types.iter().any(|t| signs.iter().any(|s| t.contains(s)));
    if has(&["json", "xml", "grpc", "graphql", "event-stream", "protobuf"]) && !has(&["image/"]) && !file {
        return "api";
    }
    if file || has(&["javascript", "text/css", "image/", "font", "video/", "audio/", "wasm"]) {
        return "static";
    }
    if has(&["text/html"]) {
        return if matches!(method, "GET" | "HEAD") { "page" } else { "api" };
    }
    if !types.is_empty() || !matches!(method, "GET" | "HEAD") || says_api(template) {
        return "api";
    }
    let page = template == "/" || template.ends_with('/') || PAGE_ENDINGS.iter().any(|e| last.ends_with(e));
    if page { "page" } else { "api" }
}

fn says_api(template: &str) -> bool {
    template.split('/').any(|s| is_version(s) || matches!(s, "api" | "rest" | "graphql" | "rpc" | "apis"))
}
