//! # Weak or unchecked JWTs
//!
//! **What.** Successful calls with a JWT that no verifier should accept, or that is weaker than it needs to be: `alg`
//! `none`, an empty signature, past its expiry, a key that the token itself brings along, no expiry at all, or a
//! shared-secret signature on a public API.
//!
//! **Why it matters.** A token that is not verified can be written by anybody, for any user. One without expiry works
//! for ever once it leaked. A shared secret (`HS256`) can be guessed offline from one token.
//!
//! **Signals and thresholds.** Only calls answered with 2xx. `none` or an empty signature: critical where the endpoint
//! turns others away (401, 403) or holds personal data, high otherwise. Expired by more than five minutes (clock
//! skew): high where the endpoint turns others away, medium otherwise. A header with `jku`, `x5u` or `jwk`: medium.
//! No `exp`: medium. `HS…` at a public service: info. One finding per service: the fix is the verifier.
//!
//! **False positives.** Recordings whose times were changed make every token expired, and scrubbed ones cut every
//! signature: when all tokens of the service are expired, or all unsigned without `alg` `none`, the finding is info
//! and says so. Public endpoints that ignore tokens accept bad ones: at endpoints that also succeed without any
//! credential nothing is counted.
//!
//! **Fix.** Pin the algorithm and the key in the verifier, and demand `exp`.
//!
//! **References.** OWASP API2:2023, CWE-347, CWE-613, RFC 8725.

use vedette_model::results::Severity;
use vedette_parse::credentials::Jwt;

use super::ground::{self, Ground};
use super::sensitive::{self, PERSONAL};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Slots of [`Tally::counts`].
const FORGED: usize = 0;
const UNSIGNED: usize = 1;
const EXPIRED: usize = 2;
const OWN_KEY: usize = 3;

/// Clock skew that verifiers allow, in microseconds.
const SKEW_US: i64 = 300_000_000;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "jwt-weak",
        title: "Weak or unchecked JWTs",
        severity: Severity::High,
        owasp: &["API2:2023"],
        cwe: &["CWE-347", "CWE-613"],
        compliance: &[
            "PCI DSS 4.0.1 8.3.2",
            "PCI DSS 4.0.1 6.2.4",
            "ASVS 5.0.0 9.1.1",
            "ASVS 5.0.0 9.1.2",
            "ASVS 5.0.0 9.2.1",
        ],
        compliance_by_data: false,
        facts: &[&[Fact::Claims]],
        fix: "Let the verifier accept one named algorithm (RS256, ES256, EdDSA) with keys from its own configuration, \
              demand exp, and refuse everything else with 401.",
    },
    needs: Needs::CREDENTIALS,
    observe: Some(observe),
    endpoint: None,
    service: Some(service),
};

/// `chances`: successful calls with a JWT; `hits`: those with one that should have been refused.
fn observe(view: &View<'_>, note: &mut Note<'_>) {
    let Some(credential) = view.credentials.iter().find(|credential| credential.jwt.is_some()) else { return };
    let Some(jwt) = &credential.jwt else { return };
    if !view.success || !view.call || !view.inbound() {
        return;
    }
    note.chance();
    let Some((slot, what)) = weakness(jwt, view) else { return };
    note.add(slot, 1);
    let place = if credential.in_url { "query" } else { "header" };
    note.hit_distinct(view, &format!("request.{place}.{}", credential.name), || what);
}

fn weakness(jwt: &Jwt, view: &View<'_>) -> Option<(usize, String)> {
    if jwt.algorithm.eq_ignore_ascii_case("none") {
        return Some((FORGED, "alg none".to_owned()));
    }
    if jwt.unsigned {
        return Some((UNSIGNED, "empty signature".to_owned()));
    }
    if jwt.key_from_header {
        return Some((OWN_KEY, "the header names its own key".to_owned()));
    }
    let (at, expires_at) = (view.exchange.at?, jwt.expires_at?);
    (at.0.saturating_sub(expires_at.0) > SKEW_US).then(|| (EXPIRED, format!("expired at {expires_at}")))
}

