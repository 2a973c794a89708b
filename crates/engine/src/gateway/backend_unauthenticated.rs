//! # Backend cannot tell the gateway
//!
//! **What.** An API of API Management forwards to a backend outside of its network without a credential or certificate of
//! the gateway.
//!
//! **Why it matters.** Who finds the backend's address goes around the gateway, and with it around all that it checks. This
//! is one of the checks of Microsoft Defender for APIs.
//!
//! **Signals and thresholds.** No credentials at the backend, and no policy that adds one (managed identity, certificate,
//! basic, an `Authorization` or key header). Medium. Backends inside of the network are left out.
//!
//! **False positives.** Backends that only take calls from the gateway's addresses, or that check the caller's own token.
//!
//! **Fix.** Let the gateway prove who it is, with a managed identity or a client certificate.
//!
//! **References.** OWASP API8:2023, CWE-306.

use vedette_model::Severity;
use vedette_parse::gateway::{Gateway, Reach, Setting};

use super::{Meta, Places, Rule};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-backend-unauthenticated",
        title: "Backend cannot tell the gateway",
        severity: Severity::Medium,
        owasp: &["API8:2023"],
        cwe: &["CWE-306"],
        compliance: &[],
        compliance_by_data: false,
        facts: &[],
        fix: "Let the gateway prove who it is: `authentication-managed-identity` or `authentication-certificate`, checked by the backend.",
    },
    check,
    bad: &[
        r#"{"resources": [{"type": "Microsoft.ApiManagement/service/apis", "name": "s/orders", "properties": {"path": "orders", "serviceUrl": "https://orders.shop.example"}}]}"#,
    ],
    good: &[
        r#"{"resources": [{"type": "Microsoft.ApiManagement/service/apis", "name": "s/orders", "properties": {"path": "orders", "serviceUrl": "https://orders.shop.example"}},
        {"type": "Microsoft.ApiManagement/service/apis/policies", "name": "s/orders/policy", "properties": {"value": "<policies><inbound><base /><authentication-managed-identity resource=\"x\" /></inbound></policies>", "format": "rawxml"}}]}"#,
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    for backend in gateway.backends.iter().filter(|backend| backend.reach == Reach::Anywhere) {
        let Some(Setting::Off(reason, _)) = &backend.authentication else { continue };
        places.add(
            (&backend.at, &backend.name),
            format!("{} gets calls that anybody could have sent: {reason}", backend.name),
            0.6,
        );
    }
}
