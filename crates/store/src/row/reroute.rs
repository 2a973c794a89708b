//! Endpoints for rows that came before their endpoint was known.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int32Type;
use hashbrown::HashMap;

use super::words::Words;
use crate::schema;

/// The rows of a batch of [`schema::rows`], those without an endpoint with what `route` says to their service, method,
/// path and call: text and id of the endpoint. What it does not know either stays without.
pub fn reroute<'r>(
    rows: &RecordBatch,
    mut route: impl FnMut(&str, &str, &str, Option<&str>) -> Option<(&'r str, u64)>,
) -> RecordBatch {
    rerouted(rows, &mut route).unwrap_or_else(|| rows.clone())
}

/// None when there is nothing to do, or the batch is of another schema.
fn rerouted<'r>(
    rows: &RecordBatch,
    route: &mut impl FnMut(&str, &str, &str, Option<&str>) -> Option<(&'r str, u64)>,
) -> Option<RecordBatch> {
    let column = |name: &str| rows.column_by_name(name)?.as_dictionary_opt::<Int32Type>();
    let known = column("endpoint")?;
    if known.null_count() == 0 {
        return None;
    }
    let ids = column("endpoint_id")?;
    let asked = [column("service")?, column("method")?, column("path")?, column("call")?];
    let text = |column: usize, key: Option<i32>| {
        let values = asked.get(column)?.values().as_string_opt::<i32>()?;
        let key = usize::try_from(key?).ok()?;
        (key < values.len()).then(|| values.value(key))
    };
    let old = |column: &datafusion::arrow::array::DictionaryArray<Int32Type>, row: usize| {
        let values = column.values().as_string_opt::<i32>()?;
        let key = column.key(row)?;
        (key < values.len()).then(|| values.value(key).to_owned())
    };
    let (mut endpoints, mut endpoint_ids) = (Words::default(), Words::default());
    // Rows repeat; a route is asked for once per service, method, path and call.
    let mut routes: HashMap<[Option<i32>; 4], Option<(&'r str, String)>> = HashMap::new();
    for row in 0..rows.num_rows() {
        if known.is_valid(row) {
            endpoints.push(old(known, row).as_deref());
            endpoint_ids.push(old(ids, row).as_deref());
            continue;
        }
        let keys = asked.map(|column| column.key(row).map(|key| key as i32));
        let found = routes.entry(keys).or_insert_with(|| {
            let [service, method, path, call] = keys;
            let of = |column, key| text(column, key).unwrap_or_default();
            let (name, id) = route(of(0, service), of(1, method), of(2, path), text(3, call))?;
            Some((name, format!("{id:016x}")))
        });
        endpoints.push(found.as_ref().map(|(name, _)| *name));
        endpoint_ids.push(found.as_ref().map(|(_, id)| id.as_str()));
    }
    let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
    for (name, words) in [("endpoint", endpoints), ("endpoint_id", endpoint_ids)] {
        *columns.get_mut(schema::position(name)?)? = Arc::new(words.finish().ok()?);
    }
    RecordBatch::try_new(rows.schema(), columns).ok()
}
