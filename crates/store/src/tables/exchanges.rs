//! `exchanges`: the lake. Its columns are declared in [`crate::schema`], which also says how they are stored.

use super::{Column, Kind, Rows, Table};
use crate::schema;

pub(crate) const TABLE: Table = Table {
    name: "exchanges",
    about: "One row per request with its response, kept for the retention of the lake (30 days by default). Paths are \
            masked: no personal value or secret stands in them. What a source does not tell is null.",
    example: "select endpoint, count(*) as errors from exchanges\nwhere status >= 500 and at > now() - interval '1 day'\n\
              group by endpoint order by errors desc",
    columns: &COLUMNS,
    rows: Rows::Lake,
};

const COLUMNS: [Column; schema::COLUMNS.len()] = columns();

const fn columns() -> [Column; schema::COLUMNS.len()] {
    let mut columns = [Column { name: "", kind: Kind::Text, about: "" }; schema::COLUMNS.len()];
    let mut to: &mut [Column] = &mut columns;
    let mut from: &[schema::Column] = schema::COLUMNS;
    while let ([column, to_rest @ ..], [stored, from_rest @ ..]) = (to, from) {
        let kind = match stored.kind {
            schema::Kind::Text => Kind::Text,
            schema::Kind::Time => Kind::Time,
            schema::Kind::Int | schema::Kind::Long => Kind::Integer,
            schema::Kind::Date => Kind::Day,
        };
        *column = Column { name: stored.name, kind, about: stored.about };
        (to, from) = (to_rest, from_rest);
    }
    columns
}
