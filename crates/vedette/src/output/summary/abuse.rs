//! Who abuses it: the worst incidents, each with its actor and when.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use vedette_model::results::{Detection, Identifier, Incident, Results};
use vedette_model::{Severity, Timestamp};

use super::counts;
use crate::output::page::{Page, Style, number};

/// Incidents shown.
const INCIDENTS_MAX: usize = 5;

/// Identifiers by how much they say of who it is.
const STRONGEST_FIRST: &[&str] = &["user", "client", "session", "token", "ip"];

/// Rows that the incidents of an analysis take: each one, and how many more there are.
pub(super) fn rows(results: &Results) -> usize {
    results.incidents.len().min(INCIDENTS_MAX + 1)
}

/// What is shown of an incident.
struct Shown<'r> {
    severity: Severity,
    title: &'r str,
    actor: String,
    /// Its last detection.
    at: Option<Timestamp>,
}

/// Writes the section in so many rows below its heading.
pub(super) fn abuse(page: &mut Page, results: &Results, rows: usize) {
    let severities = results.incidents.iter().map(|incident| incident.severity);
    page.title(&format!("Who abuses it (incidents: {})", counts(&severities)));
    let detections: BTreeMap<&str, &Detection> =
        results.detections.iter().map(|detection| (detection.id.as_str(), detection)).collect();
    let mut incidents: Vec<Shown<'_>> = results.incidents.iter().map(|one| shown(one, &detections)).collect();
    // The worst first, of those the newest.
    incidents.sort_by_key(|one| Reverse((one.severity, one.at)));
    let all = incidents.len();
    // A row that says how many more there are is worth an incident only where others stand above it.
    let most = if all > rows.min(INCIDENTS_MAX) && rows > 1 { (rows - 1).min(INCIDENTS_MAX) } else { rows };
    for one in incidents.iter().take(most) {
        let at = one.at.map_or(String::new(), |at| at.to_string());
        let at = at.get(..16).unwrap_or_default().replace('T', " ");
        page.columns(&[
            (&one.severity.id().to_uppercase(), Style::Severity(one.severity)),
            (&at, Style::Dim),
            (one.title, Style::Plain),
            (&one.actor, Style::Dim),
        ]);
    }
    if let Some(left) = all.checked_sub(most).filter(|left| *left > 0 && rows > 1) {
        page.line(&[(&format!("  and {} more", number(left as u64)), Style::Dim)]);
    }
}

fn shown<'r>(incident: &'r Incident, detections: &BTreeMap<&str, &'r Detection>) -> Shown<'r> {
    let of_it = || incident.detections.iter().filter_map(|id| detections.get(id.as_str()));
    let actor = of_it().find_map(|detection| strongest(&detection.actor.identifiers));
    // A title that ends in who it was need not say so beside it.
    let title = match (incident.title.rsplit_once(": "), actor) {
        (Some((what, who)), Some(actor)) if who.contains(&actor.value) => what,
        _ => incident.title.as_str(),
    };
    Shown {
        severity: incident.severity,
        title,
        actor: actor.map_or(String::new(), |actor| format!("{} {}", actor.kind, actor.value)),
        at: of_it().filter_map(|detection| detection.at).max(),
    }
}

fn strongest(identifiers: &[Identifier]) -> Option<&Identifier> {
    let rank = |one: &&Identifier| STRONGEST_FIRST.iter().position(|kind| *kind == one.kind).unwrap_or(usize::MAX);
    identifiers.iter().min_by_key(rank)
}
