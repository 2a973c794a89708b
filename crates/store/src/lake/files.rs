//! The files of one version of the table, with what its log says of them.

use std::sync::Arc;

use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use deltalake::kernel::LogicalFileView;
use serde_json::Value;
use uuid::Uuid;
use vedette_model::Timestamp;

use super::file::Made;
use crate::schema::{self, COLUMNS, Kind, PARTITION};

/// One version of the table; immutable.
#[derive(Debug, Default)]
pub(super) struct Version {
    /// Number of the version.
    pub(super) number: u64,
    /// Last journal batch in it, 0 for none.
    pub(super) committed: u64,
    /// Its files.
    pub(super) files: Vec<Arc<DataFile>>,
}

/// The day of a file without one: it is kept, and not merged with others.
pub(super) const NO_DAY: i32 = i32::MAX;

/// A Parquet file of the table.
#[derive(Clone, Debug)]
pub(super) struct DataFile {
    /// Relative to the table.
    pub(super) path: String,
    /// Bytes.
    pub(super) size: u64,
    /// Days since the epoch of its partition; [`NO_DAY`] when another engine wrote it without one.
    pub(super) day: i32,
    /// Rows, when the log says.
    pub(super) rows: Option<usize>,
    /// Earliest and latest `at`, when the log says.
    pub(super) at: Option<(i64, i64)>,
    /// Delta's statistics as they stand in the log.
    pub(super) statistics_json: Arc<str>,
    /// The same for DataFusion, over [`schema::queried`].
    pub(super) statistics: Arc<Statistics>,
}

impl DataFile {
    /// A file about to be written into a day's partition, under a name that nobody had.
    pub(super) fn of(made: &Made, day: i32) -> Self {
        let path = format!("{PARTITION}={}/part-{}.parquet", day_text(day), Uuid::now_v7());
        Self::new(path, made.bytes.len() as u64, day, &made.statistics)
    }

    /// A file as the log knows it.
    pub(super) fn from_view(view: &LogicalFileView) -> Self {
        let partition = view.partition_values_map();
        let day = partition.get(PARTITION).and_then(Option::as_deref).and_then(day_of).unwrap_or(NO_DAY);
        let size = u64::try_from(view.size()).unwrap_or(0);
        Self::new(view.path().into_owned(), size, day, &view.stats().unwrap_or_default())
    }

    /// A file that no version knows.
    pub(super) fn unknown(path: String) -> Self {
        Self::new(path, 0, 0, "")
    }

    /// The partition's value.
    pub(super) fn day_text(&self) -> String {
        day_text(self.day)
    }

    fn new(path: String, size: u64, day: i32, json: &str) -> Self {
        let said: Value = serde_json::from_str(json).unwrap_or_default();
        let rows = said.get("numRecords").and_then(Value::as_u64).map(|rows| rows as usize);
        let statistics = Arc::new(statistics(&said, rows, size, day));
        Self { path, size, day, rows, at: bounds(&said, "at"), statistics_json: json.into(), statistics }
    }
}

/// `2026-11-26` of days since the epoch.
pub(super) fn day_text(day: i32) -> String {
    let text = Timestamp::from_secs(i64::from(day) * 86_400).to_string();
    text.get(..10).unwrap_or_default().to_owned()
}

/// Days since the epoch of `2026-11-26`.
fn day_of(text: &str) -> Option<i32> {
    Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")).map(crate::row::day)
}

fn bounds(said: &Value, column: &str) -> Option<(i64, i64)> {
    let of = |which: &str| match said.get(which)?.get(column)? {
        Value::String(text) => Timestamp::parse_rfc3339(text).map(|at| at.0),
        number => number.as_i64(),
    };
    Some((of("minValues")?, of("maxValues")?))
}

fn statistics(said: &Value, rows: Option<usize>, size: u64, day: i32) -> Statistics {
    let columns = schema::COLUMNS.iter().map(|column| {
        let mut known = ColumnStatistics::new_unknown();
        let nulls = said.get("nullCount").and_then(|counts| counts.get(column.name)).and_then(Value::as_u64);
        if let Some(nulls) = nulls {
            known.null_count = Precision::Exact(nulls as usize);
        }
        if column.name == PARTITION {
            known.min_value = Precision::Exact(ScalarValue::Date32(Some(day)));
            known.max_value = known.min_value.clone();
            known.null_count = Precision::Exact(0);
        } else if let Some((min, max)) = scalars(said, column.name, column.kind) {
            known.min_value = Precision::Exact(min);
            known.max_value = Precision::Exact(max);
        }
        known
    });
    debug_assert_eq!(columns.len(), COLUMNS.len());
    Statistics {
        num_rows: rows.map_or(Precision::Absent, Precision::Exact),
        total_byte_size: Precision::Inexact(size as usize),
        column_statistics: columns.collect(),
    }
}

fn scalars(said: &Value, column: &str, kind: Kind) -> Option<(ScalarValue, ScalarValue)> {
    if kind == Kind::Text {
        let of = |which: &str| Some(said.get(which)?.get(column)?.as_str()?.to_owned());
        return Some((ScalarValue::Utf8View(of("minValues")), ScalarValue::Utf8View(of("maxValues"))))
            .filter(|(min, max)| !min.is_null() && !max.is_null());
    }
    let (min, max) = bounds(said, column)?;
    let scalar = |value: i64| match kind {
        Kind::Time => ScalarValue::TimestampMicrosecond(Some(value), Some("UTC".into())),
        Kind::Int => ScalarValue::Int32(i32::try_from(value).ok()),
        Kind::Long => ScalarValue::Int64(Some(value)),
        Kind::Date => ScalarValue::Date32(i32::try_from(value).ok()),
        Kind::Text => ScalarValue::Null,
    };
    Some((scalar(min), scalar(max)))
}
