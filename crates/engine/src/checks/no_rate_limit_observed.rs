//! # No rate limit in sight
//!
//! **What.** One caller used an endpoint at a high rate, and nothing slowed it down.
//!
//! **Why it matters.** Without a limit, passwords are guessed, lists are copied, and one client starves the rest.
//!
//! **Signals and thresholds.** One caller made at least 300 calls at 5 a second or more: low. Where secrets are guessed
//! (logins, sign-ups, password resets, tokens, MFA, payments, invoices, transfers, payouts, coupons) 100 calls within an hour: medium, for
//! 100 failures in a row are the most that NIST SP 800-63B, section 3.2.2, allows. The rate is a lower bound: all calls
//! of the caller over the time that it was active, or what all others together leave over in the busiest interval. No
//! answer 429 anywhere in the service, and no `RateLimit`, `X-RateLimit` or `Retry-After` header. Without such a burst
//! nothing is said: a limit that was never reached is not seen.
//!
//! **False positives.** A limit above the rate seen; one client address that is a whole company's.
//!
//! **Fix.** Limits per credential and, before login, per account and address, answered with 429 and `Retry-After`.
//!
//! **References.** OWASP API4:2023, CWE-770, RFC 6585 section 4, NIST SP 800-63B section 3.2.2.

use vedette_model::results::{Endpoint, Severity};

use super::ground::{self, Subject};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Calls of one caller from which a limit should have shown, and their number a second that no human client makes.
const CALLS_MIN: u64 = 300;
const RATE_MIN: f64 = 5.0;

/// The same where secrets are guessed: NIST's 100 attempts, within an hour.
const GUESSES_MIN: u64 = 100;
const GUESS_RATE_MIN: f64 = 100.0 / 3_600.0;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "no-rate-limit-observed",
        title: "No rate limit in sight",
        severity: Severity::Low,
        owasp: &["API4:2023"],
        cwe: &["CWE-770"],
        compliance: &["PCI DSS 4.0.1 6.2.4", "ASVS 5.0.0 2.4.1", "ASVS 5.0.0 6.3.1"],
        compliance_by_data: false,
        facts: &[&[Fact::Caller, Fact::ClientAddress], &[Fact::Time], &[Fact::Status]],
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
    let judged = endpoint.is_api() && ground::is_call(endpoint) && ground.inbound() && subject.public();
    if tally.hits > 0 || ground.limited || !judged || ground::function(endpoint) == Some("health") {
        return None;
    }
    let guessing = matches!(
        subject.function(),
        Some(
            "login"
                | "sign-up"
                | "password-reset"
                | "token"
                | "mfa"
                | "payment"
                | "invoice"
                | "transfer"
                | "payout"
                | "coupon"
        )
    );
    let (calls_min, rate_min) = if guessing { (GUESSES_MIN, GUESS_RATE_MIN) } else { (CALLS_MIN, RATE_MIN) };
    let fast = |&(calls, secs): &(u64, u64)| calls >= calls_min && rate(calls, secs) >= rate_min;
    let (calls, secs) = bursts(endpoint).filter(fast).max_by_key(|&(calls, secs)| (calls, std::cmp::Reverse(secs)))?;
    Some(Conclusion {
        severity: Some(if guessing { Severity::Medium } else { Severity::Low }),
        confidence: 0.6,
        explanation: format!(
            "One caller made at least {calls} calls within {} ({}) and was never slowed down: no answer of the \
             service was 429 or named a limit.",
            wording::duration(secs),
            in_words(rate(calls, secs)),
        ),
        occurrences: calls,
        ..Conclusion::default()
    })
}

/// Lower bounds of bursts: calls of one caller, and the seconds within which it made them.
fn bursts(endpoint: &Endpoint) -> impl Iterator<Item = (u64, u64)> {
    let busiest = endpoint.callers.iter().map(|caller| caller.exchanges).max().unwrap_or(0);
    let others = endpoint.exchanges.saturating_sub(busiest);
    let peak = endpoint.timeline.exchanges.iter().max().map_or(0, |peak| peak.saturating_sub(others));
    let whole = endpoint.callers.iter().filter_map(|c| Some((c.exchanges, c.active_secs?.max(1))));
    whole.chain([(peak, endpoint.timeline.bucket_secs.max(1))])
}

fn rate(calls: u64, secs: u64) -> f64 {
    calls as f64 / secs as f64
}

fn in_words(rate: f64) -> String {
    if rate >= 1.0 { format!("{rate:.0} a second") } else { format!("{:.0} a minute", rate * 60.0) }
}
