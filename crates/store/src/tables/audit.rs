//! `audit`: who read and changed what in Vedette.

use datafusion::arrow::error::ArrowError;
use datafusion::arrow::record_batch::RecordBatch;
use vedette_model::Timestamp;

use super::{Cell, Column, Kind, Rows, Sheet, Table, column};

pub(super) const TABLE: Table = Table {
    name: "audit",
    about: "One row per change of settings and per read of personal data. Only administrators see rows.",
    example: "select at, principal, action, target from audit where action like 'hunt%' order by at desc",
    columns: COLUMNS,
    rows: Rows::Given,
};

const COLUMNS: &[Column] = &[
    column("number", Kind::Integer, "number in the chain, from 1"),
    column("at", Kind::Time, "when"),
    column("principal", Kind::Text, "user or token"),
    column("action", Kind::Text, "what was done"),
    column("target", Kind::Text, "to what"),
    column("detail", Kind::Text, "more about it, as JSON"),
    column("address", Kind::Text, "from which address"),
];

/// One entry, as the control plane keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditRow {
    /// Number in the chain, from 1.
    pub number: u64,
    /// When.
    pub at: Option<Timestamp>,
    /// User or token.
    pub principal: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub target: String,
    /// More about it, as JSON.
    pub detail: Option<String>,
    /// From which address.
    pub address: Option<String>,
}

impl AuditRow {
    /// Entries as rows of the table.
    ///
    /// # Errors
    /// When a row does not fit the columns, which is a fault of this crate.
    pub fn batch(rows: &[AuditRow]) -> Result<RecordBatch, ArrowError> {
        let mut sheet = Sheet::new(&TABLE, None);
        for row in rows {
            sheet.row(&[
                Cell::Integer(row.number),
                Cell::Time(row.at),
                Cell::Text(&row.principal),
                Cell::Text(&row.action),
                Cell::Text(&row.target),
                Cell::MaybeText(row.detail.as_deref()),
                Cell::MaybeText(row.address.as_deref()),
            ]);
        }
        sheet.finish()
    }
}
