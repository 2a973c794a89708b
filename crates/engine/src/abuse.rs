//! Abuse cases: for each business function of each service who uses it, what could be lost, what happens when somebody
//! is compromised, which detectors watch it, and what nobody watches, with the reason.
//!
//! A view of what is known anyway, read once when results are concluded. What can be said of a function is a row of
//! [`catalog`]; numbers come from its endpoints ([`losses`]), gaps from what the traffic tells ([`watching`]). The
//! function of an endpoint is told by its path ([`crate::functions`]); personal data by what its answers hold.
//!
//! Risk is not scored here: what a function adds to it stands in [`crate::risk`], and a case quotes those reasons.

mod catalog;
mod losses;
#[cfg(test)]
mod tests;
mod watching;

use std::collections::{BTreeMap, BTreeSet};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;
use vedette_model::Direction;
use vedette_model::limits::{ABUSE_CASES_MAX, ABUSE_ENDPOINTS_LISTED_MAX};
use vedette_model::results::{
    AbuseCase, AbuseEndpoint, AbuseUsers, Compromise, Endpoint, Results, RiskReason, Severity, WatchedBy,
};

use self::catalog::About;
use crate::actors::{ActorKey, Actors};
use crate::conclude::id;
use crate::sketch::{DistinctCount, TopK};
pub(crate) use watching::Sight;

/// Factors of risk that come from what an endpoint is for and what it holds.
const FACTORS: &[&str] = &[
    "money",
    "identity",
    "administration",
    "stock",
    "bulk",
    "sensitive-response",
    "sensitive-request",
    "more-data",
    "volume",
];

/// Reasons of risk that one case quotes.
const REASONS_MAX: usize = 4;

