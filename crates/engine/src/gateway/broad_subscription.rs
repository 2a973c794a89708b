//! # Subscription for every API
//!
//! **What.** A subscription of API Management has the scope of all APIs.
//!
//! **Why it matters.** One key that leaks opens everything, also APIs that come later. This is one of the checks of Microsoft Defender for APIs.
//!
//! **Signals and thresholds.** What the template says; medium.
//!
//! **False positives.** Keys for an operator's own tests.
//!
//! **Fix.** Scope subscriptions to a product or to one API.
//!
//! **References.** OWASP API5:2023, CWE-732.

use vedette_model::Severity;
use vedette_parse::gateway::{FactKind, Gateway};

use super::{Meta, Places, Rule, facts};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-broad-subscription",
        title: "Subscription for every API",
        severity: Severity::Medium,
        owasp: &["API5:2023"],
        cwe: &["CWE-732"],
        compliance: &[],
        compliance_by_data: false,
        facts: &[],
        fix: "Scope subscriptions to a product or to one API.",
    },
    check,
    bad: &[
        r#"{"resources": [{"type": "Microsoft.ApiManagement/service/subscriptions", "name": "[concat(parameters('s'), '/all')]", "properties": {"scope": "[concat(resourceId('Microsoft.ApiManagement/service', parameters('s')), '/apis')]"}}]}"#,
    ],
    good: &[
        r#"{"resources": [{"type": "Microsoft.ApiManagement/service/subscriptions", "name": "s/one", "properties": {"scope": "/products/shop"}}]}"#,
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    facts(gateway, FactKind::WideSubscription, places);
}
