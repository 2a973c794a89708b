//! All that an engine learned as bytes, so that a restart loses nothing and reads nothing again.
//!
//! A header (what it is, version, length, checksum), then the state in the form of [`mod@vedette_parse::stored`]. A restored
//! engine behaves exactly as one that never stopped, and equal engines have equal snapshots. What follows from the rest
//! (the route cache, the service index, outlines of GraphQL texts) is not in it, nor is what the caller gives: classes,
//! specifications, descriptors.
//!
//! Bytes of one version are read by all later ones (`tests/snapshots` keeps some of each). When a stored struct
//! changes, [`VERSION`] rises and its `load` asks for the version; what is only numbered otherwise needs nothing, for
//! numbers are written beside their names.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use vedette_model::hash::HashKey;
use vedette_model::limits::SERVICES_MAX;
use vedette_parse::classes::Classifier;
use vedette_parse::stored;
use vedette_parse::stored::{CLASSES, Damaged, Reader, Stored, Table};

use super::{Engine, METHODS, OTHER_METHOD, ServiceSummary};
use crate::checks;
use crate::paths::provenance;
use crate::quality::facts;
use crate::schema::format;
use crate::sketch::hash;

/// Version of the format that is written.
pub const VERSION: u16 = 1;

/// How a snapshot begins.
const MAGIC: &[u8; 8] = b"VDTLEARN";

/// Numbers of checks, facts, formats and methods.
pub(crate) const CHECKS: Table = Table(1);
pub(crate) const FACTS: Table = Table(2);
pub(crate) const FORMATS: Table = Table(3);
const METHOD_NUMBERS: Table = Table(4);

/// Bytes of the header: magic, version, checks of key and hashes, length, checksum.
const HEADER_BYTES: usize = 8 + 2 + 8 + 8 + 8 + 32;

/// Why a snapshot cannot be restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// It is something else, or its beginning is lost.
    #[error("it is no snapshot of an engine")]
    NotOne,
    /// A later version of Vedette wrote it.
    #[error("it has format version {found}, and only {VERSION} and earlier ones are known")]
    Version {
        /// Its version.
        found: u16,
    },
    /// Its end is lost, or it was changed after it was written.
    #[error("it is cut or its checksum does not match")]
    Corrupt,
    /// Another installation wrote it, or the key was replaced: its actors cannot be recognized.
    #[error("it was learned with another key")]
    OtherKey,
    /// Its hash functions are not those of this version: nothing in it could be found again.
    #[error("it was learned with other hash functions")]
    OtherHashes,
    /// The checksum matches and the content makes no sense.
    #[error("its content cannot be read")]
    Damaged(#[source] Damaged),
}

