//! A column of text being filled: a dictionary with a key per row.

use std::hash::BuildHasher;
use std::sync::Arc;

use datafusion::arrow::array::{DictionaryArray, Int32Array, StringArray};
use datafusion::arrow::buffer::{OffsetBuffer, ScalarBuffer};
use datafusion::arrow::datatypes::Int32Type;
use datafusion::arrow::error::ArrowError;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Text of many rows. Neighbors are often equal, so the last value is tried before the table.
#[derive(Debug, Default)]
pub(super) struct Words {
    keys: Vec<Option<i32>>,
    last: Option<i32>,
    known: HashTable<i32>,
    text: String,
    /// Ends of values in `text`.
    ends: Vec<i32>,
    state: RandomState,
}

impl Words {
    /// Appends the text of a row, or null.
    pub(super) fn push(&mut self, text: Option<&str>) {
        let key = text.map(|text| self.key(text));
        self.keys.push(key);
    }

    /// Bytes of the dictionary.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.ends.len() * 12
    }

    /// The column.
    pub(super) fn finish(self) -> Result<DictionaryArray<Int32Type>, ArrowError> {
        let offsets: Vec<i32> = std::iter::once(0).chain(self.ends).collect();
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let values = StringArray::try_new(offsets, self.text.into_bytes().into(), None)?;
        DictionaryArray::try_new(Int32Array::from(self.keys), Arc::new(values))
    }

    fn key(&mut self, text: &str) -> i32 {
        if let Some(last) = self.last
            && value(&self.text, &self.ends, last) == text
        {
            return last;
        }
        let hash = self.state.hash_one(text);
        let found = self.known.find(hash, |key| value(&self.text, &self.ends, *key) == text).copied();
        let key = found.unwrap_or_else(|| self.learn(hash, text));
        self.last = Some(key);
        key
    }

    /// The buffer's limits keep keys and offsets far below what 31 bits hold.
    fn learn(&mut self, hash: u64, text: &str) -> i32 {
        let key = i32::try_from(self.ends.len()).unwrap_or(i32::MAX);
        self.text.push_str(text);
        self.ends.push(i32::try_from(self.text.len()).unwrap_or(i32::MAX));
        let Self { known, text, ends, state, .. } = self;
        known.insert_unique(hash, key, |key| state.hash_one(value(text, ends, *key)));
        key
    }
}

/// The value of a key.
fn value<'t>(text: &'t str, ends: &[i32], key: i32) -> &'t str {
    let key = key as usize;
    let start = key.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    let end = ends.get(key).copied().unwrap_or(start);
    text.get(start as usize..end as usize).unwrap_or_default()
}
