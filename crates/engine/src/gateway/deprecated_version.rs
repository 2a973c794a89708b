//! # Old version still routed
//!
//! **What.** A route leads to a version of an API that the configuration calls deprecated, or that has a newer one beside
//! it.
//!
//! **Why it matters.** Old versions miss fixes and checks of the new ones, and few watch them.
//!
//! **Signals and thresholds.** A declaration (`deprecated: true`, a tag) or a path that only differs from another route's
//! in a lower version number. Low.
//!
//! **False positives.** Versions that are both supported.
//!
//! **Fix.** Announce an end, then remove the route.
//!
//! **References.** OWASP API9:2023, CWE-1059.

use vedette_model::Severity;
use vedette_parse::gateway::{Gateway, Route};

use super::{Meta, Places, Rule, forwarding};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-deprecated-version",
        title: "Old version still routed",
        severity: Severity::Low,
        owasp: &["API9:2023"],
        cwe: &["CWE-1059"],
        compliance: &["PCI DSS 4.0.1 6.3.2"],
        compliance_by_data: false,
        facts: &[],
        fix: "Announce the end of the old version (`Deprecation` and `Sunset` headers), see in the traffic who still calls it, then remove the route.",
    },
    check,
    bad: &[
        "server { listen 443 ssl; location /v1/orders { proxy_pass http://old; } location /v2/orders { proxy_pass http://new; } }",
        "_format_version: '3.0'\nservices: [{name: a, url: 'http://a', routes: [{paths: [/api], tags: [deprecated]}]}]\n",
    ],
    good: &[
        "server { listen 443 ssl; location /v1/orders { proxy_pass http://old; } location /v2/users { proxy_pass http://new; } }",
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    let versioned: Vec<(&Route, u32, String)> = forwarding(gateway)
        .filter_map(|route| split_version(&route.path.text).map(|(version, rest)| (route, version, rest)))
        .collect();
    let mut newest: std::collections::BTreeMap<(&[String], &str), u32> = std::collections::BTreeMap::new();
    for (route, version, rest) in &versioned {
        let known = newest.entry((route.hosts.as_slice(), rest.as_str())).or_default();
        *known = (*known).max(*version);
    }
    for (route, version, rest) in &versioned {
        let newest = newest.get(&(route.hosts.as_slice(), rest.as_str())).copied().unwrap_or_default();
        if newest > *version && route.deprecated.is_none() {
            places.add(
                (&route.at, &route.name()),
                format!("{} is still routed, while version {newest} of it is there too", route.name()),
                0.6,
            );
        }
    }
    for route in forwarding(gateway) {
        if let Some(reason) = &route.deprecated {
            places.add((&route.at, &route.name()), format!("{} is still routed: {reason}", route.name()), 0.9);
        }
    }
}

/// The first `v<number>` segment of a path, and the path without it.
fn split_version(path: &str) -> Option<(u32, String)> {
    let mut version = None;
    let mut rest = String::with_capacity(path.len());
    for segment in path.trim_matches(|c| matches!(c, '^' | '$' | '/')).split('/') {
        let number = segment.strip_prefix(['v', 'V']).and_then(|digits| digits.parse::<u32>().ok());
        if let Some(number) = number.filter(|number| version.is_none() && *number < 100) {
            version = Some(number);
        } else {
            rest.push('/');
            rest.push_str(segment);
        }
    }
    version.map(|version| (version, rest))
}