impl Engine {
    /// All that was learned, in a canonical form: equal engines give equal bytes. Linear in the size of the state.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = vec![0; HEADER_BYTES];
        self.store(&mut out);
        let length = (out.len() - HEADER_BYTES) as u64;
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&VERSION.to_le_bytes());
        for number in [self.key.hash(MAGIC), hashes(), length] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        let body = out.get(HEADER_BYTES..).unwrap_or_default();
        header.extend_from_slice(&checksum(&header, body));
        if let Some(place) = out.first_chunk_mut::<HEADER_BYTES>() {
            place.copy_from_slice(&header);
        }
        out
    }

    /// The engine that a snapshot is of. `key` must be the one that it was learned with; classes may have changed
    /// meanwhile: what is not known any more is forgotten. Contract and descriptors are to be given again. Whatever the
    /// bytes are, memory stays within a small multiple of their number.
    pub fn restore(bytes: &[u8], classifier: Arc<Classifier>, key: HashKey) -> Result<Self, RestoreError> {
        let (header, body) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(RestoreError::NotOne)?;
        let mut fields = Reader::new(header);
        let damaged = |_| RestoreError::NotOne;
        if fields.take(MAGIC.len()).map_err(damaged)? != MAGIC {
            return Err(RestoreError::NotOne);
        }
        let found = u16::from_le_bytes(Stored::load(&mut fields).map_err(damaged)?);
        if found > VERSION || found == 0 {
            return Err(RestoreError::Version { found });
        }
        let mut number = || Stored::load(&mut fields).map(u64::from_le_bytes).map_err(damaged);
        let (key_check, hash_check, length) = (number()?, number()?, number()?);
        let summed = header.get(..HEADER_BYTES - 32).unwrap_or_default();
        if length != body.len() as u64 || fields.take(32).map_err(damaged)? != checksum(summed, body) {
            return Err(RestoreError::Corrupt);
        }
        if key_check != key.hash(MAGIC) {
            return Err(RestoreError::OtherKey);
        }
        if hash_check != hashes() {
            return Err(RestoreError::OtherHashes);
        }
        Self::load(body, classifier, key).map_err(RestoreError::Damaged)
    }

    fn store(&self, out: &mut Vec<u8>) {
        stored::table(self.classifier.classes().iter().map(|class| class.id.as_str()), out);
        stored::table(checks::CHECKS.iter().map(|check| check.meta.id), out);
        stored::table(facts::TABLE.iter().map(|about| about.id), out);
        stored::table(format::names(), out);
        stored::table(METHODS.into_iter(), out);
        self.services.store(out);
        self.provenance.store(out);
        self.actors.store(out);
        self.totals.store(out);
        self.told.store(out);
        self.strays.store(out);
    }

    /// Reads the state behind the header. Public for fuzzing, which no checksum may stop.
    #[doc(hidden)]
    pub fn load(body: &[u8], classifier: Arc<Classifier>, key: HashKey) -> Result<Self, Damaged> {
        let mut from = Reader::new(body);
        from.table(CLASSES, |id| classifier.by_id(id).map(|class| class.0))?;
        from.table(CHECKS, |id| number(checks::CHECKS.iter().position(|check| check.meta.id == id)))?;
        from.table(FACTS, |id| number(facts::TABLE.iter().position(|about| about.id == id)))?;
        from.table(FORMATS, |name| number(format::names().position(|known| known == name)))?;
        from.table(METHOD_NUMBERS, |name| number(METHODS.iter().position(|known| *known == name)))?;
        let mut engine = Self::new(classifier, key);
        engine.services = Stored::load(&mut from)?;
        if engine.services.len() > SERVICES_MAX + 1 {
            return Err(Damaged::Impossible("number of services"));
        }
        let names = engine.services.iter().enumerate().map(|(id, service)| (service.name.clone(), id as u16));
        engine.by_name = names.collect();
        engine.provenance = Stored::load(&mut from)?;
        engine.actors = Stored::load(&mut from)?;
        engine.totals = Stored::load(&mut from)?;
        engine.told = Stored::load(&mut from)?;
        engine.strays = Stored::load(&mut from)?;
        from.end()?;
        Ok(engine)
    }

    /// The state without the header, as [`Self::load`] reads it.
    #[doc(hidden)]
    pub fn state(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.store(&mut out);
        out
    }
}

stored!(ServiceSummary { name, trie, exchanges, actors, reach, calls_kept });

/// The number of a method by now; one that is not known any more counts with the others.
pub(crate) fn known_method(from: &Reader<'_>, number: u16) -> Result<u16, Damaged> {
    Ok(from.renumber(METHOD_NUMBERS, number)?.unwrap_or(OTHER_METHOD))
}

fn number(place: Option<usize>) -> Option<u16> {
    place.and_then(|place| u16::try_from(place).ok())
}

/// Changes when any of the functions does by which learned values are found again.
fn hashes() -> u64 {
    hash(MAGIC) ^ provenance::hash("vedette").rotate_left(1)
}

fn checksum(header: &[u8], body: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(header).chain_update(body).finalize().into()
}
