//! Which values the service itself hands out as ids and names: the best sign that a segment is a parameter.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;
use std::hash::BuildHasher;
use vedette_model::limits::PROVENANCE_VALUES_MAX;

/// Where a value was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Field that held it (an index of [`Provenance::field_name`]).
    pub(crate) field: u16,
    /// Hash of the path whose response held it.
    pub(crate) producer: u32,
}

/// Values seen in identifying fields of bodies: mergeable, bounded by [`PROVENANCE_VALUES_MAX`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Provenance {
    values: HashMap<u64, SmallVec<[Origin; 2]>, FixedState>,
    fields: Vec<Box<str>>,
    /// Every key met, so that its words are looked at once; [`OTHER`] for keys that do not identify.
    field_ids: HashMap<Box<str>, u16, FixedState>,
}

/// Origins kept per value: enough to see that several fields hold it.
const ORIGINS_MAX: usize = 4;

/// Distinct field names kept.
const FIELDS_MAX: usize = 4_000;

/// Marks keys whose values do not identify.
const OTHER: u16 = u16::MAX;

/// Last words of a key that make its values identifying.
const IDENTIFYING: &[&str] = &[
    "id", "ids", "uuid", "guid", "name", "slug", "key", "login", "username", "user", "handle", "label", "labels",
    "code", "sku", "ref", "number", "token", "path", "tag", "tags", "email", "title", "symbol", "owner", "account",
    "locale", "language", "region", "zone", "domain", "host", "hostname", "currency", "country", "version", "sha",
    "hash", "identifier", "alias", "reference", "nickname", "filename", "topic", "channel", "bucket", "cluster",
    "namespace", "project", "repo", "repository", "org", "organization", "team", "group", "role", "category", "type",
    "author", "isbn", "ean", "iso", "ticker", "prefix", "slot", "service", "app", "image", "plan", "permalink",
];

/// True when the values of a field identify things.
fn identifying(key: &str) -> bool {
    let last = last_word(key);
    IDENTIFYING.iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// `userId` → `Id`, `user_id` → `id`, `full-name` → `name`, `ID` → `ID`.
pub(crate) fn last_word(key: &str) -> &str {
    let b = key.as_bytes();
    let mut start = b.len();
    while start > 0 {
        let c = b.get(start - 1).copied().unwrap_or(0);
        if !c.is_ascii_alphanumeric() {
            break;
        }
        start -= 1;
        let before = start.checked_sub(1).and_then(|i| b.get(i)).copied().unwrap_or(0);
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            break;
        }
    }
    key.get(start..).unwrap_or(key)
}

/// Hash of a value, case-sensitive, the same for every run.
pub(crate) fn hash(value: &str) -> u64 {
    FixedState::with_seed(0x7665_6465).hash_one(value)
}

impl Provenance {
    /// The id of a field whose values identify things; `None` for others and past the bound.
    pub(crate) fn field(&mut self, key: &str) -> Option<u16> {
        if let Some(&id) = self.field_ids.get(key) {
            return (id != OTHER).then_some(id);
        }
        if self.field_ids.len() >= FIELDS_MAX || key.len() > 128 {
            return None;
        }
        let id = if identifying(key) { self.fields.len() as u16 } else { OTHER };
        if id != OTHER {
            self.fields.push(key.into());
        }
        self.field_ids.insert(key.into(), id);
        (id != OTHER).then_some(id)
    }

    /// Remembers that a field held a value (as [`hash`]) in the response of the path with hash `producer`.
    pub(crate) fn record(&mut self, field: u16, value: u64, producer: u32) {
        self.insert(value, Origin { field, producer });
    }

    fn insert(&mut self, value: u64, origin: Origin) {
        let full = self.values.len() >= PROVENANCE_VALUES_MAX;
        match self.values.get_mut(&value) {
            Some(origins) => {
                if origins.len() < ORIGINS_MAX && !origins.contains(&origin) {
                    origins.push(origin);
                }
            }
            None if full => {}
            None => {
                self.values.insert(value, SmallVec::from_slice(&[origin]));
            }
        }
    }

    /// Where a value was seen.
    pub(crate) fn origins(&self, value: u64) -> &[Origin] {
        self.values.get(&value).map_or(&[], SmallVec::as_slice)
    }

    /// Name of a field.
    pub(crate) fn field_name(&self, field: u16) -> &str {
        self.fields.get(usize::from(field)).map_or("", AsRef::as_ref)
    }

    /// True when no body was ever read.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Adds what another remembered.
    pub(crate) fn merge(&mut self, other: Self) {
        let map: Vec<Option<u16>> = other.fields.iter().map(|name| self.field(name)).collect();
        let mut values: Vec<_> = other.values.into_iter().collect();
        values.sort_unstable_by_key(|(hash, _)| *hash);
        for (value, origins) in values {
            for origin in origins {
                if let Some(Some(field)) = map.get(usize::from(origin.field)) {
                    self.insert(value, Origin { field: *field, producer: origin.producer });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_end_in_a_word() {
        for (key, word) in [("userId", "Id"), ("user_id", "id"), ("full-name", "name"), ("ID", "ID"), ("id", "id"), ("userID", "ID"), ("", "")] {
            assert_eq!(last_word(key), word, "{key}");
        }
    }
}