/// What was seen over a whole service.
#[derive(Default)]
struct Sum {
    tokens: u64,
    counts: [u64; 4],
    guarded: [bool; 4],
    without_expiry: u64,
    shared_secret: bool,
}

fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    if !ground.inbound() {
        return None;
    }
    let sum = sum(ground, tallies);
    let [forged, unsigned, expired, own_key] = sum.counts;
    let [forged_guarded, unsigned_guarded, expired_guarded, _] = sum.guarded;
    let all = |count: u64| count == sum.tokens && sum.tokens > 0;
    let calls = |n: u64| format!("{n} of {} with a JWT", wording::count(sum.tokens, "successful call"));
    let mut said: Vec<(Severity, f64, String)> = Vec::new();
    if forged > 0 {
        let severity = if forged_guarded { Severity::Critical } else { Severity::High };
        said.push((severity, 0.9, format!("{} carried one with alg none, which anybody can write", calls(forged))));
    }
    if unsigned > 0 && all(unsigned) {
        let text = "every JWT seen has an empty signature: the recording was probably scrubbed".to_owned();
        said.push((Severity::Info, 0.2, text));
    } else if unsigned > 0 {
        let severity = if unsigned_guarded { Severity::Critical } else { Severity::High };
        said.push((severity, 0.85, format!("{} carried one without a signature", calls(unsigned))));
    }
    if expired > 0 && all(expired) {
        let text = "every JWT seen was past its expiry: the times of the recording were probably changed".to_owned();
        said.push((Severity::Info, 0.2, text));
    } else if expired > 0 {
        let severity = if expired_guarded { Severity::High } else { Severity::Medium };
        said.push((severity, 0.7, format!("{} carried one past its expiry", calls(expired))));
    }
    if own_key > 0 {
        let text = format!("{} carried one whose header names the key to check it with", calls(own_key));
        said.push((Severity::Medium, 0.7, text));
    }
    if sum.without_expiry > 0 {
        let text = format!("{} carried a JWT without expiry", wording::count(sum.without_expiry, "call"));
        said.push((Severity::Medium, 0.9, text));
    }
    if sum.shared_secret && ground.endpoints.iter().any(ground::is_public) {
        said.push((Severity::Info, 0.6, "tokens are signed with a shared secret (HS…) at a public service".to_owned()));
    }
    said.sort_by_key(|(severity, ..)| std::cmp::Reverse(*severity));
    let (severity, confidence) = said.first().map(|(severity, confidence, _)| (*severity, *confidence))?;
    let sentences: Vec<&str> = said.iter().map(|(.., text)| text.as_str()).collect();
    let mut explanation = sentences.join("; ");
    explanation.push('.');
    if let Some(first) = explanation.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Some(Conclusion { severity: Some(severity), confidence, explanation, ..Conclusion::default() })
}

fn sum(ground: &Ground<'_>, tallies: &[&Tally]) -> Sum {
    let mut sum = Sum::default();
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        for authentication in &endpoint.authentication_details {
            sum.without_expiry += authentication.jwt_without_expiry;
            sum.shared_secret |= authentication.jwt_algorithms.iter().any(|alg| alg.starts_with("HS"));
        }
        sum.tokens += tally.chances;
        let open = endpoint.authentication_details.iter().any(|a| a.scheme == "none" && a.successes > 0);
        if open {
            continue;
        }
        let guarded = ground::refuses(endpoint)
            || !sensitive::held(endpoint, ground.context.classifier, "response", PERSONAL).is_empty();
        for ((count, guard), seen) in sum.counts.iter_mut().zip(&mut sum.guarded).zip(tally.counts) {
            *count += seen;
            *guard |= seen > 0 && guarded;
        }
    }
    sum
}
