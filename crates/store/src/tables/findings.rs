//! `findings`: standing weaknesses.

use vedette_model::results::{Evidence, Results};

use super::{Cell, Column, Kind, Rows, Sheet, Table, column};

pub(super) const TABLE: Table = Table {
    name: "findings",
    about: "One row per standing weakness of an endpoint or service.",
    example: "select severity, service, endpoint, title from findings where severity_level >= 3\n\
              order by severity_level desc, occurrences desc",
    columns: COLUMNS,
    rows: Rows::Learned(rows),
};

const COLUMNS: &[Column] = &[
    column("id", Kind::Text, "stable id"),
    column("kind", Kind::Text, "kind (`credential-in-url`)"),
    column("severity", Kind::Text, "`info`, `low`, `medium`, `high` or `critical`"),
    column("severity_level", Kind::Integer, "the same as a number, 0 to 4, to sort and compare"),
    column("confidence", Kind::Number, "how sure, 0 to 1"),
    column("title", Kind::Text, "in a few words"),
    column("explanation", Kind::Text, "observed against expected"),
    column("service", Kind::Text, "name of the service"),
    column("endpoint", Kind::Text, "method and template; empty when it is about the service"),
    column("endpoint_id", Kind::Text, "id of the endpoint; null when it is about the service"),
    column("evidence", Kind::Texts, "where it shows, with what stood there, masked"),
    column("occurrences", Kind::Integer, "exchanges that showed it"),
    column("owasp", Kind::Texts, "OWASP API Security Top 10 2023"),
    column("cwe", Kind::Texts, "CWE ids"),
    column("compliance", Kind::Texts, "compliance requirements touched"),
    column("fix", Kind::Text, "what to do"),
    column("first_seen_at", Kind::Time, "first exchange that showed it"),
    column("last_seen_at", Kind::Time, "last exchange that showed it"),
];

fn rows(results: &Results, sheet: &mut Sheet) {
    for finding in &results.findings {
        sheet.row(&[
            Cell::Text(&finding.id),
            Cell::Text(&finding.kind),
            Cell::Text(finding.severity.id()),
            Cell::Integer(finding.severity as u64),
            Cell::Number(finding.confidence),
            Cell::Text(&finding.title),
            Cell::Text(&finding.explanation),
            Cell::Text(&finding.service),
            Cell::Text(&finding.place),
            Cell::MaybeText(Some(finding.endpoint.as_str()).filter(|id| !id.is_empty())),
            Cell::Texts(&evidence(&finding.evidence)),
            Cell::Integer(finding.occurrences),
            Cell::Texts(&finding.owasp),
            Cell::Texts(&finding.cwe),
            Cell::Texts(&finding.compliance),
            Cell::Text(&finding.fix),
            Cell::Time(finding.first_seen),
            Cell::Time(finding.last_seen),
        ]);
    }
}

/// Place and excerpt of each.
pub(super) fn evidence(evidence: &[Evidence]) -> Vec<String> {
    evidence.iter().map(|one| format!("{} {}", one.location, one.excerpt)).collect()
}
