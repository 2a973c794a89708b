//! # Credentials in the URL
//!
//! **What.** A password, session, token or API key travels in the query of the URL.
//!
//! **Why it matters.** URLs are written everywhere: access logs of every hop, browser history, `Referer` headers,
//! analytics, error reports. Who reads one of them can call the API as somebody else.
//!
//! **Signals and thresholds.** Successful calls with a credential that was recognized in the query, or a query field
//! that holds a secret by class. High for a password, session or user token; medium for an API key; low for the
//! single-use tokens of mailed links (confirm, reset, unsubscribe) and for calls to somebody else's API that asks for
//! its key there.
//!
//! **False positives.** Not counted: presigned URLs (AWS, Google, Azure SAS, CloudFront: signed for one object and a
//! short time), `code` and `state` of OAuth (single use, bound to the client), page tokens and cursors, CSRF tokens,
//! the `sid` of an Engine.IO transport, publishable keys by name.
//!
//! **Fix.** Send it in the `Authorization` header or in the body, and replace those that were sent in URLs.
//!
//! **References.** OWASP API2:2023, CWE-598, RFC 6750 section 2.3.

use vedette_model::results::{Endpoint, Severity};
use vedette_model::{Direction, Side};
use vedette_parse::credentials::{AuthScheme, Credential};

use super::ground::Subject;
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, ground, names, sensitive, wording};
use crate::quality::facts::Fact;

/// Slot of [`Tally::counts`]: credentials of a person or session rather than of an application.
const PERSONAL_TOKEN: usize = 0;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "credential-in-url",
        title: "Credential in the URL",
        severity: Severity::Medium,
        owasp: &["API2:2023"],
        cwe: &["CWE-598"],
        compliance: &["PCI DSS 4.0.1 8.3.2", "PCI DSS 4.0.1 6.2.4", "ASVS 5.0.0 14.2.1"],
        compliance_by_data: false,
        facts: &[&[Fact::Query]],
        fix: "Accept the credential only in the Authorization header (or the body of a login), refuse it in the query, \
              and replace every credential that was sent this way: it is in the logs of every hop.",
    },
    needs: Needs::CREDENTIALS,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: None,
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    let Some(credential) = view.credentials.iter().find(|credential| credential.in_url) else { return };
    if !view.exchange.succeeded() || is_excused(view, credential) {
        return;
    }
    note.add(PERSONAL_TOKEN, u64::from(is_personal(credential)));
    let place = if view.query.iter().any(|(n, _)| n.eq_ignore_ascii_case(&credential.name)) { "query" } else { "path" };
    note.hit(view, &format!("request.{place}.{}", credential.name), || "••••".to_owned());
}

/// Of a person or session, rather than of an application.
fn is_personal(credential: &Credential) -> bool {
    const TOKENS: [&str; 6] = ["accesstoken", "idtoken", "refreshtoken", "sessiontoken", "authtoken", "oauthtoken"];
    credential.scheme != AuthScheme::ApiKeyQuery || TOKENS.contains(&names::flatten(&credential.name).as_str())
}

fn is_excused(view: &View<'_>, credential: &Credential) -> bool {
    let engine_io = credential.name == "sid" && view.query.iter().any(|(name, _)| name == "EIO");
    engine_io
        || names::is_harmless_token(&credential.name)
        || names::is_presigned(view.query.iter().map(|(name, _)| name.as_ref()))
}

fn endpoint(subject: &Subject<'_>, tally: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    let secrets = secrets_in_query(subject);
    if tally.hits == 0 && secrets.is_empty() {
        return None;
    }
    let named: Vec<String> = tally.evidence.iter().map(|e| e.location.clone()).collect();
    let mut parameters: Vec<String> = named
        .iter()
        .map(|location| location.rsplit('.').next().unwrap_or_default().to_owned())
        .chain(secrets.iter().map(|held| held.name.to_owned()))
        .collect();
    parameters.sort();
    parameters.dedup();
    let password = secrets.iter().any(|held| matches!(held.class, "password" | "credential" | "credentials"));
    let severity = if single_use(subject, &parameters) || subject.ground.service.direction == Direction::Outbound {
        Severity::Low
    } else if tally.count(PERSONAL_TOKEN) > 0 || password {
        Severity::High
    } else {
        Severity::Medium
    };
    let calls = tally.hits.max(secrets.iter().map(|held| held.seen).max().unwrap_or(0)).min(endpoint.exchanges.max(1));
    Some(Conclusion {
        severity: Some(severity),
        confidence: wording::confidence(calls, 0.9),
        explanation: format!(
            "{} sent a credential in the URL ({}), where every log on the way keeps it.",
            wording::count(calls, "successful call"),
            wording::list(&parameters),
        ),
        evidence: if tally.evidence.is_empty() { sensitive::evidence(endpoint, &secrets) } else { Vec::new() },
        occurrences: calls,
        ..Conclusion::default()
    })
}

/// Query fields that hold a secret by class, unless the URL is a presigned one.
fn secrets_in_query<'a>(subject: &Subject<'a>) -> Vec<sensitive::Held<'a>> {
    let endpoint: &Endpoint = subject.endpoint;
    let query = endpoint.fields.iter().filter(|f| f.side == side(Side::Request) && f.location == "query");
    if names::is_presigned(query.clone().map(|f| f.name.as_str())) || ground::accepted(endpoint) == 0 {
        return Vec::new();
    }
    let engine_io = query.clone().any(|f| f.name == "EIO");
    let mut held = sensitive::held(endpoint, subject.classifier(), side(Side::Request), sensitive::SENSITIVE);
    held.retain(|one| {
        one.level == "secret"
            && one.location.starts_with("request.query.")
            && one.confidence >= 0.7
            && !(engine_io && one.name == "sid")
    });
    held
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Request => "request",
        Side::Response => "response",
    }
}

/// Links of mails carry a token that works once; there is no other place for it.
fn single_use(subject: &Subject<'_>, parameters: &[String]) -> bool {
    let template = subject.endpoint.template.to_ascii_lowercase();
    let mailed = ["confirm", "verify", "verification", "reset", "unsubscribe", "invite", "invitation", "activate"];
    subject.endpoint.method == "GET"
        && mailed.iter().any(|word| template.contains(word))
        && parameters.iter().all(|name| !name.contains("password") && !name.contains("key"))
}
