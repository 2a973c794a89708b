//! # Route never called
//!
//! **What.** A gateway has routes for a service of the analyzed traffic that no call met.
//!
//! **Why it matters.** Either what is behind is gone, or it is there and nobody watches it: attack surface without a
//! benefit.
//!
//! **Signals and thresholds.** Routes that forward, of hosts that the traffic holds, with no endpoint below their path and
//! with their method. Catch-all routes, health checks and expressions that are not understood are left out. Low.
//!
//! **False positives.** A short recording; yearly jobs.
//!
//! **Fix.** Ask the owner; remove what nobody needs.
//!
//! **References.** OWASP API9:2023, CWE-1059.

use vedette_model::Severity;

use super::Meta;

pub(super) const META: Meta = Meta {
    id: "gateway-route-unused",
    title: "Route never called",
    severity: Severity::Low,
    owasp: &["API9:2023"],
    cwe: &["CWE-1059"],
    compliance: &["PCI DSS 4.0.1 6.3.2"],
    compliance_by_data: false,
    facts: &[],
    fix: "Ask the owner of what is behind; remove routes that nobody needs.",
};
