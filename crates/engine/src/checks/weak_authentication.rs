//! # Weak authentication
//!
//! **What.** Callers prove who they are with HTTP Basic or Digest.
//!
//! **Why it matters.** Basic sends the password itself with every call, decoded by anybody on the path and written by
//! any log that keeps headers; it cannot be limited to a purpose, and it ends only when the password changes. Digest
//! (RFC 7616) is MD5 in nearly every implementation.
//!
//! **Signals and thresholds.** Successful calls with either scheme. Low under TLS, where many machine APIs use Basic
//! with a long random key and are safe enough; medium when Basic was seen without TLS (`cleartext-transport` is high
//! then). Calls between own services count as well. One finding per service: the fix is one place.
//!
//! **False positives.** OAuth clients authenticate at the token endpoint with Basic (RFC 6749, 2.3.1): not counted.
//! A user name that a gateway logged says nothing of how it was proved: not counted.
//!
//! **Fix.** Short-lived tokens (OAuth 2 client credentials) or mutual TLS.
//!
//! **References.** OWASP API2:2023, CWE-522, RFC 7617 section 4.

use vedette_model::results::Severity;
use vedette_model::{Direction, Scheme};
use vedette_parse::credentials::AuthScheme;

use super::ground::{self, Ground};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

const CLEARTEXT: usize = 0;
const DIGEST: usize = 1;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "weak-authentication",
        title: "Weak authentication",
        severity: Severity::Low,
        owasp: &["API2:2023"],
        cwe: &["CWE-522"],
        compliance: &["PCI DSS 4.0.1 8.3.2", "ASVS 5.0.0 7.2.2"],
        compliance_by_data: false,
        facts: &[&[Fact::Credential]],
        fix: "Move callers to short-lived tokens (OAuth 2 client credentials) or client certificates. Until then allow \
              Basic only under TLS, with long random passwords that are rotated.",
    },
    needs: Needs::CREDENTIALS,
    observe: Some(observe),
    endpoint: None,
    service: Some(service),
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    if !view.success || view.exchange.direction == Direction::Outbound {
        return;
    }
    let weak = view.credentials.iter().find(|c| matches!(c.scheme, AuthScheme::Basic | AuthScheme::Digest));
    let Some(credential) = weak else { return };
    note.add(CLEARTEXT, u64::from(credential.scheme == AuthScheme::Basic && view.exchange.scheme == Scheme::Http));
    note.add(DIGEST, u64::from(credential.scheme == AuthScheme::Digest));
    note.hit(view, "request.header.authorization", || format!("{} ••••", credential.scheme.id()));
}

fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    if ground.service.direction == Direction::Outbound {
        return None;
    }
    let mut places = Vec::new();
    let (mut calls, mut cleartext, mut digest) = (0, 0, 0);
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        if tally.hits > 0 && !matches!(ground::function(endpoint), Some("token" | "login")) {
            places.push(wording::place(endpoint));
            calls += tally.hits;
            cleartext += tally.count(CLEARTEXT);
            digest += tally.count(DIGEST);
        }
    }
    if places.is_empty() {
        return None;
    }
    let scheme = if digest == calls { "Digest" } else { "Basic" };
    let transport = match cleartext {
        0 => String::new(),
        n => format!(", {n} of them without TLS, so that the password could be read on the way"),
    };
    Some(Conclusion {
        severity: Some(if cleartext > 0 { Severity::Medium } else { Severity::Low }),
        confidence: wording::confidence(calls, 0.95),
        explanation: format!(
            "{} to {} proved who they are with {scheme} authentication{transport}.",
            wording::count(calls, "successful call"),
            wording::list(&places),
        ),
        occurrences: calls,
        ..Conclusion::default()
    })
}
