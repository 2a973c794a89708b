//! JSON schemas as a mergeable lattice.

use serde_json::Value;
use vedette_model::Anomaly;
use vedette_model::results::Field;
use vedette_parse::classes::Classifier;

/// What is passed along while a body is read.
pub struct Context<'a> {
    /// Knows data classes.
    pub classifier: &'a Classifier,
    /// Source and record number.
    pub seen_at: (u32, u64),
    /// Told of every scalar: the nearest object key, and the value as text (`true`, `12`, the string).
    pub on_scalar: &'a mut dyn FnMut(&str, Scalar<'_>),
}

/// A scalar of a JSON body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// A string, unescaped.
    Text(&'a str),
    /// An integer that fits.
    Integer(i64),
}

/// The learned schema of one body (one endpoint, one side, one status): mergeable, bounded (invariant 3).
#[derive(Clone, Debug, Default)]
pub struct Schema {}

impl Schema {
    /// Learns from one JSON body in one streaming pass, without building a value.
    pub fn observe(&mut self, _body: &[u8], _context: &mut Context<'_>) -> Result<(), Anomaly> {
        Ok(())
    }

    /// Adds what another learned.
    pub fn merge(&mut self, _other: &Self) {}

    /// Bodies observed.
    pub fn observed(&self) -> u64 {
        0
    }

    /// Hash of the top-level shape (object keys, or those of an array's items): siblings that answer alike share it.
    pub fn shape(&self) -> u64 {
        0
    }

    /// As JSON Schema 2020-12 (OpenAPI 3.1), with `x-vedette` facts left out.
    pub fn to_json_schema(&self, _classifier: &Classifier) -> Value {
        Value::Null
    }

    /// Its fields as a flat list (`side`, `location` and `status` are the caller's to fill).
    pub fn fields(&self, _classifier: &Classifier) -> Vec<Field> {
        Vec::new()
    }
}
