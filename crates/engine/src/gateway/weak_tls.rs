//! # Weak TLS
//!
//! **What.** A listener takes TLS 1.1 or older, or ciphers that are broken.
//!
//! **Why it matters.** TLS 1.0 and 1.1 are deprecated (RFC 8996); RC4, DES, 3DES, export and anonymous suites can be read
//! or forged.
//!
//! **Signals and thresholds.** The oldest version that is said, or the product's default where nothing is said. Medium;
//! high for SSL 3 and for suites without encryption or authentication; low where the default depends on the release
//! (nginx before 1.27.3 takes TLS 1.0).
//!
//! **False positives.** OpenSSL may forbid old versions for the whole system.
//!
//! **Fix.** Take TLS 1.2 and 1.3 only.
//!
//! **References.** RFC 8996, RFC 9325, OWASP API8:2023, CWE-326, CWE-327.

use vedette_model::Severity;
use vedette_parse::gateway::{Gateway, Reach, TlsVersion};

use super::{Meta, Places, Rule};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-weak-tls",
        title: "Weak TLS",
        severity: Severity::Medium,
        owasp: &["API8:2023"],
        cwe: &["CWE-326", "CWE-327"],
        compliance: &["PCI DSS 4.0.1 4.2.1"],
        compliance_by_data: false,
        facts: &[],
        fix: "Take TLS 1.2 and 1.3 only, with suites that have forward secrecy and AEAD (RFC 9325).",
    },
    check,
    bad: &[
        "server { listen 443 ssl; ssl_protocols TLSv1 TLSv1.2; }",
        "server { listen 443 ssl; }",
        "server { listen 443 ssl; ssl_protocols TLSv1.2; ssl_ciphers HIGH:RC4:!aNULL; }",
        "global\n  ssl-default-bind-options ssl-min-ver TLSv1.0\nfrontend f\n  mode http\n  bind *:443 ssl crt /c.pem\n",
    ],
    good: &[
        "http { ssl_protocols TLSv1.2 TLSv1.3; server { listen 443 ssl; ssl_ciphers HIGH:!aNULL:!MD5:!RC4; } }",
        "frontend f\n  mode http\n  bind *:443 ssl crt /c.pem\n",
    ],
};

/// Parts of suite names that are broken, and how bad each is.
const BROKEN: &[(&str, Severity)] = &[
    ("NULL", Severity::High),
    ("ADH", Severity::High),
    ("AECDH", Severity::High),
    ("EXP", Severity::High),
    ("RC4", Severity::Medium),
    ("3DES", Severity::Medium),
    ("DES", Severity::Medium),
    ("MD5", Severity::Medium),
    ("LOW", Severity::Medium),
    ("SEED", Severity::Medium),
    ("IDEA", Severity::Medium),
];

fn check(gateway: &Gateway, places: &mut Places) {
    for listener in gateway.listeners.iter().filter(|one| one.reach > Reach::Loopback) {
        let Some(tls) = &listener.tls else { continue };
        let oldest = &tls.oldest;
        if oldest.version < TlsVersion::Tls12 {
            let (severity, confidence) = match (oldest.certain, oldest.version) {
                (true, TlsVersion::Ssl) => (Severity::High, 0.9),
                (true, _) => (places.severity, 0.9),
                (false, _) => (Severity::Low, 0.5),
            };
            // A line for all listeners is one place.
            let who = if tls.at == listener.at { listener.name.as_str() } else { "the gateway" };
            places.add_as(
                severity,
                (&tls.at, who),
                format!("{who} takes {}: {}", oldest.version.name(), oldest.reason),
                confidence,
            );
        }
        if let Some((list, at)) = &tls.ciphers
            && let Some((suite, severity)) = broken(list)
        {
            places.add_as(severity, (at, "TLS suites"), format!("the suites taken include {suite}"), 0.8);
        }
    }
}

/// The worst broken suite of a list in OpenSSL's words; `!RC4` takes one out.
fn broken(list: &str) -> Option<(&str, Severity)> {
    let words = || list.split([':', ',', ' ']).filter(|word| !word.is_empty());
    let excluded = |name: &str| words().filter_map(|word| word.strip_prefix(['!', '-'])).any(|out| name.contains(out));
    let found = words().filter(|word| !word.starts_with(['!', '-', '@'])).filter_map(|word| {
        let suite = word.trim_start_matches('+');
        let part = BROKEN.iter().find(|(part, _)| {
            suite.split(['-', '_', '+']).any(|piece| piece == *part || piece.starts_with("EXP") && *part == "EXP")
        });
        // SHA-1 suites named DES-CBC3 are triple DES.
        part.filter(|_| !excluded(suite)).map(|(_, severity)| (suite, *severity))
    });
    found.max_by_key(|(_, severity)| *severity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_suites_are_found_unless_excluded() {
        assert_eq!(broken("HIGH:!aNULL:!MD5"), None);
        assert_eq!(broken("ECDHE-RSA-AES128-GCM-SHA256:DES-CBC3-SHA"), Some(("DES-CBC3-SHA", Severity::Medium)));
        assert_eq!(broken("RC4-SHA:NULL-SHA"), Some(("NULL-SHA", Severity::High)));
        assert_eq!(broken("ALL:RC4:!RC4"), None);
        assert_eq!(broken("TLS_RSA_WITH_3DES_EDE_CBC_SHA"), Some(("TLS_RSA_WITH_3DES_EDE_CBC_SHA", Severity::Medium)));
    }
}
