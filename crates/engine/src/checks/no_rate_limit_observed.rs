//! # No rate limit in sight
//!
//! **What.** One caller used an endpoint at a high rate, and nothing slowed it down.
//!
//! **Why it matters.** Without a limit, passwords are guessed, lists are copied, and one client starves the rest.
//!
//! **Signals and thresholds.** The busiest caller made at least 300 calls at 5 a second or more; its calls in the
//! busiest interval are at least what all others together leave over, so the rate is a lower bound. No answer 429
//! anywhere in the service, and no `RateLimit`, `X-RateLimit` or `Retry-After` header. Medium for logins, sign-ups,
//! password resets, tokens, MFA and payments, low otherwise. Without such a burst nothing is said: a limit
//! that was never reached is not seen.
//!
//! **False positives.** A limit above the rate seen; one client address that is a whole company's.
//!
//! **Fix.** Limits per credential and, before login, per account and address, answered with 429 and `Retry-After`.
//!
//! **References.** OWASP API4:2023, CWE-770, RFC 6585 section 4.

use vedette_model::results::{Endpoint, Severity};

use super::ground::{self, Subject};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};

/// Calls of one caller in the busiest interval from which a limit should have shown.
const CALLS_MIN: u64 = 300;

/// Calls a second of one caller that no human client makes.
const RATE_MIN: f64 = 5.0;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "no-rate-limit-observed",
        title: "No rate limit in sight",
        severity: Severity::Low,
        owasp: &["API4:2023"],
        cwe: &["CWE-770"],
        compliance: &["PCI DSS 4.0.1 6.2.4"],
        fix: "Limit calls per credential, and before login per account and per address; answer 429 with Retry-After, \
              and tell clients their budget in RateLimit headers.",
    },
    needs: Needs::HEADERS,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: None,
};

/// `hits`: answers that speak of a rate limit.
fn observe(view: &View<'_>, note: &mut Note<'_>) {
    if view.answer.rate_limit {
        note.hit(view, "response.header", || "rate limit".to_owned());
    }
}

fn endpoint(subject: &Subject<'_>, tally: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    let ground = subject.ground;
    let judged = endpoint.kind == "api" && ground::is_call(endpoint) && ground.inbound() && subject.public();
    if tally.hits > 0 || ground.limited || !judged || ground::function(endpoint) == Some("health") {
        return None;
    }
    let (calls, secs) = burst(endpoint)?;
    let rate = calls as f64 / secs as f64;
    if calls < CALLS_MIN || rate < RATE_MIN {
        return None;
    }
    let guessing = matches!(
        subject.function(),
        Some("login" | "sign-up" | "password-reset" | "token" | "mfa" | "payment" | "transfer" | "coupon")
    );
    Some(Conclusion {
        severity: Some(if guessing { Severity::Medium } else { Severity::Low }),
        confidence: 0.6,
        explanation: format!(
            "One caller made at least {calls} calls within {} ({rate:.0} a second) and was never slowed down: no \
             answer of the service was 429 or named a limit.",
            wording::duration(secs),
        ),
        occurrences: calls,
        ..Conclusion::default()
    })
}

/// Calls that the busiest caller must have made in the busiest interval, and its length in seconds.
fn burst(endpoint: &Endpoint) -> Option<(u64, u64)> {
    let busiest = endpoint.callers.iter().map(|caller| caller.exchanges).max()?;
    let others = endpoint.exchanges.saturating_sub(busiest);
    let peak = endpoint.timeline.exchanges.iter().max()?;
    Some((peak.saturating_sub(others), endpoint.timeline.bucket_secs.max(1)))
}
