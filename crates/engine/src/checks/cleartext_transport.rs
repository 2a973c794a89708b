//! # Calls without TLS
//!
//! **What.** Endpoints answer over plain HTTP with content, not with a redirect to HTTPS.
//!
//! **Why it matters.** Everybody on the way reads and changes what is sent: credentials, personal data, the answers.
//!
//! **Signals and thresholds.** Calls whose URL or log says `http`, answered with anything but a redirect. High when
//! such a call carried a credential or the endpoint holds data of weight 0.7 and more, low when the host is a
//! private one (an address of RFC 1918, `localhost`, a name without a dot, `.local`, `.internal`), medium
//! otherwise. One finding per service. Sources that do not say how a request traveled are not judged.
//!
//! **False positives.** Behind a proxy that ends TLS the inner hop is plain: a call with `X-Forwarded-Proto: https`
//! or `Forwarded: proto=https` is not counted. A recorder behind such a proxy that drops these headers is:
//! accept the finding and fix the recorder.
//!
//! **Fix.** Redirect to HTTPS, answer nothing else on port 80, and send HSTS.
//!
//! **References.** OWASP API8:2023, CWE-319.

use std::fmt::Write;

use vedette_model::Direction;
use vedette_model::results::Severity;

use super::ground::Ground;
use super::sensitive::{self, SENSITIVE};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

const CREDENTIALED: usize = 0;
const PRIVATE_HOST: usize = 1;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "cleartext-transport",
        title: "Calls without TLS",
        severity: Severity::Medium,
        owasp: &["API8:2023"],
        cwe: &["CWE-319"],
        compliance: &[
            "PCI DSS 4.0.1 4.2.1",
            "GDPR Art. 32",
            "HIPAA 164.312(e)(1)",
            "ASVS 5.0.0 4.1.2",
            "ASVS 5.0.0 12.2.1",
        ],
        compliance_by_data: true,
        facts: &[&[Fact::Transport]],
        fix: "Answer plain HTTP only with a redirect to HTTPS, send Strict-Transport-Security, and replace the \
              credentials that traveled in the clear.",
    },
    needs: Needs::CLEARTEXT,
    observe: Some(observe),
    endpoint: None,
    service: Some(service),
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    let exchange = view.exchange;
    if exchange.direction == Direction::Internal
        || (300..400).contains(&exchange.status)
        || exchange.status == 0
        || ended_tls_before(view)
    {
        return;
    }
    note.add(CREDENTIALED, u64::from(!view.credentials.is_empty()));
    note.add(PRIVATE_HOST, u64::from(exchange.host.as_deref().is_none_or(is_private_host)));
    note.hit(view, "request.url", || "http://…".to_owned());
}

fn ended_tls_before(view: &View<'_>) -> bool {
    let headers = &view.exchange.request_headers;
    headers.get("x-forwarded-proto").is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
        || headers.get("forwarded").is_some_and(|forwarded| forwarded.to_ascii_lowercase().contains("proto=https"))
}

/// A host that is not reached from the internet by this name.
fn is_private_host(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if let Ok(address) = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
        return match address {
            std::net::IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
            std::net::IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
        };
    }
    let name = name.to_ascii_lowercase();
    !name.contains('.') || [".local", ".internal", ".localhost", ".lan", ".test"].iter().any(|end| name.ends_with(end))
}

fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    let mut places = Vec::new();
    let mut held = Vec::new();
    let (mut calls, mut credentialed, mut private) = (0, 0, 0);
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        if tally.hits > 0 {
            places.push(wording::place(endpoint));
            calls += tally.hits;
            credentialed += tally.count(CREDENTIALED);
            private += tally.count(PRIVATE_HOST);
            for side in ["request", "response"] {
                held.extend(sensitive::held(endpoint, ground.context.classifier, side, SENSITIVE));
            }
        }
    }
    if places.is_empty() {
        return None;
    }
    let severity = match (private == calls, credentialed > 0 || !held.is_empty()) {
        (true, _) => Severity::Low,
        (false, true) => Severity::High,
        (false, false) => Severity::Medium,
    };
    let mut explanation = format!(
        "{} to {} traveled over plain HTTP",
        wording::count(calls, "call"),
        wording::count(places.len() as u64, "endpoint")
    );
    if credentialed > 0 {
        let _ = write!(explanation, ", {credentialed} of them with a credential");
    }
    let _ = write!(explanation, " ({})", wording::list(&places));
    if !held.is_empty() {
        let _ = write!(explanation, "; these endpoints hold {}", sensitive::labels(&held));
    }
    explanation.push('.');
    Some(Conclusion {
        severity: Some(severity),
        confidence: wording::confidence(calls, 0.95),
        explanation,
        occurrences: calls,
        compliance: sensitive::compliance(&held),
        ..Conclusion::default()
    })
}
