//! `sources`: where exchanges come from.

use vedette_model::results::Results;

use super::{Cell, Column, Kind, Rows, Sheet, Table, column};

pub(super) const TABLE: Table = Table {
    name: "sources",
    about: "One row per source of exchanges, with how much it tells.",
    example: "select id, exchanges, unreadable, problems from sources where unreadable > 0",
    columns: COLUMNS,
    rows: Rows::Learned(rows),
};

const COLUMNS: &[Column] = &[
    column("id", Kind::Text, "id or path, as in `exchanges.source`"),
    column("format", Kind::Text, "format (`combined`, `har-ndjson`, …)"),
    column("compression", Kind::Text, "compression that was undone"),
    column("bytes", Kind::Integer, "bytes read, after decompression"),
    column("records", Kind::Integer, "records met"),
    column("exchanges", Kind::Integer, "records that became exchanges"),
    column("unreadable", Kind::Integer, "records that could not be read"),
    column("problems", Kind::Texts, "what else went wrong"),
    column("quality", Kind::Integer, "how much it tells, 0 to 100"),
    column("first_seen_at", Kind::Time, "first time in it"),
    column("last_seen_at", Kind::Time, "last time in it"),
];

fn rows(results: &Results, sheet: &mut Sheet) {
    for source in &results.sources {
        sheet.row(&[
            Cell::Text(&source.name),
            Cell::Text(&source.format),
            Cell::MaybeText(source.compression.as_deref()),
            Cell::Integer(source.bytes),
            Cell::Integer(source.records),
            Cell::Integer(source.exchanges),
            Cell::Integer(source.unreadable),
            Cell::Texts(&source.problems),
            Cell::MaybeInteger(source.quality.as_ref().map(|quality| u64::from(quality.score))),
            Cell::Time(source.first_seen),
            Cell::Time(source.last_seen),
        ]);
    }
}
