//! # Server without TLS
//!
//! A server URL says `http://` (or `ws://`): credentials and data can be read on the way. Loopback addresses are left out.
use vedette_model::Severity;

use super::{Document, Places, Rule};

pub(super) const RULE: Rule = Rule {
    id: "spec-plain-http",
    title: "Server without TLS",
    severity: Severity::High,
    owasp: &["API8:2023"],
    cwe: &["CWE-319"],
    fix: "Serve `https` only, and answer plain HTTP with a redirect outside of the API.",
    check,
    bad: r"servers: [{url: 'http://shop.example'}]
paths: {}
",
    good: r"servers: [{url: 'https://shop.example'}, {url: 'http://localhost:80'}]
paths: {}
",
};

fn check(document: &Document<'_>, places: &mut Places) {
    let all = document.spec.servers.iter().chain(document.spec.operations.iter().flat_map(|one| &one.servers));
    for server in all {
        let host = server.host.as_deref().unwrap_or_default();
        let local = ["localhost", "127.", "[::1]"].iter().any(|start| host.starts_with(start));
        if matches!(server.scheme.as_deref(), Some("http" | "ws")) && !local {
            places.add(document.servers(), format!("{host} is served without TLS"));
        }
    }
}
