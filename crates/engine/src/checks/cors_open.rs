//! # Open to scripts of any web site
//!
//! **What.** Answers allow scripts of foreign origins to read them, with the visitor's cookies or where only the
//! network protects the data.
//!
//! **Why it matters.** A page that a victim merely visits calls the API in the victim's name and reads the answer.
//!
//! **Signals and thresholds.** `Access-Control-Allow-Origin` that repeats the origins of at least two unrelated sites
//! together with `Access-Control-Allow-Credentials: true`: high where session cookies or Basic are in use, medium
//! otherwise. One foreign site beside the own front end: low, for it may stand on a list. `null` with credentials: medium. `*` on data of weight 0.7 and more that is returned without a credential by a
//! private or internal service: medium. `*` together with `…-Credentials: true`: low, for browsers refuse this
//! pair, and it shows a rule that nobody understood. One finding per service.
//!
//! **False positives.** `*` alone on a public API with tokens in headers is right and not counted: a foreign page
//! has no token to send. One foreign origin alone may be the own front end on another domain: not counted.
//!
//! **Fix.** A list of origins, compared whole; no `null`; credentials only with it.
//!
//! **References.** OWASP API8:2023, CWE-942, WHATWG Fetch, section 3.2.

use vedette_model::results::{Endpoint, Severity};

use super::ground::{self, Ground};
use super::sensitive::{self, SENSITIVE};
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Slots of [`Tally::counts`].
const REFLECTED: usize = 0;
const NULL: usize = 1;
const STAR_CREDENTIALS: usize = 2;
const STAR: usize = 3;
const OWN: usize = 4;

/// Unrelated sites whose origin was repeated, from which no list is behind it.
const SITES_MIN: usize = 2;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "cors-open",
        title: "Open to scripts of any web site",
        severity: Severity::Medium,
        owasp: &["API8:2023"],
        cwe: &["CWE-942"],
        compliance: &["PCI DSS 4.0.1 6.2.4", "ASVS 5.0.0 3.4.2"],
        compliance_by_data: false,
        facts: &[&[Fact::ResponseHeaders]],
        fix: "Compare the Origin header with a list of whole origins, answer it only when it is on the list, and send \
              Access-Control-Allow-Credentials only then. Never allow null.",
    },
    needs: Needs::HEADERS,
    observe: Some(observe),
    endpoint: None,
    service: Some(service),
};

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    let Some(allowed) = view.answer.allow_origin else { return };
    if !view.inbound() || !view.success {
        return;
    }
    let with_credentials = view.answer.allow_credentials;
    let slot = match (allowed, with_credentials) {
        ("*", true) => STAR_CREDENTIALS,
        ("*", false) => {
            note.add(STAR, 1);
            return;
        }
        ("null", true) => NULL,
        (origin, true) if is_foreign(origin, view) => REFLECTED,
        (_, true) => {
            note.add(OWN, 1);
            return;
        }
        _ => return,
    };
    note.add(slot, 1);
    let shown = if slot == REFLECTED { site(allowed).unwrap_or(allowed) } else { allowed };
    note.hit_distinct(view, "response.header.access-control-allow-origin", || shown.to_owned());
}

/// The answer repeats the origin of another site than its own.
fn is_foreign(allowed: &str, view: &View<'_>) -> bool {
    let headers = &view.exchange.request_headers;
    let repeats = headers.get("origin").is_some_and(|origin| origin.trim() == allowed);
    let own = view.exchange.host.as_deref().and_then(site);
    repeats && !allowed.contains("://localhost") && site(allowed).is_some_and(|theirs| Some(theirs) != own)
}

/// The last two labels of a host name (three when the second is short, as in `co.uk`): near enough to the
/// registrable domain to tell unrelated sites apart without a list.
fn site(origin: &str) -> Option<&str> {
    let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = host.split([':', '/']).next()?;
    let dots: Vec<usize> = host.rmatch_indices('.').map(|(at, _)| at).collect();
    let cut = match dots.as_slice() {
        [last, second, third, ..] if last - second <= 4 => Some(*third),
        [last, second] if last - second <= 4 => return Some(host),
        [_, second, ..] => Some(*second),
        _ => None,
    };
    cut.map_or(Some(host), |at| host.get(at + 1..))
}

fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    let total = |slot: usize| tallies.iter().map(|tally| tally.count(slot)).sum::<u64>();
    let mut sites: Vec<&str> = tallies
        .iter()
        .filter(|tally| tally.count(REFLECTED) > 0)
        .flat_map(|tally| &tally.evidence)
        .map(|evidence| evidence.excerpt.as_str())
        .filter(|excerpt| !matches!(*excerpt, "*" | "null"))
        .collect();
    sites.sort_unstable();
    sites.dedup();
    let answers = |n: u64| wording::count(n, "answer");
    let cookies = || ground.endpoints.iter().zip(tallies).any(|(e, tally)| tally.count(REFLECTED) > 0 && is_ambient(e));
    if sites.len() >= SITES_MIN {
        let cookies = cookies();
        return Some(Conclusion {
            severity: Some(if cookies { Severity::High } else { Severity::Medium }),
            confidence: 0.8,
            explanation: format!(
                "{} repeated whatever origin asked ({}) and allowed credentials{}.",
                answers(total(REFLECTED)),
                wording::list(&sites),
                if cookies { "; visitors are recognized by cookie or Basic" } else { "" },
            ),
            occurrences: total(REFLECTED),
            ..Conclusion::default()
        });
    }
    if let ([site], true) = (sites.as_slice(), total(OWN) > 0) {
        return Some(Conclusion {
            severity: Some(if cookies() { Severity::Medium } else { Severity::Low }),
            confidence: 0.5,
            explanation: format!(
                "{} let scripts of {site} read them with credentials, beside {} to the own front end. Unless {site} is \
                 on a list of yours, any site may.",
                answers(total(REFLECTED)),
                answers(total(OWN)),
            ),
            occurrences: total(REFLECTED),
            ..Conclusion::default()
        });
    }
    if total(NULL) > 0 {
        return Some(Conclusion {
            severity: Some(Severity::Medium),
            confidence: 0.8,
            explanation: format!(
                "{} allowed the origin null with credentials: any sandboxed frame has this origin.",
                answers(total(NULL))
            ),
            occurrences: total(NULL),
            ..Conclusion::default()
        });
    }
    open_inside(ground, tallies).or_else(|| {
        let n = total(STAR_CREDENTIALS);
        (n > 0).then(|| Conclusion {
            severity: Some(Severity::Low),
            confidence: 0.9,
            explanation: format!(
                "{} allowed any origin (*) together with credentials. Browsers refuse this pair, so it opens nothing \
                 today; it shows a rule that was meant to allow everything.",
                answers(n)
            ),
            occurrences: n,
            ..Conclusion::default()
        })
    })
}

/// Browsers send the credential by themselves.
fn is_ambient(endpoint: &Endpoint) -> bool {
    endpoint.authentication.iter().any(|scheme| matches!(scheme.as_str(), "session-cookie" | "basic"))
}

/// `*` where only the network protects the data.
fn open_inside(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    let mut places = Vec::new();
    let mut calls = 0;
    for (endpoint, tally) in ground.endpoints.iter().zip(tallies) {
        let star = tally.count(STAR) + tally.count(STAR_CREDENTIALS);
        let inside = !ground::is_public(endpoint);
        let open = endpoint.authentication.iter().any(|scheme| scheme == "none") && ground.credentialed_endpoints > 0;
        let held = sensitive::held(endpoint, ground.context.classifier, "response", SENSITIVE);
        if star > 0 && inside && open && !held.is_empty() {
            places.push(wording::place(endpoint));
            calls += star;
        }
    }
    (!places.is_empty()).then(|| Conclusion {
        severity: Some(Severity::Medium),
        confidence: 0.6,
        explanation: format!(
            "Any web site (*) may read sensitive data that only the network protects, at {}: a page opened inside \
             the network can fetch it.",
            wording::list(&places),
        ),
        occurrences: calls,
        ..Conclusion::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_told_apart_by_their_last_labels() {
        for (origin, expected) in [
            ("https://app.shop.example", "shop.example"),
            ("https://api.shop.example:8443", "shop.example"),
            ("https://a.shop.co.uk", "shop.co.uk"),
            ("https://shop.co.uk", "shop.co.uk"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(site(origin), Some(expected), "{origin}");
        }
    }
}
