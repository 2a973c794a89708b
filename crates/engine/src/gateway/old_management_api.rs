//! # Old management API
//!
//! **What.** Old versions of the management API of API Management are taken (before 2019-12-01).
//!
//! **Why it matters.** They return keys and secrets in plain reads, so every reader has them. This is one of the checks of Microsoft Defender for APIs.
//!
//! **Signals and thresholds.** What the template says; low.
//!
//! **False positives.** None known.
//!
//! **Fix.** Set `apiVersionConstraint.minApiVersion` to 2019-12-01 or later.
//!
//! **References.** OWASP API9:2023, CWE-200.

use vedette_model::Severity;
use vedette_parse::gateway::{FactKind, Gateway};

use super::{Meta, Places, Rule, facts};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-old-management-api",
        title: "Old management API",
        severity: Severity::Low,
        owasp: &["API9:2023"],
        cwe: &["CWE-200"],
        compliance: &[],
        compliance_by_data: false,
        facts: &[],
        fix: "Set `apiVersionConstraint.minApiVersion` to 2019-12-01 or later.",
    },
    check,
    bad: &[
        r#"{"resources": [{"type": "Microsoft.ApiManagement/service", "name": "shop", "properties": {"apiVersionConstraint": {"minApiVersion": "2018-01-01"}}}]}"#,
    ],
    good: &[
        r#"{"resources": [{"type": "Microsoft.ApiManagement/service", "name": "shop", "properties": {"apiVersionConstraint": {"minApiVersion": "2021-08-01"}}}]}"#,
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    facts(gateway, FactKind::OldManagement, places);
}
