//! # Backend not verified
//!
//! **What.** The gateway speaks TLS with a backend and does not check its certificate.
//!
//! **Why it matters.** Whoever stands between them, or answers at the backend's name, reads and changes every call; TLS
//! only keeps out who listens.
//!
//! **Signals and thresholds.** What is said (`proxy_ssl_verify off`, `verify none`, `insecureSkipVerify`,
//! `validateCertificateChain: false`), or the product's default: nginx, Envoy and Kong verify nothing unless told. High for
//! backends outside of the network where it is turned off on purpose, medium for other backends outside, low inside.
//!
//! **False positives.** A mesh that verifies below.
//!
//! **Fix.** Turn verification on, with the authority that signed the backend's certificate and its name.
//!
//! **References.** OWASP API8:2023, CWE-295.

use vedette_model::Severity;
use vedette_parse::gateway::{Gateway, Reach, Setting};

use super::{Meta, Places, Rule};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-backend-unverified",
        title: "Backend not verified",
        severity: Severity::Medium,
        owasp: &["API8:2023", "API10:2023"],
        cwe: &["CWE-295"],
        compliance: &["PCI DSS 4.0.1 4.2.1"],
        compliance_by_data: false,
        facts: &[],
        fix: "Verify the backend's certificate: name the authority that signed it and the name it must have.",
    },
    check,
    bad: &[
        "server { listen 443 ssl; location / { proxy_pass https://orders.partner.example; } }",
        "_format_version: '3.0'\nservices: [{name: a, url: 'https://a.partner.example', tls_verify: false}]\n",
        "backend api\n  mode http\n  server a 10.0.0.1:443 ssl verify none\n",
    ],
    good: &[
        "server { listen 443 ssl; proxy_ssl_verify on; proxy_ssl_trusted_certificate /ca.pem; location / { proxy_pass https://orders.partner.example; } }",
        "_format_version: '3.0'\nservices: [{name: a, url: 'https://a.partner.example', tls_verify: true}]\n",
        "backend api\n  mode http\n  server a 10.0.0.1:443 ssl verify required ca-file /ca.pem\n  server b 10.0.0.2:80\n",
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    for backend in gateway.backends.iter().filter(|backend| backend.tls && backend.reach > Reach::Loopback) {
        let Setting::Off(reason, at) = &backend.verify else { continue };
        let severity = match (at, backend.reach) {
            (Some(_), Reach::Anywhere) => Severity::High,
            (Some(_), _) | (None, Reach::Anywhere) => places.severity,
            (None, _) => Severity::Low,
        };
        let text = format!("the certificate of {} is not verified: {reason}", backend.name);
        places.add_as(severity, (at.as_ref().unwrap_or(&backend.at), &backend.name), text, 0.9);
    }
}
