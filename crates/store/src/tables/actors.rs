//! `actors`: who calls.

use vedette_model::results::{Identifier, Results};

use super::{Cell, Column, Kind, Rows, Sheet, Table, column};

pub(super) const TABLE: Table = Table {
    name: "actors",
    about: "One row per caller, the most active ones: user, client, session, token or address. Sessions and tokens are \
            shown as keyed hashes.",
    example: "select id, identifiers, exchanges, errors from actors where errors > exchanges / 2 order by errors desc",
    columns: COLUMNS,
    rows: Rows::Learned(rows),
};

const COLUMNS: &[Column] = &[
    column("id", Kind::Text, "stable id, as in `exchanges.actor`"),
    column("kind", Kind::Text, "`user`, `client`, `session`, `token` or `address`"),
    column("identifiers", Kind::Texts, "what identifies it, as `kind:value`"),
    column("exchanges", Kind::Integer, "exchanges"),
    column("errors", Kind::Integer, "of them with a status of 400 or more"),
    column("endpoints", Kind::Integer, "distinct endpoints (estimate)"),
    column("addresses", Kind::Integer, "distinct addresses (estimate)"),
    column("agent", Kind::Text, "family of its user agent, when known"),
    column("first_seen_at", Kind::Time, "first exchange"),
    column("last_seen_at", Kind::Time, "last exchange"),
];

fn rows(results: &Results, sheet: &mut Sheet) {
    for actor in &results.actors {
        sheet.row(&[
            Cell::Text(&actor.id),
            Cell::Text(&actor.kind),
            Cell::Texts(&identifiers(&actor.identifiers)),
            Cell::Integer(actor.exchanges),
            Cell::Integer(actor.errors),
            Cell::Integer(actor.endpoints),
            Cell::Integer(actor.addresses),
            Cell::MaybeText(actor.agent.as_deref()),
            Cell::Time(actor.first_seen),
            Cell::Time(actor.last_seen),
        ]);
    }
}

/// `kind:value` each.
pub(super) fn identifiers(identifiers: &[Identifier]) -> Vec<String> {
    identifiers.iter().map(|one| format!("{}:{}", one.kind, one.value)).collect()
}
