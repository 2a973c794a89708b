//! # Deprecated and still used
//!
//! **What.** An endpoint declares itself deprecated, and callers go on using it.
//!
//! **Why it matters.** Deprecated code gets no fixes and no eyes. Callers that never noticed will break on the day it
//! is switched off, or, more often, keep it from ever being switched off.
//!
//! **Signals and thresholds.** Successful calls answered with a `Deprecation` (RFC 9745) or `Sunset` (RFC 8594) header, or
//! at an endpoint known to be deprecated. Medium when a call succeeded after the sunset date, low otherwise. A
//! deprecation date that is still to come does not count.
//!
//! **False positives.** None known: the service says it itself.
//!
//! **Fix.** Tell the callers listed, then answer 410.
//!
//! **References.** OWASP API9:2023, CWE-1059, RFC 8594, RFC 9745.

use vedette_model::Timestamp;
use vedette_model::results::Severity;

use super::ground::{self, Subject};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Slot of [`Tally::counts`]: calls after the sunset date.
const AFTER_SUNSET: usize = 0;

/// As HTTP dates write them (RFC 9110, 5.6.7).
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "zombie-endpoint",
        title: "Deprecated and still used",
        severity: Severity::Low,
        owasp: &["API9:2023"],
        cwe: &["CWE-1059"],
        compliance: &["PCI DSS 4.0.1 6.3.2", "ASVS 5.0.0 15.2.3"],
        compliance_by_data: false,
        facts: &[&[Fact::Specification, Fact::ResponseHeaders]],
        fix: "Ask the remaining callers to move, set a date, and answer 410 Gone from then on.",
    },
    needs: Needs::HEADERS,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: None,
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    let (sunset, deprecation) = (view.answer.sunset, view.answer.deprecation);
    if (sunset.is_none() && deprecation.is_none()) || !view.success {
        return;
    }
    let at = view.exchange.at;
    let still_to_come = deprecation.and_then(date).is_some_and(|from| at.is_some_and(|at| at < from));
    if (still_to_come && sunset.is_none()) || deprecation == Some("false") {
        return;
    }
    let past = sunset.and_then(date).is_some_and(|until| at.is_some_and(|at| at > until));
    note.add(AFTER_SUNSET, u64::from(past));
    let (name, value) = sunset.map_or(("deprecation", deprecation.unwrap_or_default()), |value| ("sunset", value));
    note.hit(view, &format!("response.header.{name}"), || value.to_owned());
}

/// `Fri, 11 Nov 2026 23:59:59 GMT` (RFC 9110, 5.6.7) or `@1688169599` (RFC 9651).
fn date(value: &str) -> Option<Timestamp> {
    if let Some(secs) = value.trim().strip_prefix('@') {
        return secs.parse().ok().map(Timestamp::from_secs);
    }
    let mut parts = value.split_whitespace().skip(1);
    let (day, month, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|known| *known == month)? + 1;
    Timestamp::parse_rfc3339(&format!("{year}-{month:02}-{day:0>2}T{time}Z"))
}

fn endpoint(subject: &Subject<'_>, tally: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    let uses = if tally.hits > 0 { tally.hits } else { ground::successes(endpoint) };
    if uses == 0 || !(tally.hits > 0 || endpoint.deprecated) || !subject.ground.inbound() {
        return None;
    }
    let late = tally.count(AFTER_SUNSET);
    let when = match late {
        0 => String::new(),
        n => format!(", {n} of them after the date on which it was to end"),
    };
    let last = endpoint.last_seen.map_or(String::new(), |last| format!(" The last call was on {last}."));
    Some(Conclusion {
        severity: Some(if late > 0 { Severity::Medium } else { Severity::Low }),
        confidence: 0.95,
        explanation: format!(
            "{} by {} used an endpoint that declares itself deprecated{when}.{last}",
            wording::count(uses, "successful call"),
            wording::count(endpoint.actors.max(1), "caller"),
        ),
        occurrences: uses,
        ..Conclusion::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_both_headers_are_read() {
        let expected = Timestamp::parse_rfc3339("2023-06-30T23:59:59Z");
        assert_eq!(date("Fri, 30 Jun 2023 23:59:59 GMT"), expected);
        assert_eq!(date("@1688169599"), expected);
        assert_eq!(date("true"), None);
        assert_eq!(date("Fri, é"), None);
    }
}
