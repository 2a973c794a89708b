//! # Management from public networks
//!
//! **What.** The API Management service takes calls from public networks, for its gateway and for its configuration endpoints.
//!
//! **Why it matters.** Without a private endpoint, every network of the world is one credential away. This is one of the checks of Microsoft Defender for APIs.
//!
//! **Signals and thresholds.** What the template says; medium.
//!
//! **False positives.** A gateway that is public on purpose behind a firewall of its own.
//!
//! **Fix.** Use a private endpoint or a virtual network and set `publicNetworkAccess` to `Disabled`.
//!
//! **References.** OWASP API8:2023, CWE-668.

use vedette_model::Severity;
use vedette_parse::gateway::{FactKind, Gateway};

use super::{Meta, Places, Rule, facts};

pub(super) const RULE: Rule = Rule {
    meta: Meta {
        id: "gateway-hardening-public-network",
        title: "Management from public networks",
        severity: Severity::Medium,
        owasp: &["API8:2023"],
        cwe: &["CWE-668"],
        compliance: &[],
        compliance_by_data: false,
        facts: &[],
        fix: "Use a private endpoint or a virtual network and set `publicNetworkAccess` to `Disabled`.",
    },
    check,
    bad: &[
        r#"{"resources": [{"type": "Microsoft.ApiManagement/service", "name": "shop", "properties": {"publicNetworkAccess": "Enabled"}}]}"#,
    ],
    good: &[
        r#"{"resources": [{"type": "Microsoft.ApiManagement/service", "name": "shop", "properties": {"publicNetworkAccess": "Disabled"}}]}"#,
    ],
};

fn check(gateway: &Gateway, places: &mut Places) {
    facts(gateway, FactKind::PublicNetwork, places);
}
