//! # Secret in the configuration
//!
//! **What.** A password, key or token stands in a configuration in clear. For API Management also: a secret that the
//! service keeps itself and not in a Key Vault.
//!
//! **Why it matters.** Configurations are copied, committed and sent to support. Who reads one, has the secret.
//!
//! **Signals and thresholds.** Places that hold secrets by their nature (passwords of users, keys of consumers,
//! credentials in URLs, headers with credentials), names that end like those of secrets, and values that look like those
//! of known vendors. References to variables, files and vaults are left out.
//!
//! **False positives.** Examples that were never a secret.
//!
//! **Fix.** Take the value from a vault, a file that is not committed, or the environment; withdraw the one that was there.
//!
//! **References.** OWASP API8:2023, CWE-312, CWE-798.

use vedette_model::Severity;
use vedette_parse::gateway::Gateway;

use super::{Meta, Places, Rule};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-secret-in-clear",
        title: "Secret in the configuration",
        severity: Severity::High,
        owasp: &["API8:2023"],
        cwe: &["CWE-312", "CWE-798"],
        compliance: &["PCI DSS 4.0.1 8.6.2", "OWASP ASVS 5 V13"],
        compliance_by_data: false,
        facts: &[],
        fix: "Take the value from a vault, a file that is not committed, or the environment, and withdraw the one that stood there.",
    },
    check,
    bad: &[
        "server { listen 443 ssl; location / { proxy_set_header X-Api-Key 8f14e45fceea167a5a36dedd4bea2543; proxy_pass http://api; } }",
        "_format_version: '3.0'\nconsumers: [{username: shop, keyauth_credentials: [{key: f3c9a2e87b1d4c56}]}]\n",
        "userlist admins\n  user ops insecure-password Winter-2026\ndefaults\n  mode http\n",
    ],
    good: &[
        "server { listen 443 ssl; location / { proxy_set_header Authorization $http_authorization; proxy_pass http://api; } }",
        "_format_version: '3.0'\nconsumers: [{username: shop, keyauth_credentials: [{key: '{vault://env/shop-key}'}]}]\n",
        "userlist admins\n  user ops password $6$rounds=5000$abc\ndefaults\n  mode http\n",
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    for secret in &gateway.secrets {
        let severity = if secret.shown { places.severity } else { Severity::Medium };
        let what = secret.text.split(" holds ").next().unwrap_or_default();
        places.add_as(severity, (&secret.at, what), secret.text.clone(), 0.9);
    }
}
