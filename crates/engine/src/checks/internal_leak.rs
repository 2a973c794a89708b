//! # Internals in responses
//!
//! **What.** Responses name the software with its version, private addresses, hosts of the inner network, or paths of
//! the file system.
//!
//! **Why it matters.** Each is a piece of the map an attacker draws before the attack: which exploit fits, where an
//! SSRF should point.
//!
//! **Signals and thresholds.** A version number in `Server`, `X-Powered-By` or `X-AspNet-Version` (info alone); a private
//! address or inner host name in `Location`, `Via` or `X-Backend-Server` (low); in error bodies a path of the file
//! system, and in any body a URL to a private address or to a cluster-internal name (low). The bodies of the first 64
//! exchanges of an endpoint are read, then one in 16. One finding per service.
//!
//! **False positives.** Products whose subject is networks (cloud providers, monitoring) return private addresses as
//! data: only addresses in URLs are counted. A redirect of an internal service to itself is no leak: only services
//! called from outside are judged. Private hosts are expected when the service itself is called by such a name.
//!
//! **Fix.** Strip the headers at the gateway, and map inner URLs to public ones.
//!
//! **References.** OWASP API8:2023, CWE-200, CWE-497.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use vedette_model::results::Severity;

use super::ground::Ground;
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Slots of [`Tally::counts`].
const VERSIONS: usize = 0;
const BODIES: usize = 1;
const HOSTS: usize = 2;
const PATHS: usize = 3;

/// Bodies of an endpoint that are all read before sampling begins.
const BODIES_ALL: u64 = 64;
/// One in this many afterwards (a power of two).
const BODIES_SAMPLE: u64 = 16;
/// Bytes of a body that are read: what leaks stands early, in envelopes and errors.
const BODY_BYTES: usize = 16 << 10;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "internal-leak",
        title: "Internals in responses",
        severity: Severity::Low,
        owasp: &["API8:2023"],
        cwe: &["CWE-200", "CWE-497"],
        compliance: &["PCI DSS 4.0.1 2.2.6", "ASVS 5.0.0 13.4.6"],
        compliance_by_data: false,
        facts: &[&[Fact::ResponseHeaders, Fact::ResponseBody]],
        fix: "Remove version and backend headers at the gateway, rewrite redirects and links to public names, and \
              answer errors with a fixed text.",
    },
    needs: Needs::HEADERS.or(Needs::BODY),
    observe: Some(observe),
    endpoint: None,
    service: Some(service),
};

/// What a body gives away, with whether it counts in successful bodies too.
const NEEDLES: [(&str, usize); 16] = [
    ("://10.", HOSTS),
    ("://192.168.", HOSTS),
    ("://172.16.", HOSTS),
    ("://172.17.", HOSTS),
    ("://172.18.", HOSTS),
    ("://172.20.", HOSTS),
    ("://172.31.", HOSTS),
    ("://169.254.", HOSTS),
    ("://localhost:", HOSTS),
    ("://127.0.0.1", HOSTS),
    (".svc.cluster.local", HOSTS),
    ("/var/www/", PATHS),
    ("/usr/src/app/", PATHS),
    ("/home/", PATHS),
    ("/opt/app", PATHS),
    (":\\\\inetpub\\\\", PATHS),
];

static FINDER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(NEEDLES.iter().map(|(needle, _)| needle)).ok());

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    if !view.inbound() {
        return;
    }
    let answer = &view.answer;
    for (name, value) in [("server", answer.server), ("x-powered-by", answer.powered_by)] {
        if let Some(value) = value.filter(|value| has_version(value)) {
            note.add(VERSIONS, 1);
            note.hit_distinct(view, &format!("response.header.{name}"), || value.to_owned());
        }
    }
    for (name, value) in [("location", answer.location), ("x-backend-server", answer.backend)] {
        if let Some(inner) = value.and_then(inner_host)
            && view.exchange.host.as_deref().is_none_or(|host| !inner.starts_with(host))
        {
            note.add(HOSTS, 1);
            note.hit_distinct(view, &format!("response.header.{name}"), || mask_host(inner));
        }
    }
    read_body(view, note);
}

fn read_body(view: &View<'_>, note: &mut Note<'_>) {
    let Some(body) = view.exchange.response_body.as_deref() else { return };
    if body.is_empty() || (note.sum(BODIES) >= BODIES_ALL && view.seen_at.1 & (BODIES_SAMPLE - 1) != 0) {
        return;
    }
    note.add(BODIES, 1);
    let error = view.exchange.status >= 400;
    let Some(finder) = FINDER.as_ref() else { return };
    let head = body.get(..BODY_BYTES).unwrap_or(body);
    let found = finder.find_iter(head).find_map(|found| {
        let (needle, slot) = NEEDLES.get(found.pattern().as_usize())?;
        let own = view.exchange.host.as_deref().is_some_and(|host| !host.contains('.') || is_private_name(host));
        (error || *slot == HOSTS && !own).then_some((*needle, *slot))
    });
    if let Some((needle, slot)) = found {
        note.add(slot, 1);
        note.hit_distinct(view, "response.body", || format!("{needle}…"));
    }
}

/// Service names with a digit after a slash or a bare version: `nginx/1.14.2`, `PHP/8.1`, `4.0.30319`.
fn has_version(value: &str) -> bool {
    let product = value.split_once('/').is_some_and(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()));
    product || value.starts_with(|c: char| c.is_ascii_digit())
}

/// Host of a URL, or of a `Via`-like value, that is not reachable from outside.
fn inner_host(value: &str) -> Option<&str> {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let host = rest.split(['/', '?', ' ', ',']).next()?;
    (!host.is_empty() && (value.contains("://") || !value.contains(' ')) && is_private_name(host)).then_some(host)
}

fn is_private_name(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    match name.parse::<std::net::Ipv4Addr>() {
        Ok(address) => address.is_private() || address.is_link_local() || address.is_loopback(),
        Err(_) => [".internal", ".local", ".cluster.local", ".lan", ".corp"].iter().any(|end| name.ends_with(end)),
    }
}

/// The first label or number stays, the rest is masked.
fn mask_host(host: &str) -> String {
    match host.split_once('.') {
        Some((first, _)) => format!("{first}.•••"),
        None => "•••".to_owned(),
    }
}

fn service(ground: &Ground<'_>, tallies: &[&Tally]) -> Option<Conclusion> {
    if !ground.inbound() || !ground.endpoints.iter().any(super::ground::is_public) {
        return None;
    }
    let total = |slot: usize| tallies.iter().map(|tally| tally.count(slot)).sum::<u64>();
    let (versions, hosts, paths) = (total(VERSIONS), total(HOSTS), total(PATHS));
    let mut said = Vec::new();
    for (n, what) in [
        (hosts, "named a host of the inner network"),
        (paths, "named a path of the file system"),
        (versions, "told the version of its software"),
    ] {
        if n > 0 {
            said.push(format!("{} {what}", wording::count(n, "response")));
        }
    }
    let mut shown: Vec<String> =
        tallies.iter().flat_map(|tally| &tally.evidence).map(|evidence| evidence.excerpt.clone()).collect();
    shown.sort();
    shown.dedup();
    (!said.is_empty()).then(|| Conclusion {
        severity: Some(if hosts + paths > 0 { Severity::Low } else { Severity::Info }),
        confidence: 0.9,
        explanation: format!("{} ({}).", said.join(", "), wording::list(&shown)),
        occurrences: versions.max(hosts).max(paths),
        ..Conclusion::default()
    })
}
