//! What is new in the inventory: two results of the same traffic compared, the later of which knows more.
//!
//! Learning is online, so not all that differs is news. While an endpoint is known from few exchanges its fields come
//! one by one, and paths that looked like endpoints may turn out to be values of one parameter: the first is not told,
//! the second is told as what it is.

mod endpoint;
#[cfg(test)]
mod tests;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::limits::CHANGES_MAX;
use vedette_model::results::{Change, ChangeKind, Endpoint, Finding, Results, Service};

use crate::checks::wording::{count, list};
use crate::router::Router;

/// All changes from one state to a later one: what needs a look first, at most [`CHANGES_MAX`] and one that counts the
/// others. The same two results give the same list.
pub fn between(before: &Results, after: &Results) -> Vec<Change> {
    let mut changes = Vec::new();
    let new_services = services(before, after, &mut changes);
    let became = predecessors(before, after);
    endpoints(&became, after, &new_services, &mut changes);
    findings(before, after, &became, &mut changes);
    changes.sort_by(|a, b| order(a).cmp(&order(b)));
    cut(&mut changes);
    changes
}

/// Endpoints of before by the id of what each is now.
type Predecessors<'r> = HashMap<&'r str, Vec<&'r Endpoint>, FixedState>;

fn order(change: &Change) -> (ChangeKind, &str, &str, &str, &str) {
    (change.kind, &change.service, &change.place, &change.subject, &change.endpoint)
}

fn cut(changes: &mut Vec<Change>) {
    let more = changes.len().saturating_sub(CHANGES_MAX);
    if more == 0 {
        return;
    }
    let at = changes.iter().skip(CHANGES_MAX).filter_map(|change| change.at).max();
    changes.truncate(CHANGES_MAX);
    changes.push(Change {
        kind: ChangeKind::More,
        at,
        service: String::new(),
        endpoint: String::new(),
        place: String::new(),
        subject: String::new(),
        before: None,
        after: None,
        text: format!("And {}.", count(more as u64, "more change")),
    });
}

/// Compares services; gives the names of those that are new.
fn services<'r>(before: &Results, after: &'r Results, changes: &mut Vec<Change>) -> HashSet<&'r str, FixedState> {
    let known: HashMap<&str, &Service, FixedState> =
        before.services.iter().map(|service| (service.name.as_str(), service)).collect();
    let mut new = HashSet::default();
    for service in &after.services {
        let Some(old) = known.get(service.name.as_str()) else {
            new.insert(service.name.as_str());
            let text = format!(
                "The service {} appeared, {} and with {}.",
                service.name,
                service.exposure,
                count(service.endpoints, "endpoint")
            );
            changes.push(Change { at: service.first_seen, ..of_service(ChangeKind::NewService, service, "", text) });
            continue;
        };
        if old.exposure != service.exposure {
            let text = format!("The service {} was {} and is {} now.", service.name, old.exposure, service.exposure);
            changes.push(Change {
                before: Some(old.exposure.clone()),
                after: Some(service.exposure.clone()),
                ..of_service(ChangeKind::ExposureChanged, service, "", text)
            });
        }
        for version in service.versions.iter().filter(|version| !old.versions.contains(version)) {
            let text = match old.versions.as_slice() {
                [] => format!("The service {} has a version {version}.", service.name),
                known => format!("The service {} has a version {version} beside {}.", service.name, list(known)),
            };
            changes.push(of_service(ChangeKind::NewVersion, service, version, text));
        }
    }
    new
}

fn of_service(kind: ChangeKind, service: &Service, subject: &str, text: String) -> Change {
    Change {
        kind,
        at: service.last_seen,
        service: service.name.clone(),
        endpoint: String::new(),
        place: service.name.clone(),
        subject: subject.to_owned(),
        before: None,
        after: None,
        text,
    }
}

