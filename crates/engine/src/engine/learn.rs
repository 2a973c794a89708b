//! What the summary of one endpoint learns from one exchange: parameters, forms, bodies.

use std::borrow::Cow;

use smallvec::SmallVec;
use vedette_model::limits::BODY_BYTES_MAX;
use vedette_model::{Exchange, Side};
use vedette_parse::classes::Classifier;
use vedette_parse::protocol::Call;
use vedette_parse::url;

use crate::endpoint::EndpointSummary;
use crate::parameters::Location;
use crate::protocol;
use crate::schema::{Context, tell};

/// The summary of a method.
pub(super) fn endpoint_of(endpoints: &mut Vec<(u16, Box<EndpointSummary>)>, method: u16) -> &mut EndpointSummary {
    let at = endpoints.iter().position(|(m, _)| *m == method).unwrap_or_else(|| {
        endpoints.push((method, Box::default()));
        endpoints.len() - 1
    });
    #[expect(clippy::indexing_slicing, reason = "the position was just found or pushed")]
    &mut endpoints[at].1
}

/// The summary of a call: its own, or the endpoint's.
pub(super) fn summary_of<'s>(
    endpoint: &'s mut EndpointSummary,
    call: Option<&Call<'_>>,
    exchange: &Exchange<'_>,
    seen_at: (u32, u64),
    kept: &mut usize,
) -> &'s mut EndpointSummary {
    let Some(call) = call else { return endpoint };
    let summary = match &call.name {
        None => endpoint,
        Some(name) => {
            let calls = endpoint.calls.get_or_insert_default();
            calls.note(call, exchange.at, seen_at, kept);
            calls.summary(name, kept)
        }
    };
    if call.kind.is_some() {
        summary.protocol.get_or_insert_default().observe(call);
    }
    summary
}

/// Learns the fields of a multipart form.
pub(super) fn learn_form(summary: &mut EndpointSummary, call: &Call<'_>, classifier: &Classifier, seen_at: (u32, u64)) {
    if call.form.is_empty() {
        return;
    }
    let parameters = summary.parameters.get_or_insert_default();
    for field in &call.form {
        match &field.value {
            Some(value) => parameters.observe(Location::Form, &field.name, value, classifier, seen_at),
            None => parameters.observe_file(&field.name, seen_at),
        }
    }
}

pub(super) fn learn_parameters(
    summary: &mut EndpointSummary,
    exchange: &Exchange<'_>,
    query: &[(Cow<'_, str>, Cow<'_, str>)],
    classifier: &Classifier,
    seen_at: (u32, u64),
) {
    if query.is_empty() && exchange.request_headers.is_empty() {
        return;
    }
    let parameters = summary.parameters.get_or_insert_default();
    for (name, value) in query {
        parameters.observe(Location::Query, name, value, classifier, seen_at);
    }
    for (name, value) in exchange.request_headers.iter() {
        if name.eq_ignore_ascii_case("cookie") {
            for (name, value) in url::cookies(value) {
                parameters.observe(Location::Cookie, name, value, classifier, seen_at);
            }
        } else {
            parameters.observe(Location::Header, name, value, classifier, seen_at);
        }
    }
    let form = exchange.content_type(Side::Request).is_some_and(|t| t.contains("x-www-form-urlencoded"));
    if let Some(body) = exchange.request_body.as_deref().filter(|_| form)
        && let Ok(text) = std::str::from_utf8(body)
    {
        for (name, value) in url::pairs(text) {
            parameters.observe(Location::Form, &name, &value, classifier, seen_at);
        }
    }
}

/// Learns JSON bodies, or the documents of a call: requests of successful exchanges, responses by status.
pub(super) fn learn_bodies(
    summary: &mut EndpointSummary,
    exchange: &Exchange<'_>,
    call: Option<&Call<'_>>,
    context: &mut Context<'_>,
) -> SmallVec<[vedette_model::Anomaly; 2]> {
    let mut anomalies = SmallVec::new();
    let accepted = exchange.succeeded() || matches!(exchange.status, 0 | 101);
    context.side = Side::Request;
    for body in bodies(exchange, call, Side::Request) {
        if accepted {
            let schema = summary.request_schema.get_or_insert_default();
            anomalies.extend(schema.observe(body, context).err());
        } else {
            tell(body, context);
        }
    }
    context.side = Side::Response;
    for body in bodies(exchange, call, Side::Response) {
        if let Some(schema) = summary.response_schema(exchange.status) {
            anomalies.extend(schema.observe(body, context).err());
        }
    }
    anomalies
}

/// What one side has to learn from.
fn bodies<'b>(exchange: &'b Exchange<'_>, call: Option<&'b Call<'_>>, side: Side) -> SmallVec<[&'b [u8]; 1]> {
    match protocol::documents(call, side) {
        Some(documents) => documents.iter().map(AsRef::as_ref).collect(),
        None => json_body(exchange, side).into_iter().collect(),
    }
}

/// The body of one side when it is JSON, by its media type or, without one, by its first byte.
fn json_body<'a>(exchange: &'a Exchange<'_>, side: Side) -> Option<&'a [u8]> {
    let body = match side {
        Side::Request => exchange.request_body.as_deref(),
        Side::Response => exchange.response_body.as_deref(),
    }?;
    let body = body.trim_ascii();
    let first = *body.first()?;
    let json = match exchange.content_type(side) {
        Some(media) => media.contains("json") || (media.contains("text/plain") && matches!(first, b'{' | b'[')),
        None => matches!(first, b'{' | b'['),
    };
    (json && body.len() <= BODY_BYTES_MAX).then_some(body)
}