/// Who uses each function of each service: summaries of endpoints added up.
#[derive(Default)]
pub(crate) struct Crowds(HashMap<(String, &'static str), Crowd, FixedState>);

/// Who uses something.
#[derive(Default)]
pub(crate) struct Crowd {
    actors: DistinctCount,
    busiest: TopK,
}

impl Crowd {
    pub(crate) fn new(actors: DistinctCount, busiest: TopK) -> Self {
        Self { actors, busiest }
    }

    /// The busiest by kind.
    fn kinds(&self, actors: &Actors) -> BTreeMap<String, u64> {
        let mut kinds = BTreeMap::new();
        for heavy in self.busiest.heaviest() {
            let kind = actors.kind(ActorKey(heavy.key)).map_or("unknown", |(kind, _)| kind);
            *kinds.entry(kind.to_owned()).or_default() += 1;
        }
        kinds
    }
}

impl Crowds {
    /// Adds those who use an endpoint.
    pub(crate) fn add(&mut self, endpoint: &Endpoint, crowd: &Crowd) {
        for about in functions_of(endpoint) {
            let own = self.0.entry((endpoint.service.clone(), about.id)).or_default();
            own.actors.merge(&crowd.actors);
            own.busiest.merge(&crowd.busiest);
        }
    }

    fn of(&self, service: &str, function: &'static str) -> Option<&Crowd> {
        self.0.get(&(service.to_owned(), function))
    }
}

/// What is known beside the results.
pub(crate) struct Known<'a> {
    pub(crate) crowds: &'a Crowds,
    pub(crate) actors: &'a Actors,
    pub(crate) sight: Sight,
}

/// The abuse cases of all services, worst first.
pub(crate) fn conclude(known: &Known<'_>, results: &mut Results) {
    let foreign: BTreeSet<&str> = results
        .services
        .iter()
        .filter(|service| service.direction == Direction::Outbound)
        .map(|service| service.name.as_str())
        .collect();
    let mut groups: BTreeMap<(&str, &str), (&About, Vec<&Endpoint>)> = BTreeMap::new();
    for endpoint in results.endpoints.iter().filter(|one| !foreign.contains(one.service.as_str())) {
        for about in functions_of(endpoint) {
            let (_, own) = groups.entry((&endpoint.service, about.id)).or_insert_with(|| (about, Vec::new()));
            own.push(endpoint);
        }
    }
    results.abuse_cases =
        groups.into_iter().map(|((service, _), (about, own))| case(known, service, about, &own)).collect();
    link(results);
    let rest = results.abuse_cases.len().saturating_sub(ABUSE_CASES_MAX);
    if rest > 0 {
        results.abuse_cases.truncate(ABUSE_CASES_MAX);
        results.stats.blind_spots.push(format!("{rest} more abuse cases: only the {ABUSE_CASES_MAX} worst are listed"));
    }
}

/// Counts the detections of each case, names their incidents, and puts the worst first. Done again whenever detections
/// change.
pub(crate) fn link(results: &mut Results) {
    let Results { abuse_cases, endpoints, detections, incidents, .. } = results;
    let mut at: HashMap<(String, String), usize, FixedState> = HashMap::default();
    for (number, case) in abuse_cases.iter_mut().enumerate() {
        case.detections = 0;
        case.incidents.clear();
        case.severity = Severity::of_risk(case.risk);
        case.watched.iter_mut().for_each(|watcher| watcher.detections = 0);
        at.insert((case.service.clone(), case.function.clone()), number);
    }
    let by_id: HashMap<&str, &Endpoint, FixedState> = endpoints.iter().map(|one| (one.id.as_str(), one)).collect();
    let mut incident_of: HashMap<&str, Vec<&str>, FixedState> = HashMap::default();
    for incident in incidents.iter() {
        for detection in &incident.detections {
            incident_of.entry(detection).or_default().push(&incident.id);
        }
    }
    for detection in detections.iter() {
        let Some(endpoint) = by_id.get(detection.endpoint.as_str()) else { continue };
        for about in functions_of(endpoint) {
            let number = at.get(&(endpoint.service.clone(), about.id.to_owned()));
            let Some(case) = number.and_then(|number| abuse_cases.get_mut(*number)) else { continue };
            case.detections += 1;
            case.severity = case.severity.max(detection.severity);
            alarmed(case, &detection.kind);
            for id in incident_of.get(detection.id.as_str()).into_iter().flatten() {
                if !case.incidents.iter().any(|known| known == id) {
                    case.incidents.push((*id).to_owned());
                }
            }
        }
    }
    for case in abuse_cases.iter_mut() {
        case.watched.sort_by_key(|watcher| std::cmp::Reverse(watcher.detections));
    }
    abuse_cases.sort_by(|a, b| {
        (b.severity, b.risk, b.detections, b.users.exchanges)
            .cmp(&(a.severity, a.risk, a.detections, a.users.exchanges))
            .then_with(|| (&a.service, &a.function).cmp(&(&b.service, &b.function)))
    });
}

/// What alarmed has watched, whether or not it is listed for the function.
fn alarmed(case: &mut AbuseCase, kind: &str) {
    if let Some(watcher) = case.watched.iter_mut().find(|watcher| watcher.kind == kind) {
        watcher.detections += 1;
        return;
    }
    case.watched.push(WatchedBy { kind: kind.to_owned(), detections: 1, limit: String::new() });
    case.unwatched.retain(|gap| gap.kinds != [kind]);
    for gap in &mut case.unwatched {
        gap.kinds.retain(|unwatched| unwatched != kind);
    }
}

/// The functions that an endpoint serves: what its path says, and personal data when its answers hold some.
fn functions_of(endpoint: &Endpoint) -> SmallVec<[&'static About; 2]> {
    let mut functions = SmallVec::new();
    if endpoint.kind == "static" {
        return functions;
    }
    let spoken = if endpoint.kind == "llm" { Some("language-model") } else { endpoint.function.as_deref() };
    functions.extend(spoken.and_then(catalog::find));
    let takes = functions.is_empty() && endpoint.is_api() && losses::holds_persons(endpoint, "request");
    if takes || losses::holds_persons(endpoint, "response") {
        functions.extend(catalog::find("personal-data"));
    }
    functions
}

fn case(known: &Known<'_>, service: &str, about: &About, endpoints: &[&Endpoint]) -> AbuseCase {
    let users = users(known, service, about, endpoints);
    let (watched, unwatched) = watching::watch(known.sight, about, endpoints, &users);
    let riskiest = endpoints.iter().max_by_key(|endpoint| endpoint.risk.score);
    let listed = endpoints.iter().take(ABUSE_ENDPOINTS_LISTED_MAX).map(|endpoint| AbuseEndpoint {
        id: endpoint.id.clone(),
        method: endpoint.method.clone(),
        template: endpoint.template.clone(),
        risk: endpoint.risk.score,
        exchanges: endpoint.exchanges,
        actors: endpoint.actors,
    });
    let compromise = |who: &str, text: &str| Compromise { who: who.to_owned(), text: text.to_owned() };
    AbuseCase {
        id: id(&["abuse-case", service, about.id]),
        service: service.to_owned(),
        function: about.id.to_owned(),
        title: about.title.to_owned(),
        risk: riskiest.map_or(0, |endpoint| endpoint.risk.score),
        risk_reasons: riskiest.map(|endpoint| quoted(endpoint)).unwrap_or_default(),
        endpoints: listed.collect(),
        endpoint_count: endpoints.len() as u64,
        losses: losses::of(about, endpoints, &users),
        users,
        compromised: vec![
            compromise("user", about.user),
            compromise("client", about.client),
            compromise("staff", about.staff),
        ],
        watched,
        unwatched,
        ..AbuseCase::default()
    }
}

/// The reasons of a risk that speak of what the endpoint is for.
fn quoted(endpoint: &Endpoint) -> Vec<RiskReason> {
    let own = endpoint.risk.reasons.iter().filter(|reason| FACTORS.contains(&reason.factor.as_str()));
    own.take(REASONS_MAX).cloned().collect()
}

fn users(known: &Known<'_>, service: &str, about: &About, endpoints: &[&Endpoint]) -> AbuseUsers {
    let crowd = known.crowds.of(service, about.id);
    let with_status = |endpoint: &Endpoint, wanted: &dyn Fn(&str) -> bool| -> u64 {
        endpoint.statuses.iter().filter(|(status, _)| wanted(status)).map(|(_, n)| *n).sum()
    };
    let authentication: BTreeSet<&String> = endpoints.iter().flat_map(|endpoint| &endpoint.authentication).collect();
    let widest = ["public", "private"].into_iter().find(|wide| endpoints.iter().any(|one| one.exposure == *wide));
    AbuseUsers {
        actors: crowd.map_or(0, |crowd| crowd.actors.estimate()),
        exchanges: endpoints.iter().map(|endpoint| endpoint.exchanges).sum(),
        writes: endpoints.iter().filter(|one| one.is_write()).map(|one| with_status(one, &losses::is_success)).sum(),
        errors: endpoints.iter().map(|one| with_status(one, &|status| status.starts_with(['4', '5']))).sum(),
        kinds: crowd.map(|crowd| crowd.kinds(known.actors)).unwrap_or_default(),
        authentication: authentication.into_iter().cloned().collect(),
        exposure: widest.unwrap_or("internal").to_owned(),
    }
}
