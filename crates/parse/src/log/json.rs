//! Logs of JSON objects whose fields are known by name.

mod fields;
mod generic;
mod headers;
mod keys;
mod mapping;
mod profiles;
mod reader;
mod scan;

use std::sync::Arc;

use smallvec::{SmallVec, smallvec};
use vedette_model::limits::LINE_BYTES_MAX;
use vedette_model::{Diagnostic, Exchange};

use self::generic::GENERIC;
use self::keys::Keys;
pub(crate) use self::profiles::PROFILES;
use self::profiles::{Mapping, Profile};
use self::reader::Reader;
use super::envelope;
use crate::decode::Unreadable;

/// A log of JSON objects with its field mapping.
///
/// Keys are looked up without regard to case and separators, nested or joined by dots. Where several keys of a
/// record hold the same fact, the mapping's order decides. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct JsonLog {
    id: &'static str,
    keys: Arc<Keys>,
    header_prefixes: (&'static [&'static str], &'static [&'static str]),
    /// The server logs all headers, so that a missing one means something.
    all_headers: bool,
    /// The user's mapping, as it was read.
    mapping: Option<Arc<str>>,
}

impl JsonLog {
    /// A log that is known by name.
    pub(crate) fn of(profile: &Profile) -> Self {
        let mut keys = Keys::new();
        insert(&mut keys, profile.mapping, 0);
        insert(&mut keys, GENERIC, profile.mapping.len());
        Self {
            id: profile.id,
            keys: Arc::new(keys),
            header_prefixes: profile.header_prefixes,
            all_headers: profile.all_headers,
            mapping: None,
        }
    }

    /// A log whose keys a user mapped: a YAML object from field names to a key path or a list of them, the best
    /// first (`client_ip: [edge.ip, ip]`). Keys that it does not name are recognized as usual. `file` names the
    /// mapping in diagnostics, all of which are returned at once.
    pub fn with_mapping(file: &str, yaml: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut keys = Keys::new();
        for entry in mapping::read(file, yaml)? {
            for (index, path) in entry.paths.iter().enumerate() {
                // The user's word: before every other key of the same slot.
                keys.insert(path, &entry.field, index.min(RANKS_OF_USER - 1) as u8);
            }
        }
        insert(&mut keys, GENERIC, RANKS_OF_USER);
        Ok(Self {
            id: "json",
            keys: Arc::new(keys),
            header_prefixes: (&[], &[]),
            all_headers: false,
            mapping: Some(yaml.into()),
        })
    }

    /// Format id.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The user's mapping, when it was made from one.
    pub(crate) fn mapping(&self) -> Option<&str> {
        self.mapping.as_deref()
    }

    /// Reads one line. `Ok(None)` for blank lines and for objects that carry no request, such as the other messages
    /// of a server that writes all its logs to one file. A line with several exchanges must be split by [`records`].
    pub fn parse<'a>(&'a self, line: &'a str) -> Result<Option<Exchange<'a>>, Unreadable> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(None);
        }
        if line.len() > LINE_BYTES_MAX {
            return Err(Unreadable { reason: "line longer than 1 MB" });
        }
        if line.starts_with("{\"log\":\"{")
            && let Some(inner) = envelope::docker(line)
        {
            return Ok(self.read(inner.trim_ascii())?.map(envelope::into_owned));
        }
        let object = object_in(line).ok_or(Unreadable { reason: "expected a JSON object" })?;
        match records(object).as_slice() {
            [single] => self.read(single),
            [] => Ok(None),
            _ => Err(Unreadable { reason: "several records in one line" }),
        }
    }

    fn read<'a>(&'a self, object: &'a str) -> Result<Option<Exchange<'a>>, Unreadable> {
        let mut exchange = Reader::new(&self.keys, self.header_prefixes, object).exchange()?;
        if self.all_headers
            && let Some(exchange) = &mut exchange
        {
            exchange.has_headers = true;
        }
        Ok(exchange)
    }
}

/// Paths of one field of a user's mapping.
const RANKS_OF_USER: usize = 16;

/// Adds a mapping, its paths ranked from `first` on.
fn insert(keys: &mut Keys, mapping: Mapping, first: usize) {
    for (name, paths) in mapping {
        let Some(field) = fields::field(name) else { continue };
        for (index, path) in paths.iter().enumerate() {
            keys.insert(path, &field, fields::rank(&field, first + index));
        }
    }
}

/// The object in a line: the line itself, or what a shipper's prefix leaves of it.
pub(crate) fn object_in(line: &str) -> Option<&str> {
    if line.starts_with('{') {
        return Some(line);
    }
    let inner = envelope::strip(line)?.trim_ascii();
    inner.starts_with('{').then_some(inner)
}

/// The records within a line: the elements of `{"records":[…]}`, as Azure sends them, or the line alone.
/// A line that is too long to be parsed is not looked into.
pub fn records(line: &str) -> SmallVec<[&str; 1]> {
    if line.len() > LINE_BYTES_MAX {
        return smallvec![line];
    }
    let within = line.trim_ascii_start().strip_prefix('{').map(str::trim_ascii_start);
    let within = within.filter(|within| within.starts_with("\"records\"")).and_then(|_| scan::records(line));
    within.unwrap_or_else(|| smallvec![line])
}
