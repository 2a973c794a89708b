//! # An old version is still alive
//!
//! **What.** An endpoint of an earlier API version answers although a later version has the same endpoint.
//!
//! **Why it matters.** Checks that were added to the new version (authentication, fewer fields, limits) are missing in
//! the old one, and attackers look there first.
//!
//! **Signals and thresholds.** Two endpoints of one service that differ in nothing but `v1` and `v2` in the path, both
//! answered with success. Medium when the old one answered without the credential that the new one is called
//! with, or returns a sensitive class that the new one does not; low otherwise. One finding per service.
//!
//! **False positives.** Versions that share no endpoint are two APIs and say nothing. Betas are not later versions.
//!
//! **Fix.** Move callers, answer 410.
//!
//! **References.** OWASP API9:2023, CWE-1059.

use std::collections::HashMap;

use vedette_model::results::{Endpoint, Severity};

use super::ground::{self, Ground};
use super::sensitive::{self, PERSONAL};
use super::{Check, Conclusion, Meta, Needs, Tally, wording};
use crate::quality::facts::Fact;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "old-version-alive",
        title: "An old version is still alive",
        severity: Severity::Low,
        owasp: &["API9:2023"],
        cwe: &["CWE-1059"],
        compliance: &["PCI DSS 4.0.1 6.3.2", "ASVS 5.0.0 15.2.3"],
        compliance_by_data: false,
        facts: &[&[Fact::Status]],
        fix: "Announce an end date with Deprecation and Sunset headers, move the remaining callers, then answer 410. \
              Until then, give the old version the same checks as the new one.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: None,
    service: Some(service),
};

fn service(ground: &Ground<'_>, _: &[&Tally]) -> Option<Conclusion> {
    if !ground.inbound() {
        return None;
    }
    let mut newest: HashMap<(&str, String), (u32, &Endpoint)> = HashMap::new();
    let versioned: Vec<_> = ground
        .endpoints
        .iter()
        .filter(|endpoint| ground::successes(endpoint) > 0)
        .filter_map(|endpoint| split_version(&endpoint.template).map(|(version, rest)| (version, rest, endpoint)))
        .collect();
    for (version, rest, endpoint) in &versioned {
        let best = newest.entry((&endpoint.method, rest.clone())).or_insert((*version, endpoint));
        if *version > best.0 {
            *best = (*version, endpoint);
        }
    }
    let mut places = Vec::new();
    let mut weaker = Vec::new();
    let mut calls = 0;
    for (version, rest, old) in &versioned {
        let Some((latest, new)) = newest.get(&(old.method.as_str(), rest.clone())) else { continue };
        if version < latest {
            places.push(format!("{} beside v{latest}", wording::place(old)));
            calls += ground::successes(old);
            if let Some(why) = weakness(ground, old, new) {
                weaker.push(format!(" {} {why}.", wording::place(old)));
            }
        }
    }
    (!places.is_empty()).then(|| Conclusion {
        severity: Some(if weaker.is_empty() { Severity::Low } else { Severity::Medium }),
        confidence: 0.8,
        explanation: format!(
            "{} went to {} that a later version replaces: {}.{}",
            wording::count(calls, "successful call"),
            wording::count(places.len() as u64, "endpoint"),
            wording::list(&places),
            weaker.iter().take(2).map(String::as_str).collect::<String>(),
        ),
        occurrences: calls,
        ..Conclusion::default()
    })
}

/// In what the old endpoint is weaker than the new one.
fn weakness(ground: &Ground<'_>, old: &Endpoint, new: &Endpoint) -> Option<String> {
    let open = |e: &Endpoint| !e.authentication.is_empty() && e.authentication.iter().all(|scheme| scheme == "none");
    let closed = |e: &Endpoint| e.authentication.iter().any(|scheme| !matches!(scheme.as_str(), "none" | "unknown"));
    if open(old) && closed(new) {
        return Some("answers without the credential that the new one is called with".to_owned());
    }
    let held = |e| sensitive::held(e, ground.context.classifier, "response", PERSONAL);
    let (before, after) = (held(old), held(new));
    let after = sensitive::classes(&after);
    let more: Vec<_> = sensitive::classes(&before).into_iter().filter(|class| !after.contains(class)).collect();
    (!more.is_empty() && !new.fields.is_empty())
        .then(|| format!("returns {}, which the new one does not", wording::list(&more)))
}

/// The number of the first `v<number>` segment, and the template without it and with nameless parameters.
fn split_version(template: &str) -> Option<(u32, String)> {
    let mut version = None;
    let mut rest = String::with_capacity(template.len());
    for segment in template.split('/').skip(1) {
        let number = segment.strip_prefix(['v', 'V']).and_then(|digits| digits.parse::<u32>().ok());
        match number.filter(|n| version.is_none() && *n < 100) {
            Some(number) => version = Some(number),
            None if segment.starts_with('{') => rest.push_str("/{}"),
            None => {
                rest.push('/');
                rest.push_str(segment);
            }
        }
    }
    version.filter(|_| rest.len() > 1).map(|version| (version, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_split_from_templates() {
        assert_eq!(split_version("/api/v1/users/{id}"), Some((1, "/api/users/{}".to_owned())));
        assert_eq!(split_version("/v2/users/{userId}"), Some((2, "/users/{}".to_owned())));
        assert_eq!(split_version("/v4beta/users"), None);
        assert_eq!(split_version("/users"), None);
        assert_eq!(split_version("/v1"), None);
    }
}
