//! # Called, and no route of the gateway
//!
//! **What.** Endpoints of a service that a gateway stands in front of were called successfully, and none of its routes takes
//! them.
//!
//! **Why it matters.** The calls went another way: around the gateway, its authentication and its limits. Or the
//! configuration is not the one that runs.
//!
//! **Signals and thresholds.** Endpoints with successful answers, at hosts that routes name (or, where routes name no hosts,
//! at a service most of whose endpoints they take), with a path and method that no route takes. Low. One expression that is
//! not understood is taken to match anything.
//!
//! **False positives.** Another gateway for the same host; traffic recorded behind the gateway, where paths were rewritten.
//!
//! **Fix.** Find out which way the calls come, and close it or add the route.
//!
//! **References.** OWASP API9:2023, CWE-1059.

use vedette_model::Severity;

use super::Meta;

pub(super) const META: Meta = Meta {
    id: "gateway-route-missing",
    title: "Called, and no route of the gateway",
    severity: Severity::Low,
    owasp: &["API9:2023"],
    cwe: &["CWE-1059"],
    compliance: &["PCI DSS 4.0.1 6.3.2"],
    compliance_by_data: false,
    facts: &[],
    fix: "Find out which way the calls come: close it when it goes around the gateway, add the route when it is missing.",
};
