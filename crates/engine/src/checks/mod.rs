//! Posture checks: standing weaknesses that passive traffic shows. One file each; this is the registry.
//!
//! A check looks at exchanges while they pass ([`observe_all`], hot path) and concludes once everything was seen
//! ([`conclude()`]): per endpoint, per service where the fix is one place, or both. It never judges what a source did
//! not record: a log without headers shows no missing header, and a recording whose credentials were removed shows
//! no missing authentication.

use vedette_model::results::{Evidence, Severity};

use crate::quality::facts::Fact;

mod conclude;
mod ground;
mod names;
mod sensitive;
mod tally;
mod view;
pub(crate) mod wording;

mod admin_exposed;
mod cleartext_transport;
mod cors_open;
mod credential_in_url;
mod debug_endpoint;
mod dormant_endpoint;
mod east_west_plaintext;
mod east_west_unauthenticated;
mod excessive_exposure;
mod graphql_introspection;
mod graphql_unlimited;
mod guessable_ids;
mod internal_leak;
mod jwt_weak;
mod long_lived_token;
mod mixed_authentication;
mod no_rate_limit_observed;
mod old_version_alive;
mod orphan_operation;
mod secret_in_response;
mod security_headers;
mod sensitive_in_url;
mod shadow_endpoint;
mod spec_drift;
mod third_party_sensitive;
mod unauthenticated_sensitive;
mod unbounded_pagination;
mod undocumented_parameter;
mod verbose_error;
mod weak_authentication;
mod zombie_endpoint;

pub use conclude::conclude;
pub use ground::{Context, Ground, Subject, doubt_absence, shows_credentials};
pub use sensitive::level_weight;
pub(crate) use sensitive::{COMPLIANCE_BY_DATA, class_weight};
pub use tally::{Note, Tally, TallySet};
pub use view::{Needs, Seen, View, observe_all};

/// What every check says of itself.
#[derive(Debug)]
pub struct Meta {
    /// Kind (`credential-in-url`).
    pub id: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// Severity unless the check says otherwise.
    pub severity: Severity,
    /// `API2:2023`.
    pub owasp: &'static [&'static str],
    /// `CWE-598`.
    pub cwe: &'static [&'static str],
    /// Compliance requirements (`PCI DSS 4.0.1 6.2.4`); those that depend on the data concerned are added to them.
    pub compliance: &'static [&'static str],
    /// Requirements that depend on the data concerned are added where it fires.
    pub compliance_by_data: bool,
    /// What traffic must tell for it to be seen: of each group, one. Without, it is blind and says so.
    pub facts: &'static [&'static [Fact]],
    /// What to do, in plain words.
    pub fix: &'static str,
}

/// One check: what it looks at while exchanges pass (optional), and what it concludes in the end.
pub struct Check {
    /// What it says of itself.
    pub meta: Meta,
    /// What an exchange must have for `observe` to be called: any of these. Nothing: it is never called.
    pub needs: Needs,
    /// Looks at one exchange of an endpoint; must return at once when there is nothing to see. Hot path.
    pub observe: Option<fn(&View<'_>, &mut Note<'_>)>,
    /// Judges an endpoint once all was seen.
    pub endpoint: Option<fn(&Subject<'_>, &Tally) -> Option<Conclusion>>,
    /// Judges a service where the fix is one place. The tallies are those of its endpoints, in their order.
    pub service: Option<JudgeService>,
}

/// Judges a service from its ground and the tallies of its endpoints.
pub type JudgeService = fn(&Ground<'_>, &[&Tally]) -> Option<Conclusion>;

/// What a check says of one endpoint or service.
#[derive(Clone, Debug, Default)]
pub struct Conclusion {
    /// Overrides the severity of [`Meta`].
    pub severity: Option<Severity>,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// Observed against expected, in a sentence or two.
    pub explanation: String,
    /// Shows it; empty takes the tally's.
    pub evidence: Vec<Evidence>,
    /// Exchanges that show it; 0 takes the tally's.
    pub occurrences: u64,
    /// Overrides where it is: of what concerns a path with all operations behind it.
    pub place: Option<String>,
    /// Compliance requirements of the data concerned, beside those of [`Meta`].
    pub compliance: Vec<&'static str>,
}

/// Every check, in the order shown.
pub const CHECKS: &[Check] = &[
    unauthenticated_sensitive::CHECK,
    mixed_authentication::CHECK,
    weak_authentication::CHECK,
    cleartext_transport::CHECK,
    credential_in_url::CHECK,
    sensitive_in_url::CHECK,
    secret_in_response::CHECK,
    excessive_exposure::CHECK,
    third_party_sensitive::CHECK,
    jwt_weak::CHECK,
    long_lived_token::CHECK,
    debug_endpoint::CHECK,
    admin_exposed::CHECK,
    cors_open::CHECK,
    verbose_error::CHECK,
    internal_leak::CHECK,
    guessable_ids::CHECK,
    unbounded_pagination::CHECK,
    no_rate_limit_observed::CHECK,
    graphql_introspection::CHECK,
    graphql_unlimited::CHECK,
    shadow_endpoint::CHECK,
    spec_drift::CHECK,
    undocumented_parameter::CHECK,
    zombie_endpoint::CHECK,
    old_version_alive::CHECK,
    dormant_endpoint::CHECK,
    orphan_operation::CHECK,
    east_west_unauthenticated::CHECK,
    east_west_plaintext::CHECK,
    security_headers::CHECK,
];
