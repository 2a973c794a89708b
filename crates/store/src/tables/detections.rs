//! `detections`: dated matches of abuse.

use std::collections::HashMap;

use vedette_model::results::Results;

use super::{Cell, Column, Kind, Rows, Sheet, Table, actors, column, endpoints, findings};

pub(super) const TABLE: Table = Table {
    name: "detections",
    about: "One row per dated match of a detector or rule.",
    example: "select at, severity, actor, endpoint, explanation from detections\n\
              where at > now() - interval '7 days' order by at desc",
    columns: COLUMNS,
    rows: Rows::Learned(rows),
};

const COLUMNS: &[Column] = &[
    column("id", Kind::Text, "stable id"),
    column("kind", Kind::Text, "kind (`bola`)"),
    column("at", Kind::Time, "when it was recognized"),
    column("severity", Kind::Text, "`info`, `low`, `medium`, `high` or `critical`"),
    column("severity_level", Kind::Integer, "the same as a number, 0 to 4, to sort and compare"),
    column("confidence", Kind::Number, "how sure, 0 to 1"),
    column("title", Kind::Text, "in a few words"),
    column("explanation", Kind::Text, "observed against normal"),
    column("actor", Kind::Text, "id of the actor"),
    column("identifiers", Kind::Texts, "what identifies the actor, as `kind:value`"),
    column("service", Kind::Text, "name of the service"),
    column("endpoint", Kind::Text, "method and template"),
    column("endpoint_id", Kind::Text, "id of the endpoint"),
    column("evidence", Kind::Texts, "where it shows, with what stood there, masked"),
    column("owasp", Kind::Texts, "OWASP API Security Top 10 2023"),
    column("attack", Kind::Texts, "ATT&CK technique ids"),
    column("response", Kind::Texts, "what to do"),
];

fn rows(results: &Results, sheet: &mut Sheet) {
    if results.detections.is_empty() {
        return;
    }
    let known: HashMap<&str, (&str, String)> = results
        .endpoints
        .iter()
        .map(|endpoint| (endpoint.id.as_str(), (endpoint.service.as_str(), endpoints::name(endpoint))))
        .collect();
    for detection in &results.detections {
        let place = known.get(detection.endpoint.as_str());
        sheet.row(&[
            Cell::Text(&detection.id),
            Cell::Text(&detection.kind),
            Cell::Time(detection.at),
            Cell::Text(detection.severity.id()),
            Cell::Integer(detection.severity as u64),
            Cell::Number(detection.confidence),
            Cell::Text(&detection.title),
            Cell::Text(&detection.explanation),
            Cell::Text(&detection.actor.id),
            Cell::Texts(&actors::identifiers(&detection.actor.identifiers)),
            Cell::MaybeText(place.map(|(service, _)| *service)),
            Cell::MaybeText(place.map(|(_, name)| name.as_str())),
            Cell::MaybeText(Some(detection.endpoint.as_str()).filter(|id| !id.is_empty())),
            Cell::Texts(&findings::evidence(&detection.evidence)),
            Cell::Texts(&detection.owasp),
            Cell::Texts(&detection.attack),
            Cell::Texts(&detection.response),
        ]);
    }
}
