//! # GraphQL tells its whole schema
//!
//! **What.** An introspection query was answered with the schema.
//!
//! **Why it matters.** The schema names every type, field and mutation, those the clients do not use among them: the
//! list an attacker works through.
//!
//! **Signals and thresholds.** A call to a GraphQL endpoint that asks for `__schema`, answered with 200 and a body that
//! contains the schema. Medium for calls from outside without a credential, low otherwise.
//!
//! **False positives.** APIs with a public schema want this: accept the finding. A `__typename` is no introspection.
//!
//! **Fix.** Switch introspection off in production, or allow it to developers only.
//!
//! **References.** OWASP API8:2023, CWE-200.

use memchr::memmem;
use vedette_model::results::Severity;

use super::ground::Subject;
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Slot of [`Tally::counts`]: asked without a credential.
const ANONYMOUS: usize = 0;
/// Bytes of a request body that are looked at: introspection queries take about 2 kB.
const REQUEST_BYTES: usize = 8 << 10;
/// Bytes of a response in which the schema would begin.
const RESPONSE_BYTES: usize = 1 << 10;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "graphql-introspection",
        title: "GraphQL tells its whole schema",
        severity: Severity::Low,
        owasp: &["API8:2023"],
        cwe: &["CWE-200"],
        compliance: &["ASVS 5.0.0 4.3.2"],
        compliance_by_data: false,
        facts: &[&[Fact::RequestBody, Fact::ResponseBody]],
        fix: "Switch introspection off in production, or answer it only to callers with a developer's credential.",
    },
    needs: Needs::BODY,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: None,
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    let exchange = view.exchange;
    let path = exchange.path.as_bytes();
    let told_apart = view.inside.and_then(|call| call.name.as_deref()).is_some_and(|name| name.starts_with("query.__"));
    let says_so = memmem::find(path, b"graphql").is_some() || memmem::find(path, b"gql").is_some();
    if exchange.status != 200 || !(told_apart || says_so) {
        return;
    }
    let asks = told_apart
        || match exchange.request_body.as_deref() {
            Some(body) => memmem::find(body.get(..REQUEST_BYTES).unwrap_or(body), b"__schema").is_some(),
            None => view.query.iter().any(|(_, value)| value.contains("__schema")),
        };
    let told = exchange.response_body.as_deref().is_some_and(|body| {
        let head = body.get(..RESPONSE_BYTES).unwrap_or(body);
        memmem::find(head, b"\"__schema\"").is_some() && memmem::find(head, b"\"__schema\":null").is_none()
    });
    if asks && told {
        note.add(ANONYMOUS, u64::from(exchange.has_headers && view.anonymous()));
        note.hit(view, "request.body.query", || "{ __schema … }".to_owned());
    }
}

fn endpoint(subject: &Subject<'_>, tally: &Tally) -> Option<Conclusion> {
    if tally.hits == 0 || !subject.ground.inbound() {
        return None;
    }
    let known = subject.ground.credentialed_endpoints > 0 || subject.ground.context.credentials_seen;
    let anonymous = if known { tally.count(ANONYMOUS) } else { 0 };
    let who = match anonymous {
        0 => String::new(),
        n => format!(", {n} of them without any credential"),
    };
    Some(Conclusion {
        severity: Some(if anonymous > 0 && subject.public() { Severity::Medium } else { Severity::Low }),
        confidence: 0.95,
        // It tells of all operations, not of the field that asks.
        place: Some(format!("{} {}", subject.endpoint.method, subject.endpoint.path_template())),
        explanation: format!(
            "{} for the schema of the API {} answered in full{who}.",
            wording::count(tally.hits, "query").replace("querys", "queries"),
            wording::was(tally.hits),
        ),
        ..Conclusion::default()
    })
}
