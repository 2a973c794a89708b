//! # Internal server named
//!
//! A published document that names loopback, private or `.internal` hosts tells an attacker how the inside is built.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-internal-server",
    title: "Internal server named",
    severity: Severity::Low,
    owasp: &["API9:2023"],
    cwe: &["CWE-200"],
    fix: "Keep internal servers out of the published document.",
    check,
    bad: r"servers: [{url: 'https://10.1.2.3/api'}]
paths: {}
",
    good: r"servers: [{url: 'https://shop.example/api'}]
paths: {}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    for server in &document.spec.servers {
        let host = server.host.as_deref().unwrap_or_default();
        let name = host.split(':').next().unwrap_or(host);
        let inside =
            [".internal", ".local", ".lan", ".corp", ".svc", ".intranet"].iter().any(|end| name.ends_with(end));
        let private = name.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_private() || ip.is_loopback());
        if inside || private || name == "localhost" {
            places.add(document.servers(), format!("{host} is an internal address"));
        }
    }
}
