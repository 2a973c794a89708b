//! Posture checks: standing weaknesses that passive traffic shows. One file each; this is the registry.

use vedette_model::results::{Endpoint, Evidence, Finding, Service, Severity};
use vedette_model::{Exchange, Timestamp};
use vedette_parse::classes::Classifier;
use vedette_parse::credentials::Credential;

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
    /// Compliance requirements (`PCI DSS 4.0.1 6.2.4`).
    pub compliance: &'static [&'static str],
    /// What to do, in plain words.
    pub fix: &'static str,
}

/// One check: what it looks at while exchanges pass (optional), and what it concludes in the end.
pub struct Check {
    /// What it says of itself.
    pub meta: Meta,
    /// Looks at one exchange of an endpoint; must return at once when there is nothing to see. Hot path.
    pub observe: Option<fn(&Seen<'_>, &mut Tally)>,
    /// Judges an endpoint once all was seen.
    pub conclude: fn(&Subject<'_>, &Tally) -> Option<Conclusion>,
}

/// One exchange, as a check sees it.
pub struct Seen<'a> {
    /// The exchange.
    pub exchange: &'a Exchange<'a>,
    /// Source and zero-based record number.
    pub seen_at: (u32, u64),
    /// Its credentials, strongest first.
    pub credentials: &'a [Credential],
    /// Decoded query parameters.
    pub query: &'a [(std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)],
    /// Knows data classes.
    pub classifier: &'a Classifier,
}

/// What a check remembers of one endpoint: bounded, mergeable. Every check uses the same.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Exchanges that showed the weakness.
    pub hits: u64,
    /// Exchanges that could have shown it.
    pub chances: u64,
    /// First exchange that showed it.
    pub first_seen: Option<Timestamp>,
    /// Last exchange that showed it.
    pub last_seen: Option<Timestamp>,
    /// The first few, masked.
    pub evidence: Vec<Evidence>,
}

/// What a check judges.
pub struct Subject<'a> {
    /// The endpoint with all that was learned of it (schemas, fields, classes, authentication).
    pub endpoint: &'a Endpoint,
    /// Its service.
    pub service: &'a Service,
    /// All endpoints of that service, this one included.
    pub siblings: &'a [Endpoint],
    /// Knows data classes.
    pub classifier: &'a Classifier,
    /// Last time seen anywhere: "now" of this analysis.
    pub as_of: Option<Timestamp>,
}

/// What a check says of one endpoint.
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
}

/// Every check, in the order shown.
pub const CHECKS: &[Check] = &[];

/// Judges all endpoints of one service. `tallies[i][k]` is what check `CHECKS[k]` remembers of `endpoints[i]`.
pub fn conclude(_service: &Service, _endpoints: &[Endpoint], _tallies: &[TallySet], _c: Context<'_>) -> Vec<Finding> {
    Vec::new()
}
/// stub
#[derive(Clone, Debug, Default)]
pub struct TallySet {}
impl TallySet {
    /// stub
    pub fn merge(&mut self, _o: &Self) {}
}
/// stub
pub fn observe_all(_s: &Seen<'_>, _t: &mut TallySet) {}
/// stub
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// s
    pub classifier: &'a Classifier,
    /// s
    pub as_of: Option<Timestamp>,
    /// s
    pub credentials_seen: bool,
}
