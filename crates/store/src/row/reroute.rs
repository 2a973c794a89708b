//! Telling rows their endpoints anew: templates are learned while rows wait for the lake.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, RecordBatch};
use datafusion::arrow::datatypes::Int32Type;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::words::Words;

/// The rows with their columns `endpoint` and `endpoint_id` as `route` tells them from service, method, path and call;
/// what it does not know stays as it was. Rows that are not of [`super::RowBuffer`] come back as they are.
pub fn reroute<'r>(
    rows: &RecordBatch,
    mut route: impl FnMut(&str, &str, &str, Option<&str>) -> Option<(&'r str, u64)>,
) -> RecordBatch {
    let text = |name| Texts::of(rows, name);
    let (Some(service), Some(method), Some(path), Some(call)) =
        (text("service"), text("method"), text("path"), text("call"))
    else {
        return rows.clone();
    };
    let (Some(endpoint), Some(id)) = (text("endpoint"), text("endpoint_id")) else { return rows.clone() };
    let mut known: HashMap<[Option<usize>; 4], Option<(&'r str, String)>, FixedState> = HashMap::default();
    let (mut endpoints, mut ids) = (Words::default(), Words::default());
    for row in 0..rows.num_rows() {
        let keys = [service.key(row), method.key(row), path.key(row), call.key(row)];
        let found = known.entry(keys).or_insert_with(|| {
            let [service_key, method_key, path_key, call_key] = keys;
            let found = route(
                service.value(service_key).unwrap_or_default(),
                method.value(method_key).unwrap_or_default(),
                path.value(path_key).unwrap_or_default(),
                call.value(call_key),
            );
            found.map(|(text, id)| (text, format!("{id:016x}")))
        });
        if let Some((text, number)) = found {
            endpoints.push(Some(text));
            ids.push(Some(number));
        } else {
            endpoints.push(endpoint.value(endpoint.key(row)));
            ids.push(id.value(id.key(row)));
        }
    }
    let (Ok(endpoints), Ok(ids)) = (endpoints.finish(), ids.finish()) else { return rows.clone() };
    let mut columns = rows.columns().to_vec();
    for (name, column) in [("endpoint", Arc::new(endpoints) as ArrayRef), ("endpoint_id", Arc::new(ids))] {
        if let Some(place) = rows.schema().index_of(name).ok().and_then(|at| columns.get_mut(at)) {
            *place = column;
        }
    }
    RecordBatch::try_new(rows.schema(), columns).unwrap_or_else(|_| rows.clone())
}

/// A column of text.
struct Texts<'a>(&'a DictionaryArray<Int32Type>);

impl<'a> Texts<'a> {
    fn of(rows: &'a RecordBatch, name: &str) -> Option<Self> {
        rows.column_by_name(name)?.as_dictionary_opt::<Int32Type>().map(Self)
    }

    fn key(&self, row: usize) -> Option<usize> {
        self.0.key(row)
    }

    fn value(&self, key: Option<usize>) -> Option<&'a str> {
        let values = self.0.values().as_string_opt::<i32>()?;
        let key = key.filter(|key| *key < values.len())?;
        Some(values.value(key))
    }
}

#[cfg(test)]
mod tests {
    use vedette_model::Timestamp;

    use super::super::tests::full;
    use super::super::{ExchangeRow, RowBuffer};
    use super::*;

    #[test]
    fn rows_are_told_what_is_known_and_keep_what_is_not() {
        let mut buffer = RowBuffer::new();
        for (path, endpoint) in [("/a/1", ""), ("/b/2", "GET /b/{old}"), ("/a/3", "GET /a/{old}")] {
            assert!(buffer.push(&ExchangeRow { path, endpoint, received_at: Timestamp(0), ..full() }));
        }
        let mut asked = 0;
        let rows = reroute(&buffer.take().unwrap(), |_, _, path, _| {
            asked += 1;
            path.starts_with("/a/").then_some(("GET /a/{id}", 7))
        });
        let text =
            |name: &str, at| Texts::of(&rows, name).map(|texts| texts.value(texts.key(at)).unwrap_or("").to_owned());
        let endpoints: Vec<String> = (0..3).filter_map(|at| text("endpoint", at)).collect();
        assert_eq!(endpoints, ["GET /a/{id}", "GET /b/{old}", "GET /a/{id}"]);
        assert_eq!(text("endpoint_id", 0).unwrap(), "0000000000000007");
        assert_eq!(asked, 3);
    }
}
