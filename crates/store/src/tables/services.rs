//! `services`: API hosts and applications.

use vedette_model::Direction;
use vedette_model::results::Results;

use super::{Cell, Column, Kind, Rows, Sheet, Table, column};

pub(super) const TABLE: Table = Table {
    name: "services",
    about: "One row per API host or application.",
    example: "select name, exposure, endpoints, exchanges from services where tls_share < 1 order by exchanges desc",
    columns: COLUMNS,
    rows: Rows::Learned(rows),
};

const COLUMNS: &[Column] = &[
    column("id", Kind::Text, "stable id"),
    column("name", Kind::Text, "host or application, as in `exchanges.service`"),
    column("exposure", Kind::Text, "`public`, `private` or `internal`"),
    column("direction", Kind::Text, "`inbound`, `internal` or `outbound`"),
    column("endpoints", Kind::Integer, "endpoints observed"),
    column("exchanges", Kind::Integer, "exchanges observed"),
    column("actors", Kind::Integer, "distinct actors (estimate)"),
    column("versions", Kind::Texts, "API versions seen in paths or headers"),
    column("tls_share", Kind::Number, "share of exchanges under TLS, 0 to 1, when the source says"),
    column("specs", Kind::Texts, "specifications that declare it"),
    column("orphans", Kind::Integer, "declared operations that were never observed"),
    column("owner", Kind::Text, "team or person"),
    column("first_seen_at", Kind::Time, "first exchange"),
    column("last_seen_at", Kind::Time, "last exchange"),
];

fn rows(results: &Results, sheet: &mut Sheet) {
    for service in &results.services {
        sheet.row(&[
            Cell::Text(&service.id),
            Cell::Text(&service.name),
            Cell::Text(&service.exposure),
            Cell::Text(direction(service.direction)),
            Cell::Integer(service.endpoints),
            Cell::Integer(service.exchanges),
            Cell::Integer(service.actors),
            Cell::Texts(&service.versions),
            Cell::MaybeNumber(service.tls_share),
            Cell::Texts(&service.specs),
            Cell::Integer(service.orphans.len() as u64),
            Cell::MaybeText(service.owner.as_ref().map(|owner| owner.name.as_str())),
            Cell::Time(service.first_seen),
            Cell::Time(service.last_seen),
        ]);
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Internal => "internal",
        Direction::Outbound => "outbound",
    }
}