/// Compares endpoints, each with itself or with those that became it. What is in a new service is told with the service.
fn endpoints(
    became: &Predecessors<'_>,
    after: &Results,
    new_services: &HashSet<&str, FixedState>,
    changes: &mut Vec<Change>,
) {
    let exposed: HashSet<(&str, &str), FixedState> = changes
        .iter()
        .filter(|change| change.kind == ChangeKind::ExposureChanged)
        .filter_map(|change| Some((change.service.as_str(), change.after.as_deref()?)))
        .collect();
    let mut found = Vec::new();
    for one in after.endpoints.iter().filter(|one| !new_services.contains(one.service.as_str())) {
        let old = became.get(one.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let with_service = exposed.contains(&(one.service.as_str(), one.exposure.as_str()));
        endpoint::compare(old, one, with_service, &mut found);
    }
    drop(exposed);
    changes.append(&mut found);
}

/// What each endpoint is now: itself, or the one whose template takes its path.
fn predecessors<'r>(before: &'r Results, after: &'r Results) -> Predecessors<'r> {
    let ids: HashMap<u64, &str, FixedState> = after
        .endpoints
        .iter()
        .filter_map(|one| Some((u64::from_str_radix(&one.id, 16).ok()?, one.id.as_str())))
        .collect();
    let same: HashSet<&str, FixedState> = after.endpoints.iter().map(|one| one.id.as_str()).collect();
    let mut router: Option<Router> = None;
    let mut became = Predecessors::default();
    for old in &before.endpoints {
        if same.contains(old.id.as_str()) {
            became.entry(&old.id).or_default().push(old);
            continue;
        }
        let router = router.get_or_insert_with(|| Router::new(after));
        let call = old.protocol.as_ref().and_then(|protocol| protocol.operation.as_deref());
        let route = router.route(&old.service, &old.method, old.path_template(), call);
        if let Some(now) = route.and_then(|route| ids.get(&route.endpoint_id)) {
            became.entry(now).or_default().push(old);
        }
    }
    became
}

/// Compares findings. Those of endpoints that became another one went with them: neither gone nor new.
fn findings(before: &Results, after: &Results, became: &Predecessors<'_>, changes: &mut Vec<Change>) {
    let mut now: HashMap<&str, &str, FixedState> = HashMap::default();
    for (id, old) in became {
        now.extend(old.iter().map(|one| (one.id.as_str(), *id)));
    }
    let place = |finding: &Finding| -> (String, String, String) {
        let endpoint = now.get(finding.endpoint.as_str()).copied().unwrap_or(&finding.endpoint);
        (finding.kind.clone(), finding.service.clone(), endpoint.to_owned())
    };
    let known: HashSet<&str, FixedState> = before.findings.iter().map(|finding| finding.id.as_str()).collect();
    let moved: HashSet<_, FixedState> =
        before.findings.iter().filter(|one| !one.endpoint.is_empty()).map(place).collect();
    for finding in &after.findings {
        let new = !known.contains(finding.id.as_str()) && !moved.contains(&place(finding));
        if new {
            let text = format!("Found at {}: {} ({}).", finding.place, finding.title, finding.severity.id());
            changes.push(Change { at: finding.first_seen, ..of_finding(ChangeKind::FindingAppeared, finding, text) });
        }
    }
    let left: HashSet<&str, FixedState> = after.findings.iter().map(|finding| finding.id.as_str()).collect();
    let stays: HashSet<_, FixedState> = after.findings.iter().map(place).collect();
    let services: HashSet<&str, FixedState> = after.services.iter().map(|service| service.name.as_str()).collect();
    for finding in before.findings.iter().filter(|finding| !left.contains(finding.id.as_str())) {
        let there = finding.endpoint.is_empty() || now.contains_key(finding.endpoint.as_str());
        // What went with its service or place says nothing about the weakness.
        if there && services.contains(finding.service.as_str()) && !stays.contains(&place(finding)) {
            let text = format!("Not found any more at {}: {}.", finding.place, finding.title);
            changes.push(of_finding(ChangeKind::FindingGone, finding, text));
        }
    }
}

fn of_finding(kind: ChangeKind, finding: &Finding, text: String) -> Change {
    Change {
        kind,
        at: finding.last_seen,
        service: finding.service.clone(),
        endpoint: finding.endpoint.clone(),
        place: finding.place.clone(),
        subject: finding.id.clone(),
        before: None,
        after: None,
        text,
    }
}
