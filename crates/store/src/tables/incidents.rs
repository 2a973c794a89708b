//! `incidents`: detections grouped for a human.

use vedette_model::results::Results;

use super::{Cell, Column, Kind, Rows, Sheet, Table, column};

pub(super) const TABLE: Table = Table {
    name: "incidents",
    about: "One row per group of detections of one actor or campaign.",
    example: "select i.title, d.at, d.title from incidents i join detections d on array_has(i.detection_ids, d.id)\n\
              order by d.at",
    columns: COLUMNS,
    rows: Rows::Learned(rows),
};

const COLUMNS: &[Column] = &[
    column("id", Kind::Text, "stable id"),
    column("title", Kind::Text, "in a few words"),
    column("severity", Kind::Text, "`info`, `low`, `medium`, `high` or `critical`"),
    column("severity_level", Kind::Integer, "the same as a number, 0 to 4, to sort and compare"),
    column("detections", Kind::Integer, "detections in it"),
    column("detection_ids", Kind::Texts, "their ids, as in `detections.id`"),
];

fn rows(results: &Results, sheet: &mut Sheet) {
    for incident in &results.incidents {
        sheet.row(&[
            Cell::Text(&incident.id),
            Cell::Text(&incident.title),
            Cell::Text(incident.severity.id()),
            Cell::Integer(incident.severity as u64),
            Cell::Integer(incident.detections.len() as u64),
            Cell::Texts(&incident.detections),
        ]);
    }
}
