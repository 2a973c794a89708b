//! `changes`: how the inventory changed.

use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::RecordBatch;
use vedette_model::Timestamp;

use super::{Cell, Column, Kind, Rows, Sheet, Table, column};

pub(super) const TABLE: Table = Table {
    name: "changes",
    about: "One row per change of the inventory: a new endpoint, parameter or data class, authentication that changed.",
    example: "select at, service, endpoint, explanation from changes\n\
              where kind = 'new-endpoint' and at > now() - interval '7 days' order by at desc",
    columns: COLUMNS,
    rows: Rows::Given,
};

const COLUMNS: &[Column] = &[
    column("at", Kind::Time, "when it was noticed"),
    column("kind", Kind::Text, "kind (`new-endpoint`, `new-parameter`, `new-data-class`, …)"),
    column("service", Kind::Text, "name of the service"),
    column("endpoint", Kind::Text, "method and template; empty when it is about the service"),
    column("endpoint_id", Kind::Text, "id of the endpoint; null when it is about the service"),
    column("subject", Kind::Text, "parameter, field or class that changed"),
    column("before", Kind::Text, "how it was; null when it is new"),
    column("after", Kind::Text, "how it is; null when it is gone"),
    column("explanation", Kind::Text, "in a sentence"),
];

/// One change, as the control plane keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeRow {
    /// When it was noticed.
    pub at: Option<Timestamp>,
    /// Kind.
    pub kind: String,
    /// Name of the service.
    pub service: String,
    /// Method and template.
    pub endpoint: String,
    /// Id of the endpoint.
    pub endpoint_id: Option<String>,
    /// What changed.
    pub subject: Option<String>,
    /// How it was.
    pub before: Option<String>,
    /// How it is.
    pub after: Option<String>,
    /// In a sentence.
    pub explanation: String,
}

impl ChangeRow {
    /// Changes as rows of the table.
    ///
    /// # Errors
    /// When a row does not fit the columns, which is a fault of this crate.
    pub fn batch(rows: &[ChangeRow]) -> Result<RecordBatch, ArrowError> {
        let mut sheet = Sheet::new(&TABLE, None);
        for row in rows {
            sheet.row(&[
                Cell::Time(row.at),
                Cell::Text(&row.kind),
                Cell::Text(&row.service),
                Cell::Text(&row.endpoint),
                Cell::MaybeText(row.endpoint_id.as_deref()),
                Cell::MaybeText(row.subject.as_deref()),
                Cell::MaybeText(row.before.as_deref()),
                Cell::MaybeText(row.after.as_deref()),
                Cell::Text(&row.explanation),
            ]);
        }
        sheet.finish()
    }
}
