//! Tables from JSON rows, in which only what matters is written.

use std::sync::Arc;

use datafusion::arrow::json::ReaderBuilder;
use datafusion::arrow::record_batch::RecordBatch;
use serde_json::{Map, Value, json};

use super::Tables;
use crate::tables::Table;

/// Tables of `{"exchanges": [{…}], "endpoints": [{…}]}`. Exchanges have values where the lake always has one.
pub(super) fn tables(rows: &Value) -> Tables {
    let named = rows.as_object().unwrap();
    named.iter().fold(Tables::new(), |tables, (name, rows)| tables.with_batch(name, batch(name, rows)))
}

pub(super) fn batch(name: &str, rows: &Value) -> RecordBatch {
    let table = Table::named(name).unwrap_or_else(|| panic!("no table {name}"));
    let rows: Vec<Value> = rows.as_array().unwrap().iter().enumerate().map(|(n, row)| filled(name, n, row)).collect();
    for row in &rows {
        for key in row.as_object().unwrap().keys() {
            assert!(table.columns.iter().any(|column| column.name == key), "{name} has no column {key}");
        }
    }
    let mut decoder = ReaderBuilder::new(table.schema()).build_decoder().unwrap();
    decoder.serialize(&rows).unwrap();
    decoder.flush().unwrap().unwrap_or_else(|| RecordBatch::new_empty(Arc::clone(&table.schema())))
}

fn filled(name: &str, number: usize, row: &Value) -> Value {
    if name != "exchanges" {
        return row.clone();
    }
    let given = row.as_object().unwrap();
    let at = given.get("at").and_then(Value::as_str).unwrap_or("2026-03-02T11:00:00Z");
    let method = given.get("endpoint").and_then(Value::as_str).and_then(|name| name.split(' ').next()).unwrap_or("GET");
    let filling = json!({
        "at": at,
        "received_at": at,
        "received_on": at.split('T').next(),
        "service": "shop",
        "method": method,
        "path": "/",
        "actor": "a-1",
        "source": "test",
        "seq": 1,
        "record": number,
    });
    let mut whole: Map<String, Value> = filling.as_object().unwrap().clone();
    whole.extend(given.clone());
    Value::Object(whole)
}
