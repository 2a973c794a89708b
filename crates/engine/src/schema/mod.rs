//! JSON schemas as a mergeable lattice.
//!
//! A body is read once, token by token (`observe`), into a tree of nodes (`node`): types, presence, formats, ranges,
//! values. Nothing is decided while learning but what must be bounded; what the numbers mean is decided when they are
//! shown, as JSON Schema (`export`) or as a list of fields (`fields`).

pub(crate) mod export;
mod fields;
pub(crate) mod format;
#[doc(hidden)]
pub mod fuzz;
pub(crate) mod keys;
mod maps;
pub(crate) mod names;
mod node;
mod observe;
pub(crate) mod scalar;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::Value;
use vedette_model::limits::BODY_BYTES_MAX;
use vedette_model::results::Field;
use vedette_model::{Anomaly, Side};
use vedette_parse::classes::Classifier;
use vedette_parse::json::{Broken, Reader};
use vedette_parse::stored;

use crate::sketch::hash;
use node::{Budget, Node};
use observe::Walk;

/// What is passed along while a body is read.
pub struct Context<'a> {
    /// Knows data classes.
    pub classifier: &'a Classifier,
    /// Source and record number.
    pub seen_at: (u32, u64),
    /// Which half of the exchange the body is of.
    pub side: Side,
    /// Told of every string of at most 64 bytes and of every number and boolean: the side, the nearest object key, and the
    /// value. Keys that are data are told too, and the scalars of JSON that is itself a string.
    pub on_scalar: &'a mut dyn FnMut(Side, &str, Scalar<'_>),
}

impl Context<'_> {
    fn tell(&mut self, key: &str, scalar: Scalar<'_>) {
        (self.on_scalar)(self.side, key, scalar);
    }
}

/// A scalar of a JSON body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// A string, unescaped.
    Text(&'a str),
    /// An integer that fits.
    Integer(i64),
    /// Another number.
    Decimal(f64),
    /// A boolean.
    Bool(bool),
}

/// Tells the scalars of a body and learns nothing.
pub(crate) fn tell(body: &[u8], context: &mut Context<'_>) {
    let body = body.get(..BODY_BYTES_MAX).unwrap_or(body);
    observe::tell_body(&String::from_utf8_lossy(body), context);
}

/// The learned schema of one body (one endpoint, one side, one status): mergeable, bounded (invariant 3).
#[derive(Clone, Debug, Default)]
pub struct Schema {
    root: Node,
    /// Bodies read to their end.
    observed: u64,
    /// Bodies that were no JSON, or broke off.
    broken: u64,
    budget: Budget,
}

stored!(Schema { root, observed, broken, budget });

impl Schema {
    /// Learns from one JSON body in one streaming pass, without building a value.
    ///
    /// A body that breaks off is learned as far as it goes: its open objects count for the types of what was in them,
    /// not for what they lacked. Returns the worst oddity met: not JSON, cut, too deep, a key twice, not UTF-8.
    pub fn observe(&mut self, body: &[u8], context: &mut Context<'_>) -> Result<(), Anomaly> {
        let (text, whole) = match body.get(..BODY_BYTES_MAX) {
            Some(start) if body.len() > BODY_BYTES_MAX => (start, false),
            _ => (body, true),
        };
        let (text, utf8) = match std::str::from_utf8(text) {
            Ok(text) => (Cow::Borrowed(text), true),
            Err(_) => (String::from_utf8_lossy(text), !whole),
        };
        let body = self.observed + self.broken + 1;
        let mut walk = Walk { reader: Reader::new(&text), context, budget: &mut self.budget, body, oddity: None };
        let read = walk.reader.value().and_then(|token| {
            walk.value(token, &mut self.root, "", 0)?;
            walk.reader.end()
        });
        let oddity = walk.oddity;
        match read {
            Ok(()) => self.observed += 1,
            Err(_) => self.broken += 1,
        }
        match (read, oddity) {
            (Err(Broken::Truncated), _) if !text.trim_ascii().is_empty() => Err(Anomaly::TruncatedBody),
            (Err(_), _) => Err(Anomaly::MalformedJson),
            (Ok(()), Some(oddity)) => Err(oddity),
            (Ok(()), None) if !utf8 => Err(Anomaly::InvalidUtf8),
            (Ok(()), None) => Ok(()),
        }
    }

    /// Adds what another learned.
    pub fn merge(&mut self, other: &Self) {
        self.root.merge(&other.root, &mut self.budget);
        self.observed += other.observed;
        self.broken += other.broken;
    }

    /// Bodies observed, without those that were no JSON or broke off.
    pub fn observed(&self) -> u64 {
        self.observed
    }

    /// Bodies that were no JSON or broke off.
    pub fn broken(&self) -> u64 {
        self.broken
    }

    /// Hash of the top-level shape (the keys that most objects have, or those of an array's items): siblings that
    /// answer alike share it. 0 until something was seen.
    pub fn shape(&self) -> u64 {
        let mut node = &self.root;
        let mut shape = u64::from(node.types);
        if let Some(items) = &node.items {
            node = &items.node;
            shape |= u64::from(node.types) << 8;
        }
        let Some(object) = &node.object else { return shape };
        let usual = object.properties.iter().filter(|property| property.present * 2 >= object.complete);
        usual.fold(shape, |shape, property| shape.wrapping_add(hash(property.key.as_bytes())))
    }

    /// Tells the names of properties down to some levels of objects (arrays add none), each as a hash of the path that
    /// leads to it, in no particular order.
    pub fn names(&self, levels: usize, name: &mut impl FnMut(u64)) {
        self.root.names(levels, 1, name);
    }

    /// As JSON Schema 2020-12 (OpenAPI 3.1), with `x-vedette` facts left out.
    pub fn to_json_schema(&self, classifier: &Classifier) -> Value {
        export::json_schema(&self.root, classifier)
    }

    /// Its fields as a flat list (`side`, `location` and `status` are the caller's to fill).
    pub fn fields(&self, classifier: &Classifier) -> Vec<Field> {
        fields::list(&self.root, classifier)
    }
}
