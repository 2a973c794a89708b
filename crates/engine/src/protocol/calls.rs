//! The calls behind one HTTP endpoint.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::Timestamp;
use vedette_model::limits::{CALL_NAMES_MAX, CALL_NAMES_SERVICE_MAX, PERSISTED_MAX};
use vedette_parse::protocol::{Call, Label};
use vedette_parse::stored::{Damaged, Reader, Stored};

use crate::endpoint::EndpointSummary;

/// The name that all share for which there is no room.
pub(crate) const OTHER: &str = "other";

/// Before the hash in the name of a persisted GraphQL operation.
const PERSISTED: &str = "persisted.";

/// Digits of a hash that are shown: enough to find it.
const HASH_SHOWN: usize = 12;

/// Named calls with what was learned of each: mergeable, at most [`CALL_NAMES_MAX`] and `other`.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallSet {
    by_name: HashMap<Box<str>, Box<EndpointSummary>, FixedState>,
    /// Names of the root fields by the hash of a GraphQL text; the least names where two texts claim one hash.
    persisted: HashMap<Box<str>, Box<[String]>, FixedState>,
}

/// What is known in the end.
#[derive(Debug, Default)]
pub(crate) struct SettledCalls {
    /// By the name that is shown, sorted.
    pub(crate) shown: Vec<(String, Box<EndpointSummary>)>,
    /// Of names that are not there.
    pub(crate) vain: Vec<EndpointSummary>,
}

impl Stored for CallSet {
    fn store(&self, out: &mut Vec<u8>) {
        self.by_name.store(out);
        self.persisted.store(out);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        from.nested(|from| Ok(Self { by_name: Stored::load(from)?, persisted: Stored::load(from)? }))
    }
}

impl CallSet {
    /// The summary of a name. `kept` counts the names of the service.
    pub(crate) fn summary(&mut self, name: &str, kept: &mut usize) -> &mut EndpointSummary {
        let room = self.by_name.len() < CALL_NAMES_MAX && *kept < CALL_NAMES_SERVICE_MAX;
        let name = if room || self.by_name.contains_key(name) { name } else { OTHER };
        self.by_name.entry(name.into()).or_insert_with(|| {
            *kept += 1;
            Box::default()
        })
    }

    /// Notes what a call tells of other calls: the text of a hash, and what a list declares.
    pub(crate) fn note(&mut self, call: &Call<'_>, at: Option<Timestamp>, seen_at: (u32, u64), kept: &mut usize) {
        if let Some(persisted) = call.persisted.as_ref().filter(|persisted| !persisted.roots.is_empty()) {
            self.add_text(persisted.hash.as_str().into(), persisted.roots.clone().into());
        }
        for declared in &call.declared {
            let summary = self.summary(&declared.name, kept);
            summary.protocol.get_or_insert_default().declare(declared, at, seen_at);
        }
    }

    fn add_text(&mut self, hash: Box<str>, roots: Box<[String]>) {
        let full = self.persisted.len() >= PERSISTED_MAX;
        match self.persisted.get_mut(&hash) {
            Some(known) if roots < *known => *known = roots,
            Some(_) => {}
            None if full => {}
            None => {
                self.persisted.insert(hash, roots);
            }
        }
    }

    /// The name by which the results call a persisted operation, as far as is known by now.
    pub(crate) fn shown(&self, name: &str) -> Option<String> {
        let hash = name.strip_prefix(PERSISTED)?;
        let summary = self.by_name.get(name)?;
        Some(persisted_name(hash, self.persisted.get(hash).map(|roots| &**roots), summary))
    }

    /// Adds what another set learned, in the order of names, so that any order of shards fills the room alike.
    pub(crate) fn merge(&mut self, other: Self) {
        let mut names: Vec<_> = other.by_name.into_iter().collect();
        names.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        for (name, summary) in names {
            // Each shard kept to the service's bound.
            self.summary(&name, &mut 0).merge(*summary);
        }
        let mut texts: Vec<_> = other.persisted.into_iter().collect();
        texts.sort_unstable();
        for (hash, roots) in texts {
            self.add_text(hash, roots);
        }
    }

    /// Exchanges at all calls.
    pub(crate) fn exchanges(&self) -> u64 {
        self.by_name.values().map(|summary| summary.exchanges).sum()
    }

    /// Some call is there.
    pub(crate) fn is_real(&self) -> bool {
        self.by_name.values().any(|summary| is_real(summary))
    }

    /// Tells what is there from what was asked for in vain: names that only met refusals of the request itself are a
    /// caller's invention, not the API's.
    pub(crate) fn settle(self) -> SettledCalls {
        let Self { by_name, persisted } = self;
        let mut names: Vec<_> = by_name.into_iter().collect();
        names.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let SettledCalls { mut shown, mut vain } = SettledCalls::default();
        for (name, summary) in names {
            if !is_real(&summary) {
                vain.push(*summary);
                continue;
            }
            let name = match name.strip_prefix(PERSISTED) {
                Some(hash) => persisted_name(hash, persisted.get(hash).map(|roots| &**roots), &summary),
                None => name.into_string(),
            };
            match shown.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => known.merge(*summary),
                None => shown.push((name, summary)),
            }
        }
        shown.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        SettledCalls { shown, vain }
    }
}

/// The call came by the hash of a text that only the server knows.
pub(crate) fn is_persisted(name: &str) -> bool {
    name.starts_with(PERSISTED)
}

/// The name of a persisted operation cut to the digits that are shown; any other name as it is.
pub(crate) fn shown_hash(name: &str) -> &str {
    let cut = name.strip_prefix(PERSISTED).and_then(|_| name.get(..PERSISTED.len() + HASH_SHOWN));
    cut.unwrap_or(name)
}

/// Its root field when some exchange brought the text and it has one; else the name that clients give it; else the hash.
fn persisted_name(hash: &str, roots: Option<&[String]>, summary: &EndpointSummary) -> String {
    if let Some([root]) = roots {
        return root.clone();
    }
    let given = summary.protocol.as_ref().map(|protocol| protocol.words(Label::Operation)).unwrap_or_default();
    match given.as_slice() {
        [(operation, _)] if *operation != OTHER => format!("operation.{operation}"),
        _ => format!("{PERSISTED}{}", hash.get(..HASH_SHOWN).unwrap_or(hash)),
    }
}

/// Declared, or answered with more than a refusal of what was asked. A JSON-RPC method that the server does not know
/// counts as 404, a GraphQL field that it does not have as 400.
fn is_real(summary: &EndpointSummary) -> bool {
    let declared = summary.protocol.as_ref().is_some_and(|protocol| protocol.is_declared());
    declared || summary.statuses.iter().any(|(status, _)| !matches!(status, 400 | 404 | 405))
}
