//! Which values the service itself hands out as ids and names: the best sign that a segment is a parameter.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;
use std::hash::BuildHasher;
use vedette_model::limits::PROVENANCE_VALUES_MAX;
use vedette_parse::stored;
use vedette_parse::stored::{Bits, Codec, Damaged, Reader, Stored, varint};

/// Where a value was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Field that held it (see [`Provenance::field_of`]).
    pub(crate) field: u16,
    /// Hash of the path whose response held it.
    pub(crate) producer: u32,
}

/// Values seen in identifying fields of bodies: mergeable, bounded by [`PROVENANCE_VALUES_MAX`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Provenance {
    values: HashMap<u64, SmallVec<[Origin; 2]>, FixedState>,
    fields: Vec<FieldName>,
    field_ids: HashMap<Box<str>, u16, FixedState>,
}

/// A key of JSON objects.
#[derive(Clone, Debug)]
struct FieldName {
    name: Box<str>,
    /// What its name says of its values.
    named: Named,
    /// Distinct segments that its values repeated, the first [`ECHOED_KEPT`].
    echoed: SmallVec<[u64; 4]>,
}

/// What a key's name says of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// They identify things (`id`, `slug`).
    Identifying,
    /// They identify loosely: often words of the API itself (`role`, `plan`).
    Loose,
    /// They name kinds of things (`type`).
    Kind,
    /// It does not say.
    Unknown,
}

stored!(Origin { field, producer });

/// Values with their origins, and the fields; what a name says follows from it.
impl Stored for Provenance {
    fn store(&self, out: &mut Vec<u8>) {
        varint(self.fields.len() as u64, out);
        for field in &self.fields {
            field.name.store(out);
            varint(field.echoed.len() as u64, out);
            field.echoed.iter().for_each(|value| Bits::store(value, out));
        }
        let mut values: Vec<_> = self.values.iter().collect();
        values.sort_unstable_by_key(|(value, _)| **value);
        varint(values.len() as u64, out);
        for (value, origins) in values {
            Bits::store(value, out);
            origins.store(out);
        }
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let mut read = Self::default();
        for _ in 0..from.count()? {
            let name = Box::<str>::load(from)?;
            let id = read.fields.len() as u16;
            let mut echoed = SmallVec::new();
            for _ in 0..from.count()? {
                echoed.push(Bits::load(from)?);
            }
            read.fields.push(FieldName { named: named(&name), name: name.clone(), echoed });
            if read.fields.len() > FIELDS_MAX || read.field_ids.insert(name, id).is_some() {
                return Err(Damaged::Impossible("field"));
            }
        }
        for _ in 0..from.count()? {
            let value = Bits::load(from)?;
            read.values.insert(value, Stored::load(from)?);
        }
        Ok(read)
    }
}

/// Distinct echoes kept per field; so many make an unknown name an identifying one.
const ECHOED_KEPT: usize = 4;

/// Origins kept per value: enough to see that several fields hold it.
const ORIGINS_MAX: usize = 4;

/// Distinct field names kept.
const FIELDS_MAX: usize = 4_000;

/// Last words of a key that make its values identifying.
const IDENTIFYING: &[&str] = &[
    "id",
    "ids",
    "uuid",
    "guid",
    "name",
    "slug",
    "key",
    "login",
    "username",
    "user",
    "handle",
    "label",
    "labels",
    "code",
    "sku",
    "ref",
    "number",
    "token",
    "path",
    "tag",
    "tags",
    "email",
    "title",
    "symbol",
    "owner",
    "account",
    "locale",
    "language",
    "region",
    "zone",
    "domain",
    "host",
    "hostname",
    "currency",
    "country",
    "version",
    "sha",
    "hash",
    "identifier",
    "alias",
    "reference",
    "nickname",
    "filename",
    "topic",
    "channel",
    "bucket",
    "cluster",
    "namespace",
    "project",
    "repo",
    "repository",
    "org",
    "organization",
    "team",
    "group",
    "role",
    "category",
    "type",
    "author",
    "isbn",
    "ean",
    "iso",
    "ticker",
    "prefix",
    "slot",
    "service",
    "app",
    "image",
    "plan",
    "permalink",
];

/// Keys whose values name a kind of thing, which APIs also use as names of collections (`"type": "notebooks"`).
const KINDS: &[&str] = &["type", "kind", "object", "resource", "model", "entity", "class"];

/// Last words of keys that identify loosely: their values are often words of the API itself.
const LOOSE: &[&str] =
    &["type", "role", "category", "group", "plan", "service", "app", "path", "image", "version", "title", "prefix"];

fn named(key: &str) -> Named {
    let last = last_word(key);
    let is_in = |words: &[&str], text: &str| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_in(KINDS, key) {
        Named::Kind
    } else if is_in(LOOSE, last) {
        Named::Loose
    } else if is_in(IDENTIFYING, last) {
        Named::Identifying
    } else {
        Named::Unknown
    }
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
    /// The id of a field whose values may identify things; `None` for kinds and past the bound.
    pub(crate) fn field(&mut self, key: &str) -> Option<u16> {
        let id = match self.field_ids.get(key) {
            Some(&id) => id,
            None if self.fields.len() >= FIELDS_MAX || key.len() > 128 => return None,
            None => {
                let id = self.fields.len() as u16;
                self.fields.push(FieldName { name: key.into(), named: named(key), echoed: SmallVec::new() });
                self.field_ids.insert(key.into(), id);
                id
            }
        };
        self.fields.get(usize::from(id)).is_some_and(|f| f.named != Named::Kind).then_some(id)
    }

    /// Remembers that a field held a value (as [`hash`]) in the response of the path with hash `producer`; values of
    /// a field that is not known to identify are not kept.
    pub(crate) fn record(&mut self, field: u16, value: u64, producer: u32) {
        if self.field_of(field).1 > 0.0 {
            self.insert(value, Origin { field, producer });
        }
    }

    /// Notes that a field repeated a segment of its own path: that is how identifying fields show.
    pub(crate) fn echoed(&mut self, field: u16, value: u64) {
        if let Some(f) = self.fields.get_mut(usize::from(field))
            && f.echoed.len() < ECHOED_KEPT
            && !f.echoed.contains(&value)
        {
            f.echoed.push(value);
        }
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

    /// Name of a field, and how much its values identify, 0 to 1.
    pub(crate) fn field_of(&self, field: u16) -> (&str, f64) {
        let Some(f) = self.fields.get(usize::from(field)) else { return ("", 0.0) };
        let weight = match f.named {
            Named::Identifying => 1.0,
            Named::Loose => 0.4,
            Named::Kind => 0.0,
            // A few distinct echoes may be an enumeration (`engine`, `tier`); many are not.
            Named::Unknown => [0.0, 0.1, 0.2, 0.6, 1.0].get(f.echoed.len()).copied().unwrap_or(1.0),
        };
        (&f.name, weight)
    }

    /// Adds what another remembered.
    pub(crate) fn merge(&mut self, other: Self) {
        let mut map: Vec<Option<u16>> = Vec::with_capacity(other.fields.len());
        for theirs in &other.fields {
            let id = self.field(&theirs.name);
            map.push(id);
            theirs.echoed.iter().for_each(|value| self.echoed(id.unwrap_or(u16::MAX), *value));
        }
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
        for (key, word) in [
            ("userId", "Id"),
            ("user_id", "id"),
            ("full-name", "name"),
            ("ID", "ID"),
            ("id", "id"),
            ("userID", "ID"),
            ("", ""),
        ] {
            assert_eq!(last_word(key), word, "{key}");
        }
    }
}
